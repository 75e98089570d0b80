"""Kernel trees and folders on disk: which folders are trees, which version a tree is, which files are read.

Links that lead out of a folder are not followed, hidden files are passed over, and only regular text files count.
"""

import os
import re
from collections.abc import Iterator
from enum import StrEnum
from hashlib import file_digest
from pathlib import Path

from kbase.archives import unpacked_mails
from kbase.errors import SourceError, UsageError
from kbase.text import is_binary
from kbase.versions import is_version, parse_version

DOCUMENTS = "Documentation/filesystems"
MAX_BYTES = 16 << 20  # the longest document of a kernel has 300 KB
TREE_DEPTH = 3  # how deep below a folder of trees a tree may lie: aufs/aufs5.4
MAKEFILE_HEAD = 4096  # characters; the version stands in the first lines
MAKEFILE = re.compile(r"^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION)[ \t]*=[ \t]*(.*?)[ \t]*$", re.MULTILINE)


class LabelOrigin(StrEnum):
    """Where a version's label comes from."""

    GIVEN = "given"
    MAKEFILE = "Makefile"
    FOLDER = "folder name"
    TAG = "tag"


Label = tuple[str, LabelOrigin]


def is_tree(folder: Path) -> bool:
    """Whether the folder is the root of a kernel tree."""
    return (folder / DOCUMENTS).is_dir()


def trees_below(folder: Path, depth: int = TREE_DEPTH) -> list[Path]:
    """The kernel trees in a folder, in the order of their names; a tree within a tree is none of its own.

    Raises:
        SourceError: a folder cannot be listed.
    """
    if is_tree(folder):
        return [folder]
    if not depth:
        return []
    try:
        children = sorted(child for child in folder.iterdir() if child.is_dir() and child.name[:1] != ".")
    except OSError as error:
        raise _unreadable(folder, error) from error
    return [tree for child in children for tree in trees_below(child, depth - 1)]


def tree_version(tree: Path) -> Label | None:
    """Label of a kernel tree and where it comes from: its Makefile, else its folder's name; None without either."""
    makefile = tree / "Makefile"
    text = read_file(makefile).decode("utf-8", "replace") if makefile.is_file() else ""
    return told_version(text, tree.name)


def told_version(makefile: str, name: str) -> Label | None:
    """The label that a Makefile's text tells, else the one that a folder's name tells."""
    label = makefile_version(makefile)
    if label:
        return label, LabelOrigin.MAKEFILE
    label = folder_version(name)
    return (label, LabelOrigin.FOLDER) if label else None


def makefile_version(text: str) -> str | None:
    """The label that the first lines of a kernel's Makefile state: `VERSION = 6`, `PATCHLEVEL = 4`, ..."""
    parts = dict(reversed(MAKEFILE.findall(text[:MAKEFILE_HEAD])))
    numbers = [parts.get(name, "") for name in ("VERSION", "PATCHLEVEL", "SUBLEVEL")]
    if not (numbers[0].isdecimal() and numbers[1].isdecimal()):
        return None
    label = ".".join(number for number in numbers if number.isdecimal())
    extra = parts.get("EXTRAVERSION", "")
    return parse_version(label + extra if is_version(label + extra) else label).label


def folder_version(name: str) -> str | None:
    """The label that a folder's name states: `v6.4.6`, `linux-6.4.6`, `aufs5.4`; `ext4` is none."""
    try:
        version = parse_version(name)
    except UsageError:
        return None
    return version.label if version.family == "linux" or len(version.numbers) > 1 else None


def documents_below(folder: Path, root: Path) -> Iterator[tuple[str, bytes | None]]:
    """Path below `root` and bytes of the text files in a folder, sorted by path; None of one that is too large.

    Raises:
        SourceError: something cannot be read.
    """
    for file in files_below(folder, root):
        data = read_file(file) if file.stat().st_size <= MAX_BYTES else None
        if data is not None:
            data = unpacked_mails(data, MAX_BYTES)
        if data is None or not is_binary(data):
            yield file.relative_to(root).as_posix(), data


def files_below(folder: Path, root: Path) -> Iterator[Path]:
    """The regular files in a folder, sorted by path; hidden ones and links out of `root` are passed over."""
    boundary = root.resolve()

    def refuse(error: OSError) -> None:
        raise _unreadable(folder, error)

    found = []
    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(parent, name) for name in names if not name.startswith(".")]
    for file in sorted(found, key=lambda file: file.relative_to(folder).as_posix()):
        if file.is_file() and (not file.is_symlink() or file.resolve().is_relative_to(boundary)):
            yield file


def read_file(file: Path) -> bytes:
    """The bytes of a file.

    Raises:
        SourceError: it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise _unreadable(file, error) from error


def file_hash(file: Path) -> str:
    """SHA-256 of a file, hex.

    Raises:
        SourceError: it cannot be read.
    """
    try:
        with file.open("rb") as stream:
            return file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(file, error) from error


def _unreadable(path: Path, error: OSError) -> SourceError:
    where = str(error.filename or path)
    return SourceError(f"cannot be read: {error.strerror or error}", where, "check its permissions")
