"""Plain questions that ask for a rule, code that is pasted, and how the reading of a question is explained."""

import pytest

from kbase.kernel.aliases import nicknames
from kbase.kernel.exact_names import ItemKind
from kbase.search.question import reading
from kbase.search.searcher import Searcher

LOCKS, STRUCTS = ("i_rwsem", "s_umount", "i_mutex", "d_lock"), ("address_space_operations", "dentry_operations")


def names(searcher: Searcher, query: str, limit: int = 5) -> list[str]:
    return [hit.name for hit in searcher.search(query, limit=limit).hits]


def read(question: str) -> str:
    """The reading of a question in which only locks and tables are names."""
    typed = question.split()
    kinds = dict.fromkeys(LOCKS, ItemKind.LOCK) | dict.fromkeys(STRUCTS, ItemKind.STRUCT) | {"rename": ItemKind.OP}
    return reading(typed, {(n, n + 1): (kinds[word], word) for n, word in enumerate(typed) if word in kinds})


HELD = "(held:yes OR held:maybe)"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "which address_space_operations unlock the folio",
            "lock:folio_lock held:unlocks struct:address_space_operations",
        ),
        ("ops that lock the page", "lock:folio_lock held:locks kind:op"),
        ("returns with the page locked", "lock:folio_lock held:returns-locked"),
        ("called with i_rwsem exclusive", "lock:i_rwsem held:exclusive"),
        ("called without s_umount", "lock:s_umount held:no"),
        ("ops called without holding the i_rwsem", "lock:i_rwsem held:no kind:op"),
        ("is i_rwsem not held in any op", "lock:i_rwsem held:no kind:op"),
        ("called with no s_umount held", "lock:s_umount held:no"),
        ("ops that do not take i_rwsem", "lock:i_rwsem held:no kind:op"),
        ("which ops hold i_rwsem but not s_umount", f"(lock:i_rwsem {HELD}) NOT (lock:s_umount {HELD}) kind:op"),
        ("i_rwsem exclusive without d_lock", f"(lock:i_rwsem held:exclusive) NOT (lock:d_lock {HELD})"),
        ("hold i_rwsem and s_umount", f"(lock:i_rwsem {HELD}) (lock:s_umount {HELD})"),
        ("called with neither i_rwsem nor s_umount", "lock:i_rwsem held:no lock:s_umount held:no"),
        ("held when the page is locked", f"lock:folio_lock {HELD}"),
        ("which dentry_operations cannot sleep", "blocks:no struct:dentry_operations"),
        ("which ops may block", "(blocks:yes OR blocks:maybe) kind:op"),
        ("which ops can block", "(blocks:yes OR blocks:maybe) kind:op"),
        ("called from atomic context", "blocks:no"),
        ("nonblocking dentry_operations", "blocks:no struct:dentry_operations"),
        ("ops that need s_umount for reading", "lock:s_umount held:shared kind:op"),
        ("which locks exist", "kind:lock"),
        ("list all ops tables", "kind:struct"),
        ("what flags are there", "kind:flag"),
        ("all documented functions", "kind:function"),
    ],
)
def test_what_is_asked_of_ops(question: str, expected: str) -> None:
    assert read(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "struct inode has no member named i_mutex",
        "error struct super_block has no member named s_umount",
        "i_mutex undeclared first use in this function",
        "there is no i_mutex any more",
        "what happened to i_mutex not found",
        "atomic open",
        "open a block device",
        "dentry_operations",
        "i_rwsem",
        "is i_rwsem held in rename",
        "locks",
        "which locks are held",
        "list extended attributes",
    ],
)
def test_what_asks_for_no_rule_has_no_reading(question: str) -> None:
    """Messages of compilers, names alone, and questions about one op."""
    assert read(question) == ""


def test_what_holds_one_lock_and_not_another(over_bundled: Searcher) -> None:
    results = over_bundled.search("which ops hold i_rwsem but not s_umount", limit=200)
    meeting = {hit.name for hit in results.hits if hit.meets and hit.kind == "op"}
    held = {hit.name for hit in over_bundled.search(f"kind:op lock:i_rwsem {HELD}", limit=200).hits}
    other = {hit.name for hit in over_bundled.search(f"kind:op lock:s_umount {HELD}", limit=200).hits}
    assert "inode_operations.rename" in meeting
    assert meeting == held - other


def test_which_ops_can_block_finds_ops_that_can(over_bundled: Searcher) -> None:
    results = over_bundled.search("which ops can block", limit=5)
    assert {hit.kind for hit in results.hits} == {"op"}
    assert all(hit.meets for hit in results.hits)


def test_a_message_of_a_compiler_finds_the_lock(over_bundled: Searcher) -> None:
    for message in ("struct inode has no member named 'i_mutex'", "'i_mutex' undeclared (first use in this function)"):
        results = over_bundled.search(message)
        assert results.hits[0].name == "i_rwsem", message
        assert (results.reading, {hit.meets for hit in results.hits}) == (None, {None})


def test_a_list_is_of_that_kind_alone_and_of_the_version_asked_for(over_bundled: Searcher) -> None:
    everywhere, newest = (over_bundled.search(f"which locks exist{when}", limit=99) for when in ("", " in 6.8"))
    assert {hit.kind for hit in everywhere.hits} == {"lock"}
    assert (everywhere.reading, newest.reading) == ("kind:lock", "kind:lock version:v6.8.1")
    assert {hit.name for hit in everywhere.hits} - {hit.name for hit in newest.hits} >= {"BKL", "bd_mutex"}


def test_a_correction_is_a_name_like_any_other(over_bundled: Searcher) -> None:
    """So the op that is meant is not passed by those that have the context named beside it."""
    assert names(over_bundled, "permision in rcu walk")[0] == "inode_operations.permission"


def test_ops_with_the_rule_are_first_and_the_reading_is_explained(over_bundled: Searcher) -> None:
    results = over_bundled.search("which address_space ops unlock the folio", limit=4)
    unlocking = {"write_end", "readahead", "read_folio", "swap_rw"}
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
        ("inode_lock(dir->d_inode)", "i_rwsem"),
        ("foo_mark_inode_dirty", "super_operations.dirty_inode"),
        ("inode_trylock AND rename", "inode_operations.rename"),
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
        ("lseek", "file_operations.llseek"),
        ("dirty inode", "super_operations.dirty_inode"),
        ("inode is dirty", "super_operations.dirty_inode"),
        ("set attributes", "inode_operations.setattr"),
    ],
)
def test_names_in_other_words(over_bundled: Searcher, question: str, first: str) -> None:
    assert names(over_bundled, question)[0] == first


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
        ("i_lock", "i_lock"),
    ],
)
def test_a_lock_under_the_name_of_another_kind_of_lock(over_bundled: Searcher, said: str, first: str) -> None:
    results = over_bundled.search(said)
    assert results.hits[0].name == first
    assert "is now" not in str(results.note)  # it was never called so


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


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("frobnicate_inode", "frobnicate_inode is not in these documents"),
        ("frobnicate_inode locking", "frobnicate_inode is not in these documents"),
        ("may dentry_frobnicate block", "dentry_frobnicate is not in these documents"),
        ("inode_operations.frobnicate", "inode_operations.frobnicate is not in these documents"),
        ("inode->i_op->frobnicate(inode)", "inode->i_op->frobnicate is not in these documents"),
        ("qqqqwwww", "qqqqwwww is not in these documents"),
    ],
)
def test_a_name_in_no_document_is_not_answered_by_its_fragments(over_bundled: Searcher, query: str, note: str) -> None:
    results = over_bundled.search(query)
    assert (results.total, results.note) == (0, note)


def test_words_that_questions_are_made_of_are_not_said_to_be_in_no_document(over_bundled: Searcher) -> None:
    assert over_bundled.search("user_namespace versus mnt_idmap").note is None
    assert over_bundled.search("successor of d_revalidate").note is None


def test_a_pointer_is_not_taken_for_a_name_without_one(over_bundled: Searcher) -> None:
    assert over_bundled.search("dir->i_pulp").note == "dir->i_pulp is not in these documents"


def test_where_nothing_never_blocks_what_need_not_is_found(over_bundled: Searcher) -> None:
    results = over_bundled.search("non-blocking inode operations")
    assert results.reading == "blocks:maybe struct:inode_operations"
    assert [hit.name for hit in results.hits if hit.meets] == ["inode_operations.permission"]
    for asking_otherwise in ("which inode ops cannot sleep", "rename of a non directory"):
        results = over_bundled.search(asking_otherwise)
        assert (results.reading, {hit.meets for hit in results.hits}) == (None, {None})


def test_names_near_one_in_no_document_are_suggested(over_bundled: Searcher) -> None:
    assert "write_inode locking" in over_bundled.search("frobnicate_inode locking").suggestions
    assert over_bundled.search("inode_operations.mkdirs").note == (
        "inode_operations.mkdirs is not in these documents; shown is inode_operations.mkdir"
    )
    assert over_bundled.search("inode_operations.fsync").hits[0].name == "file_operations.fsync"


def test_what_is_known_beside_it_is_found(over_bundled: Searcher) -> None:
    results = over_bundled.search("rename frobnicate_inode")
    assert results.hits[0].name == "inode_operations.rename"
    assert results.note == "frobnicate_inode is not in these documents"
