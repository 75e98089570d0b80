"""Filters changes by severity, kind and lock, or to additions or removals only."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kbase.diff.changes import Change, ChangeKind, Severity, entry_severity
from kbase.diff.porting import EntryChange
from kbase.errors import UsageError
from kbase.model.records import PortingEntry
from kbase.model.states import Cited

COMING = ("table-added", "op-added", "member-added", "function-added", "flag-added", "document-added")
ABOUT_LOCKS = ("lock-", "blanket-")  # how the kinds of changes begin that are about a lock


class Only(StrEnum):
    """One of the two ends of a comparison."""

    NEW = "new"  # tables, ops, members, functions, flags, documents that the newer version alone has
    GONE = "gone"  # those that the older version alone has


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFilter:
    """Criteria for changes; None accepts all. `lock` is a canonical name, `severity` the minimum."""

    severity: str | None = None
    kind: str | None = None
    lock: str | None = None
    only: str | None = None

    @classmethod
    def of(cls, wanted: Mapping[str, str | None]) -> "ChangeFilter":
        """The filter of these values, by field: of a command's options, or of an address; empty ones want all.

        Raises:
            UsageError: there is no such severity, kind or end.
        """
        values = {name: value for name, value in wanted.items() if value}
        for name, choices in (("severity", Severity), ("kind", ChangeKind), ("only", Only)):
            if name in values and values[name] not in tuple(map(str, choices)):
                raise UsageError(f"no {name} {values[name]!r}", advice=f"one of {', '.join(choices)}")
        return cls(**values)

    def admits(self, change: Change) -> bool:
        """Whether the change is wanted."""
        severe = change.severity in Severity.at_least(self.severity)
        of_kind = self.kind in (None, change.kind) and self.lock in (None, lock_of(change))
        return severe and of_kind and self.only in (None, end_of(change))

    def changes(self, changes: Iterable[Change]) -> tuple[Change, ...]:
        """The changes that are wanted, in their order."""
        return tuple(filter(self.admits, changes))

    def entries(self, entries: Iterable[Cited[PortingEntry]]) -> tuple[Cited[PortingEntry], ...]:
        """The porting entries that pass: none of them is about a single lock, an addition or a removal."""
        if self.lock or self.only or self.kind:
            return ()
        severities = Severity.at_least(self.severity)
        return tuple(entry for entry in entries if entry_severity(entry.record) in severities)

    def log(self, changes: Iterable[EntryChange]) -> tuple[EntryChange, ...]:
        """The changed and removed porting entries that pass: they are of documentation."""
        if self.lock or self.only or self.kind or Severity.DOCUMENTATION not in Severity.at_least(self.severity):
            return ()
        return tuple(changes)


def changes_about(changes: Iterable[Change], struct: str, op: str | None = None) -> tuple[Change, ...]:
    """The changes of an ops table, or of an op of it, under any name that it has in either version."""
    every = tuple(changes)
    names = {f"{struct}.{op}" if op else struct}
    renames = [set(change.renamed) for change in every if change.renamed and bool(change.op) is bool(op)]
    for _ in renames:
        names |= set().union(*(renamed for renamed in renames if names & renamed))
    wanted = [name.partition(".") for name in names]
    return tuple(change for change in every if any(change.concerns(table, op or None) for table, _, op in wanted))


def lock_of(change: Change) -> str | None:
    """The canonical lock that a change is about; of an order the one that is taken first."""
    if change.kind.startswith("lock-order-"):
        return re.split(r"[ ,:]", change.subject or "", maxsplit=1)[0]
    return change.subject if change.kind.startswith(ABOUT_LOCKS) else None


def end_of(change: Change) -> Only | None:
    """Whether the change is an addition or a removal; None if it is neither."""
    if change.kind in COMING:
        return Only.NEW
    return Only.GONE if change.kind.mirrored in COMING else None
