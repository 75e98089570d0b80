"""The names that prose mentions: ops (`->fault()`, `inode_operations.rename`) and functions (`d_instantiate()`)."""

import re
from collections.abc import Iterable, Iterator

from kbase.kernel.aliases import POINTED_AT

ARROW = re.compile(r"(?<![\w)\]>-])->([A-Za-z_]\w*)")
DOTTED = re.compile(r"\b(?:struct\s+)?([a-z]\w*_(?:operations(?:_struct)?|ops|type|handler))(?:\.|->)([a-z_]\w*)")
REACHED = re.compile(rf"\b({'|'.join(POINTED_AT)})->([a-z_]\w*)")  # `->i_op->get_acl`
DESIGNATED = re.compile(r"(?<![^\s(,`\"'])\.([a-z_]\w*)")  # `.d_delete()`, as an initializer has it
TABLE = r"\b((?:file|inode|dentry|super(?:[_ ]?block)?|address[_ ]space|vm)[_ ]operation)s?\b"
OF_TABLE = re.compile(rf"\b([a-z_]\w*)\(\)\s+{TABLE}")  # `setlease() file_operation`
TABLE_OF = re.compile(rf"{TABLE}\s+(?:->)?([a-z_]\w*)\(\)")  # `file operations mmap() callback`
FUNCTION = re.compile(r"(?<![\w>.])([A-Za-z_]\w*)\(\)")


def ops_in(text: str) -> tuple[str, ...]:
    """Ops in the order of the text, each once: "rename" of `->rename()` and `.rename`, with its table if named.

    "inode_operations.rename", `->i_op->rename()` and "rename() inode operation" name it. Members reached through a bare
    arrow (`->d_inode`) look the same as ops and are among them.
    """
    return once(name for _, name in sorted(_named(text)))


def _named(text: str) -> Iterator[tuple[int, str]]:
    """The ops with their places."""
    for pattern in (ARROW, DESIGNATED):
        yield from ((match.start(), match[1]) for match in pattern.finditer(text))
    for pattern in (DOTTED, REACHED):
        yield from (
            (match.start(1), f"{POINTED_AT.get(match[1], match[1])}.{match[2]}") for match in pattern.finditer(text)
        )
    yield from ((match.start(), f"{struct_of(match[2])}.{match[1]}") for match in OF_TABLE.finditer(text))
    yield from ((match.start(), f"{struct_of(match[1])}.{match[2]}") for match in TABLE_OF.finditer(text))


def struct_of(table: str) -> str:
    """`file_operations` of "file operation"."""
    name = re.sub(r"super_?block", "super", table.replace(" ", "_"))
    return "vm_operations_struct" if name == "vm_operation" else f"{name}s"


def functions_in(text: str) -> tuple[str, ...]:
    """Functions: names followed by `()` that are not reached through a pointer, each once."""
    return once(match[1] for match in FUNCTION.finditer(text))


def once(names: Iterable[str]) -> tuple[str, ...]:
    """The names without repetitions, in their order."""
    return tuple(dict.fromkeys(names))


def slug_of(text: str, words: int) -> str:
    """The first words, lower-cased and joined by hyphens: a name for an address."""
    return "-".join(re.findall(r"[a-z0-9_]+", text.lower())[:words]) or "untitled"


def unique(slug: str, taken: dict[str, int]) -> str:
    """The slug, or the slug with the first free number from 2; `taken` is updated."""
    free, number = slug, taken.get(slug, 2)
    while free in taken:
        free, number = f"{slug}-{number}", number + 1
    taken[slug] = number
    taken.setdefault(free, 2)
    return free
