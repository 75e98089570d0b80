"""Plain questions that ask for a rule, code that is pasted, and what is said of how they were read."""

import pytest

from kbase.kernel.aliases import nicknames
from kbase.search import Searcher
from kbase.search.analyzer import stem
from kbase.search.asking import conditions, listed, spelled, types


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
        ("called from atomic context", None, None, "blocks:no"),
        ("nonblocking dentry ops", None, "dentry_operations", "blocks:no struct:dentry_operations"),
        ("atomic open", None, None, ""),
        ("ops that need s_umount for reading", "s_umount", None, "lock:s_umount held:shared"),
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


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("which locks exist", "lock"),
        ("list all ops tables", "struct"),
        ("what flags are there", "flag"),
        ("all documented functions", "function"),
        ("locks", None),
        ("which locks are held", None),
        ("all ops may block", None),
        ("list extended attributes", None),
    ],
)
def test_all_things_of_a_kind(question: str, kind: str | None) -> None:
    assert listed(question.split()) == kind


def test_a_list_is_of_that_kind_alone_and_of_the_version_asked_for(over_bundled: Searcher) -> None:
    everywhere, newest = (over_bundled.search(f"which locks exist{when}", limit=99) for when in ("", " in 6.8"))
    assert {hit.kind for hit in everywhere.hits} == {"lock"}
    assert (everywhere.reading, newest.reading) == ("kind:lock", "kind:lock version:v6.8.1")
    assert {hit.name for hit in everywhere.hits} - {hit.name for hit in newest.hits} >= {"BKL", "bd_mutex"}


def test_where_no_op_never_blocks_those_stand_first_that_sometimes_may_not(over_bundled: Searcher) -> None:
    results = over_bundled.search("non-blocking inode ops", limit=3)
    assert "inode_operations.permission" in [hit.name for hit in results.hits]
    assert results.reading == "(blocks:no OR blocks:maybe) struct:inode_operations"


def test_a_correction_is_a_name_like_any_other(over_bundled: Searcher) -> None:
    """So the op that is meant is not passed by those that have the context named beside it."""
    assert names(over_bundled, "permision in rcu walk")[0] == "inode_operations.permission"


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
        ("if (!inode_trylock(inode))", "i_rwsem"),
        ("inode_trylock AND rename", "i_rwsem"),
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


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("mmap_mutex", "mmap_lock"),
        ("mm rwsem", "mmap_lock"),
        ("inode semaphore", "i_rwsem"),
        ("inode spinlock", "i_lock"),
        ("dentry_spinlock", "d_lock"),
        ("superblock rwsem", "s_umount"),
        ("lockdep_assert_held(&inode->i_semaphore)", "i_rwsem"),
        ("i_lock", "i_lock"),
    ],
)
def test_a_lock_under_the_name_of_another_kind_of_lock(over_bundled: Searcher, said: str, first: str) -> None:
    results = over_bundled.search(said)
    assert results.hits[0].name == first
    assert "is now" not in str(results.note)  # it was never called so


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("free an inode", "super_operations.free_inode"),
        ("evicting an inode", "super_operations.evict_inode"),
        ("release of a dentry", "dentry_operations.d_release"),
        ("the lock manager gets notified", "lock_manager_operations.lm_notify"),
    ],
)
def test_a_name_whose_parts_are_said_apart(over_bundled: Searcher, said: str, first: str) -> None:
    assert names(over_bundled, said)[0] == first


def test_a_verb_and_its_particle_are_the_word_that_they_make(over_bundled: Searcher) -> None:
    assert "super_operations.write_inode" in names(over_bundled, "how do I write a dirty inode back", 3)


def test_forms_that_no_ending_tells(over_bundled: Searcher) -> None:
    assert stem("written") == stem("writes")
    assert names(over_bundled, "frozen filesystem")[0] in {
        "super_operations.freeze_fs",
        "super_operations.freeze_super",
    }


@pytest.mark.parametrize(
    ("struct", "expected"),
    [
        ("dentry_operations", {"dops", "dentryops", "dentry_ops", "dcache_ops"}),
        ("address_space_operations", {"aops", "a_ops", "asops", "mapping_ops"}),
        ("super_operations", {"sops", "sb_ops", "superblock_operations"}),
        ("vm_operations_struct", {"vmops", "vm_ops", "vm_operations", "vma_ops"}),
        ("file_system_type", {"fs_type", "filesystem_type"}),
    ],
)
def test_nicknames_of_tables(struct: str, expected: set[str]) -> None:
    assert expected <= set(nicknames(struct))
    assert struct not in nicknames(struct)
