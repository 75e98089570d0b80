"""Facet counts over things: how many of the found things have each value in one of their documents that match."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from kbase.search.index import Catalogue, Entry
from kbase.search.results import FACETS, Facet
from kbase.versions import version_key


class Value(NamedTuple):
    """A value of a facet."""

    facet: str
    value: str


class Facets:
    """The facets of one index. Values are numbered in the order in which equal counts are shown."""

    def __init__(self, catalogue: Catalogue) -> None:
        said = [tuple(_values(entry)) for entry in catalogue.entries]
        self.values = sorted(set(chain.from_iterable(said)))
        number = {value: place for place, value in enumerate(self.values)}
        self.numbers = [frozenset(number[value] for value in values) for values in said]
        self.sets = [frozenset([entry.versionset]) for entry in catalogue.entries]
        self.version_sets = catalogue.version_sets
        self.newest_first = sorted(catalogue.labels, key=version_key, reverse=True)
        self.labels = lru_cache(maxsize=4096)(self._labels)

    def count(self, things: Iterable[list[int]]) -> dict[str, Facet]:
        """The counts of every facet, `things` being the documents of each thing that was found."""
        things = list(things)
        counted = Counter(chain.from_iterable([_together(self.numbers, documents) for documents in things]))
        facets: dict[str, list[tuple[str, int]]] = {facet: [] for facet in FACETS}
        for number, count in sorted(sorted(counted.items()), key=itemgetter(1), reverse=True):
            facet, value = self.values[number]
            facets[facet].append((value, count))
        return {facet: tuple(pairs) for facet, pairs in facets.items()} | {"version": self._versions(things)}

    def _versions(self, things: list[list[int]]) -> Facet:
        """Things by version, newest first; those with the same versions are counted together."""
        counts = dict.fromkeys(self.newest_first, 0)
        for numbers, count in Counter([_together(self.sets, documents) for documents in things]).items():
            for label in self.labels(numbers):
                counts[label] += count
        return tuple((label, count) for label, count in counts.items() if count)

    def _labels(self, numbers: frozenset[int]) -> tuple[str, ...]:
        return tuple({label for number in numbers for label in self.version_sets[number]})


def _together(numbers: list[frozenset[int]], documents: list[int]) -> frozenset[int]:
    """The numbers of all of the documents."""
    if len(documents) == 1:
        return numbers[documents[0]]
    return numbers[documents[0]].union(*[numbers[document] for document in documents])


def _values(entry: Entry) -> Iterator[Value]:
    yield Value("kind", entry.kind)
    yield from (Value("struct", value) for value in entry.structs)
    yield from (Value("lock", value) for value in entry.locks)
    yield from (Value("held", value) for value in entry.helds)
    yield from (Value("document", value) for value in entry.documents)
