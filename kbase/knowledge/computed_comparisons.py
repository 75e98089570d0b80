"""What the build did not store, computed from the states of versions: comparisons, and the histories of locks."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import lru_cache, partial

from kbase.diff.comparable import ComparableVersion, Coverage
from kbase.diff.compare import Comparison, compare
from kbase.diff.late_documents import gone_already
from kbase.diff.lock_history import LockHistory, lock_history
from kbase.diff.release_line import Event, Incomplete, Line, VersionDocuments
from kbase.diff.truncated_documents import incomplete_tables
from kbase.knowledge.change_rows import with_commits
from kbase.model.records import LockRule
from kbase.model.witnesses import LOCK_TABLES
from kbase.store.state_loader import StateLoader

COMPARISONS_CACHED = 4  # who filters a comparison opens many pages of the same two versions, and of the two swapped


class ComputedComparisons:
    """Compares the states of one store; versions are given by their canonical labels."""

    def __init__(self, loader: StateLoader) -> None:
        """Nothing is compared yet."""
        self._loader = loader
        self._compare = lru_cache(COMPARISONS_CACHED)(partial(_compared, loader))

    def compare(self, old: str, new: str) -> Comparison:
        """What changed from one version to another."""
        return self._compare(old, new)

    def incomplete(self, old: str, new: str) -> Collection[Incomplete]:
        """The ops tables that are incomplete in a truncated document of the two versions."""
        return set(incomplete_tables(*map(self._loader.state, (old, new))))

    def gone_already(self, struct: str, op: str, label: str) -> str:
        """Where the porting log of a version reports the op as removed; empty if it does not."""
        return gone_already(self._loader.state(label), struct, op)

    def lock_history(self, versions: Iterable[VersionDocuments], line: Line, subject: str) -> LockHistory:
        """The history of a lock over the versions of a family."""
        about, rows = self._loader.store.about_lock(subject), self._loader.store.changes.coverage(subject)
        rules = {
            each.label: [cited for cited in about.get(each.label, ()) if isinstance(cited.record, LockRule)]
            for each in versions
            if LOCK_TABLES in each.stating
        }
        coverage = {
            label: {op: Coverage.ROW if has_row else Coverage.PROTOTYPE for op, has_row in ops.items()}
            for label, ops in rows.items()
        }
        bundled = {label for label in rules if self._is_bundled(label)}
        found = lock_history(rules, coverage, line, subject, bundled)
        events, branches = (tuple(map(self._with_commits, each)) for each in (found.events, found.branches))
        return replace(found, events=events, branches=branches)

    def _is_bundled(self, label: str) -> bool:
        """Whether the Locking document of a version is bundled."""
        return any(each.bundled for each in self._loader.store.documents(label) if each.kind is LOCK_TABLES)

    def _with_commits(self, event: Event) -> Event:
        changes = with_commits(self._loader, event.range.after or "", event.range.by, event.changes)
        return replace(event, changes=changes)


def _compared(loader: StateLoader, old: str, new: str) -> Comparison:
    found = compare(*(ComparableVersion.of(loader.state(label)) for label in (old, new)))
    return replace(found, changes=with_commits(loader, old, new, found.changes))
