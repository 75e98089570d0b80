"""Facet counts over things: how many of the found things have each value in one of their documents that match."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from kbase.search.index import Catalogue, Entry
from kbase.search.results import FACETS, Facet
from kbase.versions import version_key


class Value(NamedTuple):
    """A value of a facet."""

    facet: str
    value: str


class Facets:
    """The facets of one index."""

    def __init__(self, catalogue: Catalogue) -> None:
        numbers: dict[Value, int] = {}
        self.numbers = [
            tuple(numbers.setdefault(value, len(numbers)) for value in _values(entry)) for entry in catalogue.entries
        ]
        self.values = list(numbers)
        self.sets = [frozenset([entry.versionset]) for entry in catalogue.entries]
        self.version_sets = catalogue.version_sets
        self.newest_first = sorted(catalogue.labels, key=version_key, reverse=True)

    def count(self, things: Iterable[list[int]]) -> dict[str, Facet]:
        """The counts of every facet, `things` being the documents of each thing that was found."""
        things = list(things)
        counted = Counter(chain.from_iterable(map(self._numbers_of, things)))
        facets: dict[str, list[tuple[str, int]]] = {facet: [] for facet in FACETS}
        for number, count in counted.items():
            facet, value = self.values[number]
            facets[facet].append((value, count))
        versions = {"version": tuple(self._versions(things))}
        return {facet: tuple(sorted(pairs, key=lambda p: (-p[1], p[0]))) for facet, pairs in facets.items()} | versions

    def _numbers_of(self, documents: list[int]) -> Iterable[int]:
        if len(documents) == 1:
            return self.numbers[documents[0]]
        return set(chain.from_iterable(self.numbers[document] for document in documents))

    def _versions(self, things: list[list[int]]) -> Iterator[tuple[str, int]]:
        """Things by version, newest first; those with the same versions are counted together."""
        sets = self.sets
        together = Counter(
            sets[documents[0]] if len(documents) == 1 else frozenset().union(*(sets[d] for d in documents))
            for documents in things
        )
        counts = Counter[str]()
        for numbers, count in together.items():
            for label in {label for number in numbers for label in self.version_sets[number]}:
                counts[label] += count
        yield from ((label, counts[label]) for label in self.newest_first if label in counts)


def _values(entry: Entry) -> Iterator[Value]:
    yield Value("kind", entry.kind)
    yield from (Value("struct", value) for value in entry.structs)
    yield from (Value("lock", value) for value in entry.locks)
    yield from (Value("held", value) for value in entry.helds)
    yield from (Value("document", value) for value in entry.documents)
