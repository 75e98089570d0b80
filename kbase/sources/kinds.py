"""Sources: what the user points at, and what kind of thing that is.

A source is `[VERSION=]PATH` or `[VERSION=]URL`. PATH is a kernel tree (it has `Documentation/filesystems`), a folder of
trees, a folder of loose documents, a single file, a tar archive of trees, or a git repository whose tags or branches
are read; the bundled corpus is read in the same way. URL is the address of a document, a saved page or an archive. What
a source has in it is read by `kbase.sources.readers`.
"""

import os
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from kbase.errors import SourceError
from kbase.model.versions import is_version, parse_version
from kbase.sources.archives import is_archive
from kbase.sources.git import is_bare, is_repository
from kbase.sources.source import URL, Source
from kbase.sources.trees import is_tree, trees_below

PATTERNS = "--tags 'v6.*' or --refs 'aufs*'"


class SourceKind(StrEnum):
    """What a source's path is."""

    FILE = "file"
    TREE = "kernel tree"
    TREES = "folder of trees"
    LOOSE = "folder of documents"
    ARCHIVE = "tar archive"
    TAGS = "git repository at tags or branches"
    NET = "file on the net"
    BUNDLED = "bundled corpus"


def parse_source(argument: str, tags: str | None = None, refs: str | None = None) -> Source:
    """The source that `[VERSION=]PATH` names.

    `tags` or `refs` is the pattern of the tags, or of the branches and tags, to read of a git repository.

    Raises:
        SourceError: there is no such path, or what stands before `=` is no version.
    """
    if on_net := URL.fullmatch(argument):
        return _parse_url(argument, on_net[1], on_net[2], tags or refs)
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
    location = Path(os.path.normpath(location.absolute()))
    if not _is_utf8(argument) or not _is_utf8(str(location)):
        raise SourceError("its name is not UTF-8", str(location), "rename it, or give a folder above it")
    return Source(argument=argument, location=location, version=label, tags=tags, refs=refs)


def source_name(argument: str) -> str:
    """A source as pages name it: as it was given, but that of an absolute path only the last name is told.

    What stands above is nobody's business who reads a page.
    """
    head, equals, path = argument.partition("=")
    version = head + equals if equals and is_version(head) else ""
    path = argument.removeprefix(version)
    if URL.fullmatch(argument) or not path.startswith(("/", "~")):
        return argument
    return version + (Path(os.path.normpath(path)).name or "/")


def _is_utf8(name: str) -> bool:
    """Whether a name can be written down; one of the system's holds its other bytes as surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _parse_url(argument: str, version: str | None, url: str, pattern: str | None) -> Source:
    if version and not is_version(version):
        raise SourceError(f"{version!r} is not a version label", argument, "write it like v6.4.6=https://...")
    if pattern:
        raise SourceError("--tags and --refs are for git repositories on disk", url, "clone it first")
    try:
        urlsplit(url)
    except ValueError as error:
        raise SourceError(f"not an address: {error}", url, "write it like https://host/path") from error
    return Source(argument=argument, location=Path(url), version=parse_version(version).label if version else None)


def source_kind(source: Source) -> SourceKind:
    """What the source's path is.

    Raises:
        SourceError: it is gone, or neither a file nor a folder, or may not be read, or has no tags that are asked for.
    """
    if source.url:
        return SourceKind.NET
    if source.bundled:
        return SourceKind.BUNDLED
    try:
        return _kind_on_disk(source, source.location)
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", str(source.location), "check its permissions") from error


def _kind_on_disk(source: Source, location: Path) -> SourceKind:
    at_refs = bool(source.tags or source.refs)
    if location.is_file() and not at_refs:
        return SourceKind.ARCHIVE if is_archive(location) else SourceKind.FILE
    if not location.is_dir() and not at_refs:
        found = "neither a file nor a folder" if location.exists() else "no such file or folder"
        raise SourceError(found, str(location), "check the path")
    if at_refs or is_bare(location):
        return _tags_kind(source)
    if is_tree(location):
        return SourceKind.TREE
    return SourceKind.TREES if trees_below(location) else SourceKind.LOOSE


def _tags_kind(source: Source) -> SourceKind:
    if not is_repository(source.location):
        raise SourceError("not a git repository", str(source.location), "--tags and --refs are for git repositories")
    if not (source.tags or source.refs):
        advice = f"say which tags or branches to read: {PATTERNS}"
        raise SourceError("a bare git repository", str(source.location), advice)
    return SourceKind.TAGS


def refs_advice(source: Source) -> str:
    """What to do where a folder has nothing that can be read, and is a git repository; empty where it is none."""
    found = not source.url and is_repository(source.location)
    return f", or read tags or branches of this git repository: {PATTERNS}" if found else ""
