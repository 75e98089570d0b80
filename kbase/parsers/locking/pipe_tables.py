"""Locking tables whose cells bars divide: Markdown's, and the grid tables of reStructuredText.

    | ops    | a_lock | may block |        +--------+--------+
    |--------|--------|-----------|        | ops    | a_lock |
    | turn:  | yes    | no        |        +========+========+
    | mark:  |        | yes       |        | turn:  | yes,   |
                                           |        | locks  |
                                           +--------+--------+

A row of a Markdown table is one line; one of a grid table goes on up to the next border.
"""

import re
from collections.abc import Iterator, Sequence

from kbase.parsers.locking.column_inference import FIRST_HEADERS, MOST_COLUMNS, OP
from kbase.parsers.locking.tables import Row, Table, row_in_order
from kbase.text.lines import Line

BAR = re.compile(r"(?<!\\)\|")
BORDER = re.compile(r"\+[-=+:]+|\|?[ :]*-[-|: ]*")
ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")  # punctuation, as Markdown protects it
MARKUP = "`* "  # around a name


def begins_pipe_table(line: Line) -> bool:
    """Whether the line may be the first one of such a table."""
    return line.raw.lstrip()[:1] in ("|", "+")


def read_pipe_table(lines: Sequence[Line], start: int, ops: frozenset[str]) -> Table | None:
    """The table that begins at a position; None where its first header is not that of ops, nor a row's label an op."""
    stop = start
    while stop < len(lines) and begins_pipe_table(lines[stop]):
        stop += 1
    read = list(_rows(lines[start:stop]))
    heads = [cell.strip(MARKUP) for cell in read[0][2]] if read else [""]
    columns = tuple(heads[1:])
    if not columns or not all(columns) or len(columns) > MOST_COLUMNS:
        return None
    rows, unread = list[Row](), list[Line]()
    for first, last, cells in read[1:]:
        label = OP.fullmatch(cells[0].strip(MARKUP))
        if label is None or len(cells) > len(columns) + 1:
            unread.append(first)
        else:
            rows.append(row_in_order(label["op"], columns, cells[1:], first.number, last.number))
    if heads[0].lower() not in FIRST_HEADERS and not any(row.op in ops for row in rows):
        return None
    return Table(columns=columns, rows=tuple(rows), start=start, stop=stop, unread=tuple(unread)) if rows else None


def _rows(lines: Sequence[Line]) -> Iterator[tuple[Line, Line, list[str]]]:
    """First line, last line and cells of each row; borders divide the rows of a grid table."""
    grid = bool(lines) and lines[0].raw.lstrip().startswith("+")
    row = list[Line]()
    for line in lines:
        if BORDER.fullmatch(line.raw.strip()):
            yield from _whole(row)
            row = []
        elif grid:
            row.append(line)
        else:
            yield from _whole([line])
    yield from _whole(row)


def _whole(lines: Sequence[Line]) -> Iterator[tuple[Line, Line, list[str]]]:
    if lines:
        each = [_cells(line.raw) for line in lines]
        width = max(map(len, each))
        columns = zip(*(cells + [""] * (width - len(cells)) for cells in each), strict=True)
        yield lines[0], lines[-1], [" ".join(" ".join(column).split()) for column in columns]


def _cells(raw: str) -> list[str]:
    text = raw.strip().removeprefix("|")
    text = text[:-1] if text.endswith("|") and not text.endswith("\\|") else text
    return [ESCAPED.sub(r"\1", cell) for cell in BAR.split(text)]
