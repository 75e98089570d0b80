"""Every cell and header of the documents has one reading, in a table that a person can review."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbase.kernel.locks import canonical_subject, lock_names, name_under, read_blanket, read_cell, subject_of
from kbase.model.records import Held

TABLE = Path(__file__).with_name("lock_readings.tsv")
ROWS = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
CELLS = dict.fromkeys((row[0], row[1]) for row in ROWS)


def as_row(reading):
    modes = "/".join(reading.modes) or "-"
    words = [reading.subject, reading.held.value, modes, reading.effect, reading.scope, reading.condition]
    return [word or "-" for word in words] + ["context" if reading.context else "lock"]


@pytest.mark.parametrize(("header", "cell"), CELLS, ids=lambda text: text or "blank")
def test_the_reading_of_a_cell_is_the_one_in_the_table(header, cell):
    expected = [row[2:] for row in ROWS if (row[0], row[1]) == (header, cell)]
    read = read_cell(header, cell)
    certain = "certain" if read.certain else "uncertain"
    assert [[*as_row(reading), certain] for reading in read.readings] == expected


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_breaks_a_reading_and_a_reading_is_never_empty(header, cell):
    assert read_cell(header, cell).readings


@given(st.sampled_from(["yes", "no", "maybe", "exclusive"]), st.text("abcdefgh", min_size=4, max_size=9))
def test_words_that_are_not_understood_make_a_lock_unknown(word, rest):
    read = read_cell("s_umount", f"{word} {rest} {rest}")
    assert not read.certain
    assert read.readings[0].held is Held.UNKNOWN


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        ("i_sem(inode)", "i_rwsem"), ("i_mutex", "i_rwsem"), ("i_rwsem(inode)", "i_rwsem"), ("mmap_sem", "mmap_lock"),
        ("PageLocked(page)", "folio_lock"), ("folio locked", "folio_lock"), ("->d_lock", "d_lock"),
        ("inode->i_lock", "i_lock"), ("bd_sem", "bd_mutex"), ("open_mutex", "open_mutex"), ("may block", "may block"),
    ],
)  # fmt: skip
def test_a_lock_keeps_one_subject_through_all_its_names(written, subject):
    assert subject_of(written) == subject


def test_the_names_of_a_lock_lead_back_to_it():
    assert lock_names("i_rwsem") == ("i_rwsem", "i_mutex", "i_sem")
    assert {canonical_subject(name) for name in lock_names("mmap_lock")} == {"mmap_lock"}
    assert canonical_subject("rename_lock") is None
    assert lock_names("rename_lock") == ("rename_lock",)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("all may block", [("may block", (), Held.YES)]),
        ("All except a_op and b_op may block", [("may block", ("a_op", "b_op"), Held.YES)]),
        ("All except ->poll() may block.", [("may block", ("poll",), Held.YES)]),
        ("All may block except for ->lease.", [("may block", ("lease",), Held.YES)]),
        ("none have BKL", [("BKL", (), Held.NO)]),
        ("all may block, none have BKL", [("may block", (), Held.YES), ("BKL", (), Held.NO)]),
        ("none may block", [("may block", (), Held.NO)]),
        ("All may block [not true, see below]", [("may block", (), None)]),
        ("called from interrupts", [(None, (), None)]),
    ],
)
def test_a_blanket_rule_says_what_it_is_about_and_whom_it_excepts(line, expected):
    read = [(b.lock, b.exceptions, b.reading.held if b.reading else None) for b in read_blanket(line)]
    assert read == expected


@pytest.mark.parametrize(
    ("header", "subject", "name"),
    [
        ("i_mutex(inode)", "i_rwsem", "i_mutex(inode)"),
        ("note", "namespace_sem", "namespace_sem"),
        ("Held Locks When Called", "dqptr_sem", "dqptr_sem"),
    ],
)
def test_a_column_of_remarks_is_no_name_of_a_lock(header: str, subject: str, name: str) -> None:
    assert name_under(header, subject) == name
