"""Locking tables of a rendered page whose text was copied, by a browser or by a program.

A browser's clipboard puts a tab between two cells. A program puts every cell on a line of its own and leaves blank
cells out, or puts blank lines between the cells, and a line of tabs where cells are divided:

    ops
    a_lock
    may block
    turn:
    yes
    no

A row with all its cells is read in order; for another one the words decide, as on a flattened page.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kbase.parsers.locking.column_inference import FIRST_HEADERS, OP, row_of_words
from kbase.parsers.locking.tables import Row, Table, row_in_order
from kbase.parsers.locking.vocabulary import Words, words_of
from kbase.text.lines import Line

WIDEST = 60  # characters of a cell
MOST_COLUMNS = 12
MOST_LINES = 2000  # that a table takes with blank lines between its cells


def read_page_table(lines: Sequence[Line], start: int, ops: frozenset[str]) -> Table | None:
    """The table whose first header is line `start`; None where there is none. `ops` have prototypes."""
    if lines[start].raw.rstrip().lower() not in FIRST_HEADERS:
        return _tabbed(lines, start)
    if start + 1 < len(lines) and not lines[start + 1].blank:
        return _celled(lines, start, ops)
    return _spread(lines, start, ops)


# --- blank lines between the cells ---


def _spread(lines: Sequence[Line], start: int, ops: frozenset[str]) -> Table | None:
    """A table with lines of tabs between the cells of a row, else one with a cell a line, blank lines apart."""
    near = range(start, min(len(lines), start + MOST_LINES))
    if any(_divides(lines[at]) for at in near[:4]):
        return _divided(lines, near)
    written = [at for at in near if not lines[at].blank]
    table = _celled([lines[at] for at in written], 0, ops)
    return table and replace(table, start=start, stop=written[table.stop - 1] + 1)


def _divides(line: Line) -> bool:
    return line.blank and "\t" in line.raw


def _divided(lines: Sequence[Line], near: range) -> Table | None:
    """The table whose cells lines of tabs divide: as many tabs as columns lie between."""
    headers, rows, stop = tuple[str, ...](), list[Row](), near[0]
    for first, last, text in _joined(lines, near):
        if not headers:
            headers = tuple(header.strip() for header in text.split("\t")[1:])
            continue
        row = _tabbed_row(text.rstrip("\t"), headers, lines[first].number, lines[last].number)
        if row is None:
            break
        rows.append(row)
        stop = last + 1
    return Table(columns=headers, rows=tuple(rows), start=near[0], stop=stop) if rows and all(headers) else None


def _joined(lines: Sequence[Line], near: range) -> Iterator[tuple[int, int, str]]:
    """Each row: where it begins, where its last cell is, and its cells as one line with tabs between them.

    Two empty lines follow the tabs of a row that ends with blank cells; one line is before its next cell.
    """
    first = last = tabs = near[0]
    text = ""
    for at in near:
        if _divides(lines[at]):
            text += lines[at].raw.strip(" ")
            tabs = at
        elif not lines[at].blank:
            cell = at - tabs <= 2 and _is_text(lines[at]) and not lines[at].raw.rstrip().endswith(".")
            if text and not (text.endswith("\t") and cell):
                yield first, last, text
                first, text = at, ""
            text += " ".join(lines[at].raw.split())
            last = at
    yield first, last, text


# --- a tab between two cells ---


def _tabbed(lines: Sequence[Line], start: int) -> Table | None:
    first, *headers = (header.strip() for header in lines[start].raw.rstrip().split("\t"))
    if not (headers and first and all(headers)):
        return None
    rows, position = list[Row](), start + 1
    while position < len(lines) and (
        row := _tabbed_row(lines[position].raw, headers, lines[position].number, lines[position].number)
    ):
        rows.append(row)
        position += 1
    ended = position == len(lines) or lines[position].blank
    return Table(columns=tuple(headers), rows=tuple(rows), start=start, stop=position) if rows and ended else None


def _tabbed_row(raw: str, headers: Sequence[str], first: int, last: int) -> Row | None:
    name, *texts = raw.split("\t")
    label = OP.fullmatch(name.strip())
    return row_in_order(label["op"], headers, texts, first, last) if label and len(texts) <= len(headers) else None


# --- a cell a line ---


def _celled(lines: Sequence[Line], start: int, ops: frozenset[str]) -> Table | None:
    at = start + 1
    while at < len(lines) and at - start <= MOST_COLUMNS and not _label(lines[at], ops) and _is_text(lines[at]):
        at += 1
    headers = tuple(" ".join(line.raw.split()) for line in lines[start + 1 : at])
    rows = list[Row]()
    for row, stop in _celled_rows(lines, at, headers, ops) if headers else ():
        rows.append(row)
        at = stop
    return Table(columns=headers, rows=tuple(rows), start=start, stop=at) if rows else None


def _celled_rows(
    lines: Sequence[Line], start: int, headers: tuple[str, ...], ops: frozenset[str]
) -> Iterator[tuple[Row, int]]:
    """Each row, and the position behind it; a name without a prototype begins one behind a whole row."""
    at, whole = start, True
    while at < len(lines):
        label = _label(lines[at], ops) or (_name(lines[at]) if whole and at > start else None)
        if label is None:
            return
        first, at = at, at + 1
        while at - first <= len(headers) and _is_cell(lines, at, ops):
            at += 1
        texts = [" ".join(line.raw.split()) for line in lines[first + 1 : at]]
        whole = len(texts) == len(headers)
        read = row_in_order if whole else row_of_words
        yield read(label["op"], headers, texts, lines[first].number, lines[at - 1].number), at


def _label(line: Line, ops: frozenset[str]) -> re.Match[str] | None:
    """An op with a colon, or one that has a prototype."""
    match = OP.fullmatch(line.raw.strip())
    return match if match and (match["colon"] or match["op"] in ops) else None


def _name(line: Line) -> re.Match[str] | None:
    """A name that is no word of a cell."""
    match = OP.fullmatch(line.raw.strip())
    return match if match and words_of(match["op"]) in (Words.FREE, Words.NAMES) else None


def _is_text(line: Line) -> bool:
    return not line.blank and len(line.raw) <= WIDEST


def _is_cell(lines: Sequence[Line], at: int, ops: frozenset[str]) -> bool:
    """Whether a line is a cell: of the vocabulary of cells, or in other words with the next row below it."""
    if at == len(lines) or _label(lines[at], ops) or not _is_text(lines[at]):
        return False
    text = " ".join(lines[at].raw.split())
    known = not text.endswith(".") and words_of(text) is not Words.FREE
    return known or (at + 1 < len(lines) and _label(lines[at + 1], ops) is not None)
