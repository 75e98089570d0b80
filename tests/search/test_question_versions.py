"""Plain questions that name versions, available or not, and what was added, removed or changed in them."""

from pathlib import Path

import pytest

from kbase.errors import QueryError
from kbase.model.available_versions import Available
from kbase.search.question_versions import NamedVersions, change_asked, named_versions
from kbase.search.searcher import Searcher
from kbase.web.application import create_app

LABELS = ("aufs5.4", "v4.19", "v5.4", "v5.15.55", "v6.4.6", "v6.8.1")
AVAILABLE = Available(dict.fromkeys(LABELS, ()), LABELS)


def names(searcher: Searcher, query: str, limit: int = 5) -> list[str]:
    return [hit.name for hit in searcher.search(query, limit=limit).hits]


@pytest.mark.parametrize(
    ("words", "versions", "places"),
    [
        ("rename in 5.4?", ("v5.4",), (2,)),
        ("linux-6.4", ("v6.4.6",), (0,)),
        ("rename 5.15.x", ("v5.15.55",), (1,)),
        ("between v5.15 and 6.8.1", ("v5.15.55", "v6.4.6", "v6.8.1"), (1, 3)),
        ("rename since 6.4", ("v6.4.6", "v6.8.1"), (2,)),
        ("rename 6.4+", ("v6.4.6", "v6.8.1"), (1,)),
        ("gone before v5.15", ("v4.19", "v5.4", "v5.15.55"), (2,)),
        ("rename", (), ()),
    ],
)
def test_versions_that_are_available(words: str, versions: tuple[str, ...], places: tuple[int, ...]) -> None:
    named = named_versions(words.split(), AVAILABLE)
    assert (named.available, named.places, named.missing) == (versions, places, ())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("rename in 5.10", NamedVersions((), (2,), (("5.10", "v5.10"),), ("v5.15.55",))),
        ("new in linux-7.2", NamedVersions((), (2,), (("7.2", "v7.2"),), ())),
        ("between 5.4 and 5.10", NamedVersions(("v5.4",), (1, 3), (("5.10", "v5.10"),), ("v5.15.55",))),
        ("since 5.10", NamedVersions(("v5.15.55", "v6.4.6", "v6.8.1"), (1,), (("5.10", "v5.10"),),
                             ("v5.15.55", "v6.4.6", "v6.8.1"))),
        ("before 5.10", NamedVersions(("v4.19", "v5.4"), (1,), (("5.10", "v5.10"),), ("v5.4", "v5.15.55"))),
        ("NFS 4.1", NamedVersions()),
        ("in chapter 3.2", NamedVersions()),
    ],
)  # fmt: skip
def test_versions_that_are_not_available(words: str, expected: NamedVersions) -> None:
    assert named_versions(words.split(), AVAILABLE) == expected


def test_what_an_oldest_version_has_is_not_new_in_it() -> None:
    assert named_versions(["new", "in", "4.19"], AVAILABLE).later == ()


def test_what_came_and_what_went() -> None:
    assert change_asked(["what", "is", "new", "in"]) == "since"
    assert change_asked(["ops", "removed", "in"]) == "removed"
    assert change_asked(["what", "changed", "in"]) == "changed"
    assert change_asked(["rename", "in"]) == ""


@pytest.mark.parametrize("query", ["rename locking in 5.10", "rename v5.10", "rename 5.10?"])
def test_a_version_that_is_not_available_is_told_and_hinders_nothing(over_few: Searcher, query: str) -> None:
    results = over_few.search(query)
    assert results.note == "v5.10 is not available, the nearest are v5.4 and v5.15.55"
    assert results.hits[0].name == "inode_operations.rename"
    assert results.reading is None
    typed = "v5.10" if "v5.10" in query else "5.10"
    assert results.suggestions == (query.replace(typed, "v5.4"), query.replace(typed, "v5.15.55"))


def test_the_page_and_the_interface_tell_it_too(few: Path) -> None:
    client = create_app(few).test_client()
    note = "v5.10 is not available, the nearest are v5.4 and v5.15.55"
    found = client.get("/api/v1/search?q=rename+in+5.10").get_json()
    assert (found["note"], found["hits"][0]["name"]) == (note, "inode_operations.rename")
    assert note in client.get("/search?q=rename+in+5.10").text


def test_a_condition_on_a_version_that_is_not_available_names_the_nearest(over_few: Searcher) -> None:
    with pytest.raises(QueryError, match=r"nearest are v5\.4 and v5\.15\.55"):
        over_few.search("rename version:v5.10")


def test_what_changed_with_a_version_that_is_not_available_is_seen_in_the_next(over_few: Searcher) -> None:
    results = over_few.search("ops removed in 5.10")
    assert results.reading == "kind:op removed:v5.15.55"
    assert "v5.10 is not available" in str(results.note)
    assert {hit.name for hit in results.hits} == {hit.name for hit in over_few.search("ops removed in 5.15").hits}


def test_what_changed_is_what_came_went_or_has_other_facts(over_few: Searcher) -> None:
    results = over_few.search("what changed in 6.8", limit=200)
    found = {hit.name for hit in results.hits}
    assert {"inode_operations.rename", "inode_operations.get_offset_ctx", "file_operations.sendpage"} <= found
    assert "inode_operations.mkdir" not in found  # says in v6.8.1 what it said before
    assert (
        results.note
        == "shown is what was added, was removed, or has another prototype or lock rule after v6.4.6, by v6.8.1"
    )
    assert over_few.search("what changed in file_operations in 6.8").total < len(found)
    nothing = over_few.search("what changed in dentry_operations in 6.8")
    assert (
        nothing.note
        == "nothing of it was added, was removed, or has another prototype or lock rule after v6.4.6, by v6.8.1"
    )


def test_what_came_or_went_of_a_table_is_listed(over_few: Searcher) -> None:
    went = over_few.search("fops removed in 6.8")
    assert {hit.name for hit in went.hits} == {"file_operations.iterate", "file_operations.sendpage"}
    assert str(went.reading).endswith("removed:v6.8.1")
    came = over_few.search("iops added in 5.15")
    assert came.reading == "struct:inode_operations since:v5.15.55"
    assert {hit.struct for hit in came.hits} == {"inode_operations"}
    none = over_few.search("new dentry ops in 6.8")
    assert (none.hits[0].name, none.note) == ("dentry_operations", "nothing of it was added after v6.4.6, by v6.8.1")


def test_another_lock_name_more_prose_and_a_missing_document_are_no_change(over_few: Searcher) -> None:
    """v5.4 writes the page's lock otherwise than v6.1."""
    changed = over_few.catalogue.changed
    assert "op:address_space_operations.write_end" not in changed["v6.1.192"]
    assert "op:inode_operations.tmpfile" in changed["v6.1.192"]  # takes a file, no dentry
    assert "inode_operations.create" in names(over_few, "what changed in 5.15", 99)


def test_a_version_in_a_question_is_the_one_that_is_shown(over_few: Searcher) -> None:
    results = over_few.search("readpage in 5.4")
    assert (results.hits[0].name, results.hits[0].version) == ("address_space_operations.readpage", "v5.4")
    assert results.reading == "readpage version:v5.4"


def test_what_went_with_a_version_is_shown_as_it_was(over_few: Searcher) -> None:
    results = over_few.search("removed in 6.8")
    assert {"file_operations.iterate", "file_operations.sendpage"} <= {hit.name for hit in results.hits}
    assert all(hit.versions and hit.version < "v6.8" for hit in results.hits)
    assert results.reading == "removed:v6.8.1"


def test_what_went_between_versions_did_not_go_with_the_first(over_few: Searcher) -> None:
    since = over_few.search("ops removed since 5.15")
    assert since.reading == "kind:op removed:v6.1.192..v6.12.117"
    assert since.hits[0].kind == "op"
    assert over_few.search("ops removed between 5.15 and 6.8").reading == "kind:op removed:v6.1.192..v6.8.1"


def test_a_version_that_has_nothing_of_it_is_no_reason_to_find_nothing(over_few: Searcher) -> None:
    assert names(over_few, "file_operations.sendpage 6.12")[0] == "file_operations.sendpage"
