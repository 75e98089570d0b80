"""Code between `#if` and `#endif`, for functions that are no C as long as all branches stand in them.

    #ifdef CONFIG_MMU
            if (vma->vm_ops) {
    #else
            if (vma) {
    #endif

Each of its two readings is C.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

DIRECTIVE = re.compile(rb"^[ \t]*#[ \t]*(if|elif|else|endif)[^\n]*", re.MULTILINE)
LETTER = re.compile(rb"[^\n]")


class Branch(NamedTuple):
    """A branch, from the line of its directive to that of the next one."""

    start: int
    end: int
    is_first: bool
    is_last: bool


def one_branch(code: bytes, *, last: bool) -> bytes:
    """The code with blanks for all but the first branch of each condition, or the last one; positions stay the same."""
    parts, depth, at = list[bytes](), 0, 0
    unwanted = [branch for branch in _branches(code) if not (branch.is_last if last else branch.is_first)]
    for position, step in sorted([(b.start, 1) for b in unwanted] + [(b.end, -1) for b in unwanted] + [(len(code), 0)]):
        part = code[at:position]
        parts.append(LETTER.sub(b" ", part) if depth else part)
        depth, at = depth + step, position
    return DIRECTIVE.sub(lambda line: b" " * len(line[0]), b"".join(parts))


def _branches(code: bytes) -> Iterator[Branch]:
    """All branches that an `#endif` or another branch ends."""
    begun: list[tuple[int, bool]] = []  # start, whether it is the first of its condition
    for match in DIRECTIVE.finditer(code):
        word = match[1]
        if word != b"if" and begun:
            start, is_first = begun.pop()
            yield Branch(start, match.start(), is_first, is_last=word == b"endif")
        if word != b"endif":
            begun.append((match.start(), word == b"if"))
