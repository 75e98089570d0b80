"""The page of an op's life: since when, what changed, until when, and the lanes of a picture of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from kbase import addresses
from kbase.history import Event, OpLife, Span
from kbase.kb import KnowledgeBase
from kbase.records import DocumentKind
from kbase.state import OpState
from kbase.views import parts
from kbase.views.changes import ChangeView, change_view
from kbase.views.ops import block_answer, prototypes
from kbase.views.parts import Chip, Link, Page, Tone


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
    versions: tuple[str, ...]  # all that are held, oldest first: the columns of the picture
    lanes: tuple[Lane, ...]
    other_names: tuple[OtherName, ...]
    events: tuple[EventView, ...]  # newest first


def history_page(kb: KnowledgeBase, struct: str, name: str) -> HistoryPage:
    """The page of an op's life.

    Raises:
        UnknownName: no version held has it, with near names.
    """
    life = kb.history(struct, name)
    newest = life.versions[-1]
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
        versions=kb.labels(),
        lanes=_lanes(kb, life),
        other_names=_other_names(life),
        events=tuple(_events(life)),
    )


def about(life: OpLife) -> str:
    """Since when and until when, in a sentence."""
    return " ".join(_span(span) for span in life.spans)


def _span(span: Span) -> str:
    came = f"Appeared after {span.since.after}, by {span.since.by}" if span.since.after else f"There by {span.since.by}"
    if span.removed is None:
        return f"{came}; still there."
    return f"{came}; gone after {span.removed.after}, by {span.removed.by}."


def _other_names(life: OpLife) -> tuple[OtherName, ...]:
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


def _events(life: OpLife) -> Iterator[EventView]:
    """The changes, newest first, and last when it came first."""
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


def _lanes(kb: KnowledgeBase, life: OpLife) -> tuple[Lane, ...]:
    """The lanes: whether it is there, its prototype, each lock, may it block."""
    labels = kb.labels()
    ops = {label: kb.state(label).ops.get(f"{life.struct}.{life.op}") for label in labels}
    told: dict[str, dict[str, Moment]] = {"prototype": {}, "may block": {}}
    for label, op in ops.items():
        if op is not None:
            told["prototype"] |= _prototype_moment(label, op)
            for moment in _lock_moments(label, op):
                told.setdefault(moment[0], {})[label] = moment[1]
            told["may block"] |= _block_moment(label, op)
    silent = {kind: {label for label in labels if not kb.state(label).holds(kind)} for kind in DocumentKind}
    order = ["prototype", *(name for name in told if name not in ("prototype", "may block")), "may block"]
    lanes = []
    for name in order:
        if told[name]:
            kind = DocumentKind.VFS if name == "prototype" else DocumentKind.LOCKING
            blocks = _blocks(labels, told[name], silent[kind], set(life.versions))
            href = None if name in ("prototype", "may block") else addresses.lock_address(name)
            lanes.append(Lane(name=name, href=href, blocks=blocks))
    return tuple(lanes)


def _prototype_moment(label: str, op: OpState) -> dict[str, Moment]:
    views = prototypes(op.prototypes)
    if not views:
        return {}
    key = "; ".join(f"{view.returns}({', '.join(parameter.type for parameter in view.parameters)})" for view in views)
    count = len(views[0].parameters)
    return {label: Moment(version=label, key=key, text=parts.plural(count, "parameter"), tone=None)}


def _lock_moments(label: str, op: OpState) -> Iterator[tuple[str, Moment]]:
    for rule in op.locks:
        for reading in rule.record.readings:
            if reading.subject:
                chips = parts.reading_chips(reading, not rule.record.cell)
                yield reading.subject, _moment(label, chips)


def _block_moment(label: str, op: OpState) -> dict[str, Moment]:
    answer = block_answer(op)
    return {label: _moment(label, answer.chips)} if answer else {}


def _moment(label: str, chips: tuple[Chip, ...]) -> Moment:
    text = ", ".join(chip.word for chip in chips)
    return Moment(version=label, key=text, text=text, tone=chips[0].tone)


def _blocks(labels: tuple[str, ...], told: dict[str, Moment], silent: set[str], there: set[str]) -> tuple[Block, ...]:
    """Neighbouring columns that say the same, as one block each."""
    blocks: list[Block] = []
    keys: list[str] = []
    for label in labels:
        moment = told.get(label)
        key = moment.key if moment else "silent" if label in silent else "no row" if label in there else "absent"
        if keys and keys[-1] == key:
            old = blocks.pop()
            blocks.append(_block(old.first, label, old.columns + 1, moment, key))
            continue
        keys.append(key)
        blocks.append(_block(label, label, 1, moment, key))
    return tuple(blocks)


def _block(first: str, last: str, columns: int, moment: Moment | None, key: str) -> Block:
    text = moment.text if moment else {"silent": "no document", "no row": "not said", "absent": ""}[key]
    tone = moment.tone if moment else Tone.UNKNOWN if key == "no row" else None
    return Block(
        first=first,
        last=last,
        columns=columns,
        text=text,
        tone=tone,
        present=moment is not None or key == "no row",
        silent=key == "silent",
    )
