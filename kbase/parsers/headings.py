"""Headings of plain text and reStructuredText, and the sections between them.

underline = [ rule newline ] title newline rule        rule: three or more of one punctuation character
banner    = "---" { "-" } title "---" { "-" }          Locking up to 5.3
marked    = "#" { "#" } " " title                      Markdown

Banners and marked titles are headings of documents about ops tables only (`blocks`): elsewhere `#` is a comment.
There a title without a blank line above it is one, too, if its underline is as long as it is; nearly so, where the
document has no blank lines at all. The level of a title is the order in which its style first appears.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kbase.text.lines import Line

NAME = r"(?=\w*?_\w)\w+"  # with `_` in it
BANNER = re.compile(rf"-{{3,}}\s*(\w+(?: +\w+)*)\s*-{{3,}}|-{{3,}}\s*({NAME})|({NAME})\s*-{{6,}}")
MARKUP = re.compile(r"(?<!\s)\s+<(?:sub)*section>$")  # what vfs.txt had behind its titles until 2.6.12
RULE = re.compile(r"""([=\-~^"'`#*+.:_<>])\1{2,}""")
WIDEST_TITLE = 120
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
class Heading:
    """A title, its style, and the positions of its first line and of the first line below it."""

    title: str
    style: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with the lines below it up to the next heading; the first block of a document may have no title."""

    title: str
    heading: tuple[Line, ...]
    body: tuple[Line, ...]

    @property
    def line(self) -> int:
        """The number of the title's line."""
        return self.heading[-2 if len(self.heading) > 1 else -1].number


def is_dense(lines: Sequence[Line]) -> bool:
    """Whether a document lost its blank lines."""
    return len(lines) >= LEAST_LINES and not any(line.blank for line in lines)


def blocks(lines: Sequence[Line]) -> Iterator[Block]:
    """The document cut at its headings, whatever their level."""
    title, heading, start, position = "", tuple[Line, ...](), 0, 0
    spare = NEARLY if is_dense(lines) else 0
    while position < len(lines):
        found = _one_line_heading(lines, position) or heading_at(lines, position, spare)
        if found is None:
            position += 1
            continue
        if position > start or heading:
            yield Block(title, heading, tuple(lines[start:position]))
        title, heading = found.title, tuple(lines[found.start : found.stop])
        position = start = found.stop
    yield Block(title, heading, tuple(lines[start:]))


def _one_line_heading(lines: Sequence[Line], position: int) -> Heading | None:
    raw = lines[position].raw.rstrip()
    if banner := BANNER.fullmatch(raw):
        return Heading(banner[banner.lastindex or 1], "---", position, position + 1)
    marked = MARKED.fullmatch(raw)
    return Heading(marked[1].strip(" `"), "#", position, position + 1) if marked else None


def headings(lines: Sequence[Line]) -> Iterator[Heading]:
    """Every underlined title of the lines, in order."""
    position = 0
    while position < len(lines):
        heading = heading_at(lines, position)
        if heading:
            yield heading
        position = heading.stop if heading else position + 1


def heading_at(lines: Sequence[Line], start: int, spare: int = -1) -> Heading | None:
    """The underlined title that begins at a position, if one does.

    A title without a blank line above it is one only if its length differs from that of its underline by at most
    `spare` characters, or if there is a rule above it and `spare` is not negative.
    """
    over = _rule(lines, start)
    stop = start + 2 + bool(over)
    if stop > len(lines) or lines[stop - 1].number - lines[start].number != stop - 1 - start:
        return None
    title, under = MARKUP.sub("", lines[stop - 2].text.rstrip()), _rule(lines, stop - 1)
    words = title.strip()
    if not under or not words or RULE.fullmatch(words) or len(words) > WIDEST_TITLE:
        return None
    if over:
        return Heading(words, "over" + over[0], start, stop) if over[0] == under[0] else None
    apart = start == 0 or lines[start - 1].blank or lines[start - 1].number + 1 != lines[start].number
    fits = apart or abs(len(under) - len(title)) <= spare or (spare >= 0 and bool(_rule(lines, start - 1)))
    indented = title[:1].isspace() and abs(len(under) - len(title.strip())) > NEARLY
    if not fits or indented or len(under) < min(len(words), 4):
        return None
    return Heading(words, under[0], start, stop)


def _rule(lines: Sequence[Line], position: int) -> str:
    """The rule that a line is; empty for another line."""
    rule = lines[position].raw.strip() if position < len(lines) else ""
    return rule if RULE.fullmatch(rule) else ""


def struct_in(title: str) -> tuple[str, str] | None:
    """(canonical name, name as written) of the ops table that a title names, or None where that is not certain.

    `struct inode_operations`, `xattr_handler operations`, `file_system_type` name one; `Locking` names none.
    """
    match = re.fullmatch(r"(?:const\s+)?(struct\s+)?(\w+)(\s+operations)?:?", title.strip())
    if match is None or not (match[1] or match[3] or STRUCT.fullmatch(match[2])):
        return None
    written = match[2]
    return STRUCT_NAMES.get(written, written), written
