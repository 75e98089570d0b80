"""The database folder: generations built aside and swapped in whole.

    DIR/lock                 held by the one build that runs
    DIR/current              the name of the generation that serves
    DIR/generations/<name>/  kbase.sqlite, index/, in-use (held by whoever reads it)

A generation is synced before `current` is replaced, so that a killed build leaves the old one serving. What a build
left behind is cleaned by the next one; a generation that somebody still reads is left alone until then.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kbase.errors import StoreError

ENTRIES = frozenset(("lock", "current", "current.new", "generations"))
IN_USE = "in-use"
INDEX = "index"
REBUILD = "build one with `kbase build`"
REPLACE = "delete it and build it again with `kbase build`"


def is_database(db: Path) -> bool:
    """Whether the folder holds a generation that serves."""
    return (db / "current").is_file()


def current(db: Path) -> Path:
    """The folder of the generation that serves.

    Raises:
        StoreError: there is none, or the folder is not a database.
    """
    try:
        name = (db / "current").read_text("utf-8").strip()
    except FileNotFoundError:
        raise StoreError("no kbase database", str(db), REBUILD) from None
    except (OSError, ValueError) as error:
        raise StoreError(f"not a kbase database: {error}", str(db), REPLACE) from error
    if not name.isdigit():
        raise StoreError("not a kbase database", str(db), REPLACE)
    return db / "generations" / name


class Pin:
    """A generation held for reading: while the pin lives, no build deletes it."""

    def __init__(self, db: Path) -> None:
        """Pin the generation that serves; a swap in between is noticed and the new one taken.

        Raises:
            StoreError: there is no generation, or it is damaged.
        """
        for _ in range(100):
            self.folder = current(db)
            try:
                self._file = os.open(self.folder / IN_USE, os.O_RDONLY)
            except OSError as error:
                if current(db) == self.folder:
                    raise StoreError(f"damaged: {error.strerror}: {IN_USE}", str(db), REPLACE) from error
                continue
            fcntl.flock(self._file, fcntl.LOCK_SH)
            if (self.folder / IN_USE).exists():
                return
            os.close(self._file)
        raise StoreError("swapped too often to be opened", str(db), "try again")

    def release(self) -> None:
        """Let the generation go."""
        os.close(self._file)


@contextmanager
def locked(db: Path) -> Iterator[None]:
    """The one build: makes the folder where it is missing and holds its lock.

    Raises:
        StoreError: another build runs, the folder is something else, or it cannot be written.
    """
    try:
        if db.exists() and (not db.is_dir() or not {entry.name for entry in db.iterdir()} <= ENTRIES):
            raise StoreError("not a kbase database, and not empty", str(db), "give another folder with --db")
        (db / "generations").mkdir(parents=True, exist_ok=True)
        file = os.open(db / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(f"cannot be written: {error.strerror}", str(db), "choose another with --db") from error
    try:
        if not _take(file):
            raise StoreError("another build is running", str(db), "wait until it is done")
        yield
    finally:
        os.close(file)


@contextmanager
def aside(db: Path) -> Iterator[Path]:
    """A new generation's folder; whatever happens, it is gone afterwards unless `swap` made it serve."""
    _clean(db)
    numbers = [int(path.name) for path in (db / "generations").iterdir() if path.name.isdigit()]
    folder = db / "generations" / str(max(numbers, default=0) + 1)
    try:
        folder.mkdir()
        (folder / IN_USE).touch()
        yield folder
    finally:
        _clean(db)


def swap(db: Path, folder: Path) -> None:
    """Sync a finished generation to the disk and let it serve."""
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            _sync(Path(parent, name))
        _sync(Path(parent))
    _sync(folder.parent)
    new = db / "current.new"
    new.write_text(f"{folder.name}\n", "utf-8")
    _sync(new)
    new.replace(db / "current")
    _sync(db)


def _clean(db: Path) -> None:
    """Delete what does not serve and nobody reads."""
    serving = current(db).name if is_database(db) else ""
    for folder in (db / "generations").iterdir():
        if folder.name != serving:
            _delete_unread(folder)


def _delete_unread(folder: Path) -> None:
    try:
        file = os.open(folder / IN_USE, os.O_RDONLY)
    except OSError:  # killed before it was made: nobody can read it
        shutil.rmtree(folder, ignore_errors=True)
        return
    try:
        if _take(file):  # held until it is gone, so that nobody pins it meanwhile
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(file)


def _take(file: int) -> bool:
    """Take the exclusive lock of an open file, unless somebody has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
