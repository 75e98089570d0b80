"""Records of all versions at once: about a lock or an op, or of one kind."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from kbase.model.records import Evidence, Format, Record
from kbase.model.states import Cited, DocumentRef
from kbase.model.witnesses import DocumentKind
from kbase.store import codec

LOCK_RECORDS = """
    SELECT record.reading, record.kind, body, blob, first, last FROM lock JOIN record USING (reading, seq)
    JOIN reading ON reading.id = record.reading
    WHERE subject = ? AND (? = '' OR record.reading IN (SELECT reading FROM document WHERE version = ? AND active))
    ORDER BY record.reading, seq
"""
OP_RECORDS = """
    SELECT record.reading, record.kind, body, blob, first, last FROM (
        SELECT * FROM record WHERE struct = ?1 AND name = ?2 UNION ALL
        SELECT * FROM record WHERE struct = ?1 AND name IS NULL
    ) AS record JOIN reading ON reading.id = record.reading
    WHERE record.kind IN (SELECT value FROM json_each(?3)) ORDER BY record.reading, seq
"""
KIND_RECORDS = """
    SELECT record.reading, record.kind, body, blob, first, last FROM record JOIN reading ON reading.id = record.reading
    WHERE record.kind = ? ORDER BY record.reading, seq
"""
READING_DOCUMENTS = """
    SELECT reading, version, path, blob, kind, format, title, source, page_of, bundled, origin
    FROM active_document WHERE reading IN (SELECT value FROM json_each(?)) ORDER BY version, path
"""

Rows = Callable[[str, tuple[Any, ...]], Sequence[Sequence[Any]]]  # runs a query
Versioned = dict[str, list[Cited[Any]]]  # by version


def about_lock(rows: Rows, subject: str, version: str) -> Versioned:
    """The records about a lock; of one version, and of those that have the same documents, if it is not ''."""
    return _by_version(rows, rows(LOCK_RECORDS, (subject, version, version)))


def about_op(rows: Rows, struct: str, op: str, kinds: Iterable[str]) -> Versioned:
    """The records of these kinds about an op and about its whole table."""
    return _by_version(rows, rows(OP_RECORDS, (struct, op, json.dumps(sorted(kinds)))))


def of_kind(rows: Rows, kind: str) -> Versioned:
    """The records of a kind; those of documents without a version under ''."""
    return _by_version(rows, rows(KIND_RECORDS, (kind,)))


def _by_version(rows: Rows, records: Iterable[Sequence[Any]]) -> Versioned:
    """The records of readings, each with the documents of every version that has the reading."""
    of_reading: dict[int, list[Record]] = {}
    for reading, *row in records:
        of_reading.setdefault(reading, []).append(record_of(*row))
    found: Versioned = {}
    for reading, *row in rows(READING_DOCUMENTS, (json.dumps(list(of_reading)),)):
        document = document_of(row)
        cited = [Cited(record=record, document=document) for record in of_reading[reading]]
        found.setdefault(document.version, []).extend(cited)
    return found


def record_of(kind: str, body: str, blob: str, first: int, last: int) -> Record:
    """A record from its columns."""
    return codec.decode(kind, body, Evidence(blob=blob, first=first, last=last))


def document_of(row: Sequence[Any]) -> DocumentRef:
    """A document from its columns."""
    version, path, blob, kind, form, title, source, page_of, bundled, origin = row
    return DocumentRef(
        version=version,
        path=path,
        blob=blob,
        kind=DocumentKind(kind),
        format=Format(form),
        title=title,
        source=source,
        page_of=page_of,
        bundled=bool(bundled),
        origin=origin,
    )
