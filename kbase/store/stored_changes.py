"""The changes that a build stored, and which documents state an op: the input of histories, read with SQL."""

import json
from collections.abc import Callable
from functools import cached_property
from typing import Any

from kbase.model.git_commits import ChangeCommit
from kbase.model.witnesses import KERNEL, LOCK_TABLES, DocumentKind

Row = tuple[Any, ...]
Place = tuple[str, str, int]  # version, path and number
TOUCHING = """
    SELECT older, newer, kind, severity, difference.struct, difference.op, "before", "after", reason, likely, more
    FROM touched JOIN difference USING (older, newer, seq)
    WHERE touched.struct = ? AND touched.op IN (?, '') ORDER BY older, newer, seq
"""
BETWEEN = """
    SELECT kind, severity, struct, op, "before", "after", reason, likely, more FROM difference
    WHERE older = ? AND newer = ? ORDER BY seq
"""
# A description states an op where its document lists nothing of the table.
STATING = """
    SELECT DISTINCT record.name, document.version, reading.kind FROM record
    JOIN reading ON reading.id = record.reading JOIN document ON document.reading = record.reading AND active
    WHERE record.struct = ? AND record.name BETWEEN ? AND ? AND (record.kind IN ('Prototype', 'OpRow', 'LockRule') OR (
        record.kind = 'Description' AND json_extract(body, '$.text') <> '' AND NOT EXISTS (
            SELECT 1 FROM record AS listed WHERE listed.reading = record.reading
            AND listed.struct = record.struct AND listed.kind IN ('Prototype', 'Member')
        )
    ))
"""
# A date is that an op changed between two neighbouring releases, whatever changed of it.
DATES = """
    SELECT older, newer, by_header, count(*) FROM (
        SELECT older, newer, max(EXISTS (SELECT 1 FROM json_each(more, '$.documents') WHERE value = ?)) AS by_header
        FROM touched JOIN difference USING (older, newer, seq) JOIN neighbours USING (older, newer)
        WHERE step AND touched.op <> '' GROUP BY touched.struct, touched.op, older, newer
    ) GROUP BY older, newer, by_header
"""
# How the Locking documents have the ops that ever had a rule about a lock: whether by a row.
COVERAGE = """
    SELECT version, struct, name, has_row FROM (
        SELECT record.reading, struct, record.name, max(record.kind <> 'Prototype') AS has_row
        FROM (SELECT DISTINCT struct, name FROM lock JOIN record USING (reading, seq) WHERE subject = ?)
        JOIN record USING (struct, name)
        WHERE record.kind IN ('Prototype', 'OpRow', 'LockRule')
        AND record.reading IN (SELECT id FROM reading WHERE reading.kind = ?)
        GROUP BY record.reading, struct, record.name
    ) JOIN document USING (reading) WHERE active
"""
LAST = "\U0010ffff"  # sorts after every name
COMMITS = """
    SELECT version, path, line, position, hash, date, subject, newer,
        (SELECT name FROM symbol WHERE folded = substr(hash, 1, 12) AND kind = 'commit')
    FROM line_commit WHERE older = ? AND newer = ?
"""
TELLING = """
    SELECT DISTINCT version, kind, EXISTS (
        SELECT 1 FROM record WHERE record.reading = reading.id AND (
            record.kind IN ('OpsTable', 'Prototype', 'LockRule')
            OR record.kind = 'Description' AND json_extract(body, '$.text') <> ''
        )
    ) FROM document JOIN reading ON reading.id = document.reading WHERE active AND version <> ''
"""


class StoredChanges:
    """Reads them from a database; `rows` runs a query."""

    def __init__(self, rows: Callable[[str, Row], list[Row]]) -> None:
        """Nothing is read yet."""
        self._rows = rows

    def documents(self) -> list[tuple[str, DocumentKind, bool]]:
        """The kinds of documents of each version, and whether anything of ops could be read from one."""
        return [(version, DocumentKind(kind), bool(telling)) for version, kind, telling in self._rows(TELLING, ())]

    def stating(self, struct: str, op: str = "") -> dict[str, dict[str, set[DocumentKind]]]:
        """The kinds of documents that state each op of a table (or one op), by op and version."""
        found: dict[str, dict[str, set[DocumentKind]]] = {}
        for name, version, kind in self._rows(STATING, (struct, op, op or LAST)):
            found.setdefault(name, {}).setdefault(version, set()).add(DocumentKind(kind))
        return found

    def coverage(self, subject: str) -> dict[str, dict[tuple[str, str], bool]]:
        """How Locking documents have the ops that ever had a rule about a lock, by version and (table, op).

        True: by a row; false: by a prototype alone.
        """
        found: dict[str, dict[tuple[str, str], bool]] = {}
        for version, struct, name, has_row in self._rows(COVERAGE, (subject, LOCK_TABLES)):
            of_version = found.setdefault(version, {})
            of_version[struct, name] = bool(has_row) or of_version.get((struct, name), False)
        return found

    def incomplete(self) -> dict[tuple[str, str], frozenset[tuple[str, DocumentKind, str]]]:
        """The pairs that were compared, with the ops tables that are incomplete in a truncated document."""
        return {
            (older, newer): frozenset((label, DocumentKind(kind), table) for label, kind, table in json.loads(text))
            for older, newer, text in self._rows("SELECT older, newer, incomplete FROM neighbours", ())
        }

    def touching(self, struct: str, op: str) -> dict[tuple[str, str], list[Row]]:
        """The changes that touch an op, by the versions between which they are."""
        found: dict[tuple[str, str], list[Row]] = {}
        for older, newer, *row in self._rows(TOUCHING, (struct, op)):
            found.setdefault((older, newer), []).append(tuple(row))
        return found

    @cached_property
    def _with_commits(self) -> frozenset[Row]:
        """The pairs of versions between which commits are known: few, and a history asks for all."""
        return frozenset(self._rows("SELECT DISTINCT older, newer FROM line_commit", ()))

    def commits(self, older: str, newer: str) -> dict[Place, dict[int, ChangeCommit]]:
        """The commits between two versions that touched the lines which prove changes, by line and order."""
        found: dict[Place, dict[int, ChangeCommit]] = {}
        if (older, newer) not in self._with_commits:
            return found
        for version, path, line, position, *commit in self._rows(COMMITS, (older, newer)):
            found.setdefault((version, path, line), {})[position] = ChangeCommit(*commit)
        return found

    def dates(self) -> list[tuple[str, str, bool, int]]:
        """How many ops changed between neighbouring releases (older, newer), and whether a header shows it."""
        return [(older, newer, bool(header), n) for older, newer, header, n in self._rows(DATES, (KERNEL,))]

    def between(self, older: str, newer: str) -> list[Row] | None:
        """The changes between two versions, in the order of the diff; None where they were not stored."""
        if not self._rows("SELECT 1 FROM neighbours WHERE older = ? AND newer = ?", (older, newer)):
            return None
        return self._rows(BETWEEN, (older, newer))
