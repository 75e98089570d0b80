"""The life of an op: a fold over the releases held, oldest first.

A kernel is released every nine weeks and few of its versions are held, so a date is a range between two of them:
"after v5.15.55, by v6.4.6". A version that holds only one of the two documents says nothing about the other's facts;
each document is compared with the last version that holds one of its kind. Adding a version can only narrow a range.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from kbase.diff import Change, Side, diff, diff_sides
from kbase.diff.cuts import cuts
from kbase.diff.facts import BlanketFact, Fact, OpFact, TextFact, op_of
from kbase.diff.late import gone_already
from kbase.diff.normal import op_facts
from kbase.diff.release_line import Event, Line, Range, line_of, ported_back, straightened, what, with_branches
from kbase.model.records import DocumentKind
from kbase.model.states import VersionState

WITNESSES = (DocumentKind.VFS, DocumentKind.LOCKING)


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which documents state the op; `removed` is None where they still do."""

    since: Range
    removed: Range | None
    late: str = ""  # why the kernel did not have it any longer, though documents did


@dataclass(frozen=True, slots=True)
class Link:
    """The op that it was, or that it became, under another name."""

    struct: str
    op: str
    range: Range
    reason: str
    likely: bool


@dataclass(frozen=True, slots=True)
class NotHeld:
    """A version that holds no document of the kind."""

    version: str
    document: DocumentKind


@dataclass(frozen=True, kw_only=True)
class OpLife:
    """What the versions held tell of one op: since when, what changed, whether and when it went."""

    struct: str
    op: str
    versions: tuple[str, ...]  # those that state it, but for `beside`
    telling: tuple[str, ...]  # those that could state it: they hold a kind of document that ever does
    beside: tuple[str, ...] = ()  # stable versions that state it before their release does
    spans: tuple[Span, ...] = ()
    events: tuple[Event, ...] = ()
    branches: tuple[Event, ...] = ()  # what changed in stable versions and in no later release held
    not_held: tuple[NotHeld, ...] = ()
    renamed_from: tuple[Link, ...] = ()
    renamed_to: tuple[Link, ...] = ()

    @property
    def since(self) -> Range | None:
        """When it came first; None if no version held states it."""
        return self.spans[0].since if self.spans else None

    @property
    def removed(self) -> Range | None:
        """When it went for good; None if the last version that could tell still states it."""
        return self.spans[-1].removed if self.spans else None

    @property
    def ranges(self) -> tuple[Range, ...]:
        """Every date in this life, each once."""
        ends = [r for span in self.spans for r in (span.since, span.removed) if r]
        return tuple(dict.fromkeys([*ends, *(event.range for event in self.events)]))

    @property
    def exact(self) -> tuple[int, int]:
        """How many of the dates leave a single release, of how many."""
        return sum(r.exact for r in self.ranges), len(self.ranges)


Told = dict[DocumentKind, frozenset[Fact]]  # what each kind of document that a version holds says of the op
Compare = Callable[[VersionState, VersionState], tuple[Change, ...]]


def history(states: Sequence[VersionState], struct: str, op: str, compare: Compare = diff) -> OpLife:
    """The life of `struct.op` over the versions, which come oldest first.

    Only versions between which the op changed are compared. Whoever asks for many ops hands in a `compare` that keeps
    its answers.
    """
    found = _followed(line_of(states), states, struct, op)
    told = [_told(state, struct, op) for state in found.states]
    leave_out_cuts(told, lambda at, beside, kind: (kind, struct) in unsaid(found.states[at], found.states[beside]))
    made = _all_events(found.states, told, (struct, op), compare)
    line = straightened(made, [state.label for state in found.states])
    events, branches = with_branches(line, found, partial(_between, (struct, op), compare))
    stating = {state.label for state in states if _states(state, struct, op)}
    back = _ported_back(found, told)
    beside = _beside(found, told, stating, back)
    return OpLife(
        struct=struct,
        op=op,
        versions=tuple(s.label for s in states if s.label in stating - beside),
        telling=tuple(s.label for s in states if s.label in stating or _ever(told) & s.readable),
        beside=tuple(s.label for s in states if s.label in beside),
        spans=tuple(_late(s, found.states, struct, op) for s in spans(_stated(back, found.states, told, (struct, op)))),
        events=events,
        branches=branches,
        not_held=tuple(NotHeld(s.label, kind) for s in states for kind in WITNESSES if not s.has(kind)),
        renamed_from=_links(events, struct, op, new=True),
        renamed_to=_links(events, struct, op, new=False),
    )


def _followed(line: Line, states: Sequence[VersionState], struct: str, op: str) -> Line:
    """The line of releases; of an op that only stable versions beside it state, the line of all versions."""
    return line if any(_states(state, struct, op) for state in line.states) else Line(tuple(states))


def _states(state: VersionState, struct: str, op: str) -> bool:
    """Whether the version states the op, be it in a part of a document."""
    return any(_said(state, struct, op, kind) for kind in WITNESSES if kind in state.readable | state.excerpts)


def _told(state: VersionState, struct: str, op: str) -> Told:
    return {kind: _said(state, struct, op, kind) for kind in WITNESSES if kind in state.readable}


def _all_events(
    states: Sequence[VersionState], told: list[Told], name: tuple[str, str], compare: Compare
) -> list[Event]:
    """The changes from each version to those before it, document by document."""
    last: dict[DocumentKind, int] = {}
    known: dict[tuple[object, ...], int] = {}
    events = list[Event]()
    for place, facts in enumerate(told):
        groups: dict[int, list[DocumentKind]] = {}
        for kind in facts:
            if kind in last:
                groups.setdefault(last[kind], []).append(kind)
        events += _events(states, told, groups, place, name, compare, known)
        last.update(dict.fromkeys(facts, place))
    return events


def _between(name: tuple[str, str], compare: Compare, old: VersionState, new: VersionState) -> Iterator[Change]:
    """What changed of the op from a version to a stable one beside it, as far as both can tell."""
    before, after = _told(old, *name), _told(new, *name)
    kinds = [kind for kind in before if kind in after and before[kind] != after[kind]]
    if kinds:
        yield from (c for c in compare(old, new) if _touches(c, *name) and _told_by(c, kinds))


def _presence(states: Sequence[VersionState], told: list[Told]) -> dict[str, bool]:
    """Whether each version that could tell states the op."""
    ever = _ever(told)
    return {s.label: any(facts.values()) for s, facts in zip(states, told, strict=True) if ever & facts.keys()}


def _ported_back(line: Line, told: list[Told]) -> frozenset[str]:
    """The stable versions in which the op came or went before it did in the releases."""
    return ported_back(_presence(line.states, told))


def _beside(line: Line, told: list[Told], stating: Collection[str], back: Collection[str]) -> set[str]:
    """The stable versions that state the op where the release, or the next one, does not."""
    present = _presence(line.states, told)
    alone = {state.label for standing, state in line.beside if not present.get(standing.label, True)}
    return {label for label in (*back, *alone) if label in stating}


def _ever(told: list[Told]) -> set[DocumentKind]:
    """The kinds of documents that ever state the op."""
    return {kind for facts in told for kind, said in facts.items() if said}


def histories(states: Sequence[VersionState]) -> dict[tuple[str, str], OpLife]:
    """The lives of all ops that any of the versions states, by struct and op."""
    compare = keeping()
    names = dict.fromkeys((op.struct, op.name) for state in states for op in state.ops.values())
    return {name: history(states, *name, compare) for name in names}


def keeping() -> Compare:
    """A comparison that keeps its answers, and what it knows of each version, by their labels."""
    sides, kept = dict[str, Side](), dict[tuple[str, str], tuple[Change, ...]]()

    def side(state: VersionState) -> Side:
        if state.label not in sides:
            sides[state.label] = Side(state)
        return sides[state.label]

    def compare(old: VersionState, new: VersionState) -> tuple[Change, ...]:
        if (old.label, new.label) not in kept:
            kept[old.label, new.label] = diff_sides(side(old), side(new))
        return kept[old.label, new.label]

    return compare


def leave_out_cuts(told: Sequence[dict[DocumentKind, Any]], is_cut: Callable[[int, int, DocumentKind], bool]) -> None:
    """Take away what documents that are cut short tell by their silence; what they state stays.

    `told` has, version by version, what each kind of document says of a thing, false where it does not state it;
    `is_cut` tells whether the document at a place is shown to be cut short, where the thing stands, by that at another.
    """
    for kind in WITNESSES:
        last: int | None = None
        for place, facts in enumerate(told):
            if kind not in facts:
                continue
            if last is not None and bool(told[last][kind]) != bool(facts[kind]):
                silent, stating = (last, place) if facts[kind] else (place, last)
                if is_cut(silent, stating, kind):
                    del told[silent][kind]
                    if silent == place:
                        continue
            last = place


def unsaid(state: VersionState, beside: VersionState) -> frozenset[tuple[DocumentKind, str]]:
    """The ops tables of which a version does not say everything, as another shows, by kind of document."""
    found = (cut for cut in cuts(state, beside) if cut.version == state.label)
    return frozenset((cut.document, struct) for cut in found for struct in cut.unsaid)


def _said(state: VersionState, struct: str, op: str, kind: DocumentKind) -> frozenset[Fact]:
    """What the documents of the kind say of the op, if they state it at all."""
    table = state.by_name.get(struct)
    found = table.by_name.get(op) if table else None
    if table is None or found is None:
        return frozenset()
    facts = op_facts(table, found, (kind,))
    return facts if any(isinstance(fact, OpFact) for fact in facts) else frozenset()


def _events(
    states: Sequence[VersionState],
    told: list[Told],
    groups: dict[int, list[DocumentKind]],
    place: int,
    name: tuple[str, str],
    compare: Compare,
    known: dict[tuple[object, ...], int],
) -> Iterator[Event]:
    """What changed since each document was last held, in the narrowest range that tells it.

    `known` has the place at which each change was told: a document that was not held there tells it a second time.
    """
    for earlier in sorted(groups, reverse=True):
        kinds = groups[earlier]
        if all(told[earlier][kind] == told[place][kind] for kind in kinds):
            continue
        old, new = states[earlier], states[place]
        mine = [c for c in compare(old, new) if _touches(c, *name) and _told_by(c, kinds)]
        mine = [change for change in mine if known.get(what(change), -1) <= earlier]
        known.update(dict.fromkeys(map(what, mine), place))
        if mine:
            yield Event(Range(old.label, new.label), tuple(mine))


def _told_by(change: Change, kinds: list[DocumentKind]) -> bool:
    return not change.statements or any(statement.document in kinds for statement in change.statements)


def _touches(change: Change, struct: str, op: str) -> bool:
    """Whether the change is about the op, or a rule over its table that reaches it."""
    if change.concerns(struct, op):
        return True
    facts = [fact for s in change.statements for fact in (*s.removed, *s.added)]
    return any(_reaches(fact, struct, op) for fact in facts)


def _reaches(fact: Fact, struct: str, op: str) -> bool:
    match fact:
        case BlanketFact():
            return fact.struct == struct
        case TextFact():
            return fact.struct == struct and op in fact.ops
        case _:
            return op_of(fact) == (struct, op)


def _stated(
    back: Collection[str], states: Sequence[VersionState], told: list[Told], name: tuple[str, str]
) -> Iterator[tuple[str, Told]]:
    """What each version says of the op, parts of documents too, but for those that it was ported back to."""
    for state, facts in zip(states, told, strict=True):
        parts = {kind: said for kind in state.excerpts if (said := _said(state, *name, kind))}
        if state.label not in back:
            yield state.label, facts | parts


def spans(told: Iterable[tuple[str, Mapping[DocumentKind, object]]]) -> Iterator[Span]:
    """The times in which a thing is stated; `told` has versions, oldest first, and what their documents say of it.

    It is gone where no kind of document is left that stated it when it was last held, so that a version without one of
    them tells nothing of what that one stated. `after` is the last version before that holds a kind of document that
    ever states the thing, and does not state it; so a further version can only narrow a range.
    """
    told = list(told)
    ever = {kind for _, facts in told for kind, said in facts.items() if said}
    since, absent, stated = None, None, ""
    stating = set[DocumentKind]()
    for label, facts in told:
        stating |= {kind for kind, said in facts.items() if said}
        stating -= {kind for kind, said in facts.items() if not said}
        if any(facts.values()):
            since, stated = since or Range(absent, label), label
        elif since is None:
            absent = label if ever & facts.keys() else absent
        elif not stating:
            yield Span(since, Range(stated, label))
            since, absent = None, label
    if since is not None:
        yield Span(since, None)


def _late(span: Span, states: Sequence[VersionState], struct: str, op: str) -> Span:
    """The span, with what the porting log of the last version that states the op says against it."""
    last = next((s for s in states if span.removed and s.label == span.removed.after), None)
    return replace(span, late=gone_already(last, struct, op)) if last else span


def _links(events: Sequence[Event], struct: str, op: str, *, new: bool) -> tuple[Link, ...]:
    """The other names of the op: those that it had (`new`), or those that it got."""
    found = list[Link]()
    for event in events:
        for change in event.changes:
            names = change.renamed
            if change.op and names and names[1 if new else 0] == f"{struct}.{op}":
                other_struct, _, other = names[0 if new else 1].partition(".")
                found.append(Link(other_struct, other, event.range, change.reason, change.likely))
    return tuple(found)
