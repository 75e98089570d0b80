"""What changed between two versions: typed changes, pure, without rendering."""

from kbase.diff.apply import apply
from kbase.diff.changes import KINDS, Change, ChangeKind, Meaning, Severity, Statement, entry_severity
from kbase.diff.choice import Choice, Only, about, end_of, lock_of
from kbase.diff.compare import diff, diff_sides
from kbase.diff.facts import Place
from kbase.diff.holdings import Gap, Side, comparable, gaps, gaps_between, told_gaps
from kbase.diff.normal import NormalState, normalise
from kbase.diff.porting import entries_about, porting_between

ChangeEvidence = Place

__all__ = [
    "KINDS",
    "Change",
    "ChangeEvidence",
    "ChangeKind",
    "Choice",
    "Gap",
    "Meaning",
    "NormalState",
    "Only",
    "Severity",
    "Side",
    "Statement",
    "about",
    "apply",
    "comparable",
    "diff",
    "diff_sides",
    "end_of",
    "entries_about",
    "entry_severity",
    "gaps",
    "gaps_between",
    "lock_of",
    "normalise",
    "porting_between",
    "told_gaps",
]
