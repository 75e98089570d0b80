"""Locking tables of every era as one shape: columns, rows, cells, remarks.

Legacy text (2.4 to 5.3): a header line, then rows; a cell belongs to the header it stands under at 8-column tabs.

    table  = header { row }
    header = white space, column { tab | 2 spaces, column }
    row    = op [ ":" ] { tab | 2 spaces, cell } [ remark right of the last column ]

reStructuredText (5.4 on): simple tables, read by docutils. Flattened pages: `kbase.parsers.locking.flat_tables`.
Markdown and grid tables: `kbase.parsers.locking.pipe_tables`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from docutils.parsers.rst.tableparser import SimpleTableParser
from docutils.statemachine import StringList

from kbase.kernel.locks import read_blanket
from kbase.parsers.locking.flat_tables import (
    ASIDE,
    FlatRow,
    infer_row,
    is_ruler,
    read_flat_table,
    unruled_end,
    unruled_headers,
)
from kbase.parsers.locking.flat_words import PARENTHESES, atoms
from kbase.parsers.locking.page_tables import read_page_table
from kbase.parsers.locking.pipe_tables import begins_pipe_table, read_pipe_table
from kbase.parsers.locking.table_shape import Cell, Row, Table, blank_cells
from kbase.parsers.locking.tabs import Kept, Layout
from kbase.text.lines import TAB, Line

PIECE = re.compile(r"[^\t ]+(?: [^\t ]+)*")
LABEL = re.compile(r"(?:->)?([A-Za-z_]\w*)(?:\(\))?(:|(?=\t| {2})|$)")
ANSWER = re.compile(r"(?:yes|no|maybe|shared|exclusive|read|write)\b.*|\?")
REMARK = re.compile(r"\(.*\)|!!!.*!!!|-")
BESIDE = re.compile(rf"{ASIDE.pattern}|!!!.*!!!")  # what stands right of the last column
FIRST_HEADER = re.compile(r"(?:ops|op|operation|method)s?(?=\s|$)", re.IGNORECASE)
GAP = 3  # how far below the last row, or the header, the next row of a legacy table may stand
MOST_COLUMNS = 12
MOST_ROWS = 5000  # a locking table has 40


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    column: int


def find_tables(
    lines: Sequence[Line], ops: frozenset[str], *, flattened: bool, layout: Layout | None = None
) -> Iterator[Table]:
    """Every locking table in the lines of a section, in order.

    `ops` are the names its prototypes declare, `layout` what became of the document's tabs (None: they are there).
    """
    layout = layout or Layout(Kept.KEPT)
    restored = layout.restored(lines)
    position = 0
    while position < len(lines):
        table = _table_at(lines, restored, position, ops, layout.kept, flattened=flattened)
        if table:
            yield table
        position = table.stop if table else position + 1


def _table_at(
    lines: Sequence[Line], restored: Sequence[Line], start: int, ops: frozenset[str], kept: Kept, *, flattened: bool
) -> Table | None:
    """The table that begins at `start`; `restored` are the lines with the tabs they once had."""
    line = lines[start]
    if is_ruler(line):
        return _ruled_at(lines, restored, start, ops, kept, flattened=flattened)
    if line.blank:
        return None
    if begins_pipe_table(line):
        return read_pipe_table(lines, start, ops)
    if flattened:
        table = _unruled(lines, start, ops)
    elif line.raw[0].isspace():
        return _tabbed(lines, restored, start, ops, kept)
    elif FIRST_HEADER.match(line.raw):
        table = _page_table(lines, start, ops) or _tabbed(lines, restored, start, ops, kept)
        return table and replace(table, damage="the rulers are missing")
    else:
        table = _unruled(lines, start, ops)  # a header that lost the white space before it
    return table or (_unlabelled(lines, start, ops, flattened=flattened) if len(ops) == 1 else None)


def _ruled_at(
    lines: Sequence[Line], restored: Sequence[Line], start: int, ops: frozenset[str], kept: Kept, *, flattened: bool
) -> Table | None:
    """A simple table: by its rulers where its columns are certain, with its tabs restored, else by its words."""
    stop = _ruled_end(lines, start, ops)
    if stop - start < 3:
        return None
    if not flattened and (kept is Kept.KEPT or _fits(lines[start:stop])):
        return _ruled(lines, start, stop, ops)
    tabbed = None if flattened or kept is Kept.LOST else _reruled(restored, start, stop)
    return tabbed or _flat(lines, start, stop)


def looks_like_row(line: Line, ops: frozenset[str]) -> bool:
    """Whether a line that stands in no table can hardly be anything but a row of one."""
    label = LABEL.match(line.raw)
    if label is None or not (label[1] in ops or label[2] == ":") or line.raw[label.end() :][:1] not in ("\t", " "):
        return False
    pieces = _pieces(line.raw, label.end())
    if label[1] in ops and label[2] == ":" and line.raw[label.end()] == "\t":
        return bool(pieces)
    return bool(pieces) and all(ANSWER.fullmatch(piece.text) or REMARK.fullmatch(piece.text) for piece in pieces)


# --- legacy text ---


def _tabbed(
    lines: Sequence[Line], restored: Sequence[Line], start: int, ops: frozenset[str], kept: Kept
) -> Table | None:
    """A legacy table: as it stands if its tabs are there or every cell begins where its header does.

    Otherwise with its tabs restored; and where nobody can tell what they were, only the words decide.
    """
    if kept is Kept.KEPT:
        return _legacy(lines, start, ops)
    if kept is Kept.LOST and len(unruled_headers(lines[start].raw.split())) != len(_pieces(lines[start].raw)):
        return _unruled(lines, start, ops)
    table = _legacy(lines, start, ops)
    if table is None or _is_aligned(lines[table.start : table.stop]):
        return table
    return _unruled(lines, start, ops) if kept is Kept.LOST else _legacy(restored, start, ops, _restored_row)


def _is_aligned(lines: Sequence[Line]) -> bool:
    """Whether every cell begins in the column of a header, which the first line has, and none may be two cells."""
    heads = _pieces(lines[0].raw)
    labels = [(line.raw, LABEL.match(line.raw)) for line in lines[1:]]
    pieces = [piece for raw, label in labels if label for piece in _pieces(raw, label.end())]
    begins = {head.column for head in heads}
    whole = all(len(atoms(PARENTHESES.sub("", piece.text))) < 2 for piece in pieces)
    return whole and len(unruled_headers(lines[0].raw.split())) == len(heads) and begins >= {p.column for p in pieces}


def _unruled(lines: Sequence[Line], start: int, ops: frozenset[str]) -> Table | None:
    """The table without rulers whose columns only the words tell."""
    stop = unruled_end(lines, start, ops)
    return _flat(lines, start, stop) if stop > start else None


def _is_row(line: Line, ops: frozenset[str]) -> bool:
    """Whether a line is a row: a label at the margin, then cells behind tabs; a bare name only if it is an op."""
    label = LABEL.match(line.raw)
    if label is None or line.raw[:1].isspace():
        return False
    rest = line.raw[label.end() :]
    if label[1] in ops:
        return not re.match(r" \w+ \w+ \w+", rest)
    spaced = rest.startswith(("\t", "  ")) and 0 < len(rest.strip()) < 60
    return spaced or (label[2] == ":" and not rest)


def _pieces(raw: str, start: int = 0) -> list[_Piece]:
    """The pieces of a line from `start` on, with the column each begins in."""
    return [_Piece(match[0], len(raw[: match.start()].expandtabs(TAB))) for match in PIECE.finditer(raw, pos=start)]


def _legacy(
    lines: Sequence[Line],
    start: int,
    ops: frozenset[str],
    read: Callable[[Line, Sequence[_Piece]], Row] | None = None,
) -> Table | None:
    """The table whose header line stands at `start`, up to the last row below it; lines between rows are unread."""
    read = read or _legacy_row
    headers = _pieces(lines[start].raw)
    if len(headers) > 1 and FIRST_HEADER.match(headers[0].text):
        headers = headers[1:]
    if not headers or len(headers) > MOST_COLUMNS or any(len(header.text) > 40 for header in headers):
        return None
    if any(blanket.lock for blanket in read_blanket(lines[start].raw)):
        return None
    rows, position = dict[int, None](), start + 1
    last = start
    while position < len(lines) and position - last <= GAP and not lines[position].blank:
        if _is_row(lines[position], ops):
            rows[position], last = None, position
        position += 1
    if not rows:
        return None
    return Table(
        columns=tuple(header.text for header in headers),
        rows=tuple(read(lines[position], headers) for position in rows),
        start=start,
        stop=last + 1,
        unread=tuple(lines[position] for position in range(start + 1, last) if position not in rows),
    )


def _unlabelled(lines: Sequence[Line], start: int, ops: frozenset[str], *, flattened: bool) -> Table | None:
    """The table of an ops table with one op, which 2.4 writes as two lines at the margin: headers, and cells below."""
    if start + 1 == len(lines):
        return None
    above, below = lines[start], lines[start + 1]
    headers = unruled_headers(above.raw.split()) if flattened else [piece.text for piece in _pieces(above.raw)]
    cells = below.raw.split() if flattened else [piece.text for piece in _pieces(below.raw)]
    if len(headers) < 2 or len(headers) != len(cells) or not all(ANSWER.fullmatch(cell) for cell in cells):
        return None
    read = tuple(
        Cell(header=header, text=cell, first=below.number, last=below.number)
        for header, cell in zip(headers, cells, strict=True)
    )
    row = Row(
        op=min(ops), cells=read, remark=None, first=below.number, last=below.number,
        repair="a row without its op's name",
    )  # fmt: skip
    return Table(columns=tuple(headers), rows=(row,), start=start, stop=start + 2)


def _legacy_row(line: Line, headers: Sequence[_Piece]) -> Row:
    label = LABEL.match(line.raw)
    assert label is not None  # `_is_row` matched it
    pieces = _pieces(line.raw, label.end())
    glued = bool(pieces) and not line.raw[label.end() : label.end() + 1].isspace()
    repair = "no white space between label and first cell" if glued else None
    return _row_of(label[1], line, pieces, headers, repair)


def _row_of(op: str, line: Line, pieces: list[_Piece], headers: Sequence[_Piece], repair: str | None) -> Row:
    """The row with each piece under its header."""
    placed, moved = _placed(pieces, headers)
    texts: dict[int, list[str]] = {}
    for piece, column in zip(pieces, placed, strict=True):
        texts.setdefault(column, []).append(piece.text)
    cells = tuple(
        Cell(header=header.text, text=" ".join(texts.get(number, [])), first=line.number, last=line.number)
        for number, header in enumerate(headers)
    )
    rest = " ".join(texts.get(len(headers), []))
    remark = Cell(header=None, text=rest, first=line.number, last=line.number) if rest else None
    return Row(op=op, cells=cells, remark=remark, first=line.number, last=line.number, repair=repair or moved)


def _restored_row(line: Line, headers: Sequence[_Piece], *, strict: bool = False) -> Row:
    """A row whose tabs were restored; where a cell does not stand as tabs put it, only the words decide.

    `strict`: cells must begin where columns do, as in a simple table; otherwise at any tab stop.
    """
    label = LABEL.match(line.raw)
    assert label is not None  # whoever calls matched it
    pieces = _pieces(line.raw, label.end())
    begins = {header.column + more for header in headers for more in (0, 1)}
    if len(pieces) == len(headers) and not any(BESIDE.fullmatch(piece.text) for piece in pieces):
        placed = [_Piece(piece.text, header.column) for piece, header in zip(pieces, headers, strict=True)]
        return _row_of(label[1], line, placed, headers, None)
    stands = all(p.column in begins or (not strict and p.column % TAB == 0) for p in pieces)
    flat = None if stands else infer_row(line, [head.text for head in headers], ())
    return _worded_row(flat, [head.text for head in headers]) if flat else _legacy_row(line, headers)


def _placed(pieces: list[_Piece], headers: Sequence[_Piece]) -> tuple[list[int], str | None]:
    """For each piece its column number (`len(headers)`: a remark), and what was repaired.

    A row that starts left of its first header was typed a tab short: it is read as if moved right. Where
    that leaves two pieces under one header although there are as many pieces as headers, they are read in order.
    """
    shift = max(0, headers[0].column - pieces[0].column) if pieces else 0
    shift = (shift + TAB - 1) // TAB * TAB
    placed = [_column_of(piece.column + shift, headers) for piece in pieces]
    last = len(headers) - 1
    for number, (before, after) in enumerate(pairwise(placed), 1):
        if before == after == last or (before == last and after < last):
            placed[number:] = [len(headers)] * (len(placed) - number)
    doubled = any(before >= after and after < len(headers) for before, after in pairwise(placed))
    if doubled and len(pieces) <= len(headers):
        return list(range(len(pieces))), "cells not below their headers, read in order"
    return placed, "the row is a tab short, read as if moved right" if shift else None


def _column_of(column: int, headers: Sequence[_Piece]) -> int:
    """The header a column stands under; a column a tab stop behind the end of the last header is a remark's."""
    final = headers[-1]
    if column >= _next_stop(final.column + len(final.text)) and column > final.column:
        return len(headers)
    return max((number for number, header in enumerate(headers) if header.column <= column), default=0)


def _next_stop(column: int) -> int:
    return (column + TAB - 1) // TAB * TAB


# --- the text of a rendered page ---


def _page_table(lines: Sequence[Line], start: int, ops: frozenset[str]) -> Table | None:
    read = read_page_table(lines, start, ops)
    if read is None:
        return None
    rows = tuple(
        Row(
            op=row.op,
            cells=tuple(
                Cell(header=cell.header, text=cell.text, first=row.first, last=row.last, candidates=cell.candidates)
                for cell in row.cells
            )
            + blank_cells(read.columns, row.cells, row.first, row.last),
            remark=None,
            first=row.first,
            last=row.last,
        )
        for row in read.rows
    )
    return Table(columns=read.columns, rows=rows, start=start, stop=read.stop)


# --- reStructuredText ---


def _fits(lines: Sequence[Line]) -> bool:
    """Whether every line of a simple table is a ruler, or a label with every cell beginning where its column does."""
    begins = [match.start() for match in re.finditer(r"=+", lines[0].text)]
    return all(is_ruler(line) or _fit(line.text.ljust(begins[-1]), begins) for line in lines)


def _fit(text: str, begins: Sequence[int]) -> bool:
    cells = [text[begin:end] for begin, end in zip(begins, [*begins[1:], None], strict=True)]
    label = cells[0].strip()
    apart = all(cell[-1] == " " for cell in cells[:-1])
    return apart and all(cell[:1].strip() or not cell.strip() for cell in cells) and bool(LABEL.fullmatch(label or "x"))


def _reruled(lines: Sequence[Line], start: int, stop: int) -> Table | None:
    """A simple table whose tabs were restored: its header says where columns begin; None where a line is no row."""
    heads = _pieces(lines[start + 1].raw)
    rows = [line for line in lines[start + 2 : stop] if not is_ruler(line)]
    whole = len(heads) == len(lines[start].raw.split()) and FIRST_HEADER.match(lines[start + 1].raw)
    if not whole or not all(LABEL.match(line.raw) for line in rows):
        return None
    return Table(
        columns=tuple(head.text for head in heads[1:]),
        rows=tuple(_restored_row(line, heads[1:], strict=True) for line in rows),
        start=start,
        stop=stop,
    )


def _ruled_end(lines: Sequence[Line], start: int, ops: frozenset[str]) -> int:
    """The position behind a simple table's third ruler, or behind its last line where one is missing."""
    rulers = 1
    for position in range(start + 1, min(len(lines), start + MOST_ROWS)):
        line = lines[position]
        rulers += is_ruler(line)
        if rulers == 3:
            return position + 1
        following = lines[position + 1] if position + 1 < len(lines) else line
        if line.blank and not (is_ruler(following) or looks_like_row(following, ops)):
            return position
    return len(lines)


def _ruled(lines: Sequence[Line], start: int, stop: int, ops: frozenset[str]) -> Table:
    block = [line for line in lines[start:stop] if not line.blank]
    span = start, stop
    whole = len(block) == stop - start and sum(map(is_ruler, block)) == 3
    if whole and FIRST_HEADER.match(block[1].raw):
        try:
            return _from_docutils(block, span)
        except Exception:  # noqa: BLE001  # docutils may fail on any text; its rows can be read without it
            return _by_position(block, span, ops, "text stands in the margin between two columns")
    if start and FIRST_HEADER.match(lines[start - 1].raw):
        block, span = [block[0], lines[start - 1], *block[1:]], (start - 1, stop)
    return _by_position(block, span, ops, "a ruler is missing, or a line stands between the rows")


def _from_docutils(block: Sequence[Line], span: tuple[int, int]) -> Table:
    """The table as docutils reads it; each of its cells is (more rows, more columns, offset, lines).

    Raises:
        ValueError: a cell spans columns, which no locking table's does on purpose.
    """
    texts = StringList([line.text for line in block], "table")
    _, heads, bodies = SimpleTableParser().parse(texts)
    head, *body = [[(cell[2], list(cell[3])) for cell in cells if cell is not None] for cells in [heads[0], *bodies]]
    if any(len(cells) != len(head) for cells in body):
        raise ValueError("a cell spans columns")
    columns = tuple(" ".join(" ".join(text).split()) for _, text in head[1:])
    rows = tuple(_docutils_row(cells, columns, block) for cells in body)
    read = tuple(row for row in rows if row.op)
    return Table(columns=columns, rows=read, start=span[0], stop=span[1])


def _docutils_row(lines: list[tuple[int, list[str]]], columns: tuple[str, ...], block: Sequence[Line]) -> Row:
    label = LABEL.match(" ".join(" ".join(lines[0][1]).split()))
    first = min(block[offset].number for offset, _ in lines)
    read = tuple(
        Cell(
            header=header,
            text=" ".join(" ".join(text).split()),
            first=block[offset].number,
            last=block[min(offset + max(len(text), 1), len(block)) - 1].number,
        )
        for header, (offset, text) in zip(columns, lines[1:], strict=True)
    )
    last = max((cell.last for cell in read), default=first)
    return Row(op=label[1] if label else "", cells=read, remark=None, first=first, last=last)


def _by_position(block: Sequence[Line], span: tuple[int, int], ops: frozenset[str], damage: str) -> Table:
    """A damaged simple table: its first ruler says where columns begin, tabs and double spaces divide the cells.

    A line is a row where its label is an op or has a colon; what else there is stays unread.
    """
    begins = [match.start() for match in re.finditer(r"=+", block[0].text)]
    plain = [line for line in block if not is_ruler(line)]
    heads = _pieces(plain[0].raw)[1:] if plain and FIRST_HEADER.match(plain[0].raw) else []
    headers = [_Piece(head.text, min(begin, head.column)) for head, begin in zip(heads, begins[1:], strict=False)]
    labels = [(line, LABEL.match(line.raw)) for line in plain[1:]] if headers else []
    is_row = {line.number: bool(label and (label[2] == ":" or label[1] in ops)) for line, label in labels}
    return Table(
        columns=tuple(header.text for header in headers),
        rows=tuple(_legacy_row(line, headers) for line, _ in labels if is_row[line.number]),
        start=span[0],
        stop=span[1],
        unread=tuple(line for line in plain[bool(headers) :] if not is_row.get(line.number)),
        damage=damage,
    )


# --- flattened pages ---


def _flat(lines: Sequence[Line], start: int, stop: int) -> Table:
    flat = read_flat_table(lines[start:stop])
    rows = tuple(_worded_row(row, flat.columns) for row in flat.rows)
    return Table(columns=flat.columns, rows=rows, start=start, stop=stop, unread=flat.unread)


def _worded_row(row: FlatRow, columns: Sequence[str]) -> Row:
    cells = tuple(
        Cell(header=cell.header, text=cell.text, first=row.number, last=row.number, candidates=cell.candidates)
        for cell in row.cells
    )
    return Row(
        op=row.op,
        cells=cells + blank_cells(columns, row.cells, row.number, row.number),
        remark=Cell(header=None, text=row.remark, first=row.number, last=row.number) if row.remark else None,
        first=row.number,
        last=row.number,
    )
