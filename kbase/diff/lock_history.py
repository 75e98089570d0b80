"""The history of a lock: its names, and the rules about it, over the releases; see `kbase.diff.history`."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kbase.diff.changes import Change
from kbase.diff.comparable import Coverage, place_of, rule_order
from kbase.diff.facts import RuleFact, record_facts
from kbase.diff.lock_rules import compare_rules, pair_rules
from kbase.diff.release_line import Event, Line, Range, with_branches, without_backports
from kbase.kernel.locks import name_under
from kbase.model.states import VersionState
from kbase.model.witnesses import LOCK_TABLES

OpRules = dict[tuple[str, str], list[RuleFact]]  # the rules about one lock, by op


@dataclass(frozen=True, kw_only=True)
class LockHistory:
    """What the versions say of one lock: its names, and the rules about it as they changed."""

    subject: str
    names: tuple[tuple[str, tuple[str, ...]], ...]  # as written, with the versions that write it so
    events: tuple[Event, ...]
    ops: tuple[tuple[str, str], ...]  # all that ever had a rule about it
    branches: tuple[Event, ...] = ()  # what changed in stable versions and in no later release

    @property
    def exact(self) -> tuple[int, int]:
        """How many of its dates leave a single release, of how many."""
        return sum(event.range.exact for event in self.events), len(self.events)


def lock_history(states: Sequence[VersionState], line: Line, subject: str, ops: Collection[str]) -> LockHistory:
    """The rules about one lock over the versions that have a Locking document, oldest first.

    `line` goes through the states; `ops` are those that ever had a rule about the lock, by dotted name.
    """
    telling = {state.label: state for state in states if LOCK_TABLES in state.readable}
    rules = {label: _rules_about(state, subject, ops) for label, state in telling.items()}

    def between(old: str, new: str) -> Iterator[Change]:
        before, after = rules[old], rules[new]
        for name in dict.fromkeys((*before, *after)):
            coverage = _coverage(telling[old], name), _coverage(telling[new], name)
            yield from compare_rules(list(pair_rules(before.get(name, ()), after.get(name, ()))), coverage)

    line = line.of(rules)
    steps = ((Range(old, new), tuple(between(old, new))) for old, new in pairwise(line.labels))
    events = without_backports([Event(when, changes) for when, changes in steps if changes], line.labels)
    events, branches = with_branches(events, line, between)
    names: dict[str, list[str]] = {}
    for label, found in rules.items():
        written = (name_under(rule.written, subject) for of_op in found.values() for rule in of_op)
        for name in dict.fromkeys(written):
            names.setdefault(name, []).append(label)
    return LockHistory(
        subject=subject,
        names=tuple((written, tuple(labels)) for written, labels in names.items()),
        events=events,
        ops=tuple(dict.fromkeys(op for found in rules.values() for op in found)),
        branches=branches,
    )


def _rules_about(state: VersionState, subject: str, ops: Collection[str]) -> OpRules:
    places = {struct: place for place, struct in enumerate(state.by_name)}
    found: OpRules = {}
    for op in sorted(filter(None, map(state.ops.get, ops)), key=lambda op: (places[op.struct], op.table_position)):
        if any(reading.subject == subject for rule in op.rules for reading in rule.record.readings):
            facts = (
                fact for rule in op.rules for fact in record_facts(rule.record, rule.document.kind, place_of(rule))
            )
            rules = [fact for fact in facts if isinstance(fact, RuleFact) and fact.subject == subject]
            found[op.struct, op.name] = sorted(rules, key=rule_order)
    return found


def _coverage(state: VersionState, name: tuple[str, str]) -> Coverage:
    op = state.ops.get(".".join(name))
    listed = op and any(cited.document.kind is LOCK_TABLES for cited in op.prototypes)
    return Coverage.ROW if op and op.has_row else Coverage.PROTOTYPE if listed else Coverage.ABSENT
