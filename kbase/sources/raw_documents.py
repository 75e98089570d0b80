"""Raw documents, the files of sources before they are parsed; and warnings about sources."""

from collections.abc import Callable
from dataclasses import dataclass

from kbase.errors import SourceError
from kbase.sources.document_paths import shown
from kbase.sources.source import Source
from kbase.sources.trees import Label, LabelOrigin

MAX_SOURCE = 4 << 30  # bytes of documents of one source, each version counted; those of a kernel have 3 MB
MAX_WARNINGS = 20  # of one source; the others are counted

Report = Callable[[str], None]  # is called with a line


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDocument:
    """One file of a source.

    `version` is a canonical label, None if the source has none. `path` is relative to the root of the tree, or to a
    folder of loose documents. A git blob that was known is not read: `data` is empty and `blob` is its SHA-256.
    """

    version: str | None
    label_origin: str
    path: str
    data: bytes
    bundled: bool = False
    origin: str | None = None
    blob: str | None = None


class SourceWarnings:
    """Reports problems with entries of a source, a line each; `first` is used in the error about an empty source."""

    def __init__(self, where: str, report: Report) -> None:
        self.first, self._where, self._report, self._count = "", where, report, 0

    def __call__(self, path: str, fault: str) -> None:
        line = f"{shown(path)}: {fault}" if path else fault
        self.first, self._count = self.first or f" ({line})", self._count + 1
        if self._count <= MAX_WARNINGS:
            self._report(f"{self._where}: {line}")

    def finish(self) -> None:
        """Report how many were not reported."""
        if self._count > MAX_WARNINGS:
            self._report(f"{self._where}: {self._count - MAX_WARNINGS} more entries like these")


def require_version(label: Label | None, what: str, source: Source) -> Label:
    """The version that the user gave, else the one that was found.

    Raises:
        SourceError: there is neither.
    """
    if source.version:
        return source.version, LabelOrigin.GIVEN
    if label is None:
        advice = f"give one before the path, as in v6.4.6={source.where}"
        raise SourceError("no version: neither in a Makefile nor in the folder's name", what, advice)
    return label


def require_one_tree(source: Source, count: int, what: str) -> None:
    """Refuse one version for several trees."""
    if source.version and count > 1:
        raise SourceError(f"one version is given for {count} {what}", source.argument, "give each with its own version")


def raw_document(version: str | None, label_origin: str, path: str, data: bytes) -> RawDocument:
    """A document that is not bundled; bytes of its path that are not UTF-8 become replacement characters."""
    path = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return RawDocument(version=version, label_origin=label_origin, path=path, data=data)


def too_much(where: str, most: int) -> SourceError:
    """The error about a source of more than so many documents, or of more than `MAX_SOURCE` bytes of them."""
    what = f"more than {most:,} documents, or than {MAX_SOURCE >> 30} GiB of them"
    return SourceError(what, where, "give its parts, each as a source of its own")
