"""Which changes somebody wants to see: of a table or op, grave enough, about a lock, only what is new or gone."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kbase.diff.changes import Change, ChangeKind, Severity, entry_severity
from kbase.model.records import PortingEntry
from kbase.model.states import Cited

COMING = (
    ChangeKind.TABLE_ADDED,
    ChangeKind.OP_ADDED,
    ChangeKind.MEMBER_ADDED,
    ChangeKind.FUNCTION_ADDED,
    ChangeKind.FLAG_ADDED,
    ChangeKind.DOCUMENT_ADDED,
)
ABOUT_LOCKS = ("lock-", "blanket-")  # how the kinds of changes begin that are about a lock


class Only(StrEnum):
    """One of the two ends of a comparison."""

    NEW = "new"  # tables, ops, members, functions, flags, documents that the newer version alone has
    GONE = "gone"  # those that the older version alone has


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFilter:
    """What is wanted of the changes; None leaves a side open. `lock` is a canonical name, `severity` the least one."""

    severity: Severity | None = None
    kind: ChangeKind | None = None
    lock: str | None = None
    only: Only | None = None

    def admits(self, change: Change) -> bool:
        """Whether the change is wanted."""
        if change.severity not in Severity.at_least(self.severity) or self.kind not in (None, change.kind):
            return False
        if self.lock is not None and self.lock != lock_of(change):
            return False
        return self.only is None or self.only is end_of(change)

    def of(self, changes: Iterable[Change]) -> tuple[Change, ...]:
        """The changes that are wanted, in their order."""
        return tuple(filter(self.admits, changes))

    def of_entries(self, entries: Iterable[Cited[PortingEntry]]) -> tuple[Cited[PortingEntry], ...]:
        """The entries of the porting log that are wanted: they are about no one lock, and neither come nor go."""
        if self.lock or self.only or self.kind:
            return ()
        grave = Severity.at_least(self.severity)
        return tuple(entry for entry in entries if entry_severity(entry.record) in grave)


def changes_about(changes: Iterable[Change], struct: str, op: str | None = None) -> tuple[Change, ...]:
    """The changes of an ops table, or of an op of it, under any name that it has in either version."""
    told = tuple(changes)
    asked = f"{struct}.{op}" if op else struct
    names, before = {asked}, 0
    renames = [change.renamed for change in told if change.renamed and bool(change.op) is bool(op)]
    while len(names) > before:
        before = len(names)
        names.update(name for renamed in renames if not names.isdisjoint(renamed) for name in renamed)
    dotted = [name.partition(".") for name in names]
    return tuple(c for c in told if any(c.concerns(struct, op or None) for struct, _, op in dotted))


def lock_of(change: Change) -> str | None:
    """The canonical lock that a change is about."""
    return change.subject if change.kind.startswith(ABOUT_LOCKS) else None


def end_of(change: Change) -> Only | None:
    """Whether something came or went; None where it only changed."""
    if change.kind in COMING:
        return Only.NEW
    return Only.GONE if change.kind.mirrored in COMING else None
