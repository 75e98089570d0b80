"""The intake of a build: the documents of all sources, read where they may have changed.

A source whose seal is still that of the build before is not read, and of a repository only the blobs whose names were
not met before. What spares the next build the same stands beside the documents.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from kbase.build.plan import Plan
from kbase.sources.raw_documents import RawDocument
from kbase.sources.readers import Fetch, GitBlobs, read, seal_of
from kbase.sources.source import Source
from kbase.store.database import HeldDocument, Store
from kbase.store.writer import Writer

Told = Callable[[int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What is held: documents by version, path and source; seals by positions of sources; blobs by git's names."""

    documents: list[HeldDocument]
    seals: dict[int, str]
    git_blobs: GitBlobs


def take_in(plan: Plan, previous: Store | None, writer: Writer, fetch: Fetch, told: Told) -> Intake:
    """The documents of all sources, their bytes kept; the later one where a source gives a path twice.

    `previous` is a generation whose sources were read by the same code, if there is one. `told` is called with how many
    documents were read and which one was last; what is passed over is added to the plan's warnings.

    Raises:
        SourceError: a source cannot be read.
    """
    reader = _Reader(plan, previous, writer, fetch, told)
    found: dict[tuple[str, str, int], HeldDocument] = {}
    seals: dict[int, str] = {}
    for position, source in enumerate(plan.sources):
        unread, warnings = position in plan.unread, len(plan.warnings)
        before = reader.seals.get(source.key)
        seal = before if unread else seal_of(source)
        same = unread or (seal is not None and seal == before)
        for document in plan.held[position] if same else reader.documents(source):
            placed = document if document.source == position else replace(document, source=position)
            found[document.version, document.path, position] = placed
        if seal and position not in plan.cut and len(plan.warnings) == warnings:  # what is told is told again
            seals[position] = seal
    documents = sorted(found.values(), key=lambda d: (d.version, d.path, d.source))
    return Intake(documents=documents, seals=seals, git_blobs=_held_blobs(reader.git_blobs, documents, plan.sources))


class _Reader:
    """Reads sources, with what is known of them."""

    def __init__(self, plan: Plan, previous: Store | None, writer: Writer, fetch: Fetch, told: Told) -> None:
        seals = previous.seals() if previous else {}
        sources = previous.sources() if previous else ()
        self.seals = {source.key: seals[at] for at, source in enumerate(sources) if at in seals}
        self.git_blobs = previous.git_blobs() if previous else {}
        self._kept = {blob for blob in self.git_blobs.values() if blob}
        self._plan, self._writer, self._fetch, self._told, self._count = plan, writer, fetch, told, 0

    def documents(self, source: Source) -> Iterator[HeldDocument]:
        """The documents of a source, wherever it stands."""
        for raw in read(source, self._fetch, self._plan.warnings.append, self.git_blobs):
            self._count += 1
            self._told(self._count, f"{raw.version or ''} {raw.path}".strip())
            yield HeldDocument(
                version=raw.version or "",
                path=raw.path,
                blob=self._keep(raw),
                source=0,
                label_origin=raw.label_origin,
                bundled=raw.bundled,
                origin=raw.origin,
            )

    def _keep(self, raw: RawDocument) -> str:
        """The hash of a document whose bytes are kept, or were before."""
        if raw.blob in self._kept:
            return raw.blob
        blob = self._writer.add_blob(raw.data)
        if raw.blob:
            self._kept.add(blob)
        return blob


def _held_blobs(blobs: GitBlobs, documents: Iterable[HeldDocument], sources: Iterable[Source]) -> GitBlobs:
    """The blobs of git that some document still is, and those that are no text."""
    held: set[str | None] = {document.blob for document in documents}
    held |= {None} if any(source.tags or source.refs for source in sources) else set()
    return {name: blob for name, blob in blobs.items() if blob in held}
