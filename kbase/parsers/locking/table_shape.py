"""The shape that a locking table of every form has once it is read."""

from collections.abc import Sequence
from dataclasses import dataclass

from kbase.parsers.locking.flat_tables import FlatCell
from kbase.text.lines import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell under `header`; None where it may stand under any of `candidates`. Blank cells have text ""."""

    header: str | None
    text: str
    first: int
    last: int
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row: the op as written, its cells, the remark right of the last column, and what was repaired."""

    op: str
    cells: tuple[Cell, ...]
    remark: Cell | None
    first: int
    last: int
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


def blank_cells(columns: Sequence[str], cells: Sequence[FlatCell], first: int, last: int) -> tuple[Cell, ...]:
    """Blank cells for the columns that none of the cells may stand in."""
    taken = {name for cell in cells for name in (cell.header, *cell.candidates)}
    return tuple(Cell(header=column, text="", first=first, last=last) for column in columns if column not in taken)
