import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbase.parsers.locking.column_inference import infer_table, is_ruler, unruled_end
from kbase.parsers.locking.tables import Row, Table
from kbase.parsers.locking.vocabulary import About, Words, about, atoms, words_of
from kbase.text.lines import Line, decode, split_lines

PAGES = """
====================== ======================== ========= ===============
ops folio locked i_rwsem invalidate_lock
====================== ======================== ========= ===============
writepage: yes, unlocks (see below)
read_folio: yes, unlocks shared
bmap:
write_begin: locks the page exclusive
migrate_folio: yes (both)
swap_activate: no
both_semaphores: yes exclusive shared
====================== ======================== ========= ===============
"""
SUPER = """
====================== ============ ========================
ops s_umount note
====================== ============ ========================
free_inode: called from RCU callback
drop_inode: !!!inode->i_lock!!!
put_super: write
statfs: maybe(read) (see below)
umount_begin: no
show_options: no (namespace_sem)
alloc_inode:
====================== ============ ========================
"""
DQUOT = """
============== ============ =========================
ops FS recursion Held locks when called
============== ============ =========================
write_dquot: yes dqonoff_sem or dqptr_sem
mark_dirty: no -
write_info: yes dqonoff_sem
============== ============ =========================
"""
AREAS = """
============= ========= ===========================
ops mmap_lock PageLocked(page)
============= ========= ===========================
open: yes
fault: yes can return with page locked
map_pages: read
============= ========= ===========================
"""


def lines(text: str, first: int = 1) -> list[Line]:
    return [Line(number, raw) for number, raw in enumerate(text.strip("\n").split("\n"), first)]


def infer(content: list[Line]) -> Table:
    return infer_table(content, 0, len(content))


def cells(row: Row) -> list[tuple[str, str | tuple[str, ...]]]:
    return [(cell.text, cell.header or cell.candidates) for cell in row.cells if cell.text]


def read(text: str) -> dict[str, list[tuple[str, str | tuple[str, ...]]]]:
    return {row.op: cells(row) for row in infer(lines(text)).rows}


def test_the_words_decide_or_the_cell_is_ambiguous() -> None:
    semaphores = ("i_rwsem", "invalidate_lock")
    assert read(PAGES) == {
        "writepage": [("yes, unlocks (see below)", "folio locked")],
        "read_folio": [("yes, unlocks", "folio locked"), ("shared", semaphores)],
        "bmap": [],
        "write_begin": [("locks the page", "folio locked"), ("exclusive", semaphores)],
        "migrate_folio": [("yes (both)", "folio locked")],
        "swap_activate": [("no", ("folio locked", *semaphores))],
        "both_semaphores": [("yes", "folio locked"), ("exclusive", "i_rwsem"), ("shared", "invalidate_lock")],
    }


def test_a_cell_is_no_wider_than_its_column_and_a_note_takes_what_is_no_answer() -> None:
    assert read(SUPER) == {
        "free_inode": [("called from RCU callback", "note")],
        "drop_inode": [("!!!inode->i_lock!!!", "note")],
        "put_super": [("write", "s_umount")],
        "statfs": [("maybe(read)", "s_umount"), ("(see below)", "note")],
        "umount_begin": [("no", "s_umount")],
        "show_options": [("no", "s_umount"), ("(namespace_sem)", "note")],
        "alloc_inode": [],
    }


def test_held_locks_stand_in_the_cells() -> None:
    held = "Held locks when called"
    assert read(DQUOT) == {
        "write_dquot": [("yes", "FS recursion"), ("dqonoff_sem or dqptr_sem", held)],
        "mark_dirty": [("no", "FS recursion"), ("-", held)],
        "write_info": [("yes", "FS recursion"), ("dqonoff_sem", held)],
    }


def test_one_answer_for_two_locks_is_ambiguous() -> None:
    assert read(AREAS) == {
        "open": [("yes", ("mmap_lock", "PageLocked(page)"))],
        "fault": [("yes", "mmap_lock"), ("can return with page locked", "PageLocked(page)")],
        "map_pages": [("read", "mmap_lock")],
    }


def test_a_table_knows_its_lines() -> None:
    table = infer(lines(AREAS, first=642))
    assert (table.start, table.stop) == (0, 7)
    assert [row.first for row in table.rows] == [645, 646, 647]
    assert table.columns == ("mmap_lock", "PageLocked(page)")


def test_a_line_that_is_no_row_is_unread() -> None:
    table = infer(lines(AREAS.replace("open: yes", "(as above)\nopen: yes")))
    assert [line.raw for line in table.unread] == ["(as above)"]
    assert len(table.rows) == 3


@pytest.mark.parametrize("text", ["", "===== ====", "===== ====\n===== ====", "===== ====\nops\n===== ====\nopen: yes"])
def test_a_table_without_header_reads_nothing(text: str) -> None:
    table = infer(lines(text))
    assert table.columns == ()
    assert table.rows == ()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("d_weak_revalidate:no no yes (ref-walk) maybe", ["no", "no", "yes (ref-walk)", "maybe"]),
        ("exclusive: exclusive (both)(see below)", ["exclusive (both)(see below)"]),
        ("op: no or exclusive", ["no or exclusive"]),
        (
            "op: shared (exclusive if O_CREAT is set in open flags)",
            ["shared (exclusive if O_CREAT is set in open flags)"],
        ),
        ("op: yes, if the caller asks no", ["yes, if the caller asks", "no"]),
        ("op: maybe maybe[1]_", ["maybe", "maybe[1]_"]),
    ],
)
def test_pieces_that_stay_together(row: str, expected: list[str]) -> None:
    pieces = atoms(row.partition(":")[2])
    joined = list[str]()
    for piece in pieces:
        if piece.startswith("(") and joined:
            joined[-1] += f" {piece}"
        else:
            joined.append(piece)
    assert joined == expected


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("no", Words.NO),
        ("yes (both)", Words.ANSWER),
        ("exclusive (all) (see below)", Words.MODE),
        ("read/write", Words.MODE),
        ("maybe-read", Words.MODE),
        ("maybe(read)", Words.MODE),
        ("no or exclusive", Words.MODE),
        ("yes, unlocks", Words.EFFECT),
        ("locks the folio", Words.PAGE_EFFECT),
        ("can return with page locked", Words.PAGE_EFFECT),
        ("dqonoff_sem or dqptr_sem", Words.NAMES),
        ("-", Words.DASH),
        ("(see below)", Words.REMARK),
        ("called from RCU callback", Words.FREE),
    ],
)
def test_what_words_are(cell: str, words: Words) -> None:
    assert words_of(cell) is words


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("may block", About.CONTEXT),
        ("rcu-walk", About.CONTEXT),
        ("FS recursion", About.CONTEXT),
        ("PageLocked(page)", About.STATE),
        ("folio locked", About.STATE),
        ("i_rwsem(inode)", About.MODES),
        ("s_umount", About.MODES),
        ("rename_lock", About.LOCK),
        ("blocked_lock_lock", About.LOCK),
        ("Held locks when called", About.HELD),
        ("note", About.NOTE),
    ],
)
def test_what_columns_are_about(header: str, kind: About) -> None:
    assert about(header) is kind


LEGACY = """
locking rules:
BKL may block

open: yes no
close: no yes (see below)
sync no yes (some_sem)
Words that follow the table: prose.
"""


def test_a_table_without_rulers() -> None:
    text = lines(LEGACY)
    assert unruled_end(text, 0, {"sync"}) == 0
    assert unruled_end(text, 1, {"sync"}) == 6
    table = infer(text[1:6])
    assert table.columns == ("BKL", "may block")
    assert [(row.op, row.remark) for row in table.rows] == [
        ("open", ""),
        ("close", "(see below)"),
        ("sync", "(some_sem)"),
    ]
    assert cells(table.rows[2]) == [("no", "BKL"), ("yes", "may block")]


# --- generated and real tables ---


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["yes", "no", "maybe"]), min_size=3, max_size=3), max_size=6))
def test_as_many_cells_as_columns_are_never_ambiguous(rows: list[list[str]]) -> None:
    ruler = "======== ====== ====== ========="
    text = [
        ruler,
        "ops a_lock b_lock may block",
        ruler,
        *(f"op{n}: {' '.join(row)}" for n, row in enumerate(rows)),
        ruler,
    ]
    table = infer([Line(number, raw) for number, raw in enumerate(text, 1)])
    assert [[cell.header for cell in row.cells] for row in table.rows] == [list(table.columns)] * len(rows)
    assert [[cell.text for cell in row.cells] for row in table.rows] == rows


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(alphabet="= opsyeno(:)[]_->,x\t", max_size=60), max_size=12))
def test_no_lines_raise(raws: list[str]) -> None:
    text = [Line(number, raw) for number, raw in enumerate(raws, 1)]
    table = infer(text)
    assert isinstance(table, Table)
    for row in table.rows:
        assert all(cell.header in table.columns or set(cell.candidates) <= set(table.columns) for cell in row.cells)
    for start in range(len(text)):
        assert start <= unruled_end(text, start, {"op"}) <= len(text)


def collapsed(path: Path) -> list[Line]:
    return [Line(line.number, " ".join(line.raw.split())) for line in split_lines(decode(path.read_bytes())).lines]


def tables(text: list[Line], ops: set[str]) -> list[Table]:
    found, at = list[Table](), 0
    while at < len(text):
        stop = at
        if is_ruler(text[at]):
            while stop < len(text) and not text[stop].blank:
                stop += 1
        else:
            stop = unruled_end(text, at, ops)
        if stop > at:
            found.append(infer(text[at:stop]))
        at = max(stop, at + 1)
    return found


@pytest.mark.parametrize(
    ("version", "ambiguous"),
    [("v2.6.12", 15), ("v3.10.64", 15), ("v5.4", 8), ("v5.15.55", 15), ("v6.4.6", 11), ("v6.8.1", 7)],
)
def test_real_tables_are_right_where_they_are_decided(shared: Path, version: str, ambiguous: int) -> None:
    truth = json.loads((shared / f"fidelity/truth/locking/{version}.json").read_text())
    rows = {row["line"]: (row, table["columns"][1:]) for table in truth["tables"] for row in table["rows"]}
    folder = shared / "corpus/linux" / version / "Documentation/filesystems"
    path = next(path for path in (folder / "locking.rst", folder / "Locking") if path.exists())
    seen, doubtful = set[int](), Counter[str]()
    for table in tables(collapsed(path), {row["op"] for row, _ in rows.values()}):
        assert not table.unread
        for row in table.rows:
            true, columns = rows[row.first]
            seen.add(row.first)
            assert (row.op, list(table.columns)) == (true["op"], columns)
            for cell in row.cells:
                wanted = {header: text.replace(" (see below)", "") for header, text in true["cells"].items()}
                text = cell.text.replace(" (see below)", "").replace(f" {true['extra']}", "")
                if cell.header:
                    assert wanted[cell.header] == text
                else:
                    doubtful[version] += 1
                    assert text in [wanted[header] for header in cell.candidates]
    assert seen == set(rows)
    assert doubtful[version] == ambiguous
