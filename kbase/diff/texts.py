"""Texts compared: notes, remarks, descriptions, members, functions, flags, steps; blanket rules."""

from collections.abc import Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Protocol, TypeVar

from kbase.diff.changes import CHANGE_KINDS, Change, ChangeKind, Severity, change_of
from kbase.diff.fact import Fact, OpName
from kbase.diff.facts import OF_OP, BlanketFact, TextFact, Topic, both_by, word_set

ALIKE = 0.4  # share of words from which on two notes are one note that changed
OF_MEMBERS = {
    ChangeKind.DESCRIPTION_ADDED: ChangeKind.MEMBER_ADDED,
    ChangeKind.DESCRIPTION_REMOVED: ChangeKind.MEMBER_REMOVED,
}


def shared_words(old: AbstractSet[str], new: AbstractSet[str]) -> float:
    """The share of words that two texts have in common, of all that either has."""
    shared = len(old & new)
    return shared / (len(old) + len(new) - shared) if shared else 0.0


class Worded(Protocol):
    """What has words to compare."""

    @property
    def words(self) -> str: ...


T = TypeVar("T", bound=Worded)


def pair_up(old: list[T], new: list[T], least: float) -> list[tuple[T | None, T | None]]:
    """Pairs the most similar texts; None replaces a missing partner. Swapped arguments give the swapped pairs."""
    if [fact.words for fact in old] > [fact.words for fact in new]:
        return [(a, b) for b, a in pair_up(new, old, least)]
    sets = [[word_set(fact.words) for fact in facts] for facts in (old, new)]
    scored = [(shared_words(a, b), i, j) for i, a in enumerate(sets[0]) for j, b in enumerate(sets[1])]
    partners, taken = dict[int, int](), set[int]()
    for _, i, j in sorted((-score, i, j) for score, i, j in scored if score >= least):
        if i not in partners and j not in taken:
            partners[i] = j
            taken.add(j)
    pairs: list[tuple[T | None, T | None]] = [
        (fact, new[partners[i]] if i in partners else None) for i, fact in enumerate(old)
    ]
    return pairs + [(None, fact) for j, fact in enumerate(new) if j not in taken]


def compare_texts(old: Iterable[Fact], new: Iterable[Fact], ops: Collection[OpName]) -> list[Change]:
    """The changes of the texts among the facts that only one of two states has; `ops` are those of both."""
    texts = ([fact for fact in facts if isinstance(fact, TextFact)] for facts in (old, new))
    groups = both_by(lambda fact: (fact.document, fact.topic, fact.struct, fact.name), *texts)
    changes = list[Change]()
    for (_, topic, *name), both in sorted(groups.items(), key=lambda group: group[0]):
        before, after = (sorted(each, key=lambda fact: fact.words) for each in both)
        found = [_text_change(*pair) for pair in _paired(topic, before, after)]
        if topic == Topic.DESCRIPTION and tuple(name) not in ops:  # of a data member, which is the subject then
            found = [replace(each, op=None, subject=each.op) for each in found]
        changes += found
    return _members_with_descriptions(changes)


Pairs = list[tuple[TextFact | None, TextFact | None]]
Grown = tuple[TextFact | None, TextFact | None, list[TextFact]]  # a pair, and the texts merged into one of the two


def _paired(topic: str, old: list[TextFact], new: list[TextFact]) -> Iterable[Grown]:
    """Matching texts about one item, each pair with the texts that were merged into one of the two."""
    pairs = pair_up(old, new, ALIKE if topic == Topic.NOTE else 0.0)
    return _absorbed(_rewritten(pairs) if topic == Topic.NOTE else pairs)


def _rewritten(pairs: Pairs) -> Pairs:
    """The pairs; a removed and an added note about the same ops become one pair if they are the only ones."""
    gone, come = [old for old, new in pairs if old and not new], [new for old, new in pairs if new and not old]
    alone = both_by(lambda fact: tuple(sorted(fact.ops)), gone, come)
    again: Pairs = [(old[0], new[0]) for ops, (old, new) in alone.items() if ops and len(old) == len(new) == 1]
    rewritten = [(old, None) for old, _ in again] + [(None, new) for _, new in again]
    return [pair for pair in pairs if pair not in rewritten] + again


def _absorbed(pairs: Pairs) -> Iterator[Grown]:
    """Merge an unpaired text into the pair that contains it word for word: its paragraph was joined or split."""
    both = [pair for pair in pairs if None not in pair]
    taken: dict[int, list[TextFact]] = {}
    for old, new in pairs:
        fact = new or old
        if None not in (old, new) or fact is None:
            continue
        host = next((i for i, pair in enumerate(both) if _has(pair[0 if new else 1], fact)), None)
        if host is None:
            yield old, new, []
        else:
            taken.setdefault(host, []).append(fact)
    yield from ((*pair, taken.get(i, [])) for i, pair in enumerate(both))


def _has(host: TextFact | None, part: TextFact) -> bool:
    return host is not None and f" {part.words} " in f" {host.words} "


def _text_change(before: TextFact | None, after: TextFact | None, absorbed: list[TextFact]) -> Change:
    """The change of one text; `absorbed` are texts that were merged into it or split off from it."""
    fact = after or before
    assert fact is not None  # one side of a pair is always there
    gone = [before, *(part for part in absorbed if _has(after, part))]
    come = [after, *(part for part in absorbed if not _has(after, part))]
    every = [each for each in (*gone, *come) if each is not None]
    ops = sorted({fact.name} if fact.topic in OF_OP else {op for each in every for op in each.ops})
    op, subject = ops[0] if len(ops) == 1 else None, "" if fact.topic in OF_OP else fact.name
    if fact.topic is Topic.NOTE and len(ops) > 1:
        subject = ", ".join(ops)
    texts = ("\n".join(each.text for each in side if each is not None) or None for side in (gone, come))
    return change_of(
        _kind(Topic.NOTE if fact.topic is Topic.REMARK else fact.topic, before, after),
        gone,
        come,
        struct=fact.struct or None,
        op=op,
        subject=subject or None,
        before=next(texts),
        after=next(texts),
    )


def _kind(topic: str, before: Fact | None, after: Fact | None) -> ChangeKind:
    return CHANGE_KINDS[f"{topic}-{'changed' if before and after else 'added' if after else 'removed'}"]


def _members_with_descriptions(changes: list[Change]) -> list[Change]:
    """The changes, with the description of an added or removed data member as part of the member's change."""
    members = {(c.kind, c.struct, c.subject): c for c in changes if c.kind in OF_MEMBERS.values()}
    found = list[Change]()
    for each in changes:
        key = (OF_MEMBERS.get(each.kind, each.kind), each.struct, each.subject)
        if each.kind in OF_MEMBERS and each.op is None and key in members:
            member = members[key]
            members[key] = replace(member, removed=member.removed + each.removed, added=member.added + each.added)
        else:
            found.append(each)
    return [members.get((c.kind, c.struct, c.subject), c) for c in found]


def compare_blankets(old: Iterable[Fact], new: Iterable[Fact], renames: dict[OpName, OpName]) -> Iterator[Change]:
    """The changes of the rules over tables, among the facts that only one of two states has."""
    rules = ([fact for fact in facts if isinstance(fact, BlanketFact)] for facts in (old, new))
    groups = both_by(lambda fact: (fact.document, fact.struct, fact.subject), *rules)
    for _, found in sorted(groups.items(), key=lambda group: group[0]):
        before, after = (sorted(each, key=lambda fact: (fact.words, fact.exceptions)) for each in found)
        for pair in pair_up(before, after, 0.0):
            yield _blanket_change(*pair, renames)


def _blanket_change(before: BlanketFact | None, after: BlanketFact | None, renames: dict[OpName, OpName]) -> Change:
    fact = after or before
    assert fact is not None  # one side of a pair is always there
    severity, reason = None, ""
    if before and after and before.held == after.held:
        names = {old[1]: new[1] for old, new in renames.items() if new[0] == after.struct}
        if before.exceptions == after.exceptions:
            severity, reason = Severity.DOCUMENTATION, "only the words changed"
        elif tuple(sorted(names.get(op, op) for op in before.exceptions)) == after.exceptions:
            severity, reason = Severity.COSMETIC, "the exceptions follow their ops' new names"
    return change_of(
        _kind("blanket", before, after),
        [before],
        [after],
        severity=severity,
        struct=fact.struct,
        subject=fact.subject or None,
        before=before and before.text,
        after=after and after.text,
        reason=reason,
    )
