"""The store: one generation's SQLite database, written once by `kbase.store.writer`, read here.

It returns records and documents, never rows. The schema is `schema.sql`; a database of another schema is built
again, not migrated. The bytes of a document are kept (compressed) and its lines are read from them when asked for.
"""

import json
import os
import sqlite3
import zlib
from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kbase.errors import StoreError
from kbase.model.records import DocumentKind, Evidence, Format, Record, Section
from kbase.model.states import Cited, DocumentRef, Later, is_excerpt
from kbase.sources.source import Source
from kbase.store import codec
from kbase.store.files import open_regular
from kbase.store.generations import FILE, REPAIR, Pin, listed_sources, verify
from kbase.store.lru_method import kept
from kbase.text.lines import Text

SCHEMA = 7
SOURCE_FIELDS = ("argument", "location", "version", "tags", "refs")
READINGS_KEPT = 4096  # decoded readings held in memory, most of which are short; a version has about 130
# Reading, then the fields of a DocumentRef; and a record with the fields of its document.
DOCUMENTS = """
    SELECT reading, version, path, blob, kind, format, title, source, page_of, bundled, origin
    FROM standing WHERE version = ? ORDER BY path
"""
ABOUT_LOCK = """
    SELECT record.reading, blob, record.kind, first, last, body FROM lock JOIN record USING (reading, seq)
    JOIN reading ON reading.id = record.reading WHERE subject = ? ORDER BY record.reading, seq
"""
SPEAKING_OF_LOCK = """
    SELECT reading, version, path, blob, kind, format, title, source, page_of, bundled, origin
    FROM standing WHERE reading IN (SELECT reading FROM lock WHERE subject = ?) ORDER BY version, path
"""
RECORDS = """
    SELECT blob, record.kind, first, last, body FROM record JOIN reading ON reading.id = record.reading
    WHERE record.reading = ? AND record.kind IN (SELECT value FROM json_each(?)) ORDER BY seq
"""
FILED = """
    SELECT record.kind, struct, blob, first, last, body FROM record JOIN reading ON reading.id = record.reading
    WHERE record.reading = ? AND record.kind NOT IN (SELECT value FROM json_each(?))
    AND NOT (record.kind = 'Description' AND json_extract(body, '$.text') = '') ORDER BY seq
"""
OPS_IN = (DocumentKind.VFS, DocumentKind.LOCKING)  # the documents that have ops tables
SLUGS = """
    SELECT reading, group_concat(slug, ' ') FROM (
        SELECT reading, json_extract(body, '$.slug') AS slug FROM record
        WHERE kind = 'PortingEntry' ORDER BY reading, seq
    ) GROUP BY reading
"""
STATED = """
    SELECT COUNT(DISTINCT struct || '.' || name) FROM record WHERE reading = ? AND kind IN ('Prototype', 'OpRow')
"""
KINDS = "SELECT blob, name, kind FROM reading"
# A table of which a document has nothing but the title is no fact; a bare diff is what it is.
STATING = """
    SELECT blob, name FROM reading WHERE kind = 'commit' OR kind <> 'other' AND EXISTS (
        SELECT 1 FROM record
        WHERE record.reading = reading.id AND record.kind NOT IN ('OpsTable', 'Section', 'Diagnostic')
    )
"""
Row = tuple[Any, ...]
Groups = dict[type, dict[str | None, Sequence[Record]]]  # by class and ops table


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDocument:
    """A file at a version, as a source gave it; `source` is its position in the list of sources."""

    version: str
    path: str
    blob: str
    source: int
    label_origin: str
    bundled: bool = False
    origin: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What decides how it is parsed: its blob and its name."""
        return self.blob, self.path


class Store:
    """Reads one generation; safe to use from several threads at once."""

    def __init__(self, folder: Path, pin: Pin | None = None) -> None:
        """Open the database in a generation's folder.

        Raises:
            StoreError: it is missing, damaged, no database, or of another schema.
        """
        self.folder = folder
        self._pin = pin
        self._idle: deque[sqlite3.Connection] = deque()
        self._uri = f"{database_uri(folder)}?mode=ro&immutable=1"
        try:
            open_regular(folder / FILE).close()
            self.stamp: dict[str, str] = dict(self._rows("SELECT key, value FROM stamp"))
            if self.stamp.get("schema") != str(SCHEMA):
                raise StoreError("made by another version of kbase", str(folder), "build it again with `kbase build`")
        except OSError as error:
            raise _damaged(folder, error.strerror) from error
        except StoreError:
            self._close_connections()
            raise

    @classmethod
    def open(cls, db: Path) -> "Store":
        """The generation that serves in a database folder, and is as it was built.

        Raises:
            StoreError: there is none, or it cannot be used.
        """
        pin = Pin(db)
        try:
            store = cls(pin.folder, pin)
        except BaseException:
            pin.release()
            raise
        try:
            verify(pin.folder)
        except BaseException:
            store.close()
            raise
        return store

    def serves(self, db: Path) -> bool:
        """Whether this is what the database folder serves by now."""
        return self._pin is not None and self._pin.serves(db)

    def close(self) -> None:
        """Close all connections and let the generation go."""
        self._close_connections()
        if self._pin:
            self._pin.release()
            self._pin = None

    def _close_connections(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def sources(self) -> tuple[Source, ...]:
        """The sources, in the order they were first given."""
        rows = self._rows("SELECT argument, location, version, tags, refs FROM source ORDER BY id")
        return tuple(Source(argument=a, location=Path(lo), version=v, tags=t, refs=r) for a, lo, v, t, r in rows)

    def seals(self) -> dict[int, str]:
        """The seal of each source that has one, by its position; see `kbase.sources.readers.seal_of`."""
        return dict(self._rows("SELECT id, seal FROM source WHERE seal IS NOT NULL"))

    def git_blobs(self) -> dict[str, str | None]:
        """The blobs of repositories that were read, by the names that git gives them."""
        return dict(self._rows("SELECT name, blob FROM git_blob"))

    def held(self) -> tuple[HeldDocument, ...]:
        """Every document, also those that another one stands in for."""
        rows = self._rows(
            "SELECT version, path, blob, source, label_origin, bundled, origin FROM document"
            " JOIN reading ON reading.id = document.reading"
        )
        return tuple(
            HeldDocument(version=v, path=p, blob=b, source=s, label_origin=lo, bundled=bool(u), origin=o)
            for v, p, b, s, lo, u, o in rows
        )

    def versions(self) -> tuple[tuple[str, str, dict[str, int]], ...]:
        """Label, origin of the label and counts of each version."""
        rows = self._rows("SELECT label, label_origin, counts FROM version")
        return tuple((label, origin, json.loads(counts)) for label, origin, counts in rows)

    def warnings(self) -> dict[str, tuple[str, ...]]:
        """What is to be said against versions, by label."""
        found: dict[str, tuple[str, ...]] = {}
        for label, text in self._rows("SELECT version, text FROM warning"):
            found[label] = (*found.get(label, ()), text)
        return found

    def label_origins(self) -> dict[str, str]:
        """Where the label of each version that has documents comes from."""
        rows = self._rows("SELECT version, MIN(label_origin) FROM document WHERE stands AND version <> '' GROUP BY 1")
        return dict(rows)

    def contents(self) -> dict[str, tuple[Row, ...]]:
        """What makes the content of each version: blob, the name it was read under, path, whether bundled, addresses.

        Numbers of readings are left out, as they are given anew in each generation. The addresses of the entries of a
        porting log depend on the logs of other versions.
        """
        found: dict[str, list[Row]] = {}
        slugs: dict[int, str] = dict(self._rows(SLUGS))
        query = (
            "SELECT version, reading, blob, name, path, bundled FROM document"
            " JOIN reading ON reading.id = document.reading WHERE stands"
        )
        for version, reading, *row in self._rows(query):
            found.setdefault(version, []).append((*row, slugs.get(reading, "")))
        return {version: tuple(sorted(rows)) for version, rows in found.items()}

    def kinds(self, *, stating: bool = False) -> dict[str, frozenset[DocumentKind]]:
        """The kinds of documents of which each version has a whole one; with `stating` only those that state facts."""
        found: dict[str, set[DocumentKind]] = {}
        query = (
            "SELECT DISTINCT version, kind, path, reading FROM reading CROSS JOIN document ON id = reading"
            " WHERE stands AND version <> '' AND kind <> ?"
        )
        for version, kind, path, reading in self._rows(query, (DocumentKind.OTHER.value if stating else "",)):
            kinds = found.setdefault(version, set())
            maybe = kind in OPS_IN and is_excerpt(path, 0)
            if not maybe or not is_excerpt(path, *self._rows(STATED, (reading,))[0]):
                kinds.add(DocumentKind(kind))
        return {version: frozenset(whole) for version, whole in found.items()}

    def reading_kinds(self) -> dict[tuple[str, str], DocumentKind]:
        """What each reading, by blob and name, turned out to be."""
        return {(blob, name): DocumentKind(kind) for blob, name, kind in self._rows(KINDS)}

    def stating(self) -> set[tuple[str, str]]:
        """The readings, by blob and name, that have a fact."""
        return set(self._rows(STATING))

    def claims(self) -> dict[str, frozenset[int]]:
        """Hashes of the facts that a label can be doubted for, by blob."""
        return {blob: frozenset(array("q", facts)) for blob, facts in self._rows("SELECT blob, facts FROM claim")}

    def all_symbols(self) -> dict[tuple[str, str, str], tuple[str, ...]]:
        """Versions by name in lower case, kind, and name in full."""
        sets = {number: tuple(json.loads(labels)) for number, labels in self._rows("SELECT id, labels FROM versionset")}
        return {(folded, kind, name): sets[number] for folded, kind, name, number in self._rows("SELECT * FROM symbol")}

    def shares(self) -> tuple[tuple[str, str, int], ...]:
        """How many documents of each version stand, by source: version, source as given, count."""
        query = (
            "SELECT document.version, argument, COUNT(*) FROM document JOIN source ON source.id = document.source"
            " WHERE stands AND document.version <> '' GROUP BY document.version, source.id ORDER BY source.id"
        )
        return tuple(self._rows(query))

    def documents(self, version: str) -> tuple[DocumentRef, ...]:
        """The documents of a version ('' for those without), by path."""
        return tuple(document for _, document in self.readings(version))

    def readings(self, version: str) -> tuple[tuple[int, DocumentRef], ...]:
        """The documents of a version, by path, each with the number of its reading."""
        return tuple((number, _document(row)) for number, *row in self._rows(DOCUMENTS, (version,)))

    def cited(self, version: str, *, kinds: Iterable[str] = (), without: Iterable[str] = ()) -> tuple[Cited[Any], ...]:
        """The records of a version with their documents, of these kinds only, or of all but others."""
        return tuple(
            Cited(record=record, document=document)
            for number, document in self.readings(version)
            for record in self.records(number, kinds=kinds, without=without)
        )

    def records(self, reading: int, *, kinds: Iterable[str] = (), without: Iterable[str] = ()) -> tuple[Record, ...]:
        """The records of a reading, in the document's order: of these kinds only, or of all but others."""
        return self._records(reading, frozenset(kinds or codec.KINDS) - frozenset(without))

    def groups(self, reading: int, *, without: Iterable[str] = ()) -> Groups:
        """The records of a reading but some kinds, by class and ops table (None: about none), in the document's order.

        A description without words says nothing and is left out. A group is decoded when it is looked at: who asks for
        one op of many versions needs a tenth of what they hold.
        """
        rows: dict[str, dict[str | None, list[Row]]] = {}
        for kind, struct, *row in self._rows(FILED, (reading, json.dumps(sorted(without)))):
            rows.setdefault(kind, {}).setdefault(struct, []).append(tuple(row))
        return {
            codec.KINDS[kind]: {struct: Later(partial(_group, kind, found)) for struct, found in by_struct.items()}
            for kind, by_struct in rows.items()
        }

    def facts(self, document: DocumentRef) -> tuple[Cited[Any], ...]:
        """The records of one document but its sections, by line."""
        rows = self._rows("SELECT id FROM reading WHERE blob = ? AND name = ?", (document.blob, document.path))
        kinds = frozenset(codec.KINDS) - {Section.__name__}
        found = [
            Cited(record=record, document=document) for (number,) in rows for record in self._records(number, kinds)
        ]
        return tuple(sorted(found, key=lambda cited: (cited.evidence.first, cited.evidence.last)))

    def about_lock(self, subject: str) -> dict[str, list[Cited[Any]]]:
        """The records that speak about a lock, by version."""
        records: dict[int, list[Record]] = {}
        for reading, *row in self._rows(ABOUT_LOCK, (subject,)):
            records.setdefault(reading, []).append(_record(*row))
        found: dict[str, list[Cited[Any]]] = {}
        for reading, *row in self._rows(SPEAKING_OF_LOCK, (subject,)):
            document = _document(row)
            cited = [Cited(record=record, document=document) for record in records[reading]]
            found.setdefault(document.version, []).extend(cited)
        return found

    def locks(self) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
        """Each lock with the dotted ops that have a rule about it, and the versions that say so."""
        rows = self._rows(
            "SELECT subject, json_group_array(DISTINCT struct || '.' || name), json_group_array(DISTINCT version)"
            " FROM lock JOIN record USING (reading, seq) JOIN document USING (reading)"
            " WHERE stands GROUP BY subject ORDER BY subject"
        )
        return tuple((s, tuple(sorted(o for o in json.loads(ops) if o)), tuple(json.loads(v))) for s, ops, v in rows)

    def symbols(self, folded: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        """What a name in lower case means exactly: kind, name in full, versions."""
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
        """Every name that `symbols` knows, in lower case, with how it is written."""
        rows = self._rows("SELECT folded, name FROM symbol ORDER BY folded, name")
        return {folded: name if name.lower() == folded else folded for folded, name in rows}

    def text(self, blob: str, name: str = "") -> Text:
        """The lines of a document.

        Raises:
            StoreError: there is no such blob.
        """
        from kbase.text.saved_pages import unwrap  # of all commands only the browser's pages read documents

        with self._connection() as db:
            row = db.execute("SELECT name FROM reading WHERE blob = ? ORDER BY name", (blob,)).fetchone()
            return unwrap(name or (row[0] if row else ""), data_of(db, blob))

    @kept(READINGS_KEPT)
    def _records(self, reading: int, kinds: frozenset[str]) -> tuple[Record, ...]:
        return tuple(_record(*row) for row in self._rows(RECORDS, (reading, json.dumps(sorted(kinds)))))

    def _rows(self, query: str, parameters: Row = ()) -> list[Row]:
        with self._connection() as db:
            return db.execute(query, parameters).fetchall()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection that nobody else uses meanwhile; it is kept for the next one who asks."""
        try:
            connection = self._take()
            try:
                yield connection
            finally:
                self._idle.append(connection)
        except (sqlite3.Error, zlib.error) as error:
            raise _damaged(self.folder, error) from error

    def _take(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return sqlite3.connect(self._uri, uri=True, check_same_thread=False)


def database_uri(folder: Path) -> str:
    """The address of a generation's database as SQLite takes it, whatever bytes its path has."""
    return f"file:{quote(os.fsencode((folder / FILE).absolute()))}"


def _damaged(folder: Path, reason: object) -> StoreError:
    return StoreError(f"damaged, or not a kbase database: {reason}", str(folder), REPAIR)


def source_list(folder: Path) -> tuple[Source, ...]:
    """The sources that a generation names, also one of another schema or a damaged one; none where it cannot tell."""
    try:
        open_regular(folder / FILE).close()
        with closing(sqlite3.connect(f"{database_uri(folder)}?mode=ro&immutable=1", uri=True)) as db:
            db.row_factory = sqlite3.Row
            rows = [dict(row) for row in db.execute("SELECT * FROM source ORDER BY id")]
    except (OSError, sqlite3.Error):
        rows = []
    listed = listed_sources(folder) or [row for row in rows if {"argument", "location"} <= row.keys()]
    return tuple(
        Source(
            argument=each["argument"],
            location=Path(each["location"]),
            version=each.get("version"),
            tags=each.get("tags"),
            refs=each.get("refs"),  # another schema may not have it
        )
        for each in listed
    )


def data_of(db: sqlite3.Connection, blob: str) -> bytes:
    """The bytes of a blob."""
    row = db.execute("SELECT data FROM blob WHERE hash = ?", (blob,)).fetchone()
    if row is None:
        raise StoreError("no such document", blob, "look at `kbase versions`")
    return zlib.decompress(row[0])


def _group(kind: str, rows: Sequence[Row]) -> tuple[Record, ...]:
    return tuple(_record(blob, kind, first, last, body) for blob, first, last, body in rows)


def _record(blob: str, kind: str, first: int, last: int, body: str) -> Record:
    return codec.decode(kind, body, Evidence(blob=blob, first=first, last=last))


def _document(row: Sequence[Any]) -> DocumentRef:
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
