"""Names whose parts a question has apart from each other: "write a dirty inode", "the release of a dentry"."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from kbase.search.analyzer import stem
from kbase.search.index import Catalogue, Entry
from kbase.search.plan import QueryWord
from kbase.search.results import HitKind

STAND_FOR = {"d": ("dentry",), "fl": ("file", "lock"), "lm": ("lock", "manager")}  # what names begin with
SPREAD = 2  # words that may stand between the parts


class PartedNames:
    """The ops and functions of one index by the parts of their names."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.parts: dict[int, frozenset[str]] = {}
        self.of_part: defaultdict[str, list[int]] = defaultdict(list)
        for thing, documents in enumerate(catalogue.things):
            parts = frozenset(map(stem, _parts(catalogue.entries[documents[0]])))
            if len(parts) > 1:
                self.parts[thing] = parts
                for part in parts:
                    self.of_part[part].append(thing)

    def named(self, words: Sequence[QueryWord], strong: Sequence[QueryWord]) -> Iterator[tuple[int, float]]:
        """The things that words name together, and how many words that counts for: fewer the farther apart they are."""
        places: dict[str, int] = {}
        for place, word in enumerate(words):
            for form in (word.typed, *word.terms):
                places.setdefault(stem(form), place)
        found = defaultdict[int, list[int]](list)
        for part in places.keys() & self.of_part.keys():
            for thing in self.of_part[part]:
                found[thing].append(places[part])
        for thing, at in found.items():
            size = len(self.parts[thing])
            spread = max(at) - min(at) + 1 - size
            if size == len(set(at)) and spread <= SPREAD and any(words[place] in strong for place in at):
                yield thing, size - spread / 4


def _parts(entry: Entry) -> Iterator[str]:
    name = entry.op if entry.kind == HitKind.OP else entry.name if entry.kind == HitKind.FUNCTION else None
    first, *others = (name or "").lower().split("_")
    yield from STAND_FOR.get(first, (first,)) if others else ()
    yield from others
