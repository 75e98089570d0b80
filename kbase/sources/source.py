"""Sources and their documents as a database lists them; `kbase.sources.readers` reads them."""

import re
from dataclasses import dataclass
from pathlib import Path

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
