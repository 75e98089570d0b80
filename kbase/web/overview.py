"""The changes of an ops table in reading order: the most severe first.

JSON and CSV keep the order of the documents.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from kbase.diff.changes import Severity
from kbase.pages.change_views import ChangeView
from kbase.pages.changes import ChangeGroup, TableChanges

MUST_FOLLOW = (Severity.BREAKING, Severity.BEHAVIOUR)  # by an implementation
RANK = {severity: rank for rank, severity in enumerate(Severity)}


def severity_counts(table: TableChanges) -> list[tuple[Severity, int]]:
    """The number of changes of each severity, the highest first."""
    counted = Counter(change.severity for group in table.groups for change in group.changes)
    return [(severity, counted[severity]) for severity in Severity]


def reading_order(table: TableChanges) -> tuple[ChangeGroup, ...]:
    """The groups of a table and their changes by severity.

    Changes of the table itself that must be followed come before its ops, as they concern all of them, others last.
    """
    ops, itself = list[ChangeGroup](), list[ChangeView]()
    for group in table.groups:
        changes = tuple(sorted(group.changes, key=_rank))
        if table.struct and not changes[0].op:
            itself += changes
        else:
            ops.append(replace(group, changes=changes))
    first = [change for change in itself if change.severity in MUST_FOLLOW]
    last = [change for change in itself if change.severity not in MUST_FOLLOW]
    ops.sort(key=lambda group: _rank(group.changes[0]))
    return (*_itself("the table itself", first), *ops, *_itself("about the table", last))


def _rank(change: ChangeView) -> int:
    return RANK[change.severity]


def _itself(title: str, changes: list[ChangeView]) -> Iterator[ChangeGroup]:
    if changes:
        yield ChangeGroup(title=title, href=changes[0].href, history=None, changes=tuple(changes))


def anchor(group: ChangeGroup) -> str | None:
    """The id of an op's changes on the page."""
    first = group.changes[0]
    return f"{first.struct}.{first.op}" if first.struct and first.op else None
