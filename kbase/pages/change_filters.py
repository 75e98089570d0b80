"""The filters of a page of changes: their choices, and how many changes each of them lets through."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urlencode

from kbase.diff.change_filter import ChangeFilter, Only, end_of, lock_of
from kbase.diff.changes import Change, ChangeKind, Severity
from kbase.pages.facets import Facet, FacetValue

FILTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "severity": ("minimum severity", tuple(Severity)),
    "kind": ("only changes of this kind", tuple(ChangeKind)),
    "only": ("only additions (new) or removals (gone)", tuple(Only)),
    "lock": ("only rules about this lock, by any of its names", ()),
}


VALUES: dict[str, Callable[[Change], str | None]] = {  # of a change, by filter
    "severity": lambda change: change.severity,
    "kind": lambda change: change.kind,
    "only": end_of,
    "lock": lock_of,
}


def filters_of(changes: Sequence[Change], address: str, wanted: Mapping[str, str]) -> Iterator[Facet]:
    """The filters that leave a choice, each with the changes that the other filters let through."""
    for name, (_, order) in FILTERS.items():
        others = {other: value for other, value in wanted.items() if other != name}
        counts = Counter(map(VALUES[name], ChangeFilter.of(others).changes(changes)))
        found = sorted((value for value in counts if value), key=_in_order(order))
        if len(found) < 2 and name not in wanted:
            continue
        values = [FacetValue(value="all", count=counts.total(), href=_at(address, others), chosen=name not in wanted)]
        choices = found[:-1] if name == "severity" else found  # the lowest severity as minimum lets all through
        for value in sorted({*choices, *filter(None, [wanted.get(name)])}, key=_in_order(order)):
            count = sum(counts[each] for each in (Severity.at_least(value) if name == "severity" else [value]))
            href = _at(address, {**wanted, name: value})
            values.append(FacetValue(value=value, count=count, href=href, chosen=wanted.get(name) == value))
        yield Facet(name=name, values=tuple(values))


def _in_order(order: Sequence[str]) -> Callable[[str], tuple[int, str]]:
    return lambda value: (order.index(value) if value in order else 0, value)


def _at(address: str, chosen: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(chosen)}" if chosen else address
