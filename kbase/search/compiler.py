"""Compiles a query tree to the documents that meet its conditions and the remaining words for ranking.

Conditions, phrases, groups and operands of AND are sets of documents. Versions are compared as versions and expanded
over the available ones; `held:` and `lock:` of one conjunction apply to one rule. Everything is capped.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, islice

from whoosh.searching import Searcher as WhooshSearcher

from kbase.errors import UsageError
from kbase.kernel.exact_names import ItemKind, spellings
from kbase.kernel.locks import lock_names, subject_of
from kbase.model.available_versions import Available
from kbase.model.records import Held
from kbase.model.releases import release_of
from kbase.model.version_ranges import nearest_versions, notes_of, versions_of
from kbase.model.versions import age, is_version
from kbase.model.words import Effect, Mode
from kbase.search.index import Index, normal_term, term_text
from kbase.search.plan import Plan, QueryWord, Rules
from kbase.search.query_expansion import QueryExpansion
from kbase.search.query_syntax import Field, Node, Not, Text, items_of, parse, refuse
from kbase.search.question import Names, reading
from kbase.search.question_versions import NamedVersions, change_asked, named_versions
from kbase.search.symbols import Symbols
from kbase.search.terms import ANY_LOCK, rule_term
from kbase.search.words import HOW_WORDS, KIND_WORDS, QUESTION_WORDS, WEAK_WORDS, words

MAX_EXPANSION = 300  # words that the prefixes of one query may match
MAX_POSTINGS = 15_000  # postings that the conditions of one query may read
READING = 7  # postings that take as long as a text to look for a phrase in

CLOSED = {
    "kind": tuple(kind.value for kind in ItemKind),
    "held": tuple(value.value for value in (*Held, *Mode, *Effect)),
    "blocks": ("yes", "no", "maybe"),
}
WRITTEN_MODES = {"read": "shared", "write": "exclusive"}
DATES = ("version", "since", "removed", "changed")


class Compiler:
    """Compiles one query against one index."""

    def __init__(
        self, searcher: WhooshSearcher, symbols: Symbols, index: Index, available: Available, query: str
    ) -> None:
        """`searcher` reads the inverted index of `index`; `query` is shown in errors."""
        self.searcher, self.reader, self.symbols = searcher, searcher.reader(), symbols
        self.index, self.available = index, available
        self.query, self.plan, self.spent = query, Plan(), Counter[str]()
        self.expansion = QueryExpansion(self.reader, symbols, index, self.plan)

    def compile(self, tree: Node, conditions: Sequence[Field] = ()) -> Plan:
        """The plan of a parsed query; the selected facet values are further conditions.

        Raises:
            QueryError: a value means nothing, or the query is too broad.
        """
        loose = [t for t in items_of(tree) if isinstance(t, Text) and t.kind == "word" and not t.required]
        hard = [item for item in items_of(tree) if item not in loose]
        versions = named_versions([word.text for word in loose], self.available)
        plain = [word for place, word in enumerate(loose) if place not in versions.places]
        for word in plain if plain or versions.available else loose:
            self.expansion.add(word)
        if hard or conditions:
            self._require(hard, conditions)
        if len(loose) > 1 or versions.available:
            self._understand([word for item in plain for word in words(item.text)], versions)
        self.expansion.drop_question_words()
        return self.plan

    # plain questions

    def _understand(self, typed: Sequence[str], versions: NamedVersions) -> None:
        """Record in the plan what the question asks, and about which versions."""
        plan, names = self.plan, self._names(typed)
        plan.missing = versions.missing
        plan.notes.extend(versions.notes)
        kinds = {kind for kind, _ in names.values()}
        change = change_asked(typed) if versions.later and not kinds & {ItemKind.OP, ItemKind.LOCK} else ""
        plan.versions, plan.change = (versions.later, change) if change else (versions.available, "")
        if plan.versions:
            within = self._dated(plan.change or "version", set(plan.versions))
            plan.within = frozenset(self._changed(within, typed, names) if change else within)
        if plan.change:
            return
        plan.reading = reading(typed, names)
        plan.meeting = frozenset(self._meeting(plan.reading) if plan.reading else ())
        if not plan.meeting and "blocks:no" in plan.reading and any(word.startswith("non") for word in typed):
            # "non-blocking", and nothing never blocks: what need not
            plan.reading = plan.reading.replace("blocks:no", "blocks:maybe")
            plan.meeting = frozenset(self._meeting(plan.reading))
        if plan.reading.startswith("kind:"):  # everything of a kind, and nothing else
            plan.words = []
            plan.required = {*plan.meeting} if plan.required is None else plan.required & plan.meeting

    def _names(self, typed: Sequence[str]) -> Names:
        """The ops, locks and tables that the words name; words such as "read" are no names, see `HOW_WORDS`."""
        corrected, found = dict(self.plan.corrected), dict[tuple[int, int], tuple[ItemKind, str]]()
        spelled = [corrected.get(word, word) for word in typed]
        taken = set[int]()
        for size in (3, 2, 1):
            for first in range(len(spelled) + 1 - size):
                span = spelled[first : first + size]
                symbol = self.symbols.exact("_".join(span)) or self.symbols.exact(" ".join(span))
                if symbol is None or (size == 1 and span[0] in HOW_WORDS) or taken & {*range(first, first + size)}:
                    continue
                documents = sorted(map(self.index.newest, symbol.all), key=lambda d: age(d.version), reverse=True)
                kind = next((ItemKind(document.kind) for document in documents), ItemKind.SECTION)
                if kind in (ItemKind.OP, ItemKind.LOCK, ItemKind.STRUCT):
                    several = kind is ItemKind.STRUCT and len(documents) > 1  # `fops`
                    found[first, first + size] = kind, symbol.name if several else documents[0].name
                    taken.update(range(first, first + size))
        self.plan.absent = [word for word in self.plan.absent if word not in {typed[place] for place in taken}]
        return found

    def _changed(self, within: set[int], typed: Sequence[str], names: Names) -> set[int]:
        """Narrow what was added, removed or changed to the kinds and the table that the question names."""
        kinds = list(dict.fromkeys(KIND_WORDS[word].value for word in typed if word in KIND_WORDS))
        named = [name for kind, name in names.values() if kind is ItemKind.STRUCT]
        structs = [full for name in named for full in self._full_names("struct", name.lower())]
        self.plan.reading = " ".join([*(f"kind:{kind}" for kind in kinds[:1]), *(f"struct:{name}" for name in named)])
        within = within & self._having("kind", kinds) if kinds else within
        within = within & self._having("struct", structs) if structs else within
        of_names = {place for span in names for place in range(*span)}
        content = [word for place, word in enumerate(typed) if place not in of_names]
        if not set(content) - WEAK_WORDS - QUESTION_WORDS - KIND_WORDS.keys() and within:
            self.plan.words = []
            self.plan.required = within if self.plan.required is None else self.plan.required & within
        return within

    def _meeting(self, text: str) -> set[int]:
        """The documents that meet a reading."""
        items = items_of(parse(text))
        return self._conjunction(items, self._rules(items))

    # conditions

    def _require(self, hard: Sequence[Node], conditions: Sequence[Field]) -> None:
        """The conditions of the query and of the facets; an error quotes the condition as it was written."""
        typed, asked = self.query, self._rules(hard)
        self.query = " ".join(f"{condition.name}:{condition.value}" for condition in conditions)
        chosen = self._conjunction(conditions, asked) if conditions else None
        self.plan.rules = self._rules(conditions, asked)
        self.query = typed
        found = self._conjunction(hard, self.plan.rules) if hard else None
        both = [each for each in (chosen, found) if each is not None]
        self.plan.required = set.intersection(*both)

    def _rules(self, nodes: Iterable[Node], around: Rules | None = None) -> Rules:
        """The conditions on rules among the nodes, with those around them."""
        around, fields = around or Rules(), [node for node in nodes if isinstance(node, Field)]
        locks = (self._lock(field) for field in fields if field.name == "lock" and not field.value.endswith("*"))
        held = (self._closed(field) for field in fields if field.name == "held")
        return Rules(tuple(dict.fromkeys((*around.locks, *locks))), tuple(dict.fromkeys((*around.held, *held))))

    def _conjunction(self, nodes: Sequence[Node], rules: Rules) -> set[int]:
        """The documents that everything wanted matches and nothing refused."""
        inner = self._rules(nodes, rules)
        wanted = [self._node(node, inner) for node in nodes if not isinstance(node, Not)]
        found = set.intersection(*wanted) if wanted else set(range(len(self.index.entry_of)))
        for node in nodes:
            if isinstance(node, Not):
                found -= self._refused(node.item, inner)
        return found

    def _refused(self, node: Node, rules: Rules) -> set[int]:
        """What a node under NOT matches; its words are neither scored nor marked."""
        before, prefixes = list(self.plan.words), list(self.plan.prefixes)
        found = self._node(node, Rules(rules.locks))
        self.plan.words, self.plan.prefixes = before, prefixes
        return found

    def _node(self, node: Node, rules: Rules) -> set[int]:
        match node:
            case Text(kind="word"):
                return self._word(node)
            case Text(kind="phrase"):
                return self._phrase(node)
            case Text():
                *whole, last = words(node.text)
                self.plan.prefixes.append(last)
                expanded = self._expand("body", last, node.place, len(node.text) + 1)
                return set.intersection(*(self._any("body", [word]) for word in whole), self._any("body", expanded))
            case Field():
                return self._field(node, rules)
            case Not():
                return self._conjunction([node], rules)
        if node.either:
            return set[int]().union(*(self._conjunction(items_of(item), rules) for item in node.items))
        return self._conjunction(node.items, rules)

    def _word(self, node: Text) -> set[int]:
        found = list[set[int]]()
        for terms, typed in self.expansion.terms(node.text):
            self.plan.words.append(QueryWord(terms, typed, required=True))
            found.append(self._any("body", terms))
        return set.intersection(*found) if found else set()

    def _phrase(self, node: Text) -> set[int]:
        """The documents whose text has the words side by side, among those that have them all."""
        typed = words(node.text)
        self.plan.words.extend(QueryWord((word,), word, required=True) for word in typed)
        self.plan.absent.extend(word for word in typed if not self.expansion.frequency(word))
        candidates = set.intersection(*(self._any("body", [word]) for word in typed))
        if len(typed) == 1:
            return candidates
        self._spend(READING * len(candidates))
        pattern = _side_by_side(typed)
        title = self.index.catalogue.documents
        return {d for d in candidates if pattern.search(f"{title[d].title}\n{self.index.text(d)}".lower())}

    def _expand(self, field: str, prefix: str, place: int, length: int) -> list[str]:
        left = MAX_EXPANSION - self.spent["expansion"]
        found = list(map(term_text, islice(self.reader.expand_prefix(field, prefix), left + 1)))
        self.spent["expansion"] += len(found)
        if len(found) > left:
            what = f"the prefixes match more than {MAX_EXPANSION} words"
            refuse(self.query, place, length, what, "write more of the letters")
        return found

    def _any(self, field: str, terms: Iterable[str]) -> set[int]:
        """The documents with one of the terms in the field."""
        terms = list(terms)
        self._spend(sum(int(self.searcher.doc_frequency(field, term)) for term in terms))
        return self._having(field, terms)

    def _spend(self, postings: int) -> None:
        self.spent["postings"] += postings
        if self.spent["postings"] > MAX_POSTINGS:
            what = "the query touches too much of the index"
            refuse(self.query, 0, len(self.query), what, "use rarer words, or fewer of them")

    def _having(self, field: str, terms: Iterable[str]) -> set[int]:
        known = (term for term in terms if (field, term) in self.reader)
        return set(chain.from_iterable(self.searcher.postings(field, term).all_ids() for term in known))

    # fields

    def _field(self, node: Field, rules: Rules) -> set[int]:
        if node.name in DATES:
            return self._versions(node)
        if node.name == "held":
            held = sorted({*rules.held, self._closed(node)})
            return set.intersection(*(self._any("rule", [rule_term(at, held)]) for at in rules.locks or (ANY_LOCK,)))
        if node.name == "lock" and not node.value.endswith("*"):
            lock = self._lock(node)
            if not self.searcher.doc_frequency("lock", lock):
                self.plan.absent.append(node.value)
            return self._any("rule", [rule_term(lock, rules.held)]) if rules.held else self._any("lock", [lock])
        return self._any(node.name, self._values(node))

    def _values(self, node: Field) -> list[str]:
        """The indexed terms for a value of a field."""
        if node.name in CLOSED:
            return [self._closed(node)]
        value = normal_term(node.name, node.value)
        if value.endswith("*") and node.name not in ("param", "returns"):
            return self._expand(node.name, value.rstrip("*"), node.value_place, len(node.value))
        if node.name == "document":
            paths = [term_text(path) for path in self.reader.lexicon("document")]
            found = [path for path in paths if path == value or path.endswith("/" + value)]
            self.plan.absent.extend([] if found else [node.value])
            return found
        found = self._full_names(node.name, value) if node.name in ("struct", "op") else [value]
        if not any(self.searcher.doc_frequency(node.name, term) for term in found):
            self.plan.absent.append(value)
        return found

    def _full_names(self, kind: str, name: str) -> list[str]:
        """The full names of ops or tables for other spellings: `i_op`, `f_op->mmap`."""
        known = next((key for key in spellings(name) if self.searcher.doc_frequency(kind, key)), None)
        symbol = None if known else self.symbols.get(name)
        documents = (self.index.first(entry) for entry in (symbol.entries if symbol else ()))
        return [document.name.lower() for document in documents if document.kind == kind] or [known or name]

    def _lock(self, node: Field) -> str:
        symbol = None if self.searcher.doc_frequency("lock", node.value.lower()) else self.symbols.get(node.value)
        documents = [self.index.first(entry) for entry in symbol.all] if symbol else []
        subject = next((d.name for d in documents if d.kind == ItemKind.LOCK), subject_of(node.value))
        former = {name.lower() for name in lock_names(subject)} - {subject.lower()}
        old = next((key for key in spellings(node.value) if key in former), None)
        if old and (old, subject) not in self.plan.renamed:
            self.plan.renamed.append((old, subject))
        return subject.lower()

    def _closed(self, node: Field) -> str:
        value = node.value.lower()
        value = WRITTEN_MODES.get(value, value) if node.name == "held" else value
        if value not in CLOSED[node.name]:
            advice = "one of " + ", ".join(CLOSED[node.name])
            what = f"`{node.name}:` has no value `{node.value}`"
            refuse(self.query, node.value_place, len(node.value), what, advice)
        return value

    def _versions(self, node: Field) -> set[int]:
        try:
            chosen = set(versions_of(node.value, self.available))
        except UsageError as error:
            labels = self.available.labels
            shown = ", ".join(labels[:12]) + (", ..." if len(labels) > 12 else "")
            near = nearest_versions(node.value, self.available) if is_version(node.value) else ""
            advice = near or f"available are {shown or 'none'}"
            refuse(self.query, node.value_place, len(node.value), error.what, advice)
        self.plan.notes.extend(notes_of(node.value, self.available))
        return self._dated(node.name, chosen)

    def _dated(self, field: str, chosen: set[str]) -> set[int]:
        """The documents that these versions have, or of what was added, removed or changed in one of them.

        Dates are those of releases, whichever version represents a release.
        """
        catalogue = self.index.catalogue
        if field == "version":
            return self.index.of_versions(chosen)
        releases = {release_of(label) for label in chosen}
        fields = ("since", "removed") if field == "changed" else (field,)
        found = {
            number
            for number, document in enumerate(catalogue.documents)
            if any(release_of(label) in releases for name in fields for label in getattr(document, name))
        }
        if field != "changed":
            return found
        stating = (ItemKind.OP, ItemKind.STRUCT, ItemKind.LOCK, ItemKind.FLAG, ItemKind.PORTING)  # not prose
        found = {number for number in found if catalogue.documents[number].kind in stating}
        of = {entry for label, ops in catalogue.changed.items() if release_of(label) in releases for entry in ops}
        changed = {number for number, document in enumerate(catalogue.documents) if document.entry in of}
        representatives = {self.available.representatives.get(release, release) for release in releases}
        return found | changed & self.index.of_versions(chosen | representatives)


def _side_by_side(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)" + r"\W+".join(map(re.escape, words)) + r"(?!\w)")
