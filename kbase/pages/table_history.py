"""The page of an ops table's life: its ops over all versions held, since when, what changed, until when."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from kbase.diff import ChangeKind, Severity, history
from kbase.diff.history import OpHistory, Span
from kbase.diff.release_line import Event
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.versions import main_family, version_key
from kbase.pages import parts
from kbase.pages import version_strips as strips
from kbase.pages.changes import gravest_first
from kbase.pages.history import columns
from kbase.pages.near_names import missing
from kbase.pages.parts import Link, Page
from kbase.pages.version_strips import Stop

NAMED_OTHERWISE = (ChangeKind.OP_RENAMED, ChangeKind.OP_MOVED, ChangeKind.TABLE_RENAMED)


class Presence(StrEnum):
    """What the documents of a version tell of an op."""

    STATED = "stated"
    ABSENT = "absent"  # a document that would state it does not
    SILENT = "silent"  # no document held speaks of it, which is not the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Neighbouring versions that tell the same of an op."""

    first: str
    last: str
    columns: int
    presence: Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What changed of an op on the way to a version: how many changes, the gravest of them, and where they are told."""

    after: str
    by: str
    severity: Severity
    changes: int
    titles: tuple[str, ...]
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpLane:
    """The life of one op, a row of the picture.

    `since` and `removed` are ranges between two versions held; `removed` is None where it is still there.
    """

    op: str
    href: str
    since: str
    removed: str | None
    was: tuple[Link, ...]  # its former names
    became: tuple[Link, ...]
    stretches: tuple[Stretch, ...]
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLifePage(Page):
    """The life of an ops table."""

    struct: str
    newest: str  # the last version that has it
    table: Link  # its page there
    strip: tuple[Stop, ...]  # the versions that stand for their releases, oldest first: the columns of the picture
    ops: int  # in the newest version that has it
    lanes: tuple[OpLane, ...]  # as the newest version lists them, then those that are gone, the last gone first


def table_life_page(kb: KnowledgeBase, struct: str) -> TableLifePage:
    """The page of an ops table's life.

    Raises:
        UnknownName: no version held has such a table, with near names.
    """
    lives = kb.histories(struct)
    labels = columns(kb, *lives)
    holding = strips.holding(kb, "struct", struct)
    held = [label for label in kb.labels(main_family(holding)) if label in holding]
    if not held:
        names = (name for name in kb.near(struct) if "." not in name)
        raise missing(f"ops table {struct[:80]} in any version held", "", names)
    newest = held[-1]
    return TableLifePage(
        title=f"Life of {struct}",
        address=addresses.table_history_address(struct),
        about=f"{parts.plural(len(lives), 'op')} of {struct} in {parts.plural(len(labels), 'version')}: "
        "since when, what changed, until when.",
        struct=struct,
        newest=newest,
        table=Link(text=struct, href=addresses.table_address(newest, struct)),
        strip=strips.strip(labels, "", lambda label: addresses.table_address(label, struct) if label in held else None),
        ops=len(kb.table(newest, struct).ops),
        lanes=tuple(_lane(life, labels) for life in lives),
    )


def _lane(life: OpHistory, labels: tuple[str, ...]) -> OpLane:
    return OpLane(
        op=life.op,
        href=addresses.history_address(life.struct, life.op),
        since=str(life.since or ""),
        removed=str(life.removed) if life.removed else None,
        was=_names(life.renamed_from),
        became=_names(life.renamed_to),
        stretches=tuple(_stretches(life, labels)),
        turns=tuple(_turns(life)),
    )


def _names(links: tuple[history.Link, ...]) -> tuple[Link, ...]:
    names = dict.fromkeys((link.struct, link.op) for link in links)
    return tuple(Link(text=f"{struct}.{op}", href=addresses.history_address(struct, op)) for struct, op in names)


def _stretches(life: OpHistory, labels: tuple[str, ...]) -> Iterator[Stretch]:
    told = [(label, _presence(life, labels, place)) for place, label in enumerate(labels)]
    for presence, group in groupby(told, key=lambda each: each[1]):
        run = [label for label, _ in group]
        yield Stretch(first=run[0], last=run[-1], columns=len(run), presence=presence)


def _presence(life: OpHistory, labels: tuple[str, ...], place: int) -> Presence:
    """Stated; or silent where it lies within a span, or between the two versions that a date is told by."""
    if labels[place] in life.versions:
        return Presence.STATED
    return Presence.SILENT if any(_within(span, labels, place) for span in life.spans) else Presence.ABSENT


def _within(span: Span, labels: tuple[str, ...], place: int) -> bool:
    first = labels.index(span.since.after) + 1 if span.since.after else 0
    last = labels.index(span.removed.by) if span.removed else len(labels)
    return first <= place < last


def _turns(life: OpHistory) -> Iterator[Turn]:
    """The steps at which something changed, oldest first; not where it goes, or comes as something new.

    Two documents last held at different versions tell of two steps to the same version: they are one, from the older.
    """
    apart = {span.removed.by for span in life.spans if span.removed}
    apart |= {span.since.by for span in life.spans} - {link.range.by for link in life.renamed_from}
    steps: dict[str, list[Event]] = {}
    for event in life.events:
        steps.setdefault(event.range.by, []).append(event)
    for by, events in steps.items():
        told = (change for event in events for change in event.changes if change.kind not in NAMED_OTHERWISE)
        changes = gravest_first(told)
        if changes and by not in apart:
            after = min((event.range.after or by for event in events), key=version_key)
            yield Turn(
                after=after,
                by=by,
                severity=changes[0].severity,
                changes=len(changes),
                titles=tuple(dict.fromkeys(change.kind.replace("-", " ") for change in changes)),
                href=addresses.diff_address(after, by, life.struct),
            )
