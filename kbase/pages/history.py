"""The page of an op's history: since when, what changed, until when, and the lanes of its picture."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from kbase.diff.history import OpHistory, Span
from kbase.diff.release_line import Event, Witness
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.releases import ported_back
from kbase.model.states import OpState
from kbase.model.versions import main_family
from kbase.model.witnesses import LOCK_TABLES, OP_WITNESSES, DocumentKind
from kbase.pages import lock_cells, parts
from kbase.pages.change_views import CHANGE_COLUMNS, ChangeView, change_view
from kbase.pages.history_picture import ABSENT, SILENT, Lane, State, blocks_of
from kbase.pages.ops import block_answer, prototypes
from kbase.pages.parts import Chip, Link, Page, Tone

PROTOTYPE, MAY_BLOCK = "prototype", "may block"  # lanes that are no lock
NOT_STATED = State("not stated", "not stated", Tone.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """What changed between two releases."""

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
    """The history of an op."""

    TABLE: ClassVar[str | None] = f"events.changes step=title {CHANGE_COLUMNS}"

    struct: str
    name: str
    dotted: str
    op: Link  # its page in the newest version that has it
    table: Link
    newest: str
    versions: tuple[str, ...]  # those that represent their releases, oldest first: the columns of the picture
    exact: tuple[int, int]  # how many of its dates name a single release, of how many
    lanes: tuple[Lane, ...]
    other_names: tuple[OtherName, ...]
    events: tuple[HistoryEvent, ...]  # newest first


def history_page(kb: KnowledgeBase, struct: str, name: str) -> HistoryPage:
    """The page of an op's history.

    Raises:
        UnknownName: no available version has it, with near names.
    """
    history = kb.history(struct, name)
    newest, labels = history.versions[-1], columns(kb, history)
    return HistoryPage(
        title=f"History of {struct}.{name}",
        address=addresses.history_address(struct, name),
        about=about(history),
        struct=struct,
        name=name,
        dotted=f"{struct}.{name}",
        op=Link(text=f"{struct}.{name}", href=addresses.op_address(newest, struct, name)),
        table=Link(text=struct, href=addresses.table_address(newest, struct)),
        newest=newest,
        versions=labels,
        exact=history.exact,
        lanes=_lanes(kb, history, labels),
        other_names=_other_names(history),
        events=tuple(_events(history)),
    )


def about(history: OpHistory) -> str:
    """Since when and until when, in a sentence."""
    also = [f"Also in these stable versions: {', '.join(history.beside)}."] if history.beside else []
    documented = ", ".join(history.documented)
    alone = [f"Documented in {documented}; no header of these releases has it."] if documented else []
    return " ".join([*map(_span, history.spans), *alone, *also])


def _span(span: Span) -> str:
    since = span.added[0].upper() + span.added[1:]
    return f"{since}; {span.removal or f'still {_present(span)}'}."


def _present(span: Span) -> str:
    return "present" if span.since.witness is Witness.HEADER else "documented"


def _other_names(history: OpHistory) -> tuple[OtherName, ...]:
    links = [(link, False) for link in history.renamed_from] + [(link, True) for link in history.renamed_to]
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


def _events(history: OpHistory) -> Iterator[HistoryEvent]:
    """What only stable versions changed, then the changes, newest first, then the first version."""
    for event in reversed(history.branches):
        yield replace(_event(event), text=f"In {event.range.by} only: no later available release has it.")
    for event in reversed(history.events):
        yield _event(event)
    if history.since and history.since.after is None:
        text = "The oldest available version that could state it already has it."
        yield HistoryEvent(title=f"By {history.since.by}", text=text, href=None, changes=())


def _event(event: Event) -> HistoryEvent:
    old, new = event.range.after or event.range.by, event.range.by
    return HistoryEvent(
        title=event.range.title,
        text="",
        href=addresses.diff_address(old, new),
        changes=tuple(change_view(change, old, new) for change in event.changes),
    )


def columns(kb: KnowledgeBase, *histories: OpHistory) -> tuple[str, ...]:
    """The versions that represent their releases; all versions, if another one dates a change of the op."""
    family = main_family(label for history in histories for label in history.versions)
    line = kb.representatives(family)
    dates = {end for history in histories for when in history.ranges for end in (when.after, when.by) if end}
    return line if dates.issubset(line) else kb.labels(family)


def _lanes(kb: KnowledgeBase, history: OpHistory, labels: tuple[str, ...]) -> tuple[Lane, ...]:
    """A lane for the prototype, for each lock that a rule is about, and for whether it may block."""
    stated: dict[str, dict[str, State]] = {PROTOTYPE: {}}
    ops = kb.op_states(history.struct, history.op)
    for label in labels:
        for name, state in _states(ops[label]) if label in ops else ():
            stated.setdefault(name, {})[label] = state
    may_block = stated.pop(MAY_BLOCK, {})
    silent = {kind: _without(kb, history, kind, labels) for kind in OP_WITNESSES}
    undeclared = set(labels).intersection(*(silent[kind] for kind in OP_WITNESSES if kind is not LOCK_TABLES))
    lanes = []
    for name, states in (*stated.items(), (MAY_BLOCK, may_block)):
        without = undeclared if name == PROTOTYPE else silent[LOCK_TABLES]
        whole = whole_lane(labels, states, without)
        if whole:
            href = None if name in (PROTOTYPE, MAY_BLOCK) else addresses.lock_address(name)
            lanes.append(Lane(name=name, href=href, blocks=blocks_of(labels, whole)))
    return tuple(lanes)


def _without(kb: KnowledgeBase, history: OpHistory, kind: DocumentKind, labels: tuple[str, ...]) -> set[str]:
    """The versions without a document of the kind."""
    missing = {each.version for each in history.missing if each.document is kind}
    return missing if missing or kb.having(kind) else set(labels)


def whole_lane(labels: tuple[str, ...], stated: dict[str, State], silent: set[str]) -> dict[str, State]:
    """What every version says: as stated; or silent; or not stated, between the first and the last that state it."""
    stated = _without_backports(labels, stated, silent)
    known = [
        number for number, label in enumerate(labels) if stated.get(label, ABSENT).kind not in ("absent", "unknown")
    ]
    if not known:
        return {}
    whole = dict.fromkeys(labels[known[0] : known[-1] + 1], NOT_STATED) | dict.fromkeys(silent, SILENT)
    return whole | {labels[number]: stated[labels[number]] for number in known}


def _without_backports(labels: tuple[str, ...], stated: dict[str, State], silent: set[str]) -> dict[str, State]:
    """The states; a stable version with a backport gets the state of the release before it."""
    speaking = [label for label in labels if label not in silent]
    found = dict(stated)
    for label in ported_back({label: stated[label].key if label in stated else None for label in speaking}):
        before = found.get(speaking[speaking.index(label) - 1])
        found.pop(label, None)
        if before:
            found[label] = before
    return found


def _states(op: OpState) -> Iterator[tuple[str, State]]:
    """What a version says in each lane."""
    if op.prototypes:
        views = prototypes([each for each in op.prototypes if each.document.kind is op.prototypes[0].document.kind])
        key = "; ".join(f"{view.returns}({', '.join(each.type for each in view.parameters)})" for view in views)
        yield PROTOTYPE, State(key, parts.plural(len(views[0].parameters), "parameter"), "plain")
    for rule in op.locks:
        for reading in rule.record.readings:
            if reading.subject:
                yield reading.subject, _state(lock_cells.reading_chips(reading, not rule.record.cell))
    if answer := block_answer(op):
        yield MAY_BLOCK, _state(answer.chips)


def _state(chips: tuple[Chip, ...]) -> State:
    text = ", ".join(chip.word for chip in chips)
    return State(text, text, chips[0].tone)
