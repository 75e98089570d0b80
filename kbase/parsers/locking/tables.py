"""A locking table of any form once it is read: columns, rows, cells."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kbase.text.lines import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell under `header`; None where it may belong under any of `candidates`. A blank cell has the text ""."""

    header: str | None
    text: str
    first: int
    last: int
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row on the lines `first` to `last`: the op as written, a cell for each column, the remark behind the last."""

    op: str
    cells: tuple[Cell, ...]
    first: int
    last: int
    remark: str = ""
    repair: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; `start` and `stop` are positions in the lines it was read from, `unread` its lines that are no row."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    start: int
    stop: int
    unread: tuple[Line, ...] = ()
    damage: str | None = None


Placed = tuple[str, str | None, tuple[str, ...]]  # a cell's text, its header, its candidates where it has none


def row_in_order(op: str, columns: Sequence[str], texts: Sequence[str], first: int, last: int) -> Row:
    """The row whose cells stand under the columns one after the other; columns beyond the last cell are blank."""
    return row_of_cells(
        op, columns, ((text, column, ()) for text, column in zip(texts, columns, strict=False)), first, last
    )


def row_of_cells(
    op: str, columns: Sequence[str], placed: Iterable[Placed], first: int, last: int, remark: str = ""
) -> Row:
    """The row of placed cells; columns without a cell are blank."""
    cells, taken = list[Cell](), set[str | None]()
    for text, header, candidates in placed:
        cells.append(Cell(header=header, text=" ".join(text.split()), first=first, last=last, candidates=candidates))
        taken |= {header, *candidates}
    cells += (Cell(header=column, text="", first=first, last=last) for column in columns if column not in taken)
    return Row(op=op, cells=tuple(cells), first=first, last=last, remark=remark)
