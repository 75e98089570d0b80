"""The names that prose mentions: ops (`->fault()`, `inode_operations.rename`) and functions (`d_instantiate()`)."""

import re
from collections.abc import Iterable

ARROW = re.compile(r"(?<![\w)\]>-])->([A-Za-z_]\w*)")
DOTTED = re.compile(r"\b(?:struct\s+)?([a-z]\w*_(?:operations(?:_struct)?|ops|type|handler))(?:\.|->)([a-z_]\w*)")
FUNCTION = re.compile(r"(?<![\w>.])([A-Za-z_]\w*)\(\)")


def ops_in(text: str) -> tuple[str, ...]:
    """Ops in the order of the text, each once: "rename" of `->rename()`, "inode_operations.rename" where dotted.

    Members reached through a bare arrow (`->d_inode`) look the same and are among them.
    """
    found = [(match.start(), match[1]) for match in ARROW.finditer(text)]
    found += [(match.start(), f"{match[1]}.{match[2]}") for match in DOTTED.finditer(text)]
    return once(name for _, name in sorted(found))


def functions_in(text: str) -> tuple[str, ...]:
    """Names followed by `()` that are no op, each once."""
    return once(match[1] for match in FUNCTION.finditer(text))


def once(names: Iterable[str]) -> tuple[str, ...]:
    """The names without repetitions, in their order."""
    return tuple(dict.fromkeys(names))


def slug_of(text: str, words: int) -> str:
    """The first words, lower-cased and joined by hyphens: a name for an address."""
    return "-".join(re.findall(r"[a-z0-9_]+", text.lower())[:words]) or "untitled"


def unique(slug: str, taken: dict[str, int]) -> str:
    """The slug, or the slug with the first free number from 2; `taken` learns it, and where to go on counting."""
    free, number = slug, taken.get(slug, 2)
    while free in taken:
        free, number = f"{slug}-{number}", number + 1
    taken[slug] = number
    taken.setdefault(free, 2)
    return free
