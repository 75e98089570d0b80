"""The search page, and where an exact name leads."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote_plus, urlencode

from kbase.errors import QueryError
from kbase.kernel.exact_names import ItemKind
from kbase.knowledge.knowledge_base import KnowledgeBase, NamedItem
from kbase.model import addresses
from kbase.model.states import OpState
from kbase.model.versions import newest
from kbase.pages import lock_cells
from kbase.pages.facets import Facet, FacetValue
from kbase.pages.ops import block_answer
from kbase.pages.parts import Cell, Chip, Link, Page, Shown, plural
from kbase.search.query_syntax import FIELDS
from kbase.search.results import MARK_END, MARK_START, Hit, SearchResults

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
FILTERS = {  # by facet; the version has a parameter of its own
    "kind": "only hits of this kind: op, lock, flag, ...",
    "struct": "only hits of this ops table",
    "lock": "only hits about this lock",
    "held": "only hits with such a rule: yes, no, shared, exclusive, ...",
    "document": "only hits from this document",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HitFacts:
    """The facts of an op at one version, shown with a hit."""

    version: str
    prototype: str | None
    locks: tuple[Cell, ...]
    blocks: tuple[Chip, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked(Shown):
    """A text on one line, and where the query's words are in it: first character, last + 1."""

    matches: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryProblem:
    """What is wrong with a query, what to write instead, and the query split at the place."""

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
    snippet: Marked | None  # where it says more than the summary
    facts: HitFacts | None  # of an op
    meets: bool | None  # whether it meets the question's condition; None where the question has none


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldHelp:
    """A field of the query language: what it is about, and a query that shows it."""

    name: str
    about: str
    example: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage(Page):
    """What a search found; `problem` where the query is invalid."""

    TABLE: ClassVar[str | None] = "hits kind name title version versions snippet"

    query: str
    version: str | None
    filters: tuple[tuple[str, str], ...]
    total: int
    offset: int
    hits: tuple[HitView, ...]
    facets: tuple[Facet, ...]
    exact: tuple[Link, ...]  # items with exactly this name
    suggestions: tuple[Link, ...]
    note: str | None
    renamed: tuple[Link, ...]  # the present names in the note
    reading: Link | None  # the question in the query language, where more was understood than its words
    problem: QueryProblem | None
    previous: str | None
    next: str | None
    examples: tuple[Link, ...]
    fields: tuple[FieldHelp, ...]  # of the query language


def search_address(query: str, **parameters: str | int | None) -> str:
    """`/search?q=...`, without the parameters that are empty."""
    given = {"q": query} | {key: str(value) for key, value in parameters.items() if value}
    return f"/search?{urlencode(given)}"


FIELD_HELP = tuple(
    FieldHelp(name=name, about=about, example=Link(text=example, href=search_address(example)))
    for name, (about, example) in FIELDS.items()
)
EXAMPLE_LINKS = tuple(Link(text=query, href=search_address(query)) for query in EXAMPLES)
ADDRESSES: dict[str, Callable[[str, str], str]] = {  # from a version and a name
    ItemKind.OP: lambda version, name: addresses.op_address(version, *name.split(".", 1)),
    ItemKind.MEMBER: lambda version, name: addresses.member_address(version, *name.split(".", 1)),
    ItemKind.STRUCT: addresses.table_address,
    ItemKind.LOCK: lambda _, name: addresses.lock_address(name),
    ItemKind.FUNCTION: addresses.function_address,
    ItemKind.FLAG: addresses.flag_address,
    ItemKind.PORTING: lambda _, name: addresses.porting_address(name),
    ItemKind.COMMIT: lambda _, name: addresses.commit_address(name),
    ItemKind.NOTE: lambda _, name: addresses.note_address(name),
}


def item_address(item: NamedItem, version: str = "") -> str:
    """The address of an item's page: at `version` if that version has the item, otherwise at the newest that has it."""
    at = version if version in item.versions else newest(item.versions) if item.versions else ""
    return ADDRESSES[item.kind](at, item.name)


def exact_items(kb: KnowledgeBase, query: str) -> tuple[Link, ...]:
    """Links to the items whose name is exactly the query; empty if there are none."""
    name = query.strip()
    items = kb.find(name) if 0 < len(name) <= 120 else ()
    if len(items) > 1 and all(item.kind == ItemKind.PORTING for item in items):
        return (Link(text=f"porting entries that name {name}", href=addresses.porting_log_address(name)),)
    return tuple(Link(text=f"{item.kind} {item.name}", href=item_address(item)) for item in items)


def search_page(
    kb: KnowledgeBase, query: str, version: str | None, filters: Mapping[str, str], offset: int = 0
) -> SearchPage:
    """One page of search results, from `offset`; for an invalid query, a page that explains the error."""
    chosen = {name: value for name, value in filters.items() if name in FILTERS and value}
    given = {"version": version, **chosen}
    problem, results = None, SearchResults(query=query, total=0)
    if query.strip():
        try:
            results = kb.search(query, version=version, filters=chosen, limit=PAGE, offset=offset)
        except QueryError as error:
            problem = _problem(error)
    total, reading, known = results.total, results.reading, [(name, kb.find(name)) for name in results.renamed]
    return SearchPage(
        title=_title(query, given, offset),
        address=search_address(query, **given, offset=offset) if query else "/search",
        about=f"{plural(total, 'hit')} for {query}" if query else "Search the knowledge base.",
        query=query,
        version=version,
        filters=tuple(chosen.items()),
        total=total,
        offset=offset,
        hits=tuple(_hit(kb, hit) for hit in results.hits),
        facets=tuple(_facet(name, values, query, given) for name, values in results.facets.items() if values),
        exact=exact_items(kb, query),
        suggestions=tuple(Link(text=text, href=search_address(text)) for text in results.suggestions),
        note=results.note,
        renamed=tuple(Link(text=name, href=item_address(items[0])) for name, items in known if items),
        reading=Link(text=reading, href=search_address(reading)) if reading else None,
        problem=problem,
        previous=search_address(query, **given, offset=max(0, offset - PAGE)) if offset else None,
        next=search_address(query, **given, offset=offset + PAGE) if total > offset + PAGE else None,
        examples=EXAMPLE_LINKS,
        fields=FIELD_HELP,
    )


def _problem(error: QueryError) -> QueryProblem:
    """The problem of the query, or of a filter, whose value is the query then."""
    first, last = error.position, error.position + error.length
    before, here, after = error.query[:first], error.query[first:last], error.query[last:]
    return QueryProblem(what=error.what, advice=error.advice, before=before, here=here, after=after)


def _title(query: str, given: Mapping[str, str | None], offset: int) -> str:
    """The query, its filters and the first hit: no two pages have the same."""
    if not query:
        return "Search"
    narrowed = [f"{name} {value}" for name, value in given.items() if value]
    return ", ".join([f"{query}: search", *narrowed, *([f"from hit {offset + 1}"] if offset else [])])


def _facet(name: str, values: tuple[tuple[str, int], ...], query: str, given: Mapping[str, str | None]) -> Facet:
    """A facet, each value with the search narrowed to it, or widened again where it is the chosen one."""
    wide, chosen = search_address(query, **{**given, name: None}), given.get(name)
    shown = [*values[:SHOWN], *(pair for pair in values[SHOWN:] if pair[0] == chosen)]
    return Facet(
        name=name,
        values=tuple(
            FacetValue(
                value=value,
                count=count,
                href=wide if value == chosen else f"{wide}&{name}={quote_plus(value)}",
                chosen=value == chosen,
            )
            for value, count in shown
        ),
        more=max(0, len(values) - SHOWN),
    )


def _hit(kb: KnowledgeBase, hit: Hit) -> HitView:
    """A hit; that on an op with the facts of the version that the search chose."""
    facts = summary = None
    if hit.kind == ItemKind.OP and hit.version and hit.struct and hit.op:
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
    rules = [rule for rule in (*op.rules, *op.prose) if rule.record.cell and not rule.record.is_context]
    facts = HitFacts(
        version=op.version,
        prototype=op.prototypes[0].record.text if op.prototypes else None,
        locks=tuple(lock_cells.cell_of(op, rule) for rule in rules),
        blocks=blocks.chips if blocks else (),
    )
    return facts, op.summary.record.text if op.summary else None


def _overlap(summary: str, snippet: str) -> bool:
    """Whether the snippet begins in the summary, or has it: then it would be shown twice."""
    return snippet.removeprefix("... ")[:30] in summary or summary[:40] in snippet


def _about(summary: str, snippet: Marked) -> Marked:
    """The summary, with those words marked that are in the snippet."""
    words = sorted({snippet.text[first:last] for first, last in snippet.matches}, key=len, reverse=True)
    found = _any_of(words).finditer(summary) if words else ()
    return Marked(text=summary, matches=tuple(match.span() for match in found))


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words)), re.IGNORECASE)


def without_marks(snippet: str) -> Marked:
    """A snippet with the places of its matches instead of marks."""
    first, *others = snippet.split(MARK_START)
    pieces, matches, at = [first], [], len(first)
    for piece in others:
        matched, _, rest = piece.partition(MARK_END)
        matches.append((at, at + len(matched)))
        pieces += matched, rest
        at += len(matched) + len(rest)
    return Marked(text="".join(pieces), matches=tuple(matches))
