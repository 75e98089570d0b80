"""Which entries of two porting logs are the same, be they reworded: by their words, their order, the ops they name.

The log only grows at its end, and seldom elsewhere, so an entry that was rewritten is where it was: among the same
neighbours. There few common words are enough; elsewhere most have to be the same. Two entries that name ops, and none
in common, are never the same.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from kbase.diff.facts import word_set, words
from kbase.diff.texts import shared_words

EDITED = 0.6  # share of words from which on two entries are one that was edited, wherever they are
REWRITTEN = 0.3  # among the same neighbours; in the logs from 2.6.12 to 7.1 others have at most 0.21

MOST_PAIRS = 100_000  # that are compared; two logs with more have nothing in common but the name


@dataclass(frozen=True, slots=True)
class EntryText:
    """The text of an entry, as far as it counts here."""

    words: str
    set: frozenset[str]
    ops: frozenset[str]
    slug: str  # its address, if it has one: the build gives an entry the same in all versions

    @classmethod
    def of(cls, text: str, ops: Iterable[str], slug: str = "") -> "EntryText":
        """Of the text of an entry, and of the ops that it names, with or without their tables."""
        normal = words(text)
        return cls(normal, word_set(normal), frozenset(op.rpartition(".")[2] for op in ops), slug)

    def may_be(self, other: "EntryText") -> bool:
        """Whether nothing speaks against it that the two are the same entry: their lengths and the ops they name."""
        if not REWRITTEN * len(self.set) <= len(other.set) <= len(self.set) / REWRITTEN:
            return False
        return not (self.ops and other.ops) or bool(self.ops & other.ops)


Pairs = dict[int, int]
Scored = tuple[float, int, int]


def same_entries(old: Sequence[EntryText], new: Sequence[EntryText], *, in_place: bool = True) -> Pairs:
    """The positions of the entries that both logs have, the old one's to the new one's.

    Without `in_place` the order of the entries says nothing.
    """
    pairs = _unchanged(old, new)
    scored = _scores(old, new, pairs)
    _choose(pairs, (each for each in scored if each[0] >= EDITED))
    if in_place and pairs:
        between = _between_same(pairs)
        _choose(pairs, [each for each in scored if each[0] >= REWRITTEN and between(each)])
    return pairs


def _unchanged(old: Sequence[EntryText], new: Sequence[EntryText]) -> Pairs:
    """The entries with one address, then those whose words are equal; of several, the first is the first."""
    addressed = {text.slug: j for j, text in enumerate(new) if text.slug}
    pairs = {i: addressed[text.slug] for i, text in enumerate(old) if text.slug in addressed}
    taken = set(pairs.values())
    places: dict[str, list[int]] = {}
    for position in reversed(range(len(new))):
        if position not in taken:
            places.setdefault(new[position].words, []).append(position)
    left = ((i, text) for i, text in enumerate(old) if i not in pairs)
    return pairs | {i: places[text.words].pop() for i, text in left if places.get(text.words)}


def _scores(old: Sequence[EntryText], new: Sequence[EntryText], pairs: Pairs) -> list[Scored]:
    """The possible pairs of the others, those with most words in common first, then those nearest to one another."""
    taken = set(pairs.values())
    left = [i for i in range(len(old)) if i not in pairs], [j for j in range(len(new)) if j not in taken]
    if len(left[0]) * len(left[1]) > MOST_PAIRS:
        return []
    scored = ((shared_words(old[i].set, new[j].set), i, j) for i, j in product(*left) if old[i].may_be(new[j]))
    found = [each for each in scored if each[0] >= REWRITTEN]
    return sorted(found, key=lambda each: (-each[0], abs(each[1] - each[2]), each[1] + each[2], each[1]))


def _choose(pairs: Pairs, scored: Iterable[Scored]) -> None:
    """Add the pairs whose entries have none yet."""
    taken = set(pairs.values())
    for _, i, j in scored:
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)


def _between_same(pairs: Pairs) -> Callable[[Scored], bool]:
    """Tells whether two entries are between the same ones of these pairs."""
    anchors = tuple(pairs.items())

    def between(each: Scored) -> bool:
        return all((old < each[1]) == (new < each[2]) for old, new in anchors)

    return between
