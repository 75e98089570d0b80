"""Where words stand and how much they weigh there: whoosh's postings with a BM25 score.

An index never changes once it is open, so the scores of a word are computed once and kept as long as there is room.
"""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from math import log
from typing import NamedTuple

from whoosh.searching import Searcher as WhooshSearcher

from kbase.store.lru_method import Recent

KEPT = 400  # words with their postings
COUNTED = 20_000  # words with their frequency
SATURATION = 1.2  # BM25's k1: how soon more of the same word says no more
LENGTH = 0.6  # BM25's b: how much a long text is held against it


class Scored(NamedTuple):
    """Documents in ascending order, and the score of each."""

    documents: Sequence[int]
    scores: Sequence[float]

    def pairs(self, only: Collection[int] | None = None) -> Iterable[tuple[int, float]]:
        """Document and score, of `only` those if given."""
        pairs = zip(self.documents, self.scores, strict=True)
        if only is None:
            return pairs
        if len(only) * 16 < len(self.documents):
            return self._looked_up(only)
        return ((document, score) for document, score in pairs if document in only)

    def _looked_up(self, only: Iterable[int]) -> Iterator[tuple[int, float]]:
        for document in only:
            place = bisect_left(self.documents, document)
            if place < len(self.documents) and self.documents[place] == document:
                yield document, self.scores[place]


class Postings:
    """The scored postings of one index. Threads may share it."""

    def __init__(self, lengths: dict[str, list[int]]) -> None:
        """`lengths`: the length of each document's text, by field, in any unit."""
        self.size = len(lengths["body"])
        self.norms = {name: _norms(sizes) for name, sizes in lengths.items()}
        self.kept = Recent[tuple[str, tuple[str, ...]], Scored](KEPT)
        self.counted = Recent[tuple[str, str], int](COUNTED)

    def frequency(self, searcher: WhooshSearcher, field: str, term: str) -> int:
        """How many documents have the term."""
        return self.counted.get((field, term), lambda: int(searcher.doc_frequency(field, term)))

    def of(self, searcher: WhooshSearcher, field: str, terms: tuple[str, ...]) -> Scored:
        """The documents with one of the terms; the score is that of the best of them."""
        return self.kept.get((field, terms), lambda: self._read(searcher, field, terms))

    def rarity(self, frequency: int) -> float:
        """What a word counts that stands in so many documents: BM25's inverse document frequency, never below 1."""
        return log(self.size / (frequency + 1)) + 1 if frequency < self.size else 1.0

    def _read(self, searcher: WhooshSearcher, field: str, terms: tuple[str, ...]) -> Scored:
        best: dict[int, float] = {}
        for term in terms:
            for document, score in self._scores(searcher, field, term):
                if score > best.get(document, 0.0):
                    best[document] = score
        documents = sorted(best)
        return Scored(array("L", documents), array("f", (best[document] for document in documents)))

    def _scores(self, searcher: WhooshSearcher, field: str, term: str) -> Iterator[tuple[int, float]]:
        if (field, term) not in searcher.reader():
            return
        factor = self.rarity(self.frequency(searcher, field, term)) * (SATURATION + 1)
        norms, matcher = self.norms[field], searcher.postings(field, term)
        while matcher.is_active():
            document, weight = matcher.id(), matcher.weight()
            yield document, factor * weight / (weight + norms[document])
            matcher.next()


def _norms(sizes: list[int]) -> Sequence[float]:
    average = sum(sizes) / len(sizes) if sizes else 1.0
    return array("f", (SATURATION * (1 - LENGTH + LENGTH * size / (average or 1.0)) for size in sizes))
