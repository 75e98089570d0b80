"""The history of a lock: its names, and the rules about it, over the releases; see `kbase.diff.history`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kbase.diff.changes import Change
from kbase.diff.comparable import Coverage, OpFacts, place_of
from kbase.diff.fact import Fact, OpName
from kbase.diff.facts import RuleFact, record_facts
from kbase.diff.lock_rules import compare_rules, compare_sentences, pair_rules, pair_sentences
from kbase.diff.release_line import Event, Line, Range, with_branches, without_backports
from kbase.kernel.locks import name_under
from kbase.model.records import LockRule
from kbase.model.states import Cited

OpRules = dict[OpName, OpFacts]  # the rules about one lock, by op
NOTHING = OpFacts()


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


def lock_history(
    stated: Mapping[str, Sequence[Cited[LockRule]]],
    coverage: Mapping[str, Mapping[OpName, Coverage]],
    line: Line,
    subject: str,
    bundled: Collection[str] = (),
) -> LockHistory:
    """The rules about one lock over the versions that have a Locking document, oldest first.

    Of each of these versions, `stated` has the rules about the lock and `coverage` how its Locking document has the ops
    that ever had one. `line` goes through all versions of the family. `bundled` are those whose Locking document is,
    which has its sentences in other words: they are not compared with those of a kernel's own.
    """
    rules = {label: _facts(cited, subject) for label, cited in stated.items()}

    def covered(label: str, name: OpName) -> Coverage:
        return coverage.get(label, {}).get(name, Coverage.ABSENT)

    def between(old: str, new: str) -> Iterator[Change]:
        before, after = rules[old], rules[new]
        for name in dict.fromkeys((*before, *after)):
            was, now = before.get(name, NOTHING), after.get(name, NOTHING)
            yield from compare_rules(list(pair_rules(was.rules, now.rules)), (covered(old, name), covered(new, name)))
            if (old in bundled) == (new in bundled):
                yield from compare_sentences(pair_sentences(was, now), was, now)

    line = line.of(rules)
    steps = ((Range(old, new), tuple(between(old, new))) for old, new in pairwise(line.labels))
    events = without_backports([Event(when, changes) for when, changes in steps if changes], line.labels)
    events, branches = with_branches(events, line, between)
    names: dict[str, list[str]] = {}
    for label, found in rules.items():
        written = (
            name_under(rule.written, subject) for of_op in found.values() for rule in (*of_op.rules, *of_op.prose)
        )
        for name in dict.fromkeys(written):
            names.setdefault(name, []).append(label)
    return LockHistory(
        subject=subject,
        names=tuple((written, tuple(labels)) for written, labels in names.items()),
        events=events,
        ops=tuple(dict.fromkeys(op for found in rules.values() for op in found)),
        branches=branches,
    )


def _facts(stated: Sequence[Cited[LockRule]], subject: str) -> OpRules:
    """The rules about the lock by op, in the order of the documents."""
    found: dict[OpName, list[Fact]] = {}
    for cited in stated:
        rules = found.setdefault((cited.record.struct, cited.record.op), [])
        facts = record_facts(cited.record, cited.document.kind, place_of(cited))
        rules += [fact for fact in facts if isinstance(fact, RuleFact) and fact.subject == subject]
    return {name: OpFacts.of(rules) for name, rules in found.items()}
