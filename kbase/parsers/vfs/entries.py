"""Entries of the description lists of a vfs document, with every line that belongs to each.

An entry is, in plain text, two spaces, its names, a colon and the text; in reStructuredText its name in double
backquotes on a line of its own, and the text below it, indented. On a rendered page that was copied as text its name
is on a line of its own, and the text below it at the margin.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kbase.text.lines import Line, first_filled, trimmed

TEXT_ITEM = re.compile(r" {1,4}([A-Za-z_]\w*(?:,\s*[A-Za-z_]\w*)*):(?:\s+(\S.*))?\s*", re.DOTALL)
NAMES_GO_ON = re.compile(r" {1,4}(?:[A-Za-z_]\w*,\s*){2,}")  # the first line of an entry with many names
RST_ITEM = re.compile(r"``([A-Za-z_]\w*)``(?:,\s*``([A-Za-z_]\w*)``)*\s*(?::\s*)?")
STRIPPED_ITEM = re.compile(
    r"(?P<tick>``)?(?P<names>[A-Za-z_]\w*(?:, [A-Za-z_]\w*)*)(?(tick)``\s*$|:)\s*(?P<text>\S.*)?"
)
BARE_FLAG = re.compile(r"\s*[-*]\s+[A-Z][A-Z0-9]*_[A-Z0-9_]+\s*:\s*")  # a flag's name without a word about it
DIRECTIVE = re.compile(r"\.\. [\w-]+::.*")
STRUCT_BEGINS = re.compile(r"\s*struct\s+(\w+)\s*\{\s*(?:/\*.*\*/\s*)?")
STRUCT_ALONE = re.compile(r"\s*struct\s+\w+\s*")
LONGEST_BARE = 120  # lines; the longest description met has 60


@dataclass
class Entry:
    """An entry: its names, its lines, the first words if they are on the first line."""

    names: tuple[str, ...]
    lines: Sequence[Line]
    head: str
    head_lines: int = 1

    @property
    def last(self) -> Line:
        return next(line for line in reversed(self.lines) if not line.blank)

    @property
    def text(self) -> str:
        """The description: paragraphs separated by a blank line, code lines separate."""
        parts: list[list[str]] = [[self.head] if self.head else []]
        code_indent: int | None = None
        for line in self.lines[self.head_lines :]:
            if line.blank or BARE_FLAG.fullmatch(line.raw):
                parts.append([])
            elif DIRECTIVE.fullmatch(line.raw):
                code_indent = -1
            elif code_indent is not None and (code_indent < 0 or line.indent >= code_indent):
                code_indent = line.indent if code_indent < 0 else code_indent
                parts.append([line.text.strip()])
            else:
                parts[-1].append(" ".join(line.raw.split()))
        return "\n\n".join(" ".join(part) for part in parts if part)


def with_braces(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines with a brace on a line of its own moved behind the `struct name` above it."""
    moved = [
        at
        for at, (line, below) in enumerate(pairwise(lines))
        if below.raw.strip() == "{" and STRUCT_ALONE.fullmatch(line.raw)
    ]
    if not moved:
        return lines
    joined = list(lines)
    for at in moved:
        joined[at] = Line(lines[at].number, f"{lines[at].raw.rstrip()} {{")
        joined[at + 1] = Line(lines[at + 1].number, "")
    return joined


def entry_at(lines: Sequence[Line], start: int, members: frozenset[str]) -> Entry | None:
    """The description list's entry that begins at a position, with every line up to the next entry or paragraph."""
    if _is_bare(lines, start, members):
        below = start + 1 + first_filled(lines[start + 1 : start + LONGEST_BARE])
        entry = trimmed(lines[start : _end_at_margin(lines, start, below, members, _is_bare)])
        return Entry((lines[start].raw,), entry, "") if len(entry) > 1 else None
    if (stripped := STRIPPED_ITEM.match(lines[start].raw)) and _is_stripped(lines, start, members):
        entry = trimmed(lines[start : _end_at_margin(lines, start, start + 1, members, _is_stripped)])
        return Entry(tuple(stripped["names"].split(", ")), entry, " ".join((stripped["text"] or "").split()))
    alone, (text, size) = RST_ITEM.fullmatch(lines[start].raw), _text_item(lines, start)
    if text is None and alone is None:
        return None
    head = "".join(line.raw for line in lines[start : start + size - 1]) + (text[1] if text else lines[start].raw)
    stop = start + size
    margin = _margin(lines[start])
    body = _body_margin(lines, stop) if alone else None
    while stop < len(lines) and _continues(lines, stop, margin, members, body):
        stop += 1
    words = " ".join((text[2] or "").split()) if text else ""
    return Entry(tuple(re.findall(r"\w+", head)), trimmed(lines[start:stop]), words, size)


# --- entries whose text is at the margin, too ---


def _is_bare(lines: Sequence[Line], at: int, members: frozenset[str]) -> bool:
    """Whether a line is a member's name and nothing else, below a blank line, as on a page that was copied as text."""
    return lines[at].raw in members and (at == 0 or lines[at - 1].blank)


def _is_stripped(lines: Sequence[Line], at: int, members: frozenset[str]) -> bool:
    """Whether a line at the margin begins an entry whose lines lost the white space before them."""
    item = STRIPPED_ITEM.match(lines[at].raw)
    if item is None or not (at == 0 or lines[at - 1].blank) or not members.issuperset(item["names"].split(", ")):
        return False
    below = lines[at + 1 : at + 2]
    return not any(line.raw[:1].isspace() for line in below) and (bool(item["text"]) or any(not x.blank for x in below))


def _end_at_margin(
    lines: Sequence[Line],
    start: int,
    below: int,
    members: frozenset[str],
    begins: Callable[[Sequence[Line], int, frozenset[str]], bool],
) -> int:
    """Where the entry ends: at the next one, or where none is near, behind the paragraph that begins at `below`."""
    last = min(len(lines), start + LONGEST_BARE)
    stop = next((at for at in range(start + 1, last) if begins(lines, at, members)), None)
    if stop is None or any(STRUCT_BEGINS.fullmatch(line.raw) for line in lines[below:stop]):
        stop = next((at for at in range(below, last) if lines[at].blank), last)
    return stop


# --- entries with indented text ---


def _text_item(lines: Sequence[Line], at: int) -> tuple[re.Match[str] | None, int]:
    """The last line of a plain text entry's head that begins at a position, and how many lines the head has."""
    many = NAMES_GO_ON.fullmatch(lines[at].raw) is not None and at + 1 < len(lines)
    return TEXT_ITEM.fullmatch(lines[at + many].raw), 1 + many


def _margin(line: Line) -> str:
    return line.raw[: len(line.raw) - len(line.raw.lstrip())]


def _body_margin(lines: Sequence[Line], start: int) -> str:
    """The margin of the first line of text from `start` on."""
    text = next((at for at in range(start, len(lines)) if not lines[at].blank), None)
    return "" if text is None else _margin(lines[text])


def _continues(lines: Sequence[Line], position: int, margin: str, members: frozenset[str], body: str | None) -> bool:
    """Whether a line belongs to the entry above it: blank, indented and no entry, or a directive with a body."""
    line = lines[position]
    if line.blank:
        return True
    outward = len(_margin(line)) <= len(margin) and "\t" not in _margin(line)
    if RST_ITEM.fullmatch(line.raw) or _begins_entry(lines, position, members, body, outward=outward):
        return False
    if len(margin) > 1 and outward and lines[position - 1].blank:
        return False
    if DIRECTIVE.fullmatch(line.raw):
        return not any(STRUCT_BEGINS.fullmatch(each.raw) for each in lines[position + 1 : position + 4])
    return line.raw[0].isspace()


def _begins_entry(
    lines: Sequence[Line], position: int, members: frozenset[str], body: str | None, *, outward: bool
) -> bool:
    """Whether a plain text entry begins at a position: a line of text may look like one where tabs are collapsed.

    It names a member, or begins no farther in than the entry above (`outward`). Below an entry whose name is
    alone at the margin, it begins less far in than that entry's text does at `body`; with tabs collapsed, it names one.
    """
    item, _ = _text_item(lines, position)
    if item is None:
        return False
    if not body:
        return outward or body == "" or item[1] in members
    if body != " ":
        return "\t" in body or len(_margin(lines[position])) < len(body)
    return any(name in members for name in re.findall(r"\w+", item[1]))
