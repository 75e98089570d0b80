"""`current.sqlite` leads to the database that serves: whatever ends a build, whatever somebody puts in its place."""

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kbase.build.pipeline import build
from kbase.errors import StoreError
from kbase.store import generations
from kbase.store.generations import FILE, LINK, NEW_LINK

Put = Callable[[Path, str], Path]
Locking = Callable[..., str]
LABELS = "SELECT label FROM version ORDER BY position"


def read(db: Path) -> list[str]:
    """The versions, as a program that knows nothing of kbase reads them, and that no file comes of it."""
    before = sorted(path for path in db.rglob("*"))
    with closing(sqlite3.connect(f"file:{db / LINK}?mode=ro", uri=True)) as connection:
        found = [label for (label,) in connection.execute(LABELS)]
    assert sorted(path for path in db.rglob("*")) == before
    return found


def leads_to(db: Path) -> Path:
    """Where the link leads, which is beside it; nothing else is left of making it."""
    target = (db / LINK).readlink()
    assert not target.is_absolute()
    assert not os.path.lexists(db / NEW_LINK)
    return db / target


@pytest.fixture
def source(tmp_path: Path, tree: Put, locking: Locking) -> str:
    """A tree that no build has read yet."""
    return str(tree(tmp_path / "v5.4", locking()))


def test_it_leads_to_what_serves_after_every_build(db: Path, corpus: Path, source: str) -> None:
    build(db, corpus=corpus)
    assert (leads_to(db), read(db)) == (generations.current(db) / FILE, ["v6.4"])
    build(db, [source], corpus=corpus)
    assert (leads_to(db), read(db)) == (generations.current(db) / FILE, ["v5.4", "v6.4"])
    assert not build(db, corpus=corpus).changed
    assert (leads_to(db), read(db)) == (generations.current(db) / FILE, ["v5.4", "v6.4"])


def test_it_goes_with_its_folder(db: Path, corpus: Path, tmp_path: Path) -> None:
    build(db, corpus=corpus)
    db.rename(tmp_path / "elsewhere")
    assert read(tmp_path / "elsewhere") == ["v6.4"]


def test_who_reads_the_old_database_goes_on_reading_it(db: Path, corpus: Path, source: str) -> None:
    build(db, corpus=corpus)
    with closing(sqlite3.connect(f"file:{db / LINK}?mode=ro", uri=True)) as connection:
        connection.execute("SELECT 1 FROM stamp")
        build(db, [source], corpus=corpus)
        assert connection.execute(LABELS).fetchall() == [("v6.4",)]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert read(db) == ["v5.4", "v6.4"]


@pytest.mark.parametrize("when", ["before", "between"])
def test_a_build_killed_after_the_swap_is_put_right_by_one_that_changes_nothing(
    db: Path, corpus: Path, source: str, when: str
) -> None:
    """Killed before the new link is made, or between that and its renaming: the old database is read meanwhile."""
    build(db, corpus=corpus)
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from kbase.store import generations; from kbase.build.pipeline import build\n"
        "db, rename = Path(sys.argv[1]), Path.replace\n"
        "def die(): os.kill(os.getpid(), signal.SIGKILL)\n"
        "if sys.argv[4] == 'before': Path.symlink_to = lambda *_: die()\n"
        "Path.replace = lambda new, old: die() if new.name == generations.NEW_LINK else rename(new, old)\n"
        "build(db, [sys.argv[2]], corpus=Path(sys.argv[3]))"
    )
    command = [sys.executable, "-c", code, str(db), source, str(corpus), when]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert generations.current(db).name == "2"
    assert os.path.lexists(db / NEW_LINK) is (when == "between")
    assert read(db) == ["v6.4"]
    assert not build(db, corpus=corpus).changed
    assert (leads_to(db), read(db)) == (generations.current(db) / FILE, ["v5.4", "v6.4"])
    assert [path.name for path in (db / "generations").iterdir()] == ["2"]


def _missing(link: Path, _: Path) -> None:
    link.unlink()


def _dangling(link: Path, _: Path) -> None:
    link.unlink()
    link.symlink_to("generations/99/kbase.sqlite")


def _folder(link: Path, _: Path) -> None:
    link.unlink()
    link.mkdir()


def _file(link: Path, _: Path) -> None:
    link.unlink()
    link.write_text("no database")


def _hard_link(link: Path, letter: Path) -> None:
    link.unlink()
    link.hardlink_to(letter)


def _elsewhere(link: Path, letter: Path) -> None:
    link.unlink()
    link.symlink_to(letter)


def _folder_elsewhere(link: Path, letter: Path) -> None:
    link.unlink()
    link.symlink_to(letter.parent)


def _planted(link: Path, letter: Path) -> None:
    link.with_name(NEW_LINK).symlink_to(letter)
    link.unlink()


@pytest.mark.parametrize(
    "damage", [_missing, _dangling, _folder, _file, _hard_link, _elsewhere, _folder_elsewhere, _planted]
)
@pytest.mark.parametrize("changed", [False, True])
def test_a_build_mends_it_and_follows_no_link(
    db: Path, corpus: Path, source: str, tmp_path: Path, put: Put, damage: Callable[[Path, Path], None], changed: bool
) -> None:
    build(db, corpus=corpus)
    letter = put(tmp_path / "treasure/letter", "my own")
    damage(db / LINK, letter)
    assert build(db, [source] if changed else [], corpus=corpus).changed is changed
    assert leads_to(db) == generations.current(db) / FILE
    assert read(db) == (["v5.4", "v6.4"] if changed else ["v6.4"])
    assert (letter.read_text(), [*letter.parent.iterdir()]) == ("my own", [letter])


def test_what_somebody_keeps_in_its_place_is_not_deleted(db: Path, corpus: Path, put: Put) -> None:
    build(db, corpus=corpus)
    (db / LINK).unlink()
    letter = put(db / LINK / "letter", "my own")
    with pytest.raises(StoreError, match=f"not empty: .*{LINK}"):
        build(db, corpus=corpus)
    assert letter.read_text() == "my own"
    shutil.rmtree(db / LINK)
    assert not build(db, corpus=corpus).changed
    assert read(db) == ["v6.4"]


def test_where_a_file_system_has_no_links_there_is_none(
    db: Path, corpus: Path, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    assert build(db, [source], corpus=corpus).versions == 2
    assert not os.path.lexists(db / LINK)
