"""Raw documents: the files of sources before anything is read of their contents, and what is said of sources.

The version of a document is the one that was given with the source, else the one that the source tells.
"""

from collections.abc import Callable
from dataclasses import dataclass

from kbase.errors import SourceError
from kbase.sources.document_paths import shown
from kbase.sources.source import Source
from kbase.sources.trees import Label, LabelOrigin

MAX_WARNINGS = 20  # of one source; the others are counted

Tell = Callable[[str], None]  # is told a line


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDocument:
    """One file as a source gives it.

    `version` is a canonical label, or None where the source does not tell one. `path` is relative to the tree's
    root, or a loose document's path below its folder. `source` is the source as the user wrote it. Of a git blob that
    was known before there are no bytes: `blob` is the SHA-256 of what it holds.
    """

    version: str | None
    label_origin: str
    path: str
    data: bytes
    source: str
    bundled: bool = False
    origin: str | None = None
    blob: str | None = None


class SourceWarnings:
    """Reports what is wrong with entries of a source, a line each; `first` is what a source without documents says."""

    def __init__(self, where: str, tell: Tell) -> None:
        self.first, self._where, self._tell, self._count = "", where, tell, 0

    def __call__(self, path: str, fault: str) -> None:
        line = f"{shown(path)}: {fault}" if path else fault
        self.first, self._count = self.first or f" ({line})", self._count + 1
        if self._count <= MAX_WARNINGS:
            self._tell(f"{self._where}: {line}")

    def finish(self) -> None:
        """Report how many were not reported."""
        if self._count > MAX_WARNINGS:
            self._tell(f"{self._where}: {self._count - MAX_WARNINGS} more entries like these")


def require_version(label: Label | None, what: str, source: Source) -> Label:
    """The version that was given, else the one that was found."""
    if source.version:
        return source.version, LabelOrigin.GIVEN
    if label is None:
        advice = f"give one before the path, as in v6.4.6={source.where}"
        raise SourceError("no version: neither a Makefile nor the folder's name tells it", what, advice)
    return label


def require_one_tree(source: Source, count: int, what: str) -> None:
    """A version that is given is that of one tree."""
    if source.version and count > 1:
        advice = "give each with its own version"
        raise SourceError(f"one version cannot stand for {count} {what}", source.argument, advice)


def raw_document(version: str | None, label_origin: str, path: str, data: bytes, source: str) -> RawDocument:
    """A document that is not bundled; a path of other bytes than UTF-8 gets replacement characters for them."""
    return RawDocument(
        version=version,
        label_origin=label_origin,
        path=path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
        data=data,
        source=source,
    )
