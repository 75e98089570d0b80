"""Exact names: how what somebody types is folded, and what a state calls by name."""

from typing import Any

import pytest

from kbase.kernel.exact_names import counts_of, fold, symbols_of
from kbase.model.records import Evidence, Format, Function, Member, OpsTable, Prototype, Record
from kbase.model.states import Cited, DocumentRef, OpState, TableState, VersionState
from kbase.model.witnesses import DocumentKind

WHERE = Evidence(blob="0" * 64, first=1, last=1)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("rename", "rename"),
        ("->rename()", "rename"),
        ("``rename``", "rename"),
        ("rename:", "rename"),
        ("Inode_Operations.Rename", "inode_operations.rename"),
        ("inode_operations->rename", "inode_operations.rename"),
        ("struct inode_operations", "inode_operations"),
        ("const struct inode_operations *", "inode_operations"),
        ("i_op->rename", "inode_operations.rename"),
        ("dir->i_op->rename()", "inode_operations.rename"),
        ("mapping->a_ops->writepages", "address_space_operations.writepages"),
        ("vma->vm_ops->fault", "vm_operations_struct.fault"),
        ("i_rwsem(inode)", "i_rwsem(inode)"),
        ("File Memory Mapping", "file memory mapping"),
        ("  ", ""),
        ("...", ""),
    ],
)
def test_fold(written: str, folded: str) -> None:
    assert fold(written) == folded


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
    assert symbols_of(state) == {
        ("file_system_type", "struct", "file_system_type"),
        ("file_system_operations", "struct", "file_system_type"),
        ("mount", "op", "file_system_type.mount"),
        ("file_system_type.mount", "op", "file_system_type.mount"),
        ("owner", "member", "file_system_type.Owner"),
        ("file_system_type.owner", "member", "file_system_type.Owner"),
        ("d_find", "function", "d_Find"),
    }
    counts = counts_of(state)
    assert (counts["tables"], counts["ops"], counts["prototypes"], counts["functions"]) == (1, 1, 1, 1)
