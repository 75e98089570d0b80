"""Plain questions that ask for a rule, code that is pasted, and what is said of how they were read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kbase.search import Searcher
from kbase.search.asking import conditions, spelled, types
from kbase.store import Store


@pytest.fixture(scope="module")
def over_bundled(bundled: Path) -> Iterator[Searcher]:
    store = Store.open(bundled)
    folder = store.folder / "index"
    store.close()
    searcher = Searcher(folder)
    yield searcher
    searcher.close()


def names(searcher: Searcher, query: str, limit: int = 5) -> list[str]:
    return [hit.name for hit in searcher.search(query, limit=limit).hits]


@pytest.mark.parametrize(
    ("question", "lock", "struct", "read"),
    [
        (
            "which address_space ops unlock the folio",
            None,
            "address_space_operations",
            "lock:folio_lock held:unlocks struct:address_space_operations",
        ),
        ("ops that lock the page", None, None, "lock:folio_lock held:locks"),
        ("returns with the page locked", None, None, "lock:folio_lock held:returns-locked"),
        ("called with i_rwsem exclusive", "i_rwsem", None, "lock:i_rwsem held:exclusive"),
        ("called without s_umount", "s_umount", None, "lock:s_umount held:no"),
        ("held when the page is locked", None, None, "lock:folio_lock (held:yes OR held:maybe)"),
        ("which dentry ops cannot sleep", None, "dentry_operations", "blocks:no struct:dentry_operations"),
        ("which ops may block", None, None, "(blocks:yes OR blocks:maybe)"),
        ("open a block device", None, None, ""),
        ("inode operations", None, "inode_operations", ""),
        ("i_rwsem", "i_rwsem", None, ""),
    ],
)
def test_what_is_asked_of_ops(question: str, lock: str | None, struct: str | None, read: str) -> None:
    assert spelled(conditions(question.split(), lock, struct)) == read


def test_contexts_are_asked_for_by_the_headers_of_their_columns() -> None:
    assert conditions(["ops", "called", "in", "rcu", "walk"], None, None) == (
        ("blocks", ("rcu-walk=yes", "rcu-walk=maybe")),
    )


def test_types_that_are_returned_or_taken() -> None:
    assert types(["which", "ops", "take", "mnt_idmap"]) == [("param", "mnt_idmap")]
    assert types(["ops", "that", "return", "vm_fault_t"]) == [("returns", "vm_fault_t")]
    assert types(["returns", "with", "the", "page", "locked"]) == []


def test_ops_with_the_rule_stand_first_and_the_reading_is_told(over_bundled: Searcher) -> None:
    results = over_bundled.search("which address_space ops unlock the folio", limit=5)
    unlocking = {"write_end", "readahead", "writepage", "read_folio", "swap_rw"}
    assert {hit.op for hit in results.hits} == unlocking
    assert results.reading == "lock:folio_lock held:unlocks struct:address_space_operations"
    again = over_bundled.search("lock:folio_lock held:unlocks struct:address_space_operations kind:op version:latest")
    assert {hit.op for hit in again.hits} == unlocking


@pytest.mark.parametrize(
    ("code", "first"),
    [
        (".iterate_shared = foo_iterate,", "file_operations.iterate_shared"),
        ("int (*rename) (struct inode *, struct dentry *,", "inode_operations.rename"),
        ("err = inode->i_op->permission(idmap, inode, mask);", "inode_operations.permission"),
        ("static const struct inode_operations foo_iops = {", "inode_operations"),
        ("ext4_write_begin", "address_space_operations.write_begin"),
        ("inode_lock_shared(inode)", "i_rwsem"),
        ("mutex_lock(&inode->i_mutex);", "i_rwsem"),
        ("filemap_invalidate_lock(mapping)", "invalidate_lock"),
        ("folio_unlock(folio)", "folio_lock"),
    ],
)
def test_code_is_pasted(over_bundled: Searcher, code: str, first: str) -> None:
    assert names(over_bundled, code)[0] == first


def test_of_a_function_that_is_named_somewhere_the_op_that_it_is_one_of_is_found_too(over_bundled: Searcher) -> None:
    assert "file_operations.mmap" in names(over_bundled, "generic_file_mmap", 3)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("locking rules of inode operations", "inode_operations"),
        ("aops locking table", "address_space_operations"),
        ("dentry locking", "dentry_operations"),
        ("lseek", "file_operations.llseek"),
        ("dirty inode", "super_operations.dirty_inode"),
    ],
)
def test_names_in_other_words(over_bundled: Searcher, question: str, first: str) -> None:
    assert names(over_bundled, question)[0] == first


def test_words_that_stand_together_count_for_more(over_bundled: Searcher) -> None:
    assert "vm_operations_struct.map_pages" in names(over_bundled, "rcu read lock", 3)


def test_a_word_of_three_letters_finds_itself_and_not_only_its_inflections(over_bundled: Searcher) -> None:
    assert "dentry_operations.d_revalidate" in names(over_bundled, "ref-walk", 3)
