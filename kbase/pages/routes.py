"""The addresses and the pages behind them: one table, which the HTML pages and the JSON interface are made from."""

from collections.abc import Callable
from typing import get_type_hints

from kbase.errors import UsageError
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages import changes, documents, home, locks, notes, ops, porting, tables
from kbase.pages import directory_locking as steps
from kbase.pages import functions as symbols
from kbase.pages import history as life
from kbase.pages import lock_history as lock_life
from kbase.pages import search as find
from kbase.pages import table_history as table_life
from kbase.pages.change_filters import FILTERS
from kbase.pages.json_interface import InterfacePage, interface_page
from kbase.pages.parts import Page
from kbase.pages.route import PART, Parameter, Route, Words

LARGEST_OFFSET = 10_000


def whole_number(words: Words, name: str, largest: int) -> int:
    """A query parameter that is a number from 0; 0 where it is missing.

    Raises:
        UsageError: it is no number, or too large.
    """
    text = words.get(name, "") or "0"
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) > largest:
        raise UsageError(f"{name}={text[:40]!r} is no number from 0 to {largest}")
    return int(text)


def _search(kb: KnowledgeBase, words: Words) -> Page:
    filters = {name: words.get(name, "") for name in find.FILTERS}
    offset = whole_number(words, "offset", LARGEST_OFFSET)
    return find.search_page(kb, words.get("q", ""), words.get("version") or None, filters, offset)


def _diff(kb: KnowledgeBase, words: Words) -> Page:
    chosen = {name: words.get(name, "") for name in FILTERS}
    return changes.diff_page(kb, words["old"], words["new"], words.get("struct"), chosen)


def _page(name: str, rule: str, make: Callable[..., Page], about: str, *query: Parameter) -> Route:
    """The route of a page whose maker takes the words of its path, then those of its query part, in their order."""
    names = [*PART.findall(rule), *(parameter.name for parameter in query)]

    def made(kb: KnowledgeBase, words: Words) -> Page:
        return make(kb, *(words.get(name, "") for name in names))

    return Route(name=name, rule=rule, page=get_type_hints(make)["return"], make=made, about=about, query=query)


def _diff_route(name: str, rule: str, about: str) -> Route:
    return Route(name=name, rule=rule, page=changes.DiffPage, make=_diff, about=about, query=CHANGES)


CHANGES = tuple(Parameter(name=name, about=about, values=values) for name, (about, values) in FILTERS.items())
SEARCH = (
    Parameter(name="q", about="what to search for, in the query language"),
    Parameter(name="version", about="only what is in this version or range (v5.4..v6.8.1)"),
    *(Parameter(name=name, about=f"only hits with this {name}") for name in find.FILTERS),
    Parameter(name="offset", about="hits to skip", number=True),
)

SORT = Parameter(name="sort", about="a column, ``op`` or ``may block``: the rows by it, the strongest first")
FROM = Parameter(name="from", about="only entries that came after this version")
TO = Parameter(name="to", about="only entries that were there by this version")

ROUTES: tuple[Route, ...] = (
    _page("home", "/", home.home_page, "versions, ops tables, what changed last"),
    Route(
        name="search",
        rule="/search",
        page=find.SearchPage,
        make=_search,
        about="what a search finds, with facets",
        query=SEARCH,
    ),
    _page("version", "/v/<version>/", tables.version_page, "a version: ops tables, documents, diagnostics"),
    _page(
        "table",
        "/v/<version>/<struct>/",
        tables.table_page,
        "an ops table: the matrix of ops and locks",
        SORT,
    ),
    _page(
        "op",
        "/v/<version>/<struct>/<op>/",
        ops.op_page,
        "an op: prototype, lock rules, notes, description, evidence",
    ),
    _page("function", "/v/<version>/functions/<name>/", symbols.function_page, "a documented function"),
    _page("flag", "/v/<version>/flags/<name>/", symbols.flag_page, "a documented flag"),
    _page(
        "steps",
        "/v/<version>/directory-locking/",
        steps.steps_page,
        "how directories are locked: classes of operation and their steps",
    ),
    _page("locks", "/locks/", locks.locks_page, "all locks"),
    _page("lock", "/locks/<path:subject>/", locks.lock_page, "a lock: which ops, held how, in which versions"),
    _page("history", "/history/<struct>.<op>/", life.history_page, "the life of an op: since, changed, removed"),
    _page(
        "lock_history",
        "/history/lock/<path:subject>/",
        lock_life.lock_life_page,
        "the life of a lock: its names, and how the rules about it changed",
    ),
    _page(
        "table_history",
        "/history/<struct>/",
        table_life.table_life_page,
        "the life of an ops table: which ops it had when, and where they changed",
    ),
    _page("compare", "/diff/", changes.diff_index_page, "the versions that can be compared"),
    _diff_route("diff", "/diff/<range>/", "what changed between two versions"),
    _diff_route("diff_table", "/diff/<range>/<struct>/", "what changed in one ops table between two versions"),
    _page(
        "porting",
        "/porting/",
        porting.porting_page,
        "the porting log, or what came into it between two versions",
        FROM,
        TO,
    ),
    _page("porting_entry", "/porting/<slug>/", porting.porting_entry_page, "one entry of the porting log"),
    _page("notes", "/notes/", notes.notes_page, "all design notes"),
    _page("note", "/notes/<slug>/", notes.note_page, "a design note"),
    _page("commits", "/commits/", notes.commits_page, "all commits"),
    _page("commit", "/commits/<sha>/", notes.commit_page, "a commit"),
    _page(
        "document",
        "/doc/<version>/<path:path>",
        documents.document_page,
        "a source document, its lines numbered; `-` for no version",
    ),
    Route(
        name="interface",
        rule="/api/",
        page=InterfacePage,
        make=lambda kb, _: interface_page(kb, ROUTES),
        about="the JSON interface: its addresses, their parameters, an example of each",
    ),
)
