"""From the plain words of a query to index words: inflections, other names, typos, names that no document has."""

import re
from collections.abc import Iterator

from whoosh.reading import IndexReader

from kbase.kernel.aliases import spoken
from kbase.kernel.exact_names import spellings
from kbase.kernel.near_names import likely_typo, near_symbols, typo_edits, within_edits
from kbase.search.analyzer import stem
from kbase.search.index import Index, Symbol
from kbase.search.plan import Plan, QueryWord
from kbase.search.query_syntax import Text
from kbase.search.symbols import Symbols
from kbase.search.words import HOW_WORDS, QUESTION_WORDS, WEAK_WORDS, joined, words

MAX_CORRECTIONS = 3  # words of one query that are compared with all names
DOTTED = re.compile(r"\w+\.\w+")
POINTING = re.compile(r"->|\.|::")
FEW_WORDS = 4  # of a query that has only such words as "the", "is" and "to"


class QueryExpansion:
    """Finds the words of one query in an index, and records the expansions in its plan."""

    def __init__(self, reader: IndexReader, symbols: Symbols, index: Index, plan: Plan) -> None:
        """Create the expansion; `plan` collects the added words."""
        self.reader, self.symbols, self.index, self.plan = reader, symbols, index, plan
        self.corrections = 0

    def frequency(self, word: str) -> int:
        """How many documents have the word."""
        return self.index.catalogue.frequencies.get(word, 0)

    def add(self, word: Text) -> None:
        """Add a plain word of the query to the plan."""
        pointed = word.text.startswith("->") or word.text.endswith("()")
        self.plan.whole = not self.plan.words and "." in word.text and self.symbols.get(word.text) is not None
        for terms, typed in self.terms(word.text):
            self.plan.words.append(QueryWord(terms, typed, pointed))
            if "_" in typed and self.symbols.exact(typed) is None and (name := self._name_in(typed)):
                self.plan.words.append(QueryWord(self._inflected(name), name))

    def drop_question_words(self) -> None:
        """Remove question words such as "which"; if nothing else is left, keep the rarest words."""
        loose = [word for word in self.plan.words if not word.required]
        left = [word for word in loose if word.pointed or word.typed not in QUESTION_WORDS]
        if not left and len(loose) > FEW_WORDS:
            left = sorted(loose, key=lambda word: self.frequency(word.terms[0]))[:FEW_WORDS]
        if left or self.plan.required is not None:
            self.plan.words = [word for word in self.plan.words if word.required or word in left]

    def terms(self, typed: str) -> Iterator[tuple[tuple[str, ...], str]]:
        """The index words of each word in `typed`, and that word; an unknown word is corrected if that is certain."""
        symbol = self.symbols.get(typed)
        dotted = [key for key in spellings(typed) if DOTTED.fullmatch(key)] if POINTING.search(typed) else []
        if symbol is not None and dotted:
            typed = symbol.name
        elif dotted and (self._of_a_table(dotted[-1]) or not all(map(self.frequency, words(typed)))):
            better = self._dotted_correction(dotted[-1])
            if better is None:
                self.plan.absent.append(typed)
                return
            self.plan.corrected.append((typed, better))
            typed = better
        for word in words(typed):
            yield self._inflected(word), word

    def _of_a_table(self, key: str) -> bool:
        """Whether a dotted name begins with an ops table."""
        return self.symbols.exact(key.partition(".")[0]) is not None

    def _dotted_correction(self, key: str) -> str | None:
        """The only name that a wrong dotted name can mean: the op in another table, or one that differs by a typo."""
        near = [name for name in near_symbols([key], self.symbols.names, 2) if "." in name]
        same = [name for name in near if name.endswith(f".{key.partition('.')[2]}")]
        typos = [name for _, name in within_edits(key, near, typo_edits(key), 1)]
        return typos[0] if typos else same[0] if len(same) == 1 else None

    def _inflected(self, word: str) -> tuple[str, ...]:
        """The word and its inflections, the most frequent first; a name precedes its inflections and new names."""
        symbol, others = self.symbols.exact(word), spoken(word)
        found = [word] * bool(self.frequency(word))
        forms = (form for form in self._forms(word) if not (symbol and self.symbols.exact(form)))  # writepage(s)
        found += (form for form in (*forms, *others) if form != word)
        found += (form for other in others if not self.symbols.exact(other) for form in self._forms(other))
        if found or symbol or word in QUESTION_WORDS | WEAK_WORDS:
            found.sort(key=lambda form: (form in others, -self.frequency(form)))
            newer = self._newer(symbol) if symbol else ()
            return tuple(dict.fromkeys([word, *found, *newer] if symbol or not found else found))
        return (self._replacement(word),)

    def _replacement(self, word: str) -> str:
        """What a word that no document has is searched as: a correction, the name in it, or itself."""
        self.corrections += 1
        better = self._correction(word) if self.corrections <= MAX_CORRECTIONS else None
        better = better or self._name_in(word)
        if better is None:
            self.plan.absent.append(word)
            return word
        self.plan.corrected.append((word, better))
        return better

    def _name_in(self, identifier: str) -> str | None:
        """The longest name in an identifier: filesystems call their functions `foo_write_begin`."""
        parts = identifier.split("_")
        spans = (
            (first, first + size) for size in range(len(parts) - 1, 0, -1) for first in range(len(parts) + 1 - size)
        )
        names = (name for first, last in spans for name in joined(parts[first:last]))
        return next((name for name in names if self.symbols.exact(name) and name not in HOW_WORDS), None)

    def _forms(self, word: str) -> list[str]:
        """The words of the documents that are a form of the word."""
        return self.index.catalogue.inflections.get(stem(word), [])

    def _newer(self, symbol: Symbol) -> Iterator[str]:
        """The present name of an op (`iterate_shared` for `readdir`), or of a lock that has a nickname."""
        in_no_document = not self.frequency(symbol.name.lower())
        for entry in (*symbol.successors, *(symbol.entries if in_no_document else ())):
            document = self.index.first(entry)
            yield from words(document.op or document.name)

    def _correction(self, word: str) -> str | None:
        """The one name or word that is meant, if that is certain."""
        near = within_edits(word, self.symbols.names, typo_edits(word))
        near = [pair for pair in near if self.frequency(pair[1]) and likely_typo(word, pair[1])]
        if near and (len(near) == 1 or near[0][0] < near[1][0] or near[0][0] == 1):
            return near[0][1]
        if near or len(word) < 5:
            return None
        close = sorted(self.reader.terms_within("body", word, 1, prefix=2))
        return max(close, key=self.frequency) if close else None
