"""The database folder: built aside, swapped in whole, cleaned, locked."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kbase.errors import StoreError
from kbase.store import generations


def make(db: Path, content: str) -> None:
    with generations.locked(db), generations.aside(db) as folder:
        (folder / "content").write_text(content)
        generations.swap(db, folder)


def names(db: Path) -> set[str]:
    return {path.name for path in (db / "generations").iterdir()}


def test_the_swapped_generation_serves_and_the_old_one_is_gone(tmp_path: Path) -> None:
    make(tmp_path / "db", "one")
    make(tmp_path / "db", "two")
    assert (generations.current(tmp_path / "db") / "content").read_text() == "two"
    assert names(tmp_path / "db") == {"2"}


def test_a_build_that_fails_leaves_the_old_one_and_no_leftovers(tmp_path: Path) -> None:
    make(tmp_path, "one")
    with pytest.raises(FileNotFoundError), generations.locked(tmp_path), generations.aside(tmp_path) as folder:
        (folder / "content").rename("half")
    assert (generations.current(tmp_path) / "content").read_text() == "one"
    assert names(tmp_path) == {"1"}


def test_a_pinned_generation_is_not_deleted_until_it_is_released(tmp_path: Path) -> None:
    make(tmp_path, "one")
    pin = generations.Pin(tmp_path)
    make(tmp_path, "two")
    assert (pin.folder / "content").read_text() == "one"
    pin.release()
    make(tmp_path, "three")
    assert names(tmp_path) == {"3"}


def test_a_generation_of_the_same_name_is_another_one(tmp_path: Path) -> None:
    make(tmp_path / "db", "one")
    pin = generations.Pin(tmp_path / "db")
    assert pin.serves(tmp_path / "db")
    (tmp_path / "db").rename(tmp_path / "elsewhere")
    make(tmp_path / "db", "two")
    assert pin.folder == generations.current(tmp_path / "db")
    assert not pin.serves(tmp_path / "db")
    pin.release()


def test_two_builds_at_once_are_refused(tmp_path: Path) -> None:
    with (
        generations.locked(tmp_path),
        pytest.raises(StoreError, match="another build is running"),
        generations.locked(tmp_path),
    ):
        raise AssertionError


def test_a_killed_build_leaves_the_old_one_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    make(tmp_path, "one")
    code = (
        "import os, signal, sys; from pathlib import Path; from kbase.store import generations\n"
        "db = Path(sys.argv[1])\n"
        "with generations.locked(db), generations.aside(db) as folder:\n"
        "    (folder / 'content').write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=os.environ, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert names(tmp_path) == {"1", "2"}
    assert (generations.current(tmp_path) / "content").read_text() == "one"
    make(tmp_path, "three")
    assert len(names(tmp_path)) == 1


@pytest.mark.parametrize("content", ["", "../elsewhere", "one\n"])
def test_a_foreign_current_file_is_no_database(tmp_path: Path, content: str) -> None:
    (tmp_path / "current").write_text(content)
    with pytest.raises(StoreError, match="not a kbase database"):
        generations.current(tmp_path)


def test_a_generation_that_is_gone_is_damage(tmp_path: Path) -> None:
    (tmp_path / "current").write_text("7\n")
    with pytest.raises(StoreError, match="damaged"):
        generations.Pin(tmp_path)


def test_without_a_database_the_error_says_what_to_do(tmp_path: Path) -> None:
    assert not generations.is_database(tmp_path)
    with pytest.raises(StoreError, match="kbase build"):
        generations.current(tmp_path)


def test_a_folder_of_something_else_is_not_built_into(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("do not lose me")
    with pytest.raises(StoreError, match="not empty"), generations.locked(tmp_path):
        raise AssertionError
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_is_not_built_into(tmp_path: Path) -> None:
    (tmp_path / "db").write_text("a file")
    with pytest.raises(StoreError, match="not a kbase database"), generations.locked(tmp_path / "db"):
        raise AssertionError


def test_a_folder_whose_name_is_no_number_is_no_generation(tmp_path: Path) -> None:
    """A superscript two is a digit, and no number."""
    (tmp_path / "generations/\u00b2").mkdir(parents=True)
    (tmp_path / "generations/\u00b2/manifest.json").write_text("{}")
    assert generations.newest(tmp_path) is None
