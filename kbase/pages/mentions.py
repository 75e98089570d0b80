"""The ops that a text names, where nobody has read it for them: the message of a commit."""

import re

ARROW = re.compile(r"->(\w+)\s?\(\)")  # ->fault()
DOTTED = re.compile(r"\b(\w+_(?:operations|struct|type|handler)\.\w+)")  # inode_operations.rename


def ops_named(text: str) -> tuple[str, ...]:
    """The names, `fault` or `inode_operations.rename`, as they come; `vma->vm_start` names none."""
    return tuple(dict.fromkeys([*DOTTED.findall(text), *ARROW.findall(text)]))
