"""Legal document paths: one rule for folders, archives, repositories and addresses, and for every file that is written.

Paths are printed, and files are written under them. So a component that leads elsewhere and a character that changes
how a terminal shows the rest are refused where a path is read.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

from kbase.errors import UsageError

MAX_PATH = 1000  # bytes; the longest of a kernel's documents has 80
MAX_NAME = 255  # bytes of a component; file systems have the same limit
SHOWN = 200  # characters of a name that a message repeats
GIT_FOLDER = (".git", "git~1")  # in any case; the second is its short name on Windows
# Control characters (C0, C1), line and paragraph separators, bidirectional marks, embeddings, overrides and isolates.
STEERING = "\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # those of them that JSON does not escape
CONTROL = re.compile(f"[\0-\x1f{STEERING}]")

Warn = Callable[[str, str], None]  # is called with the path of an entry in a source, and the problem


def ignore(path: str, fault: str) -> None:
    """A `Warn` for callers that report nothing."""


def name_fault(name: str) -> str | None:
    """Why a path cannot have this component; None if it can."""
    if name in ("", ".", "..") or "/" in name or "\\" in name:
        return "the name leads to another folder"
    if CONTROL.search(name):
        return "the name has control characters"
    if name.rstrip(" .").casefold() in GIT_FOLDER:
        return "the name is reserved by git"
    return "the name is too long" if _bytes(name) > MAX_NAME else None


def entry_fault(folder: str, name: str) -> str | None:
    """Why a folder, whose own path is legal, cannot have an entry of this name; None if it can."""
    too_long = _bytes(folder) + 1 + _bytes(name) > MAX_PATH
    return "the path is too long" if too_long else name_fault(name)


def path_fault(path: str) -> str | None:
    """The reason why a document cannot have this path (relative, components separated by `/`), or None."""
    if _bytes(path) > MAX_PATH:
        return "the path is too long"
    return next(filter(None, map(name_fault, path.split("/"))), None)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def shown(path: str) -> str:
    """A path as messages print it: on one line, cut where it is long, what is not printable escaped."""
    cut = path if len(path) <= SHOWN else f"{path[:SHOWN]}..."
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in cut)


def leads_out(path: Path, folder: Path) -> bool:
    """Whether links on the way to a path, or its last component, lead out of the folder."""
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def file_to_write(folder: Path, path: str) -> Path:
    """The file of that path below a folder, ready to be written: the folders above it are made.

    Raises:
        UsageError: the path is not legal, a link leads out of the folder, or there is something else than a file.
    """
    file = folder / path
    if fault := path_fault(path):
        raise UsageError(f"not written: {fault}", f"{folder}/{shown(path)}", "remove the source that has it")
    if leads_out(file, folder):
        raise UsageError("not written: a link leads out of the folder", str(file), "remove the link")
    if file.exists() and not file.is_file():  # a FIFO would be waited for
        raise UsageError("not written: there is something else than a file", str(file), "remove it")
    file.parent.mkdir(parents=True, exist_ok=True)
    return file
