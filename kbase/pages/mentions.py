"""The ops that a text names which no parser reads for names: the message of a commit."""

import re

ARROW = re.compile(r"->(\w+)\s?\(\)")  # ->fault()
DOTTED = re.compile(r"\b(\w+_(?:operations|struct|type|handler)\.\w+)")  # inode_operations.rename


def ops_named(text: str) -> tuple[str, ...]:
    """The names, `fault` or `inode_operations.rename`, in their order; `vma->vm_start` names none."""
    return tuple(dict.fromkeys([*DOTTED.findall(text), *ARROW.findall(text)]))
