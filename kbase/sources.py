"""Sources: what the user points at -> raw documents, each with the version it is claimed to be of.

A source is `[VERSION=]PATH`. PATH is a kernel tree (it has `Documentation/filesystems`), a folder of trees, a
folder of loose documents or a single file; the bundled corpus is read in the same way. The version of a tree is
the one before `=`, else its Makefile's, else its folder's name. From a tree only the text files below
`Documentation/filesystems` are read. Links that lead out of a tree are not followed. Nothing here parses a document.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from kbase.errors import SourceError, UsageError
from kbase.text import is_binary
from kbase.versions import is_version, parse_version

DOCUMENTS = "Documentation/filesystems"
BUNDLED = "bundled"
LOOSE_FOLDERS = ("notes", "commits", "summaries")  # of the bundled corpus: documents without a version
MAX_BYTES = 16 << 20  # the longest document of a kernel has 300 KB
MAX_FILES = 20_000  # in one folder of loose documents; a whole home folder is a mistake
TREE_DEPTH = 3  # how deep below a folder of trees a tree may lie: aufs/aufs5.4
MAKEFILE = re.compile(r"^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION)[ \t]*=[ \t]*(.*?)[ \t]*$", re.MULTILINE)
ADVICE = "give one before the path, as in v6.4.6={}"


class SourceKind(StrEnum):
    """What a source's path is."""

    FILE = "file"
    TREE = "kernel tree"
    TREES = "folder of trees"
    LOOSE = "folder of documents"
    BUNDLED = "bundled corpus"


class LabelOrigin(StrEnum):
    """Where a version's label comes from."""

    GIVEN = "given"
    MAKEFILE = "Makefile"
    FOLDER = "folder name"
    TAG = "tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDocument:
    """One file as a source gives it.

    `version` is a canonical label, or None where the source does not tell one. `path` is relative to the tree's
    root, or a loose document's path below its folder. `source` is the source as the user wrote it.
    """

    version: str | None
    label_origin: str
    path: str
    data: bytes
    source: str
    bundled: bool = False
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source, not read yet: as written, its version if one was given, and where it lies."""

    argument: str
    location: Path  # absolute
    version: str | None = None
    tags: str | None = None

    @property
    def bundled(self) -> bool:
        """Whether it is the corpus that ships with kbase."""
        return self.argument == BUNDLED

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two sources the same one."""
        return str(self.location), self.version or "", self.tags or ""


def parse_source(argument: str, tags: str | None = None) -> Source:
    """The source that `[VERSION=]PATH` names.

    Raises:
        SourceError: there is no such path, or what stands before `=` is no version.
    """
    version, separator, path = argument.partition("=")
    if not separator or (not is_version(version) and os.path.lexists(argument)):
        version, path = "", argument
    if version and not is_version(version):
        raise SourceError(f"{version!r} is not a version label", argument, "write it like v6.4.6=PATH")
    location = Path(path).expanduser()
    try:
        found = bool(path) and location.exists()
    except (OSError, ValueError):  # a name too long, a NUL in it
        found = False
    if not found:
        raise SourceError("no such file or folder", path or argument, "check the path")
    label = parse_version(version).label if version else None
    return Source(argument=argument, location=Path(os.path.normpath(location.absolute())), version=label, tags=tags)


def read_source(argument: str, tags: str | None = None) -> Iterator[RawDocument]:
    """The documents of `[VERSION=]PATH`, tree by tree, in the order of their paths.

    Raises:
        SourceError: the path is missing, unreadable, no text, has no documents, or a tree has no version.
    """
    yield from read(parse_source(argument, tags))


def read(source: Source) -> Iterator[RawDocument]:
    """The documents of a source; see `read_source`."""
    kind = source_kind(source)
    if kind is SourceKind.BUNDLED:
        yield from _read_bundled(source)
    elif kind is SourceKind.FILE:
        yield _read_single(source)
    elif kind is SourceKind.LOOSE:
        yield from _read_loose(source)
    else:
        yield from _read_trees(source)


def source_kind(source: Source) -> SourceKind:
    """What the source's path is.

    Raises:
        SourceError: it is gone, or neither a file nor a folder.
    """
    if source.bundled:
        return SourceKind.BUNDLED
    if source.location.is_file():
        return SourceKind.FILE
    if not source.location.is_dir():
        found = "neither a file nor a folder" if source.location.exists() else "no such file or folder"
        raise SourceError(found, str(source.location), "check the path")
    if _is_tree(source.location):
        return SourceKind.TREE
    return SourceKind.TREES if _trees(source.location) else SourceKind.LOOSE


def tree_version(tree: Path) -> tuple[str, LabelOrigin] | None:
    """Label of a kernel tree and where it comes from: its Makefile, else its folder's name; None without either."""
    makefile = tree / "Makefile"
    if makefile.is_file():
        label = makefile_version(_read_file(makefile).decode("utf-8", "replace"))
        if label:
            return label, LabelOrigin.MAKEFILE
    label = folder_version(tree.name)
    return (label, LabelOrigin.FOLDER) if label else None


def makefile_version(text: str) -> str | None:
    """The label that the first lines of a kernel's Makefile state: `VERSION = 6`, `PATCHLEVEL = 4`, ..."""
    parts = dict(reversed(MAKEFILE.findall(text[:4096])))
    numbers = [parts.get(name, "") for name in ("VERSION", "PATCHLEVEL", "SUBLEVEL")]
    if not (numbers[0].isdigit() and numbers[1].isdigit()):
        return None
    label = ".".join(number for number in numbers if number.isdigit())
    extra = parts.get("EXTRAVERSION", "")
    return parse_version(label + extra if is_version(label + extra) else label).label


def folder_version(name: str) -> str | None:
    """The label that a folder's name states: `v6.4.6`, `linux-6.4.6`, `aufs5.4`; `ext4` is none."""
    try:
        version = parse_version(name)
    except UsageError:
        return None
    return version.label if version.family == "linux" or len(version.numbers) > 1 else None


def _is_tree(folder: Path) -> bool:
    return (folder / DOCUMENTS).is_dir()


def _trees(folder: Path, depth: int = TREE_DEPTH) -> list[Path]:
    """The kernel trees below a folder, in the order of their names; a tree within a tree is none of its own."""
    if _is_tree(folder):
        return [folder]
    if not depth:
        return []
    try:
        children = sorted(child for child in folder.iterdir() if child.is_dir() and child.name[:1] != ".")
    except OSError as error:
        raise _unreadable(folder, error) from error
    return [tree for child in children for tree in _trees(child, depth - 1)]


def _read_trees(source: Source) -> Iterator[RawDocument]:
    trees = _trees(source.location)
    if source.version and len(trees) > 1:
        message = f"one version cannot stand for {len(trees)} kernel trees"
        raise SourceError(message, source.argument, "give each tree with its own version")
    for tree in trees:
        label = (source.version, LabelOrigin.GIVEN) if source.version else tree_version(tree)
        if label is None:
            raise SourceError("no version: neither a Makefile nor the folder's name tells it", str(tree), _advice(tree))
        yield from _read_tree(tree, source.argument, *label)


def _read_tree(tree: Path, argument: str, version: str, origin: str) -> Iterator[RawDocument]:
    found = False
    for file in _files(tree / DOCUMENTS, tree):
        data = _read_text(file)
        if data is None:
            continue
        found = True
        path = file.relative_to(tree).as_posix()
        yield RawDocument(version=version, label_origin=origin, path=path, data=data, source=argument)
    if not found:
        raise SourceError(f"no text file below {DOCUMENTS}", str(tree), "check that the tree is complete")


def _read_loose(source: Source) -> Iterator[RawDocument]:
    """The documents of a folder that is no tree; its name may be their version."""
    folder, found = source.location, 0
    origin = LabelOrigin.GIVEN if source.version else LabelOrigin.FOLDER
    version = source.version or folder_version(folder.name)
    for count, file in enumerate(_files(folder, folder), 1):
        if count > MAX_FILES:
            raise SourceError(
                f"more than {MAX_FILES} files", str(folder), "give a kernel tree or a folder of documents"
            )
        data = _read_text(file)
        if data is None:
            continue
        found += 1
        path = file.relative_to(folder).as_posix()
        yield RawDocument(version=version, label_origin=origin, path=path, data=data, source=source.argument)
    if not found:
        raise SourceError("no documents in it", str(folder), f"give a kernel tree (it has {DOCUMENTS}) or documents")


def _read_single(source: Source) -> RawDocument:
    file = source.location
    if file.stat().st_size > MAX_BYTES:
        raise SourceError(f"larger than {MAX_BYTES >> 20} MiB", str(file), "give a document")
    data = _read_file(file)
    if is_binary(data):
        raise SourceError("a binary file, not a document", str(file), "give a text file or a folder")
    return RawDocument(
        version=source.version, label_origin=LabelOrigin.GIVEN, path=file.name, data=data, source=source.argument
    )


def _read_bundled(source: Source) -> Iterator[RawDocument]:
    """The bundled corpus: trees below `linux` and `aufs`, and the folders of documents without a version."""
    corpus, origins = source.location, _origins(source.location)
    folders = [corpus / name for name in ("linux", "aufs")]
    for tree in (tree for folder in folders if folder.is_dir() for tree in _trees(folder)):
        label = tree_version(tree)
        if label is None:
            raise SourceError("no version: its folder's name is none", str(tree), "reinstall kbase")
        prefix = tree.relative_to(corpus).as_posix()
        for document in _read_tree(tree, BUNDLED, *label):
            yield replace(document, bundled=True, origin=origins.get(f"{prefix}/{document.path}"))
    for folder in (corpus / name for name in LOOSE_FOLDERS):
        for file in _files(folder, folder) if folder.is_dir() else ():
            path, data = file.relative_to(corpus).as_posix(), _read_file(file)
            yield RawDocument(
                version=None,
                label_origin=LabelOrigin.FOLDER,
                path=path,
                data=data,
                source=BUNDLED,
                bundled=True,
                origin=origins.get(path),
            )


def _origins(corpus: Path) -> dict[str, str]:
    """Where the original of each bundled file lies, from the manifest: {"files": {path: {"origin": ...}}}."""
    manifest = corpus / "manifest.json"
    if not manifest.is_file():
        return {}
    files = json.loads(_read_file(manifest)).get("files", {})
    return {path: str(entry["origin"]) for path, entry in files.items() if "origin" in entry}


def _files(folder: Path, root: Path) -> Iterator[Path]:
    """The regular files below a folder, sorted by path; hidden ones and links out of `root` are passed over."""
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


def _read_text(file: Path) -> bytes | None:
    """The bytes of a document in a folder; None for what is no text or far too long for one."""
    if file.stat().st_size > MAX_BYTES:
        return None
    data = _read_file(file)
    return None if is_binary(data) else data


def _read_file(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise _unreadable(file, error) from error


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(
        f"cannot be read: {error.strerror or error}", str(error.filename or path), "check its permissions"
    )


def _advice(path: Path) -> str:
    return ADVICE.format(path)
