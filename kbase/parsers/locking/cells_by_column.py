"""Cells that belong to the header above them, at tab stops of 8 columns: the tables of text documents.

    header = white space, column { tab | 2 spaces, column }
    row    = op [ ":" ] { tab | 2 spaces, cell } [ remark right of the last column ]

A row whose cells are not where its headers are is repaired, and its `repair` says how.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from kbase.parsers.locking.column_inference import ASIDE, infer_row
from kbase.parsers.locking.tables import Row, row_in_order
from kbase.text.lines import TAB, Line

PIECE = re.compile(r"[^\t ]+(?: [^\t ]+)*")
LABEL = re.compile(r"(?:->)?([A-Za-z_]\w*)(?:\(\))?(:|(?=\t| {2})|$)")
FIRST_HEADER = re.compile(r"(?:ops|op|operation|method)s?(?=\s|$)", re.IGNORECASE)
BESIDE = re.compile(rf"{ASIDE.pattern}|!!!.*!!!")  # right of the last column


@dataclass(frozen=True, slots=True)
class Piece:
    """Words one space apart, and the column in which they begin."""

    text: str
    column: int


def pieces_of(raw: str, start: int = 0) -> list[Piece]:
    """The pieces of a line from position `start` on."""
    return [Piece(match[0], len(raw[: match.start()].expandtabs(TAB))) for match in PIECE.finditer(raw, pos=start)]


def row_by_column(line: Line, headers: Sequence[Piece]) -> Row:
    """The row of a line that begins with a label, each piece under its header."""
    op, pieces, glued = _label_and_pieces(line)
    placed, moved = _placed(pieces, headers)
    texts: list[list[str]] = [[] for _ in range(len(headers) + 1)]
    for piece, column in zip(pieces, placed, strict=True):
        texts[column].append(piece.text)
    *cells, remark = map(" ".join, texts)
    row = row_in_order(op, [header.text for header in headers], cells, line.number, line.number)
    repair = "no white space between label and first cell" if glued else moved
    return replace(row, remark=remark, repair=repair)


def row_of_restored(line: Line, headers: Sequence[Piece], *, tab_stops: bool) -> Row:
    """A row whose tabs were restored; where a cell is not where tabs put it, only the words decide.

    With `tab_stops` cells may begin at any tab stop, otherwise only where columns do, as in a simple table.
    """
    op, pieces, _ = _label_and_pieces(line)
    names = [header.text for header in headers]
    if len(pieces) == len(headers) and not any(BESIDE.fullmatch(piece.text) for piece in pieces):
        return row_in_order(op, names, [piece.text for piece in pieces], line.number, line.number)
    begins = {header.column + more for header in headers for more in (0, 1)}
    aligned = all(p.column in begins or (tab_stops and p.column % TAB == 0) for p in pieces)
    return (None if aligned else infer_row(line, names, ())) or row_by_column(line, headers)


def _label_and_pieces(line: Line) -> tuple[str, list[Piece], bool]:
    """The op, the pieces behind it, and whether the first one is glued to it."""
    label = LABEL.match(line.raw)
    assert label is not None  # callers pass lines with a label
    pieces = pieces_of(line.raw, label.end())
    return label[1], pieces, bool(pieces) and not line.raw[label.end()].isspace()


def _placed(pieces: list[Piece], headers: Sequence[Piece]) -> tuple[list[int], str | None]:
    """For each piece its column number (`len(headers)`: a remark), and what was repaired.

    A row that starts left of its first header was typed a tab short: it is read as if moved right. Where
    that leaves two pieces under one header although there are as many pieces as headers, they are read in order.
    """
    shift = _next_stop(max(0, headers[0].column - pieces[0].column)) if pieces else 0
    placed = [_column_of(piece.column + shift, headers) for piece in pieces]
    last = len(headers) - 1
    for number, (before, after) in enumerate(pairwise(placed), 1):
        if before == last and after <= last:
            placed[number:] = [len(headers)] * (len(placed) - number)
    doubled = any(before >= after and after < len(headers) for before, after in pairwise(placed))
    if doubled and len(pieces) <= len(headers):
        return list(range(len(pieces))), "cells not below their headers, read in order"
    return placed, "the row is a tab short, read as if moved right" if shift else None


def _column_of(column: int, headers: Sequence[Piece]) -> int:
    """The header above a column; a column a tab stop behind the end of the last header is a remark's."""
    final = headers[-1]
    if column >= _next_stop(final.column + len(final.text)) and column > final.column:
        return len(headers)
    return max((number for number, header in enumerate(headers) if header.column <= column), default=0)


def _next_stop(column: int) -> int:
    return (column + TAB - 1) // TAB * TAB
