"""Locking tables of every form, found in the lines of a section.

    text, 2.4 to 5.3       a header line, then rows at tab stops     `kbase.parsers.locking.cells_by_column`
    reStructuredText       simple tables                             `kbase.parsers.locking.simple_tables`
    Markdown, grid tables  cells between bars                        `kbase.parsers.locking.pipe_tables`
    copied pages           a tab between cells, or a line a cell     `kbase.parsers.locking.page_tables`
    flattened pages        words one space apart                     `kbase.parsers.locking.column_inference`

Every reader gives a `Table`; `find_tables` chooses the reader by the first line and by whether the tabs were preserved.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from kbase.kernel.locks import read_blanket
from kbase.parsers.locking.cells_by_column import FIRST_HEADER, LABEL, Piece, pieces_of, row_by_column, row_of_restored
from kbase.parsers.locking.column_inference import infer_table, is_ruler, unruled_end, unruled_headers
from kbase.parsers.locking.page_tables import read_page_table
from kbase.parsers.locking.pipe_tables import begins_pipe_table, read_pipe_table
from kbase.parsers.locking.simple_tables import is_aligned, read_restored, read_simple_table
from kbase.parsers.locking.tab_layout import Layout, Tabs
from kbase.parsers.locking.tables import Row, Table, row_in_order
from kbase.parsers.locking.vocabulary import PARENTHESES, atoms
from kbase.text.lines import Line

ANSWER = re.compile(r"(?:yes|no|maybe|shared|exclusive|read|write)\b.*|\?")
REMARK = re.compile(r"\(.*\)|!!!.*!!!|-")
GAP = 3  # how far below the last row, or the header, the next row of a text table may be
MOST_COLUMNS = 12
MOST_ROWS = 5000  # a locking table has 40


def find_tables(lines: Sequence[Line], ops: frozenset[str], layout: Layout) -> Iterator[Table]:
    """Every locking table in the lines of a section, in order; `ops` are the names its prototypes declare."""
    finder = _Finder(lines, layout.restored(lines), ops, layout.tabs)
    position = 0
    while position < len(lines):
        table = finder.table_at(position)
        if table:
            yield table
        position = table.stop if table else position + 1


def looks_like_row(line: Line, ops: frozenset[str]) -> bool:
    """Whether a line outside of tables can hardly be anything but a row of one."""
    label = LABEL.match(line.raw)
    if label is None or not (label[1] in ops or label[2] == ":") or line.raw[label.end() :][:1] not in ("\t", " "):
        return False
    pieces = pieces_of(line.raw, label.end())
    if label[1] in ops and label[2] == ":" and line.raw[label.end()] == "\t":
        return bool(pieces)
    return bool(pieces) and all(ANSWER.fullmatch(piece.text) or REMARK.fullmatch(piece.text) for piece in pieces)


@dataclass(frozen=True)
class _Finder:
    """The lines of a section, the lines with restored tabs, its ops, and whether the tabs were preserved."""

    lines: Sequence[Line]
    restored: Sequence[Line]
    ops: frozenset[str]
    tabs: Tabs

    def table_at(self, start: int) -> Table | None:
        """The table that begins at a position."""
        line = self.lines[start]
        if is_ruler(line):
            return self._ruled(start)
        if line.blank:
            return None
        if begins_pipe_table(line):
            return read_pipe_table(self.lines, start, self.ops)
        if self.tabs is not Tabs.COLLAPSED and line.raw[0].isspace():
            return self._by_column(start)
        if self.tabs is not Tabs.COLLAPSED and FIRST_HEADER.match(line.raw):
            table = read_page_table(self.lines, start, self.ops) or self._by_column(start)
            return table and replace(table, damage="the rulers are missing")
        table = self._unruled(start)  # with tabs: a header that lost the white space before it
        return table or (self._without_label(start) if len(self.ops) == 1 else None)

    def _ruled(self, start: int) -> Table | None:
        """A simple table: by its rulers where its columns are certain, with its tabs restored, else by its words."""
        stop = self._ruled_end(start)
        if stop - start < 3:
            return None
        if self.tabs is not Tabs.COLLAPSED and (self.tabs is Tabs.PRESENT or is_aligned(self.lines[start:stop])):
            return read_simple_table(self.lines, start, stop, self.ops)
        restorable = self.tabs in (Tabs.EXPANDED, Tabs.LITERAL)
        table = read_restored(self.restored, start, stop) if restorable else None
        return table or infer_table(self.lines, start, stop)

    def _ruled_end(self, start: int) -> int:
        """The position behind a simple table's third ruler, or behind its last line where one is missing."""
        rulers = 1
        for position in range(start + 1, min(len(self.lines), start + MOST_ROWS)):
            line = self.lines[position]
            rulers += is_ruler(line)
            if rulers == 3:
                return position + 1
            following = self.lines[position + 1] if position + 1 < len(self.lines) else line
            if line.blank and not (is_ruler(following) or looks_like_row(following, self.ops)):
                return position
        return len(self.lines)

    def _by_column(self, start: int) -> Table | None:
        """Read a text table unchanged if its tabs are preserved or every cell begins where its header does.

        Otherwise restore its tabs; if their places are unknown, only the words decide.
        """
        words = self.lines[start].raw
        if self.tabs is Tabs.LOST and len(unruled_headers(words.split())) != len(pieces_of(words)):
            return self._unruled(start)
        table = self._text_table(self.lines, start, row_by_column)
        if table is None or self.tabs is Tabs.PRESENT or _is_aligned(self.lines[table.start : table.stop]):
            return table
        if self.tabs is Tabs.LOST:
            return self._unruled(start)
        return self._text_table(self.restored, start, lambda line, heads: row_of_restored(line, heads, tab_stops=True))

    def _text_table(
        self, lines: Sequence[Line], start: int, read: Callable[[Line, Sequence[Piece]], Row]
    ) -> Table | None:
        """The table whose header line is at `start`, up to the last row below it; lines between rows are unread."""
        headers = pieces_of(lines[start].raw)
        if len(headers) > 1 and FIRST_HEADER.match(headers[0].text):
            headers = headers[1:]
        if not headers or len(headers) > MOST_COLUMNS or any(len(header.text) > 40 for header in headers):
            return None
        if any(blanket.lock for blanket in read_blanket(lines[start].raw)):
            return None
        rows, position, last = list[int](), start + 1, start
        while position < len(lines) and position - last <= GAP and not lines[position].blank:
            if self._is_row(lines[position]):
                rows.append(position)
                last = position
            position += 1
        if not rows:
            return None
        return Table(
            columns=tuple(header.text for header in headers),
            rows=tuple(read(lines[at], headers) for at in rows),
            start=start,
            stop=last + 1,
            unread=tuple(lines[at] for at in sorted({*range(start + 1, last)}.difference(rows))),
        )

    def _is_row(self, line: Line) -> bool:
        """Whether a line is a row: a label at the margin, then cells behind tabs; a bare name only if it is an op."""
        label = LABEL.match(line.raw)
        if label is None or line.raw[:1].isspace():
            return False
        rest = line.raw[label.end() :]
        if label[1] in self.ops:
            return not re.match(r" \w+ \w+ \w+", rest)
        spaced = rest.startswith(("\t", "  ")) and 0 < len(rest.strip()) < 60
        return spaced or (label[2] == ":" and not rest)

    def _unruled(self, start: int) -> Table | None:
        """The table without rulers whose columns follow from the words only."""
        stop = unruled_end(self.lines, start, self.ops)
        return infer_table(self.lines, start, stop) if stop > start else None

    def _without_label(self, start: int) -> Table | None:
        """The table of an ops table with one op, which 2.4 writes as two lines at the margin: headers, cells."""
        if start + 1 == len(self.lines):
            return None
        above, below = self.lines[start], self.lines[start + 1]
        if self.tabs is Tabs.COLLAPSED:
            headers, cells = unruled_headers(above.raw.split()), below.raw.split()
        else:
            headers = tuple(piece.text for piece in pieces_of(above.raw))
            cells = [piece.text for piece in pieces_of(below.raw)]
        if len(headers) < 2 or len(headers) != len(cells) or not all(ANSWER.fullmatch(cell) for cell in cells):
            return None
        row = row_in_order(min(self.ops), headers, cells, below.number, below.number)
        rows = (replace(row, repair="a row without its op's name"),)
        return Table(columns=headers, rows=rows, start=start, stop=start + 2)


def _is_aligned(lines: Sequence[Line]) -> bool:
    """Whether every cell begins in the column of a header, which the first line has, and none may be two cells."""
    heads = pieces_of(lines[0].raw)
    labels = [(line.raw, LABEL.match(line.raw)) for line in lines[1:]]
    pieces = [piece for raw, label in labels if label for piece in pieces_of(raw, label.end())]
    whole = all(len(atoms(PARENTHESES.sub("", piece.text))) < 2 for piece in pieces)
    known = len(unruled_headers(lines[0].raw.split())) == len(heads)
    return whole and known and {head.column for head in heads} >= {piece.column for piece in pieces}
