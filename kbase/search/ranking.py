"""Which documents match, and how well.

A document's score is BM25 of its text, times the share of the question that it covers (by weight, squared), times a
factor of its kind; an entry that a word of the question names gets a bonus. Names weigh most, words such as "lock" or
"held" little in comparison. Rare words come first: once what is left of the question cannot carry
a new document over the threshold, only those found already are looked up.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from whoosh.searching import Searcher as WhooshSearcher

from kbase.kernel.aliases import spoken
from kbase.kernel.exact_names import ItemKind
from kbase.kernel.tables import is_documented
from kbase.model.versions import parse_version, version_key
from kbase.search.index import Index, Symbol
from kbase.search.plan import Name, Plan, QueryWord
from kbase.search.postings import Postings
from kbase.search.search_document import SearchDocument
from kbase.search.symbols import Symbols
from kbase.search.words import HOW_WORDS, WEAK_WORDS, joined

NAME_WEIGHT = 3.0
IDENTIFIER_WEIGHT = 2.0
WEAK_WEIGHT = 0.2
BONUS = 2.5
NAMED_COVERS = 0.5  # the share that an entry covers at least whose name is a word of the question
COVERED = 0.5  # share of the question's weight that an entry has to cover
LONGEST_NAME = 4  # words of a question that together may be one name: "free cached objects"

TITLED = (ItemKind.NOTE, ItemKind.PORTING, ItemKind.SECTION)  # called by a title, which is no name
KIND_FACTOR = {
    ItemKind.OP: 1.5,
    ItemKind.LOCK: 1.2,
    ItemKind.STRUCT: 1.0,
    ItemKind.FUNCTION: 1.3,
    ItemKind.FLAG: 1.3,
    ItemKind.NOTE: 1.2,
    ItemKind.COMMIT: 1.2,
    ItemKind.MEMBER: 1.0,
    ItemKind.PORTING: 0.9,
    ItemKind.SECTION: 0.75,
}
OTHER_TABLE = 0.6  # factor of ops of tables that no document describes
GONE = 0.85  # factor of entries that the newest version no longer has


@dataclass(slots=True)
class Ranked:
    """Scores by document, and the entries that the question names."""

    scores: dict[int, float]
    pinned: tuple[int, ...] = ()  # entries that the whole question is the name of, to the top
    successors: tuple[int, ...] = ()  # entries that replaced a named one
    former: list[tuple[Symbol, int]] = field(default_factory=list)  # (name as asked, the entry with another name now)
    of_versions: bool = False  # the versions that the question names have it


def _documented(document: SearchDocument) -> float:
    of_op = document.kind == ItemKind.OP and document.struct is not None
    return OTHER_TABLE if of_op and not is_documented(document.struct or "") else 1.0


@dataclass(frozen=True, slots=True)
class _Weighed:
    word: QueryWord
    factor: float  # what kind of word it is
    weight: float  # with its rarity
    frequency: int


class Ranker:
    """Ranks plans over one index."""

    def __init__(self, symbols: Symbols, index: Index) -> None:
        """Read what each document counts for."""
        self.symbols, self.index, self.entries = symbols, index, index.catalogue.entries
        catalogue = index.catalogue
        labels = sorted(index.labels, key=version_key)
        newest = {parse_version(label).family: label for label in labels}.values()
        latest = {n for n, having in enumerate(catalogue.version_sets) if not having or {*newest} & {*having}}
        there = {index.entry_of[d] for d, number in enumerate(catalogue.set_of) if number in latest}
        factors = {kind.value: factor for kind, factor in KIND_FACTOR.items()}
        self.factors = [
            factors[document.kind] * (1.0 if entry in there else GONE) * _documented(document)
            for document, entry in zip(catalogue.documents, index.entry_of, strict=True)
        ]
        self.postings = Postings(catalogue.sizes)

    def rank(self, searcher: WhooshSearcher, plan: Plan, typed: str) -> Ranked:
        """The documents that match the plan; `typed` is the query as typed."""
        strong = [word for word in plan.words if word.typed not in plan.absent and self._is_strong(word)]
        plan.strong = strong or plan.words
        plan.names = list(self._names(plan))
        known = plan.meeting or plan.within or self.symbols.get(typed)
        if plan.absent and not known and (plan.words or plan.required is None) and not self._is_answered(plan, strong):
            return Ranked({})
        for covered in (1.0 if plan.whole else COVERED, 0.0):  # in the end, everything that has a word of it
            ranked = Ranked(self._found(searcher, plan, covered))
            self._prefer(ranked, plan)
            self._pin(ranked, plan, typed)
            if ranked.scores:
                break
        return ranked

    def _is_answered(self, plan: Plan, strong: Sequence[QueryWord]) -> bool:
        """Whether known words of the query suffice for an answer; if an identifier is unknown, known names must."""
        if not strong or not any(re.search(r"[_.>]", name) for name in plan.absent):
            return bool(strong)
        return any(self._has_name(name.symbol) for name in plan.names) or any("_" in word.typed for word in strong)

    def _is_strong(self, word: QueryWord) -> bool:
        """Whether the word is specific: written as a call or pointer, or not a weak word."""
        return word.pointed or WEAK_WORDS.isdisjoint((word.typed, word.terms[0]))

    def _found(self, searcher: WhooshSearcher, plan: Plan, covered: float) -> dict[int, float]:
        """The scores of documents that cover enough of the query; without words, of all that meet its conditions."""
        weighed = [self._weigh(searcher, word, plan.strong) for word in plan.words]
        if weighed:
            return self._scores(searcher, weighed, plan, covered)
        every = plan.required if plan.required is not None else plan.within or ()
        return {document: self.factors[document] for document in sorted(every)}

    def _weigh(self, searcher: WhooshSearcher, word: QueryWord, strong: Sequence[QueryWord]) -> _Weighed:
        frequency = len(self.postings.of(searcher, word.terms))
        if word not in strong:
            factor = WEAK_WEIGHT
        elif word.typed in HOW_WORDS and not word.pointed and len(strong) > 1:
            factor = 1.0
        elif self._is_name(word.terms[0]) or any(map(self._is_name, spoken(word.typed))):
            factor = NAME_WEIGHT
        else:
            factor = IDENTIFIER_WEIGHT if "_" in word.typed else 1.0
        return _Weighed(word, factor, factor * self.postings.rarity(frequency) if frequency else 0.0, frequency)

    def _is_name(self, word: str) -> bool:
        """Whether something of the kernel is called so; the titles of texts are no names."""
        symbol = self.symbols.exact(word)
        return symbol is not None and self._has_name(symbol)

    def _has_name(self, symbol: Symbol) -> bool:
        return any(self.index.first(entry).kind not in TITLED for entry in symbol.all)

    def _names(self, plan: Plan) -> Iterator[Name]:
        """The names that words of the question are, alone or together."""
        words, exact = plan.words, self.symbols.exact
        for first, word in enumerate(words):
            forms = (word.typed,) if exact(word.typed) else word.terms[:4]
            names = dict.fromkeys(forms if word in plan.strong else (), first + 1)
            for end in range(first + 2, min(first + LONGEST_NAME, len(words)) + 1):
                for phrase in ([w.typed for w in words[first:end]], [w.terms[0] for w in words[first:end]]):
                    names |= dict.fromkeys(joined(phrase), end)
            yield from (Name(first, end, symbol) for name, end in names.items() if (symbol := exact(name)))

    def _scores(
        self, searcher: WhooshSearcher, weighed: Sequence[_Weighed], plan: Plan, covered: float
    ) -> dict[int, float]:
        """Scores by document: what its words score, times the share that it covers, times the factor of its kind."""
        loose = [w for w in weighed if not w.word.required]
        if loose and not any(w.frequency for w in loose):
            return {}
        least, whole = covered * sum([w.weight for w in loose]) - 1e-9, sum([w.weight for w in weighed]) or 1.0
        scores, covers = self._collect(searcher, weighed, plan.required, least)
        if plan.required is not None and not loose:
            scores = dict.fromkeys(sorted(plan.required), 0.0) | scores
        shares = {weight: (0.1 + weight / whole) ** 2 for weight in {0.0, *covers.values()}}
        factors, covering = self.factors, covers.get
        found = {d: scores[d] * shares[c] * factors[d] for d in scores if (c := covering(d, 0.0)) >= least}
        bonus = BONUS * whole / len(weighed)
        named = ((entry, name.end - name.first) for name in plan.names for entry in name.symbol.all)
        for entry, size in sorted(named, key=itemgetter(1)):  # the longest name counts
            for document in self.entries[entry]:
                if plan.required is None or document in plan.required:
                    share = max(shares[covering(document, 0.0)], NAMED_COVERS)
                    found[document] = (scores.get(document, 0.0) + bonus * size) * share * factors[document]
        return found

    def _collect(
        self, searcher: WhooshSearcher, weighed: Sequence[_Weighed], required: set[int] | None, least: float
    ) -> tuple[dict[int, float], dict[int, float]]:
        """By document, its score and the weight of the words that it has."""
        scores: dict[int, float] = {}
        covers: dict[int, float] = {}
        left = sum(w.weight for w in weighed)
        for one in sorted(weighed, key=lambda each: each.frequency):
            only = required if left >= least or not scores else scores.keys()
            left -= one.weight
            factor, weight = one.factor, one.weight
            found = self.postings.of(searcher, one.word.terms)
            documents = found if only is None else found.keys() & only
            if not scores:  # most queries are one name
                scores = {document: factor * found[document] for document in documents}
                covers = dict.fromkeys(scores, weight)
                continue
            for document in documents:
                scores[document] = scores.get(document, 0.0) + factor * found[document]
                covers[document] = covers.get(document, 0.0) + weight
        return scores, covers

    def _likeliest(self, entries: Sequence[int]) -> set[int]:
        """The entries that a word means: ops of tables that no document describes only where it names nothing else."""
        documented = {entry for entry in entries if _documented(self.index.first(entry)) == 1.0}
        return documented or set(entries)

    def _prefer(self, ranked: Ranked, plan: Plan) -> None:
        """Add what meets the reading of the question, before what only has its words; leave other versions out."""
        meeting = plan.meeting if plan.required is None else plan.meeting & plan.required
        best = max(ranked.scores.values(), default=1.0) if meeting else 0.0
        for document in sorted(meeting):
            ranked.scores[document] = ranked.scores.get(document, 0.0) + best * self.factors[document]
        if plan.within is not None:
            within = {document: score for document, score in ranked.scores.items() if document in plan.within}
            ranked.of_versions = bool(within)
            ranked.scores = within or ranked.scores

    def _pin(self, ranked: Ranked, plan: Plan, typed: str) -> None:
        """Note what the whole question names, and what has another name now; what is named is found, always."""
        places = [place for place, word in enumerate(plan.words) if word in plan.strong] or [-1]
        called = typed.partition("(")[0].lower()  # of a call, whatever its arguments are
        found = [self.symbols.get(typed), self.symbols.exact(called)]
        found += [name.symbol for name in plan.names if name.first <= places[0] and places[-1] < name.end]
        symbols = dict.fromkeys(filter(None, found))
        corrected = dict(plan.corrected)
        single = [self.symbols.exact(corrected.get(word.typed, word.typed)) for word in plan.strong]
        every = [self._likeliest(symbol.entries) if symbol else set() for symbol in single]
        same = sorted(set.intersection(*every)) if every else []  # all strong words are names of it
        if not symbols and not same and all(every):
            same = sorted(set.union(set(), *every))  # each names something: an op and a lock
        ranked.pinned = tuple(dict.fromkeys((*(entry for symbol in symbols for entry in symbol.entries), *same)))
        ranked.successors = tuple(dict.fromkeys(entry for symbol in symbols for entry in symbol.successors))
        asked = dict.fromkeys((*symbols, *filter(None, single)))
        ranked.former = [(symbol, entry) for symbol in asked for entry in symbol.successors]
        for entry in (*ranked.pinned, *ranked.successors):
            documents = [d for d in self.entries[entry] if plan.required is None or d in plan.required]
            if ranked.scores.keys().isdisjoint(documents):
                ranked.scores.update(dict.fromkeys(documents, 1.0))
