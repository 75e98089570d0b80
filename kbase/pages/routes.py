"""The registry of pages: the HTML site, the JSON API with its description, CSV and `kbase show` are made from it.

To add a page, say of a quota table:

1. `kbase/pages/quotas.py`: a dataclass `QuotaPage(Page)` with the data as fields, and a function
   `quota_page(kb, version) -> QuotaPage` that makes it;
2. `templates/web/quotas.html`, which extends `base.html` and shows `page`;
3. a line in `ROUTES`: `_page("quotas", "/v/<version>/quotas/", quotas.quota_page, "the quotas of a version")`.

The words in the rule are the arguments of the function, in their order, then those of `Parameter`s that follow; new
words are described in `kbase.pages.route.PARTS`. A version arrives in its canonical form.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import get_type_hints
from urllib.parse import parse_qsl, unquote, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from kbase.errors import KbaseError, UnknownName, UsageError
from kbase.knowledge.knowledge_base import NO_VERSION, KnowledgeBase, Resolution
from kbase.pages import (
    changes,
    directory_locking,
    documents,
    drift,
    functions,
    history,
    home,
    json_api,
    lock_history,
    lock_order,
    locks,
    notes,
    ops,
    porting,
    search,
    table_history,
    tables,
    versions,
)
from kbase.pages.change_filters import FILTERS
from kbase.pages.parts import Page
from kbase.pages.route import PART, Parameter, Route, Words

LARGEST_OFFSET = 10_000
ASKED = "asked"  # of the query: the version or range that was asked for, where another one is shown


def whole_number(words: Words, name: str, largest: int) -> int:
    """A query parameter that is a number from 0; 0 where it is missing.

    Raises:
        UsageError: it is no number, or too large.
    """
    text = words.get(name, "") or "0"
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) > largest:
        raise UsageError(f"{name}={text[:40]!r} is no number from 0 to {largest}")
    return int(text)


def _search(kb: KnowledgeBase, words: Words) -> search.SearchPage:
    filters = {name: words.get(name, "") for name in search.FILTERS}
    offset = whole_number(words, "offset", LARGEST_OFFSET)
    return search.search_page(kb, words.get("q", ""), words.get("version") or None, filters, offset)


def _diff(kb: KnowledgeBase, words: Words) -> changes.DiffPage:
    chosen = {name: words.get(name, "") for name in FILTERS}
    return changes.diff_page(kb, words["old"], words["new"], words.get("struct"), chosen)


def _api(kb: KnowledgeBase) -> json_api.ApiPage:
    return json_api.api_page(kb, ROUTES)


def _page(name: str, rule: str, make: Callable[..., Page], about: str, *query: Parameter) -> Route:
    """The route of a page whose maker takes the words of its path, then those of its query part, in their order.

    A maker with a parameter `words` takes all of them as a mapping instead.
    """
    hints = get_type_hints(make)
    names = [*PART.findall(rule), *(parameter.name for parameter in query)]

    def made(kb: KnowledgeBase, words: Words) -> Page:
        return make(kb, words) if "words" in hints else make(kb, *(words.get(name, "") for name in names))

    return Route(name=name, rule=rule, page=hints["return"], make=made, about=about, query=query)


CHANGES = tuple(Parameter(name=name, about=about, values=values) for name, (about, values) in FILTERS.items())
SEARCH = (
    Parameter(name="q", about="what to search for, in the query language"),
    Parameter(name="version", about="only what is in this version or range (v5.4..v6.8.1)"),
    *(Parameter(name=name, about=about) for name, about in search.FILTERS.items()),
    Parameter(name="offset", about="hits to skip", number=True),
)
SORT = Parameter(name="sort", about="a column, ``op`` or ``may block``: the rows by it, the strongest first")
FROM = Parameter(name="from", about="only entries added after this version")
TO = Parameter(name="to", about="only entries added by this version")
NAME = Parameter(name="name", about="only entries that name this function, macro, lock or data member")

ROUTES: tuple[Route, ...] = (
    _page("home", "/", home.home_page, "versions, ops tables, latest changes"),
    _page("search", "/search", _search, "search results, with facets", *SEARCH),
    _page("version", "/v/<version>/", versions.version_page, "a version: ops tables, documents, diagnostics"),
    _page("table", "/v/<version>/<struct>/", tables.table_page, "an ops table: the matrix of ops and locks", SORT),
    _page("op", "/v/<version>/<struct>/<op>/", ops.op_page, "an op: prototype, lock rules, notes, evidence"),
    _page("function", "/v/<version>/functions/<name>/", functions.function_page, "a documented function"),
    _page("flag", "/v/<version>/flags/<name>/", functions.flag_page, "a documented flag"),
    _page(
        "steps",
        "/v/<version>/directory-locking/",
        directory_locking.steps_page,
        "how directories are locked: classes of operation and their steps",
    ),
    _page(
        "lock_order",
        "/v/<version>/lock-order/",
        lock_order.lock_order_page,
        "the order in which locks are taken, as the documents of a version state it",
    ),
    _page("drift", "/v/<version>/drift/", drift.drift_page, "where documents and headers of a version disagree"),
    _page("drift_index", "/drift/", drift.drift_index_page, "how much documents and headers disagree, by version"),
    _page(
        "table_drift",
        "/drift/<struct>/",
        drift.table_drift_page,
        "where documents and headers disagree about an ops table, in all versions",
    ),
    _page("locks", "/locks/", locks.locks_page, "all locks"),
    _page("lock", "/locks/<path:subject>/", locks.lock_page, "a lock: which ops, how held, in which versions"),
    _page("history", "/history/<struct>.<op>/", history.history_page, "the history of an op: since, changed, removed"),
    _page(
        "lock_history",
        "/history/lock/<path:subject>/",
        lock_history.lock_history_page,
        "the history of a lock: its names, and how the rules about it changed",
    ),
    _page(
        "table_history",
        "/history/<struct>/",
        table_history.table_history_page,
        "the history of an ops table: which ops it had when, and where they changed",
    ),
    _page("compare", "/diff/", changes.diff_index_page, "the versions that can be compared"),
    _page("diff", "/diff/<range>/", _diff, "the changes between two versions", *CHANGES),
    _page("diff_table", "/diff/<range>/<struct>/", _diff, "the changes of an ops table between two versions", *CHANGES),
    _page("porting", "/porting/", porting.porting_page, "the porting log, or a part of it", FROM, TO, NAME),
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
    _page("interface", "/api/", _api, "the JSON API: its addresses, their parameters, an example of each"),
)


def page_at(kb: KnowledgeBase, address: str) -> Page:
    """The page at an address: `/v/latest/inode_operations/rename/`.

    Raises:
        UnknownName: there is no page at the address, or no such version or name.
        UsageError: a query parameter has an invalid value.
    """
    route, words = _match(address)
    return make_page(route, kb, words, dict(parse_qsl(urlsplit(address).query)))


def words_at(address: str) -> dict[str, str]:
    """The words of an address: of its path and of its query part."""
    return {**_match(address)[1], **dict(parse_qsl(urlsplit(address).query))}


def _match(address: str) -> tuple[Route, Words]:
    """The route of an address, and the words of its path.

    Raises:
        UnknownName: no route has such an address.
    """
    rules = Map([Rule(route.rule, endpoint=route) for route in ROUTES])
    try:
        found: tuple[Route, Words] = rules.bind("").match(unquote(urlsplit(address).path))
    except HTTPException as error:
        raise UnknownName("there is no page at this address", address, "begin at /") from error
    return found


def make_page(route: Route, kb: KnowledgeBase, path: Words, query: Words) -> Page:
    """The page of a route; query parameters that the route does not know are ignored.

    Raises:
        UnknownName: no such version, range or item; the advice has near names.
        UsageError: a query parameter has an invalid value.
    """
    words, canonical = known(route, query), _canonical(kb, path)
    page = route.make(kb, words | canonical)
    shown = [canonical[name] for name in ("version", "old", "new") if name in canonical]
    notes = [found.note for found in others(kb, query.get(ASKED, "").split("..")) if found.label in shown]
    notes += [found.note for found in others(kb, [words[name] for name in ("from", "to") if words.get(name)])]
    return replace(page, version_notes=tuple(dict.fromkeys(notes))) if notes else page


def known(route: Route, query: Words) -> dict[str, str]:
    """The query parameters that the route knows, in its order."""
    return {parameter.name: query[parameter.name] for parameter in route.query if parameter.name in query}


def _canonical(kb: KnowledgeBase, path: Words) -> dict[str, str]:
    """The words of a path with versions in canonical form: `latest` and `6.4.6` are other forms, `-` is none."""
    words = dict(path)
    if "version" in path and path["version"] != NO_VERSION:
        words["version"] = kb.resolve(path["version"])
    elif "version" in path:
        if "path" not in path:
            raise UnknownName("only documents can have no version", NO_VERSION, "name one, or `latest`")
        words["version"] = ""
    if "range" in path:
        if ".." not in path["range"].strip("."):
            raise UnknownName("not a range of versions", path["range"], "write it like v5.4..v6.8.1")
        words["old"], words["new"] = kb.range(path["range"])
    return words


def others(kb: KnowledgeBase, labels: Iterable[str]) -> Iterator[Resolution]:
    """What those labels mean for which another version is shown."""
    for label in labels:
        try:
            found = kb.interpret(label)
        except KbaseError:
            continue
        if found.note:
            yield found
