"""The drift of all versions, as a build stored it."""

import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from kbase.model.drift import ComparedBlock, Drift, DriftKind
from kbase.model.witnesses import DocumentKind

Row = tuple[Any, ...]
NAMES = tuple(field.name for field in fields(Drift))
OF_VERSION = "SELECT * FROM disagreement WHERE version = ? AND ? IN ('', struct) AND ? IN ('', op) ORDER BY seq"
OF_TABLE = "SELECT * FROM disagreement WHERE struct = ? ORDER BY seq"
ALL = "SELECT * FROM disagreement ORDER BY seq"
BLOCKS = "SELECT version, struct, document, whole, header_whole FROM compared_block ORDER BY rowid"
TABLES = "SELECT DISTINCT struct FROM compared_block WHERE version = ? ORDER BY rowid"
COUNTS = """
    SELECT version, struct, count(op) FROM (SELECT DISTINCT version, struct FROM compared_block)
    LEFT JOIN disagreement USING (version, struct) GROUP BY version, struct
"""


class StoredDrift:
    """Reads it from a database; `rows` runs a query."""

    def __init__(self, rows: Callable[[str, Row], list[Row]]) -> None:
        """Nothing is read yet."""
        self._rows = rows

    def of_version(self, version: str, struct: str = "", op: str = "") -> tuple[Drift, ...]:
        """The drift of a version, in the order of its tables and ops; of one ops table or op where one is named."""
        return tuple(map(_drift, self._rows(OF_VERSION, (version, struct, op))))

    def of_table(self, struct: str) -> tuple[Drift, ...]:
        """The drift of an ops table in all versions, oldest first."""
        return tuple(map(_drift, self._rows(OF_TABLE, (struct,))))

    def compared(self, version: str) -> tuple[str, ...]:
        """The ops tables that are in a header of a version and listed by a document of it, in their order."""
        return tuple(struct for (struct,) in self._rows(TABLES, (version,)))

    def counts(self) -> dict[str, dict[str, int]]:
        """The number of disagreements in each version, by ops table; of all tables that were compared."""
        found: dict[str, dict[str, int]] = {}
        for version, struct, count in self._rows(COUNTS, ()):
            found.setdefault(version, {})[struct] = count
        return found

    def all(self) -> tuple[Drift, ...]:
        """The drift of all versions, version by version."""
        return tuple(map(_drift, self._rows(ALL, ())))

    def blocks(self) -> tuple[ComparedBlock, ...]:
        """What was compared, version by version."""
        return tuple(
            ComparedBlock(
                version=version,
                struct=struct,
                document=DocumentKind(document),
                whole=bool(whole),
                header_whole=bool(header_whole),
            )
            for version, struct, document, whole, header_whole in self._rows(BLOCKS, ())
        )


def drift_row(drift: Drift) -> Row:
    """The columns of a disagreement; SQLite numbers it."""
    values = (getattr(drift, name) for name in NAMES)
    return None, *(json.dumps(value) if isinstance(value, tuple) else value for value in values)


def _drift(row: Row) -> Drift:
    values = dict(zip(NAMES, row[1:], strict=True))
    values |= {"document": DocumentKind(values["document"]), "kind": DriftKind(values["kind"])}
    values |= {"saved_page": bool(values["saved_page"]), "or_earlier": bool(values["or_earlier"])}
    return Drift(**values | {"now_in": tuple(json.loads(values["now_in"]))})
