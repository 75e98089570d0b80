"""Exact names: how what somebody types is folded, and what a state calls by name."""

from typing import Any

import pytest

from kbase.kernel.exact_names import counts_of, is_nickname, spellings, symbols_of
from kbase.model.records import Evidence, Format, Function, Member, OpsTable, Prototype, Record
from kbase.model.states import Cited, DocumentRef, OpState, TableState, VersionState
from kbase.model.witnesses import DocumentKind

WHERE = Evidence(blob="0" * 64, first=1, last=1)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("rename", "rename"),
        ("->rename()", "rename"),
        (".rename", "rename"),
        ("``rename``", "rename"),
        ("rename:", "rename"),
        ("->d_revalidate(", "d_revalidate"),
        ("Inode_Operations.Rename", "inode_operations.rename"),
        ("inode_operations->rename", "inode_operations.rename"),
        ("inode_operations::rename", "inode_operations.rename"),
        ("struct inode_operations", "inode_operations"),
        ("const struct inode_operations *", "inode_operations"),
        ("i_op->rename", "inode_operations.rename"),
        ("dir->i_op->rename()", "inode_operations.rename"),
        ("mapping->a_ops->writepages", "address_space_operations.writepages"),
        ("vma->vm_ops->fault", "vm_operations_struct.fault"),
        ("i_fop->open", "file_operations.open"),
        ("fops->open", "file_operations.open"),
        ("fops->open", "block_device_operations.open"),
        ("s_xattr->get", "xattr_handler.get"),
        ("inode->i_rwsem", "i_rwsem"),
        ("i_mutex(inode)", "i_mutex"),
        ("i_rwsem(inode)", "i_rwsem(inode)"),
        ("File Memory Mapping", "file memory mapping"),
    ],
)
def test_the_spellings_of_a_name(written: str, key: str) -> None:
    assert key in spellings(written)


def test_a_spelling_of_two_tables_means_the_likelier_one_first() -> None:
    keys = spellings("fops->open")
    assert keys.index("file_operations.open") < keys.index("block_device_operations.open")


@pytest.mark.parametrize("written", ["", "  ", "...", "()"])
def test_what_has_no_letters_has_no_key_of_a_name(written: str) -> None:
    assert set(spellings(written)) <= {written.strip()}


@pytest.mark.parametrize(
    ("key", "kind", "name", "expected"),
    [
        ("iops", "struct", "inode_operations", True),
        ("inode_lock", "lock", "i_rwsem", True),
        ("inode_semaphore", "lock", "i_rwsem", True),
        ("i_mutex", "lock", "i_rwsem", False),
        ("rename", "op", "inode_operations.rename", False),
    ],
)
def test_nicknames_are_told_from_names(key: str, kind: str, name: str, expected: bool) -> None:
    assert is_nickname(key, kind, name) is expected


def test_the_names_of_a_state() -> None:
    document = DocumentRef(
        version="v6.4", path="vfs.rst", blob="b", kind=DocumentKind.VFS, format=Format.RST, title="", source="s"
    )

    def cite(record: Record) -> Cited[Any]:
        return Cited(record=record, document=document)

    prototype = Prototype(
        struct="file_system_type", op="mount", text="int m(void)", raw="", returns="int", parameters=(), evidence=WHERE
    )
    table = TableState(
        version="v6.4",
        name="file_system_type",
        tables=(cite(OpsTable(name="file_system_type", written="file_system_operations", evidence=WHERE)),),
        by_name={
            "mount": OpState(version="v6.4", struct="file_system_type", name="mount", prototypes=(cite(prototype),))
        },
        members=(cite(Member(struct="file_system_type", name="Owner", text="int Owner", evidence=WHERE)),),
    )
    function = cite(Function(name="d_Find", group="g", text="t", evidence=WHERE))
    state = VersionState(label="v6.4", label_origin="given", by_name={table.name: table}, functions=(function,))
    symbols = symbols_of(state)
    assert ("fs_type", "struct", "file_system_type") in symbols
    assert {symbol for symbol in symbols if not is_nickname(*symbol)} == {
        ("file_system_type", "struct", "file_system_type"),
        ("file_system_operations", "struct", "file_system_type"),
        ("mount", "op", "file_system_type.mount"),
        ("file_system_operations.mount", "op", "file_system_type.mount"),
        ("file_system_type.mount", "op", "file_system_type.mount"),
        ("owner", "member", "file_system_type.Owner"),
        ("file_system_type.owner", "member", "file_system_type.Owner"),
        ("d_find", "function", "d_Find"),
    }
    counts = counts_of(state)
    assert (counts["tables"], counts["ops"], counts["prototypes"], counts["functions"]) == (1, 1, 1, 1)
