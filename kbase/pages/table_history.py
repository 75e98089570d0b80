"""The page of an ops table's history: its ops over all available versions: since when, what changed, until when."""

from collections.abc import Iterator
from dataclasses import dataclass

from kbase.diff import history
from kbase.diff.changes import ChangeKind, Severity
from kbase.diff.history import OpHistory, Span
from kbase.diff.release_line import Event
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.versions import main_family, version_key
from kbase.pages import parts
from kbase.pages.change_views import by_severity
from kbase.pages.history import columns
from kbase.pages.history_picture import ABSENT, SILENT, STATED, Block, Lane, Mark, State, blocks_of
from kbase.pages.near_names import missing
from kbase.pages.parts import Link, Page
from kbase.pages.rows import Row, texts
from kbase.pages.version_strips import Stop, version_strip, versions_with

OTHER_NAME = (ChangeKind.OP_RENAMED, ChangeKind.OP_MOVED, ChangeKind.TABLE_RENAMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpChanges:
    """The changes of an op dated by a version: how many, and the highest severity among them."""

    after: str
    by: str
    severity: Severity
    changes: int
    titles: tuple[str, ...]
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpLane:
    """The history of one op, a row of the picture.

    `since` and `removed` are ranges between two available versions; `removed` is None where it is still present.
    """

    op: str
    href: str
    since: str
    removed: str | None
    was: tuple[Link, ...]  # its former names
    became: tuple[Link, ...]
    blocks: tuple[Block, ...]
    changes: tuple[OpChanges, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableHistoryPage(Page):
    """The history of an ops table."""

    struct: str
    newest: str  # the last version that has it
    table: Link  # its page there
    strip: tuple[Stop, ...]  # the versions that represent their releases, oldest first: the columns of the picture
    ops: int  # in the newest version that has it
    lanes: tuple[OpLane, ...]  # as the newest version lists them, then those removed, the last removed first

    @property
    def versions(self) -> tuple[str, ...]:
        """The columns of the picture."""
        return tuple(stop.version for stop in self.strip)

    def picture_lanes(self) -> Iterator[Lane]:
        """The lanes of the picture: when each op is stated, where it changed, where it was removed."""
        for each in self.lanes:
            marks = [
                Mark(version=change.by, kind=change.severity, text=f"{change.by}: {', '.join(change.titles)}")
                for change in each.changes
            ]
            absent = next((block for block in reversed(each.blocks) if block.kind == "absent"), None)
            if each.removed and absent:
                marks.append(Mark(version=absent.first, kind="removed", text=f"removed {each.removed}"))
            yield Lane(name=each.op, href=each.href, blocks=each.blocks, marks=tuple(marks))

    def as_table(self) -> Iterator[Row]:
        """An op a row, a version a column after the others."""
        yield "op", "since", "until", "was", "became", "changed", *self.versions
        for lane in self.lanes:
            changed = (f"{each.by} {each.severity}" for each in lane.changes)
            presence = (block.kind for block in lane.blocks for _ in range(block.columns))
            names = texts(lane.was), texts(lane.became), texts(changed)
            yield lane.op, lane.since, lane.removed or "", *names, *presence


def table_history_page(kb: KnowledgeBase, struct: str) -> TableHistoryPage:
    """The page of an ops table's history.

    Raises:
        UnknownName: no available version has such a table, with near names.
    """
    histories = kb.histories(struct)
    labels = columns(kb, *histories)
    having = versions_with(kb, "struct", struct)
    present = [label for label in kb.labels(main_family(having)) if label in having]
    if not present:
        raise missing(f"ops table {struct[:80]} in any available version", "", struct[:80], kb.tables)
    newest = present[-1]
    return TableHistoryPage(
        title=f"History of {struct}",
        address=addresses.table_history_address(struct),
        about=f"{parts.plural(len(histories), 'op')} of {struct} in {parts.plural(len(labels), 'version')}: "
        "since when, what changed, until when.",
        struct=struct,
        newest=newest,
        table=Link(text=struct, href=addresses.table_address(newest, struct)),
        strip=version_strip(labels, "", {label: addresses.table_address(label, struct) for label in present}),
        ops=len(kb.table(newest, struct).ops),
        lanes=tuple(_op_history(each, labels) for each in histories),
    )


def _op_history(found: OpHistory, labels: tuple[str, ...]) -> OpLane:
    return OpLane(
        op=found.op,
        href=addresses.history_address(found.struct, found.op),
        since=str(found.since or ""),
        removed=str(found.removed) if found.removed else None,
        was=_names(found.renamed_from),
        became=_names(found.renamed_to),
        blocks=blocks_of(labels, {label: _state(found, labels, place) for place, label in enumerate(labels)}),
        changes=tuple(_changes(found)),
    )


def _names(links: tuple[history.Link, ...]) -> tuple[Link, ...]:
    names = dict.fromkeys((link.struct, link.op) for link in links)
    return tuple(Link(text=f"{struct}.{op}", href=addresses.history_address(struct, op)) for struct, op in names)


def _state(found: OpHistory, labels: tuple[str, ...], place: int) -> State:
    """Stated; or silent where it lies within a span, or between the two versions that date an end of one."""
    if not any(_within(span, labels, place) for span in found.spans):
        return ABSENT  # or its documents have what the kernel lacks
    return STATED if labels[place] in found.versions else SILENT._replace(text="")


def _within(span: Span, labels: tuple[str, ...], place: int) -> bool:
    first = labels.index(span.since.after) + 1 if span.since.after else 0
    last = labels.index(span.removed.by) if span.removed else len(labels)
    return first <= place < last


def _changes(found: OpHistory) -> Iterator[OpChanges]:
    """The changes by version, oldest first; neither its removal, nor its addition as something new.

    Two documents that were last available at different versions date changes to one version from two older ones: they
    are one entry, from the older.
    """
    left_out = {span.removed.by for span in found.spans if span.removed}
    left_out |= {span.since.by for span in found.spans} - {link.range.by for link in found.renamed_from}
    by_version: dict[str, list[Event]] = {}
    for event in found.events:
        by_version.setdefault(event.range.by, []).append(event)
    for by, events in by_version.items():
        changes = by_severity(change for event in events for change in event.changes if change.kind not in OTHER_NAME)
        if changes and by not in left_out:
            after = min((event.range.after or by for event in events), key=version_key)
            yield OpChanges(
                after=after,
                by=by,
                severity=changes[0].severity,
                changes=len(changes),
                titles=tuple(dict.fromkeys(change.kind.replace("-", " ") for change in changes)),
                href=addresses.diff_address(after, by, found.struct),
            )
