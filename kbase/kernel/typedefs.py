"""Typedefs folded: whether two signatures agree for a compiler that sees through them.

`TYPEDEFS` has those of the kernel on a machine of 64 bits, from `include/linux/types.h`, `include/uapi/asm-generic` and
`include/linux/mm_types.h`; a source and a kernel tree have more. A name that none of them has may be any type.
"""

import re
from collections.abc import Iterable, Mapping
from enum import Enum, auto
from itertools import zip_longest

from kbase.kernel.c_declarations import DeclarationError, parse_declaration
from kbase.kernel.c_signatures import Signature, type_of
from kbase.kernel.c_types import INTEGERS, QUALIFIERS, TOKEN

_SIZES = {"8": "char", "16": "short", "32": "int", "64": "long long"}
_OF: dict[str, str] = {
    "unsigned long": "size_t __kernel_size_t ino_t pgoff_t ulong uintptr_t",
    "long": "ssize_t __kernel_ssize_t off_t",
    "long long": "loff_t __kernel_loff_t time64_t qsize_t",
    "unsigned long long": "sector_t blkcnt_t dma_addr_t phys_addr_t",
    "unsigned int": (
        "uint gfp_t fmode_t __poll_t vm_fault_t slab_flags_t xa_mark_t dev_t uid_t gid_t projid_t qid_t blk_opf_t"
        " blk_mode_t fop_flags_t __sum32 __wsum"
    ),
    "int": "pid_t key_serial_t",
    "unsigned short": "umode_t __sum16 ushort",
    "unsigned char": "blk_status_t",
}
TYPEDEFS: dict[str, str] = {
    **{name: base for base, names in _OF.items() for name in names.split()},
    "poll_table": "struct poll_table_struct",
    "fl_owner_t": "void *",
    **{f"{p}u{n}": f"unsigned {kind}" for p in ("", "__") for n, kind in _SIZES.items()},
    **{f"{p}s{n}": "signed char" if n == "8" else kind for p in ("", "__") for n, kind in _SIZES.items()},
    **{f"uint{n}_t": f"unsigned {kind}" for n, kind in _SIZES.items()},
    **{f"int{n}_t": "signed char" if n == "8" else kind for n, kind in _SIZES.items()},
    **{f"__{end}{n}": f"unsigned {_SIZES[n]}" for end in ("le", "be") for n in ("16", "32", "64")},
}
BUILT_IN = INTEGERS | QUALIFIERS | {"void", "bool", "float", "double", "..."}
TAGS = frozenset(("struct", "union", "enum"))
UNUSED = re.compile(r"\b__(?:(?:maybe|always)_)?unused\b|\b__attribute__\s*+\(\([^()]{0,100}+\)\)")
MOST = 8  # typedefs of typedefs


class Agreement(Enum):
    """Whether two types are the same."""

    SAME = auto()
    UNDECIDED = auto()  # a name in them may be any type
    DIFFERENT = auto()


def head_signature(returns: str, parameters: str) -> Signature:
    """The types of a function, given by C text.

    Raises:
        DeclarationError: it cannot be read.
    """
    found = parse_declaration(f"{returns} (*function)({UNUSED.sub('', parameters)})")
    if found.returns is None:
        raise DeclarationError("not a function")
    types = [kind for kind, _ in found.parameters]
    return tuple(map(type_of, [found.returns, *([] if types == ["void"] else types)]))


def folded(kind: str, typedefs: Mapping[str, str]) -> str:
    """The type without typedefs, as far as they are known."""
    for _ in range(MOST):
        words = TOKEN.findall(kind)
        tags = {at + 1 for at, word in enumerate(words) if word in TAGS}
        known = [at for at, word in enumerate(words) if at not in tags and (word in typedefs or word in TYPEDEFS)]
        if not known:
            break
        for at in known:
            words[at] = TYPEDEFS.get(words[at]) or typedefs[words[at]]
        kind = " ".join(words)
    return type_of(kind)


def unknown_names(kind: str) -> frozenset[str]:
    """The names in a folded type that may be any type."""
    words = TOKEN.findall(kind)
    tags = {at + 1 for at, word in enumerate(words) if word in TAGS}
    return frozenset(
        word
        for at, word in enumerate(words)
        if at not in tags and word not in BUILT_IN | TAGS and (word[0].isalpha() or word[0] == "_")
    )


def agreement(one: str, other: str) -> Agreement:
    """Whether two folded types are the same; an enum and an integer may be compatible."""
    if one == other:
        return Agreement.SAME
    if unknown_names(one) ^ unknown_names(other):
        return Agreement.UNDECIDED
    pair = {"enum" in TOKEN.findall(one), "enum" in TOKEN.findall(other)}
    plain = INTEGERS.issuperset(TOKEN.findall(one)) or INTEGERS.issuperset(TOKEN.findall(other))
    return Agreement.UNDECIDED if pair == {True, False} and plain else Agreement.DIFFERENT


def differences(one: Signature, other: Signature) -> Iterable[tuple[int, Agreement]]:
    """The places where two folded signatures differ or may differ: 0 is what they return."""
    for place, (a, b) in enumerate(zip_longest(one, other)):
        found = Agreement.DIFFERENT if a is None or b is None else agreement(a, b)
        if found is not Agreement.SAME:
            yield place, found
