"""Restores tabs of locking tables that a program replaced by spaces.

Up to 5.3 the cells of a table are at tab stops of 8 columns. Programs replace a tab in two ways:

    expanded    by the spaces up to the next multiple of a width: `expand -t4`, many editors
    literal     by as many spaces as the width has, wherever the tab is: search and replace, some web pages

Which of them, and the width, follows from the document: prototypes are one tab in, and what the spaces between the
cells of its rows have in common. Where that is not clear, columns are no proof: `Layout.LOST`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate

from kbase.parsers.declarations import BEGINS_FUNCTION
from kbase.parsers.locking.column_inference import unruled_headers
from kbase.parsers.locking.vocabulary import PARENTHESES, VOCABULARY
from kbase.text.lines import TAB, Line

RUN = re.compile(r"(?<=\S) {2,}(?=\S)")
GAP = re.compile(r"(?<=\S) +(?=\S)")
LABEL = re.compile(r"(?:->)?[A-Za-z_]\w*(?:\(\))?(?::|(?=  ))")
CERTAIN = 0.8  # share of the runs of spaces that a layout must explain
LONGEST = 400  # characters of a line that is looked at


class Tabs(Enum):
    """What became of the tabs of a document."""

    PRESENT = "present"  # they are there, or were expanded to 8 columns, which changes nothing
    EXPANDED = "expanded"
    LITERAL = "literal"
    LOST = "lost"  # their places are not known
    COLLAPSED = "collapsed"  # all white space is one space


@dataclass(frozen=True, slots=True)
class Layout:
    """What became of the tabs of a document, and the width of one in columns."""

    tabs: Tabs
    width: int = TAB

    def restored(self, lines: Sequence[Line]) -> list[Line]:
        """The lines with their tabs put back, where the layout is known."""
        if self.tabs not in (Tabs.EXPANDED, Tabs.LITERAL):
            return list(lines)
        return [Line(line.number, self._with_tabs(line.raw)) for line in lines]

    def _with_tabs(self, raw: str) -> str:
        if not 0 < len(raw) <= LONGEST or ("  " not in raw and not LABEL.match(raw)):
            return raw
        parts, end = list[str](), 0
        for start, stop in _gaps(raw):
            parts += [raw[end:start], self._gap(raw, start, stop)]
            end = stop
        return "".join(parts) + raw[end:]

    def _gap(self, raw: str, start: int, stop: int) -> str:
        """What the spaces were: the tabs that reach as far, then spaces."""
        size, width = stop - start, self.width
        if self.tabs is Tabs.LITERAL:
            return "\t" * (size // width) + " " * (size % width)
        tabs = stop // width - start // width
        if not tabs or (size == 1 and not _divides(raw, start)):
            return " " * size
        return "\t" * tabs + " " * (stop % width)


def _gaps(raw: str) -> Iterator[tuple[int, int]]:
    """The leading spaces of a line, and those between its words."""
    margin = len(raw) - len(raw.lstrip(" "))
    if margin:
        yield 0, margin
    yield from (match.span() for match in GAP.finditer(raw))


def _divides(raw: str, at: int) -> bool:
    """Whether one space divides two cells: behind a label, between words that are cells, before a remark.

    In an indented line, which may be a header, it divides known phrases only from other words.
    """
    if raw[0] == " ":
        headers = unruled_headers(raw.split())
        return len(raw[:at].split()) in accumulate(len(header.split()) for header in headers)
    before, after = raw[:at].rpartition(" ")[2], raw[at + 1 :]
    cells = [VOCABULARY.fullmatch(PARENTHESES.sub("", word)) for word in (before, after.partition(" ")[0])]
    return " " not in raw[:at] or all(cells) or (bool(cells[0]) and after.startswith("(see "))


def layout_of(lines: Iterable[Line]) -> Layout:
    """What became of the tabs of a Locking document."""
    indents, runs = Counter[int](), list[tuple[int, int]]()
    for line in lines:
        if "\t" in line.raw:
            return Layout(Tabs.PRESENT)
        if BEGINS_FUNCTION.match(line.raw) and line.indent:
            indents[line.indent] += 1
        elif len(line.raw) <= LONGEST and LABEL.match(line.raw):
            runs += (match.span() for match in RUN.finditer(line.raw))
    width = indents.most_common(1)[0][0] if indents else TAB
    expanded = sum(stop % width == 0 for _, stop in runs)
    literal = sum((stop - start) % width == 0 for start, stop in runs)
    if not runs or max(expanded, literal) < CERTAIN * len(runs) or width < 2:
        return Layout(Tabs.LOST)
    if expanded >= literal:
        return Layout(Tabs.PRESENT if width == TAB else Tabs.EXPANDED, width)
    return Layout(Tabs.LITERAL, width)
