"""What changed between two versions: typed changes, pure, without rendering. And the histories of ops and locks."""

from kbase.diff.change_filter import ChangeFilter, Only, changes_about, end_of, lock_of
from kbase.diff.changes import Change, ChangeKind, Severity, entry_severity
from kbase.diff.comparability import Gap, describe_gaps
from kbase.diff.comparable import ComparableVersion
from kbase.diff.compare import Comparison, compare, diff
from kbase.diff.facts import Place
from kbase.diff.porting import EntryChange, entries_about, log_changes_about

__all__ = [
    "Change",
    "ChangeFilter",
    "ChangeKind",
    "ComparableVersion",
    "Comparison",
    "EntryChange",
    "Gap",
    "Only",
    "Place",
    "Severity",
    "changes_about",
    "compare",
    "describe_gaps",
    "diff",
    "end_of",
    "entries_about",
    "entry_severity",
    "lock_of",
    "log_changes_about",
]
