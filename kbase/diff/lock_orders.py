"""The order of locks compared: orders that came, went, or hold under another condition.

What a version says of one operation, or under a condition, is no fact where it says the same in general.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

from kbase.diff.changes import Change, ChangeKind, change_of
from kbase.diff.fact import Fact, Place
from kbase.diff.facts import both_by, words
from kbase.model.lock_orders import Among
from kbase.model.records import LockOrder
from kbase.model.witnesses import DocumentKind

Node = tuple[str, str]  # a lock, and the object that is locked


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFact(Fact):
    """What a document says of the order of two locks, or of the objects of one; the modes are those of the rules."""

    first: Node
    second: Node
    among: Among | None = None
    operation: str = ""
    condition: str = ""
    text: str = field(default="", compare=False)

    @property
    def order(self) -> tuple[DocumentKind, Node, Node, Among | None]:
        """What is said, without when it holds."""
        return self.document, self.first, self.second, self.among

    @property
    def general(self) -> bool:
        """Whether it always holds."""
        return not self.operation and not self.condition


def order_facts(orders: Iterable[tuple[LockOrder, DocumentKind, Place | None]]) -> Iterator[OrderFact]:
    """The facts of the records of a version, without those that it states in general, too."""
    facts = [_fact(*each) for each in orders]
    general = {fact.order for fact in facts if fact.general}
    return (fact for fact in facts if fact.general or fact.order not in general)


def _fact(record: LockOrder, document: DocumentKind, place: Place | None) -> OrderFact:
    condition = f", {record.condition}" if record.condition else ""
    return OrderFact(
        document=document,
        place=place,
        first=record.first.node,
        second=record.second.node,
        among=record.among,
        operation=(record.operation or "").replace("()", ""),
        condition=words(record.condition or ""),
        text=f"{record}{condition}",
    )


def compare_orders(old: Iterable[Fact], new: Iterable[Fact]) -> Iterator[Change]:
    """The changes of the orders among the facts of two versions."""
    before, after = ([fact for fact in facts if isinstance(fact, OrderFact)] for facts in (old, new))
    gone, come = ([each for each in mine if each not in theirs] for mine, theirs in ((before, after), (after, before)))
    for _, sides in sorted(both_by(_about, gone, come).items(), key=lambda group: group[0]):
        for was, now in _paired(*sides):
            fact = now or was
            assert fact is not None  # one side of a pair is always there
            yield change_of(
                _kind(was, now),
                [was],
                [now],
                subject=_subject(fact),
                before=was and was.text,
                after=now and now.text,
            )


def _kind(was: OrderFact | None, now: OrderFact | None) -> ChangeKind:
    if was and now:
        return ChangeKind.LOCK_ORDER_CHANGED
    return ChangeKind.LOCK_ORDER_ADDED if now else ChangeKind.LOCK_ORDER_REMOVED


def _about(fact: OrderFact) -> tuple[str, str, tuple[Node, ...], bool]:
    """What an order is about, whichever lock comes first."""
    return fact.document.value, fact.operation, tuple(sorted((fact.first, fact.second))), fact.among is None


def _paired(old: list[OrderFact], new: list[OrderFact]) -> Iterator[tuple[OrderFact | None, OrderFact | None]]:
    """The orders about the same locks: first those that differ in their conditions only."""
    rest: tuple[list[OrderFact], list[OrderFact]] = [], []
    same = both_by(lambda fact: (fact.first, fact.among or ""), old, new)
    for _, sides in sorted(same.items(), key=lambda group: group[0]):
        before, after = (sorted(facts, key=lambda fact: fact.condition) for facts in sides)
        both = min(len(before), len(after))
        yield from zip(before[:both], after[:both], strict=True)
        rest[0].extend(before[both:])
        rest[1].extend(after[both:])
    yield from zip_longest(*rest)


def _subject(fact: OrderFact) -> str:
    """`i_rwsem (parent), i_rwsem (victim): object removal`."""
    nodes = (f"{lock} ({scope})" if scope else lock for lock, scope in dict.fromkeys((fact.first, fact.second)))
    return ", ".join(nodes) + (f": {fact.operation}" if fact.operation else "")
