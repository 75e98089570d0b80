"""The database folder: generations built aside and swapped in whole.

    DIR/lock                 locked by the running build
    DIR/current              the name of the active generation
    DIR/current.sqlite       a link to its database, for other tools
    DIR/generations/<name>/  kbase.sqlite, index/, in-use (locked by its readers),
                             manifest.json (hashes of its files except the index, and a copy of the list of sources)

A generation is synced before `current` is replaced, so that a killed build leaves the old one active. The next build
deletes what a build left behind and corrects the link; it does not delete a generation that is being read. The manifest
is written last: a generation without one is not complete.
"""

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from os.path import samestat
from pathlib import Path
from typing import Any

from kbase.errors import StoreError
from kbase.store.files import file_hash, open_regular

NEW = "current.new"  # becomes `current`
FILE = "kbase.sqlite"
LINK = "current.sqlite"
NEW_LINK = "current.sqlite.new"  # becomes `current.sqlite`
ENTRIES = frozenset(("lock", "current", NEW, LINK, NEW_LINK, "generations"))
LINKLESS = (errno.EPERM, errno.EOPNOTSUPP)  # errors of a file system without links
IN_USE = "in-use"
INDEX = "index"
MANIFEST = "manifest.json"
REBUILD = "build one with `kbase build`"
REPAIR = "write it again with `kbase build`"
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL  # never through a link


def is_database(db: Path) -> bool:
    """Whether the folder is a database, intact or damaged."""
    return os.path.lexists(db / "current") or bool(_complete(db))


def current(db: Path) -> Path:
    """The folder of the active generation.

    Raises:
        StoreError: there is none, or `current` is damaged.
    """
    if not is_database(db):
        raise StoreError("no kbase database", str(db), REBUILD)
    try:
        with open_regular(db / "current") as stream:
            name = stream.read(100).decode("ascii").strip()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not ASCII"
        raise StoreError(f"not a kbase database, or damaged: current: {reason}", str(db), REPAIR) from error
    if not name.isdigit():
        raise StoreError("not a kbase database, or damaged: current names no generation", str(db), REPAIR)
    return db / "generations" / name


def newest(db: Path) -> Path | None:
    """The active generation, or the newest complete one if `current` is damaged."""
    with suppress(StoreError):
        folder = current(db)
        if folder.is_dir():
            return folder
    return max(_complete(db), key=lambda folder: int(folder.name), default=None)


def _complete(db: Path) -> list[Path]:
    return [folder for folder in _numbered(db) if (folder / MANIFEST).is_file()]


def _numbered(db: Path) -> list[Path]:
    """The folders of all generations."""
    try:
        return [path for path in (db / "generations").iterdir() if path.name.isdecimal()]
    except (FileNotFoundError, NotADirectoryError):
        return []


def verify(folder: Path) -> None:
    """Check that the files of a generation, except its index, are unaltered.

    Raises:
        StoreError: one of them is missing or altered.
    """
    try:
        altered = [
            name for name, expected in _manifest(folder)["files"].items() if file_hash(folder / name) != expected
        ]
        open_regular(folder / IN_USE).close()
    except OSError as error:
        name = Path(str(error.filename)).name
        raise StoreError(f"damaged: {name}: {error.strerror}", str(folder), REPAIR) from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise StoreError(f"damaged: {MANIFEST}", str(folder), REPAIR) from error
    if altered:
        raise StoreError(f"damaged: {altered[0]} is not what was built", str(folder), REPAIR)


def listed_sources(folder: Path) -> Sequence[Mapping[str, Any]]:
    """The sources that `swap` recorded; none if the manifest cannot be read."""
    try:
        listed = [dict(source) for source in _manifest(folder)["sources"]]
    except (OSError, ValueError, LookupError, TypeError):  # damaged in some way
        return ()
    complete = all(isinstance(source.get(name), str) for source in listed for name in ("argument", "location"))
    return listed if complete else ()


def _manifest(folder: Path) -> Any:
    with open_regular(folder / MANIFEST) as stream:
        return json.loads(stream.read())


class Pin:
    """A generation that is being read: no build deletes it before the pin is released."""

    def __init__(self, db: Path) -> None:
        """Pin the active generation; if a build swaps it meanwhile, pin the new one.

        Raises:
            StoreError: there is no generation, or it is damaged.
        """
        for _ in range(100):
            self.folder = current(db)
            try:
                with open_regular(self.folder / IN_USE) as stream:
                    self._file = os.dup(stream.fileno())
            except OSError as error:
                if current(db) == self.folder:
                    raise StoreError(f"damaged: {error.strerror}: {IN_USE}", str(db), REPAIR) from error
                continue
            fcntl.flock(self._file, fcntl.LOCK_SH)
            if (self.folder / IN_USE).exists():
                return
            os.close(self._file)
        raise StoreError("swapped too often to be opened", str(db), "try again")

    def serves(self, db: Path) -> bool:
        """Whether the generation is still the active one, and not another one with its name."""
        try:
            return current(db) == self.folder and samestat(os.fstat(self._file), (self.folder / IN_USE).stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Release the generation."""
        os.close(self._file)


@contextmanager
def locked(db: Path) -> Iterator[None]:
    """Lock the database folder for one build; create the folder if it is missing.

    Raises:
        StoreError: another build runs, the folder is something else or another user's, or it cannot be written.
    """
    try:
        if db.exists() and (not db.is_dir() or not {entry.name for entry in db.iterdir()} <= ENTRIES):
            raise StoreError("not a kbase database, and not empty", str(db), "give another folder with --db")
        (db / "generations").mkdir(parents=True, exist_ok=True)
        _require_own(db)
        file = os.open(db / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
    except OSError as error:
        what = f"cannot be written: {error.strerror}: {Path(str(error.filename)).name}"
        raise StoreError(what, str(db), "choose another with --db") from error
    try:
        if not _take(file):
            raise StoreError("another build is running", str(db), "wait until it is done")
        yield
    finally:
        os.close(file)


def _require_own(db: Path) -> None:
    """Refuse a folder that another user could replace by a link at any time."""
    for folder in (db.resolve(), db / "generations"):
        if folder.is_symlink():
            raise StoreError("is a link", str(folder), "choose another folder with --db")
        if folder.stat().st_uid not in (os.geteuid(), 0):
            raise StoreError("belongs to another user", str(folder), "choose another folder with --db")


@contextmanager
def aside(db: Path) -> Iterator[Path]:
    """A folder for a new generation; deleted on exit unless `swap` made it active."""
    _clean(db)
    folder = db / "generations" / str(max((int(path.name) for path in _numbered(db)), default=0) + 1)
    try:
        folder.mkdir()
        (folder / IN_USE).touch()
        yield folder
    finally:
        _clean(db)


def swap(db: Path, folder: Path, sources: Sequence[Mapping[str, Any]] = ()) -> None:
    """Sync a complete generation to the disk and make it active; `sources` lists its sources as JSON."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != IN_USE)
    manifest = {"files": {path.name: file_hash(path) for path in files}, "sources": sources}
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            _sync(Path(parent, name))
        _sync(Path(parent))
    _sync(folder.parent)
    serving, new = db / "current", db / NEW
    with open(os.open(new, NEW_FILE, 0o644), "w", encoding="ascii") as stream:  # noqa: PTH123  # pathlib has no such open
        stream.write(f"{folder.name}\n")
    _sync(new)
    if serving.is_dir() and not serving.is_symlink():
        serving.rmdir()
    new.replace(serving)
    _sync(db)


def _clean(db: Path) -> None:
    """Point the link to the active generation; delete the others, except those that are being read."""
    for name in (NEW, NEW_LINK):
        (db / name).unlink(missing_ok=True)
    active = newest(db)
    if active:
        _link(db, f"generations/{active.name}/{FILE}")
    for folder in _numbered(db):
        if folder != active:
            _delete_unread(folder)


def _link(db: Path, target: str) -> None:
    """Point `current.sqlite` to a database, unless it does; an existing link is replaced, not followed."""
    link, new = db / LINK, db / NEW_LINK
    if link.is_symlink() and str(link.readlink()) == target:
        return
    if link.is_dir() and not link.is_symlink():
        link.rmdir()
    try:
        new.symlink_to(target)
    except OSError as error:
        if error.errno in LINKLESS:
            return
        raise
    new.replace(link)
    _sync(db)


def _delete_unread(folder: Path) -> None:
    try:
        file = open_regular(folder / IN_USE)
    except OSError:  # the build was killed before it made the file: nobody can read the generation
        shutil.rmtree(folder, ignore_errors=True)
        return
    with file:
        if _take(file.fileno()):  # locked until it is deleted, so that nobody pins it meanwhile
            shutil.rmtree(folder, ignore_errors=True)


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
