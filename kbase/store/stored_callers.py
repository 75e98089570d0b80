"""The callers of one op, read with SQL: no state has them."""

from collections.abc import Callable
from typing import Any

from kbase.model.records import Caller, Evidence
from kbase.store import codec

Row = tuple[Any, ...]
CALLERS = """
    SELECT body, reading.blob, first, last FROM document
    JOIN reading ON reading.id = document.reading JOIN record ON record.reading = reading.id
    WHERE document.active AND version = ? AND record.kind = 'Caller' AND struct = ? AND record.name = ? ORDER BY seq
"""


def callers(rows: Callable[[str, Row], list[Row]], version: str, struct: str, op: str) -> tuple[Caller, ...]:
    """The places in the code of a version that call an op; `rows` are those of a query with parameters."""
    found = (
        codec.decode(Caller.__name__, body, Evidence(blob=blob, first=first, last=last))
        for body, blob, first, last in rows(CALLERS, (version, struct, op))
    )
    return tuple(record for record in found if isinstance(record, Caller))
