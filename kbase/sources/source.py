"""Sources, `[VERSION=]PATH` or `[VERSION=]URL`, and their documents as a database lists them.

`kbase.sources.kinds` says what kind of source it is, `kbase.sources.readers` reads it.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from kbase.errors import SourceError
from kbase.model.versions import is_version, parse_version

BUNDLED = "bundled"
URL = re.compile(r"(?:([^=/]*)=)?(https?://.*)", re.IGNORECASE | re.DOTALL)

ReadingKey = tuple[str, str]  # the blob of a document and the path that it is parsed under
GitBlobs = dict[str, str | None]  # git's name of a blob -> SHA-256 of its bytes, hex; None for binary files


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source as the user gave it: the argument, its version if one was given, and its location."""

    argument: str
    location: Path  # absolute
    version: str | None = None
    tags: str | None = None  # pattern of the tags to read from a git repository
    refs: str | None = None  # pattern of the branches and tags to read instead

    @property
    def bundled(self) -> bool:
        """Whether it is the corpus that ships with kbase."""
        return self.argument == BUNDLED

    @property
    def url(self) -> str | None:
        """Its URL, if it has one."""
        found = URL.fullmatch(self.argument)
        return found[2] if found else None

    @property
    def where(self) -> str:
        """Its location as the user would write it."""
        return self.url or str(self.location)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The identity of a source."""
        return str(self.location), self.version or "", self.tags or "", self.refs or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A file at a version, as a source gave it; `source` is the source's position in the list of sources."""

    version: str
    path: str
    blob: str
    source: int
    label_origin: str
    bundled: bool = False
    origin: str | None = None

    @property
    def key(self) -> ReadingKey:
        """Documents with the same key have the same records."""
        return self.blob, self.path


def parse_source(argument: str, tags: str | None = None, refs: str | None = None) -> Source:
    """The source that `[VERSION=]PATH` names.

    `tags` or `refs` is the pattern of the tags, or of the branches and tags, to read from a git repository.

    Raises:
        SourceError: there is no such path, or the text before `=` is no version.
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
    """A source as pages show it: as it was given, but only the last name of an absolute path.

    The folders above are private.
    """
    head, equals, path = argument.partition("=")
    version = head + equals if equals and is_version(head) else ""
    path = argument.removeprefix(version)
    if URL.fullmatch(argument) or not path.startswith(("/", "~")):
        return argument
    return version + (Path(os.path.normpath(path)).name or "/")


def _is_utf8(name: str) -> bool:
    """Whether a name is valid text; the operating system's names may have other bytes, held as surrogates."""
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
