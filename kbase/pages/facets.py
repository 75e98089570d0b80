"""Facets: the ways to narrow a search or a comparison."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """A value of a facet, the number of hits with it, and the address that selects or clears it."""

    value: str
    count: int
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One way to narrow a search or a comparison: values to choose from, and how many more there are."""

    name: str  # of the query parameter
    values: tuple[FacetValue, ...]
    more: int = 0
