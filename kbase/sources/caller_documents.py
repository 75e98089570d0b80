"""The document of callers of a kernel's code, made once for the same code."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from kbase.sources.raw_documents import RawDocument, raw_document
from kbase.sources.source import GitBlobs
from kbase.sources.trees import Label

CALLERS = "callers.tsv"  # its path

Scan = Callable[[Mapping[str, bytes]], bytes]  # the files of a tree by path -> the document, empty if there is no call


@dataclass(frozen=True)
class CallerDocuments:
    """Makes documents of callers, none without `scan`; `blobs` are earlier ones, by a name for the content of code."""

    scan: Scan | None = None
    blobs: GitBlobs = field(default_factory=dict)

    def of(self, label: Label, code: Mapping[str, bytes]) -> Iterator[RawDocument]:
        """The document for the code of one tree; none for headers alone."""
        if self.scan is None or not any(path.endswith(".c") for path in code):
            return
        listed = [(path, sha256(data).hexdigest()) for path, data in sorted(code.items())]
        name = f"code:{sha256(repr(listed).encode()).hexdigest()}"
        if known := self.blobs.get(name):
            yield replace(raw_document(*label, CALLERS, b""), blob=known)
        elif data := self.scan(code):
            self.blobs[name] = sha256(data).hexdigest()
            yield raw_document(*label, CALLERS, data)
