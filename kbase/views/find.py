"""The search page, and where an exact name leads."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote_plus

from kbase import addresses
from kbase.errors import QueryError
from kbase.kb import KnowledgeBase, Thing
from kbase.search import FACETS, FIELDS, MARK_END, MARK_START, Hit, HitKind, SearchResults
from kbase.symbols import ThingKind
from kbase.views import parts
from kbase.views.ops import block_answer
from kbase.views.parts import Cell, Chip, Link, Page, plural

PAGE = 20  # hits on a page
EXAMPLES = (
    "inode_operations.rename",
    "which lock is held when rename is called",
    "may d_revalidate block",
    "mmap_sem",
    "lock:i_rwsem held:exclusive",
    "s_umount write",
)
UNMARKED = {ord(MARK_START): None, ord(MARK_END): None}
FILTERS = tuple(name for name in FACETS if name != "version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """A piece of a snippet; `matched` where the query's words stand."""

    text: str
    matched: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HitView:
    """A hit with the facts of the chosen or newest version on it."""

    kind: str
    name: str
    title: str
    version: str  # whose facts are shown
    versions: tuple[str, ...]
    href: str
    snippet: tuple[Fragment, ...]
    prototype: str | None
    summary: str | None  # where the snippet does not give it
    locks: tuple[Cell, ...]
    blocks: tuple[Chip, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """A value of a facet, the number of hits behind it, and the address that chooses or drops it."""

    value: str
    count: int
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One way to narrow a search."""

    name: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage(Page):
    """What a search found; `error` where the query is mistaken."""

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
    error: str | None
    previous: str | None
    next: str | None
    examples: tuple[Link, ...]
    fields: tuple[tuple[str, str], ...]  # of the query language, with what each is about


def search_address(query: str, **parameters: str | int | None) -> str:
    """`/search?q=...`, without the parameters that are empty."""
    given = {"q": query} | {key: str(value) for key, value in parameters.items() if value}
    return "/search?" + "&".join(f"{key}={_quoted(value)}" for key, value in given.items())


_quoted = lru_cache(4096)(quote_plus)  # the facets of a page repeat the query a hundred times


def examples() -> tuple[Link, ...]:
    """Queries worth trying."""
    return tuple(Link(text=query, href=search_address(query)) for query in EXAMPLES)


def thing_address(thing: Thing) -> str:
    """The page of a thing, in the newest version that has it."""
    version = thing.versions[-1] if thing.versions else ""
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


def search_page(
    kb: KnowledgeBase, query: str, version: str | None, filters: Mapping[str, str], offset: int = 0
) -> SearchPage:
    """What a search finds, a page of it from `offset`; a mistaken query gives a page that explains it."""
    chosen = {name: value for name, value in filters.items() if name in FILTERS and value}
    error, results = None, None
    if query.strip():
        try:
            results = kb.search(query, version=version, filters=chosen, limit=PAGE, offset=offset)
        except QueryError as mistake:
            error = str(mistake)
    return _found(kb, query, version, chosen, offset, results, error)


def _found(
    kb: KnowledgeBase,
    query: str,
    version: str | None,
    chosen: dict[str, str],
    offset: int,
    results: SearchResults | None,
    error: str | None,
) -> SearchPage:
    total = results.total if results else 0
    return SearchPage(
        title=f"{query}: search" if query else "Search",
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
        error=error,
        previous=search_address(query, version=version, **chosen, offset=max(0, offset - PAGE)) if offset else None,
        next=search_address(query, version=version, **chosen, offset=offset + PAGE) if total > offset + PAGE else None,
        examples=examples(),
        fields=tuple(FIELDS.items()),
    )


def _facets(results: SearchResults, query: str, version: str | None, chosen: dict[str, str]) -> tuple[Facet, ...]:
    given: dict[str, str | None] = {"version": version, **chosen}
    return tuple(
        Facet(name=name, values=tuple(_values(name, values, query, given)))
        for name, values in results.facets.items()
        if values
    )


def _values(
    name: str, values: tuple[tuple[str, int], ...], query: str, given: dict[str, str | None]
) -> Iterator[FacetValue]:
    """The values of a facet, each with the search narrowed to it, or widened again where it is the chosen one."""
    wide = search_address(query, **(given | {name: None}))
    for value, count in values:
        selected = given.get(name) == value
        href = wide if selected else f"{wide}&{name}={_quoted(value)}"
        yield FacetValue(value=value, count=count, href=href, chosen=selected)


def _hit(kb: KnowledgeBase, hit: Hit) -> HitView:
    """A hit; that of an op with the facts of the version that the search chose."""
    op = kb.state(hit.version).ops.get(f"{hit.struct}.{hit.op}") if hit.kind == HitKind.OP and hit.version else None
    blocks = block_answer(op) if op else None
    summary = op.summary.record.text if op and op.summary else None
    return HitView(
        kind=hit.kind,
        name=hit.name,
        title=hit.title,
        version=hit.version,
        versions=hit.versions,
        href=addresses.op_address(op.version, op.struct, op.name) if op else hit.url,
        snippet=fragments(hit.snippet),
        prototype=op.prototypes[0].record.text if op and op.prototypes else None,
        summary=None if not summary or summary[:40] in hit.snippet.translate(UNMARKED) else summary,
        locks=tuple(parts.cell(rule) for rule in op.rules if rule.record.cell and parts.about_a_lock(rule.record))
        if op
        else (),
        blocks=blocks.chips if blocks else (),
    )


def fragments(snippet: str) -> tuple[Fragment, ...]:
    """The pieces of a snippet, those between its marks being the matches."""
    pieces = []
    for position, part in enumerate(snippet.split(MARK_START)):
        matched, mark, rest = part.partition(MARK_END)
        if position and mark:
            pieces += [Fragment(text=matched, matched=True), Fragment(text=rest, matched=False)]
        else:
            pieces.append(Fragment(text=part, matched=False))
    return tuple(piece for piece in pieces if piece.text)
