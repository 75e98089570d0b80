"""What the sentences and steps of a document say about the order in which locks are taken.

A sentence, or a clause of a step, is read only where a pattern of `kbase.kernel.order_patterns` describes all of it.
A clause about locks that no pattern describes ends the steps before it: what follows is not ordered after them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, product

from kbase.kernel.lock_sentences import LONGEST, LONGEST_TEXT, normal, sentences_of
from kbase.kernel.locks import subject_of
from kbase.kernel.order_patterns import (
    ALL_EXCLUSIVE,
    CALL,
    FILESYSTEM,
    IN_WORDS,
    KINDS,
    LOCKS,
    RANKING,
    SENTENCES,
    SOURCE_AND_TARGET,
    STEPS,
    SentencePattern,
    Side,
    Takes,
)
from kbase.model.lock_orders import Among, Order, OrderedLock
from kbase.model.words import Mode

MOST_STEPS = 100  # of an operation; the longest has 10
WORTH_READING = re.compile(r"\border|\brank|after (?:all|locks)|kinds of locks", re.IGNORECASE)
MARKER = re.compile(r"^(?:[*-]|\(\d\)) ")
CLAUSE_END = re.compile(r"\([^()]*\)|(?P<end>[.;]\s)")  # none in brackets
TOGETHER = frozenset((SOURCE_AND_TARGET, "source", "target"))  # steps about them are not ordered among each other


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """The two kinds of locks that a document about directories names: those of "lock the parent" and so on."""

    inode: str
    filesystem: str

    def lock(self, scope: str | None, mode: Mode | None = None) -> OrderedLock:
        """The lock of an object."""
        written = self.filesystem if scope == FILESYSTEM else self.inode
        return OrderedLock(subject=subject_of(written), written=written.removeprefix("->"), scope=scope, mode=mode)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """An order, and where it stands: the words `first` to `last - 1` of a text, or the steps with those places."""

    order: Order
    first: int
    last: int


def read_orders(text: str, kinds: Kinds | None = None) -> Iterator[Stated]:
    """The orders that the sentences of a text state; `kinds` are those that were named before it."""
    if len(text) > LONGEST_TEXT or not WORTH_READING.search(text):
        return
    sentences = list(_sentences(text))
    ranked = False
    for at, (sentence, first, _) in enumerate(sentences):
        found = KINDS.fullmatch(sentence)
        kinds = Kinds(inode=found["inode"], filesystem=found["filesystem"]) if found else kinds
        ranked = ranked or bool(RANKING.fullmatch(sentence))
        for pattern in SENTENCES:
            several = sentences[at : at + pattern.sentences]
            match = pattern.form.fullmatch(". ".join(each for each, *_ in several))
            if match and (ranked or not pattern.ranked):
                written = MARKER.sub("", " ".join(text.split()[first : several[-1][2]]))
                for order in _orders(pattern, match, kinds, written):
                    yield Stated(order=order, first=first, last=several[-1][2])


def kinds_in(text: str) -> Kinds | None:
    """The two kinds of locks that a text names; None where it names none."""
    if "kinds of locks" not in " ".join(text.split()):
        return None
    found = (KINDS.fullmatch(sentence) for sentence, *_ in _sentences(text[:LONGEST_TEXT]))
    return next((Kinds(inode=each["inode"], filesystem=each["filesystem"]) for each in found if each), None)


def _sentences(text: str) -> Iterator[tuple[str, int, int]]:
    """Each sentence as patterns have it, and where its words begin and end."""
    for written, first, last in sentences_of(text):
        yield normal(written) if len(written) <= LONGEST else "", first, last


def _orders(pattern: SentencePattern, match: re.Match[str], kinds: Kinds | None, text: str) -> Iterator[Order]:
    for says in pattern.says:
        first = _side(says.first, match, kinds)
        second = _side(says.second, match, kinds) if says.second else first
        if first and second:
            yield Order(first=first, second=second, among=says.among, condition=says.when, text=text)


def _side(side: Side, match: re.Match[str], kinds: Kinds | None) -> OrderedLock | None:
    if side.group is None:
        return kinds.lock(side.scope) if kinds else None
    written = match[side.group]
    scope = side.scope
    if kinds and scope is None and written.removeprefix("->") == kinds.filesystem.removeprefix("->"):
        scope = FILESYSTEM
    subject = IN_WORDS.get(written.lower()) or subject_of(written)
    return OrderedLock(subject=subject, written=written.removeprefix("->"), scope=scope)


# --- steps ---


@dataclass
class _Stage:
    """What consecutive clauses take without an order among each other, and the orders of its objects."""

    takes: list[tuple[str, Mode | None, str | None, int]] = field(default_factory=list)  # scope, mode, when, step
    among: list[tuple[str, Among, str | None, int]] = field(default_factory=list)  # scope, order, when, step

    @property
    def together(self) -> bool:
        return any(scope in TOGETHER for scope, *_ in self.takes)


def read_steps(operation: str, steps: Sequence[str], remarks: Sequence[str], kinds: Kinds) -> Iterator[Stated]:
    """The orders that the steps of an operation state; each with the first and the last of its steps, plus one."""
    if len(steps) > MOST_STEPS:
        return
    exclusive = any(ALL_EXCLUSIVE.fullmatch(normal(each.rstrip("."))) for each in remarks)
    for chain in _chains(steps):
        for stage in chain:
            for scope, among, when, at in stage.among:
                lock = _lock(kinds, scope, next((mode for s, mode, *_ in stage.takes if s == scope), None), exclusive)
                order = Order(first=lock, second=lock, among=among, operation=operation, condition=when, text=steps[at])
                yield Stated(order=order, first=at, last=at + 1)
        for before, after in pairwise(chain):
            for (scope, mode, when, at), (other, its_mode, its_when, its_at) in product(before.takes, after.takes):
                if scope == other:
                    continue
                first, second = _lock(kinds, scope, mode, exclusive), _lock(kinds, other, its_mode, exclusive)
                text = f"{steps[at]} … {steps[its_at]}"
                order = Order(first=first, second=second, operation=operation, condition=its_when or when, text=text)
                yield Stated(order=order, first=at, last=its_at + 1)


def _lock(kinds: Kinds, scope: str, mode: Mode | None, exclusive: bool) -> OrderedLock:
    lock = kinds.lock(scope, mode)
    return replace(lock, mode=Mode.EXCLUSIVE) if exclusive and not mode and scope != FILESYSTEM else lock


def _chains(steps: Sequence[str]) -> list[list[_Stage]]:
    """The stages of the steps; a clause about locks that cannot be read begins a new chain."""
    chains: list[list[_Stage]] = [[]]
    for at, clause in ((at, clause) for at, step in enumerate(steps) for clause in _clauses(step)):
        if CALL.search(clause):
            break
        matches = ((each, each.form.fullmatch(clause)) for each in STEPS if len(clause) <= LONGEST)
        found = next(((each, match) for each, match in matches if match), None)
        if found is None:
            if LOCKS.search(clause):
                chains.append([])
        elif found[0].takes:
            _add(chains[-1], found[0].takes, found[1], at)
    return chains


def _clauses(step: str) -> Iterator[str]:
    text, start = " ".join(step.split()), 0
    for found in CLAUSE_END.finditer(text):
        if found["end"]:
            yield normal(text[start : found.start()])
            start = found.end()
    yield normal(text[start:])


def _add(chain: list[_Stage], takes: Takes, match: re.Match[str], at: int) -> None:
    """Add what a clause takes to the stages: as a new one, or to the last."""
    groups = match.groupdict()
    scope = takes.scope or groups.get("scope")
    if takes.takes and scope:
        scope = scope.lower()
        if not (chain and scope in TOGETHER and chain[-1].together):
            chain.append(_Stage())
        mode = groups.get("mode")
        written = Mode.SHARED if mode and mode.lower() == "shared" else Mode.EXCLUSIVE if mode else None
        chain[-1].takes.append((scope, written, takes.when, at))
    if takes.among and chain and (takes.takes or not scope or chain[-1].together):
        of = scope or chain[-1].takes[-1][0]
        chain[-1].among.append((of, takes.among, takes.among_when, at))
