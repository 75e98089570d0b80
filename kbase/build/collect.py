"""The first stage of a build: the documents of all sources, read where they may have changed.

A source whose fingerprint is still that of the previous build is not read, and of a repository only the blobs whose
names are new. Fingerprints and names are stored with the documents for the next build.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from kbase.build.callers import callers_document
from kbase.build.plan import Plan
from kbase.sources.raw_documents import RawDocument
from kbase.sources.readers import Fetch, fingerprint_of, read, revisions_of
from kbase.sources.source import GitBlobs, Source, StoredDocument
from kbase.store.database import Store
from kbase.store.writer import Writer

Report = Callable[[int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """Documents by version, path and source; fingerprints by positions of sources; blobs by git's names.

    `revisions` are the commits at which repositories were read, by positions of sources and by versions.
    """

    documents: list[StoredDocument]
    fingerprints: dict[int, str]
    revisions: dict[int, dict[str, str]]
    git_blobs: GitBlobs


def collect(plan: Plan, previous: Store | None, writer: Writer, fetch: Fetch, report: Report) -> Collected:
    """Read the sources and store their bytes; where a source has a path twice, the later document is taken.

    `previous` is a generation whose sources were read by the same code, if there is one. `report` is called with the
    number of documents read and the last one; warnings about what is skipped are added to the plan's warnings.

    Raises:
        SourceError: a source cannot be read.
    """
    known = previous.fingerprints() if previous else {}
    before = {source.key: known.get(at) for at, source in enumerate(previous.sources())} if previous else {}
    git_blobs = previous.git_blobs() if previous else {}
    found: dict[tuple[str, str, int], StoredDocument] = {}
    fingerprints: dict[int, str] = {}
    revisions: dict[int, dict[str, str]] = {}
    count = 0

    def scan(code: Mapping[str, bytes]) -> bytes:
        return callers_document(code, lambda _, path: report(count, f"callers in {path}"))

    for position, source in enumerate(plan.sources):
        unread, warnings, old = position in plan.unread, len(plan.warnings), before.get(source.key)
        fingerprint = old if unread else fingerprint_of(source)
        revisions[position] = plan.revisions.get(position, {}) if unread else revisions_of(source)
        if unread or (fingerprint is not None and fingerprint == old):
            documents = [replace(document, source=position) for document in plan.stored[position]]
            found |= {(document.version, document.path, position): document for document in documents}
        else:
            for raw in read(source, fetch, plan.warnings.append, git_blobs, scan):
                count += 1
                report(count, f"{raw.version or ''} {raw.path}".strip())
                document = _stored(raw, position, raw.blob or writer.add_blob(raw.data))
                found[document.version, document.path, position] = document
        if fingerprint and position not in plan.cut and len(plan.warnings) == warnings:  # warnings are repeated
            fingerprints[position] = fingerprint
    ordered = sorted(found.values(), key=lambda d: (d.version, d.path, d.source))
    return Collected(
        documents=ordered,
        fingerprints=fingerprints,
        revisions=_current_revisions(revisions, ordered),
        git_blobs=_current_blobs(git_blobs, ordered, plan.sources),
    )


def _stored(raw: RawDocument, source: int, blob: str) -> StoredDocument:
    return StoredDocument(
        version=raw.version or "",
        path=raw.path,
        blob=blob,
        source=source,
        label_origin=raw.label_origin,
        bundled=raw.bundled,
        origin=raw.origin,
    )


def _current_revisions(
    revisions: Mapping[int, Mapping[str, str]], documents: Iterable[StoredDocument]
) -> dict[int, dict[str, str]]:
    """The revisions of versions that have documents."""
    current = {(document.source, document.version) for document in documents}
    found = {
        source: {version: name for version, name in sorted(of.items()) if (source, version) in current}
        for source, of in revisions.items()
    }
    return {source: of for source, of in found.items() if of}


def _current_blobs(blobs: GitBlobs, documents: list[StoredDocument], sources: list[Source]) -> GitBlobs:
    """The blobs of git that are still documents, and the binary ones."""
    current: set[str | None] = {document.blob for document in documents}
    current |= {None} if any(source.tags or source.refs for source in sources) else set()
    return {name: blob for name, blob in blobs.items() if blob in current}
