"""The search page, and where an exact name leads."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from urllib.parse import quote_plus

from kbase.errors import QueryError
from kbase.kernel.exact_names import ThingKind
from kbase.knowledge.knowledge_base import KnowledgeBase, Thing
from kbase.model import addresses
from kbase.model.states import OpState
from kbase.model.versions import newest
from kbase.pages import parts
from kbase.pages.ops import block_answer
from kbase.pages.parts import Cell, Chip, Link, Page, plural
from kbase.search.query_syntax import FIELDS
from kbase.search.results import FACETS, MARK_END, MARK_START, Hit, HitKind, SearchResults

PAGE = 20  # hits on a page
SHOWN = 12  # values of a facet
EXAMPLES = (
    "inode_operations.rename",
    "which lock is held when rename is called",
    "may d_revalidate block",
    "mmap_sem",
    "lock:i_rwsem held:exclusive",
    "s_umount write",
)
FILTERS = tuple(name for name in FACETS if name != "version")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HitFacts:
    """What a hit on an op says at once: the facts of one version. Made once for an op, and typeset once."""

    version: str
    prototype: str | None
    locks: tuple[Cell, ...]
    blocks: tuple[Chip, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A text on one line, and where the query's words stand in it: first character, last + 1."""

    text: str
    matches: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """What is wrong with a query: what, what to write instead, and the query cut at the place."""

    what: str
    advice: str
    before: str
    here: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HitView:
    """A hit; that on an op with the facts of the chosen or newest version."""

    kind: str
    name: str
    title: str
    version: str  # that the hit leads to
    versions: tuple[str, ...]
    href: str
    summary: Marked | None  # of an op
    snippet: Marked | None  # where it tells more than the summary
    facts: HitFacts | None  # of an op
    meets: bool | None  # whether it meets the question's condition; None where the question has none


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """A value of a facet, the number of hits behind it, and the address that chooses or drops it."""

    value: str
    count: int
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One way to narrow a search: the first values of those that the hits have, and how many more there are."""

    name: str
    values: tuple[FacetValue, ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldHelp:
    """A field of the query language: what it is about, and a query that shows it."""

    name: str
    about: str
    example: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage(Page):
    """What a search found; `mistake` where the query is mistaken."""

    query: str
    version: str | None
    filters: tuple[tuple[str, str], ...]
    total: int
    offset: int
    hits: tuple[HitView, ...]
    facets: tuple[Facet, ...]
    exact: tuple[Link, ...]  # things of exactly that name
    suggestions: tuple[Link, ...]
    note: str | None
    renamed: tuple[Link, ...]  # the present names in the note
    reading: Link | None  # the question in the query language, where more was understood than its words
    mistake: Mistake | None
    previous: str | None
    next: str | None
    examples: tuple[Link, ...]
    fields: tuple[FieldHelp, ...]  # of the query language


def search_address(query: str, **parameters: str | int | None) -> str:
    """`/search?q=...`, without the parameters that are empty."""
    given = {"q": query} | {key: str(value) for key, value in parameters.items() if value}
    return "/search?" + "&".join(f"{key}={_quoted(value)}" for key, value in given.items())


_quoted = lru_cache(4096)(quote_plus)  # the facets of a page repeat the query a hundred times


@lru_cache(1)
def field_help() -> tuple[FieldHelp, ...]:
    """Every field of the query language."""
    return tuple(
        FieldHelp(name=name, about=about, example=Link(text=example, href=search_address(example)))
        for name, (about, example) in FIELDS.items()
    )


@lru_cache(1)
def examples() -> tuple[Link, ...]:
    """Queries worth trying."""
    return tuple(Link(text=query, href=search_address(query)) for query in EXAMPLES)


def thing_address(thing: Thing) -> str:
    """The page of a thing, in the newest version that has it."""
    version = newest(thing.versions) if thing.versions else ""
    dotted = thing.name.partition(".")[::2]
    makers: dict[str, Callable[[], str]] = {
        ThingKind.OP: lambda: addresses.op_address(version, *dotted),
        ThingKind.MEMBER: lambda: addresses.member_address(version, *dotted),
        ThingKind.STRUCT: lambda: addresses.table_address(version, thing.name),
        ThingKind.LOCK: lambda: addresses.lock_address(thing.name),
        ThingKind.FUNCTION: lambda: addresses.function_address(version, thing.name),
        ThingKind.FLAG: lambda: addresses.flag_address(version, thing.name),
        ThingKind.PORTING: lambda: addresses.porting_address(thing.name),
        ThingKind.COMMIT: lambda: addresses.commit_address(thing.name),
        ThingKind.NOTE: lambda: addresses.note_address(thing.name),
    }
    return makers[thing.kind]()


def exact_things(kb: KnowledgeBase, query: str) -> tuple[Link, ...]:
    """The things of exactly that name; none where there is none."""
    name = query.strip()
    if not name or len(name) > 120:
        return ()
    return tuple(Link(text=f"{thing.kind} {thing.name}", href=thing_address(thing)) for thing in kb.find(name))


def _named(kb: KnowledgeBase, name: str) -> tuple[Link, ...]:
    """The page of the thing of that full name; none where there is none."""
    return tuple(Link(text=name, href=thing_address(thing)) for thing in kb.find(name)[:1])


def search_page(
    kb: KnowledgeBase, query: str, version: str | None, filters: Mapping[str, str], offset: int = 0
) -> SearchPage:
    """What a search finds, a page of it from `offset`; a mistaken query gives a page that explains it."""
    chosen = {name: value for name, value in filters.items() if name in FILTERS and value}
    mistake, results = None, None
    if query.strip():
        try:
            results = kb.search(query, version=version, filters=chosen, limit=PAGE, offset=offset)
        except QueryError as error:
            mistake = _mistake(error)
    return _found(kb, query, version, chosen, offset, results, mistake)


def _mistake(error: QueryError) -> Mistake:
    """A mistake in the query, or in a value chosen beside it, whose words stand for the query then."""
    first, last = error.position, error.position + error.length
    query = error.query
    return Mistake(
        what=error.what, advice=error.advice, before=query[:first], here=query[first:last], after=query[last:]
    )


def _found(
    kb: KnowledgeBase,
    query: str,
    version: str | None,
    chosen: dict[str, str],
    offset: int,
    results: SearchResults | None,
    mistake: Mistake | None,
) -> SearchPage:
    total, reading = (results.total, results.reading) if results else (0, None)
    return SearchPage(
        title=_title(query, {"version": version, **chosen}, offset),
        address=search_address(query, version=version, **chosen, offset=offset) if query else "/search",
        about=f"{plural(total, 'hit')} for {query}" if query else "Search the knowledge base.",
        query=query,
        version=version,
        filters=tuple(chosen.items()),
        total=total,
        offset=offset,
        hits=tuple(_hit(kb, hit) for hit in results.hits) if results else (),
        facets=_facets(results, query, version, chosen) if results else (),
        exact=exact_things(kb, query),
        suggestions=tuple(Link(text=text, href=search_address(text)) for text in results.suggestions)
        if results
        else (),
        note=results.note if results else None,
        renamed=tuple(chain.from_iterable(_named(kb, name) for name in results.renamed)) if results else (),
        reading=Link(text=reading, href=search_address(reading)) if reading else None,
        mistake=mistake,
        previous=search_address(query, version=version, **chosen, offset=max(0, offset - PAGE)) if offset else None,
        next=search_address(query, version=version, **chosen, offset=offset + PAGE) if total > offset + PAGE else None,
        examples=examples(),
        fields=field_help(),
    )


def _title(query: str, chosen: Mapping[str, str | None], offset: int) -> str:
    """What is asked, how it is narrowed, and from which hit on: no two pages have the same."""
    if not query:
        return "Search"
    narrowed = [f"{name} {value}" for name, value in chosen.items() if value]
    return ", ".join([f"{query}: search", *narrowed, *([f"from hit {offset + 1}"] if offset else [])])


def _facets(results: SearchResults, query: str, version: str | None, chosen: dict[str, str]) -> tuple[Facet, ...]:
    given: dict[str, str | None] = {"version": version, **chosen}
    return tuple(
        Facet(name=name, values=tuple(_values(name, values, query, given)), more=max(0, len(values) - SHOWN))
        for name, values in results.facets.items()
        if values
    )


def _values(
    name: str, values: tuple[tuple[str, int], ...], query: str, given: dict[str, str | None]
) -> Iterator[FacetValue]:
    """The values of a facet, each with the search narrowed to it, or widened again where it is the chosen one."""
    wide = search_address(query, **(given | {name: None}))
    chosen = given.get(name)
    shown = (*values[:SHOWN], *(pair for pair in values[SHOWN:] if pair[0] == chosen))
    for value, count in shown:
        selected = value == chosen
        href = wide if selected else f"{wide}&{name}={_quoted(value)}"
        yield FacetValue(value=value, count=count, href=href, chosen=selected)


def _hit(kb: KnowledgeBase, hit: Hit) -> HitView:
    """A hit; that on an op with the facts of the version that the search chose."""
    facts = summary = None
    if hit.kind == HitKind.OP and hit.version and hit.struct and hit.op:
        facts, summary = _facts(kb.op(hit.version, hit.struct, hit.op))
    snippet = without_marks(hit.snippet)
    about = _about(summary, snippet) if summary else None
    return HitView(
        kind=hit.kind,
        name=hit.name,
        title=hit.title,
        version=hit.version,
        versions=hit.versions,
        href=hit.url,
        summary=about,
        snippet=snippet if snippet.text and not (summary and _overlap(summary, snippet.text)) else None,
        facts=facts,
        meets=hit.meets,
    )


def _facts(op: OpState) -> tuple[HitFacts, str | None]:
    """What a hit shows of an op, and its summary."""
    blocks = block_answer(op)
    rules = [rule for rule in op.rules if rule.record.cell and parts.about_a_lock(rule.record)]
    facts = HitFacts(
        version=op.version,
        prototype=op.prototypes[0].record.text if op.prototypes else None,
        locks=tuple(parts.cell_of(op, rule) for rule in rules),
        blocks=blocks.chips if blocks else (),
    )
    return facts, op.summary.record.text if op.summary else None


def _overlap(summary: str, snippet: str) -> bool:
    """Whether the snippet begins in the summary, or has it: it tells what stands beside it, then."""
    return snippet.removeprefix("... ")[:30] in summary or summary[:40] in snippet


def _about(summary: str, snippet: Marked) -> Marked:
    """The summary, with those words marked that are in the snippet."""
    low, found = summary.lower(), set[tuple[int, int]]()
    for word in {snippet.text[first:last].lower() for first, last in snippet.matches}:
        at = low.find(word)
        while at >= 0:
            found.add((at, at + len(word)))
            at = low.find(word, at + len(word))
    apart, end = list[tuple[int, int]](), 0
    for first, last in sorted(found) if len(low) == len(summary) else ():
        if first >= end:
            apart.append((first, last))
            end = last
    return Marked(text=summary, matches=tuple(apart))


def without_marks(snippet: str) -> Marked:
    """A snippet without its marks."""
    first, *others = snippet.split(MARK_START)
    pieces, matches, at = [first], [], len(first)
    for piece in others:
        matched, _, rest = piece.partition(MARK_END)
        matches.append((at, at + len(matched)))
        pieces += matched, rest
        at += len(matched) + len(rest)
    return Marked(text="".join(pieces), matches=tuple(matches))
