"""From the plain words of a query to index words: inflections, other names, typos, identifiers that stand nowhere."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from whoosh.searching import Searcher as WhooshSearcher

from kbase.kernel.aliases import spoken
from kbase.search.analyzer import HOW_WORDS, KIND_WORDS, QUESTION_WORDS, stem, words
from kbase.search.index import Catalogue
from kbase.search.plan import Plan, QueryWord
from kbase.search.postings import Postings
from kbase.search.symbols import Symbol, Symbols, bare, likely_typo
from kbase.search.syntax import Word

MAX_CORRECTIONS = 3  # words of one query that are compared with all names
PARTICLES = frozenset(("ahead", "back", "down", "off", "out", "up"))  # that may stand apart from their verb
APART = 4  # how far, in words
OPS = KIND_WORDS.keys() & {"op", "ops", "operation", "operations", "methods"}
FEW_WORDS = 4  # of a query that has only such words as "the", "is" and "to"


class Wording:
    """Finds the words of one query in an index, and notes in its plan what was done to them."""

    def __init__(
        self, searcher: WhooshSearcher, symbols: Symbols, catalogue: Catalogue, postings: Postings, plan: Plan
    ) -> None:
        self.searcher, self.reader, self.symbols = searcher, searcher.reader(), symbols
        self.catalogue, self.postings, self.plan = catalogue, postings, plan
        self.corrections = 0

    def frequency(self, term: str, field_name: str = "body") -> int:
        """How many documents have the term."""
        return self.postings.frequency(self.searcher, field_name, term)

    def add(self, word: Word) -> None:
        """A plain word of the query, for the plan."""
        pointed = word.text.startswith("->") or word.text.endswith("()")
        self.plan.whole = not self.plan.words and "." in word.text and self.symbols.get(word.text) is not None
        for terms, typed in self.terms(word.text):
            self.plan.words.append(QueryWord(terms, typed, True, pointed))
            if typed in self.plan.unknown:
                self._parts_of(typed)
            elif "_" in typed and self.symbols.exact(typed) is None:
                self._name_ending(typed)
        for argument in words(word.arguments):
            terms = self._inflected(argument) if self.frequency(argument) else (argument,)
            self.plan.words.append(QueryWord(terms, argument, True, aside=True))

    def _parts_of(self, unknown: str) -> None:
        """For an identifier that stands nowhere, the longest name in it (`ext4_write_begin`), or else its parts."""
        said = unknown.split("_")
        spans = ((first, first + size) for size in range(len(said) - 1, 1, -1) for first in range(len(said) - size + 1))
        named = ("_".join(said[first:stop]) for first, stop in spans)
        name = next((name for name in named if self.symbols.exact(name)), None)
        for part in dict.fromkeys([name] if name else said):
            symbol = self.symbols.exact(part)
            if self.frequency(part) or symbol:
                self.plan.words.append(QueryWord(self._inflected(part), part, True, aside=symbol is None))

    def _name_ending(self, identifier: str) -> None:
        """The name that an identifier ends with, as a filesystem's own op does: `generic_file_mmap`."""
        said = identifier.split("_")
        name = next((end for first in range(1, len(said)) if self.symbols.exact(end := "_".join(said[first:]))), None)
        if name and name not in HOW_WORDS:
            self.plan.words.append(QueryWord(self._inflected(name), name, True))

    def drop_question_words(self) -> None:
        """Leave out what questions are made of; of a question of nothing else, its rarest words stay."""
        loose = [word for word in self.plan.words if word.loose]
        kept = [word for word in loose if word.pointed or word.typed not in QUESTION_WORDS]
        if not kept and len(loose) > FEW_WORDS:
            kept = sorted(loose, key=lambda word: self.frequency(word.terms[0]))[:FEW_WORDS]
        if kept or self.plan.required is not None:
            self.plan.words = [word for word in self.plan.words if not word.loose or word in kept]

    def join(self) -> None:
        """Words that are one word of the documents: `fill super` as fill_super, `export ops`, `write it back`."""
        words = self.plan.words
        for place, word in enumerate(words):
            verb = next((w for w in words[max(0, place - APART) : place] if self._stands(w.typed + word.typed)), None)
            if word.typed in PARTICLES and verb is not None:
                words[place] = QueryWord(self._inflected(verb.typed + word.typed), verb.typed + word.typed, word.loose)
        for one, other in pairwise([word.typed for word in words if not word.aside]):
            glued = (f"{one}_{other}", *([f"{one}_operations"] if other in OPS else ()))
            self.plan.joined.extend(filter(self._stands, glued))

    def _stands(self, word: str) -> bool:
        """Whether it is a word of the documents and no name, which the ranking finds by itself."""
        return self.symbols.exact(word) is None and self.frequency(word) > 0

    def terms(self, said: str) -> Iterator[tuple[tuple[str, ...], str]]:
        """The index words of a word with the words as typed; what is nowhere is corrected if that is certain."""
        name = bare(said)
        symbol = self.symbols.get(said) if "." in name else None
        if symbol is not None:
            said = symbol.name
        elif "." in name and not all(map(self.frequency, words(name))):
            near = self.symbols.near(name, 2)
            if near and "." in near[0][1]:
                self.plan.corrected.append((said, near[0][1]))
                said = near[0][1]
        for word in words(said):
            yield self._inflected(word), word

    def _inflected(self, word: str) -> tuple[str, ...]:
        """The word and its inflections, the most frequent first; a name stands before its own and its new names."""
        symbol = self.symbols.get(word)
        named = symbol is not None
        found, others = [word] * bool(self.frequency(word)), spoken(word)
        forms = (form for form in self._forms(word) if not (named and self.symbols.exact(form)))  # writepage(s)
        found += (form for form in (*forms, *others) if form != word)
        found += (form for other in others if not self.symbols.exact(other) for form in self._forms(other))
        if found or named or word in QUESTION_WORDS:
            found.sort(key=lambda form: (form in others, -self.frequency(form)))
            newer = self._newer(symbol) if symbol else ()
            return tuple(dict.fromkeys([word, *found, *newer] if named or not found else found))
        self.corrections += 1
        better = self._correction(word) if self.corrections <= MAX_CORRECTIONS else None
        if better is None:
            self.plan.unknown.append(word)
            return (word,)
        self.plan.corrected.append((word, better))
        return (better,)

    def _forms(self, word: str) -> Sequence[str]:
        """The words of the documents that are a form of the word."""
        return self.catalogue.inflections.get(stem(word), ())

    def _newer(self, symbol: Symbol) -> Iterator[str]:
        """What the things are called now that had the name, or are meant by it: `iterate_shared` for `readdir`."""
        for thing in symbol.all if symbol.name in self.symbols.spoken else symbol.successors:
            entry = self.catalogue.entries[self.catalogue.things[thing][0]]
            yield from words(entry.op or entry.name)

    def _correction(self, word: str) -> str | None:
        """The one name or word that is meant, when it is plain which."""
        near = [pair for pair in self.symbols.near(word, 3) if self.frequency(pair[1]) and likely_typo(word, pair[1])]
        if near and (len(near) == 1 or near[0][0] < near[1][0] or near[0][0] == 1):
            return near[0][1]
        if near or len(word) < 5:
            return None
        close = sorted(self.reader.terms_within("body", word, 1, prefix=2))
        return max(close, key=self.frequency) if close else None
