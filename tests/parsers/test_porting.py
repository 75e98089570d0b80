from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbase.model.records import Evidence, Format, PortingEntry, Section
from kbase.model.witnesses import DocumentKind
from kbase.parsers import porting
from kbase.text.lines import split_lines
from kbase.text.saved_pages import unwrap

GOLDEN = Path(__file__).with_name("porting_counts.tsv")
TAGS = ("mandatory", "recommended", "informational", "untagged")
NAMED = ("ops", "functions", "macros", "locks", "members")
LEGACY = """Changes of our own:

---\x20
[mandatory]

->lookup(), ->create() lost a parameter; see bar_lookup() and
inode_operations.rename. dentry->d_name is as before.

--
[highly recommended]

\tUse d_new() instead.

**mandatory**

Use d_new() instead. A tag may stand without a rule.
---
[informational]
Nothing more.
---
"""
RST = (
    LEGACY.replace("[mandatory]", "** mandatory**")
    .replace("[informational]", "*informational*")
    .replace("[highly recommended]", "**strongly recommended**")
)


def read(text: str, name: str = "porting") -> list[PortingEntry]:
    records = porting.parse(name, split_lines(text), "blob").records
    return [record for record in records if isinstance(record, PortingEntry)]


@pytest.mark.parametrize("text", [LEGACY, RST])
def test_entries_with_tag_slug_ops_and_functions(text: str) -> None:
    assert [(entry.slug, entry.tag) for entry in read(text)] == [
        ("lookup-create-lost-a-parameter-see-bar_lookup-and", "mandatory"),
        ("use-d_new-instead", "recommended"),
        ("use-d_new-instead-a-tag-may-stand-without", "mandatory"),
        ("nothing-more", "informational"),
    ]
    first = read(text)[0]
    assert first.ops == ("lookup", "create", "inode_operations.rename")
    assert first.functions == ("bar_lookup",)
    assert first.text.splitlines()[1].startswith("inode_operations")
    assert first.evidence == Evidence(blob="blob", first=4, last=7)


def test_slugs_are_unique() -> None:
    twice = "---\n[mandatory]\n\nSame words.\n\n---\n[mandatory]\n\nSame words.\n"
    assert [entry.slug for entry in read(twice)] == ["same-words", "same-words-2"]


def test_what_stands_before_the_entries_is_a_section() -> None:
    parsed = porting.parse("porting.rst", split_lines(RST), "blob")
    assert (parsed.kind, parsed.format) == (DocumentKind.PORTING, Format.RST)
    assert isinstance(parsed.records[0], Section)
    assert parsed.records[0].text == "Changes of our own:"


def test_a_document_without_entries_is_sections() -> None:
    assert read("just words\n") == []


@pytest.mark.parametrize(
    ("name", "matching"),
    [
        ("Documentation/filesystems/porting", True),
        ("porting.rst", True),
        ("porting-guide.rst", False),
        ("vfs.txt", False),
    ],
)
def test_matches_by_name(name: str, matching: bool) -> None:
    assert porting.matches(name, split_lines(LEGACY)) is matching


def test_matches_any_name_by_many_tags() -> None:
    assert porting.matches("notes.txt", split_lines(LEGACY * 2))
    assert not porting.matches("notes.txt", split_lines(LEGACY))


def test_bare_words_are_tags_where_there_are_many() -> None:
    entry = "mandatory\n\nWidgets have names.\n\nhighly recommended\n\nUse ->turn().\n\n** mandatory**\n\nNo more.\n"
    found = [r for r in porting.parse("x", split_lines(entry * 3), "b").records if isinstance(r, PortingEntry)]
    assert [(r.tag, r.text) for r in found[:3]] == [
        ("mandatory", "Widgets have names."),
        ("recommended", "Use ->turn()."),
        ("mandatory", "No more."),
    ]
    assert len(found) == 9
    few = porting.parse("x", split_lines(entry), "b").records
    assert [r.tag for r in few if isinstance(r, PortingEntry)] == ["mandatory"]


def test_matches_a_saved_page_by_its_tags() -> None:
    lines = enumerate((LEGACY * 2).splitlines(), 1)
    page = "blob: " + "0" * 40 + " [file] [log] [blame]\n" + "\n".join(f"{number}{line}" for number, line in lines)
    text = unwrap("page.txt", page.encode())
    assert porting.matches("page.txt", text)
    assert len([r for r in porting.parse("page.txt", text, "b").records if isinstance(r, PortingEntry)]) == 8


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.sampled_from(["---", "--", "[mandatory]", "**recommended**", "", "->op() does", "[x]", "** **"]), max_size=30
    )
)
def test_every_tag_with_text_is_an_entry(raws: list[str]) -> None:
    entries = read("\n".join(raws))
    tags = [place for place, raw in enumerate(raws) if raw in ("[mandatory]", "**recommended**")]
    bodies = [raws[first + 1 : last] for first, last in pairwise([*tags, len(raws)])]
    assert len(entries) == sum(any(raw not in ("", "--", "---") for raw in body) for body in bodies)
    assert len({entry.slug for entry in entries}) == len(entries)


@pytest.mark.parametrize("row", GOLDEN.read_text("utf-8").splitlines()[1:], ids=lambda row: row.partition("\t")[0])
def test_real_documents(shared: Path, row: str) -> None:
    """Each kernel's log has as many entries, tags and names as were counted, and every entry its lines."""
    version, *counts = row.split("\t")
    path = next((shared / "kernels" / version / "Documentation/filesystems").glob("porting*"))
    text = unwrap(path.name, path.read_bytes())
    entries = [r for r in porting.parse(path.name, text, "b").records if isinstance(r, PortingEntry)]
    tags = [entry.tag for entry in entries]
    named = [sum(len(getattr(entry, kind)) for entry in entries) for kind in NAMED]
    assert list(map(int, counts)) == [len(entries), *map(tags.count, TAGS), *named]
    for entry in entries:
        quoted = [line.rstrip() for line in text.quote(entry.evidence.first, entry.evidence.last).split("\n")]
        assert entry.text
        assert entry.text in "\n".join(quoted)
    claimed = {number for e in entries for number in range(e.evidence.first, e.evidence.last + 1)}
    left = [line for line in text.lines if line.number > entries[0].evidence.first and line.number not in claimed]
    assert all(line.blank or porting.RULE.fullmatch(line.raw) or porting.tag_of(line) for line in left)


def test_an_entry_may_have_no_tag() -> None:
    parts = ["Intro", "---", "not an entry", "---", "*mandatory*", "First.", "---", "->sow() is gone.", "---"]
    text = "\n\n".join([*parts, "**mandatory**\nLast.\n"])
    assert [(e.tag, e.text, e.evidence.first, e.evidence.last) for e in read(text)] == [
        ("mandatory", "First.", 9, 11),
        ("untagged", "->sow() is gone.", 15, 15),
        ("mandatory", "Last.", 19, 20),
    ]


def test_a_rule_below_a_line_is_no_end_of_an_entry() -> None:
    assert len(read("[mandatory]\n\nA heading\n---\n\nand its text.\n")) == 1


def test_slugs_last_over_versions(shared: Path) -> None:
    slugs = list[set[str]]()
    for version in ("v4.14.194", "v5.4", "v5.15.55", "v6.4.6", "v6.8.1"):
        path = next((shared / "corpus/linux" / version / "Documentation/filesystems").glob("porting*"))
        slugs.append({entry.slug for entry in read(path.read_text(), path.name)})
    for older, newer in pairwise(slugs):
        assert len(older - newer) <= 2


def test_a_tag_with_nothing_below_it_is_no_entry() -> None:
    bodies = "\t->sow() is gone.\n\n", "\n", "\t->reap() is gone.\n"
    parsed = porting.parse("porting", split_lines("".join(f"--\n[mandatory]\n{body}" for body in bodies)), "0" * 64)
    assert [(record.text, record.evidence.first) for record in parsed.records if isinstance(record, PortingEntry)] == [
        ("\t->sow() is gone.", 2),
        ("\t->reap() is gone.", 9),
    ]
