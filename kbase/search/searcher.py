"""`Searcher`: one opened index, for any number of threads."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from queue import Empty, LifoQueue

from whoosh.searching import Searcher as WhooshSearcher

from kbase.model.available_versions import Available
from kbase.model.versions import collapse, version_key
from kbase.search.asking import spelled
from kbase.search.facets import Facets
from kbase.search.index import Entry, open_index
from kbase.search.lock_words import lock_words
from kbase.search.plan import Plan
from kbase.search.query import Compiler
from kbase.search.ranges import held_versions, told_near
from kbase.search.ranking import Ranked, Ranker
from kbase.search.results import Hit, HitKind, SearchResults, Suggestion
from kbase.search.snippets import Passage, heads, passage, snippet
from kbase.search.symbols import Symbol, Symbols, bare
from kbase.search.syntax import FIELDS, Field, fields_of, mistake, parse
from kbase.search.turns import turns
from kbase.search.when import CHANGED, told_turn
from kbase.store.lru_method import kept

MAX_LIMIT = 200
PASSAGES = 1_000  # texts kept for snippets
ANSWERS = 256  # answers kept; an open index never changes
RANGES = 8192  # ranges of versions kept
ABOUT_AS_WELL = 0.6  # share of the best score
SUGGESTED = 5  # queries to try instead
TITLED = (HitKind.MEMBER, HitKind.NOTE, HitKind.PORTING, HitKind.SECTION)  # rarely asked for by name
TURNED = {"since": "came", "removed": "went", CHANGED: "came, went or has another prototype or rule"}
KIND_ORDER = {kind.value: place for place, kind in enumerate(HitKind)}


class Searcher:
    """Answers queries over the index in a folder. Threads may share it; each search borrows a whoosh searcher."""

    def __init__(self, folder: Path, expected: str | None = None, available: Available | None = None) -> None:
        """Open the index that `write_index` wrote; `expected` is its `manifest_hash`, if it is known.

        `available` tells which version a label means; without it the lowest version stands for a release.

        Raises:
            StoreError: there is none, or it is not ours.
        """
        self.index = open_index(folder, expected)
        self.catalogue = self.index.catalogue
        self.labels = tuple(sorted(self.catalogue.labels, key=version_key))
        self.available = available or Available(dict.fromkeys(self.labels, ()), self.labels)
        self.age = {label: place for place, label in enumerate(self.labels, 1)} | {"": 0}
        self.ages = [self.age[entry.version] for entry in self.catalogue.entries]
        self.places = {d: place for same in self.catalogue.things for place, d in enumerate(same)}
        self.symbols = Symbols(self.catalogue.symbols, lock_words(self.catalogue))
        self.ranker = Ranker(self.symbols, self.catalogue)
        self.facets = Facets(self.catalogue)
        self.idle: LifoQueue[WhooshSearcher] = LifoQueue()

    def close(self) -> None:
        """Close the files; the searcher is of no more use."""
        while True:
            try:
                self.idle.get_nowait().close()
            except Empty:
                break
        self.index.inverted.close()

    @contextmanager
    def _borrowed(self) -> Iterator[WhooshSearcher]:
        try:
            searcher = self.idle.get_nowait()
        except Empty:
            searcher = self.index.inverted.searcher()
        try:
            yield searcher
        finally:
            self.idle.put(searcher)

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
        must hold. `limit` is at most 200.

        Raises:
            QueryError: the query or a filter is mistaken, or too broad.
        """
        chosen = (("version", version),) if version else ()
        return self._answer(query, (*chosen, *(filters or {}).items()), limit, offset)

    @kept(ANSWERS)
    def _answer(self, query: str, filters: tuple[tuple[str, str], ...], limit: int, offset: int) -> SearchResults:
        tree = parse(query)
        conditions = _conditions(query, filters)
        if not query.strip() and not conditions:
            return SearchResults(query=query, total=0)
        first = max(0, offset)
        page = slice(first, first + max(0, min(limit, MAX_LIMIT)))
        with self._borrowed() as searcher:
            compiler = Compiler(searcher, self.symbols, self.index, self.available, self.ranker.postings, self._turns)
            plan = compiler.compile(query, tree, conditions)
            ranked = self.ranker.rank(searcher, plan, query, self._low)
        shown = self._chosen_versions([*conditions, *fields_of(tree)])
        if ranked.of_versions and not plan.came:
            shown = frozenset(plan.versions).intersection(shown or plan.versions) or shown
        return self._results(query, plan, ranked, shown, page)

    @kept(1)
    def _turns(self) -> Mapping[str, Sequence[int]]:
        return turns(self.catalogue, self.index.text)

    def _chosen_versions(self, conditions: list[Field]) -> frozenset[str] | None:
        values = [condition.value for condition in conditions if condition.name == "version"]
        if not values:
            return None
        return frozenset.intersection(*(frozenset(held_versions(value, self.available)) for value in values))

    def _results(
        self,
        query: str,
        plan: Plan,
        ranked: Ranked,
        shown: frozenset[str] | None,
        page: slice,
    ) -> SearchResults:
        things, thing_of = defaultdict[int, list[int]](list), self.ranker.thing_of
        for document in ranked.scores:
            things[thing_of[document]].append(document)
        wanted = heads(self._marked(plan, ranked))
        meeting = {thing_of[document] for document in plan.meant} & things.keys()
        best = self._best(things, ranked, meeting, shown, page)
        renamed = self._renamed(plan, ranked)
        hits = (
            self._hit(document, shown, wanted, thing_of[document] in meeting if meeting else None) for document in best
        )
        return SearchResults(
            query=query,
            total=len(things),
            hits=tuple(hits),
            facets=self.facets.count(things.values(), plan.rules),
            suggestions=self._near(query, plan, len(things)),
            note=self._note(plan, ranked, renamed),
            renamed=tuple(dict.fromkeys(chain.from_iterable(renamed.values()))),
            reading=_reading(plan, ranked),
        )

    def _marked(self, plan: Plan, ranked: Ranked) -> Iterator[str]:
        """The words to mark in snippets: those searched, and the new names of old ones."""
        yield from plan.prefixes
        for word in plan.words:
            yield from (*word.terms, word.typed)
        yield from (self._first(thing).name.rpartition(".")[2].lower() for thing in ranked.successors)

    def _best(
        self,
        things: dict[int, list[int]],
        ranked: Ranked,
        meeting: set[int],
        shown: frozenset[str] | None,
        page: slice,
    ) -> list[int]:
        """A page of documents, one a thing: the newest of those that match about as well as any.

        What the query names stands first, then what meets the question's condition, then the rest, best first.
        """
        scores = ranked.scores
        rank = {thing: max(map(scores.__getitem__, same)) for thing, same in things.items()}
        order = [thing for *_, thing in sorted((thing not in meeting, -score, thing) for thing, score in rank.items())]
        named = dict.fromkeys((*self._pinned(ranked.pinned, rank), *self._pinned(ranked.successors, rank)))
        if named:
            order = [*named, *(thing for thing in order if thing not in named)]
        return [
            self._variant(things[t], scores, 0.0 if t in named else ABOUT_AS_WELL * rank[t], shown) for t in order[page]
        ]

    def _variant(
        self, documents: list[int], scores: dict[int, float], least: float, shown: frozenset[str] | None
    ) -> int:
        """The newest of a thing's documents that match well enough."""
        if len(documents) == 1:
            return documents[0]
        well, places = [document for document in documents if scores[document] >= least], self.places
        if len(well) == 1:
            return well[0]
        if shown is None:
            newest = max(map(self.ages.__getitem__, well))
            same = [document for document in well if self.ages[document] == newest]
            return same[0] if len(same) == 1 else max(same, key=lambda d: (scores[d], places[d]))
        entries = self.catalogue.entries
        return max(well, key=lambda d: (self.age[self._version_shown(entries[d], shown)], scores[d], places[d]))

    def _pinned(self, named: tuple[int, ...], rank: dict[int, float]) -> list[int]:
        """The named things among the found, ops before locks and so on; what is held longest stands first."""
        kinds = {thing: self._first(thing).kind for thing in named if thing in rank}
        if len(kinds) < 2:
            return list(kinds)
        last = {thing: self.age[self._entry(thing).version] for thing in kinds}
        return sorted(kinds, key=lambda thing: (KIND_ORDER[kinds[thing]], -last[thing], -rank[thing], thing))

    def _version_shown(self, entry: Entry, shown: frozenset[str] | None) -> str:
        if shown is None:
            return entry.version
        chosen = shown.intersection(self.catalogue.version_sets[entry.versionset])
        return max(chosen, key=self.age.__getitem__, default=entry.version)

    def _hit(self, document: int, shown: frozenset[str] | None, wanted: tuple[str, ...], meets: bool | None) -> Hit:
        entry = self.catalogue.entries[document]
        version = self._version_shown(entry, shown)
        url = entry.url
        if version != entry.version and url.startswith(f"/v/{entry.version}/"):
            url = f"/v/{version}/{url.removeprefix(f'/v/{entry.version}/')}"
        return Hit(
            kind=entry.kind,
            name=entry.name,
            title=entry.title,
            versions=self._ranges(entry.thing, shown),
            snippet=snippet(self._passage(document), wanted),
            url=url,
            version=version,
            struct=entry.struct,
            op=entry.op,
            prototype=entry.prototype,
            chips=entry.chips,
            path=entry.path,
            line=entry.line,
            meets=meets,
        )

    @kept(PASSAGES)
    def _passage(self, document: int) -> Passage:
        """A document's text."""
        of_op = self.catalogue.entries[document].kind == HitKind.OP
        return passage(self.index.text(document), of_op=of_op)

    def _low(self, document: int) -> str:
        return self._passage(document).low

    @kept(RANGES)
    def _ranges(self, thing: int, shown: frozenset[str] | None) -> tuple[str, ...]:
        """Every version that has the thing, of those chosen, as ranges."""
        sets = {self.catalogue.entries[document].versionset for document in self.catalogue.things[thing]}
        labels = {label for number in sets for label in self.catalogue.version_sets[number]}
        return collapse(tuple(labels if shown is None else labels & shown), self.labels)

    def _near(self, query: str, plan: Plan, total: int) -> tuple[str, ...]:
        """The query with what else may be meant by words that are not known, and with versions that are held."""
        meant = dict(plan.corrected)
        queries = [
            _instead(query, {typed: near})
            for typed, label in plan.missing
            for near in self.available.nearest(label)
            if near.removeprefix("v") not in query
        ]
        queries += [
            _instead(query, meant | {word: name})
            for word in dict.fromkeys((*plan.unknown, *meant))
            for name in self._names_near(bare(word), total)
            if name.lower() not in meant.values()
        ]
        return tuple(dict.fromkeys(queries))[:SUGGESTED]

    def _names_near(self, word: str, total: int) -> list[str]:
        """Names that a word may have meant, as written; where nothing was found, also those that begin like it."""
        near = [key for _, key in self.symbols.near(word, SUGGESTED, further=1)]
        near = near or [key for key in self.symbols.sharing_parts(word, 20) if self._is_name(self.symbols.table[key])]
        if near or total:
            return [self.symbols.table[key].name for key in near[:SUGGESTED]]
        begun = [symbol.name for symbol in self.symbols.beginning(word[:6], 20) if self._is_name(symbol)]
        return begun[:SUGGESTED]

    def _is_name(self, symbol: Symbol) -> bool:
        """Whether it is what one thing of the kernel is called, no title."""
        return any(self._first(thing).kind not in TITLED for thing in symbol.all)

    def _renamed(self, plan: Plan, ranked: Ranked) -> dict[str, list[str]]:
        """The present names of what the query calls by former names."""
        renamed: dict[str, list[str]] = {}
        for old, new in plan.renamed:
            renamed.setdefault(old, []).append(new)
        for symbol, successor in ranked.former:
            if not self._still_called(symbol, successor):
                renamed.setdefault(symbol.name, []).append(self._first(successor).name)
        return {old: list(dict.fromkeys(new)) for old, new in renamed.items()}

    def _note(self, plan: Plan, ranked: Ranked, renamed: Mapping[str, Sequence[str]]) -> str | None:
        """What was done to the query: other versions, names that have changed, typos, words that are nowhere."""
        missing = ((label, told_near(label, self.available)) for _, label in plan.missing)
        said = list(dict.fromkeys(plan.notes))
        said += [f"{label} is not available{near and ', '}{near}" for label, near in missing]
        if plan.came and (plan.came == CHANGED or not ranked.of_versions):
            what = "shown is what" if ranked.of_versions else "nothing of it"
            said.append(f"{what} {TURNED[plan.came]} {told_turn(plan.versions, self.labels)}")
        said += [f"{old} is now {', '.join(new)}" for old, new in renamed.items()]
        said += [f"nothing is called {typed}; shown is {better}" for typed, better in plan.corrected]
        said += [f"{word} stands nowhere" for word in dict.fromkeys(plan.unknown)]
        return "; ".join(said[:3]) or None

    def _still_called(self, symbol: Symbol, successor: int) -> bool:
        """Whether the newest version has something of that name in the successor's ops table."""
        newest = next((label for label in reversed(self.labels) if label.startswith("v")), None)
        same = (thing for thing in symbol.things if self._first(thing).struct == self._first(successor).struct)
        return any(self._entry(thing).version == newest for thing in same)

    def suggest(self, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """Names that begin like `prefix`, then names of which a part does; ops and locks first."""
        typed = bare(prefix)
        if not typed:
            return ()
        found = [
            (thing, symbol)
            for symbol in self.symbols.beginning(typed, 200)
            for thing in symbol.things or symbol.successors
        ]
        names = {thing: self._entry(thing) for thing, _ in found}
        order = sorted(
            names,
            key=lambda t: (not _ours(names[t], typed), KIND_ORDER[names[t].kind], len(names[t].name), names[t].name),
        )
        meant = dict(reversed(found))
        return tuple(self._suggestion(names[thing], meant[thing]) for thing in order[: max(0, min(limit, MAX_LIMIT))])

    def _first(self, thing: int) -> Entry:
        return self.catalogue.entries[self.catalogue.things[thing][0]]

    def _entry(self, thing: int) -> Entry:
        """What the newest version says of a thing."""
        entries = [self.catalogue.entries[document] for document in self.catalogue.things[thing]]
        return max(entries, key=lambda entry: self.age[entry.version])

    def _suggestion(self, entry: Entry, meant: Symbol) -> Suggestion:
        """A thing with its table, or with the name that was begun if that is not its own."""
        own = entry.op if entry.op and entry.kind == HitKind.OP else entry.name
        other = meant.name if meant.name.lower() not in own.lower() and "." not in meant.name else ""
        detail = entry.struct or "" if not other else other if meant.things else f"was {other}"
        return Suggestion(text=entry.name, kind=entry.kind, url=entry.url, detail=detail)


def _ours(entry: Entry, typed: str) -> bool:
    return (entry.op or entry.name).lower().startswith(typed) or entry.name.lower().startswith(typed)


def _reading(plan: Plan, ranked: Ranked) -> str | None:
    """The question in the query language, where its conditions or versions were understood."""
    asked = spelled(plan.asked) if plan.meant and plan.came != CHANGED else ""
    told = ranked.of_versions and plan.versions and plan.came != CHANGED
    when = f"{plan.came or 'version'}:{_range(plan)}" if told else ""
    words = "" if asked else " ".join(word.typed for word in plan.words)
    return " ".join(filter(None, (words, asked, when))) if asked or when else None


def _range(plan: Plan) -> str:
    """The versions that a question names, by the first and the last of them."""
    return "..".join(dict.fromkeys((*plan.versions[:1], *plan.versions[-1:])))


def _instead(query: str, names: Mapping[str, str]) -> str:
    """The query with names for words; the name alone where the word is not written so."""
    for word, name in names.items():
        place = query.lower().find(word.lower())
        query = query[:place] + name + query[place + len(word) :] if place >= 0 else name
    return query


def _conditions(query: str, filters: tuple[tuple[str, str], ...]) -> list[Field]:
    conditions, place = list[Field](), 0
    for name, value in filters:
        if not value:
            continue
        if name not in FIELDS:
            mistake(query, 0, 0, f"there is no filter `{name}`", "the filters are " + ", ".join(FIELDS))
        conditions.append(Field(name=name, value=value, place=place, value_place=place + len(name) + 1))
        place += len(name) + len(value) + 2
    return conditions
