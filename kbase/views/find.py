"""The home page and the search page."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from kbase import addresses
from kbase.errors import QueryError
from kbase.kb import KnowledgeBase, Thing, VersionInfo
from kbase.search import MARK_END, MARK_START, Hit, HitKind, SearchResults
from kbase.symbols import ThingKind
from kbase.versions import collapse
from kbase.views import parts
from kbase.views.changes import ChangeView, change_view
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
FILTERS = ("kind", "struct", "lock", "held", "document")


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionCard:
    """A version in the list."""

    version: str
    family: str
    href: str
    label_origin: str
    sources: tuple[str, ...]
    documents: int
    tables: int
    ops: int
    previous: Link | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCard:
    """An ops table in the list: where its newest page is, and which versions have it."""

    name: str
    href: str
    ops: int
    versions: tuple[str, ...]
    current: bool  # the newest version has it


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentChanges:
    """What changed last: the two newest versions compared."""

    old: str
    new: str
    href: str
    total: int
    severities: tuple[tuple[str, int], ...]
    tables: tuple[tuple[Link, int], ...]
    changes: tuple[ChangeView, ...]  # the gravest


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage(Page):
    """The home page."""

    examples: tuple[Link, ...]
    latest: str
    versions: tuple[VersionCard, ...]
    tables: tuple[TableCard, ...]
    recent: RecentChanges | None
    locks: tuple[Link, ...]


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
    summary: str | None
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


def search_address(query: str, **parameters: str | int | None) -> str:
    """`/search?q=...`, without the parameters that are empty."""
    given = {key: value for key, value in parameters.items() if value}
    return "/search?" + urlencode({"q": query, **given})


def examples() -> tuple[Link, ...]:
    """Queries worth trying."""
    return tuple(Link(text=query, href=search_address(query)) for query in EXAMPLES)


def home_page(kb: KnowledgeBase) -> HomePage:
    """The home page."""
    labels = kb.labels()
    newest = kb.state(labels[-1]) if labels else kb.loose
    ops = sum(info.counts.get("ops", 0) for info in kb.versions)
    return HomePage(
        title="kbase: Linux VFS operations, prototypes and lock rules",
        address="/",
        about=f"{plural(ops, 'op')} over {plural(len(kb.versions), 'version')}, each fact with its line.",
        examples=examples(),
        latest=newest.label,
        versions=tuple(version_card(kb, info) for info in reversed(kb.versions)),
        tables=_table_cards(kb),
        recent=_recent(kb, labels),
        locks=_locks(kb, newest.label),
    )


def version_card(kb: KnowledgeBase, info: VersionInfo) -> VersionCard:
    """A version in a list of versions."""
    labels = kb.labels(info.family)
    position = labels.index(info.label)
    old = labels[position - 1] if position else None
    return VersionCard(
        version=info.label,
        family=info.family,
        href=addresses.version_address(info.label),
        label_origin=info.label_origin,
        sources=info.sources,
        documents=info.documents,
        tables=info.counts.get("tables", 0),
        ops=info.counts.get("ops", 0),
        previous=Link(text=old, href=addresses.diff_address(old, info.label)) if old else None,
    )


def _table_cards(kb: KnowledgeBase) -> tuple[TableCard, ...]:
    labels = kb.labels()
    holding: dict[str, list[str]] = {}
    for label in labels:
        for table in kb.state(label).tables:
            holding.setdefault(table.name, []).append(label)
    cards = [_table_card(kb, name, held, labels) for name, held in holding.items()]
    return tuple(sorted(cards, key=_by_use))


def _by_use(card: TableCard) -> tuple[bool, int, str]:
    return not card.current, -card.ops, card.name


def _table_card(kb: KnowledgeBase, name: str, held: list[str], labels: tuple[str, ...]) -> TableCard:
    newest = held[-1]
    return TableCard(
        name=name,
        href=addresses.table_address(newest, name),
        ops=len(kb.table(newest, name).ops),
        versions=collapse(tuple(held), labels),
        current=newest == labels[-1],
    )


def _recent(kb: KnowledgeBase, labels: tuple[str, ...]) -> RecentChanges | None:
    if len(labels) < 2:
        return None
    old, new = labels[-2:]
    changes = kb.diff(old, new)
    tables = Counter(change.struct for change in changes if change.struct)
    severities = Counter(str(change.severity) for change in changes)
    return RecentChanges(
        old=old,
        new=new,
        href=addresses.diff_address(old, new),
        total=len(changes),
        severities=tuple(severities.items()),
        tables=tuple(
            (Link(text=struct, href=addresses.diff_address(old, new, struct)), count)
            for struct, count in tables.most_common()
        ),
        changes=tuple(change_view(change, old, new) for change in changes if change.op)[:8],
    )


def _locks(kb: KnowledgeBase, label: str) -> tuple[Link, ...]:
    subjects = Counter(
        reading.subject
        for op in kb.state(label).ops.values()
        for rule in op.locks
        for reading in rule.record.readings
        if reading.subject
    )
    return tuple(
        Link(text=subject, href=addresses.lock_address(subject)) for subject, _ in subjects.most_common() if subject
    )


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
    )


def _facets(results: SearchResults, query: str, version: str | None, chosen: dict[str, str]) -> tuple[Facet, ...]:
    return tuple(
        Facet(name=name, values=tuple(_value(name, value, count, query, version, chosen) for value, count in values))
        for name, values in results.facets.items()
        if values
    )


def _value(name: str, value: str, count: int, query: str, version: str | None, chosen: dict[str, str]) -> FacetValue:
    narrowed: dict[str, str | None] = {"version": version, **chosen}
    selected = narrowed.get(name) == value
    narrowed[name] = None if selected else value
    return FacetValue(value=value, count=count, href=search_address(query, **narrowed), chosen=selected)


def _hit(kb: KnowledgeBase, hit: Hit) -> HitView:
    """A hit; that of an op with the facts of the version that the search chose."""
    op = kb.state(hit.version).ops.get(f"{hit.struct}.{hit.op}") if hit.kind == HitKind.OP and hit.version else None
    blocks = block_answer(op) if op else None
    return HitView(
        kind=hit.kind,
        name=hit.name,
        title=hit.title,
        version=hit.version,
        versions=hit.versions,
        href=addresses.op_address(op.version, op.struct, op.name) if op else hit.url,
        snippet=fragments(hit.snippet),
        prototype=op.prototypes[0].record.text if op and op.prototypes else None,
        summary=op.summary.record.text if op and op.summary else None,
        locks=tuple(parts.cell(rule) for rule in op.locks if rule.record.cell) if op else (),
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
