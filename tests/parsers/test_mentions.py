"""Which ops a text names."""

import pytest

from kbase.pages.mentions import ops_named
from kbase.parsers.mentions import ops_in


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("call ->fault() with the lock held", ("fault",)),
        ("inode_operations.rename and ->rename ()", ("inode_operations.rename", "rename")),
        ("->open(), ->open() again", ("open",)),
        ("from vma->vm_start to vma->vm_end", ()),
        ("file_system_type.mount, not foo.bar", ("file_system_type.mount",)),
        ("", ()),
    ],
)
def test_ops_are_named_as_functions_or_with_their_table(text: str, names: tuple[str, ...]) -> None:
    assert ops_named(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The ->setlease() file_operation must be set.", ("setlease", "file_operations.setlease")),
        ("setlease() file operations return 0", ("file_operations.setlease",)),
        ("The file operations mmap() callback is old.", ("file_operations.mmap",)),
        ("a super_block operation ->sync_fs() method", ("super_operations.sync_fs", "sync_fs")),
        (".d_delete() advises, see fs/foo.c and e.g. this", ("d_delete",)),
        (
            "call ->i_op->get_acl() or inode->i_op->rename",
            ("i_op", "inode_operations.get_acl", "inode_operations.rename"),
        ),
        ("mapping->a_ops->dirty_folio", ("address_space_operations.dirty_folio",)),
        ("inode->i_lock and dentry->d_name", ()),
    ],
)
def test_ops_in_a_porting_entry(text: str, names: tuple[str, ...]) -> None:
    assert ops_in(text) == names
