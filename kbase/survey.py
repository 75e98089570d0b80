"""The survey of a build: every version is looked at once, for the list of versions, the exact names and the index.

Versions that say the same are looked at together. Where a build only adds versions to what the one before it held,
only those are looked at, and what comes out is the same as if all had been.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from kbase.generations import INDEX
from kbase.held import Held
from kbase.labels import Labels
from kbase.search import SearchDocument, manifest_hash, read_documents, search_documents, write_index
from kbase.state import VersionState
from kbase.store import Store
from kbase.symbols import Symbol, counts_of, symbols_of
from kbase.writer import Writer

Progress = Callable[[str, int, int, str], None]


@dataclass(frozen=True, kw_only=True)
class _Before:
    """What an earlier survey found, if all of it still holds."""

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
        documents = tuple(search_documents(look.states(), look.alike, before.documents, store.kinds()))
    index = folder / INDEX
    write_index(index, documents, before.index, partial(progress, "index"))
    writer.stamp(index=manifest_hash(index))
    return look.finish()


def _before(previous: Store | None, store: Store) -> _Before:
    if previous is None:
        return _Before()
    index = previous.folder / INDEX, previous.stamp.get("index")
    old, new = previous.contents(), store.contents()
    kept = old.get("") == new.get("") and all(new.get(label) == content for label, content in old.items())
    documents = read_documents(*index) if kept else ()
    if not documents:
        return _Before(index=index)
    return _Before(
        labels=frozenset(("", *old)),
        documents=documents,
        counts={label: counts for label, _, counts in previous.versions()},
        symbols=previous.all_symbols(),
        claims=previous.claims(),
        index=index,
    )


class _Look:
    """Goes through the versions that are new, and gathers what each says."""

    def __init__(self, held: Held, before: _Before, writer: Writer, progress: Progress) -> None:
        self._held, self._before, self._writer, self._progress = held, before, writer, progress
        self.alike = held.alike()
        self._labels = Labels(before.claims)
        self._names: dict[Symbol, set[str]] = {symbol: set(labels) for symbol, labels in before.symbols.items()}

    def states(self) -> Iterator[VersionState]:
        """One state of those that say the same, of each version that is new."""
        done, versions = 0, len(self._held.origins)
        for label, labels in self.alike.items():
            named = [each for each in labels if each]
            if self._before.labels.issuperset(labels):
                self._labels.note(self._held.store.documents(label), named)
                counts = self._before.counts.get(label, {})
            else:
                state = self._held.state(label)
                counts = self._gather(state, named)
                yield state
            for each in named:
                self._writer.add_version(each, self._held.origins[each], counts)
            done += len(labels)
            self._progress("assemble", min(done, versions), versions, label)

    def _gather(self, state: VersionState, labels: Sequence[str]) -> dict[str, int]:
        for symbol in symbols_of(state):
            self._names.setdefault(symbol, set()).update(labels)
        self._labels.add(state, labels)
        return counts_of(state)

    def finish(self) -> tuple[str, ...]:
        """Write the exact names and the doubts; gives the doubts."""
        age = {label: place for place, label in enumerate(self._held.origins)}

        @cache
        def ordered(labels: frozenset[str]) -> tuple[str, ...]:
            return tuple(sorted(labels, key=age.__getitem__))

        self._writer.add_symbols((*name, ordered(frozenset(labels))) for name, labels in sorted(self._names.items()))
        self._writer.add_claims(self._labels.facts)
        warnings = self._labels.warnings()
        for label, warning in warnings.items():
            self._writer.add_warning(label, warning)
        return tuple(warnings.values())
