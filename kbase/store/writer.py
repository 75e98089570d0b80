"""The writing side of the store: fills the database of a new generation, in one transaction after another.

Nothing reads the database meanwhile; it is synced and swapped in as a whole (`kbase.store.generations`).
"""

import json
import sqlite3
import zlib
from array import array
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kbase.model.records import DocumentKind, OpsTable, Parsed, Record
from kbase.model.versions import version_key
from kbase.sources.readers import GitBlobs
from kbase.sources.source import Source
from kbase.store import codec
from kbase.store.database import KINDS, STATING, HeldDocument, data_of, database_uri
from kbase.text.lines import Text

CARRY = (
    "INSERT INTO main.reading SELECT * FROM previous.reading WHERE (blob, name) IN (SELECT blob, name FROM wanted)",
    "INSERT INTO main.record SELECT * FROM previous.record WHERE reading IN (SELECT id FROM main.reading)",
    "INSERT INTO main.lock SELECT * FROM previous.lock WHERE reading IN (SELECT id FROM main.reading)",
)
CARRY_NEIGHBOURS = """
    INSERT INTO main.neighbours SELECT * FROM previous.neighbours
    WHERE (older, newer, content) IN (SELECT older, newer, content FROM compared)
"""
CARRY_CHANGES = """
    INSERT INTO main.difference SELECT * FROM previous.difference
    WHERE (older, newer) IN (SELECT older, newer FROM main.neighbours)
"""
ADD_CHANGE = "INSERT INTO main.difference VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
ENTRIES = """
    SELECT version, reading, seq, json_extract(body, '$.text') FROM main.fact
    WHERE record = 'PortingEntry' AND version <> '' ORDER BY 1, 2, 3
"""
RENAME = "UPDATE main.record SET body = json_set(body, '$.slug', ?) WHERE reading = ? AND seq = ?"
NO_SEALS: Mapping[int, str] = MappingProxyType({})
IN_MAIN, IN_PREVIOUS = "SELECT 1 FROM main.blob WHERE hash = ?", "SELECT 1 FROM previous.blob WHERE hash = ?"
Row = tuple[Any, ...]
Slugs = Callable[[Iterable[Iterable[str]]], list[list[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A blob as parsed under a name, in the store's columns."""

    blob: str
    name: str
    columns: Row  # kind, format, title, page_of
    records: tuple[Row, ...]  # seq, kind, struct, name, first, last, body
    locks: tuple[Row, ...]  # subject, seq


def encode_reading(name: str, blob: str, text: Text, parsed: Parsed) -> Reading:
    """A parsed document in the store's columns."""
    return Reading(
        blob=blob,
        name=name,
        columns=(parsed.kind.value, parsed.format.value, parsed.title, text.page_of),
        records=tuple(_record_row(seq, record) for seq, record in enumerate(parsed.records)),
        locks=tuple(sorted((s, seq) for seq, record in enumerate(parsed.records) for s in _subjects(record))),
    )


def _record_row(seq: int, record: Record) -> Row:
    struct = record.name if isinstance(record, OpsTable) else getattr(record, "struct", None)
    name = getattr(record, "op", None) or getattr(record, "name", None)
    lines = record.evidence
    return seq, type(record).__name__, struct, name, lines.first, lines.last, codec.encode(record)


def _subjects(record: Record) -> set[str]:
    readings = getattr(record, "readings", None) or (getattr(record, "reading", None),)
    return {reading.subject for reading in readings if reading and reading.subject and not reading.context}


class Writer:
    """Fills the database of a new generation; `finish` closes it."""

    def __init__(self, folder: Path, previous: Path | None = None) -> None:
        """Make the database in the generation's folder; blobs and readings may be taken over from a previous one."""
        self._db = sqlite3.connect(database_uri(folder), isolation_level=None, uri=True)
        self._db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        self._db.executescript((Path(__file__).parent / "schema.sql").read_text("utf-8"))
        self._previous = previous is not None
        if previous is not None:
            self._db.execute("ATTACH ? AS previous", (f"{database_uri(previous)}?mode=ro&immutable=1",))
        self._db.execute("BEGIN")

    def carry(self, keys: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Take over the readings with these keys (blob, name) from the previous database; gives those it had."""
        if not self._previous:
            return set()
        self._db.execute("CREATE TEMP TABLE wanted (blob TEXT, name TEXT, PRIMARY KEY (blob, name)) WITHOUT ROWID")
        self._db.executemany("INSERT INTO wanted VALUES (?, ?)", keys)
        for statement in CARRY:
            self._db.execute(statement)
        return set(self._db.execute("SELECT blob, name FROM main.reading"))

    def add_blob(self, data: bytes) -> str:
        """Keep the bytes of a document, unless the previous database has them; gives their hash."""
        blob = sha256(data).hexdigest()
        kept = (IN_PREVIOUS, IN_MAIN) if self._previous else (IN_MAIN,)
        if not any(self._db.execute(query, (blob,)).fetchone() for query in kept):
            self._db.execute("INSERT INTO main.blob VALUES (?, ?)", (blob, zlib.compress(data, 6)))
        return blob

    def carry_blobs(self, blobs: Iterable[str]) -> None:
        """Take over the bytes of these blobs, as far as the previous database has them."""
        if self._previous:
            statement = "INSERT OR IGNORE INTO main.blob SELECT * FROM previous.blob WHERE hash = ?"
            self._db.executemany(statement, ((blob,) for blob in sorted(blobs)))

    def data(self, blob: str) -> bytes:
        """The bytes of a blob kept before."""
        return data_of(self._db, blob)

    def add_reading(self, reading: Reading) -> None:
        """Keep a parsed document."""
        row = (reading.blob, reading.name, *reading.columns)
        insert = "INSERT INTO main.reading (blob, name, kind, format, title, page_of) VALUES (?, ?, ?, ?, ?, ?)"
        number = self._db.execute(insert, row).lastrowid
        rows = ((number, *record) for record in reading.records)
        self._db.executemany("INSERT INTO main.record VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._db.executemany(
            "INSERT INTO main.lock VALUES (?, ?, ?)", ((subject, number, seq) for subject, seq in reading.locks)
        )

    def kinds(self) -> dict[tuple[str, str], DocumentKind]:
        """What each reading turned out to be."""
        return {(blob, name): DocumentKind(kind) for blob, name, kind in self._db.execute(KINDS)}

    def stating(self) -> set[tuple[str, str]]:
        """The readings, by blob and name, that have a fact."""
        return set(self._db.execute(STATING))

    def add_sources(self, sources: Sequence[Source], seals: Mapping[int, str] = NO_SEALS) -> None:
        """Keep the list of sources, in order, and the seals of those that have one, by position."""
        given = ((s.argument, str(s.location), s.version, s.tags, s.refs) for s in sources)
        rows = ((i, *columns, seals.get(i)) for i, columns in enumerate(given))
        self._db.executemany("INSERT INTO main.source VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def add_git_blobs(self, blobs: GitBlobs) -> None:
        """Keep what git calls the blobs of repositories."""
        self._db.executemany("INSERT INTO main.git_blob VALUES (?, ?)", sorted(blobs.items()))

    def add_documents(self, documents: Iterable[tuple[HeldDocument, bool]]) -> None:
        """Keep documents, each with whether it stands; their readings are there already."""
        numbers = {(blob, name): i for i, blob, name in self._db.execute("SELECT id, blob, name FROM main.reading")}
        rows = (
            (d.version, d.path, d.source, numbers[d.key], d.label_origin, d.bundled, d.origin, stands)
            for d, stands in documents
        )
        self._db.executemany("INSERT INTO main.document VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def name_porting_entries(self, slugs: Slugs) -> None:
        """Give each entry of the active porting logs an address that is its own over all versions.

        `slugs` gives the address of each entry of each log, from the texts of the entries, logs oldest first.
        """
        entries = self._db.execute(ENTRIES)
        logs = [list(log) for _, log in groupby(entries, key=itemgetter(slice(2)))]
        logs.sort(key=lambda log: version_key(log[0][0]))
        named = dict[tuple[int, int], str]()
        for log, found in zip(logs, slugs([text for *_, text in log] for log in logs), strict=True):
            for (_, reading, seq, _), slug in zip(log, found, strict=True):
                named.setdefault((reading, seq), slug)
        self._db.executemany(RENAME, ((slug, *place) for place, slug in named.items()))

    def add_version(self, label: str, label_origin: str, counts: dict[str, int], release: str, position: int) -> None:
        """Keep what is told about a version in a list of versions; its position is the place that it has there."""
        row = (label, label_origin, json.dumps(counts), release, position)
        self._db.execute("INSERT INTO main.version VALUES (?, ?, ?, ?, ?)", row)

    def carry_changes(self, pairs: Iterable[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
        """Take over the changes between versions (older, newer, hash of what is compared); gives those it had."""
        self._db.execute("CREATE TEMP TABLE compared (older TEXT, newer TEXT, content TEXT)")
        self._db.executemany("INSERT INTO compared VALUES (?, ?, ?)", pairs)
        for statement in (CARRY_NEIGHBOURS, CARRY_CHANGES):
            self._db.execute(statement)
        return set(self._db.execute("SELECT older, newer, content FROM main.neighbours"))

    def add_changes(self, older: str, newer: str, content: str, changes: Iterable[Row]) -> None:
        """Keep the changes between two versions, in the columns of the table from `kind` on."""
        self._db.execute("INSERT INTO main.neighbours VALUES (?, ?, ?)", (older, newer, content))
        rows = ((older, newer, seq, *change) for seq, change in enumerate(changes))
        self._db.executemany(ADD_CHANGE, rows)

    def add_claims(self, claims: Mapping[str, Collection[int]]) -> None:
        """Keep hashes of what documents state, by blob."""
        rows = ((blob, array("q", sorted(facts)).tobytes()) for blob, facts in sorted(claims.items()))
        self._db.executemany("INSERT INTO main.claim VALUES (?, ?)", rows)

    def add_warning(self, label: str, text: str) -> None:
        """Keep what is to be said against a version."""
        self._db.execute("INSERT INTO main.warning VALUES (?, ?)", (label, text))

    def add_symbols(self, symbols: Iterable[tuple[str, str, str, Sequence[str]]]) -> None:
        """Keep exact names: (as looked up, kind, name in full, versions)."""
        sets: dict[tuple[str, ...], int] = {}
        for folded, kind, name, versions in symbols:
            number = sets.setdefault(tuple(versions), len(sets))
            self._db.execute("INSERT INTO main.symbol VALUES (?, ?, ?, ?)", (folded, kind, name, number))
        rows = ((number, json.dumps(versions)) for versions, number in sets.items())
        self._db.executemany("INSERT INTO main.versionset VALUES (?, ?)", rows)

    def stamp(self, **values: str) -> None:
        """Say what the database was made of and by."""
        self._db.executemany("INSERT OR REPLACE INTO main.stamp VALUES (?, ?)", values.items())

    def commit(self) -> None:
        """Make what was written so far readable for `Store`."""
        self._db.execute("COMMIT")
        self._db.execute("BEGIN")

    def finish(self) -> None:
        """Write the rest and close."""
        self._db.execute("COMMIT")
        self.close()

    def close(self) -> None:
        """Close, whatever was written."""
        self._db.close()
