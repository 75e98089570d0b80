"""Which documents match, and how well.

A document's score is BM25 of its text, more for words of its name, times what share of the question it covers (by
weight, squared), times a factor of its kind; the thing that a word of the question names gets a bonus. Names weigh
most, words such as "lock" or "held" little beside them. Rare words come first: once what is left of the question
cannot carry a new document over the threshold, only those found already are looked up.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from whoosh import query as whoosh_query
from whoosh.matching import Matcher
from whoosh.searching import Searcher as WhooshSearcher

from kbase.search.analyzer import WEAK_WORDS
from kbase.search.query import Plan, QueryWord
from kbase.search.results import HitKind
from kbase.search.symbols import Symbol, Symbols

SYMBOL_WEIGHT = 3.0
IDENTIFIER_WEIGHT = 2.0
WEAK_WEIGHT = 0.2
NAMES_WEIGHT = 1.5
BONUS = 2.5
COVERED = 0.5  # share of the question's weight that a thing has to cover
MANY_FORMS = 8  # inflections; more are no name
LONGEST_JOIN = 4  # words that may be one name: "free cached objects"

KIND_FACTOR = {
    HitKind.OP: 1.5,
    HitKind.LOCK: 1.4,
    HitKind.STRUCT: 1.2,
    HitKind.FUNCTION: 1.3,
    HitKind.FLAG: 1.3,
    HitKind.NOTE: 1.2,
    HitKind.COMMIT: 1.2,
    HitKind.MEMBER: 1.0,
    HitKind.PORTING: 0.9,
    HitKind.SECTION: 0.75,
}


@dataclass(slots=True)
class Ranked:
    """Scores by document, and the things that the question names."""

    scores: dict[int, float]
    pinned: tuple[int, ...] = ()  # things that the whole question is the name of, to the top
    successors: tuple[int, ...] = ()  # things that took the place of what is named
    former: list[tuple[str, int]] = field(default_factory=list)  # (name as asked, the thing that has another name now)


@dataclass(frozen=True, slots=True)
class _Weighed:
    word: QueryWord
    factor: float  # what kind of word it is
    weight: float  # with its rarity
    frequency: int


class Ranker:
    """Ranks plans over one index. `thing_of` and `kind_of` are by document."""

    def __init__(self, symbols: Symbols, thing_of: list[int], kind_of: list[str]) -> None:
        self.symbols, self.thing_of = symbols, thing_of
        self.factors = [KIND_FACTOR[HitKind(kind)] for kind in kind_of]

    def rank(self, searcher: WhooshSearcher, plan: Plan, typed: str) -> Ranked:
        """The documents that match the plan; `typed` is the query as it came."""
        allowed = _allowed(searcher, plan)
        strong = [word for word in plan.words if word.typed not in WEAK_WORDS] or plan.words
        weighed = [self._weigh(searcher, word, strong) for word in plan.words]
        named = self._named([word.terms for word in strong])
        scores = self._scores(searcher, weighed, allowed, named) if weighed else _even(allowed)
        ranked = Ranked({document: score * self.factors[document] for document, score in scores.items()})
        self._pin(ranked, typed, [word.terms[0] for word in strong], [word.typed for word in strong])
        return ranked

    def _weigh(self, searcher: WhooshSearcher, word: QueryWord, strong: Collection[QueryWord]) -> _Weighed:
        frequency = sum(searcher.doc_frequency("body", term) for term in word.terms)
        rarity = min((searcher.idf("body", term) for term in word.terms), default=0.0) if frequency else 0.0
        if word not in strong:
            factor = WEAK_WEIGHT
        elif self.symbols.get(word.terms[0]) is not None:
            factor = SYMBOL_WEIGHT
        else:
            factor = IDENTIFIER_WEIGHT if "_" in word.typed else 1.0
        return _Weighed(word, factor, factor * rarity, frequency)

    def _named(self, words: list[tuple[str, ...]]) -> dict[int, float]:
        """Things that words of the question name -> how many words the name takes."""
        named: dict[int, float] = {}
        terms = [forms[0] for forms in words]
        for first in range(len(terms)):
            names = [form for form in words[first] if len(words[first]) < MANY_FORMS]
            for size in range(2, min(LONGEST_JOIN, len(terms) - first) + 1):
                names += (glue.join(terms[first : first + size]) for glue in ("_", "."))
            for name in names:
                symbol = self.symbols.get(name)
                for thing in symbol.all if symbol else ():
                    named[thing] = max(named.get(thing, 0), 1 + name.count("_"))
        return named

    def _pin(self, ranked: Ranked, typed: str, terms: list[str], words: list[str]) -> None:
        """Note what the whole question names, and what goes by another name now."""
        wholes = (typed, *(glue.join(parts) for parts in (terms, words) for glue in ("_", ".", " ")))
        symbols = dict.fromkeys(symbol for whole in wholes if whole and (symbol := self.symbols.get(whole)))
        ranked.pinned = tuple(dict.fromkeys(thing for symbol in symbols for thing in symbol.things))
        ranked.successors = tuple(dict.fromkeys(thing for symbol in symbols for thing in symbol.successors))
        asked: dict[Symbol, None] = symbols | dict.fromkeys(s for word in words if (s := self.symbols.get(word)))
        ranked.former = [(symbol.name, thing) for symbol in asked for thing in symbol.successors]

    def _scores(
        self,
        searcher: WhooshSearcher,
        weighed: list[_Weighed],
        allowed: set[int] | None,
        named: dict[int, float],
    ) -> dict[int, float]:
        loose = sum(w.weight for w in weighed if w.word.loose)
        scores, covered = self._collect(searcher, weighed, allowed, COVERED * loose)
        if allowed is not None and not loose:
            for document in allowed:
                scores.setdefault(document, 0.0)
        whole = sum(w.weight for w in weighed) or 1.0
        enough = COVERED * loose
        result = {}
        for document, score in scores.items():
            share = covered.get(document, 0.0)
            if share + 1e-9 < enough:
                continue
            bonus = BONUS * named.get(self.thing_of[document], 0.0) * whole / len(weighed)
            result[document] = (score + bonus) * (0.1 + share / whole) ** 2
        return result

    def _collect(
        self, searcher: WhooshSearcher, weighed: list[_Weighed], allowed: set[int] | None, enough: float
    ) -> tuple[dict[int, float], dict[int, float]]:
        """Scores and covered weight by document."""
        scores: dict[int, float] = {}
        covered: dict[int, float] = {}
        left = sum(w.weight for w in weighed)
        for one in sorted(weighed, key=lambda w: w.frequency):
            if not one.frequency:
                continue
            only = allowed if left >= enough or not scores else set(scores)
            left -= one.weight
            for document, score in _best_of(_postings(searcher, "body", one, only)):
                scores[document] = scores.get(document, 0.0) + one.factor * score
                covered[document] = covered.get(document, 0.0) + one.weight
            for document, score in _best_of(_postings(searcher, "names", one, None)):
                if document in scores:
                    scores[document] += NAMES_WEIGHT * one.factor * score
        return scores, covered


def _even(allowed: set[int] | None) -> dict[int, float]:
    return dict.fromkeys(sorted(allowed or ()), 1.0)


def _allowed(searcher: WhooshSearcher, plan: Plan) -> set[int] | None:
    """The documents that meet the plan's conditions; None where it has none."""
    if plan.required is None and plan.excluded is None:
        return None
    wanted = set((plan.required or whoosh_query.Every()).docs(searcher))
    return wanted - set(plan.excluded.docs(searcher)) if plan.excluded is not None else wanted


def _best_of(postings: list[Iterator[tuple[int, float]]]) -> Iterable[tuple[int, float]]:
    """The postings of a word's forms as one; a document has the score of its best form."""
    if len(postings) == 1:
        return postings[0]
    best: dict[int, float] = {}
    for document, score in chain.from_iterable(postings):
        if score > best.get(document, -1.0):
            best[document] = score
    return best.items()


def _postings(
    searcher: WhooshSearcher, field_name: str, word: _Weighed, only: Collection[int] | None
) -> list[Iterator[tuple[int, float]]]:
    return [_posting(searcher, field_name, term, only) for term in word.word.terms]


def _posting(
    searcher: WhooshSearcher, field_name: str, term: str, only: Collection[int] | None
) -> Iterator[tuple[int, float]]:
    """Documents with the term and its score there, of `only` those if given."""
    matcher = whoosh_query.Term(field_name, term).matcher(searcher)
    if only is not None and len(only) * 8 < searcher.doc_frequency(field_name, term):
        yield from _looked_up(matcher, sorted(only))
        return
    while matcher.is_active():
        document = matcher.id()
        if only is None or document in only:
            yield document, matcher.score()
        matcher.next()


def _looked_up(matcher: Matcher, documents: Iterable[int]) -> Iterator[tuple[int, float]]:
    for document in documents:
        if not matcher.is_active():
            return
        matcher.skip_to(document)
        if matcher.is_active() and matcher.id() == document:
            yield document, matcher.score()
