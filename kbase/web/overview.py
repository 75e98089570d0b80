"""What changed between two versions as one reads it who ports a filesystem: an overview, and the gravest first.

The order of a page's values, which JSON and CSV keep, is that of the documents.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from markupsafe import Markup

from kbase.diff import Severity
from kbase.pages.changes import ChangeGroup, ChangeView, DiffPage, TableChanges

GRAVE = (Severity.BREAKING, Severity.BEHAVIOUR)  # what an implementation has to follow
RANK = {severity: rank for rank, severity in enumerate(Severity)}
OTHERS = "documents"  # the anchor of what belongs to no ops table
WIDTH, HEIGHT = 160, 10  # of the longest bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """An op that an implementation has to be looked at for, and how grave its gravest change is."""

    text: str
    href: str  # its place on the page
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOverview:
    """The changes of one ops table: how many of each severity, drawn, the ops that matter, and all in order."""

    table: TableChanges
    anchor: str  # its place on the page
    counts: tuple[tuple[Severity, int], ...]  # of all severities, the gravest first
    bar: Markup
    ops: tuple[Affected, ...]
    groups: tuple[ChangeGroup, ...]


def overview(page: DiffPage) -> tuple[TableOverview, ...]:
    """The ops tables in which something changed, in the page's order."""
    most = max((table.count for table in page.tables), default=0)
    return tuple(_row(table, most) for table in page.tables)


def _row(table: TableChanges, most: int) -> TableOverview:
    counted = Counter(change.severity for group in table.groups for change in group.changes)
    counts = tuple((severity, counted[severity]) for severity in Severity)
    groups = reading_order(table)
    return TableOverview(
        table=table,
        anchor=table.struct or OTHERS,
        counts=counts,
        bar=_bar(counts, most),
        ops=tuple(_affected(groups)),
        groups=groups,
    )


def _affected(groups: Iterable[ChangeGroup]) -> Iterator[Affected]:
    for group in groups:
        first = group.changes[0]
        if anchor(group) and first.severity in GRAVE:
            yield Affected(text=group.title, href=f"#{anchor(group)}", severity=first.severity)


def _bar(counts: Iterable[tuple[Severity, int]], most: int) -> Markup:
    """The changes as a bar, a piece a severity, as long as they are many beside the largest table's."""
    pieces, done = [], 0
    for severity, count in counts:
        left, right = WIDTH * done // most, WIDTH * (done + count) // most
        done += count
        if count:
            piece = Markup('<rect class="{}" x="{}" width="{}" height="{}"/>')
            pieces.append(piece.format(severity, left, max(right - left, 2), HEIGHT))
    return Markup('<svg aria-hidden="true" width="{w}" height="{h}" viewBox="0 0 {w} {h}">{}</svg>').format(
        Markup("").join(pieces), w=WIDTH, h=HEIGHT
    )


def reading_order(table: TableChanges) -> tuple[ChangeGroup, ...]:
    """The groups of a table, each with its gravest change first, the group with the gravest before the others.

    What is grave in the table itself comes before its ops, as it is about all of them, and the rest behind them.
    """
    ops, itself = list[ChangeGroup](), list[ChangeView]()
    for group in table.groups:
        changes = tuple(sorted(group.changes, key=_rank))
        if table.struct and not changes[0].op:
            itself += changes
        else:
            ops.append(replace(group, changes=changes))
    grave = [change for change in itself if change.severity in GRAVE]
    rest = [change for change in itself if change.severity not in GRAVE]
    ops.sort(key=lambda group: _rank(group.changes[0]))
    return (*_itself("the table itself", grave), *ops, *_itself("about the table", rest))


def _rank(change: ChangeView) -> int:
    return RANK[change.severity]


def _itself(title: str, changes: list[ChangeView]) -> Iterator[ChangeGroup]:
    if changes:
        yield ChangeGroup(title=title, href=changes[0].href, history=None, changes=tuple(changes))


def anchor(group: ChangeGroup) -> str | None:
    """The place of an op's changes on the page."""
    first = group.changes[0]
    return f"{first.struct}.{first.op}" if first.struct and first.op else None
