"""From the tree of a query to whoosh queries, and what the ranking has to know.

Conditions, phrases, groups and words beside AND become one whoosh query that must match; plain words stay separate, for
`kbase.search.ranking` to weigh. Versions are compared as versions and expanded over the versions held; `held:` and
`lock:` of one conjunction meet on one rule. Everything is capped before anything runs.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain

from whoosh import query as whoosh_query
from whoosh.searching import Searcher as WhooshSearcher

from kbase.errors import UsageError
from kbase.kernel.locks import lock_names, subject_of
from kbase.model.available_versions import Available
from kbase.model.records import Effect, Held, Mode
from kbase.model.releases import release_of
from kbase.model.versions import is_version
from kbase.search import asking
from kbase.search.analyzer import KIND_WORDS, words
from kbase.search.asking import Condition
from kbase.search.facts import ANY_LOCK, rule_term
from kbase.search.index import Opened, normal_term, text
from kbase.search.plan import Documents, Plan, QueryWord, Rules
from kbase.search.postings import Postings
from kbase.search.question import Question
from kbase.search.ranges import held_versions, notes_of, told_near
from kbase.search.results import HitKind
from kbase.search.symbols import Symbols, bare
from kbase.search.syntax import All, Either, Field, Node, Not, Phrase, Prefix, Word, mistake
from kbase.search.turns import STATED
from kbase.search.when import CHANGED, NONE, comes_or_goes, versions_in
from kbase.search.wording import Wording

MAX_EXPANSION = 300  # words that the prefixes of one query may stand for
MAX_PHRASE_TEXTS = 2_000  # texts that are read for the phrases of one query
MAX_POSTINGS = 15_000  # entries of the index that the conditions of one query may touch

CLOSED = {
    "kind": tuple(kind.value for kind in HitKind),
    "held": tuple(value.value for value in (*Held, *Mode, *Effect)),
    "blocks": ("yes", "no", "maybe"),
}
WRITTEN_MODES = {"read": "shared", "write": "exclusive"}


class Compiler:
    """Compiles trees against one index."""

    def __init__(
        self,
        searcher: WhooshSearcher,
        symbols: Symbols,
        index: Opened,
        available: Available,
        postings: Postings,
        turns: Callable[[], Mapping[str, Sequence[int]]],
    ) -> None:
        """`turns` gives what `kbase.search.turns` does."""
        self.searcher, self.reader, self.symbols = searcher, searcher.reader(), symbols
        self.index, self.catalogue, self.version_sets = index, index.catalogue, index.catalogue.version_sets
        self.available, self.postings, self.turns = available, postings, turns
        self._begin("")

    def _begin(self, query: str) -> None:
        self.query, self.plan, self.spent, self.when = query, Plan(), Counter[str](), NONE
        self.wording = Wording(self.searcher, self.symbols, self.catalogue, self.postings, self.plan)
        self.question = Question(self.symbols, self.catalogue, self.plan)

    def compile(self, query: str, tree: Node, conditions: Sequence[Field] = ()) -> Plan:
        """The plan of a parsed query, with conditions chosen beside it (facets) that must hold too.

        Raises:
            QueryError: a value means nothing, or the query is too broad.
        """
        self._begin(query)
        items = list(tree.items) if isinstance(tree, All) else [tree]
        loose = [item for item in items if isinstance(item, Word) and not item.required]
        hard = [item for item in items if item not in loose]
        for word in self._without_versions(loose):
            self.wording.add(word)
        if hard or conditions:
            self._require(hard, conditions)
        if self.plan.versions or (len(self.plan.said) > 1 and not self.plan.whole):
            self._understand()
        self.wording.drop_question_words()
        if len(self.plan.words) > 1 and not self.plan.whole:
            self.wording.join()
        return self.plan

    # what a question wants

    def _without_versions(self, loose: list[Word]) -> list[Word]:
        """The plain words but versions: those become what the question is about, or are told to be missing."""
        texts, plan = [word.text for word in loose], self.plan
        plan.said = [word for text in texts for word in words(text)]
        self.when = versions_in(texts, self.available)
        if self.when is NONE:
            return loose
        plan.versions, plan.missing = self.when.held, self.when.missing
        plan.notes.extend(self.when.notes)
        others = [word for place, word in enumerate(loose) if place not in self.when.places]
        return others if others or plan.versions else loose

    def _understand(self) -> None:
        """Note what is meant and of which versions; where things are named, versions only say when."""
        said, plan, named = self.plan.said, self.plan, self.question.named()
        if self.when.places and not (named[HitKind.OP] or named[HitKind.LOCK]):
            came = comes_or_goes(said)
            plan.versions, plan.came = (self.when.later, came) if came and self.when.later else (plan.versions, "")
        if plan.versions:
            plan.within = frozenset(self._of_versions(plan.came or "version", set(plan.versions)))
            if plan.came:
                self._what_came(said)
        if not self._list() and not named[HitKind.OP]:
            lock, struct = (next(iter(named[kind]), None) for kind in (HitKind.LOCK, HitKind.STRUCT))
            types = [(name, (term,)) for name, term in asking.types(said) if self.wording.frequency(term, name)]
            plan.asked = (*types, *asking.conditions(said, lock, struct))
            plan.meant = self._of_all(plan.asked)
            if not plan.meant:
                plan.asked = asking.relaxed(plan.asked)
                plan.meant = self._of_all(plan.asked)

    def _what_came(self, said: Sequence[str]) -> None:
        """Of what came or went, only the kinds that the question names; words that say no more are not searched for."""
        kinds = {KIND_WORDS[word].value for word in said if word in KIND_WORDS}
        if kinds:
            self.plan.within &= self._having("kind", kinds)
        if all(word in KIND_WORDS or comes_or_goes([word]) for word in self.question.content()):
            self.plan.words = []

    def _list(self) -> bool:
        """Whether all things of a kind are asked for, or all of a table that came or went: then those and no others."""
        plan, kind = self.plan, asking.listed([word.typed for word in self.plan.words])
        asked: tuple[Condition, ...] = (("kind", (kind.value,)),) if kind else ()
        if plan.came and not kind:
            asked = self.question.tables()
        found = self._of_all(asked)
        found = found & plan.within if plan.within else found
        if plan.came and asked and not found:
            plan.within = frozenset()  # what else came or went is not what was asked for
        if found:
            plan.words, plan.asked, plan.meant = [], asked, found
            every = Documents(sorted(found))
            plan.required = every if plan.required is None else _every([every, plan.required])
        return bool(found)

    def _of_all(self, asked: Sequence[Condition]) -> frozenset[int]:
        """The documents of which all conditions are true; none where nothing is asked."""
        found = [self._having(*condition) for condition in asked]
        return frozenset(set.intersection(*found)) if found else frozenset()

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
        found = list(self.wording.terms(node.text))
        self.plan.words.extend(QueryWord(terms, typed, False) for terms, typed in found)
        return _every(
            [self._any("body", terms) if self._known(terms) else self._called(typed) for terms, typed in found]
        )

    def _known(self, terms: Iterable[str]) -> bool:
        return any(map(self.wording.frequency, terms))

    def _called(self, name: str) -> whoosh_query.Query:
        """The documents of what has a name that stands in no text: `inode_trylock` of i_rwsem."""
        symbol = self.symbols.exact(name)
        return Documents(sorted(d for thing in (symbol.all if symbol else ()) for d in self.catalogue.things[thing]))

    def _phrase(self, node: Phrase) -> whoosh_query.Query:
        """The documents whose text has the words side by side: whoosh finds those that have them all."""
        said = words(node.text)
        if len(said) == 1:
            return self._word(Word(text=node.text, place=node.place))
        self.plan.words.extend(QueryWord((word,), word, False) for word in said)
        self.plan.unknown.extend(word for word in said if not self.wording.frequency(word))
        candidates = list(_every([self._any("body", [word]) for word in said]).docs(self.searcher))
        self.spent["texts"] += len(candidates)
        if self.spent["texts"] > MAX_PHRASE_TEXTS:
            what = f"the words of this phrase stand in {len(candidates)} texts, too many to read"
            mistake(self.query, node.place, len(node.text) + 2, what, "add a rarer word to the phrase")
        pattern = _side_by_side(said)
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
        self.spent["postings"] += sum(self.wording.frequency(term, field_name) for term in terms)
        if self.spent["postings"] > MAX_POSTINGS:
            what = "the query touches too much of the index"
            mistake(self.query, 0, len(self.query), what, "use rarer words, or fewer of them")
        if not terms:
            return whoosh_query.NullQuery
        if len(terms) == 1:
            return whoosh_query.Term(field_name, terms[0])
        return Documents(sorted(self._having(field_name, terms)))

    def _having(self, field_name: str, terms: Iterable[str]) -> set[int]:
        """The documents with one of the terms in the field."""
        held = (term for term in terms if (field_name, term) in self.reader)
        return set(chain.from_iterable(self.searcher.postings(field_name, term).all_ids() for term in held))

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
            if not self.wording.frequency(lock, "lock"):
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
        if not self.wording.frequency(value, node.name):
            self.plan.unknown.append(value)
        return [value]

    def _full_name(self, kind: str, name: str) -> str:
        """The name of an op or a table that is written shorter: `i_op`, `f_op.mmap`."""
        symbol = None if self.wording.frequency(name, kind) else self.symbols.get(name)
        entries = [self.catalogue.entries[self.catalogue.things[thing][0]] for thing in symbol.things] if symbol else []
        return next((entry.name.lower() for entry in entries if entry.kind == kind), name)

    def _lock(self, node: Field) -> str:
        subject = node.value if self.wording.frequency(node.value.lower(), "lock") else subject_of(node.value)
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
            chosen = set(held_versions(node.value, self.available))
        except UsageError as error:
            mistake(self.query, node.value_place, len(node.value), error.what, self._held_near(node.value))
        self.plan.notes.extend(notes_of(node.value, self.available))
        return Documents(self._of_versions(node.name, chosen))

    def _held_near(self, value: str) -> str:
        """Which versions are available next to one that is not, or else which are available at all."""
        labels = self.available.labels
        shown = ", ".join(labels[:12]) + (", ..." if len(labels) > 12 else "")
        near = told_near(value, self.available) if is_version(value) else ""
        return near or f"available are {shown or 'none'}"

    def _of_versions(self, name: str, chosen: set[str]) -> list[int]:
        """The documents that these versions have, or that came, went or changed with one of them.

        What came or went with a release is dated by the version that stands for it, even if another one has its label.
        """
        if name == "version":
            sets = (number for number, labels in enumerate(self.version_sets) if chosen.intersection(labels))
            return sorted(chain.from_iterable(self.index.of_set.get(number, ()) for number in sets))
        chosen = chosen | {self.available.representatives.get(label, label) for label in chosen}
        if name == CHANGED:
            turned = {document for label in chosen for document in self.turns().get(label, ())}
            others = chain.from_iterable(self._of_versions(other, chosen) for other in ("since", "removed"))
            return sorted(turned.union(d for d in others if self.catalogue.entries[d].kind in STATED))
        having = self.index.since if name == "since" else self.index.removed
        meant = {release_of(label) for label in chosen}  # dates are those of releases, whichever version stands for one
        return sorted({each for label, documents in having.items() if release_of(label) in meant for each in documents})


def _side_by_side(said: Sequence[str]) -> re.Pattern[str]:
    """Two words or more with nothing but punctuation and space between them."""
    first, *others = map(re.escape, said)
    return re.compile(rf"{first}(?<!\w{first})\W+" + r"\W+".join(others) + r"(?!\w)")


def _every(queries: list[whoosh_query.Query]) -> whoosh_query.Query:
    return queries[0] if len(queries) == 1 else whoosh_query.And(queries)
