"""Where words stand and how much they weigh there: whoosh's postings with a BM25 score.

Whoosh's BM25F takes 1.0 ms to score the words of a question on 1,000 documents, and 3.9 ms on 5,000, before it has
counted a facet or cut a snippet; all of that may take 0.9 and 7.4 ms. So the scores of a word are computed once and
cached: an index never changes once it is open.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import log

from whoosh.searching import Searcher as WhooshSearcher

CACHED = 400  # words
SATURATION = 1.2  # BM25's k1: how soon more of the same word adds nothing
LENGTH = 0.6  # BM25's b: how much a long text counts against it


class Postings:
    """The scored postings of one index. Threads may share it."""

    def __init__(self, sizes: Sequence[int]) -> None:
        """`sizes`: the length of each document's text, in any unit."""
        self.size, average = len(sizes), (sum(sizes) / len(sizes) if sizes else 0) or 1.0
        self.norms = [SATURATION * (1 - LENGTH + LENGTH * size / average) for size in sizes]
        self.of = lru_cache(CACHED)(self._read)

    def rarity(self, frequency: int) -> float:
        """The weight of a word that so many documents have: BM25's inverse document frequency, never below 1."""
        return log(self.size / (frequency + 1)) + 1 if frequency < self.size else 1.0

    def _read(self, searcher: WhooshSearcher, terms: tuple[str, ...]) -> Mapping[int, float]:
        """The documents with one of the terms, each with the score of the best of them."""
        best: dict[int, float] = {}
        for term in terms:
            if ("body", term) not in searcher.reader():
                continue
            factor = self.rarity(int(searcher.doc_frequency("body", term))) * (SATURATION + 1)
            matcher = searcher.postings("body", term)
            while matcher.is_active():
                document, weight = matcher.id(), matcher.weight()
                score = factor * weight / (weight + self.norms[document])
                best[document] = max(score, best.get(document, 0.0))
                matcher.next()
        return best
