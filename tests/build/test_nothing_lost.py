"""What a build leaves alone: nothing is lost that was held, whatever goes wrong."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kbase.build import indexing
from kbase.build import pipeline as builder
from kbase.build.pipeline import build, remove
from kbase.errors import SourceError, StoreError
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.records import Parsed
from kbase.store import generations
from kbase.text.lines import Text

pytestmark = pytest.mark.slow

Put = Callable[[Path, str], Path]
Locking = Callable[..., str]
Labels = Callable[[Path], tuple[str, ...]]
Cell = Callable[[Path, str], str]


def test_nothing_is_lost_when_a_source_is_mistaken(
    db: Path, corpus: Path, tmp_path: Path, put: Put, tree: Put, locking: Locking, labels: Labels
) -> None:
    build(db, [str(tree(tmp_path / "v5.4", locking()))], corpus=corpus)
    binary = tmp_path / "binary"
    binary.write_bytes(b"\0\1")
    for mistaken in (str(tmp_path / "nothing"), f"v6.4={binary}", str(put(tmp_path / "x.rst", locking()))):
        with pytest.raises(SourceError):
            build(db, [str(tree(tmp_path / "v5.15", locking())), mistaken], corpus=corpus)
    assert labels(db) == ("v5.4", "v6.4")
    assert [path.name for path in (db / "generations").iterdir()] == ["1"]


def test_a_parser_that_fails_costs_nothing(
    db: Path, corpus: Path, tmp_path: Path, tree: Put, locking: Locking, labels: Labels
) -> None:
    build(db, corpus=corpus)

    def fail(name: str, text: Text, blob: str) -> Parsed:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        build(db, [str(tree(tmp_path / "v5.4", locking()))], corpus=corpus, parse=fail)
    assert labels(db) == ("v6.4",)


def test_a_changed_parser_reads_everything_again_also_what_is_no_longer_there(
    db: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tree: Put, locking: Locking, cell: Cell
) -> None:
    source = tree(tmp_path / "v5.4", locking())
    build(db, [str(source)], corpus=corpus)
    source.rename(tmp_path / "elsewhere")
    monkeypatch.setattr(builder, "_code", lambda names: "another")
    report = build(db, corpus=corpus)
    assert (report.parsed, report.carried, report.changed) == (3, 0, True)
    assert cell(db, "v5.4") == "exclusive"


def test_a_database_of_another_schema_is_built_again_from_its_sources(
    db: Path, corpus: Path, tmp_path: Path, tree: Put, locking: Locking, labels: Labels
) -> None:
    build(db, [str(tree(tmp_path / "v5.4", locking()))], corpus=corpus)
    with closing(sqlite3.connect(generations.current(db) / generations.FILE)) as connection:
        connection.execute("UPDATE stamp SET value = '0' WHERE key = 'schema'")
        connection.execute("ALTER TABLE source DROP COLUMN refs")  # as before schema 6
        connection.commit()
    with pytest.raises(StoreError, match="another version of kbase"):
        KnowledgeBase.open(db)
    with pytest.raises(StoreError, match="another version of kbase"):
        remove(db, "v5.4", corpus=corpus)
    assert build(db, corpus=corpus).parsed == 3
    assert labels(db) == ("v5.4", "v6.4")


def test_an_old_schema_whose_source_is_gone_is_left_alone(
    db: Path, corpus: Path, tmp_path: Path, tree: Put, locking: Locking
) -> None:
    build(db, [str(tree(tmp_path / "v5.4", locking()))], corpus=corpus)
    with closing(sqlite3.connect(generations.current(db) / generations.FILE)) as connection:
        connection.execute("UPDATE stamp SET value = '0' WHERE key = 'schema'")
        connection.commit()
    (tmp_path / "v5.4").rename(tmp_path / "elsewhere")
    with pytest.raises(SourceError, match="put it back"):
        build(db, corpus=corpus)
    assert generations.current(db).name == "1"


def test_a_build_is_readable_while_the_next_one_swaps_in(
    db: Path, corpus: Path, tmp_path: Path, tree: Put, locking: Locking
) -> None:
    build(db, corpus=corpus)
    with closing(KnowledgeBase.open(db)) as old:
        build(db, [str(tree(tmp_path / "v5.4", locking()))], corpus=corpus)
        assert not old.is_current(db)
        assert old.labels() == ("v6.4",)
        assert old.op("v6.4", "inode_operations", "create").locks
        assert old.search("create").total
    with closing(KnowledgeBase.open(db)) as new:
        assert new.is_current(db)
        assert new.labels() == ("v5.4", "v6.4")


def test_a_build_killed_while_it_parses_leaves_the_old_one(
    db: Path, corpus: Path, tmp_path: Path, tree: Put, locking: Locking, labels: Labels
) -> None:
    build(db, corpus=corpus)
    code = (
        "import os, signal, sys; from pathlib import Path; from kbase.build.pipeline import build\n"
        "def die(stage, done, total, what):\n"
        "    if stage == sys.argv[4]: os.kill(os.getpid(), signal.SIGKILL)\n"
        "build(Path(sys.argv[1]), [sys.argv[2]], corpus=Path(sys.argv[3]), progress=die)"
    )
    source = str(tree(tmp_path / "v5.4", locking()))
    for stage in ("read", "parse", "assemble", "compare", "index", "swap"):
        command = [sys.executable, "-c", code, str(db), source, str(corpus), stage]
        killed = subprocess.run(command, env=os.environ, check=False)
        assert killed.returncode == -signal.SIGKILL
        assert labels(db) == ("v6.4",)
    build(db, [source], corpus=corpus)
    assert labels(db) == ("v5.4", "v6.4")
    assert len(list((db / "generations").iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_told(corpus: Path, tmp_path: Path, put: Put) -> None:
    put(tmp_path / "file", "x")
    with pytest.raises(StoreError, match="cannot be written"):
        build(tmp_path / "file/db", corpus=corpus)


def test_a_full_disk_is_told_and_costs_nothing(
    db: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tree: Put, locking: Locking, labels: Labels
) -> None:
    build(db, corpus=corpus)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(indexing, "write_index", full)
    with pytest.raises(StoreError, match="No space left on device"):
        build(db, [str(tree(tmp_path / "v5.4", locking()))], corpus=corpus)
    assert labels(db) == ("v6.4",)
