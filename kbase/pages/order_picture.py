"""The geometry of the picture of a lock order: a lock and its object a row, an arc from each to what is taken after it.

Pure: orders in, places in pixels out. Rows are sorted so that arcs lead downwards; `templates/shared/lock_order.svg`
draws them. An arc leads upwards only where orders contradict each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

LETTER = 7.3  # px: width of a letter at 12 px, monospace, rounded up
LINE, PAD, GAP = 16, 12, 9  # px
BREAK = 10  # px between groups of rows that no arc connects
LANE = 12  # px between arcs
BEND = 6  # px: radius of the corners of an arc
TIP = 5  # px: half of an arrow
ANY = "any"  # the object of a lock that elsewhere is that of a certain object
Place = tuple[str, str]  # a lock, and the object that is locked; "" for any


class End(Protocol):
    """A lock of an order."""

    @property
    def subject(self) -> str: ...
    @property
    def scope(self) -> str | None: ...


class Ordered(Protocol):
    """An order."""

    @property
    def first(self) -> End: ...
    @property
    def second(self) -> End: ...
    @property
    def among(self) -> str | None: ...
    @property
    def operation(self) -> str | None: ...


class Node(NamedTuple):
    """A row: its first base line, the lock, the object, and below them how several such objects are ordered."""

    y: int
    lock: str
    scope: str
    among: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """From a lock to one that is taken after it: the line, the tip of its arrow, and what it says."""

    line: str
    tip: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDrawing:
    """The rows and arcs; `description` says the same in words."""

    nodes: tuple[Node, ...]
    arcs: tuple[Arc, ...]
    width: int
    height: int
    description: str


def draw_orders(orders: Sequence[Ordered]) -> OrderDrawing:
    """The drawing of the orders of a version."""
    arcs = dict[tuple[Place, Place], dict[str, None]]()
    among = dict[Place, dict[str, None]]()
    for order in orders:
        first, second = _place(order.first), _place(order.second)
        if order.among:
            among.setdefault(first, {}).setdefault(order.among)
        else:
            arcs.setdefault((first, second), {}).setdefault(order.operation or "")
    groups = _groups(list(dict.fromkeys([*(each for pair in arcs for each in pair), *among])), list(arcs))
    with_objects = {lock for group in groups for lock, scope in group if scope}
    nodes, y = dict[Place, Node](), LINE - BREAK
    for group in groups:
        y += BREAK
        for lock, scope in group:
            shown = scope or (ANY if lock in with_objects else "")
            nodes[lock, scope] = Node(y, lock, shown, "; ".join(among.get((lock, scope), ())))
            y += LINE * (2 if (lock, scope) in among else 1) + PAD
    right = max((_end(node) for node in nodes.values()), default=0) + 2 * GAP
    lanes = _lanes([(nodes[first].y, nodes[second].y) for first, second in arcs])
    drawn = tuple(
        _arc(nodes[first], nodes[second], right + LANE * lane, operations)
        for ((first, second), operations), lane in zip(arcs.items(), lanes, strict=True)
    )
    told = [arc.title for arc in drawn] + [f"{_name(place)}: {'; '.join(found)}" for place, found in among.items()]
    return OrderDrawing(
        nodes=tuple(nodes.values()),
        arcs=drawn,
        width=right + LANE * (max(lanes, default=0) + 1),
        height=y - PAD,
        description=". ".join(told),
    )


def _place(end: End) -> Place:
    return end.subject, end.scope or ""


def _name(place: Place) -> str:
    return f"{place[0]} ({place[1]})" if place[1] else place[0]


def _end(node: Node) -> int:
    """Where the texts of a row end, in pixels."""
    head = len(node.lock) + (len(node.scope) + 1 if node.scope else 0)
    return round(LETTER * max(head, len(node.among) + 2))


def _groups(places: list[Place], arcs: Sequence[tuple[Place, Place]]) -> list[list[Place]]:
    """The places that arcs connect, sorted so that these lead downwards; the largest such group first."""
    groups = list[set[Place]]()
    for place in places:
        touching = [group for group in groups if any({*arc} & group and place in arc for arc in arcs)]
        groups = [group for group in groups if group not in touching] + [{place}.union(*touching)]
    groups.sort(key=lambda group: (-len(group), min(map(places.index, group))))
    return [list(_downwards([each for each in places if each in group], arcs)) for group in groups]


def _downwards(places: list[Place], arcs: Sequence[tuple[Place, Place]]) -> Iterable[Place]:
    """The places of a group: each after all that arcs lead from; where arcs form a circle, the first that is left."""
    left = list(places)
    while left:
        waiting = {second for first, second in arcs if first in left and first != second}
        ready = next((place for place in left if place not in waiting), left[0])
        left.remove(ready)
        yield ready


def _lanes(spans: Sequence[tuple[int, int]]) -> list[int]:
    """A lane for each arc, so that no two that overlap share one; short arcs are nearer to the rows."""
    lanes = dict[int, int]()
    for number in sorted(range(len(spans)), key=lambda each: (abs(spans[each][0] - spans[each][1]), each)):
        taken = {lane for other, lane in lanes.items() if _overlap(spans[number], spans[other])}
        lanes[number] = next(lane for lane in range(len(spans)) if lane not in taken)
    return [lanes[number] for number in range(len(spans))]


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return min(one) < max(other) and min(other) < max(one)


def _arc(first: Node, second: Node, x: int, operations: Iterable[str]) -> Arc:
    down = 1 if second.y > first.y else -1
    begin, end = first.y - 4 + 3 * down, second.y - 4 - 3 * down
    left, right = (_head(node) + GAP for node in (first, second))
    names = ", ".join(filter(None, operations))
    title = f"{_name((first.lock, first.scope))} before {_name((second.lock, second.scope))}"
    return Arc(
        line=(
            f"M{left} {begin}H{x - BEND}q{BEND} 0 {BEND} {BEND * down}V{end - BEND * down}"
            f"q0 {BEND * down} {-BEND} {BEND * down}H{right + TIP}"
        ),
        tip=f"M{right} {end}l{TIP + 2} {-TIP + 1}v{2 * TIP - 2}z",
        title=f"{title} ({names})" if names else title,
    )


def _head(node: Node) -> int:
    """Where the first line of a row ends, in pixels."""
    return _end(node._replace(among=""))
