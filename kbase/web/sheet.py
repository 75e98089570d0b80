"""An ops table as CSV, to be taken along: an op a row, the documents' own cells, and the line that proves the row."""

import csv
import io
from collections.abc import Iterator

from kbase.views.tables import MatrixRow, TablePage

AFTER = ("may block", "prototype", "version", "path", "line")


def table_csv(page: TablePage) -> str:
    """The matrix of an ops table; a blank cell is empty, as is one of an op without a row."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")  # RFC 4180
    columns = [column.text for column in page.columns]
    after = [name for name in AFTER if name not in columns]
    writer.writerow(["op", *columns, *after])
    writer.writerows([row.op, *_cells(row), *_after(page, row, after)] for row in page.rows)
    return sheet.getvalue()


def _cells(row: MatrixRow) -> Iterator[str]:
    return (cell.text if cell else "" for cell in row.cells)


def _after(page: TablePage, row: MatrixRow, names: list[str]) -> Iterator[str]:
    values = {
        "may block": row.blocks.chips[0].word if row.blocks else "",
        "prototype": row.prototype or "",
        "version": page.version,
        "path": row.citation.path if row.citation else "",
        "line": str(row.citation.line) if row.citation else "",
    }
    return (values[name] for name in names)
