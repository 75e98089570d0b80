"""The page of an op's life: since when, what changed, until when, and the lanes of a picture of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kbase.diff.history import OpHistory, Span
from kbase.diff.release_line import Event, ported_back
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.states import OpState
from kbase.model.versions import main_family
from kbase.model.witnesses import LOCK_TABLES, OP_WITNESSES, DocumentKind
from kbase.pages import parts
from kbase.pages.changes import ChangeView, change_view
from kbase.pages.ops import block_answer, prototypes
from kbase.pages.parts import Chip, Link, Page, Tone

PROTOTYPE, MAY_BLOCK = "prototype", "may block"  # lanes that are no lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What one version says in a lane: `key` is equal where it says the same."""

    version: str
    key: str
    text: str
    tone: Tone | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Neighbouring versions that say the same; `silent` where no document of them speaks of it."""

    first: str
    last: str
    columns: int
    text: str
    tone: Tone | None
    present: bool
    silent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A row of the picture: the prototype, a lock, whether it may block."""

    name: str
    href: str | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """What happened between two versions held."""

    title: str
    text: str
    href: str | None
    changes: tuple[ChangeView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherName:
    """The op that it was, or that it became."""

    link: Link
    became: bool
    when: str
    reason: str
    likely: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage(Page):
    """The life of an op."""

    struct: str
    name: str
    dotted: str
    op: Link  # its page in the newest version that has it
    table: Link
    newest: str
    versions: tuple[str, ...]  # those that stand for their releases, oldest first: the columns of the picture
    exact: tuple[int, int]  # how many of its dates leave a single release, of how many
    lanes: tuple[Lane, ...]
    other_names: tuple[OtherName, ...]
    events: tuple[EventView, ...]  # newest first


def history_page(kb: KnowledgeBase, struct: str, name: str) -> HistoryPage:
    """The page of an op's life.

    Raises:
        UnknownName: no version held has it, with near names.
    """
    life = kb.history(struct, name)
    newest, labels = life.versions[-1], columns(kb, life)
    return HistoryPage(
        title=f"Life of {struct}.{name}",
        address=addresses.history_address(struct, name),
        about=about(life),
        struct=struct,
        name=name,
        dotted=f"{struct}.{name}",
        op=Link(text=f"{struct}.{name}", href=addresses.op_address(newest, struct, name)),
        table=Link(text=struct, href=addresses.table_address(newest, struct)),
        newest=newest,
        versions=labels,
        exact=life.exact,
        lanes=_lanes(kb, life, labels),
        other_names=_other_names(life),
        events=tuple(_events(life)),
    )


def about(life: OpHistory) -> str:
    """Since when and until when, in a sentence."""
    also = [f"Stable versions that have it before: {', '.join(life.beside)}."] if life.beside else []
    return " ".join([*map(_span, life.spans), *also])


def _span(span: Span) -> str:
    came = f"Appeared after {span.since.after}, by {span.since.by}" if span.since.after else f"There by {span.since.by}"
    if span.removed is None:
        return f"{came}; still there."
    late = f" from the documents; {span.late}" if span.late else ""
    return f"{came}; gone after {span.removed.after}, by {span.removed.by}{late}."


def _other_names(life: OpHistory) -> tuple[OtherName, ...]:
    links = [(link, False) for link in life.renamed_from] + [(link, True) for link in life.renamed_to]
    return tuple(
        OtherName(
            link=Link(text=f"{link.struct}.{link.op}", href=addresses.history_address(link.struct, link.op)),
            became=became,
            when=str(link.range),
            reason=link.reason,
            likely=link.likely,
        )
        for link, became in links
    )


def _events(life: OpHistory) -> Iterator[EventView]:
    """What only stable versions changed, the changes, newest first, and last when it came first."""
    for event in reversed(life.branches):
        yield replace(_event(event), text=f"In {event.range.by} only: no later release held has it.")
    for event in reversed(life.events):
        yield _event(event)
    if life.since and life.since.after is None:
        text = "The oldest version held that could tell already has it."
        yield EventView(title=f"By {life.since.by}", text=text, href=None, changes=())


def _event(event: Event) -> EventView:
    old, new = event.range.after or event.range.by, event.range.by
    return EventView(
        title=f"{old} to {new}",
        text="",
        href=addresses.diff_address(old, new),
        changes=tuple(change_view(change, old, new) for change in event.changes),
    )


def _lanes(kb: KnowledgeBase, life: OpHistory, labels: tuple[str, ...]) -> tuple[Lane, ...]:
    """The lanes: its prototype, each lock of which something is said, may it block."""
    told: dict[str, dict[str, Moment]] = {PROTOTYPE: {}, MAY_BLOCK: {}}
    for label in labels:
        op = kb.state(label).ops.get(f"{life.struct}.{life.op}")
        for name, moment in _moments(label, op) if op else ():
            told.setdefault(name, {})[label] = moment
    silent = {kind: {label for label in labels if not kb.state(label).has(kind)} for kind in DocumentKind}
    for name, moments in told.items():
        _straighten(labels, moments, silent[_witness(name)])
    order = [PROTOTYPE, *(name for name in told if name not in (PROTOTYPE, MAY_BLOCK)), MAY_BLOCK]
    return tuple(
        Lane(
            name=name,
            href=None if name in (PROTOTYPE, MAY_BLOCK) else addresses.lock_address(name),
            blocks=_blocks(labels, told[name], silent[_witness(name)]),
        )
        for name in order
        if any(moment.tone is not Tone.UNKNOWN for moment in told[name].values())
    )


def columns(kb: KnowledgeBase, *lives: OpHistory) -> tuple[str, ...]:
    """The versions that stand for their releases; all, where an op has its life in others."""
    family = main_family(label for life in lives for label in life.versions)
    line = kb.representatives(family)
    dates = {end for life in lives for when in life.ranges for end in (when.after, when.by) if end}
    return line if dates.issubset(line) else kb.labels(family)


def _witness(lane: str) -> DocumentKind:
    return OP_WITNESSES[0] if lane == PROTOTYPE else LOCK_TABLES


def _straighten(labels: tuple[str, ...], moments: dict[str, Moment], silent: set[str]) -> None:
    """Let a stable version that has what a later release has say what the release before it says."""
    telling = [label for label in labels if label not in silent]
    keys = {label: moments[label].key if label in moments else None for label in telling}
    for label in ported_back(keys):
        before = moments.get(telling[telling.index(label) - 1])
        moments.pop(label, None)
        if before:
            moments[label] = replace(before, version=label)


def _moments(label: str, op: OpState) -> Iterator[tuple[str, Moment]]:
    """What a version says in each lane."""
    if op.prototypes:
        yield PROTOTYPE, _prototype_moment(label, op)
    for rule in op.locks:
        for reading in rule.record.readings:
            if reading.subject:
                yield reading.subject, _moment(label, parts.reading_chips(reading, not rule.record.cell))
    if answer := block_answer(op):
        yield MAY_BLOCK, _moment(label, answer.chips)


def _prototype_moment(label: str, op: OpState) -> Moment:
    views = prototypes(op.prototypes)
    key = "; ".join(f"{view.returns}({', '.join(parameter.type for parameter in view.parameters)})" for view in views)
    text = parts.plural(len(views[0].parameters), "parameter")
    return Moment(version=label, key=key, text=text, tone=None)


def _moment(label: str, chips: tuple[Chip, ...]) -> Moment:
    text = ", ".join(chip.word for chip in chips)
    return Moment(version=label, key=text, text=text, tone=chips[0].tone)


NOT_SAID, NO_DOCUMENT, ABSENT = "not said", "no document", ""


def _blocks(labels: tuple[str, ...], told: dict[str, Moment], silent: set[str]) -> tuple[Block, ...]:
    """Neighbouring columns that say the same, as one block each; nothing before it is first told, or after the last."""
    said = [number for number, label in enumerate(labels) if label in told and told[label].tone is not Tone.UNKNOWN]
    runs: list[tuple[str, list[str]]] = []
    for number, label in enumerate(labels):
        within = said[0] <= number <= said[-1]
        key = told[label].key if number in said else NO_DOCUMENT if label in silent else NOT_SAID if within else ABSENT
        if runs and runs[-1][0] == key:
            runs[-1][1].append(label)
        else:
            runs.append((key, [label]))
    return tuple(_block(key, run, told.get(run[0])) for key, run in runs)


def _block(key: str, run: list[str], moment: Moment | None) -> Block:
    told = key not in (NOT_SAID, NO_DOCUMENT, ABSENT)
    return Block(
        first=run[0],
        last=run[-1],
        columns=len(run),
        text=moment.text if moment and told else key,
        tone=moment.tone if moment and told else Tone.UNKNOWN if key == NOT_SAID else None,
        present=told or key == NOT_SAID,
        silent=key == NO_DOCUMENT,
    )
