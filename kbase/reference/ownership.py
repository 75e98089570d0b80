"""Ownership of files: only the user's own files are executed, unpickled or overwritten.

A file is not safe if a user other than this one or root owns it or may write it; nor is anything in such a folder.
Links are not followed: a write through one changes another file.
"""

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kbase.errors import UsageError

ADVICE = "remove it, or give another folder"


def check_owned(folder: Path) -> None:
    """Refuses a folder that somebody else may have put something into, or may exchange.

    Raises:
        UsageError: it names the first file or folder that may be somebody else's.
    """
    for parent in folder.resolve().parents:
        mode = parent.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise UsageError("every user can exchange what is in this folder", str(parent), "give a folder elsewhere")
    _check_owner(folder, folder.lstat())  # it may be a link, the user's or root's
    _check(folder, folder.stat())
    for path, info in _all_in(folder):
        _check(path, info)


@contextmanager
def private() -> Iterator[None]:
    """Nobody else may read or write the files that are made meanwhile, by this process or by those it starts."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def make_folder(folder: Path) -> None:
    """Makes a folder, and those above it that are missing, which only the user may write."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(0o755)


def write_file(path: Path, data: bytes) -> None:
    """Write a file that only the user may write; it replaces any file or link of that name."""
    make_folder(path.parent)
    written = path.with_name(f".{path.name}.new")
    written.unlink(missing_ok=True)
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as file:
        file.write(data)
    written.replace(path)


def _all_in(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """What is in a folder and in those below it, each folder before what it has."""
    folders = [folder]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                info = entry.stat(follow_symlinks=False)
                yield Path(entry.path), info
                if stat.S_ISDIR(info.st_mode):
                    folders.append(Path(entry.path))


def _check(path: Path, info: os.stat_result) -> None:
    _check_owner(path, info)
    if stat.S_ISLNK(info.st_mode):
        raise UsageError("is a link", str(path), ADVICE)
    group = info.st_mode & stat.S_IWGRP and not _is_own(info.st_gid)
    if info.st_mode & stat.S_IWOTH or group:
        raise UsageError("other users can write it", str(path), f"{ADVICE}, or if you trust it: chmod go-w")


def _check_owner(path: Path, info: os.stat_result) -> None:
    if info.st_uid not in (os.geteuid(), 0):
        raise UsageError("belongs to another user", str(path), ADVICE)


def _is_own(group: int) -> bool:
    """Whether a group is the one that many systems give to each user alone, who may then let it write all."""
    try:
        found, user = grp.getgrgid(group), pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return found.gr_name == user.pw_name and not {*found.gr_mem} - {user.pw_name}
