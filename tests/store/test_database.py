"""What the writer keeps, the store gives back: documents, records, texts; and databases that are none."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kbase.errors import StoreError
from kbase.model.records import (
    Evidence,
    Format,
    Held,
    LockRule,
    OpsTable,
    Parsed,
    Prototype,
    Reading,
    Record,
    Section,
)
from kbase.model.witnesses import DocumentKind
from kbase.sources.source import Source, StoredDocument
from kbase.store.codec import KINDS
from kbase.store.database import SCHEMA, Store, source_list
from kbase.store.generations import FILE
from kbase.store.writer import Writer, encode_reading
from kbase.text.lines import decode, split_lines

LOCKING = "Documentation/filesystems/locking.rst"
STRUCT = "inode_operations"


def records(blob: str) -> tuple[Record, ...]:
    def at(line: int) -> Evidence:
        return Evidence(blob=blob, first=line, last=line)

    reading = Reading(subject="i_rwsem", held=Held.YES)
    context = Reading(subject=None, held=Held.YES, context=True)
    return (
        Section(titles=("Locking",), text="words", evidence=at(1)),
        OpsTable(name=STRUCT, written=STRUCT, columns=("i_rwsem(inode)", "may block"), evidence=at(3)),
        Prototype(struct=STRUCT, op="rename", text="int r(void)", raw="", returns="int", parameters=(), evidence=at(2)),
        LockRule(struct=STRUCT, op="rename", lock="i_mutex(inode)", cell="yes", readings=(reading,), evidence=at(3)),
        LockRule(struct=STRUCT, op="rename", lock="may block", cell="yes", readings=(context,), evidence=at(3)),
    )


def write(
    folder: Path,
    data: dict[tuple[str, str], bytes],
    previous: Path | None = None,
    told: Callable[[str], tuple[Record, ...]] = records,
    **stamp: str,
) -> set[str]:
    """A database of documents by version and path, each with what is `told` of it; gives the names carried."""
    folder.mkdir(parents=True, exist_ok=True)
    with closing(Writer(folder, previous)) as writer:
        held = [
            StoredDocument(version=v, path=p, blob=writer.add_blob(b), source=0, label_origin="given")
            for (v, p), b in data.items()
        ]
        writer.carry_blobs({document.blob for document in held})
        carried = writer.carry({document.key for document in held})
        for key in sorted({document.key for document in held} - carried):
            content = writer.data(key[0])
            text = split_lines(decode(content))
            parsed = Parsed(kind=DocumentKind.LOCKING, format=Format.RST, title="Locking", records=told(key[0]))
            writer.add_reading(encode_reading(key[1], key[0], content, text, parsed))
        writer.add_sources([Source(argument="v6.4=tree", location=Path("/tree"), version="v6.4")])
        writer.add_documents((document, True) for document in held)
        writer.add_symbols([("rename", "op", "inode_operations.rename", ["v6.4", "v6.8"])])
        for label in {document.version for document in held}:
            writer.set_counts(label, {"ops": 1})
        writer.stamp(**{"schema": str(SCHEMA), **stamp})
        writer.finish()
    return {name for _, name in carried}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "1", {("v6.4", LOCKING): b"one\ntwo\tx\nthree", ("v6.8", LOCKING): b"one\ntwo\tx\nthree"})
    return tmp_path / "1"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with closing(Store(folder)) as opened:
        yield opened


def test_documents_come_back_with_the_version(store: Store) -> None:
    [document] = store.documents("v6.8")
    assert (document.version, document.path, document.title) == ("v6.8", LOCKING, "Locking")
    assert (document.kind, document.format) == (DocumentKind.LOCKING, Format.RST)
    assert document.source == "v6.4=tree"
    assert store.documents("v5.4") == ()


def test_records_come_back_as_they_were_in_the_documents_order(store: Store) -> None:
    [document] = store.documents("v6.4")
    assert tuple(cited.record for cited in store.cited("v6.4", KINDS)) == records(document.blob)
    assert [cited.line for cited in store.cited("v6.4", KINDS)] == [1, 3, 2, 3, 3]
    assert {cited.document for cited in store.cited("v6.4", KINDS)} == {document}


def test_kinds_are_read_alone_and_facts_without_sections(store: Store) -> None:
    assert [type(cited.record) for cited in store.cited("v6.4", ("Section",))] == [Section]
    [(reading, _)] = store.readings("v6.4")
    assert Section not in {type(record) for record in store.records(reading)}


def test_a_blob_of_two_versions_is_kept_and_read_once(store: Store, folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE)) as db:
        assert db.execute("SELECT COUNT(*) FROM blob").fetchone() == (1,)
        assert db.execute("SELECT COUNT(*) FROM reading").fetchone() == (1,)
    assert len(store.all_documents()) == 2


def test_the_text_is_the_bytes_lines(store: Store) -> None:
    [document] = store.documents("v6.4")
    assert store.text(document.blob).quote(2, 3) == "two\tx\nthree"
    with pytest.raises(StoreError, match="no such document"):
        store.text("0" * 64)


def test_records_about_a_lock_by_version(store: Store) -> None:
    [cited] = store.about_lock("i_rwsem")["v6.8"]
    assert (cited.record.cell, cited.document.version) == ("yes", "v6.8")
    assert store.locks() == {"i_rwsem": (("inode_operations.rename",), ("v6.4", "v6.8"))}


def test_the_facts_of_a_document_stand_in_the_order_of_their_lines(store: Store) -> None:
    [document] = store.documents("v6.4")
    assert [cited.line for cited in store.facts(document)] == [2, 3, 3, 3]


def test_symbols_versions_and_sources(store: Store) -> None:
    assert store.symbols("rename") == (("op", "inode_operations.rename", ("v6.4", "v6.8")),)
    assert store.names() == {"rename": "rename"}
    documents = {"v6.4=tree": 1}
    assert store.versions() == (("v6.4", "given", documents, {"ops": 1}), ("v6.8", "given", documents, {"ops": 1}))
    assert store.kinds() == {"v6.4": {DocumentKind.LOCKING}, "v6.8": {DocumentKind.LOCKING}}
    assert store.sources() == (Source(argument="v6.4=tree", location=Path("/tree"), version="v6.4"),)
    assert source_list(store.folder) == store.sources()


def test_readings_are_carried_over_from_the_previous_database(folder: Path, tmp_path: Path) -> None:
    data = {("v6.4", LOCKING): b"one\ntwo\tx\nthree", ("v6.8", "other.rst"): b"new"}
    assert write(tmp_path / "2", data, folder) == {LOCKING}
    with closing(Store(folder)) as old, closing(Store(tmp_path / "2")) as new:
        assert new.cited("v6.4", KINDS) == old.cited("v6.4", KINDS)
        assert new.about_lock("i_rwsem")["v6.4"] == old.about_lock("i_rwsem")["v6.4"]
        assert new.text(new.documents("v6.8")[0].blob).quote(1, 1) == "new"


def test_a_document_that_does_not_stand_is_not_given(tmp_path: Path) -> None:
    with closing(Writer(tmp_path)) as writer:
        blob = writer.add_blob(b"x")
        document = StoredDocument(version="v6.4", path=LOCKING, blob=blob, source=0, label_origin="given")
        parsed = Parsed(kind=DocumentKind.LOCKING, format=Format.RST, title="", records=records(blob))
        writer.add_reading(encode_reading(LOCKING, blob, b"x", split_lines("x"), parsed))
        writer.add_sources([Source(argument="tree", location=Path("/tree"))])
        writer.add_documents([(document, False)])
        writer.stamp(schema=str(SCHEMA))
        writer.finish()
    with closing(Store(tmp_path)) as store:
        assert store.documents("v6.4") == ()
        assert store.cited("v6.4", KINDS) == ()
        assert store.locks() == {}
        assert store.all_documents() == (document,)


def test_many_threads_read_at_once(store: Store) -> None:
    expected, seen, errors = store.cited("v6.4", KINDS), list[bool](), list[Exception]()

    def read() -> None:
        try:
            seen.extend(store.cited("v6.4", KINDS) == expected for _ in range(50))
        except Exception as error:  # noqa: BLE001  # whatever it is, the test must see it
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert seen == [True] * 400


def test_a_missing_database_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="damaged, or not a kbase database"):
        Store(tmp_path)
    with pytest.raises(StoreError, match="no kbase database"):
        Store.open(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + b"\0" * 100])
def test_a_file_that_is_no_database_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(StoreError, match="damaged, or not a kbase database"):
        Store(tmp_path)


def test_another_schema_is_told_and_its_sources_are_still_known(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE)) as db:
        db.execute("UPDATE stamp SET value = '0' WHERE key = 'schema'")
        db.commit()
    with pytest.raises(StoreError, match="another version of kbase"):
        Store(folder)
    assert [source.argument for source in source_list(folder)] == ["v6.4=tree"]


def test_a_damaged_page_is_told_when_it_is_read(folder: Path) -> None:
    data = bytearray((folder / FILE).read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    (folder / FILE).write_bytes(data)
    with pytest.raises(StoreError, match="damaged"), closing(Store(folder)) as store:
        store.cited("v6.4", KINDS)


def test_the_store_does_not_write(store: Store) -> None:
    with pytest.raises(StoreError, match="readonly"):
        store._rows("DELETE FROM document")
