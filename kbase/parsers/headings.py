"""Headings of plain text and reStructuredText, and the sections between them.

banner    = "---" { "-" } title "---" { "-" }          Locking up to 5.3
underline = title newline ( "===" { "=" } | "---" ... )  everything else, at the margin
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kbase.text import Line

NAME = r"(?=\w*?_\w)\w+"  # with `_` in it
BANNER = re.compile(rf"-{{3,}}\s*(\w+(?: +\w+)*)\s*-{{3,}}|-{{3,}}\s*({NAME})|({NAME})\s*-{{6,}}")
MARKUP = re.compile(r"(?<!\s)\s+<(?:sub)*section>$")  # what vfs.txt had behind its titles until 2.6.12
UNDERLINE = re.compile(r"([=\-~^#*+\"'`])\1{2,}")

# The documents' own misnomers, and names that one struct had at different times.
STRUCT_NAMES = {
    "file_system_operations": "file_system_type",
    "vm_operations": "vm_operations_struct",
    "xattr_handlers": "xattr_handler",
}


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with the lines below it up to the next heading; the first block of a document may have no title."""

    title: str
    heading: tuple[Line, ...]
    body: tuple[Line, ...]

    @property
    def line(self) -> int:
        """The number of the title's line."""
        return self.heading[0].number


def blocks(lines: Sequence[Line]) -> Iterator[Block]:
    """The document cut at its headings, whatever their level."""
    title, heading, start, position = "", tuple[Line, ...](), 0, 0
    while position < len(lines):
        found = _heading_at(lines, position)
        if found is None:
            position += 1
            continue
        if position > start or heading:
            yield Block(title, heading, tuple(lines[start:position]))
        title, size = found
        heading = tuple(lines[position : position + size])
        position = start = position + size
    yield Block(title, heading, tuple(lines[start:]))


def _heading_at(lines: Sequence[Line], position: int) -> tuple[str, int] | None:
    """(title, number of lines) of the heading that begins at a position."""
    raw = lines[position].raw.rstrip()
    banner = BANNER.fullmatch(raw)
    if banner:
        return banner[banner.lastindex or 1], 1
    if not raw or raw[0].isspace() or UNDERLINE.fullmatch(raw) or position + 1 >= len(lines):
        return None
    under = lines[position + 1].raw.rstrip()
    before = position == 0 or lines[position - 1].blank or UNDERLINE.fullmatch(lines[position - 1].raw.rstrip())
    if before and UNDERLINE.fullmatch(under) and len(raw) <= 120 and len(under) >= min(len(raw), 4):
        return MARKUP.sub("", raw.strip()), 2
    return None


def struct_in(title: str) -> tuple[str, str] | None:
    """(canonical name, name as written) of the ops table that a title names, or None.

    `struct inode_operations`, `xattr_handler operations`, `file_system_type` name one.
    """
    match = re.fullmatch(r"(?:const\s+)?(?:struct\s+)?(\w+)(?:\s+operations)?:?", title.strip())
    if match is None:
        return None
    written = match[1]
    return STRUCT_NAMES.get(written, written), written
