"""The life of a lock: its names, and the rules about it, over the releases; see `kbase.diff.history`."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kbase.diff import Change
from kbase.diff.facts import RuleFact, by_subject, rule_key
from kbase.diff.locks import compare_rules, pair_rules
from kbase.diff.normal import op_facts
from kbase.diff.release_line import Event, Range, line_of, straightened, with_branches
from kbase.diff.said import Standing
from kbase.kernel.locks import name_under
from kbase.model.records import DocumentKind
from kbase.model.states import OpState, VersionState

Rules = dict[tuple[str, str], list[RuleFact]]  # the rules about one lock, by op


@dataclass(frozen=True, kw_only=True)
class LockLife:
    """What the versions held tell of one lock: its names, and the rules about it as they changed."""

    subject: str
    names: tuple[tuple[str, tuple[str, ...]], ...]  # as written, with the versions that write it so
    events: tuple[Event, ...]
    ops: tuple[tuple[str, str], ...]  # all that ever had a rule about it
    branches: tuple[Event, ...] = ()  # what changed in stable versions and in no later release held

    @property
    def exact(self) -> tuple[int, int]:
        """How many of its dates leave a single release, of how many."""
        return sum(event.range.exact for event in self.events), len(self.events)


def lock_history(states: Sequence[VersionState], subject: str, ruled: Collection[str] | None = None) -> LockLife:
    """The rules about one lock over the versions that hold a Locking document, oldest first.

    `ruled` are the ops that ever had a rule about it, by dotted name, where that is known: others are not looked at.
    """
    read: dict[frozenset[str], Rules] = {}

    def rules_of(state: VersionState) -> Rules:
        blobs = frozenset(d.blob for d in state.documents if d.kind is DocumentKind.LOCKING)
        if blobs not in read:
            read[blobs] = _rules_about(state, subject, ruled)
        return read[blobs]

    def between(old: VersionState, new: VersionState) -> Iterator[Change]:
        before, after = rules_of(old), rules_of(new)
        return _rule_changes(before, after, old, new) if before is not after else iter(())

    telling = [state for state in states if DocumentKind.LOCKING in state.readable]
    line = line_of(states).of(telling)
    steps = ((Range(old.label, new.label), tuple(between(old, new))) for old, new in pairwise(line.states))
    made = [Event(when, changes) for when, changes in steps if changes]
    events = straightened(made, [state.label for state in line.states])
    events, branches = with_branches(events, line, between)
    names: dict[str, list[str]] = {}
    for state in telling:
        for written in dict.fromkeys(name_under(r.written, subject) for rs in rules_of(state).values() for r in rs):
            names.setdefault(written, []).append(state.label)
    return LockLife(
        subject=subject,
        names=tuple((written, tuple(labels)) for written, labels in names.items()),
        events=events,
        ops=tuple(dict.fromkeys(op for state in telling for op in rules_of(state))),
        branches=branches,
    )


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
