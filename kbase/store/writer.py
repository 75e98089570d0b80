"""The writing side of the store: fills the database of a new generation, in one transaction after another.

Nothing reads the database meanwhile; it is synced and swapped in as a whole (`kbase.store.generations`).
"""

import io
import json
import sqlite3
import tempfile
import zlib
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from kbase.model.drift import ComparedBlock, Drift
from kbase.model.records import OpRow, OpsTable, Parsed, Prototype, Record
from kbase.model.releases import release_of
from kbase.model.states import is_excerpt
from kbase.model.versions import version_key
from kbase.model.witnesses import OP_WITNESSES, DocumentKind
from kbase.sources.source import GitBlobs, ReadingKey, Source, StoredDocument
from kbase.store import codec
from kbase.store.database import blob_data, database_uri, reading_kinds
from kbase.store.stored_drift import drift_row
from kbase.text.lines import Text, decode

CARRY = (
    "INSERT INTO main.reading SELECT * FROM previous.reading WHERE (blob, name) IN (SELECT blob, name FROM wanted)",
    "INSERT INTO main.record_row SELECT * FROM previous.record_row WHERE reading IN (SELECT id FROM main.reading)",
    "INSERT INTO main.body SELECT * FROM previous.body WHERE id IN (SELECT body FROM main.record_row)",
    "INSERT INTO main.lock SELECT * FROM previous.lock WHERE reading IN (SELECT id FROM main.reading)",
)
CARRY_NEIGHBOURS = """
    INSERT INTO main.neighbours SELECT older, newer, content, compared.step, incomplete FROM previous.neighbours
    JOIN compared USING (older, newer, content)
"""
CARRY_CHANGES = """
    INSERT INTO main.{table} SELECT * FROM previous.{table}
    WHERE (older, newer) IN (SELECT older, newer FROM main.neighbours)
"""
CARRY_COMMITS = """
    INSERT INTO main.line_commit SELECT line_commit.* FROM previous.line_commit
    JOIN previous.neighbours USING (older, newer) WHERE older = ? AND newer = ? AND content = ?
"""
ADD_READING = """
    INSERT INTO main.reading (blob, name, kind, format, title, page_of, plain, ops, factual, believed)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
ADD_VERSION = """
    INSERT INTO main.version (label, label_origin, release, position, kinds, documents) VALUES (?, ?, ?, ?, ?, ?)
"""
ADD_CHANGE = "INSERT INTO main.difference VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
ADD_DRIFT = "INSERT INTO main.disagreement VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
ACTIVE = """
    SELECT document.version, label_origin, path, kind, ops, argument FROM main.document
    JOIN main.reading ON reading.id = document.reading JOIN main.source ON source.id = document.source
    WHERE active AND document.version <> '' ORDER BY document.source
"""
ENTRIES = """
    SELECT version, reading, seq, json_extract(body, '$.text') FROM main.fact
    WHERE record = 'PortingEntry' AND version <> '' ORDER BY 1, 2, 3
"""
ADD_BODY = "INSERT OR IGNORE INTO main.body (json) VALUES (?)"
ADD_RECORD = "INSERT INTO main.record_row SELECT ?, ?, ?, ?, ?, ?, ?, id FROM main.body WHERE json = ?"
WITH_SLUG = "SELECT json_set(body, '$.slug', ?) FROM main.record WHERE reading = ? AND seq = ?"
SET_BODY = "UPDATE main.record_row SET body = (SELECT id FROM main.body WHERE json = ?) WHERE reading = ? AND seq = ?"
DROP_BODIES = "DELETE FROM main.body WHERE id NOT IN (SELECT body FROM main.record_row)"
NO_FACTS = ("OpsTable", "Section", "Diagnostic")  # a document with only the title of a table states no fact about it
Row = tuple[Any, ...]
Slugs = Callable[[Iterable[Iterable[str]]], list[list[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A blob as parsed under a name, in the store's columns."""

    blob: str
    name: str
    columns: Row  # kind, format, title, page_of, plain, ops, factual, believed
    records: tuple[Row, ...]  # seq, kind, struct, name, first, last, body
    locks: tuple[Row, ...]  # subject, seq
    data: bytes  # the blob, compressed


def encode_reading(name: str, blob: str, data: bytes, text: Text, parsed: Parsed) -> Reading:
    """A parsed document in the store's columns."""
    records = tuple(_record_row(seq, record) for seq, record in enumerate(parsed.records))
    ops = {(record.struct, record.op) for record in parsed.records if isinstance(record, Prototype | OpRow)}
    factual = parsed.kind is DocumentKind.COMMIT or (  # a bare patch is a commit without a record
        parsed.kind is not DocumentKind.OTHER and any(kind not in NO_FACTS for _, kind, *_ in records)
    )
    about = parsed.kind, parsed.format, parsed.title, text.page_of, _is_plain(text, data)
    return Reading(
        blob=blob,
        name=name,
        columns=(*about, len(ops), factual, parsed.kind.traits.rank),
        records=records,
        locks=tuple(sorted((s, seq) for seq, record in enumerate(parsed.records) for s in _subjects(record))),
        data=zlib.compress(data),
    )


def _is_plain(text: Text, data: bytes) -> bool:
    """Whether the lines of a document are those of its file."""
    if text.page_of or text.flattened or text.wrapped or (text.lines and text.lines[-1].number != len(text.lines)):
        return False
    source = decode(data).replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    return source == "\n".join(line.raw for line in text.lines)


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
        """Make the database in the generation's folder; blobs and readings may be carried over from a previous one."""
        self._db = sqlite3.connect(database_uri(folder), isolation_level=None, uri=True)
        self._db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        self._db.executescript((Path(__file__).parent / "schema.sql").read_text("utf-8"))
        self._previous = previous is not None
        if previous is not None:
            self._db.execute("ATTACH ? AS previous", (f"{database_uri(previous)}?mode=ro&immutable=1",))
        self._db.execute("BEGIN")
        self._new_data = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # closed with the database
        self._new_blobs: dict[str, tuple[int, int]] = {}  # offset and length of each in that file

    def carry(self, keys: Iterable[ReadingKey]) -> set[ReadingKey]:
        """Carry over the readings with these keys from the previous database; return the keys that were found."""
        if not self._previous:
            return set()
        self._db.execute("CREATE TEMP TABLE wanted (blob TEXT, name TEXT, PRIMARY KEY (blob, name)) WITHOUT ROWID")
        self._db.executemany("INSERT INTO wanted VALUES (?, ?)", keys)
        for statement in CARRY:
            self._db.execute(statement)
        return set(self._db.execute("SELECT blob, name FROM main.reading"))

    def add_blob(self, data: bytes) -> str:
        """Hold the bytes of a document until its reading is added, unless the previous database has them.

        Returns their hash.
        """
        blob = sha256(data).hexdigest()
        if blob not in self._new_blobs and not self._is_in_previous(blob):
            self._new_blobs[blob] = self._new_data.seek(0, io.SEEK_END), len(data)
            self._new_data.write(data)
        return blob

    def _is_in_previous(self, blob: str) -> bool:
        query = "SELECT 1 FROM previous.blob WHERE hash = ?"
        return self._previous and self._db.execute(query, (blob,)).fetchone() is not None

    def carry_blobs(self, blobs: Iterable[str]) -> None:
        """Copy the bytes of those of these blobs that the previous database has."""
        if self._previous:
            statement = "INSERT OR IGNORE INTO main.blob SELECT * FROM previous.blob WHERE hash = ?"
            self._db.executemany(statement, ((blob,) for blob in sorted(blobs)))

    def data(self, blob: str) -> bytes:
        """The bytes of a blob that was added or carried over."""
        if blob not in self._new_blobs:
            return blob_data(self._db, blob)
        offset, length = self._new_blobs[blob]
        self._new_data.seek(offset)
        return self._new_data.read(length)

    def add_reading(self, reading: Reading) -> None:
        """Store a parsed document and its bytes."""
        self._db.execute("INSERT OR IGNORE INTO main.blob VALUES (?, ?)", (reading.blob, reading.data))
        number = self._db.execute(ADD_READING, (reading.blob, reading.name, *reading.columns)).lastrowid
        self._db.executemany(ADD_BODY, ((body,) for *_, body in reading.records))
        self._db.executemany(ADD_RECORD, ((number, *record) for record in reading.records))
        self._db.executemany(
            "INSERT INTO main.lock VALUES (?, ?, ?)", ((subject, number, seq) for subject, seq in reading.locks)
        )

    def reading_kinds(self) -> dict[ReadingKey, tuple[DocumentKind, bool]]:
        """The kind of each reading, and whether it states a fact."""
        return reading_kinds(self._db)

    def add_sources(self, sources: Sequence[Source], fingerprints: Mapping[int, str] | None = None) -> None:
        """Store the list of sources, in order, and the fingerprints of those that have one, by position."""
        given = ((s.argument, str(s.location), s.version, s.tags, s.refs) for s in sources)
        rows = ((i, *columns, (fingerprints or {}).get(i)) for i, columns in enumerate(given))
        self._db.executemany("INSERT INTO main.source VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def add_revisions(self, revisions: Mapping[int, Mapping[str, str]]) -> None:
        """Store the commits at which repositories were read, by the position of the source and by version."""
        rows = ((source, *revision) for source, of in revisions.items() for revision in of.items())
        self._db.executemany("INSERT INTO main.revision VALUES (?, ?, ?)", rows)

    def add_git_blobs(self, blobs: GitBlobs) -> None:
        """Store git's names of the blobs of repositories."""
        self._db.executemany("INSERT INTO main.git_blob VALUES (?, ?)", sorted(blobs.items()))

    def add_documents(self, documents: Iterable[tuple[StoredDocument, bool]]) -> None:
        """Store documents, each with whether it is active, and their versions; their readings are stored already."""
        numbers = {(blob, name): i for i, blob, name in self._db.execute("SELECT id, blob, name FROM main.reading")}
        rows = (
            (d.version, d.path, d.source, numbers[d.key], d.label_origin, d.bundled, d.origin, active)
            for d, active in documents
        )
        self._db.executemany("INSERT INTO main.document VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._add_versions()

    def _add_versions(self) -> None:
        origins, kinds = dict[str, str](), defaultdict[str, set[str]](set)
        documents = defaultdict[str, Counter[str]](Counter)
        for label, origin, path, kind, ops, source in self._db.execute(ACTIVE):
            origins[label] = min(origin, origins.get(label, origin))
            documents[label][source] += 1
            if not (kind in OP_WITNESSES and is_excerpt(DocumentKind(kind), path, ops)):
                kinds[label].add(kind)
        rows = (
            (
                label,
                origins[label],
                release_of(label),
                position,
                json.dumps(sorted(kinds[label])),
                json.dumps(documents[label]),
            )
            for position, label in enumerate(sorted(origins, key=version_key), 1)
        )
        self._db.executemany(ADD_VERSION, rows)

    def name_porting_entries(self, slugs: Slugs) -> None:
        """Give each entry of the active porting logs an address that is unique over all versions.

        `slugs` returns the address of each entry of each log, from the texts of the entries, logs oldest first.
        """
        entries = self._db.execute(ENTRIES)
        logs = [list(log) for _, log in groupby(entries, key=itemgetter(slice(2)))]
        logs.sort(key=lambda log: version_key(log[0][0]))
        named = dict[tuple[int, int], str]()
        for log, found in zip(logs, slugs([text for *_, text in log] for log in logs), strict=True):
            for (_, reading, seq, _), slug in zip(log, found, strict=True):
                named.setdefault((reading, seq), slug)
        for place, slug in named.items():
            (body,) = self._db.execute(WITH_SLUG, (slug, *place)).fetchone()
            self._db.execute(ADD_BODY, (body,))
            self._db.execute(SET_BODY, (body, *place))
        self._db.execute(DROP_BODIES)

    def set_counts(self, label: str, counts: Mapping[str, int]) -> None:
        """Store how much of each kind a version has."""
        self._db.execute("UPDATE main.version SET counts = ? WHERE label = ?", (json.dumps(counts), label))

    def carry_changes(self, pairs: Iterable[tuple[str, str, str, bool]]) -> set[tuple[str, str]]:
        """Carry over the changes between versions (older, newer, hash of their content, whether it is a step).

        Returns the pairs that the previous database had.
        """
        self._db.execute("CREATE TEMP TABLE compared (older TEXT, newer TEXT, content TEXT, step INTEGER)")
        self._db.executemany("INSERT INTO compared VALUES (?, ?, ?, ?)", pairs)
        self._db.execute(CARRY_NEIGHBOURS)
        for table in ("difference", "touched", "line_commit"):
            self._db.execute(CARRY_CHANGES.format(table=table))
        return set(self._db.execute("SELECT older, newer FROM main.neighbours"))

    def add_changes(self, pair: Row, changes: Iterable[tuple[Row, Iterable[Row]]]) -> None:
        """Store the changes between two versions; `pair` is the row of `neighbours`.

        Each change has its columns from `kind` on, and the ops that it touches: (table, op).
        """
        self._db.execute("INSERT INTO main.neighbours VALUES (?, ?, ?, ?, ?)", pair)
        for seq, (change, touched) in enumerate(changes):
            key = (*pair[:2], seq)
            self._db.execute(ADD_CHANGE, (*key, *change))
            self._db.executemany("INSERT INTO main.touched VALUES (?, ?, ?, ?, ?)", ((*op, *key) for op in touched))

    def add_commits(self, rows: Iterable[Row]) -> None:
        """Store commits that touched lines which prove changes, in the columns of `line_commit`."""
        self._db.executemany("INSERT INTO main.line_commit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def carry_commits(self, older: str, newer: str, content: str) -> None:
        """Carry over the commits between two versions, if their content was the same."""
        if self._previous:
            self._db.execute(CARRY_COMMITS, (older, newer, content))

    def changed_ops(self) -> dict[str, list[str]]:
        """The dotted names of the ops with a breaking change or one of behaviour since the neighbour, by version."""
        rows = self._db.execute(
            "SELECT newer, json_group_array(DISTINCT struct || '.' || op) FROM main.difference"
            " WHERE struct IS NOT NULL AND op IS NOT NULL AND severity IN ('breaking', 'behaviour') GROUP BY newer"
        )
        return {newer: json.loads(ops) for newer, ops in rows}

    def add_drift(self, drift: Iterable[Drift], compared: Iterable[ComparedBlock]) -> None:
        """Store the drift of all versions, and what was compared."""
        self._db.executemany(ADD_DRIFT, map(drift_row, drift))
        self._db.executemany("INSERT INTO main.compared_block VALUES (?, ?, ?, ?, ?)", map(astuple, compared))

    def add_fact_hashes(self, hashes: Mapping[str, Collection[int]]) -> None:
        """Store hashes of the facts of documents, by blob."""
        rows = ((blob, array("q", sorted(facts)).tobytes()) for blob, facts in sorted(hashes.items()))
        self._db.executemany("INSERT INTO main.fact_hash VALUES (?, ?)", rows)

    def add_warning(self, label: str, text: str) -> None:
        """Store a warning about a version."""
        self._db.execute("INSERT INTO main.warning VALUES (?, ?)", (label, text))

    def add_symbols(self, symbols: Iterable[tuple[str, str, str, Sequence[str]]]) -> None:
        """Store exact names: (as looked up, kind, full name, versions)."""
        sets: dict[tuple[str, ...], int] = {}
        for folded, kind, name, versions in symbols:
            number = sets.setdefault(tuple(versions), len(sets))
            self._db.execute("INSERT INTO main.symbol VALUES (?, ?, ?, ?)", (folded, kind, name, number))
        rows = ((number, json.dumps(versions)) for versions, number in sets.items())
        self._db.executemany("INSERT INTO main.versionset VALUES (?, ?)", rows)

    def stamp(self, **values: str) -> None:
        """Store what the database was made from, and by which code."""
        self._db.executemany("INSERT OR REPLACE INTO main.stamp VALUES (?, ?)", values.items())

    def commit(self) -> None:
        """Make what was written so far readable by `Store`."""
        self._db.execute("COMMIT")
        self._db.execute("BEGIN")

    def finish(self) -> None:
        """Write the rest and close."""
        self._db.execute("COMMIT")
        self.close()

    def close(self) -> None:
        """Close, whether or not everything was written."""
        self._db.close()
        self._new_data.close()
