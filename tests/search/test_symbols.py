"""How near two names are, and whether one may be a slip of the other."""

import pytest

from kbase.search.symbols import edit_distance, likely_typo


@pytest.mark.parametrize(
    ("left", "right", "distance"),
    [
        ("rename", "rename", 0),
        ("renmae", "rename", 1),
        ("renam", "rename", 1),
        ("remane", "rename", 2),
        ("abcd", "wxyz", 3),
    ],
)
def test_edit_distance(left: str, right: str, distance: int) -> None:
    assert edit_distance(left, right, 2) == distance


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
