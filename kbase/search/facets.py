"""Facet counts over things, by arithmetic on long integers.

Every document has a bit, those of one thing stand together, and each thing has a spare bit above its own. Adding
ones to all bits of a thing carries into the spare bit exactly if one of its documents matched: one addition counts
the things of a facet value, however many there are.
"""

from collections.abc import Iterable

from kbase.search.index import Catalogue, Entry
from kbase.search.results import FACETS, Facet
from kbase.versions import version_key


class Facets:
    """The facets of one index."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.slots = [place + entry.thing for place, entry in enumerate(catalogue.entries)]
        self.size = (len(catalogue.entries) + len(catalogue.things)) // 8 + 1
        self.spare = self._mask(last + number + 1 for number, (_, last) in enumerate(catalogue.things))
        self.ones = self._mask(self.slots)
        self.masks = {facet: self._masks(catalogue, facet) for facet in FACETS}

    def _mask(self, slots: Iterable[int]) -> int:
        bits = bytearray(self.size)
        for slot in slots:
            bits[slot >> 3] |= 1 << (slot & 7)
        return int.from_bytes(bits, "little")

    def _masks(self, catalogue: Catalogue, facet: str) -> dict[str, int]:
        if facet == "version":
            return self._version_masks(catalogue)
        slots: dict[str, list[int]] = {}
        for place, entry in enumerate(catalogue.entries):
            for value in _values(entry, facet):
                slots.setdefault(value, []).append(self.slots[place])
        return {value: self._mask(places) for value, places in slots.items()}

    def _version_masks(self, catalogue: Catalogue) -> dict[str, int]:
        by_set: dict[int, list[int]] = {}
        for place, entry in enumerate(catalogue.entries):
            by_set.setdefault(entry.versionset, []).append(self.slots[place])
        masks = dict.fromkeys(sorted(catalogue.labels, key=version_key, reverse=True), 0)
        for number, slots in by_set.items():
            mask = self._mask(slots)
            for label in catalogue.version_sets[number]:
                masks[label] |= mask
        return masks

    def count(self, documents: Iterable[int]) -> tuple[int, dict[str, Facet]]:
        """How many things the documents belong to, and how many of them have each facet value."""
        slots = self.slots
        matched = self._mask(slots[document] for document in documents)
        return self._things(matched), {facet: self._facet(facet, matched) for facet in FACETS}

    def _things(self, matched: int) -> int:
        return ((matched + self.ones) & self.spare).bit_count()

    def _facet(self, facet: str, matched: int) -> Facet:
        counted = ((value, self._things(both)) for value, mask in self.masks[facet].items() if (both := matched & mask))
        return tuple(counted) if facet == "version" else tuple(sorted(counted, key=lambda pair: (-pair[1], pair[0])))


def _values(entry: Entry, facet: str) -> Iterable[str]:
    match facet:
        case "kind":
            return (entry.kind,)
        case "struct":
            return entry.structs
        case "lock":
            return entry.locks
        case "held":
            return entry.helds
        case _:
            return entry.documents
