"""A damaged database: every command tells it in one line, and `kbase build`, which it advises, writes it again."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kbase import places
from kbase.build.pipeline import build, remove
from kbase.cli import main
from kbase.errors import SourceError, StoreError
from kbase.store import generations

Put = Callable[[Path, str], Path]
Locking = Callable[..., str]
Cell = Callable[[Path, str], str]
Labels = Callable[[Path], tuple[str, ...]]
READING = (
    *("versions", "show create", "search create", "diff v6.4 v6.8", "history create", "export", "check"),
    *("identify {tree}", "export --format documents {out}", "remove v9.9"),
)


def flip(path: Path) -> None:
    """Other bits in many bytes, none of them in the head of a file."""
    data = bytearray(path.read_bytes())
    for place in range(len(data) // 2, len(data), 97):
        data[place] ^= 1
    path.write_bytes(data)


def flip_one(path: Path) -> None:
    """Another bit in the last line of text that the file has."""
    data = bytearray(path.read_bytes())
    data[data.rindex(b"exclusive")] ^= 1
    path.write_bytes(data)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def garble(path: Path) -> None:
    path.write_bytes(b"\xff\0 nothing of sense\n" * 50)


def delete(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def fold(path: Path) -> None:
    delete(path)
    path.mkdir()


def link(path: Path) -> None:
    delete(path)
    path.symlink_to("nowhere")


def pipe(path: Path) -> None:
    delete(path)
    os.mkfifo(path)


def drop(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE body")


def misname(path: Path) -> None:
    path.write_text("99\n")


REPLACED = (delete, fold, link, pipe)
DAMAGES = [
    *((generations.FILE, how) for how in (flip, flip_one, truncate, empty, garble, drop, *REPLACED)),
    *(("manifest.json", how) for how in (flip, truncate, empty, garble, *REPLACED)),
    *(("in-use", how) for how in REPLACED),
    *(("index", how) for how in REPLACED),
    *(("index/texts", how) for how in (flip, *REPLACED)),
    *((f"index/{name}", how) for name in ("catalogue.msgpack", "manifest.json") for how in (truncate, empty)),
    *((f"index/whoosh/{name}", how) for name in ("_MAIN_1.toc", "*.seg") for how in (truncate, pipe)),
    *(("current", how) for how in (empty, garble, misname, *REPLACED)),
    *(("current.sqlite", how) for how in REPLACED),
    *(("lock", how) for how in (delete, garble)),
]


def damage(db: Path, name: str, how: Callable[[Path], None]) -> None:
    """Damage a file of the folder, or of the generation that serves."""
    folder = db if name in ("current", "current.sqlite", "lock") else generations.current(db)
    [path] = folder.glob(name)
    how(path)


@pytest.fixture
def held(db: Path, corpus: Path, tmp_path: Path, tree: Put, locking: Locking, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of the bundled v6.4 and of the user's v6.8."""
    monkeypatch.setattr(places, "corpus", lambda: corpus)
    build(db, [str(tree(tmp_path / "v6.8", locking()))])
    return db


Told = Callable[..., tuple[int, str, str]]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """Status, output and complaint of the program."""

    def run(db: Path, words: str) -> tuple[int, str, str]:
        filled = words.format(tree=db.parent / "v6.8", out=db.parent / "out")
        with pytest.raises(SystemExit) as ended:
            main([*filled.split(), "--db", str(db)])
        assert isinstance(ended.value.code, int)
        return (ended.value.code, *capsys.readouterr())

    return run


def test_what_is_not_damaged_is_not_written_again(held: Path, told: Told) -> None:
    assert all(told(held, words)[0] == (2 if "v9.9" in words else 0) for words in READING)
    assert "nothing changed" in told(held, "build")[1]


@pytest.mark.parametrize(("name", "how"), DAMAGES)
def test_damage_is_told_and_mended(
    name: str, how: Callable[[Path], None], held: Path, told: Told, cell: Cell, labels: Labels
) -> None:
    damage(held, name, how)
    for words in READING:
        status, out, error = told(held, words)
        if status:
            assert (status, out) == (2, "")
            assert error.count("\n") == 1, error
            assert "`kbase build`" in error or "v9.9" in error, error
            assert "internal error" not in error
    status, out, error = told(held, "build")
    assert (status, error.count("kbase:")) == (0, 0), error
    assert labels(held) == ("v6.4", "v6.8")
    assert (cell(held, "v6.4"), cell(held, "v6.8")) == ("bundled", "exclusive")
    assert all(told(held, words)[0] == (2 if "v9.9" in words else 0) for words in READING)
    assert "nothing changed" in told(held, "build")[1]
    assert len(list((held / "generations").iterdir())) == 1


@pytest.mark.parametrize("how", [delete, fold])
def test_what_is_lost_is_told(how: Callable[[Path], None], held: Path, told: Told, labels: Labels) -> None:
    how(held / "generations")
    assert "write it again with `kbase build`" in told(held, "show create")[2]
    with pytest.raises(StoreError, match="damaged"):
        remove(held, "v6.8")
    status, out, _ = told(held, "build")
    said = " ".join(out.split())
    assert status == 0
    assert "its content is lost, also the list of its sources: add yours again with `kbase build SOURCE`" in said
    assert labels(held) == ("v6.4",)


def test_a_database_whose_sources_cannot_be_told_is_left_alone(held: Path, told: Told, labels: Labels) -> None:
    folder = generations.current(held)
    garble(folder / generations.FILE)
    delete(folder / "manifest.json")
    with pytest.raises(StoreError, match="its sources cannot be read") as error:
        build(held)
    assert "move it away" in str(error.value)
    assert (folder / generations.FILE).is_file()


def test_a_database_whose_source_is_gone_is_left_alone(held: Path, tmp_path: Path) -> None:
    folder = generations.current(held)
    truncate(folder / generations.FILE)
    (tmp_path / "v6.8").rename(tmp_path / "elsewhere")
    with pytest.raises(SourceError, match="the source is missing, and needed"):
        build(held)
    assert (folder / generations.FILE).is_file()
    (tmp_path / "elsewhere").rename(tmp_path / "v6.8")
    assert build(held).parsed == 3


def test_a_damaged_index_costs_no_document_of_a_source_that_is_gone(held: Path, tmp_path: Path, cell: Cell) -> None:
    (tmp_path / "v6.8").rename(tmp_path / "elsewhere")
    truncate(generations.current(held) / "index/texts")
    report = build(held)
    assert (report.changed, report.parsed, cell(held, "v6.8")) == (True, 0, "exclusive")


@pytest.mark.parametrize(
    "name", ["current.new", "current.sqlite", "current.sqlite.new", "lock", "generations", "current"]
)
def test_no_link_is_followed_when_writing(name: str, held: Path, tmp_path: Path, tree: Put, locking: Locking) -> None:
    """What a link in the database folder leads to stays as it is."""
    treasure = tmp_path / "treasure"
    (treasure / "1").mkdir(parents=True)
    (treasure / "letter").write_text("my own")
    target = treasure if name == "generations" else treasure / "letter"
    if (held / name).exists():
        delete(held / name)
    (held / name).symlink_to(target)
    tree(tmp_path / "v6.8", locking("shared"))
    try:
        build(held)
    except StoreError as error:
        assert name in str(error)  # noqa: PT017  # it may also succeed
    assert sorted(path.name for path in treasure.iterdir()) == ["1", "letter"]
    assert (treasure / "letter").read_text() == "my own"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_the_folder_of_another_user_is_not_written(held: Path) -> None:
    os.chown(held, 12345, 12345)
    with pytest.raises(StoreError, match="belongs to another user"):
        build(held)
