"""From the tree of a query to whoosh queries, and what the ranking has to know.

Conditions, phrases, groups and words beside AND become one whoosh query that must match; plain words stay separate, for
`kbase.search.ranking` to weigh. Versions are compared as versions and expanded over the versions held; `held:` and
`lock:` of one conjunction meet on one rule. Everything is capped before anything runs.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from whoosh import query as whoosh_query
from whoosh.matching import ListMatcher, Matcher, NullMatcher
from whoosh.reading import IndexReader
from whoosh.searching import Searcher as WhooshSearcher

from kbase.errors import UsageError
from kbase.locks import lock_names, subject_of
from kbase.records import Held, Mode
from kbase.search.analyzer import QUESTION_WORDS, stem, words
from kbase.search.facts import ANY_LOCK, rule_term
from kbase.search.index import Opened, normal_term, text
from kbase.search.postings import Postings
from kbase.search.ranges import held_versions
from kbase.search.results import HitKind
from kbase.search.symbols import Symbol, Symbols, bare
from kbase.search.syntax import All, Either, Field, Node, Not, Phrase, Prefix, Word, mistake

MAX_EXPANSION = 300  # words that the prefixes of one query may stand for
MAX_PHRASE_TEXTS = 2_000  # texts that are read for the phrases of one query
MAX_CORRECTIONS = 3  # words of one query that are compared with all names
FEW_WORDS = 4  # of a query that has only such words as "the", "is" and "to"
MAX_POSTINGS = 15_000  # entries of the index that the conditions of one query may touch

CLOSED = {
    "kind": tuple(kind.value for kind in HitKind),
    "held": tuple(value.value for value in (*Held, *Mode)),
    "blocks": ("yes", "no", "maybe"),
}
WRITTEN_MODES = {"read": "shared", "write": "exclusive"}


class Documents(whoosh_query.Query):  # type: ignore[misc]  # whoosh counts as untyped
    """Documents that are known by their numbers, as a part of a whoosh query."""

    def __init__(self, documents: list[int]) -> None:
        self.documents = documents

    def __hash__(self) -> int:
        return hash(tuple(self.documents))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Documents) and other.documents == self.documents

    def is_leaf(self) -> bool:
        """Nothing stands below."""
        return True

    def estimate_size(self, _reader: IndexReader) -> int:
        """How many documents match."""
        return len(self.documents)

    def matcher(self, _searcher: WhooshSearcher, context: object = None) -> Matcher:  # noqa: ARG002  # whoosh's own signature
        """What whoosh asks for the documents."""
        return ListMatcher(self.documents) if self.documents else NullMatcher()


@dataclass(frozen=True, slots=True)
class QueryWord:
    """One word to score: its index words, as it was typed, and whether a thing may do without it.

    `terms` are the word and its inflections, the most frequent first, or the name that it is; then its new names.
    """

    terms: tuple[str, ...]
    typed: str
    loose: bool
    pointed: bool = False  # written as a name: `->release`, `release()`


@dataclass(frozen=True, slots=True)
class Rules:
    """What `lock:` and `held:` conditions stand around a node: locks by their terms, and what is said of them."""

    locks: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


@dataclass(slots=True)
class Plan:
    """A compiled query."""

    required: whoosh_query.Query | None = None
    excluded: whoosh_query.Query | None = None
    words: list[QueryWord] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)  # for marking
    corrected: list[tuple[str, str]] = field(default_factory=list)  # typed -> searched
    unknown: list[str] = field(default_factory=list)  # words that are nowhere
    renamed: list[tuple[str, str]] = field(default_factory=list)  # former name of a lock -> its name
    whole: bool = False  # it is one dotted name: all words of it must be there
    rules: Rules = field(default_factory=Rules)  # what every rule that is found must say


class Compiler:
    """Compiles trees against one index."""

    def __init__(
        self,
        searcher: WhooshSearcher,
        symbols: Symbols,
        index: Opened,
        labels: tuple[str, ...],
        postings: Postings,
    ) -> None:
        """`labels` are the versions held, oldest first."""
        self.searcher, self.reader, self.symbols = searcher, searcher.reader(), symbols
        self.index, self.catalogue, self.version_sets = index, index.catalogue, index.catalogue.version_sets
        self.labels, self.words = labels, postings
        self.query, self.plan, self.spent = "", Plan(), Counter[str]()

    def compile(self, query: str, tree: Node, conditions: Sequence[Field] = ()) -> Plan:
        """The plan of a parsed query, with conditions chosen beside it (facets) that must hold too.

        Raises:
            QueryError: a value means nothing, or the query is too broad.
        """
        self.query, self.plan, self.spent = query, Plan(), Counter()
        items = list(tree.items) if isinstance(tree, All) else [tree]
        loose = [item for item in items if isinstance(item, Word) and not item.required]
        hard = [item for item in items if item not in loose]
        for word in loose:
            self._loose(word)
        if hard or conditions:
            self._require(hard, conditions)
        self._drop_question_words()
        return self.plan

    def _require(self, hard: Sequence[Node], conditions: Sequence[Field]) -> None:
        """What must match, in the query and beside it; a mistake in a condition is shown in its own words."""
        typed, asked = self.query, self._rules(hard)
        self.query = " ".join(f"{c.name}:{c.value}" for c in conditions)
        chosen, _ = self._conjunction(All(items=tuple(conditions)), asked) if conditions else (None, None)
        self.plan.rules = self._rules(conditions, asked)
        self.query = typed
        if hard:
            self.plan.required, self.plan.excluded = self._conjunction(All(items=tuple(hard)), self.plan.rules)
        if chosen is not None:
            self.plan.required = chosen if self.plan.required is None else _every([chosen, self.plan.required])

    def _rules(self, nodes: Iterable[Node], around: Rules | None = None) -> Rules:
        """What the conditions among the nodes say of a rule, with what is said around them."""
        around, fields = around or Rules(), [node for node in nodes if isinstance(node, Field)]
        locks = (self._lock(f) for f in fields if f.name == "lock" and not f.value.endswith("*"))
        held = (self._closed(f) for f in fields if f.name == "held")
        return Rules(tuple(dict.fromkeys((*around.locks, *locks))), tuple(dict.fromkeys((*around.held, *held))))

    # plain words

    def _loose(self, word: Word) -> None:
        pointed = word.text.startswith("->") or word.text.endswith("()")
        self.plan.whole = not self.plan.words and "." in word.text and self.symbols.get(word.text) is not None
        for terms, typed in self._terms(word.text):
            self.plan.words.append(QueryWord(terms, typed, True, pointed))

    def _drop_question_words(self) -> None:
        """Leave out what questions are made of; of a question of nothing else, its rarest words stay."""
        loose = [word for word in self.plan.words if word.loose]
        kept = [word for word in loose if word.pointed or word.typed not in QUESTION_WORDS]
        if not kept and len(loose) > FEW_WORDS:
            kept = sorted(loose, key=lambda word: self._frequency(word.terms[0]))[:FEW_WORDS]
        if kept or self.plan.required is not None:
            self.plan.words = [word for word in self.plan.words if not word.loose or word in kept]

    def _terms(self, said: str) -> Iterator[tuple[tuple[str, ...], str]]:
        """The index words of a word with the words as typed; what is nowhere is corrected if that is certain."""
        name = bare(said)
        symbol = self.symbols.get(said) if "." in name else None
        if symbol is not None:
            said = symbol.name
        elif "." in name and not all(map(self._frequency, words(name))):
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
        found = list(self.catalogue.inflections.get(stem(word), ())) or [word] * bool(self._frequency(word))
        if found or named or word in QUESTION_WORDS:
            found.sort(key=self._frequency, reverse=True)
            newer = self._newer(symbol) if symbol else ()
            return tuple(dict.fromkeys([word, *found, *newer] if named or not found else found))
        self.spent["corrections"] += 1
        better = self._correction(word) if self.spent["corrections"] <= MAX_CORRECTIONS else None
        if better is None:
            self.plan.unknown.append(word)
            return (word,)
        self.plan.corrected.append((word, better))
        return (better,)

    def _newer(self, symbol: Symbol) -> Iterator[str]:
        """What the things are called now that had the name: `iterate_shared` for `readdir`."""
        for thing in symbol.successors:
            entry = self.catalogue.entries[self.catalogue.things[thing][0]]
            yield from words(entry.op or entry.name)

    def _correction(self, word: str) -> str | None:
        """The one name or word that is meant, when it is plain which."""
        near = [pair for pair in self.symbols.near(word, 3) if self._frequency(pair[1])]
        if near and (len(near) == 1 or near[0][0] < near[1][0] or near[0][0] == 1):
            return near[0][1]
        if near or len(word) < 5:
            return None
        close = sorted(self.reader.terms_within("body", word, 1, prefix=2))
        return max(close, key=self._frequency) if close else None

    def _frequency(self, term: str, field_name: str = "body") -> int:
        return self.words.frequency(self.searcher, field_name, term)

    # whoosh queries

    def _conjunction(self, node: All, rules: Rules) -> tuple[whoosh_query.Query | None, whoosh_query.Query | None]:
        """What must match and what must not."""
        inner = self._rules(node.items, rules)
        wanted = [self._node(item, inner) for item in node.items if not isinstance(item, Not)]
        refused = [self._unscored(item.item, inner) for item in node.items if isinstance(item, Not)]
        required = _every(wanted) if wanted else None
        excluded = whoosh_query.Or(refused) if len(refused) > 1 else refused[0] if refused else None
        return required, excluded

    def _unscored(self, node: Node, rules: Rules) -> whoosh_query.Query:
        """A node under NOT: its words are not what the query is about."""
        before, prefixes = list(self.plan.words), list(self.plan.prefixes)
        compiled = self._node(node, Rules(rules.locks))
        self.plan.words, self.plan.prefixes = before, prefixes
        return compiled

    def _node(self, node: Node, rules: Rules) -> whoosh_query.Query:
        match node:
            case Word():
                return self._word(node)
            case Phrase():
                return self._phrase(node)
            case Prefix():
                return self._prefix(node)
            case Field():
                return self._field(node, rules)
            case Not():
                return self._without(whoosh_query.Every(), self._unscored(node.item, rules))
            case Either():
                found = [self._node(item, rules).docs(self.searcher) for item in node.items]
                return Documents(sorted(set(chain.from_iterable(found))))  # several times faster than whoosh's Or
            case All():
                required, excluded = self._conjunction(node, rules)
                required = required or whoosh_query.Every()
                return required if excluded is None else self._without(required, excluded)

    def _without(self, wanted: whoosh_query.Query, refused: whoosh_query.Query) -> whoosh_query.Query:
        """What matches one and not the other; whoosh's AndNot runs off its end below another And."""
        return Documents(sorted(set(wanted.docs(self.searcher)).difference(refused.docs(self.searcher))))

    def _word(self, node: Word) -> whoosh_query.Query:
        found = list(self._terms(node.text))
        self.plan.words.extend(QueryWord(terms, typed, False) for terms, typed in found)
        return _every([self._any("body", terms) for terms, _ in found])

    def _phrase(self, node: Phrase) -> whoosh_query.Query:
        """The documents whose text has the words side by side: whoosh finds those that have them all."""
        said = words(node.text)
        if len(said) == 1:
            return self._word(Word(text=node.text, place=node.place))
        self.plan.words.extend(QueryWord((word,), word, False) for word in said)
        self.plan.unknown.extend(word for word in said if not self._frequency(word))
        candidates = list(_every([self._any("body", [word]) for word in said]).docs(self.searcher))
        self.spent["texts"] += len(candidates)
        if self.spent["texts"] > MAX_PHRASE_TEXTS:
            what = f"the words of this phrase stand in {len(candidates)} texts, too many to read"
            mistake(self.query, node.place, len(node.text) + 2, what, "add a rarer word to the phrase")
        pattern = re.compile(rf"{said[0]}(?<!\w{said[0]})\W+" + r"\W+".join(said[1:]) + r"(?!\w)")
        titles = [self.catalogue.entries[document].title for document in candidates]
        texts = map(self.index.text, candidates)
        read = zip(candidates, titles, texts, strict=True)
        return Documents([document for document, title, text in read if pattern.search(f"{title}\n{text}".lower())])

    def _prefix(self, node: Prefix) -> whoosh_query.Query:
        *whole, last = words(node.text)
        self.plan.prefixes.append(last)
        found = [self._any("body", [word]) for word in whole]
        return _every([*found, self._any("body", self._expand("body", last, node.place, len(node.text) + 1))])

    def _expand(self, field_name: str, prefix: str, place: int, length: int) -> list[str]:
        found = []
        for term in self.reader.expand_prefix(field_name, prefix):
            found.append(text(term))
            self.spent["expansion"] += 1
            if self.spent["expansion"] > MAX_EXPANSION:
                what = f"prefixes stand for more than {MAX_EXPANSION} words"
                mistake(self.query, place, length, what, "write more of the letters")
        return found

    def _any(self, field_name: str, terms: Sequence[str]) -> whoosh_query.Query:
        self.spent["postings"] += sum(self._frequency(term, field_name) for term in terms)
        if self.spent["postings"] > MAX_POSTINGS:
            what = "the query touches too much of the index"
            mistake(self.query, 0, len(self.query), what, "use rarer words, or fewer of them")
        if not terms:
            return whoosh_query.NullQuery
        if len(terms) == 1:
            return whoosh_query.Term(field_name, terms[0])
        posted = (self.searcher.postings(field_name, term).all_ids() for term in terms if self._held(field_name, term))
        return Documents(sorted(set(chain.from_iterable(posted))))

    def _held(self, field_name: str, term: str) -> bool:
        return (field_name, term) in self.reader

    # fields

    def _field(self, node: Field, rules: Rules) -> whoosh_query.Query:
        name = node.name
        if name in ("version", "since", "removed"):
            return self._version(node)
        if name == "held":
            held = sorted({*rules.held, self._closed(node)})
            return _every([self._any("rule", [rule_term(at, held)]) for at in rules.locks or (ANY_LOCK,)])
        if name == "lock" and not node.value.endswith("*"):
            lock = self._lock(node)
            if not self._frequency(lock, "lock"):
                self.plan.unknown.append(node.value)
            return self._any("rule", [rule_term(lock, rules.held)]) if rules.held else self._any("lock", [lock])
        return self._any(name, self._values(node))

    def _values(self, node: Field) -> list[str]:
        """The terms that a value stands for in its field."""
        if node.name in CLOSED:
            return [self._closed(node)]
        value = normal_term(node.name, node.value)
        if node.name in ("struct", "op"):
            value = self._full_name(node.name, bare(value))
        if value.endswith("*") and node.name not in ("param", "returns"):
            return self._expand(node.name, value.rstrip("*"), node.value_place, len(node.value))
        if node.name == "document":
            paths = [text(path) for path in self.reader.lexicon("document")]
            found = [path for path in paths if path == value or path.endswith("/" + value)]
            self.plan.unknown.extend([] if found else [node.value])
            return found
        if not self._frequency(value, node.name):
            self.plan.unknown.append(value)
        return [value]

    def _full_name(self, kind: str, name: str) -> str:
        """The name of an op or a table that is written shorter: `i_op`, `f_op.mmap`."""
        symbol = None if self._frequency(name, kind) else self.symbols.get(name)
        entries = [self.catalogue.entries[self.catalogue.things[thing][0]] for thing in symbol.things] if symbol else []
        return next((entry.name.lower() for entry in entries if entry.kind == kind), name)

    def _lock(self, node: Field) -> str:
        subject = node.value if self._frequency(node.value.lower(), "lock") else subject_of(node.value)
        former = {name.lower() for name in lock_names(subject)} - {subject.lower()}
        if bare(node.value) in former and (bare(node.value), subject) not in self.plan.renamed:
            self.plan.renamed.append((bare(node.value), subject))
        return subject.lower()

    def _closed(self, node: Field) -> str:
        value = node.value.lower()
        value = WRITTEN_MODES.get(value, value) if node.name == "held" else value
        if value not in CLOSED[node.name]:
            advice = "one of " + ", ".join(CLOSED[node.name])
            mistake(
                self.query, node.value_place, len(node.value), f"`{node.name}:` has no value `{node.value}`", advice
            )
        return value

    def _version(self, node: Field) -> whoosh_query.Query:
        try:
            chosen = set(held_versions(node.value, self.labels))
        except UsageError as error:
            shown = ", ".join(self.labels[:12]) + (", ..." if len(self.labels) > 12 else "")
            mistake(self.query, node.value_place, len(node.value), error.what, f"held are {shown or 'none'}")
        if node.name == "version":
            sets = (number for number, labels in enumerate(self.version_sets) if chosen.intersection(labels))
            return Documents(sorted(chain.from_iterable(self.index.of_set.get(number, ()) for number in sets)))
        having = self.index.since if node.name == "since" else self.index.removed
        return Documents(sorted({document for label in chosen for document in having.get(label, ())}))


def _every(queries: list[whoosh_query.Query]) -> whoosh_query.Query:
    return queries[0] if len(queries) == 1 else whoosh_query.And(queries)
