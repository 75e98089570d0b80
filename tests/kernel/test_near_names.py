"""Near names: what is suggested, and what may be a typo."""

import pytest

from kbase.kernel.near_names import likely_typo, near_names, near_symbols, typo_edits, within_edits

NAMES = ("rename", "create", "rename2", "invalidate_folio", "invalidate_lock", "i_rwsem")
KEYS = ("inode_operations.rename", "inode_operations.create", "file_operations.open", "rename", "open")


@pytest.mark.parametrize(
    ("typed", "first"),
    [("renmae", "rename"), ("RENAM", "rename"), ("invalidatefolio", "invalidate_folio"), ("rwsem", "i_rwsem")],
)
def test_the_nearest_name_is_suggested_first(typed: str, first: str) -> None:
    assert near_names(typed, NAMES)[0] == first


@pytest.mark.parametrize("typed", ["", "qqqqqq", "x"])
def test_nothing_near_is_nothing(typed: str) -> None:
    assert near_names(typed, NAMES) == ()


def test_a_dotted_name_suggests_ops_of_its_table_then_its_op_in_others() -> None:
    assert near_symbols(("inode_operations.renmae",), KEYS)[0] == "inode_operations.rename"
    assert near_symbols(("inode_operations.open",), KEYS) == ("file_operations.open",)
    assert near_symbols(("f_op->opne", "f_op.opne", "file_operations.opne", "opne"), KEYS)[0] == "file_operations.open"
    assert near_symbols((), KEYS) == ()


@pytest.mark.parametrize(
    ("word", "name", "distance"),
    [("renmae", "rename", 1), ("renam", "rename", 1), ("remane", "rename", 2), ("rename", "rename", 0)],
)
def test_neighbours_that_are_swapped_are_one_edit(word: str, name: str, distance: int) -> None:
    assert within_edits(word, [name], 2) == [(distance, name)]


def test_short_words_have_few_typos() -> None:
    assert [typo_edits(word) for word in ("iop", "inode", "invalidate")] == [0, 1, 2]
    assert within_edits("remane", NAMES, typo_edits("remane")) == []


@pytest.mark.parametrize(
    ("typed", "name", "likely"),
    [
        ("read_foilo", "read_folio", True),
        ("writebegin", "write_begin", True),
        ("s_vfs_rename_sem", "s_vfs_rename_key", False),
        ("fl_insert", "fl_remove", False),
    ],
)
def test_another_word_in_an_identifier_is_no_typo(typed: str, name: str, likely: bool) -> None:
    assert likely_typo(typed, name) is likely
