"""Comparisons of available versions, and the histories of ops and locks from the changes that the build stored."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache, partial

from kbase.diff import Change, ComparableVersion, Comparison, compare
from kbase.diff.comparable import Coverage
from kbase.diff.history import HistorySource, OpHistory, history
from kbase.diff.late_documents import gone_already
from kbase.diff.lock_history import LockHistory, lock_history
from kbase.diff.release_line import Event, Line, line_of, version_documents
from kbase.diff.rows import row_change, slugs_of
from kbase.diff.truncated_documents import Incomplete, incomplete_tables
from kbase.model.git_commits import ChangeCommit
from kbase.model.records import LockRule
from kbase.model.witnesses import LOCK_TABLES, DocumentKind
from kbase.store.state_loader import StateLoader
from kbase.store.stored_changes import Place, Row

COMPARISONS_CACHED = 4  # who filters a comparison opens many pages of the same two versions, and of the two swapped
Stated = Mapping[str, Collection[DocumentKind]]
HISTORIES_CACHED = 1024  # an op page shows one, and to read it takes as long as the rest of the page


class Comparisons:
    """Compares the states of one store; versions are given by their canonical labels."""

    def __init__(self, loader: StateLoader, labels: Mapping[str, tuple[str, ...]]) -> None:
        """Histories are over the versions of one family; `labels` has them by family, oldest first."""
        self._loader = loader
        self._compare = lru_cache(COMPARISONS_CACHED)(partial(_compared, loader))
        self._stored = loader.store.changes
        self._labels = labels
        self._histories = _Histories(loader, self._compare, labels)
        self._history = lru_cache(HISTORIES_CACHED)(self._histories.of)

    def compare(self, old: str, new: str) -> Comparison:
        """What changed from one version to another."""
        return self._compare(old, new)

    def changes(self, old: str, new: str) -> tuple[Change, ...]:
        """The changes from one version to another: stored ones, or else computed now."""
        rows = self._stored.between(old, new)
        return self.compare(old, new).changes if rows is None else _changes(self._loader, rows, old, new)

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

    def lock_history(self, family: str, subject: str) -> LockHistory:
        """The history of a lock."""
        about, rows = self._loader.store.about_lock(subject), self._stored.coverage(subject)
        versions = [version for version in self._histories.versions[family] if LOCK_TABLES in version.stating]
        rules = {
            each.label: [cited for cited in about.get(each.label, ()) if isinstance(cited.record, LockRule)]
            for each in versions
        }
        coverage = {
            label: {op: Coverage.ROW if has_row else Coverage.PROTOTYPE for op, has_row in ops.items()}
            for label, ops in rows.items()
        }
        wordless = {label for label in rules if self._is_bundled(label)}
        found = lock_history(rules, coverage, self._histories.lines[family], subject, wordless)
        events, branches = (tuple(map(self._with_commits, each)) for each in (found.events, found.branches))
        return replace(found, events=events, branches=branches)

    def _is_bundled(self, label: str) -> bool:
        """Whether the Locking document of a version is bundled, and has no sentences."""
        return any(each.bundled for each in self._loader.store.documents(label) if each.kind is LOCK_TABLES)

    def _with_commits(self, event: Event) -> Event:
        changes = _with_commits(self._loader, event.range.after or "", event.range.by, event.changes)
        return replace(event, changes=changes)


class _Histories:
    """Makes the histories of ops from the stored changes."""

    def __init__(
        self, loader: StateLoader, compared: Callable[[str, str], Comparison], labels: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._loader, self._compared, self._stored = loader, compared, loader.store.changes
        kinds, read = loader.store.kinds(), self._stored.documents()
        self.versions = {family: version_documents(of_it, kinds, read) for family, of_it in labels.items()}
        self.lines = {family: line_of(versions) for family, versions in self.versions.items()}
        self._known = self._stored.incomplete()  # by the pairs of versions whose changes were stored

    def of(self, family: str, struct: str, op: str, stated: Stated | None = None) -> OpHistory:
        """The history of an op; `stated` has the kinds of documents that state it in each version, if known."""
        rows = self._stored.touching(struct, op)

        def between(old: str, new: str) -> Iterable[Change]:
            if (old, new) in self._known:
                return _changes(self._loader, rows.get((old, new), ()), old, new)
            return (change for change in self._compared(old, new).changes if change.touches(struct, op))

        def incomplete(old: str, new: str) -> Collection[Incomplete]:
            found = self._known.get((old, new))
            return set(incomplete_tables(*map(self._loader.state, (old, new)))) if found is None else found

        source = HistorySource(
            versions=self.versions.get(family, ()),
            line=self.lines.get(family, Line(())),
            stated=self._stored.stating(struct, op).get(op, {}) if stated is None else stated,
            between=between,
            incomplete=incomplete,
            late=lambda label: gone_already(self._loader.state(label), struct, op),
        )
        return history(struct, op, source)


def _compared(loader: StateLoader, old: str, new: str) -> Comparison:
    found = compare(*(ComparableVersion.of(loader.state(label)) for label in (old, new)))
    return replace(found, changes=_with_commits(loader, old, new, found.changes))


def _changes(loader: StateLoader, rows: Collection[Row], old: str, new: str) -> tuple[Change, ...]:
    """The changes of rows, with the porting entries and the commits that they carry."""
    entries = {c.record.slug: c for c in loader.state(new).porting} if any(map(slugs_of, rows)) else {}
    return _with_commits(loader, old, new, tuple(row_change(row, entries) for row in rows))


def _with_commits(loader: StateLoader, old: str, new: str, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes between two versions with the commits that touched their evidence, where the build found some."""
    by_line = loader.store.changes.commits(old, new) if changes else {}
    return tuple(replace(change, commits=_behind(change, by_line)) for change in changes) if by_line else changes


def _behind(change: Change, by_line: Mapping[Place, Mapping[int, ChangeCommit]]) -> tuple[ChangeCommit, ...]:
    found: dict[int, ChangeCommit] = {}
    for place in change.evidence:
        found |= by_line.get((place.version, place.path, place.line), {})
    return tuple(found[position] for position in sorted(found))
