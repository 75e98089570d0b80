"""The life of an op, and of a lock: a fold over the versions held, oldest first.

A kernel is released every nine weeks and few of its versions are held, so a date is a range between two of them:
"after v5.15.55, by v6.4.6". A version that holds only one of the two documents says nothing about the other's facts;
each document is compared with the last version that holds one of its kind. Adding a version can only narrow a range.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kbase.diff import Change, Side, diff, diff_sides
from kbase.diff.cuts import cuts
from kbase.diff.facts import BlanketFact, Fact, OpFact, RuleFact, TextFact, by_subject, op_of, rule_key
from kbase.diff.locks import compare_rules, pair_rules
from kbase.diff.normal import op_facts
from kbase.diff.said import Standing
from kbase.locks import name_under
from kbase.records import DocumentKind
from kbase.state import OpState, VersionState
from kbase.versions import is_version, parse_version

WITNESSES = (DocumentKind.VFS, DocumentKind.LOCKING)
LAST_OF_MAJOR = {(2, 6): 39, (3,): 19, (4,): 20, (5,): 19, (6,): 19}  # releases after which the first number rose


@dataclass(frozen=True, slots=True)
class Range:
    """When something happened: after one version held, by another. `after` is None where none older is held."""

    after: str | None
    by: str

    @property
    def exact(self) -> bool:
        """Whether the range leaves a single release."""
        return self.after is not None and follows(self.after, self.by)

    def __str__(self) -> str:
        return f"by {self.by}" if self.after is None else f"after {self.after}, by {self.by}"


@dataclass(frozen=True, slots=True)
class Event:
    """The changes of one range."""

    range: Range
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which documents state the op; `removed` is None where they still do."""

    since: Range
    removed: Range | None


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
    versions: tuple[str, ...]  # those that state it
    spans: tuple[Span, ...]
    events: tuple[Event, ...]
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


@dataclass(frozen=True, kw_only=True)
class LockLife:
    """What the versions held tell of one lock: its names, and the rules about it as they changed."""

    subject: str
    names: tuple[tuple[str, tuple[str, ...]], ...]  # as written, with the versions that write it so
    events: tuple[Event, ...]
    ops: tuple[tuple[str, str], ...]  # all that ever had a rule about it

    @property
    def exact(self) -> tuple[int, int]:
        """How many of its dates leave a single release, of how many."""
        return sum(event.range.exact for event in self.events), len(self.events)


def follows(older: str, newer: str) -> bool:
    """Whether no release lies between the two: v6.7 and v6.8, v6.4.6 and v6.4.7, v5.19 and v6.0."""
    if not (is_version(older) and is_version(newer)):
        return False
    first, second = parse_version(older), parse_version(newer)
    if (first.family, second.family) != ("linux", "linux") or first.extra or second.extra or second.candidate:
        return False
    (base, stable), (other, other_stable) = _release(first.numbers), _release(second.numbers)
    if other_stable or first.candidate is not None:
        return base == other and other_stable == (stable + 1 if first.candidate is None else 0)
    if LAST_OF_MAJOR.get(base[:-1]) == base[-1]:
        return other == ((3, 0) if base[0] == 2 else (base[0] + 1, 0))
    return other == (*base[:-1], base[-1] + 1)


def _release(numbers: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
    """The release of mainline, and the stable update of it (0: none): v2.6.x counted by its third number."""
    width = 3 if numbers[0] == 2 else 2
    base = (*numbers, 0, 0)[:width]
    return base, numbers[width] if len(numbers) > width else 0


Told = dict[DocumentKind, frozenset[Fact]]  # what each kind of document that a version holds says of the op
Rules = dict[tuple[str, str], list[RuleFact]]  # the rules about one lock, by op
Compare = Callable[[VersionState, VersionState], tuple[Change, ...]]


def history(states: Sequence[VersionState], struct: str, op: str, compare: Compare = diff) -> OpLife:
    """The life of `struct.op` over the versions, which come oldest first.

    Only versions between which the op changed are compared. Whoever asks for many ops hands in a `compare` that keeps
    its answers.
    """
    told = [{kind: _said(s, struct, op, kind) for kind in WITNESSES if kind in s.telling} for s in states]
    leave_out_cuts(told, lambda place, beside, kind: (kind, struct) in unsaid(states[place], states[beside]))
    last: dict[DocumentKind, int] = {}
    known: dict[tuple[object, ...], int] = {}
    events = list[Event]()
    for place, facts in enumerate(told):
        groups: dict[int, list[DocumentKind]] = {}
        for kind in facts:
            if kind in last:
                groups.setdefault(last[kind], []).append(kind)
        events += _events(states, told, groups, place, (struct, op), compare, known)
        last.update(dict.fromkeys(facts, place))
    return OpLife(
        struct=struct,
        op=op,
        versions=tuple(s.label for s, facts in zip(states, told, strict=True) if any(facts.values())),
        spans=tuple(spans((s.label, facts) for s, facts in zip(states, told, strict=True))),
        events=tuple(events),
        not_held=tuple(NotHeld(s.label, kind) for s in states for kind in WITNESSES if not s.holds(kind)),
        renamed_from=_links(events, struct, op, new=True),
        renamed_to=_links(events, struct, op, new=False),
    )


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
        mine = [change for change in mine if known.get(_what(change), -1) <= earlier]
        known.update(dict.fromkeys(map(_what, mine), place))
        if mine:
            yield Event(Range(old.label, new.label), tuple(mine))


def _what(change: Change) -> tuple[object, ...]:
    return change.kind, change.path, change.before, change.after


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


def _links(events: list[Event], struct: str, op: str, *, new: bool) -> tuple[Link, ...]:
    """The other names of the op: those that it had (`new`), or those that it got."""
    found = list[Link]()
    for event in events:
        for change in event.changes:
            names = change.renamed
            if change.op and names and names[1 if new else 0] == f"{struct}.{op}":
                other_struct, _, other = names[0 if new else 1].partition(".")
                found.append(Link(other_struct, other, event.range, change.reason, change.likely))
    return tuple(found)


def lock_history(states: Sequence[VersionState], subject: str, ruled: Collection[str] | None = None) -> LockLife:
    """The rules about one lock over the versions that hold a Locking document, oldest first.

    `ruled` are the ops that ever had a rule about it, by dotted name, where that is known: others are not looked at.
    """
    names: dict[str, list[str]] = {}
    events, ops = list[Event](), dict[tuple[str, str], None]()
    previous: VersionState | None = None
    rules: Rules = {}
    for state in (state for state in states if DocumentKind.LOCKING in state.telling):
        if previous is None or _locking_blobs(state) != _locking_blobs(previous):
            before, rules = rules, _rules_about(state, subject, ruled)
            ops.update(dict.fromkeys(rules))
            if previous is not None and (changes := tuple(_rule_changes(before, rules, previous, state))):
                events.append(Event(Range(previous.label, state.label), changes))
        for written in dict.fromkeys(name_under(r.written, subject) for found in rules.values() for r in found):
            names.setdefault(written, []).append(state.label)
        previous = state
    return LockLife(
        subject=subject,
        names=tuple((written, tuple(labels)) for written, labels in names.items()),
        events=tuple(events),
        ops=tuple(ops),
    )


def _locking_blobs(state: VersionState) -> set[str]:
    return {document.blob for document in state.documents if document.kind is DocumentKind.LOCKING}


def _rules_about(state: VersionState, subject: str, ruled: Collection[str] | None) -> Rules:
    found: Rules = {}
    for op in _ops_of(state, ruled):
        if any(reading.subject == subject for rule in op.rules for reading in rule.record.readings):
            facts = op_facts(state.by_name[op.struct], op, (DocumentKind.LOCKING,))
            rules = [f for f in facts if isinstance(f, RuleFact) and f.subject == subject]
            found[op.struct, op.name] = sorted(rules, key=rule_key)
    return found


def _ops_of(state: VersionState, ruled: Collection[str] | None) -> Iterable[OpState]:
    """The ops of a version, or those of `ruled`, in the order of its documents."""
    if ruled is None:
        return state.ops.values()
    places = {struct: place for place, struct in enumerate(state.by_name)}
    return sorted(filter(None, map(state.ops.get, ruled)), key=lambda op: (places[op.struct], op.table_position))


def _rule_changes(before: Rules, after: Rules, old: VersionState, new: VersionState) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        standing = _standing(old, name), _standing(new, name)
        pairs = pair_rules(by_subject(before.get(name, ())), by_subject(after.get(name, ())))
        yield from compare_rules(pairs, standing=standing)


def _standing(state: VersionState, name: tuple[str, str]) -> Standing:
    op = state.ops.get(".".join(name))
    if op is None:
        return Standing.ABSENT
    listed = any(cited.document.kind is DocumentKind.LOCKING for cited in op.prototypes)
    return Standing.ROW if op.has_row else Standing.PROTOTYPE if listed else Standing.ABSENT
