"""`Searcher`: one opened index, for any number of threads."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from threading import Lock

from kbase.kernel.exact_names import ItemKind, key_of, spellings
from kbase.model.available_versions import Available
from kbase.model.version_ranges import nearest_versions, versions_of
from kbase.model.versions import version_key
from kbase.model.witnesses import DocumentKind
from kbase.search.compiler import Compiler
from kbase.search.facets import Facets
from kbase.search.index import Symbol, open_index
from kbase.search.plan import Plan
from kbase.search.query_syntax import FIELDS, Field, items_of, parse, refuse
from kbase.search.question_versions import change_period
from kbase.search.ranking import Ranked, Ranker
from kbase.search.results import MAX_LIMIT, Hit, SearchResults, Suggestion
from kbase.search.search_document import SearchDocument
from kbase.search.snippets import snippet, wanted_words
from kbase.search.symbols import Symbols
from kbase.search.terms import SHOWN

ABOUT_AS_WELL = 0.6  # share of the best score
SUGGESTED = 5  # queries to try instead
RANGES_CACHED = 1024  # sets of versions: most hits share one, and its ranges take longer than the rest of a hit
CHANGES = {
    "since": "was added",
    "removed": "was removed",
    "changed": "was added, was removed, or has another prototype or lock rule",
}
KIND_ORDER = {kind.value: place for place, kind in enumerate(ItemKind)}


class Searcher:
    """Answers queries over the index in a folder. Threads may share it: they take turns at the inverted index."""

    def __init__(self, folder: Path, expected: str | None = None, available: Available | None = None) -> None:
        """Open the index that `write_index` wrote; `expected` is its `manifest_hash`, if it is known.

        `available` resolves labels to versions; without it, the lowest version represents a release.

        Raises:
            StoreError: there is none, or it is not ours.
        """
        self.index = open_index(folder, expected)
        self.catalogue = self.index.catalogue
        self.labels = tuple(sorted(self.index.labels, key=version_key))
        self.available = available or Available(dict.fromkeys(self.labels, ()), self.labels)
        self.release_ranges = lru_cache(RANGES_CACHED)(self.available.ranges)
        self.age = {label: place for place, label in enumerate(self.labels, 1)} | {"": 0}
        self.ages = [self.age[document.version] for document in self.catalogue.documents]
        self.symbols = Symbols(self.catalogue.symbols)
        self.ranker = Ranker(self.symbols, self.index)
        self.facets = Facets(self.index)
        self._inverted, self._turn = self.index.inverted.searcher(), Lock()

    def close(self) -> None:
        """Close the files; the searcher cannot be used any more. Closing it again does nothing."""
        if not self._inverted.is_closed:
            self._inverted.close()
            self.index.inverted.close()

    def search(
        self,
        query: str,
        *,
        version: str | None = None,
        filters: Mapping[str, str] | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> SearchResults:
        """The hits of a query in the query language, best first.

        `version` is a version or a range, `filters` has a value for any field of the language (a facet's, say); both
        must be met. `limit` is at most `MAX_LIMIT`.

        Raises:
            QueryError: the query or a filter is wrong, or too broad.
        """
        tree = parse(query)
        conditions = _conditions(query, {"version": version or "", **(filters or {})})
        if not query.strip() and not conditions:
            return SearchResults(query=query, total=0)
        with self._turn:
            plan = Compiler(self._inverted, self.symbols, self.index, self.available, query).compile(tree, conditions)
            ranked = self.ranker.rank(self._inverted, plan, query)
        values = [f.value for f in (*conditions, *items_of(tree)) if isinstance(f, Field) and f.name == "version"]
        sets = [frozenset(versions_of(value, self.available)) for value in values]
        shown = frozenset.intersection(*sets) if sets else None
        if ranked.of_versions and not plan.change:
            shown = frozenset(plan.versions).intersection(shown or plan.versions) or shown
        first = max(0, offset)
        return self._results(query, plan, ranked, shown, slice(first, first + max(0, min(limit, MAX_LIMIT))))

    def _results(
        self, query: str, plan: Plan, ranked: Ranked, shown: frozenset[str] | None, page: slice
    ) -> SearchResults:
        entries, entry_of = defaultdict[int, list[int]](list), self.index.entry_of
        for document in ranked.scores:
            entries[entry_of[document]].append(document)
        wanted = wanted_words(self._marked(plan, ranked))
        meeting = {entry_of[document] for document in plan.meeting} & entries.keys()
        best = self._best(entries, ranked, meeting, shown, page)
        renamed = self._renamed(plan, ranked)
        return SearchResults(
            query=query,
            total=len(entries),
            hits=tuple(
                self._hit(document, shown, snippet(self._prose(document), wanted), meeting) for document in best
            ),
            facets=self.facets.count(entries.values(), plan.rules),
            suggestions=self._instead(query, plan),
            note=self._note(plan, ranked, renamed),
            renamed=tuple(dict.fromkeys(chain.from_iterable(renamed.values()))),
            reading=_reading(plan, ranked),
        )

    def _marked(self, plan: Plan, ranked: Ranked) -> Iterator[str]:
        """The words to mark in snippets: those searched, and the new names of old ones."""
        yield from plan.prefixes
        for word in plan.words:
            yield from (*word.terms, word.typed)
        yield from (self.index.first(entry).name.rpartition(".")[2].lower() for entry in ranked.successors)

    def _best(
        self,
        entries: dict[int, list[int]],
        ranked: Ranked,
        meeting: set[int],
        shown: frozenset[str] | None,
        page: slice,
    ) -> list[int]:
        """A page of documents, one an entry: the newest of those that match about as well as any.

        Entries that the query names come first, then those that meet the question's condition, then the rest by score.
        """
        scores = ranked.scores
        rank = {entry: max(map(scores.__getitem__, same)) for entry, same in entries.items()}
        named = dict.fromkeys((*self._pinned(ranked.pinned, rank), *self._pinned(ranked.successors, rank)))
        others = sorted((entry not in meeting, -score, entry) for entry, score in rank.items() if entry not in named)
        order = [*named, *(entry for *_, entry in others)]
        return [
            self._variant(entries[e], scores, 0.0 if e in named else ABOUT_AS_WELL * rank[e], shown)
            for e in order[page]
        ]

    def _variant(
        self, documents: list[int], scores: dict[int, float], least: float, shown: frozenset[str] | None
    ) -> int:
        """The newest of an entry's documents that match well enough."""
        well = [document for document in documents if scores[document] >= least]
        if len(well) == 1:
            return well[0]
        if shown is None:
            newest = max([self.ages[document] for document in well])
            well = [document for document in well if self.ages[document] == newest]
        places = self.catalogue.entries[self.index.entry_of[well[0]]].index
        return max(well, key=lambda d: (self.age[self._version_shown(d, shown)], scores[d], places(d)))

    def _pinned(self, named: Sequence[int], rank: dict[int, float]) -> list[int]:
        """The named entries among the found, ops before locks and so on, those of the newest version first."""
        found = [entry for entry in named if entry in rank]
        return sorted(
            found,
            key=lambda e: (KIND_ORDER[self.index.first(e).kind], -self.age[self.index.newest(e).version], -rank[e], e),
        )

    def _version_shown(self, document: int, shown: frozenset[str] | None) -> str:
        version = self.catalogue.documents[document].version
        if not shown:
            return version
        return max(shown.intersection(self.catalogue.versions_of(document)), key=self.age.__getitem__, default=version)

    def _hit(self, document: int, shown: frozenset[str] | None, snippet: str, meeting: set[int]) -> Hit:
        found, entry = self.catalogue.documents[document], self.index.entry_of[document]
        version, url = self._version_shown(document, shown), found.url
        if version != found.version and url.startswith(f"/v/{found.version}/"):
            url = f"/v/{version}/{url.removeprefix(f'/v/{found.version}/')}"
        return Hit(
            kind=found.kind,
            name=found.name,
            title=found.title,
            versions=self._ranges(entry, shown),
            snippet=snippet,
            url=url,
            version=version,
            struct=found.struct,
            op=found.op,
            prototype=found.prototype,
            chips=found.chips,
            path=found.path,
            line=found.line,
            meets=entry in meeting if meeting else None,
        )

    def _prose(self, document: int) -> str:
        """The text for snippets; for an op, without the parts that the hit shows separately."""
        text = self.index.text(document)
        of_op = self.catalogue.documents[document].kind == ItemKind.OP
        return text.rpartition(SHOWN)[0].rstrip() if of_op else text

    def _ranges(self, entry: int, shown: frozenset[str] | None) -> tuple[str, ...]:
        """The versions that have the entry, of those chosen, if any are, as ranges of releases."""
        documents = self.catalogue.entries[entry]
        if shown is None and (releases := self.index.first(entry).releases):
            return releases
        labels = frozenset(label for document in documents for label in self.catalogue.versions_of(document))
        kinds = {kind for document in documents for kind in self.catalogue.documents[document].sources}
        sources = frozenset(map(DocumentKind, kinds))
        return self.release_ranges(labels if shown is None else labels & shown, sources, shown)

    # the note shown with the hits

    def _instead(self, query: str, plan: Plan) -> tuple[str, ...]:
        """Queries to try instead: with near names for unknown ones, with available versions for unavailable ones."""
        meant = dict(plan.corrected)
        queries = [
            _replaced(query, {typed: near})
            for typed, label in plan.missing
            for near in self.available.nearest(label)
            if near.removeprefix("v") not in query
        ]
        queries += [
            _replaced(query, meant | {word: name})
            for word in dict.fromkeys((*plan.absent, *meant))
            for name in self.symbols.near(word, SUGGESTED)
            if name.lower() not in meant.values()
        ]
        return tuple(dict.fromkeys(queries))[:SUGGESTED]

    def _renamed(self, plan: Plan, ranked: Ranked) -> dict[str, list[str]]:
        """The current names for former names in the query."""
        renamed: dict[str, dict[str, None]] = {}
        for old, new in plan.renamed:
            renamed.setdefault(old, {})[new] = None
        for symbol, successor in ranked.former:
            if not self._still_called(symbol, successor):
                renamed.setdefault(symbol.name, {})[self.index.first(successor).name] = None
        return {old: list(new) for old, new in renamed.items()}

    def _still_called(self, symbol: Symbol, successor: int) -> bool:
        """Whether the newest version has something of that name in the successor's ops table."""
        newest = next((label for label in reversed(self.labels) if label.startswith("v")), None)
        struct = self.index.first(successor).struct
        same = (self.index.newest(entry) for entry in symbol.entries if self.index.first(entry).struct == struct)
        return any(document.version == newest for document in same)

    def _note(self, plan: Plan, ranked: Ranked, renamed: Mapping[str, Sequence[str]]) -> str | None:
        """What was done to the query: other versions, names that have changed, typos, names in no document."""
        notes = list(dict.fromkeys(plan.notes))
        for _, label in plan.missing:
            near = nearest_versions(label, self.available)
            notes.append(f"{label} is not available{near and ', '}{near}")
        if plan.change and (plan.change == "changed" or not ranked.of_versions):
            what = "shown is what" if ranked.of_versions else "nothing of it"
            notes.append(f"{what} {CHANGES[plan.change]} {change_period(plan.versions, self.labels)}")
        notes += [f"{old} is now {', '.join(new)}" for old, new in renamed.items()]
        notes += [f"{typed} is not in these documents; shown is {better}" for typed, better in plan.corrected]
        notes += [f"{word} is not in these documents" for word in dict.fromkeys(plan.absent)]
        return "; ".join(notes[:3]) or None

    def suggest(self, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """Names that begin with `prefix`, then names with a part that does; ops and locks first."""
        typed = next(reversed(spellings(prefix)), key_of(prefix))
        found: dict[int, Symbol] = {}
        for symbol in self.symbols.beginning(typed, MAX_LIMIT) if typed else ():
            for entry in symbol.entries or symbol.successors:
                found.setdefault(entry, symbol)
        newest = {entry: self.index.newest(entry) for entry in found}

        def order(entry: int) -> tuple[object, ...]:
            document = newest[entry]
            own = any(name.lower().startswith(typed) for name in (document.op or document.name, document.name))
            return not own, KIND_ORDER[document.kind], len(document.name), document.name

        best = sorted(found, key=order)[: max(0, min(limit, MAX_LIMIT))]
        return tuple(_suggestion(newest[entry], found[entry]) for entry in best)


def _suggestion(document: SearchDocument, symbol: Symbol) -> Suggestion:
    """An entry with its table, or with the name that was begun if that is not its own."""
    own = document.op if document.op and document.kind == ItemKind.OP else document.name
    other = symbol.name if symbol.name.lower() not in own.lower() and "." not in symbol.name else ""
    detail = document.struct or "" if not other else other if symbol.entries else f"was {other}"
    return Suggestion(text=document.name, kind=document.kind, url=document.url, detail=detail)


def _reading(plan: Plan, ranked: Ranked) -> str | None:
    """The question in the query language, where its conditions or versions were understood."""
    asked = plan.reading if plan.meeting or (plan.change and ranked.of_versions) else ""
    ends = dict.fromkeys((*plan.versions[:1], *plan.versions[-1:]))
    when = f"{plan.change or 'version'}:{'..'.join(ends)}" if ranked.of_versions and plan.versions else ""
    typed = "" if asked else " ".join(word.typed for word in plan.words)
    return " ".join(filter(None, (typed, asked, when))) if asked or when else None


def _replaced(query: str, names: Mapping[str, str]) -> str:
    """The query with names for words; the name alone where the word is not written so."""
    for word, name in names.items():
        place = query.lower().find(word.lower())
        query = query[:place] + name + query[place + len(word) :] if place >= 0 else name
    return query


def _conditions(query: str, filters: Mapping[str, str]) -> list[Field]:
    conditions, place = list[Field](), 0
    for name, value in filters.items():
        if not value:
            continue
        if name not in FIELDS:
            refuse(query, 0, 0, f"there is no filter `{name}`", "the filters are " + ", ".join(FIELDS))
        conditions.append(Field(name=name, value=value, place=place, value_place=place + len(name) + 1))
        place += len(name) + len(value) + 2
    return conditions
