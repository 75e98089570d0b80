"""C types as token lists: enough to decide whether two types are the same, and how they differ.

Declarations are parsed by `kbase.kernel.c_declarations`; here only the text of one type is split.
"""

import re
from functools import lru_cache
from itertools import pairwise

TOKEN = re.compile(r"\w+|\.\.\.|[^\w\s]")
QUALIFIERS = frozenset(("const", "volatile", "restrict", "__restrict"))
ATTRIBUTE = re.compile(
    r"__(?:user|kernel|iomem|percpu|rcu|force|nocast|must_check|init|exit|private|bitwise)|inline|asmlinkage|noinline"
)
INTEGERS = frozenset(("int", "char", "short", "long", "signed", "unsigned"))


@lru_cache(maxsize=4096)  # a comparison asks for the few types of all prototypes of two versions
def canonical_type(text: str) -> str:
    """The type with one spelling: `struct dentry *`, `unsigned int` where the document has `unsigned`."""
    parts = _full_integers(TOKEN.findall(text))
    return " ".join(parts).replace("* *", "**").replace("* *", "**")


def _full_integers(parts: list[str]) -> list[str]:
    full = list[str]()
    for part, following in pairwise([*parts, ""]):
        if part == "int" and full and full[-1] in ("long", "short"):
            continue
        full.append(part)
        if part == "unsigned" and following not in INTEGERS:
            full.append("int")
    return full


def bare(text: str) -> str:
    """The type without qualifiers and attributes."""
    return " ".join(t for t in TOKEN.findall(text) if t not in QUALIFIERS and not ATTRIBUTE.fullmatch(t))


def attributes(text: str) -> tuple[str, ...]:
    """The attributes of a type, sorted."""
    return tuple(sorted(t for t in TOKEN.findall(text) if ATTRIBUTE.fullmatch(t)))


def qualifiers(text: str) -> tuple[str, ...]:
    """The qualifiers of a type in their order, each with the token it follows."""
    return tuple(f"{before} {t}" for before, t in pairwise(["", *TOKEN.findall(text)]) if t in QUALIFIERS)


def is_pointer(text: str) -> bool:
    return "*" in text or "(" in text
