"""Facet counts: how many of the entries found have each value in one of their documents that match.

If a lock is selected, `held` counts the readings of rules about it; if `held` is selected, the locks
whose rules have that reading are counted. Whoosh's groups count documents, not entries.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from itertools import chain
from operator import itemgetter

from kbase.model.versions import version_key
from kbase.search.index import Index
from kbase.search.plan import Rules
from kbase.search.results import FACETS, Facet
from kbase.search.terms import ANY_LOCK


class Facets:
    """The facets of one index."""

    def __init__(self, index: Index) -> None:
        """Count over the catalogue of an index."""
        catalogue = index.catalogue
        self.catalogue, self.values = catalogue, catalogue.facet_values
        self.of_document = list(map(frozenset, catalogue.facets_of))
        self.newest_first = sorted(index.labels, key=version_key, reverse=True)
        self.written = {value.lower(): value for facet, value in self.values if facet == "lock"}

    def count(self, entries: Collection[list[int]], chosen: Rules) -> dict[str, Facet]:
        """The counts of every facet, `entries` being the documents that were found of each."""
        of, sets = self.of_document, self.catalogue.set_of
        values = [of[same[0]] if len(same) == 1 else frozenset().union(*[of[d] for d in same]) for same in entries]
        counted = Counter(chain.from_iterable(values))
        facets: dict[str, list[tuple[str, int]]] = {facet: [] for facet in FACETS}
        for number, count in sorted(sorted(counted.items()), key=itemgetter(1), reverse=True):
            facet, value = self.values[number]
            facets[facet].append((value, count))
        if len(chosen.locks) == 1:
            facets["held"] = self._beside(entries, 0, chosen.locks[0])
        if len(chosen.held) == 1:
            locks = self._beside(entries, 1, chosen.held[0])
            facets["lock"] = [(self.written.get(lock, lock), count) for lock, count in locks]
        by_set = Counter(frozenset([sets[d] for d in same]) for same in entries)
        return {facet: tuple(pairs) for facet, pairs in facets.items()} | {"version": self._versions(by_set)}

    def _beside(self, entries: Iterable[list[int]], half: int, chosen: str) -> list[tuple[str, int]]:
        """The other halves of the rules that have the chosen lock or `held` value, by how many entries have them."""
        documents = self.catalogue.documents
        counted = Counter[str]()
        for same in entries:
            rules = (rule.split("=") for d in same for rule in documents[d].rules if "+" not in rule)
            counted.update({rule[1 - half] for rule in rules if rule[half] == chosen})
        counted.pop(ANY_LOCK, None)
        return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))

    def _versions(self, by_set: Counter[frozenset[int]]) -> Facet:
        """Entries by version, newest first; those with the same versions are counted together."""
        counts = dict.fromkeys(self.newest_first, 0)
        for numbers, count in by_set.items():
            for label in {label for number in numbers for label in self.catalogue.version_sets[number]}:
                counts[label] += count
        return tuple((label, count) for label, count in counts.items() if count)
