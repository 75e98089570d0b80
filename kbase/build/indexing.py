"""What a build computes from the states of the versions: counts, names, drift, warnings, changes, search index.

Versions with the same content are processed once. Of what the previous build computed, only changed versions are
processed again, and those that inherit something from a removed one; the result is the same as if all had been.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from msgspec.structs import replace

from kbase.build.neighbour_changes import write_changes
from kbase.build.search_documents.documents import search_documents
from kbase.build.version_drift import VersionDrift
from kbase.build.version_similarity import Labels
from kbase.diff.truncated_documents import incomplete_tables
from kbase.kernel.exact_names import ItemKind, Symbol, counts_of, symbols_of
from kbase.model.drift import ComparedBlock, Drift
from kbase.model.states import VersionState
from kbase.model.versions import version_key
from kbase.model.witnesses import DocumentKind
from kbase.search.index import manifest_hash
from kbase.search.search_document import SearchDocument
from kbase.search.writing import read_documents, write_index
from kbase.store.database import Store
from kbase.store.generations import INDEX
from kbase.store.state_loader import StateLoader
from kbase.store.writer import Writer

Progress = Callable[[str, int, int, str], None]


@dataclass(frozen=True, kw_only=True)
class _Before:
    """What the previous build computed, for those of these versions for which it is still valid."""

    labels: frozenset[str] = frozenset()
    documents: tuple[SearchDocument, ...] = ()
    counts: Mapping[str, dict[str, int]] = field(default_factory=dict)
    symbols: Mapping[Symbol, tuple[str, ...]] = field(default_factory=dict)
    fact_hashes: Mapping[str, frozenset[int]] = field(default_factory=dict)
    drift: tuple[Drift, ...] = ()
    compared: tuple[ComparedBlock, ...] = ()
    index: tuple[Path, str | None] | None = None


def index_versions(folder: Path, writer: Writer, previous: Store | None, progress: Progress) -> tuple[str, ...]:
    """Process the versions of a generation whose documents are written, and write the results.

    `previous` is a generation that the same code made. Returns the warnings about labels that the content contradicts.
    """
    with closing(Store(folder)) as store:
        loader, before = StateLoader(store), _before(previous, store)
        gathering = _Gathering(loader, before, writer, progress)
        documents = search_documents(
            gathering.states(), gathering.alike, before.documents, store.kinds(), partial(_unsaid, loader)
        )
        write_changes(loader, writer, partial(progress, "compare"), carry=previous is not None)
    index = folder / INDEX
    write_index(index, documents, before.index, partial(progress, "index"), writer.changed_ops())
    writer.stamp(index=manifest_hash(index))
    return gathering.finish()


def _unsaid(loader: StateLoader, label: str, beside: str) -> frozenset[tuple[DocumentKind, str]]:
    tables = incomplete_tables(loader.state(label), loader.state(beside))
    return frozenset((kind, struct) for version, kind, struct in tables if version == label)


def _before(previous: Store | None, store: Store) -> _Before:
    if previous is None:
        return _Before()
    index = previous.folder / INDEX, previous.stamp.get("index")
    old, new = previous.contents(), store.contents()
    documents = read_documents(*index) if old.get("") == new.get("") else ()
    if not documents:
        return _Before(index=index)
    gone = {label for label, content in old.items() if new.get(label) != content}
    again = _heirs(documents, gone) if gone else set()
    blobs = {blob for content in new.values() for blob, *_ in content}
    labels = frozenset(("", *old)) - gone - again
    return _Before(
        labels=labels,
        documents=tuple(_documents_without(documents, gone | again)) if gone else documents,
        counts={label: counts for label, _, _, counts in previous.versions()},
        symbols=_symbols_without(previous.all_symbols(), gone) if gone else previous.all_symbols(),
        fact_hashes={blob: hashes for blob, hashes in previous.fact_hashes().items() if blob in blobs},
        drift=tuple(each for each in previous.drift.all() if each.version in labels),
        compared=tuple(each for each in previous.drift.blocks() if each.version in labels),
        index=index,
    )


def _heirs(documents: Iterable[SearchDocument], gone: AbstractSet[str]) -> set[str]:
    """The versions to process again because the first or last version with an entry or text was removed.

    The first version with an entry or a text of it determines its position; the last version determines what is shown.
    The documents without a version are always processed: whether they repeat texts of removed versions is not
    stored.
    """
    found = {""}
    for _, same in groupby(documents, key=attrgetter("entry")):
        texts = [(document.versions, _left(document.versions, gone)) for document in same]
        for versions, left in texts:
            if not gone.isdisjoint(versions[:1] + versions[-1:]):
                found.update(left[:1] + left[-1:])
        if not gone.isdisjoint(texts[0][0][:1]):
            firsts = [left[0] for _, left in texts if left]
            found.update(sorted(firsts, key=version_key)[:1])
    return found


def _documents_without(documents: Iterable[SearchDocument], gone: AbstractSet[str]) -> Iterator[SearchDocument]:
    """The documents of other versions, each in the newest of them."""
    for document in documents:
        left = _left(document.versions, gone)
        if left:
            yield (
                document if len(left) == len(document.versions) else replace(document, versions=left, version=left[-1])
            )


def _symbols_without(
    symbols: Mapping[Symbol, tuple[str, ...]], gone: AbstractSet[str]
) -> dict[Symbol, tuple[str, ...]]:
    """The names that other versions have."""
    return {symbol: left for symbol, labels in symbols.items() if (left := _left(labels, gone))}


def _left(labels: tuple[str, ...], gone: AbstractSet[str]) -> tuple[str, ...]:
    return labels if gone.isdisjoint(labels) else tuple(label for label in labels if label not in gone)


class _Gathering:
    """Processes the new versions and collects their names, counts and facts."""

    def __init__(self, loader: StateLoader, before: _Before, writer: Writer, progress: Progress) -> None:
        self._loader, self._before, self._writer, self._progress = loader, before, writer, progress
        self.alike, self._kinds = loader.alike(), loader.store.kinds()
        self._labels = Labels(before.fact_hashes)
        self._drift = VersionDrift(before.drift, before.compared)
        self._names: dict[Symbol, set[str]] = {symbol: set(labels) for symbol, labels in before.symbols.items()}

    def states(self) -> Iterator[VersionState]:
        """The states of the new versions, one of those with the same content."""
        done, versions = 0, len(self._loader.label_origins)
        for label, labels in self.alike.items():
            named = [each for each in labels if each]
            if self._before.labels.issuperset(labels):
                self._labels.note(self._loader.store.documents(label), named, self._kinds.get(label, ()))
                counts = self._before.counts.get(label, {})
            else:
                state = self._loader.state(label)
                counts = self._gather(state, named)
                yield state
            for each in named:
                self._writer.set_counts(each, counts)
            done += len(labels)
            self._progress("assemble", min(done, versions), versions, label)

    def _gather(self, state: VersionState, labels: Sequence[str]) -> dict[str, int]:
        for symbol in symbols_of(state):
            self._names.setdefault(symbol, set()).update(labels)
        self._labels.add(state, labels)
        self._drift.add(state, labels)
        return counts_of(state)

    def finish(self) -> tuple[str, ...]:
        """Write the exact names, the drift and the warnings; returns the warnings."""
        order = {label: place for place, label in enumerate(self._loader.label_origins)}
        names = sorted(self._names.items())
        self._writer.add_symbols((*name, tuple(sorted(labels, key=order.__getitem__))) for name, labels in names)
        self._writer.add_fact_hashes(self._labels.facts)
        self._drift.write(self._writer, self._kinds)
        ops = {name: labels for (_, kind, name), labels in names if kind == ItemKind.OP}
        warnings = self._labels.warnings(ops)
        for label, warning in warnings.items():
            self._writer.add_warning(label, warning)
        return tuple(warnings.values())
