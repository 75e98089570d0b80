from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbase.model.records import DesignNote, Evidence, Section
from kbase.model.witnesses import DocumentKind
from kbase.parsers import design_notes as design_note
from kbase.parsers.mentions import functions_in, ops_in, slug_of, unique
from kbase.text.lines import Text, decode, split_lines

NOTE = """
# Copyright (C) 2026 Nobody
#\x20
# Licensed as all of this is.

All about trees

Planting -- in Rows (rows)
--------------------------------
Trees are planted by ->plant_tree() of vm_operation, or else
by ->water(), unlike tree->root and a --> b.

In tree_plant(),
- dig a hole with dig_hole().
- put the tree
  into it.

In tree_water(),
1. open the tap
2. close it

In short, no function here.

Planting -- in Rows (rows)
-------------------
Again: a_ops and i_op tables, ->readpage.
"""


def read(text: str) -> list[DesignNote]:
    records = design_note.parse("trees/design/01rows.txt", split_lines(text), "blob").records
    return [record for record in records if isinstance(record, DesignNote)]


def test_a_note_for_each_title() -> None:
    first, second = read(NOTE)
    assert first.title == "Planting -- in Rows (rows)"
    assert (first.slug, second.slug) == ("planting-in-rows-rows", "planting-in-rows-rows-2")
    assert first.evidence == Evidence(blob="blob", first=8, last=22)
    assert first.text.startswith("Trees are planted")


def test_steps_of_functions_with_their_continuation_lines() -> None:
    first, _ = read(NOTE)
    assert [(steps.subject, steps.steps) for steps in first.steps] == [
        ("tree_plant", ("dig a hole with dig_hole().", "put the tree into it.")),
        ("tree_water", ("open the tap", "close it")),
    ]
    assert first.steps[0].evidence == Evidence(blob="blob", first=13, last=16)


def test_ops_carry_their_table_where_it_is_clear() -> None:
    first, second = read(NOTE)
    assert first.ops == ("vm_operations_struct.plant_tree", "vm_operations_struct.water")
    assert second.ops == ("readpage",)
    assert first.functions == ("tree_plant", "dig_hole", "tree_water")


def test_the_licence_is_skipped_and_a_lone_line_is_the_title() -> None:
    parsed = design_note.parse("trees/design/01rows.txt", split_lines(NOTE), "blob")
    assert (parsed.kind, parsed.title) == (DocumentKind.DESIGN_NOTE, "All about trees")
    assert isinstance(parsed.records[0], Section)
    assert "Copyright" not in parsed.records[0].text


@pytest.mark.parametrize(
    ("name", "text", "matching"),
    [
        ("trees/design/notes.txt", "words", True),
        ("trees/design/notes.rst", "words", False),
        ("notes.txt", NOTE, True),
        ("notes.txt", "Title\n-----\n\nIn foo_open(),\n- lock it.\n", True),
        ("notes.txt", "Title\n-----\n\nIn foo_open(), it is locked.\n", False),
        ("notes.txt", "# a comment\n\nTitle\n-----\n", False),
        ("designs.txt", "Title\n-----\n", False),
    ],
)
def test_matches_is_specific(name: str, text: str, matching: bool) -> None:
    assert design_note.matches(name, split_lines(text)) is matching


def test_a_saved_page_is_no_note() -> None:
    assert not design_note.matches("a/design/b.txt", Text((), page_of="gitiles blame"))


def test_no_ordinary_document_is_taken_for_a_note(shared: Path) -> None:
    for path in sorted((shared / "corpus/linux").rglob("*")):
        if path.is_file():
            assert not design_note.matches(path.as_posix(), split_lines(decode(path.read_bytes()))), path


def test_the_seed(shared: Path) -> None:
    path = next((shared / "corpus/seeds").glob("001*"))
    (note,) = read(path.read_text())
    assert note.title == "mmap(2) -- File Memory Mapping"
    assert [(steps.subject, len(steps.steps)) for steps in note.steps] == [("aufs_mmap", 2), ("aufs_fault", 5)]
    assert note.ops == ("vm_operations_struct.fault",)
    assert note.functions == ("aufs_mmap", "generic_file_mmap", "aufs_fault")


def test_real_notes_have_titles_of_their_own(shared: Path) -> None:
    for path in sorted((shared / "corpus/aufs").rglob("*.txt")):
        notes = read(decode(path.read_bytes()))
        assert notes, path
        assert len({note.slug for note in notes}) == len(notes)
        assert not any("GNU General Public" in note.text for note in notes)


def test_mentions() -> None:
    text = "->open(), ->i_op and inode->i_op; (file)->x --> y; struct super_operations.statfs calls iput() and ->open"
    assert ops_in(text) == ("open", "i_op", "super_operations.statfs")
    assert functions_in(text) == ("iput",)


def test_slugs() -> None:
    assert slug_of("", 3) == "untitled"
    assert slug_of("A b, C_d! e", 3) == "a-b-c_d"
    taken = dict[str, int]()
    assert [unique("x", taken), unique("x", taken), unique("x-2", taken)] == ["x", "x-2", "x-2-2"]


PIECES = st.sampled_from(["# licence", "Title", "-----", "In f(),", "- a", "  b", "", "->op()", "1. x"])


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, max_size=30))
def test_no_lines_raise(raws: list[str]) -> None:
    text = split_lines("\n".join(raws))
    design_note.matches("x", text)
    for record in design_note.parse("x", text, "b").records:
        assert 1 <= record.evidence.first <= record.evidence.last <= len(raws)


def test_steps_end_where_those_of_another_function_begin() -> None:
    text = "In one_mmap(),\n- fold it\nIn two_mmap(),\n- tear it\n  in half\n"
    parsed = design_note.parse("notes/x.txt", split_lines("# Copyright\n#\n\nPaper\n-----\n" + text), "b" * 64)
    (note,) = (record for record in parsed.records if isinstance(record, DesignNote))
    assert [(steps.subject, steps.steps) for steps in note.steps] == [
        ("one_mmap", ("fold it",)),
        ("two_mmap", ("tear it in half",)),
    ]
