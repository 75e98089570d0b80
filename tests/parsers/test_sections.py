from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbase import parsers
from kbase.model.records import Diagnostic, Evidence, Format, Section
from kbase.model.witnesses import DocumentKind
from kbase.parsers import sections
from kbase.parsers.headings import heading_at, headings
from kbase.parsers.sections import LONGEST, sections_of
from kbase.text.lines import Line, Text, split_lines
from kbase.text.saved_pages import unwrap

DOCUMENT = """.. a comment

=====
Title
=====

Words.

First
=====

- a list
- of two

Below
-----
Text below.

Second
======

Lone
----
"""


def read(text: str) -> list[Section]:
    return list(sections_of(split_lines(text).lines, "blob"))


def test_titles_nest_by_the_first_appearance_of_their_style() -> None:
    assert [(section.titles, section.text) for section in read(DOCUMENT)] == [
        ((), ".. a comment"),
        (("Title",), "Words."),
        (("Title", "First"), "- a list\n- of two"),
        (("Title", "First", "Below"), "Text below."),
        (("Title", "Second"), ""),
        (("Title", "Second", "Lone"), ""),
    ]


def test_evidence_is_the_title_and_the_exact_lines() -> None:
    text = split_lines(DOCUMENT)
    third = read(DOCUMENT)[2]
    assert third.evidence == Evidence(blob="blob", first=9, last=13)
    assert text.quote(third.evidence.first, third.evidence.last).endswith(third.text)


@pytest.mark.parametrize(
    "text",
    [
        "a paragraph of\ntwo lines\n---------\n",  # a rule below a paragraph
        "===== ====\nops   lock\n===== ====\n",  # a table
        "----------\n\nwords\n",  # a rule
        "one\n==\n",  # too short a rule
        "    indented text\n    ------------------------------\n",
        "word\n",
    ],
)
def test_what_is_no_heading(text: str) -> None:
    assert list(headings(split_lines(text).lines)) == []


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("A title\n=======\n", "A title"),
        ("A long title\n------\n", "A long title"),
        ("mmap(2) -- Mapping\n" + "-" * 70, "mmap(2) -- Mapping"),
        ("=======\n A title\n=======\n", "A title"),
        ("  A title\n  -------\n", "A title"),
        ("Title\n\u201d\n'''''", None),
    ],
)
def test_headings_of_both_formats(text: str, title: str | None) -> None:
    heading = heading_at(split_lines(text).lines, 0)
    assert (heading.title if heading else None) == title


def test_a_long_section_is_split_at_a_blank_line() -> None:
    raw = [f"line {number}" if number % 7 else "" for number in range(1, 3 * LONGEST)]
    found = read("\n".join(raw))
    assert all(section.evidence.last - section.evidence.first < LONGEST for section in found)
    assert [line for section in found for line in section.text.split("\n") if line] == [line for line in raw if line]
    assert all(section.text.split("\n")[-1] for section in found)


def test_a_gap_in_the_numbers_ends_a_section() -> None:
    lines = [Line(1, "one"), Line(2, "two"), Line(7, "seven")]
    assert [section.text for section in sections_of(lines, "b")] == ["one\ntwo", "seven"]


def test_a_title_and_its_rule_stand_on_neighbouring_lines() -> None:
    assert heading_at([Line(1, "Title"), Line(2, "=====")], 0)
    assert not heading_at([Line(1, "Title"), Line(5, "=====")], 0)


def test_every_document_is_read() -> None:
    text = split_lines(DOCUMENT)
    parsed = sections.parse("a/b/notes.rst", text, "blob")
    assert sections.matches("anything", Text(()))
    assert (parsed.kind, parsed.format, parsed.title) == (DocumentKind.OTHER, Format.RST, "Title")
    assert sections.parse("a/b/notes.txt", split_lines("x"), "b").title == "notes.txt"


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(["", " ", "word", "a title", "=====", "-----", "== ==", "\t*", "'''"]), max_size=60))
def test_each_line_is_in_one_section_or_a_heading(raws: list[str]) -> None:
    text = split_lines("\n".join(raws))
    claimed = list[int]()
    for section in sections_of(text.lines, "b"):
        claimed += range(section.evidence.first, section.evidence.last + 1)
    assert len(claimed) == len(set(claimed))
    assert {line.number for line in text.lines if not line.blank} <= set(claimed)


def test_real_documents(shared: Path) -> None:
    paths = [path for path in sorted((shared / "corpus/linux/v6.4.6").rglob("*")) if path.is_file()]
    for path in paths:
        text = unwrap(path.name, path.read_bytes())
        claimed = set[int]()
        for section in sections.parse(path.name, text, "b").records:
            assert isinstance(section, Section)
            assert text.quote(section.evidence.first, section.evidence.last).endswith(section.text)
            claimed.update(range(section.evidence.first, section.evidence.last + 1))
        assert {line.number for line in text.lines if not line.blank} <= claimed, path


# --- documents that have the name of one of the kernel's ---

OTHER = "Barn locking\n============\n\nWords.\n\nThe door\n--------\n\nWords.\n\nThe roof\n--------\n\nWords.\n"
FOREIGN = (
    "translations/it_IT/kernel-hacking/locking.rst",
    "Documentation/driver-api/soundwire/locking.rst",
    "Documentation/filesystems/xfs/locking.rst",
    "driver-api/vfs.txt",
    "Documentation/translations/zh_CN/filesystems/vfs.rst",
    "media/porting.rst",
    "Documentation/gpu/directory-locking.rst",
    "locking.rst",
    "vfs.rst",
)


@pytest.mark.parametrize("name", FOREIGN)
def test_a_document_that_only_has_the_name_is_any_document(name: str) -> None:
    parsed = parsers.parse(name, split_lines(OTHER), "blob")
    assert parsed.kind is DocumentKind.OTHER
    assert all(isinstance(record, Section) for record in parsed.records)


@pytest.mark.parametrize("name", ["locking.rst", "vfs.txt", "Locking", "filesystems/vfs.rst"])
@pytest.mark.parametrize("folder", ["", "Documentation/filesystems/", "linux-6.7/Documentation/filesystems/"])
def test_where_facts_are_expected_their_absence_is_told(name: str, folder: str) -> None:
    path = f"{folder}{name.removeprefix('filesystems/') if folder else name}"
    parsed = parsers.parse(path, split_lines("A barn\n======\n\nIt has no tables.\n"), "blob")
    assert [record.code for record in parsed.records if isinstance(record, Diagnostic)] == ["nothing-read"]


@pytest.mark.parametrize("name", FOREIGN[:3])
def test_what_has_the_facts_is_read_wherever_it_lies(name: str) -> None:
    rules = "prototypes::\n\n\tint (*turn)(int);\n\nlocking rules:\n\tall may block"
    locking = f"widget_operations\n=================\n\n{rules}\n"
    parsed = parsers.parse(name, split_lines(locking), "blob")
    assert parsed.kind is DocumentKind.LOCKING


def test_a_form_that_nobody_reads_is_told() -> None:
    """Marks that stand beside something on every line: read as nothing, and not in silence."""
    lines = [f"<{n}> prototypes:\n<{n}> int (*turn)(int);\n<{n}> locking rules: none" for n in range(1, 5)]
    parsed = parsers.parse("page.txt", unwrap("page.txt", "\n".join(lines).encode()), "blob")
    assert parsed.kind is DocumentKind.LOCKING
    assert "nothing-read" in [record.code for record in parsed.records if isinstance(record, Diagnostic)]
