"""What changed between two versions: typed changes, pure, without rendering."""

from kbase.diff.apply import apply
from kbase.diff.changes import KINDS, Change, ChangeKind, Meaning, Severity, Statement
from kbase.diff.compare import Gap, comparable, diff, diff_table, gaps, porting_between
from kbase.diff.facts import NormalState, Place, normalise

ChangeEvidence = Place

__all__ = [
    "KINDS",
    "Change",
    "ChangeEvidence",
    "ChangeKind",
    "Gap",
    "Meaning",
    "NormalState",
    "Severity",
    "Statement",
    "apply",
    "comparable",
    "diff",
    "diff_table",
    "gaps",
    "normalise",
    "porting_between",
]
