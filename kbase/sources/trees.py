"""Kernel trees and folders on disk: which folders are trees, which version a tree is, which files are read.

Links that lead out of a folder are reported and not followed, hidden files are skipped, and only regular text files
are read.
"""

import os
import re
import stat
from collections.abc import Iterator
from enum import StrEnum
from hashlib import file_digest
from pathlib import Path

from kbase.errors import SourceError, UsageError, unreadable
from kbase.kernel.tables import has_tables
from kbase.model.versions import is_version, parse_version
from kbase.sources import code
from kbase.sources.archives import unpacked_mails
from kbase.sources.document_paths import Warn, entry_fault, ignore, leads_out, path_fault
from kbase.text.lines import is_binary

DOCUMENTS = "Documentation/filesystems"
HEADERS = "include/linux"
FOLDERS = (DOCUMENTS, HEADERS)  # of a kernel tree, that are read
MAX_BYTES = 16 << 20  # the longest document of a kernel has 300 KB
MAX_FILES = 20_000  # in one folder; a kernel has 200 documents, and a whole home folder is a mistake
TREE_DEPTH = 3  # how deep below a folder of trees a tree may lie: aufs/aufs5.4
MAKEFILE_HEAD = 4096  # bytes; the version is in the first lines
MAKEFILE = re.compile(r"^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION)[ \t]*=(.*)$", re.MULTILINE)


class LabelOrigin(StrEnum):
    """Where a version's label comes from."""

    GIVEN = "given"
    MAKEFILE = "Makefile"
    FOLDER = "folder name"
    TAG = "tag"
    BRANCH = "branch"


TOO_LARGE = f"larger than {MAX_BYTES >> 20} MiB, skipped"
TREE = f"give a kernel tree (it has {DOCUMENTS}) or a folder of documents"
LINK_OUT = "a link that leads out of the folder"

Label = tuple[str, LabelOrigin]


def is_tree(folder: Path) -> bool:
    """Whether the folder is the root of a kernel tree, be it without documents or without headers."""
    return (folder / DOCUMENTS).is_dir() or (folder / HEADERS / "fs.h").is_file()


def trees_below(folder: Path, warn: Warn = ignore) -> list[Path]:
    """The kernel trees in a folder, in the order of their names, without trees inside of trees.

    `warn` is called for links that lead out of the folder, which are not followed.

    Raises:
        SourceError: a folder cannot be listed.
    """
    return list(_trees(folder, folder, TREE_DEPTH, warn))


def _trees(folder: Path, root: Path, depth: int, warn: Warn) -> Iterator[Path]:
    if is_tree(folder):
        yield folder
        return
    for entry in _entries(folder) if depth else ():
        child = Path(entry.path)
        if entry.name.startswith(".") or not child.is_dir():
            continue
        if entry.is_symlink() and leads_out(child, root):
            warn(child.relative_to(root).as_posix(), f"{LINK_OUT}, not followed")
        else:
            yield from _trees(child, root, depth - 1, warn)


def tree_version(tree: Path) -> Label | None:
    """Label of a kernel tree and where it comes from: its Makefile, else its folder's name; None without either."""
    makefile = tree / "Makefile"
    usable = makefile.is_file() and not leads_out(makefile, tree)
    text = read_file(makefile, MAKEFILE_HEAD).decode("utf-8", "replace") if usable else ""
    return stated_version(makefile_version(text), tree.name)


def stated_version(makefile: str | None, name: str) -> Label | None:
    """The label in a Makefile, else the one in a folder's name."""
    if makefile:
        return makefile, LabelOrigin.MAKEFILE
    label = folder_version(name)
    return (label, LabelOrigin.FOLDER) if label else None


def makefile_version(text: str) -> str | None:
    """The label in the first lines of a kernel's Makefile: `VERSION = 6`, `PATCHLEVEL = 4`, ..."""
    parts = {name: value.strip(" \t") for name, value in reversed(MAKEFILE.findall(text[:MAKEFILE_HEAD]))}
    numbers = [parts.get(name, "") for name in ("VERSION", "PATCHLEVEL", "SUBLEVEL")]
    if not (numbers[0].isdecimal() and numbers[1].isdecimal()):
        return None
    label = ".".join(number for number in numbers if number.isdecimal())
    extra = parts.get("EXTRAVERSION", "")
    return parse_version(label + extra if is_version(label + extra) else label).label


def folder_version(name: str) -> str | None:
    """The label in a folder's name: `v6.4.6`, `linux-6.4.6`, `aufs5.4`; none in `ext4`."""
    try:
        version = parse_version(name)
    except UsageError:
        return None
    return version.label if version.family == "linux" or len(version.numbers) > 1 else None


def documents_below(folder: Path, root: Path, warn: Warn = ignore) -> Iterator[tuple[str, bytes]]:
    """Path below `root` and bytes of the text files in a folder, sorted by path; of headers those with ops tables.

    `warn` is called for skipped files: too large, illegal names, links out of `root`.

    Raises:
        SourceError: something cannot be read, there are too many files, or the folder itself is a link out of `root`.
    """
    if leads_out(folder, root):
        advice = "give the folder that it leads to, or a copy of the tree without the link"
        raise SourceError(LINK_OUT, str(folder), advice)
    for path, file in files_below(folder, root, warn):
        if not is_read(path):
            continue
        data = unpacked_mails(read_file(file, MAX_BYTES + 1), MAX_BYTES)
        if data is None or len(data) > MAX_BYTES:
            warn(path, TOO_LARGE)
        elif is_document(path, data):
            yield path, data


def is_read(path: str) -> bool:
    """Whether a file of that path in a tree is read: in the folder of headers nothing else is."""
    return path.endswith(".h") or not path.startswith(f"{HEADERS}/")


def is_document(path: str, data: bytes) -> bool:
    """Whether the file is text, and of headers one that defines ops tables."""
    return has_tables(data) if path.endswith(".h") else not is_binary(data)


def code_below(tree: Path, warn: Warn = ignore) -> dict[str, bytes]:
    """The code of a tree by path, see `kbase.sources.code`; links are not followed.

    `warn` is called for files that are too large, and where there is too much code, of which nothing is read then.

    Raises:
        SourceError: something cannot be read.
    """
    found, size = dict[str, bytes](), 0
    for path, file in _code_files(tree):
        data = read_file(file, code.MAX_FILE + 1)
        if len(data) > code.MAX_FILE:
            warn(path, f"larger than {code.MAX_FILE >> 20} MiB, not searched for callers")
            continue
        found[path], size = data, size + len(data)
        if size > code.MAX_CODE:
            warn("", f"more than {code.MAX_CODE >> 20} MiB of code, not searched for callers")
            return {}
    return found


def _code_files(tree: Path) -> Iterator[tuple[str, Path]]:
    """Path and file of the code of a tree, without links and what lies behind them."""
    folders = [tree / name for name in code.FOLDERS]
    while folders:
        folder = folders.pop()
        usable = folder.is_dir() and not folder.is_symlink() and not leads_out(folder, tree)
        for entry in _entries(folder) if usable else ():
            path = Path(entry.path).relative_to(tree).as_posix()
            if entry.is_dir(follow_symlinks=False) and code.is_code(f"{path}/any.h"):
                folders.append(Path(entry.path))
            elif entry.is_file(follow_symlinks=False) and code.is_code(path) and path_fault(path) is None:
                yield path, Path(entry.path)


def files_below(folder: Path, root: Path, warn: Warn, advice: str = TREE) -> list[tuple[str, Path]]:
    """The regular files in a folder by their paths below `root`, sorted; hidden ones are skipped.

    Raises:
        SourceError: a folder cannot be listed, or there are too many files; `advice` says what to give instead.
    """
    found, folders = list[tuple[str, Path]](), [folder]
    while folders:
        parent = folders.pop()
        inside = parent.relative_to(root).as_posix()
        for entry in _entries(parent):
            path = entry.name if parent == root else f"{inside}/{entry.name}"
            if entry.name.startswith("."):
                continue
            if fault := entry_fault(inside, entry.name):
                warn(path, f"{fault}, skipped")
            elif entry.is_symlink() and leads_out(Path(entry.path), root):
                warn(path, f"{LINK_OUT}, skipped")
            elif entry.is_dir(follow_symlinks=False):
                folders.append(Path(entry.path))
            elif Path(entry.path).is_file():  # of an entry, a link to itself would be an error
                found.append((path, Path(entry.path)))
        if len(found) > MAX_FILES:
            raise SourceError(f"more than {MAX_FILES} files", str(folder), advice)
    return sorted(found)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """The entries of a folder, by name."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise unreadable(folder, error) from error


def read_file(file: Path, size: int) -> bytes:
    """The first `size` bytes of a regular file; of a FIFO or device it reads nothing.

    Raises:
        SourceError: it cannot be read, or is no regular file.
    """
    try:
        with open(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:  # noqa: PTH123 - of a descriptor
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise SourceError("neither a file nor a folder", str(file), "check the path")
            return stream.read(size)
    except OSError as error:
        raise unreadable(file, error) from error


def file_hash(file: Path) -> str:
    """SHA-256 of a file, hex.

    Raises:
        SourceError: it cannot be read.
    """
    try:
        with file.open("rb") as stream:
            return file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(file, error) from error
