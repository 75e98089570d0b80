"""Comparisons of available versions, and the histories of ops and locks, made of the changes that the build stored."""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from kbase.diff import Change, ComparableVersion, Comparison, compare
from kbase.diff.history import HistorySource, OpHistory, history
from kbase.diff.late_documents import gone_already
from kbase.diff.lock_history import LockHistory, lock_history
from kbase.diff.release_line import VersionDocuments, line_of, version_documents
from kbase.diff.rows import row_change, slugs_of
from kbase.diff.truncated_documents import Incomplete, incomplete_tables
from kbase.model.records import PortingEntry
from kbase.model.states import Cited
from kbase.store.lru_method import kept
from kbase.store.state_loader import Held
from kbase.store.stored_changes import Row

HISTORIES = 1024  # an op page shows one; reading and folding it takes as long as the rest of the page


class Comparisons:
    """Compares the states of one store; versions are given by their canonical labels."""

    def __init__(self, held: Held, labels: Mapping[str, tuple[str, ...]]) -> None:
        """Histories are over the versions of one family; `labels` has them by family, oldest first."""
        self._held = held
        self._stored = held.store.changes
        self._labels = labels

    def compare(self, old: str, new: str) -> Comparison:
        """What changed from one version to another."""
        return compare(*(ComparableVersion.of(self._held.state(label)) for label in (old, new)))

    def changes(self, old: str, new: str) -> tuple[Change, ...]:
        """What changed from one version to another: as it was stored, or compared now."""
        rows = self._stored.between(old, new)
        return self.compare(old, new).changes if rows is None else self._changes(rows, new)

    def history(self, family: str, struct: str, op: str) -> OpHistory:
        """The history of an op."""
        return self._history(family, struct, op)

    def histories(self, family: str, struct: str) -> tuple[OpHistory, ...]:
        """The histories of all ops that a table ever had: as the newest version lists them, then as older ones do."""
        stating = self._stored.stating(struct)
        ops: dict[str, None] = {}
        for label in reversed(self._labels.get(family, ())):
            if any(label in versions for op, versions in stating.items() if op not in ops):
                ops |= dict.fromkeys(op.name for op in self._held.state(label).by_name[struct].ops)
        return tuple(self.history(family, struct, op) for op in ops)

    def lock_history(self, family: str, subject: str, ops: Collection[str]) -> LockHistory:
        """The history of a lock, `ops` being those that ever had a rule about it."""
        states = [self._held.state(label) for label in self._labels.get(family, ())]
        return lock_history(states, line_of(self._versions[family]), subject, ops)

    @kept(HISTORIES)
    def _history(self, family: str, struct: str, op: str) -> OpHistory:
        rows, known = self._stored.touching(struct, op), self._incomplete

        def between(old: str, new: str) -> Iterable[Change]:
            if (old, new) in known:
                return self._changes(rows.get((old, new), ()), new)
            return (change for change in self.compare(old, new).changes if change.touches(struct, op))

        def incomplete(old: str, new: str) -> Collection[Incomplete]:
            if (old, new) in known:
                return known[old, new]
            return set(incomplete_tables(self._held.state(old), self._held.state(new)))

        return history(
            struct,
            op,
            HistorySource(
                versions=self._versions.get(family, ()),
                stated=self._stored.stating(struct, op).get(op, {}),
                between=between,
                incomplete=incomplete,
                late=lambda label: gone_already(self._held.state(label), struct, op),
            ),
        )

    def _changes(self, rows: Collection[Row], new: str) -> tuple[Change, ...]:
        entries: dict[str, Cited[PortingEntry]] = {}
        if any(map(slugs_of, rows)):
            entries = {cited.record.slug: cited for cited in self._held.state(new).porting}
        return tuple(row_change(row, entries) for row in rows)

    @cached_property
    def _incomplete(self) -> dict[tuple[str, str], frozenset[Incomplete]]:
        return self._stored.incomplete()

    @cached_property
    def _versions(self) -> dict[str, list[VersionDocuments]]:
        store = self._held.store
        kinds, read = store.kinds(), store.changes.documents()
        return {family: version_documents(labels, kinds, read) for family, labels in self._labels.items()}
