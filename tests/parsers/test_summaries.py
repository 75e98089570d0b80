"""The parser of our own summaries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbase.model.records import Diagnostic, Format, Level, Parsed, Summary
from kbase.model.witnesses import DocumentKind
from kbase.parsers import summaries as summary
from kbase.text.lines import split_lines

NAME = "corpus/summaries/parcel_operations.rst"
DOCUMENT = """\
parcel_operations
=================

pack (..v4.8)
    Wraps a parcel and
    ties it up.

pack (v4.9..)
\tWraps a parcel; the string
\tis a flag now.

post (v2.6.12..v5.4)
    Hands it over.
weigh
    Tells the weight.
"""


def parse(document: str) -> Parsed:
    return summary.parse(NAME, split_lines(document), "b10b")


def summaries(document: str) -> list[Summary]:
    return [record for record in parse(document).records if isinstance(record, Summary)]


def diagnostics(document: str) -> list[Diagnostic]:
    return [record for record in parse(document).records if isinstance(record, Diagnostic)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("corpus/summaries/parcel_operations.rst", True),
        ("summaries/parcel_operations.rst", True),
        ("C:\\kbase\\corpus\\summaries\\parcel_operations.rst", True),
        ("corpus/summaries/README.txt", False),
        ("Documentation/filesystems/summaries.rst", False),
        ("summaries.rst", False),
    ],
)
def test_a_summary_is_known_by_its_folder(name: str, expected: bool) -> None:
    assert summary.matches(name, split_lines(DOCUMENT)) is expected


def test_entries_become_records() -> None:
    parsed = parse(DOCUMENT)
    assert (parsed.kind, parsed.format, parsed.title) == (DocumentKind.SUMMARY, Format.RST, "parcel_operations")
    assert [(s.struct, s.op, s.first_version, s.last_version, s.text) for s in summaries(DOCUMENT)] == [
        ("parcel_operations", "pack", None, "v4.8", "Wraps a parcel and ties it up."),
        ("parcel_operations", "pack", "v4.9", None, "Wraps a parcel; the string is a flag now."),
        ("parcel_operations", "post", "v2.6.12", "v5.4", "Hands it over."),
        ("parcel_operations", "weigh", None, None, "Tells the weight."),
    ]
    assert not diagnostics(DOCUMENT)


def test_evidence_is_the_term_with_its_text() -> None:
    text = split_lines(DOCUMENT)
    quoted = [text.quote(s.evidence.first, s.evidence.last) for s in summaries(DOCUMENT)]
    assert [(s.evidence.first, s.evidence.last) for s in summaries(DOCUMENT)] == [(4, 6), (8, 10), (12, 13), (14, 15)]
    assert quoted[0] == "pack (..v4.8)\n    Wraps a parcel and\n    ties it up."
    assert {s.evidence.blob for s in summaries(DOCUMENT)} == {"b10b"}


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("pack it\n    Wraps.\n", "a term is an op"),
        ("pack (v4.8)\n    Wraps.\n", "a term is an op"),
        ("pack (4.8..\n    Wraps.\n", "a term is an op"),
        ("pack\n", "without a text"),
        ("pack (..soon)\n    Wraps.\n", "not a version label"),
        ("pack (v5.4..v4.8)\n    Wraps.\n", "starts with the older version"),
        ("    Wraps what is above it, and nothing is.\n", "a term is an op"),
    ],
)
def test_a_malformed_entry_is_a_diagnostic_and_the_others_are_read(entry: str, reason: str) -> None:
    document = f"parcel_operations\n=================\n\n{entry}\nweigh\n    Tells the weight.\n"
    (found,) = diagnostics(document)
    assert found.code == "bad-summary"
    assert found.level is Level.ERROR
    assert reason in found.message
    assert found.excerpt == entry.splitlines()[0].strip()
    assert found.evidence.first == 4
    assert [s.op for s in summaries(document)] == ["weigh"]


@pytest.mark.parametrize("document", ["", "\n\n", "pack\n    Wraps.\n", "two words\n=========\n\npack\n    Wraps.\n"])
def test_without_a_title_nothing_is_read(document: str) -> None:
    (found,) = parse(document).records
    assert isinstance(found, Diagnostic)
    assert "no title" in found.message
    assert found.evidence.first >= 1


@given(st.text())
def test_any_text_is_read_without_raising(document: str) -> None:
    assert all(isinstance(record, Summary | Diagnostic) for record in parse(document).records)


@given(st.data())
def test_damage_reaches_no_further_than_its_own_entry(data: st.DataObject) -> None:
    lines = DOCUMENT.splitlines()
    damaged = data.draw(st.integers(min_value=3, max_value=len(lines) - 1))
    lines[damaged] = data.draw(st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"])))
    near = {s.op for s in summaries(DOCUMENT) if s.evidence.first - 1 <= damaged + 1 <= s.evidence.last + 1}
    far = [s for s in summaries(DOCUMENT) if s.op not in near]
    assert all(s in summaries("\n".join(lines)) for s in far)


IDENTIFIER = st.from_regex(r"[a-z_][a-z0-9_]{0,9}", fullmatch=True)
SENTENCE = st.lists(st.from_regex(r"[A-Za-z,;->()]{1,12}", fullmatch=True), min_size=1).map(" ".join)


@given(
    st.lists(st.tuples(IDENTIFIER, st.sampled_from(["", "v2.6.12", "v5.4"]), st.sampled_from(["", "v6.1"]), SENTENCE))
)
def test_a_printed_list_reads_back(entries: list[tuple[str, str, str, str]]) -> None:
    printed = "t\n=\n\n" + "".join(
        f"{op} ({first}..{last})\n    {text}\n\n" if first or last else f"{op}\n    {text}\n\n"
        for op, first, last, text in entries
    )
    read = [(s.op, s.first_version or "", s.last_version or "", s.text) for s in summaries(printed)]
    assert read == entries
