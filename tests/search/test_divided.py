"""Search results: what meets a question's condition is set apart, and nothing is shown twice."""

import pytest
from click.testing import CliRunner

from kbase.cli import cli
from kbase.search.query_syntax import FIELDS
from kbase.search.searcher import Searcher


def names(searcher: Searcher, query: str, limit: int = 200) -> list[str]:
    return [hit.name for hit in searcher.search(query, limit=limit).hits]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("writepages folio_lock", ["address_space_operations.writepages", "folio_lock"]),
        ("rename i_rwsem", ["inode_operations.rename", "i_rwsem"]),
        ("writepage folio_lock", ["address_space_operations.writepage"]),
        ("readpages invalidate_lock", ["address_space_operations.readpages"]),
    ],
)
def test_exact_names_stand_above_related_ones(over_bundled: Searcher, query: str, first: list[str]) -> None:
    assert names(over_bundled, query)[: len(first)] == first


def test_hits_that_meet_the_condition_stand_before_all_others(over_bundled: Searcher) -> None:
    for query in ("which ops hold i_rwsem exclusive", "which dentry ops cannot sleep", "ops that unlock the folio"):
        marks = [hit.meets for hit in over_bundled.search(query, limit=200).hits]
        assert True in marks
        assert None not in marks
        assert marks == sorted(marks, key=bool, reverse=True), query


def test_without_a_condition_no_hit_is_said_to_meet_one(over_bundled: Searcher) -> None:
    assert {hit.meets for hit in over_bundled.search("rename").hits} == {None}


@pytest.mark.parametrize(
    ("query", "kind"),
    [("ops removed since 5.15", "op"), ("which ops went in 6.1", "op"), ("new operations in 6.1", "op")],
)
def test_what_came_or_went_is_of_the_kind_that_the_question_names(
    over_bundled: Searcher, query: str, kind: str
) -> None:
    found = over_bundled.search(query, limit=200)
    assert found.hits
    assert {hit.kind for hit in found.hits} == {kind}


def test_a_snippet_does_not_repeat_what_the_hit_shows_beside_it(over_bundled: Searcher) -> None:
    for query in ("rename", "which ops hold i_rwsem exclusive", "readpage", "struct mnt_idmap"):
        for hit in over_bundled.search(query, limit=50).hits:
            if hit.kind == "op":
                assert not hit.prototype or hit.prototype not in hit.snippet
                assert "(*" not in hit.snippet
                assert not any(chip in hit.snippet for chip in hit.chips), (query, hit.name)


def test_words_of_the_prototype_are_found_all_the_same(over_bundled: Searcher) -> None:
    assert "file_operations.fadvise" in names(over_bundled, "loff_t len int advice fadvise")
    assert "inode_operations.tmpfile" in names(over_bundled, "tmpfile struct mnt_idmap")


def test_the_help_lists_every_field() -> None:
    shown = CliRunner().invoke(cli, ["search", "--help"]).output
    for _, example in FIELDS.values():
        assert example in shown
