"""Which changes somebody wants to see: about a lock, only what is new or what is gone."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kbase.diff.changes import Change, ChangeKind

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
class Choice:
    """What is wanted of the changes; None leaves a side open. `lock` is a canonical name."""

    lock: str | None = None
    only: Only | None = None

    def admits(self, change: Change) -> bool:
        """Whether the change is wanted."""
        if self.lock is not None and self.lock != lock_of(change):
            return False
        return self.only is None or self.only is end_of(change)

    def of(self, changes: Iterable[Change]) -> tuple[Change, ...]:
        """The changes that are wanted, in their order."""
        return tuple(filter(self.admits, changes))


def lock_of(change: Change) -> str | None:
    """The canonical lock that a change is about."""
    return change.subject if change.kind.startswith(ABOUT_LOCKS) else None


def end_of(change: Change) -> Only | None:
    """Whether something came or went; None where it only changed."""
    if change.kind in COMING:
        return Only.NEW
    return Only.GONE if change.kind.mirrored in COMING else None
