"""The store: one generation's SQLite database, written once by `kbase.store.writer`, read here.

It returns records and documents, never rows. The schema is `schema.sql`; a database of another schema is rebuilt, not
migrated.
"""

import json
import os
import sqlite3
import zlib
from array import array
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote

from kbase.errors import StoreError
from kbase.model.records import Caller, Record, Section, Summary
from kbase.model.states import Cited, DocumentRef
from kbase.model.witnesses import DocumentKind
from kbase.sources.source import GitBlobs, ReadingKey, Source, StoredDocument
from kbase.store import codec, stored_locks, versioned_records
from kbase.store.files import open_regular
from kbase.store.generations import FILE, REPAIR, Pin, listed_sources, verify
from kbase.store.stored_callers import callers
from kbase.store.stored_changes import StoredChanges
from kbase.store.stored_drift import StoredDrift
from kbase.store.versioned_records import document_of, record_of
from kbase.text.lines import Text, decode, split_lines

SCHEMA = 13
SOURCE_FIELDS = ("argument", "location", "version", "tags", "refs")
# Number of the reading, then the fields of a DocumentRef.
DOCUMENTS = """
    SELECT reading, version, path, blob, kind, format, title, source, page_of, bundled, origin
    FROM active_document WHERE version = ? ORDER BY path
"""
RECORDS = """
    SELECT record.kind, body, blob, first, last FROM record JOIN reading ON reading.id = record.reading
    WHERE record.reading = ? AND record.kind IN (SELECT value FROM json_each(?)) ORDER BY seq
"""
CONTENTS = """
    SELECT version, reading, blob, name, path, bundled FROM document
    JOIN reading ON reading.id = document.reading WHERE active
"""
SLUGS = """
    SELECT reading, group_concat(slug, ' ') FROM (
        SELECT reading, json_extract(body, '$.slug') AS slug FROM record
        WHERE kind = 'PortingEntry' ORDER BY reading, seq
    ) GROUP BY reading
"""
ALL_DOCUMENTS = """
    SELECT version, path, blob, source, label_origin, bundled, origin FROM document
    JOIN reading ON reading.id = document.reading
"""
VERSIONS = "SELECT label, label_origin, documents, counts FROM version ORDER BY position"
GIT_DOCUMENTS = """
    SELECT version, path, source, kind, blob FROM document
    JOIN reading ON reading.id = document.reading JOIN revision USING (source, version) WHERE active AND plain
"""
KINDS = "SELECT blob, name, kind, factual FROM reading"
FACTS = tuple(codec.KINDS.keys() - {Section.__name__, Summary.__name__, Caller.__name__})  # the others are asked for
Row = tuple[Any, ...]


class Store:
    """Reads one generation; safe to use from several threads at once."""

    def __init__(self, folder: Path, pin: Pin | None = None, *, verified: bool = False) -> None:
        """Open the database in a generation's folder; `verified` checks that its files are unaltered.

        Raises:
            StoreError: it is missing, damaged, no database, or of another schema.
        """
        self.folder = folder
        self._pin, self._lock = pin, Lock()
        try:
            open_regular(folder / FILE).close()
            self._db = _connect(folder)
        except (OSError, sqlite3.Error) as error:
            raise _damaged(folder, getattr(error, "strerror", error)) from error
        try:
            self.stamp: dict[str, str] = dict(self._rows("SELECT key, value FROM stamp"))
            if self.stamp.get("schema") != str(SCHEMA):
                raise StoreError("made by another version of kbase", str(folder), "build it again with `kbase build`")
            if verified:
                verify(folder)
        except StoreError:
            self._db.close()
            raise

    @classmethod
    def open(cls, db: Path) -> "Store":
        """The active generation of a database folder, after a check that its files are unaltered.

        Raises:
            StoreError: there is none, or it cannot be used.
        """
        pin = Pin(db)
        try:
            return cls(pin.folder, pin, verified=True)
        except BaseException:
            pin.release()
            raise

    @property
    def changes(self) -> StoredChanges:
        """The changes that the build stored."""
        return StoredChanges(self._rows)

    @property
    def drift(self) -> StoredDrift:
        """The drift that the build stored."""
        return StoredDrift(self._rows)

    def serves(self, db: Path) -> bool:
        """Whether this is still the active generation of the database folder."""
        return bool(self._pin and self._pin.serves(db))

    def close(self) -> None:
        """Close the connection and release the generation."""
        self._db.close()
        if self._pin:
            self._pin.release()
            self._pin = None

    def sources(self) -> tuple[Source, ...]:
        """The sources, in the order they were first given."""
        rows = self._rows("SELECT argument, location, version, tags, refs FROM source ORDER BY id")
        return tuple(Source(argument=a, location=Path(lo), version=v, tags=t, refs=r) for a, lo, v, t, r in rows)

    def fingerprints(self) -> dict[int, str]:
        """The fingerprint of each source that has one, by its position; see `kbase.sources.readers.fingerprint_of`."""
        return dict(self._rows("SELECT id, fingerprint FROM source WHERE fingerprint IS NOT NULL"))

    def git_blobs(self) -> GitBlobs:
        """The blobs of repositories that were read, by the names that git gives them."""
        return dict(self._rows("SELECT name, blob FROM git_blob"))

    def revisions(self) -> dict[int, dict[str, str]]:
        """The commits at which repositories were read, by the position of the source and by version."""
        found: dict[int, dict[str, str]] = {}
        for source, version, name in self._rows("SELECT source, version, hash FROM revision"):
            found.setdefault(source, {})[version] = name
        return found

    def git_documents(self) -> dict[tuple[str, str], tuple[int, DocumentKind, str]]:
        """Source, kind and blob of each active document of a repository whose lines are those of the file."""
        return {(v, p): (source, DocumentKind(kind), blob) for v, p, source, kind, blob in self._rows(GIT_DOCUMENTS)}

    def all_documents(self) -> tuple[StoredDocument, ...]:
        """Every document, also the inactive ones."""
        return tuple(
            StoredDocument(version=v, path=p, blob=b, source=s, label_origin=lo, bundled=bool(u), origin=o)
            for v, p, b, s, lo, u, o in self._rows(ALL_DOCUMENTS)
        )

    def versions(self) -> tuple[tuple[str, str, dict[str, int], dict[str, int]], ...]:
        """Label, origin of the label, documents by source, and counts of each version, oldest first by family."""
        return tuple(
            (*row, json.loads(documents), json.loads(counts)) for *row, documents, counts in self._rows(VERSIONS)
        )

    def kinds(self) -> dict[str, frozenset[DocumentKind]]:
        """The kinds of documents of which each version has a whole one."""
        rows = self._rows("SELECT label, kinds FROM version")
        return {label: frozenset(map(DocumentKind, json.loads(kinds))) for label, kinds in rows}

    def warnings(self) -> dict[str, tuple[str, ...]]:
        """The warnings about versions, by label."""
        found: dict[str, tuple[str, ...]] = {}
        for label, text in self._rows("SELECT version, text FROM warning"):
            found[label] = (*found.get(label, ()), text)
        return found

    def contents(self) -> dict[str, tuple[Row, ...]]:
        """The content of each version: blob, the name it was parsed under, path, whether bundled, porting addresses.

        Numbers of readings are left out, as they differ between generations. The addresses of the entries of a porting
        log depend on the logs of other versions.
        """
        found: dict[str, list[Row]] = {}
        slugs: dict[int, str] = dict(self._rows(SLUGS))
        for version, reading, *row in self._rows(CONTENTS):
            found.setdefault(version, []).append((*row, slugs.get(reading, "")))
        return {version: tuple(sorted(rows)) for version, rows in found.items()}

    def reading_kinds(self) -> dict[ReadingKey, tuple[DocumentKind, bool]]:
        """The kind of each reading, and whether it states a fact."""
        return reading_kinds(self._db)

    def fact_hashes(self) -> dict[str, frozenset[int]]:
        """Hashes of the facts of each document, by blob; see `kbase.build.version_similarity`."""
        return {blob: frozenset(array("q", facts)) for blob, facts in self._rows("SELECT blob, hashes FROM fact_hash")}

    def all_symbols(self) -> dict[tuple[str, str, str], tuple[str, ...]]:
        """Versions by name in lower case, kind, and full name."""
        sets = {number: tuple(json.loads(labels)) for number, labels in self._rows("SELECT id, labels FROM versionset")}
        return {(folded, kind, name): sets[number] for folded, kind, name, number in self._rows("SELECT * FROM symbol")}

    def documents(self, version: str) -> tuple[DocumentRef, ...]:
        """The documents of a version ('' for those without), by path."""
        return tuple(document for _, document in self.readings(version))

    def readings(self, version: str) -> tuple[tuple[int, DocumentRef], ...]:
        """The documents of a version, by path, each with the number of its reading."""
        return tuple((number, document_of(row)) for number, *row in self._rows(DOCUMENTS, (version,)))

    def records(self, reading: int, kinds: Iterable[str] = FACTS) -> tuple[Record, ...]:
        """The records of a reading in the document's order: of these kinds, or all facts."""
        return tuple(record_of(*row) for row in self._rows(RECORDS, (reading, json.dumps(sorted(kinds)))))

    def cited(self, version: str, kinds: Iterable[str]) -> tuple[Cited[Any], ...]:
        """The records of these kinds of a version, with their documents."""
        readings, kinds = self.readings(version), tuple(kinds)
        return tuple(Cited(record=r, document=d) for number, d in readings for r in self.records(number, kinds))

    def facts(self, document: DocumentRef) -> tuple[Cited[Any], ...]:
        """The records of one document, without its sections, by line."""
        rows = self._rows("SELECT id FROM reading WHERE blob = ? AND name = ?", (document.blob, document.path))
        records = [r for (number,) in rows for r in self.records(number, codec.KINDS.keys() - {Section.__name__})]
        records.sort(key=lambda record: (record.evidence.first, record.evidence.last))
        return tuple(Cited(record=record, document=document) for record in records)

    def callers(self, version: str, struct: str, op: str) -> tuple[Caller, ...]:
        """The places in the code of a version that call an op, by path and line."""
        return callers(self._rows, version, struct, op)

    def about_lock(self, subject: str, version: str = "") -> dict[str, list[Cited[Any]]]:
        """The records about a lock, by version; only those that a version has, where one is given."""
        return versioned_records.about_lock(self._rows, subject, version)

    def about_op(self, struct: str, op: str) -> dict[str, list[Cited[Any]]]:
        """The facts about an op and about its whole table, by version."""
        return versioned_records.about_op(self._rows, struct, op, FACTS)

    def of_kind(self, kind: str) -> dict[str, list[Cited[Any]]]:
        """The records of a kind by version, '' for those without."""
        return versioned_records.of_kind(self._rows, kind)

    def locks(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """The dotted ops that have a rule about each lock, and the versions with such rules."""
        return stored_locks.locks(self._rows)

    def written_locks(self) -> dict[str, dict[str, list[str]]]:
        """The headers of the rules about each lock, by version."""
        return stored_locks.written_locks(self._rows)

    def symbols(self, folded: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        """The exact matches of a name in lower case: kind, full name, versions."""
        query = "SELECT kind, name, labels FROM symbol JOIN versionset ON id = versions WHERE folded = ? ORDER BY 1, 2"
        rows = self._rows(query, (folded,))
        return tuple((kind, name, tuple(json.loads(versions))) for kind, name, versions in rows)

    def tables(self) -> dict[str, tuple[str, ...]]:
        """The ops tables by name, with the versions that have them."""
        rows = self._rows(
            "SELECT name, labels FROM symbol JOIN versionset ON id = versions"
            " WHERE kind = 'struct' AND folded = lower(name) ORDER BY name"
        )
        return {name: tuple(json.loads(labels)) for name, labels in rows}

    def names(self) -> dict[str, str]:
        """Every name that `symbols` finds, in lower case, with its spelling."""
        rows = self._rows("SELECT folded, name FROM symbol ORDER BY folded, lower(name) = folded, name")
        return {folded: name if name.lower() == folded else folded for folded, name in rows}

    def text(self, blob: str, name: str = "") -> Text:
        """The lines of a document.

        Raises:
            StoreError: there is no such blob.
        """
        found = self._rows("SELECT name, plain FROM reading WHERE blob = ? ORDER BY name = ? DESC, name", (blob, name))
        try:
            with self._lock:
                data = blob_data(self._db, blob)
        except (sqlite3.Error, zlib.error) as error:
            raise _damaged(self.folder, error) from error
        known, plain = found[0] if found else ("", False)
        if plain:
            return split_lines(decode(data))
        from kbase.text.saved_pages import unwrap  # a command that quotes plain documents starts without it

        return unwrap(name or known, data)

    def _rows(self, query: str, parameters: Row = ()) -> list[Row]:
        """All rows of a query. One thread at a time: another one could rebind the cached statement before it runs."""
        try:
            with self._lock:
                return self._db.execute(query, parameters).fetchall()
        except sqlite3.Error as error:
            raise _damaged(self.folder, error) from error


def database_uri(folder: Path) -> str:
    """The URI of a generation's database for SQLite, whatever bytes its path has."""
    return f"file:{quote(os.fsencode((folder / FILE).absolute()))}"


def _connect(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{database_uri(folder)}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def _damaged(folder: Path, reason: object) -> StoreError:
    return StoreError(f"damaged, or not a kbase database: {reason}", str(folder), REPAIR)


def source_list(folder: Path) -> tuple[Source, ...]:
    """The sources that a generation lists, also one of another schema or a damaged one; empty if it is unreadable."""
    try:
        open_regular(folder / FILE).close()
        with closing(_connect(folder)) as db:
            db.row_factory = sqlite3.Row
            rows = [dict(row) for row in db.execute("SELECT * FROM source ORDER BY id")]
    except (OSError, sqlite3.Error):
        rows = []
    listed = listed_sources(folder) or [row for row in rows if {"argument", "location"} <= row.keys()]
    optional = ("version", "tags", "refs")  # another schema may lack one of them
    return tuple(
        Source(argument=s["argument"], location=Path(s["location"]), **{name: s.get(name) for name in optional})
        for s in listed
    )


def blob_data(db: sqlite3.Connection, blob: str) -> bytes:
    """The bytes of a blob.

    Raises:
        StoreError: there is no such blob.
    """
    row = db.execute("SELECT data FROM blob WHERE hash = ?", (blob,)).fetchone()
    if row is None:
        raise StoreError("no such document", blob, "look at `kbase versions`")
    return zlib.decompress(row[0])


def reading_kinds(db: sqlite3.Connection) -> dict[ReadingKey, tuple[DocumentKind, bool]]:
    """The kind of each reading, and whether it states a fact."""
    return {(blob, name): (DocumentKind(kind), bool(factual)) for blob, name, kind, factual in db.execute(KINDS)}
