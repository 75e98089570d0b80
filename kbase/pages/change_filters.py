"""The filters of a page of changes: what may be chosen, and how many changes each choice lets through."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from kbase.diff import Change, ChangeFilter, ChangeKind, Only, Severity, end_of, lock_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterLink:
    """A choice of a filter, with the number of changes behind it."""

    text: str
    count: int
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One filter of a page with its choices, "all" first."""

    name: str  # of the query parameter
    links: tuple[FilterLink, ...]


FILTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "severity": ("only changes that are at least this grave", tuple(Severity)),
    "kind": ("only changes of this kind", tuple(ChangeKind)),
    "only": ("only what is new, or what is gone", tuple(Only)),
    "lock": ("only rules about this lock, by any of its names", ()),
}


def _value(name: str, change: Change) -> str | None:
    """What a change is, in a filter."""
    match name:
        case "severity":
            return change.severity
        case "kind":
            return change.kind
        case "only":
            return end_of(change)
        case _:
            return lock_of(change)


def filters_of(changes: Iterable[Change], address: str, wanted: Mapping[str, str]) -> Iterator[Filter]:
    """The filters that leave a choice, each with the changes that the other filters let through."""
    told = list(changes)
    for name, (_, order) in FILTERS.items():
        others = {other: value for other, value in wanted.items() if other != name}
        let_through = ChangeFilter.of(others).changes(told)
        counts = Counter(_value(name, change) for change in let_through)
        found = sorted(filter(None, counts), key=_in_order(order))
        choices = found[:-1] if name == "severity" else found  # at least the least grave are all
        values = sorted({*choices, *filter(None, [wanted.get(name)])}, key=_in_order(order))
        if len(found) > 1 or name in wanted:
            every = FilterLink(text="all", count=counts.total(), href=_at(address, others), chosen=name not in wanted)
            links = (_filter_link(name, value, _count(name, value, counts), address, wanted) for value in values)
            yield Filter(name=name, links=(every, *links))


def _count(name: str, value: str, counts: Counter[str | None]) -> int:
    """How many changes a choice lets through: of severities those that are at least as grave."""
    return sum(counts[each] for each in Severity.at_least(value)) if name == "severity" else counts[value]


def _in_order(order: Sequence[str]) -> Callable[[str], tuple[int, str]]:
    return lambda value: (order.index(value) if value in order else 0, value)


def _filter_link(name: str, value: str, count: int, address: str, wanted: Mapping[str, str]) -> FilterLink:
    href = _at(address, {**wanted, name: value})
    return FilterLink(text=value, count=count, href=href, chosen=wanted.get(name) == value)


def _at(address: str, chosen: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(chosen)}" if chosen else address
