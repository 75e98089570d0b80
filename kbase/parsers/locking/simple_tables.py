"""Locking tables of reStructuredText (5.4 on): simple tables, read by docutils; damaged ones by their columns."""

import re
from collections.abc import Sequence

from docutils.parsers.rst.tableparser import SimpleTableParser
from docutils.statemachine import StringList

from kbase.parsers.locking.cells_by_column import FIRST_HEADER, LABEL, Piece, pieces_of, row_by_column, row_of_restored
from kbase.parsers.locking.column_inference import is_ruler
from kbase.parsers.locking.tables import Cell, Row, Table
from kbase.text.lines import Line


def is_aligned(lines: Sequence[Line]) -> bool:
    """Whether every line is a ruler, or a label with every cell beginning where its column does."""
    begins = [match.start() for match in re.finditer(r"=+", lines[0].text)]
    return all(is_ruler(line) or _is_line_aligned(line.text.ljust(begins[-1]), begins) for line in lines)


def _is_line_aligned(text: str, begins: Sequence[int]) -> bool:
    cells = [text[begin:end] for begin, end in zip(begins, [*begins[1:], None], strict=True)]
    apart = all(cell[-1] == " " for cell in cells[:-1])
    labelled = LABEL.fullmatch(cells[0].strip() or "x") is not None
    return apart and labelled and all(cell[:1].strip() or not cell.strip() for cell in cells)


def read_simple_table(lines: Sequence[Line], start: int, stop: int, ops: frozenset[str]) -> Table:
    """The table from its first ruler up to `stop`."""
    block = [line for line in lines[start:stop] if not line.blank]
    whole = len(block) == stop - start and sum(map(is_ruler, block)) == 3
    if whole and FIRST_HEADER.match(block[1].raw):
        try:
            return _from_docutils(block, start, stop)
        except Exception:  # noqa: BLE001  # docutils may fail on any text; its rows can be read without it
            return _by_column(block, start, stop, ops, "there is text in the margin between two columns")
    if start and FIRST_HEADER.match(lines[start - 1].raw):
        block, start = [block[0], lines[start - 1], *block[1:]], start - 1
    return _by_column(block, start, stop, ops, "a ruler is missing, or there is a line between the rows")


def read_restored(lines: Sequence[Line], start: int, stop: int) -> Table | None:
    """A table whose tabs were restored: its header says where columns begin; None where a line is no row."""
    heads = pieces_of(lines[start + 1].raw)
    rows = [line for line in lines[start + 2 : stop] if not is_ruler(line)]
    whole = len(heads) == len(lines[start].raw.split()) and FIRST_HEADER.match(lines[start + 1].raw)
    if not whole or not all(LABEL.match(line.raw) for line in rows):
        return None
    return Table(
        columns=tuple(head.text for head in heads[1:]),
        rows=tuple(row_of_restored(line, heads[1:], tab_stops=False) for line in rows),
        start=start,
        stop=stop,
    )


def _from_docutils(block: Sequence[Line], start: int, stop: int) -> Table:
    """The table as docutils reads it; each of its cells is (more rows, more columns, offset, lines).

    Raises:
        ValueError: a cell spans columns, which no locking table's does on purpose.
    """
    texts = StringList([line.text for line in block], "table")
    _, heads, bodies = SimpleTableParser().parse(texts)
    head, *body = [[(cell[2], list(cell[3])) for cell in cells if cell is not None] for cells in [heads[0], *bodies]]
    if any(len(cells) != len(head) for cells in body):
        raise ValueError("a cell spans columns")
    columns = tuple(_joined(text) for _, text in head[1:])
    rows = (_docutils_row(cells, columns, block) for cells in body)
    return Table(columns=columns, rows=tuple(row for row in rows if row.op), start=start, stop=stop)


def _docutils_row(found: list[tuple[int, list[str]]], columns: tuple[str, ...], block: Sequence[Line]) -> Row:
    label = LABEL.match(_joined(found[0][1]))
    first = min(block[offset].number for offset, _ in found)
    cells = tuple(
        Cell(
            header=header,
            text=_joined(text),
            first=block[offset].number,
            last=block[min(offset + max(len(text), 1), len(block)) - 1].number,
        )
        for header, (offset, text) in zip(columns, found[1:], strict=True)
    )
    last = max((cell.last for cell in cells), default=first)
    return Row(op=label[1] if label else "", cells=cells, first=first, last=last)


def _joined(text: Sequence[str]) -> str:
    return " ".join(" ".join(text).split())


def _by_column(block: Sequence[Line], start: int, stop: int, ops: frozenset[str], damage: str) -> Table:
    """A damaged table: its first ruler says where columns begin, tabs and double spaces divide the cells.

    A line is a row where its label is an op or has a colon; the other lines stay unread.
    """
    begins = [match.start() for match in re.finditer(r"=+", block[0].text)]
    plain = [line for line in block if not is_ruler(line)]
    heads = pieces_of(plain[0].raw)[1:] if plain and FIRST_HEADER.match(plain[0].raw) else []
    headers = [Piece(head.text, min(begin, head.column)) for head, begin in zip(heads, begins[1:], strict=False)]
    labels = [(line, LABEL.match(line.raw)) for line in plain[1:]] if headers else []
    rows = [line for line, label in labels if label and (label[2] == ":" or label[1] in ops)]
    numbers = {line.number for line in rows}
    return Table(
        columns=tuple(header.text for header in headers),
        rows=tuple(row_by_column(line, headers) for line in rows),
        start=start,
        stop=stop,
        unread=tuple(line for line in plain[bool(headers) :] if line.number not in numbers),
        damage=damage,
    )
