"""Texts compared: notes, remarks, descriptions, members, functions, flags, steps; blanket rules."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import lru_cache
from typing import Protocol, TypeVar

from kbase.diff.changes import KINDS, Change, ChangeKind, Severity, Statement, Told
from kbase.diff.facts import OF_OP, BlanketFact, Fact, OpName, TextFact, Topic, word_set
from kbase.diff.witnesses import both_places, places

ALIKE = 0.4  # share of words from which on two notes are one note that changed
MEMBERS = {
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
    """Pairs of what is most alike; what finds no partner stands alone. Turned round, the result is turned round."""
    before, after = tuple([fact.words for fact in old]), tuple([fact.words for fact in new])
    if before > after:
        return [(a, b) for b, a in _paired_by(_partners(after, before, least), new, old)]
    return _paired_by(_partners(before, after, least), old, new)


def _paired_by(partners: Mapping[int, int], old: list[T], new: list[T]) -> list[tuple[T | None, T | None]]:
    pairs: list[tuple[T | None, T | None]] = [
        (fact, new[partners[i]] if i in partners else None) for i, fact in enumerate(old)
    ]
    taken = set(partners.values())
    return pairs + [(None, fact) for j, fact in enumerate(new) if j not in taken]


@lru_cache(maxsize=1 << 10)
def _partners(old: tuple[str, ...], new: tuple[str, ...], least: float) -> Mapping[int, int]:
    """Which of the texts are most alike, each at most once, by their places: what no other pair of versions changes."""
    before, after = ([word_set(text) for text in texts] for texts in (old, new))
    scored = [(shared_words(a, b), i, j) for i, a in enumerate(before) for j, b in enumerate(after)]
    partners, taken = dict[int, int](), set[int]()
    for _, i, j in sorted((-score, i, j) for score, i, j in scored if score >= least):
        if i not in partners and j not in taken:
            partners[i] = j
            taken.add(j)
    return partners


def compare_texts(
    old: Iterable[TextFact], new: Iterable[TextFact], ops: AbstractSet[OpName], told: tuple[Told, Told]
) -> list[Change]:
    """The changes of the texts that only one of two states has; `ops` are those of both, already of the same names.

    `told` has what was told before of texts of either state that went or came, and gets the rest.
    """
    groups: dict[tuple[str, ...], tuple[list[TextFact], list[TextFact]]] = {}
    for side, facts in enumerate((old, new)):
        for fact in facts:
            groups.setdefault((fact.document, fact.topic, fact.struct, fact.name), ([], []))[side].append(fact)
    changes = list[Change]()
    for key in sorted(groups):
        before, after = groups[key]
        of_member = key[1] == Topic.DESCRIPTION and key[2:] not in ops
        if before and after:
            found = [_text_change(*pair) for pair in _paired(key[1], before, after)]
            changes += map(_of_member, found) if of_member else found
        else:
            went, came = (_member_went, _member_came) if of_member else (_went, _came)
            changes += [told[0].once(fact, went) for fact in sorted(before, key=_words)]
            changes += [told[1].once(fact, came) for fact in sorted(after, key=_words)]
    return _folded(changes)


def _words(fact: TextFact) -> str:
    return fact.words


def _went(fact: TextFact) -> Change:
    return _text_change(fact, None)


def _came(fact: TextFact) -> Change:
    return _text_change(None, fact)


def _member_went(fact: TextFact) -> Change:
    return _of_member(_went(fact))


def _member_came(fact: TextFact) -> Change:
    return _of_member(_came(fact))


Pairs = list[tuple[TextFact | None, TextFact | None]]
Grown = tuple[TextFact | None, TextFact | None, list[TextFact]]  # a pair, and what one of the two took in


def _paired(topic: str, old: list[TextFact], new: list[TextFact]) -> Iterable[Grown]:
    """The texts about one thing that belong together, each pair with those that one of its two took in."""
    if len(old) == len(new) == 1 and topic != Topic.NOTE:
        return [(old[0], new[0], [])]
    before, after = sorted(old, key=_words), sorted(new, key=_words)
    least = ALIKE if topic == Topic.NOTE else 0.0
    pairs = pair_up(before, after, least)
    return _absorbed(_notes_paired(pairs) if topic == Topic.NOTE else pairs)


def _notes_paired(pairs: Pairs) -> Pairs:
    """The pairs, with the one note that went and the one that came about the same ops as a further pair: rewritten."""
    alone: dict[tuple[str, ...], tuple[list[TextFact], list[TextFact]]] = {}
    for pair in pairs:
        for side, fact in enumerate(pair):
            if fact is not None and None in pair:
                alone.setdefault(tuple(sorted(fact.ops)), ([], []))[side].append(fact)
    again: Pairs = [(old[0], new[0]) for ops, (old, new) in alone.items() if ops and len(old) == len(new) == 1]
    rewritten = [fact for pair in again for fact in pair]
    return [pair for pair in pairs if not any(one is fact for one in pair for fact in rewritten)] + again


def _absorbed(pairs: Pairs) -> Iterator[Grown]:
    """Paragraphs that were put together or split: a text that another has word for word is part of that."""
    both = [pair for pair in pairs if None not in pair]
    taken: dict[int, list[TextFact]] = {}
    for old, new in pairs:
        fact, host = new or old, None
        if both and fact is not None and None in (old, new):
            host = next((i for i, pair in enumerate(both) if _has(pair[0 if new else 1], fact)), None)
        if host is not None and fact is not None:
            taken.setdefault(host, []).append(fact)
        elif None in (old, new):
            yield old, new, []
    yield from ((*pair, taken.get(i, [])) for i, pair in enumerate(both))


def _has(host: TextFact | None, part: TextFact) -> bool:
    return host is not None and f" {part.words} " in f" {host.words} "


def _text_change(before: TextFact | None, after: TextFact | None, absorbed: Iterable[TextFact] = ()) -> Change:
    """The change of one text; `absorbed` are others that became part of it, or that it was made of."""
    fact = after or before
    assert fact is not None  # one side of a pair is always there
    topic = Topic.NOTE if fact.topic is Topic.REMARK else fact.topic
    kind = _kind(topic, before is not None, after is not None)
    gone, come = [before] if before else [], [after] if after else []
    for part in absorbed:
        (gone if _has(after, part) else come).append(part)
    name: str | None = fact.name
    if fact.topic in OF_OP:
        op, subject = name, None
    else:
        ops = sorted({*fact.ops, *(op for part in (*gone, *come) if part is not fact for op in part.ops)})
        op = ops[0] if len(ops) == 1 else None
        subject = ", ".join(ops) if fact.topic is Topic.NOTE and len(ops) > 1 else name or None
    return Change(
        kind=kind,
        severity=KINDS[kind].severity,
        struct=fact.struct or None,
        op=op,
        subject=subject,
        before="\n".join([part.text for part in gone]) or None,
        after="\n".join([part.text for part in come]) or None,
        statements=(Statement(document=fact.document, kind=kind, removed=tuple(gone), added=tuple(come)),),
        evidence=places(*gone, *come) if absorbed else both_places(before, after),
    )


def _of_member(change: Change) -> Change:
    """What is said of a data member: its name is the subject, since it is no op."""
    return replace(change, op=None, subject=change.op)


def _folded(changes: list[Change]) -> list[Change]:
    """The changes, with the description of a data member that came or went as part of that."""
    members = {(c.kind, c.struct, c.subject): c for c in changes if c.kind in MEMBERS.values()}
    if not members:
        return changes
    kept = list[Change]()
    for change in changes:
        key = (MEMBERS.get(change.kind, change.kind), change.struct, change.subject)
        if change.kind in MEMBERS and change.op is None and key in members:
            whole = members[key]
            members[key] = replace(whole, statements=whole.statements + change.statements)
        else:
            kept.append(change)
    return [members.get((c.kind, c.struct, c.subject), c) for c in kept]


@lru_cache(maxsize=128)
def _kind(topic: str, gone: bool, come: bool) -> ChangeKind:
    return ChangeKind(f"{topic}-{'changed' if gone and come else 'added' if come else 'removed'}")


def _statement(
    kind: ChangeKind, before: TextFact | BlanketFact | None, after: TextFact | BlanketFact | None
) -> Statement:
    document = after.document if after else before.document if before else None
    assert document is not None  # one side of a pair is always there
    return Statement(document=document, kind=kind, removed=(before,) if before else (), added=(after,) if after else ())


def compare_blankets(old: Iterable[Fact], new: Iterable[Fact], renames: dict[OpName, OpName]) -> list[Change]:
    """The changes of the rules that stand over tables, among the facts that only one of two states has."""
    groups: dict[tuple[str, ...], tuple[list[BlanketFact], list[BlanketFact]]] = {}
    for side, facts in enumerate((old, new)):
        for fact in facts:
            if isinstance(fact, BlanketFact):
                groups.setdefault((fact.document.value, fact.struct, fact.subject), ([], []))[side].append(fact)
    changes = list[Change]()
    for key in sorted(groups):
        before, after = (sorted(facts, key=lambda fact: (fact.words, fact.exceptions)) for facts in groups[key])
        for first, second in pair_up(before, after, 0.0):
            changes.append(_blanket_change(first, second, renames))
    return changes


def _blanket_change(before: BlanketFact | None, after: BlanketFact | None, renames: dict[OpName, OpName]) -> Change:
    fact = after or before
    assert fact is not None  # one side of a pair is always there
    kind = _kind("blanket", before is not None, after is not None)
    severity, reason = KINDS[kind].severity, ""
    if before and after and (before.held, before.exceptions) == (after.held, after.exceptions):
        severity, reason = Severity.DOCUMENTATION, "only the words changed"
    elif before and after and (before.held, _renamed(before, renames)) == (after.held, after.exceptions):
        severity, reason = Severity.COSMETIC, "the exceptions follow their ops' new names"
    return Change(
        kind=kind,
        severity=severity,
        struct=fact.struct,
        subject=fact.subject or None,
        before=before.text if before else None,
        after=after.text if after else None,
        reason=reason,
        statements=(_statement(kind, before, after),),
        evidence=both_places(before, after),
    )


def _renamed(fact: BlanketFact, renames: dict[OpName, OpName]) -> tuple[str, ...]:
    names = {old[1]: new[1] for old, new in renames.items() if new[0] == fact.struct}
    return tuple(sorted(names.get(op, op) for op in fact.exceptions))
