"""Headings of plain text and reStructuredText, and the sections between them.

banner    = "---" { "-" } title "---" { "-" }          Locking up to 5.3
underline = title newline ( "===" { "=" } | "---" ... )  everything else, at the margin, below a blank line
marked    = "#" { "#" } " " title                        Markdown

Where no blank line stands above a title, its underline must be as long as it is; nearly so, where the document has no
blank lines at all.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kbase.text.lines import Line

NAME = r"(?=\w*?_\w)\w+"  # with `_` in it
BANNER = re.compile(rf"-{{3,}}\s*(\w+(?: +\w+)*)\s*-{{3,}}|-{{3,}}\s*({NAME})|({NAME})\s*-{{6,}}")
MARKUP = re.compile(r"(?<!\s)\s+<(?:sub)*section>$")  # what vfs.txt had behind its titles until 2.6.12
UNDERLINE = re.compile(r"([=\-~^#*+\"'`])\1{2,}")
MARKED = re.compile(r"#{1,6} (?!(?:if|ifdef|ifndef|el|elif|else|endif|define|include)\b)([^#]{1,120})#*")
LEAST_LINES = 20  # of a document without blank lines
NEARLY = 3  # characters
# Names that a struct has; a title that is one word of another form is no ops table's.
STRUCT = re.compile(r"\w+_(?:operations|operations_struct|ops|type|handlers?|lock|head)")

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


def is_dense(lines: Sequence[Line]) -> bool:
    """Whether a document lost its blank lines."""
    return len(lines) >= LEAST_LINES and not any(line.blank for line in lines)


def blocks(lines: Sequence[Line]) -> Iterator[Block]:
    """The document cut at its headings, whatever their level."""
    title, heading, start, position = "", tuple[Line, ...](), 0, 0
    spare = NEARLY if is_dense(lines) else 0
    while position < len(lines):
        found = _heading_at(lines, position, spare)
        if found is None:
            position += 1
            continue
        if position > start or heading:
            yield Block(title, heading, tuple(lines[start:position]))
        title, size = found
        heading = tuple(lines[position : position + size])
        position = start = position + size
    yield Block(title, heading, tuple(lines[start:]))


def _heading_at(lines: Sequence[Line], position: int, spare: int) -> tuple[str, int] | None:
    """(title, number of lines) of the heading that begins at a position.

    Without a blank line above it, title and underline may differ by `spare` characters in length.
    """
    raw = lines[position].raw.rstrip()
    banner = BANNER.fullmatch(raw)
    if banner:
        return banner[banner.lastindex or 1], 1
    marked = MARKED.fullmatch(raw)
    if marked:
        return marked[1].strip(" `"), 1
    if not raw or raw[0].isspace() or UNDERLINE.fullmatch(raw) or position + 1 >= len(lines):
        return None
    under = lines[position + 1].raw.rstrip()
    before = position == 0 or lines[position - 1].blank or UNDERLINE.fullmatch(lines[position - 1].raw.rstrip())
    fits = before or abs(len(under) - len(raw)) <= spare
    if fits and UNDERLINE.fullmatch(under) and len(raw) <= 120 and len(under) >= min(len(raw), 4):
        return MARKUP.sub("", raw.strip()), 2
    return None


def struct_in(title: str) -> tuple[str, str] | None:
    """(canonical name, name as written) of the ops table that a title names, or None where that is not certain.

    `struct inode_operations`, `xattr_handler operations`, `file_system_type` name one; `Locking` names none.
    """
    match = re.fullmatch(r"(?:const\s+)?(struct\s+)?(\w+)(\s+operations)?:?", title.strip())
    if match is None or not (match[1] or match[3] or STRUCT.fullmatch(match[2])):
        return None
    written = match[2]
    return STRUCT_NAMES.get(written, written), written
