"""Facet counts over things: how many of the found things have each value in one of their documents that match.

Beside a chosen lock, `held` counts what is said of that lock; beside a chosen `held`, the locks of which it is said.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from kbase.model.versions import version_key
from kbase.search.facts import ANY_LOCK
from kbase.search.index import Catalogue, Entry
from kbase.search.plan import Rules
from kbase.search.results import FACETS, Facet

ANY = f"{ANY_LOCK}="
NO_RULES = Rules()


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
        self.alone = list(zip(self.numbers, self.sets, strict=True))
        self.newest_first = sorted(catalogue.labels, key=version_key, reverse=True)
        self.written = {lock.lower(): lock for entry in catalogue.entries for lock in entry.locks}
        self.rules = [tuple(rule.split("=", 1) for rule in entry.rules) for entry in catalogue.entries]
        self.labels = lru_cache(maxsize=4096)(partial(_labels, catalogue.version_sets))
        self.together = lru_cache(maxsize=20_000)(partial(_together, self.numbers, self.sets))

    def count(self, things: Collection[list[int]], chosen: Rules = NO_RULES) -> dict[str, Facet]:
        """The counts of every facet, `things` being the documents of each thing that was found."""
        alone, together = self.alone, self.together
        said = [alone[same[0]] if len(same) == 1 else together(tuple(same)) for same in things]
        counted = Counter(chain.from_iterable([numbers for numbers, _ in said]))
        facets: dict[str, list[tuple[str, int]]] = {facet: [] for facet in FACETS}
        for number, count in sorted(sorted(counted.items()), key=itemgetter(1), reverse=True):
            facet, value = self.values[number]
            facets[facet].append((value, count))
        if len(chosen.locks) == 1:
            facets["held"] = self._beside(things, 0, chosen.locks[0])
        if len(chosen.held) == 1:
            facets["lock"] = [
                (self.written.get(lock, lock), count) for lock, count in self._beside(things, 1, chosen.held[0])
            ]
        return {facet: tuple(pairs) for facet, pairs in facets.items()} | {
            "version": self._versions([sets for _, sets in said])
        }

    def _beside(self, things: Iterable[list[int]], place: int, chosen: str) -> list[tuple[str, int]]:
        """What the rules say that have the chosen lock or `held`: their other halves, by how many things have them."""
        rules = self.rules
        halves = (
            {rule[1 - place] for document in documents for rule in rules[document] if rule[place] == chosen}
            for documents in things
        )
        counted = Counter(chain.from_iterable(halves))
        counted.pop(ANY_LOCK, None)
        return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))

    def _versions(self, sets: list[frozenset[int]]) -> Facet:
        """Things by version, newest first; those with the same versions are counted together."""
        counts = dict.fromkeys(self.newest_first, 0)
        for numbers, count in Counter(sets).items():
            for label in self.labels(numbers):
                counts[label] += count
        return tuple((label, count) for label, count in counts.items() if count)


Numbers = list[frozenset[int]]  # of each document


def _together(values: Numbers, sets: Numbers, documents: tuple[int, ...]) -> tuple[frozenset[int], frozenset[int]]:
    """The numbers of the values, and of the version sets, that the documents of one thing have."""
    said = frozenset[int]().union(*[values[document] for document in documents])
    return said, frozenset[int]().union(*[sets[document] for document in documents])


def _labels(version_sets: Sequence[Sequence[str]], numbers: frozenset[int]) -> tuple[str, ...]:
    return tuple({label for number in numbers for label in version_sets[number]})


def _values(entry: Entry) -> Iterator[Value]:
    yield Value("kind", entry.kind)
    yield from (Value("struct", value) for value in entry.structs)
    yield from (Value("lock", value) for value in entry.locks)
    yield from (Value("held", rule.removeprefix(ANY)) for rule in entry.rules if rule.startswith(ANY))
    yield from (Value("document", value) for value in entry.documents)
