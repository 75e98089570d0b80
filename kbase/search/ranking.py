"""Which documents match, and how well.

A document's score is BM25 of its text, more for words of its name, times what share of the question it covers (by
weight, squared), times a factor of its kind; the thing that a word of the question names gets a bonus. Names weigh
most, words such as "lock" or "held" little beside them. Rare words come first: once what is left of the question
cannot carry a new document over the threshold, only those found already are looked up.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property

from whoosh import query as whoosh_query
from whoosh.searching import Searcher as WhooshSearcher

from kbase.kernel.aliases import spoken
from kbase.model.versions import parse_version, version_key
from kbase.search.analyzer import HOW_WORDS, KIND_WORDS, WEAK_WORDS
from kbase.search.closeness import closer
from kbase.search.index import Catalogue
from kbase.search.joins import LONGEST_JOIN, covering, joined
from kbase.search.parted import PartedNames
from kbase.search.plan import Plan, QueryWord
from kbase.search.postings import Postings
from kbase.search.results import HitKind
from kbase.search.symbols import Symbol, Symbols

SYMBOL_WEIGHT = 3.0
IDENTIFIER_WEIGHT = 2.0
WEAK_WEIGHT = 0.2
HOW_WEIGHT = 1.5  # of "write" beside other words that say what is looked for
LETTERS_WEIGHT = {1: 0.4, 2: 0.7}  # of the "f" in "umount -f", of "rw", by length
NAMES_WEIGHT = 1.5
BONUS = 2.5
NAMED_COVERS = 0.5  # what a thing counts as covering at least that a word of the question names, for each word, squared
COVERED = 0.5  # share of the question's weight that a thing has to cover
COMPARED = 0.3  # of a question about two things
COMPARING = frozenset(("vs", "versus", "between", "difference"))
MANY_FORMS = 8  # inflections; more are no name
MANY_SECTIONS = 2

TITLED = (HitKind.NOTE, HitKind.PORTING, HitKind.SECTION)  # called by a title, which is no name

KIND_FACTOR = {
    HitKind.OP: 1.5,
    HitKind.LOCK: 1.2,
    HitKind.STRUCT: 1.0,
    HitKind.FUNCTION: 1.3,
    HitKind.FLAG: 1.3,
    HitKind.NOTE: 1.2,
    HitKind.COMMIT: 1.2,
    HitKind.MEMBER: 1.0,
    HitKind.PORTING: 0.9,
    HitKind.SECTION: 0.75,
}
GONE = 0.85  # factor of what the newest version no longer has
JOINED = 1.6  # factor of a text that has two words of the question as one
ASKED_FOR = 1.5  # factor of a kind that the question names: "which ops", "helper", "commit"


@dataclass(slots=True)
class Ranked:
    """Scores by document, and the things that the question names."""

    scores: dict[int, float]
    pinned: tuple[int, ...] = ()  # things that the whole question is the name of, to the top
    successors: tuple[int, ...] = ()  # things that took the place of what is named
    former: list[tuple[Symbol, int]] = field(default_factory=list)  # (name as asked, the thing that has another now)
    of_versions: bool = False  # the versions that the question names have it


@dataclass(frozen=True, slots=True)
class _Weighed:
    word: QueryWord
    factor: float  # what kind of word it is
    weight: float  # with its rarity
    frequency: int


class Ranker:
    """Ranks plans over one index."""

    def __init__(self, symbols: Symbols, catalogue: Catalogue) -> None:
        entries = catalogue.entries
        self.symbols, self.things, self.thing_of = symbols, catalogue.things, [entry.thing for entry in entries]
        held = _held_last(catalogue)
        self.factors = [KIND_FACTOR[HitKind(e.kind)] * (1.0 if e.thing in held else GONE) for e in entries]
        self.kinds, self.catalogue = [entry.kind for entry in entries], catalogue
        lengths = {
            "body": [entry.text[1] - entry.text[0] for entry in entries],
            "names": [entry.names_length for entry in entries],
        }
        self.postings = Postings(lengths)

    @cached_property
    def parted(self) -> PartedNames:
        """The names by their parts, which a query of one word does not need."""
        return PartedNames(self.catalogue)

    def rank(self, searcher: WhooshSearcher, plan: Plan, typed: str, text: Callable[[int], str]) -> Ranked:
        """The documents that match the plan.

        `typed` is the query as it came, `text` gives the beginning of a document's text in lower case.
        """
        allowed = _allowed(searcher, plan)
        strong = [word for word in plan.words if self._is_strong(word, plan.unknown)] or plan.words
        ranked = Ranked({})
        for enough in (1.0 if plan.whole else _enough(plan), 0.0):  # in the end, everything that has a word of it
            ranked = Ranked(self._found(searcher, plan, strong, allowed, enough))
            if not plan.whole:
                closer(ranked.scores, plan, text)
                self._favour_joined(searcher, ranked, plan)
            self._favour(ranked, plan)
            self._mean(ranked, plan, allowed)
            self._pin(ranked, allowed, typed, (plan.words, strong))
            if ranked.scores:
                break
        return ranked

    def _found(
        self, searcher: WhooshSearcher, plan: Plan, strong: list[QueryWord], allowed: set[int] | None, enough: float
    ) -> dict[int, float]:
        """The scores of what covers enough; of a query without a word, everything that meets its conditions."""
        weighed = [self._weigh(searcher, word, strong) for word in plan.words]
        if weighed:
            return self._scores(searcher, weighed, allowed, self._named(plan.words, strong), enough)
        every = allowed if allowed is not None else plan.within
        return {document: self.factors[document] for document in sorted(every)}

    def _favour(self, ranked: Ranked, plan: Plan) -> None:
        """More for things of the kind that the question names."""
        asked = {KIND_WORDS[word.typed] for word in plan.words if word.typed in KIND_WORDS}
        if asked and len(plan.words) > 1:
            more, kinds = {kind.value: ASKED_FOR for kind in asked}, self.kinds
            ranked.scores = {d: score * more.get(kinds[d], 1.0) for d, score in ranked.scores.items()}

    def _favour_joined(self, searcher: WhooshSearcher, ranked: Ranked, plan: Plan) -> None:
        """More for texts that have two words of the question as one."""
        for word in plan.joined:
            for document in self.postings.of(searcher, "body", (word,)).documents:
                if document in ranked.scores:
                    ranked.scores[document] *= JOINED

    def _is_strong(self, word: QueryWord, unknown: Collection[str]) -> bool:
        """Whether it says what is looked for: of the arguments of a call, only names do."""
        if word.aside:
            return "_" in word.typed and self.symbols.exact(word.typed) is not None
        if word.typed in unknown:
            return False
        return word.pointed or WEAK_WORDS.isdisjoint((word.typed, word.terms[0]))

    def _mean(self, ranked: Ranked, plan: Plan, allowed: set[int] | None) -> None:
        """What is meant goes before what only has the words; of the versions asked for nothing else is left."""
        meant = plan.meant if allowed is None else plan.meant & allowed
        best = max(ranked.scores.values(), default=1.0) if meant else 0.0
        for document in sorted(meant):
            ranked.scores[document] = ranked.scores.get(document, 0.0) + best * self.factors[document]
        if plan.within:
            within = {document: score for document, score in ranked.scores.items() if document in plan.within}
            ranked.of_versions = bool(within)
            ranked.scores = within or ranked.scores

    def _weigh(self, searcher: WhooshSearcher, word: QueryWord, strong: Collection[QueryWord]) -> _Weighed:
        frequency = len(self.postings.of(searcher, "body", word.terms).documents)
        rarity = self.postings.rarity(frequency) if frequency else 0.0
        if word not in strong:
            factor = WEAK_WEIGHT
        elif word.typed in HOW_WORDS and not word.pointed and len(strong) > 1:
            factor = HOW_WEIGHT
        elif self._is_name(word.terms[0]) or any(map(self._is_name, spoken(word.typed))):
            factor = SYMBOL_WEIGHT
        else:
            factor = IDENTIFIER_WEIGHT if "_" in word.typed else LETTERS_WEIGHT.get(len(word.typed), 1.0)
        return _Weighed(word, factor, factor * rarity, frequency)

    def _is_name(self, word: str) -> bool:
        """Whether something of the kernel is called so; the titles of texts are no names."""
        symbol = self.symbols.exact(word)
        return symbol is not None and any(self.kinds[self.things[thing][0]] not in TITLED for thing in symbol.all)

    def _named(self, words: list[QueryWord], strong: list[QueryWord]) -> dict[int, float]:
        """Things that words of the question name -> how many words the name takes."""
        named: dict[int, float] = {}
        for first, word in enumerate(words):
            forms = (word.typed,) if self.symbols.exact(word.typed) else word.terms
            names = dict.fromkeys(forms if word in strong and len(word.terms) < MANY_FORMS else (), 1)
            for size in range(2, min(LONGEST_JOIN, len(words) - first) + 1):
                names |= dict.fromkeys(joined([w.typed for w in words[first : first + size]]), size)
            for name, size in names.items():
                symbol = self.symbols.exact(name)
                for thing in symbol.all if symbol else ():
                    named[thing] = max(named.get(thing, 0), size)
        for thing, parts in self.parted.named(words, strong) if len(words) > 1 else ():
            named[thing] = max(named.get(thing, 0), parts)
        return named

    def _pin(
        self, ranked: Ranked, allowed: set[int] | None, typed: str, questions: tuple[list[QueryWord], ...]
    ) -> None:
        """Note what the whole question names, and what goes by another name now; what is named is found, always."""
        parts = dict.fromkeys(tuple(map(pick, words)) for words in questions for pick in (_typed, _searched))
        wholes = dict.fromkeys(whole for part in parts for whole in joined(part))
        wholes |= dict.fromkeys(covering(*questions))
        found = (self.symbols.get(typed), *map(self.symbols.exact, wholes))
        symbols = dict.fromkeys(symbol for symbol in found if symbol and not self._crowded(symbol))
        every = [
            set(symbol.things) if symbol else set() for symbol in map(self.symbols.exact, map(_typed, questions[-1]))
        ]
        same = sorted(set.intersection(*every)) if every else []  # all strong words are names of it
        if not symbols and not same and all(every):
            same = sorted(set.union(set(), *every))  # each names something: an op and a lock
        ranked.pinned = tuple(dict.fromkeys((*(thing for symbol in symbols for thing in symbol.things), *same)))
        ranked.successors = tuple(dict.fromkeys(thing for symbol in symbols for thing in symbol.successors))
        single = (self.symbols.exact(word.typed) for word in questions[-1])
        asked = dict.fromkeys((*symbols, *(symbol for symbol in single if symbol)))
        ranked.former = [(symbol, thing) for symbol in asked for thing in symbol.successors]
        for thing in (*ranked.pinned, *ranked.successors):
            documents = [d for d in self.things[thing] if allowed is None or d in allowed]
            if ranked.scores.keys().isdisjoint(documents):
                ranked.scores.update(dict.fromkeys(documents, 1.0))

    def _crowded(self, symbol: Symbol) -> bool:
        """Whether it is the title of many sections, no name."""
        kinds = (self.kinds[self.things[thing][0]] for thing in symbol.things)
        return len(symbol.things) > MANY_SECTIONS and all(kind == HitKind.SECTION for kind in kinds)

    def _scores(
        self,
        searcher: WhooshSearcher,
        weighed: list[_Weighed],
        allowed: set[int] | None,
        named: dict[int, float],
        enough: float,
    ) -> dict[int, float]:
        """Scores by document."""
        loose = [w for w in weighed if w.word.loose]
        if loose and not any(w.frequency for w in loose):
            return {}
        least = enough * sum([w.weight for w in loose])
        scores, covered = self._collect(searcher, weighed, allowed, least)
        if allowed is not None and not loose:
            scores = dict.fromkeys(sorted(allowed), 0.0) | scores
        return self._finished(weighed, scores, covered, least, named, allowed)

    def _finished(
        self,
        weighed: list[_Weighed],
        scores: dict[int, float],
        covered: dict[int, int],
        enough: float,
        named: dict[int, float],
        allowed: set[int] | None,
    ) -> dict[int, float]:
        """The final scores of the documents that cover enough."""
        whole, factors = sum(w.weight for w in weighed) or 1.0, self.factors
        shares = self._shares(weighed, whole, scores, covered, enough)
        result = {document: scores[document] * share * factors[document] for document, share in shares.items()}
        bonus = BONUS * whole / len(weighed)
        for thing, size in named.items():
            covers = min(1.0, NAMED_COVERS * (size if size > 1 and thing in self.parted.parts else 1))
            for document in self.things[thing]:
                if allowed is None or document in allowed:
                    share = max(shares.get(document, 0.0), covers)
                    result[document] = (scores.get(document, 0.0) + bonus * size) * share * factors[document]
        return result

    def _shares(
        self,
        weighed: list[_Weighed],
        whole: float,
        scores: dict[int, float],
        covered: dict[int, int],
        enough: float,
    ) -> dict[int, float]:
        """What the documents count for that cover enough of the question, see `_share`."""
        if len(weighed) == 1 and len(covered) == len(scores):  # most queries: one name
            return dict.fromkeys(scores, _share(weighed, whole, enough, 1, 1))
        if enough >= whole - 1e-9:  # a dotted name
            every = (1 << len(weighed)) - 1
            return dict.fromkeys(
                [d for d, said in covered.items() if said == every], _share(weighed, whole, 0, every, every)
            )
        thing_of, together = self.thing_of, self._together(covered)
        said = {d: (covered.get(d, 0), together.get(thing_of[d], 0)) for d in scores}
        shares = {pair: _share(weighed, whole, enough, *pair) for pair in set(said.values())}
        return {document: shares[pair] for document, pair in said.items() if shares[pair]}

    def _together(self, covered: dict[int, int]) -> dict[int, int]:
        """The words that all texts of a thing have together: what changed is asked in words of old and new."""
        together, thing_of = dict[int, int](), self.thing_of
        for document, said in covered.items():
            thing = thing_of[document]
            together[thing] = together.get(thing, 0) | said
        return together

    def _collect(
        self, searcher: WhooshSearcher, weighed: list[_Weighed], allowed: set[int] | None, enough: float
    ) -> tuple[dict[int, float], dict[int, int]]:
        """Scores and the words covered, a bit each, by document."""
        scores: dict[int, float] = {}
        covered: dict[int, int] = {}
        left = sum(w.weight for w in weighed)
        for place, one in sorted(enumerate(weighed), key=lambda pair: pair[1].frequency):
            if not one.frequency:
                continue
            only = allowed if left >= enough or not scores else scores
            left -= one.weight
            factor, bit, terms = one.factor, 1 << place, one.word.terms
            found = self.postings.of(searcher, "body", terms).pairs(only)
            if not scores:
                scores = {document: factor * score for document, score in found}
                covered = dict.fromkeys(scores, bit)
            else:
                for document, score in found:
                    scores[document] = scores.get(document, 0.0) + factor * score
                    covered[document] = covered.get(document, 0) | bit
            for document, score in self.postings.of(searcher, "names", terms).pairs(scores):
                scores[document] += NAMES_WEIGHT * factor * score
        return scores, covered


def _enough(plan: Plan) -> float:
    return COVERED if COMPARING.isdisjoint(plan.said) else COMPARED


def _share(weighed: list[_Weighed], whole: float, enough: float, said: int, together: int) -> float:
    """What a text counts for that covers the words `said` and whose thing covers `together`; 0 if it is too little."""
    own, all_texts = (
        sum([w.weight for bit, w in enumerate(weighed) if words >> bit & 1]) for words in (said, together)
    )
    return (0.1 + (own + all_texts) / 2 / whole) ** 2 if all_texts >= enough - 1e-9 else 0.0


def _held_last(catalogue: Catalogue) -> set[int]:
    """The things that the newest version of a family has, or that have no version."""
    newest = {parse_version(label).family: label for label in sorted(catalogue.labels, key=version_key)}.values()
    last = {number for number, labels in enumerate(catalogue.version_sets) if not labels or set(newest) & set(labels)}
    return {entry.thing for entry in catalogue.entries if entry.versionset in last}


def _typed(word: QueryWord) -> str:
    return word.typed


def _searched(word: QueryWord) -> str:
    return word.terms[0]


def _allowed(searcher: WhooshSearcher, plan: Plan) -> set[int] | None:
    """The documents that meet the plan's conditions; None where it has none."""
    if plan.required is None and plan.excluded is None:
        return None
    wanted = set((plan.required or whoosh_query.Every()).docs(searcher))
    return wanted - set(plan.excluded.docs(searcher)) if plan.excluded is not None else wanted
