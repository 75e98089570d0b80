"""The survey of a build: every version is looked at once, for the list of versions, the exact names and the index.

Then those that stand for their releases are compared, each with the next (`kbase.build.neighbour_changes`).

Versions that say the same are looked at together. Of what an earlier build held only those are looked at again that
have changed, and those that tell what another one told that is gone; what comes out is the same as if all had been.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from msgspec.structs import replace

from kbase.build.neighbour_changes import write_changes
from kbase.build.version_similarity import Labels
from kbase.diff.history import unsaid
from kbase.kernel.exact_names import Symbol, counts_of, symbols_of
from kbase.model.records import DocumentKind
from kbase.model.releases import release_of
from kbase.model.states import VersionState
from kbase.model.versions import version_key
from kbase.search.documents import search_documents
from kbase.search.index import manifest_hash
from kbase.search.search_document import SearchDocument
from kbase.search.writing import read_documents, write_index
from kbase.store.database import Store
from kbase.store.generations import INDEX
from kbase.store.state_loader import Held
from kbase.store.writer import Writer

Progress = Callable[[str, int, int, str], None]


@dataclass(frozen=True, kw_only=True)
class _Before:
    """What an earlier survey found, as far as it still holds: of these versions."""

    labels: frozenset[str] = frozenset()
    documents: tuple[SearchDocument, ...] = ()
    counts: Mapping[str, dict[str, int]] = field(default_factory=dict)
    symbols: Mapping[Symbol, tuple[str, ...]] = field(default_factory=dict)
    claims: Mapping[str, frozenset[int]] = field(default_factory=dict)
    index: tuple[Path, str | None] | None = None


def survey(folder: Path, writer: Writer, previous: Store | None, progress: Progress) -> tuple[str, ...]:
    """Look at the versions of a generation whose documents are written, and write what is found.

    `previous` is a generation that the same code made. What comes out are the warnings about labels that the content
    contradicts.
    """
    with closing(Store(folder)) as store:
        held, before = Held(store), _before(previous, store)
        look = _Look(held, before, writer, progress)
        documents = search_documents(
            look.states(), look.alike, before.documents, store.kinds(), partial(_unsaid, held)
        )
        write_changes(held, writer, partial(progress, "compare"), carry=previous is not None)
    index = folder / INDEX
    write_index(index, documents, before.index, partial(progress, "index"), writer.changed_ops())
    writer.stamp(index=manifest_hash(index))
    return look.finish()


def _unsaid(held: Held, label: str, beside: str) -> frozenset[tuple[DocumentKind, str]]:
    return unsaid(held.state(label), held.state(beside))


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
    return _Before(
        labels=frozenset(("", *old)) - gone - again,
        documents=tuple(_documents_without(documents, gone | again)) if gone else documents,
        counts={label: counts for label, _, counts in previous.versions()},
        symbols=_symbols_without(previous.all_symbols(), gone) if gone else previous.all_symbols(),
        claims={blob: facts for blob, facts in previous.claims().items() if blob in blobs},
        index=index,
    )


def _heirs(documents: Iterable[SearchDocument], gone: AbstractSet[str]) -> set[str]:
    """The versions that are to be looked at again, as those are gone that were the first or last with something.

    The first one with an entry or a text of it decides its place among others, and the last one what is shown of a
    text. What has no version is among them always: whether it says what only versions that are gone said is not kept.
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
    """What other versions say, in the newest of them."""
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


class _Look:
    """Goes through the versions that are new, and gathers what each says."""

    def __init__(self, held: Held, before: _Before, writer: Writer, progress: Progress) -> None:
        self._held, self._before, self._writer, self._progress = held, before, writer, progress
        self.alike = held.alike()
        self._labels = Labels(before.claims)
        self._age = {label: place for place, label in enumerate(held.origins)}
        self._names: dict[Symbol, set[str]] = {symbol: set(labels) for symbol, labels in before.symbols.items()}

    def states(self) -> Iterator[VersionState]:
        """One state of those that say the same, of each version that is new."""
        done, versions, whole = 0, len(self._held.origins), self._held.store.kinds()
        for label, labels in self.alike.items():
            named = [each for each in labels if each]
            if self._before.labels.issuperset(labels):
                self._labels.note(self._held.store.documents(label), named, whole.get(label, ()))
                counts = self._before.counts.get(label, {})
            else:
                state = self._held.state(label)
                counts = self._gather(state, named)
                yield state
            for each in named:
                place = self._age[each] + 1
                self._writer.add_version(each, self._held.origins[each], counts, release_of(each), place)
            done += len(labels)
            self._progress("assemble", min(done, versions), versions, label)

    def _gather(self, state: VersionState, labels: Sequence[str]) -> dict[str, int]:
        for symbol in symbols_of(state):
            self._names.setdefault(symbol, set()).update(labels)
        self._labels.add(state, labels)
        return counts_of(state)

    def finish(self) -> tuple[str, ...]:
        """Write the exact names and the doubts; gives the doubts."""

        @cache
        def ordered(labels: frozenset[str]) -> tuple[str, ...]:
            return tuple(sorted(labels, key=self._age.__getitem__))

        self._writer.add_symbols((*name, ordered(frozenset(labels))) for name, labels in sorted(self._names.items()))
        self._writer.add_claims(self._labels.facts)
        warnings = self._labels.warnings()
        for label, warning in warnings.items():
            self._writer.add_warning(label, warning)
        return tuple(warnings.values())
