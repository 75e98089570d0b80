"""What changed between two versions, by ops table, as the templates show it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kbase.diff.changes import Change, ChangeKind, Severity
from kbase.pages.change_views import by_severity


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """What changed between two versions, by ops table."""

    old: str
    new: str
    groups: tuple[tuple[str, tuple[Change, ...]], ...]
    severities: tuple[tuple[str, int], ...]
    docname: str = ""  # none where it is part of another page
    renamed: Mapping[str, str]  # the old names of renamed ops tables, by the new ones

    @property
    def total(self) -> int:
        return sum(len(changes) for _, changes in self.groups)

    def dotted(self, change: Change) -> str:
        """The changed op with its ops table; of a renamed table an op that is gone is found under the old name."""
        struct = change.struct or ""
        return f"{self.renamed.get(struct, struct) if change.kind is ChangeKind.OP_REMOVED else struct}.{change.op}"


def change_page(old: str, new: str, changes: Sequence[Change], docname: str = "") -> ChangePage:
    """The page of what changed from `old` to `new`."""
    groups: dict[str, list[Change]] = {}
    for change in changes:
        groups.setdefault(change.struct or "", []).append(change)
    counts = Counter(change.severity for change in changes)
    return ChangePage(
        old=old,
        new=new,
        groups=tuple(
            (struct, tuple(by_severity(groups[struct]))) for struct in sorted(groups, key=lambda name: (not name, name))
        ),
        severities=tuple((str(severity), counts[severity]) for severity in Severity if counts[severity]),
        docname=docname,
        renamed={str(c.after): str(c.before) for c in changes if c.kind is ChangeKind.TABLE_RENAMED},
    )
