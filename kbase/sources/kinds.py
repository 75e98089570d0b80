"""The kinds of sources.

PATH is a kernel tree (it has `Documentation/filesystems`), a folder of trees, a folder of loose documents, a single
file, a tar archive of trees, or a git repository whose tags or branches are read; the bundled corpus is read in the
same way. URL is the address of a document, a saved page or an archive.
"""

from enum import StrEnum
from pathlib import Path

from kbase.errors import SourceError
from kbase.sources.archives import is_archive
from kbase.sources.git import is_bare, is_repository
from kbase.sources.source import Source
from kbase.sources.trees import is_tree, trees_below

PATTERNS = "--tags 'v6.*' or --refs 'aufs*'"


class SourceKind(StrEnum):
    """The kind of a source."""

    FILE = "file"
    TREE = "kernel tree"
    TREES = "folder of trees"
    LOOSE = "folder of documents"
    ARCHIVE = "tar archive"
    TAGS = "git repository at tags or branches"
    NET = "URL"
    BUNDLED = "bundled corpus"


def source_kind(source: Source) -> SourceKind:
    """The kind of a source.

    Raises:
        SourceError: it is missing, neither a file nor a folder, or unreadable, or tags are named and it has none.
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
        advice = f"name the tags or branches to read: {PATTERNS}"
        raise SourceError("a bare git repository", str(source.location), advice)
    return SourceKind.TAGS


def refs_advice(source: Source) -> str:
    """What to do if a folder without documents is a git repository; empty if it is none."""
    found = not source.url and is_repository(source.location)
    return f", or read tags or branches of this git repository: {PATTERNS}" if found else ""
