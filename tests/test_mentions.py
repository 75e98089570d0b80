"""Which ops a text names."""

import pytest

from kbase.views.mentions import ops_named


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
