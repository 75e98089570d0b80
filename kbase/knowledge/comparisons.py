"""What changed between available versions, and the histories of ops: from the changes that the build stored."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING

from kbase.diff.changes import Change
from kbase.diff.history import HistorySource, OpHistory, history
from kbase.diff.release_line import Incomplete, Line, line_of, version_documents
from kbase.knowledge.change_rows import stored_changes
from kbase.model.witnesses import DocumentKind
from kbase.store.state_loader import StateLoader

if TYPE_CHECKING:
    from kbase.diff.compare import Comparison
    from kbase.diff.lock_history import LockHistory
    from kbase.knowledge.computed_comparisons import ComputedComparisons

Stated = Mapping[str, Collection[DocumentKind]]
HISTORIES_CACHED = 1024  # an op page shows one, and to read it takes as long as the rest of the page


class Comparisons:
    """Compares the versions of one store; they are given by their canonical labels."""

    def __init__(self, loader: StateLoader, labels: Mapping[str, tuple[str, ...]]) -> None:
        """Histories are over the versions of one family; `labels` has them by family, oldest first."""
        self._loader = loader
        self._computed = cache(partial(_computed_comparisons, loader))
        self._stored = loader.store.changes
        self._labels = labels
        self._histories = _Histories(loader, self._computed, labels)
        self._history = lru_cache(HISTORIES_CACHED)(self._histories.of)

    def compare(self, old: str, new: str) -> "Comparison":
        """What changed from one version to another."""
        return self._computed().compare(old, new)

    def changes(self, old: str, new: str) -> tuple[Change, ...]:
        """The changes from one version to another: stored ones, or else computed now."""
        rows = self._stored.between(old, new)
        return self.compare(old, new).changes if rows is None else stored_changes(self._loader, rows, old, new)

    def history(self, family: str, struct: str, op: str) -> OpHistory:
        """The history of an op."""
        return self._history(family, struct, op)

    def histories(self, family: str, struct: str) -> tuple[OpHistory, ...]:
        """The histories of all ops that a table ever had: as the newest version lists them, then as older ones do."""
        stating = self._stored.stating(struct)
        ops: dict[str, None] = {}
        for label in reversed(self._labels.get(family, ())):
            if any(label in versions for op, versions in stating.items() if op not in ops):
                ops |= dict.fromkeys(op.name for op in self._loader.state(label).by_name[struct].ops)
        return tuple(self._histories.of(family, struct, op, stating.get(op, {})) for op in ops)

    def lock_history(self, family: str, subject: str) -> "LockHistory":
        """The history of a lock."""
        versions, line = self._histories.versions[family], self._histories.lines[family]
        return self._computed().lock_history(versions, line, subject)


def _computed_comparisons(loader: StateLoader) -> "ComputedComparisons":
    # Imported where a comparison was not stored: a command that shows an op or its history starts without.
    from kbase.knowledge.computed_comparisons import ComputedComparisons

    return ComputedComparisons(loader)


class _Histories:
    """Makes the histories of ops from the stored changes."""

    def __init__(
        self, loader: StateLoader, computed: "Callable[[], ComputedComparisons]", labels: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._loader, self._computed, self._stored = loader, computed, loader.store.changes
        kinds, read = loader.store.kinds(), self._stored.documents()
        self.versions = {family: version_documents(of_it, kinds, read) for family, of_it in labels.items()}
        self.lines = {family: line_of(versions) for family, versions in self.versions.items()}
        self._known = self._stored.incomplete()  # by the pairs of versions whose changes were stored

    def of(self, family: str, struct: str, op: str, stated: Stated | None = None) -> OpHistory:
        """The history of an op; `stated` has the kinds of documents that state it in each version, if known."""
        rows = self._stored.touching(struct, op)

        def between(old: str, new: str) -> Iterable[Change]:
            if (old, new) in self._known:
                return stored_changes(self._loader, rows.get((old, new), ()), old, new)
            return (change for change in self._computed().compare(old, new).changes if change.touches(struct, op))

        def incomplete(old: str, new: str) -> Collection[Incomplete]:
            found = self._known.get((old, new))
            return self._computed().incomplete(old, new) if found is None else found

        source = HistorySource(
            versions=self.versions.get(family, ()),
            line=self.lines.get(family, Line(())),
            stated=self._stored.stating(struct, op).get(op, {}) if stated is None else stated,
            between=between,
            incomplete=incomplete,
            late=lambda label: self._computed().gone_already(struct, op, label),
        )
        return history(struct, op, source)
