"""Locking tables of a rendered page whose text was taken: by a browser's clipboard, or by a program.

A clipboard puts a tab between two cells. A program puts every cell on a line of its own and leaves blank cells out:

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
from dataclasses import dataclass

from kbase.parsers.flat_tables import FIRST_HEADERS, OP, FlatCell, place_cells
from kbase.parsers.flat_words import Words, words_of
from kbase.text import Line

WIDEST = 60  # characters of a cell
MOST_COLUMNS = 12


@dataclass(frozen=True, slots=True)
class PageRow:
    """A row: its op, its cells, those of no certain column with candidates, and the numbers of its lines."""

    op: str
    cells: tuple[FlatCell, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table; `stop` is the position behind its last line."""

    columns: tuple[str, ...]
    rows: tuple[PageRow, ...]
    stop: int


def read_page_table(lines: Sequence[Line], start: int, ops: frozenset[str]) -> PageTable | None:
    """The table whose first header is line `start`; None where there is none. `ops` have prototypes."""
    if lines[start].raw.rstrip().lower() in FIRST_HEADERS:
        return _celled(lines, start, ops)
    return _tabbed(lines, start)


# --- a tab between two cells ---


def _tabbed(lines: Sequence[Line], start: int) -> PageTable | None:
    headers = tuple(header.strip() for header in lines[start].raw.rstrip().split("\t"))
    if len(headers) < 2 or not all(headers):
        return None
    rows, position = list[PageRow](), start + 1
    while position < len(lines) and (row := _tabbed_row(lines[position], headers[1:])):
        rows.append(row)
        position += 1
    ended = position == len(lines) or lines[position].blank
    return PageTable(headers[1:], tuple(rows), position) if rows and ended else None


def _tabbed_row(line: Line, headers: Sequence[str]) -> PageRow | None:
    name, *texts = line.raw.split("\t")
    label = OP.fullmatch(name.strip())
    if label is None or len(texts) > len(headers):
        return None
    cells = tuple(
        FlatCell(text=" ".join(text.split()), header=header) for header, text in zip(headers, texts, strict=False)
    )
    return PageRow(label["op"], cells, line.number, line.number)


# --- a cell a line ---


def _celled(lines: Sequence[Line], start: int, ops: frozenset[str]) -> PageTable | None:
    at = start + 1
    while at < len(lines) and at - start <= MOST_COLUMNS and not _label(lines[at], ops) and _is_text(lines[at]):
        at += 1
    headers = tuple(" ".join(line.raw.split()) for line in lines[start + 1 : at])
    rows = list[PageRow]()
    for row, stop in _celled_rows(lines, at, headers, ops) if headers else ():
        rows.append(row)
        at = stop
    return PageTable(headers, tuple(rows), at) if rows else None


def _celled_rows(
    lines: Sequence[Line], start: int, headers: tuple[str, ...], ops: frozenset[str]
) -> Iterator[tuple[PageRow, int]]:
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
        exact = tuple(FlatCell(text=text, header=header) for text, header in zip(texts, headers, strict=False))
        cells = exact if whole else place_cells(texts, headers)
        yield PageRow(label["op"], cells, lines[first].number, lines[at - 1].number), at


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
