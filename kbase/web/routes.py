"""The addresses and the pages behind them: one table, which the HTML pages and the JSON interface are made from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kbase.kb import KnowledgeBase
from kbase.errors import UsageError
from kbase.views import changes, documents, find, life, locks, notes, ops, porting, symbols, tables
from kbase.views.parts import Page

Words = Mapping[str, str]
LARGEST_OFFSET = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of the query part of an address."""

    name: str
    about: str
    number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An address, its template, the page dataclass behind it, and what makes the page.

    `make` gets the knowledge base, the parts of the path (versions made canonical) and the query parameters.
    """

    name: str
    rule: str
    page: type[Page]
    make: Callable[[KnowledgeBase, Words, Words], Page]
    about: str
    query: tuple[Parameter, ...] = ()

    @property
    def template(self) -> str:
        return f"{self.name}.html"


def whole_number(query: Words, name: str, largest: int) -> int:
    """A query parameter that is a number from 0; 0 where it is missing.

    Raises:
        UsageError: it is no number, or too large.
    """
    text = query.get(name, "") or "0"
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) > largest:
        raise UsageError(f"{name}={text[:40]!r} is no number from 0 to {largest}")
    return int(text)


def _search(kb: KnowledgeBase, path: Words, query: Words) -> Page:
    filters = {name: query.get(name, "") for name in find.FILTERS}
    offset = whole_number(query, "offset", LARGEST_OFFSET)
    return find.search_page(kb, query.get("q", ""), query.get("version") or None, filters, offset)


def _diff(kb: KnowledgeBase, path: Words, query: Words) -> Page:
    return changes.diff_page(kb, path["old"], path["new"], path.get("struct"), query.get("severity", ""))


def _document(kb: KnowledgeBase, path: Words, query: Words) -> Page:
    return documents.document_page(kb, path["version"], path["path"])


SEVERITY = Parameter(name="severity", about="only changes that are this grave")
SEARCH = (
    Parameter(name="q", about="what to search for, in the query language"),
    Parameter(name="version", about="only what is in this version or range (v5.4..v6.8.1)"),
    *(Parameter(name=name, about=f"only hits with this {name}") for name in find.FILTERS),
    Parameter(name="offset", about="hits to skip", number=True),
)

ROUTES = (
    Route(
        name="home",
        rule="/",
        page=find.HomePage,
        make=lambda kb, path, query: find.home_page(kb),
        about="versions, ops tables, what changed last",
    ),
    Route(
        name="search",
        rule="/search",
        page=find.SearchPage,
        make=_search,
        about="what a search finds, with facets",
        query=SEARCH,
    ),
    Route(
        name="version",
        rule="/v/<version>/",
        page=tables.VersionPage,
        make=lambda kb, path, query: tables.version_page(kb, path["version"]),
        about="a version: ops tables, documents, diagnostics",
    ),
    Route(
        name="table",
        rule="/v/<version>/<struct>/",
        page=tables.TablePage,
        make=lambda kb, path, query: tables.table_page(kb, path["version"], path["struct"]),
        about="an ops table: the matrix of ops and locks",
    ),
    Route(
        name="op",
        rule="/v/<version>/<struct>/<op>/",
        page=ops.OpPage,
        make=lambda kb, path, query: ops.op_page(kb, path["version"], path["struct"], path["op"]),
        about="an op: prototype, lock rules, notes, description, evidence",
    ),
    Route(
        name="function",
        rule="/v/<version>/functions/<name>/",
        page=symbols.FunctionPage,
        make=lambda kb, path, query: symbols.function_page(kb, path["version"], path["name"]),
        about="a documented function",
    ),
    Route(
        name="flag",
        rule="/v/<version>/flags/<name>/",
        page=symbols.FlagPage,
        make=lambda kb, path, query: symbols.flag_page(kb, path["version"], path["name"]),
        about="a documented flag",
    ),
    Route(
        name="locks",
        rule="/locks/",
        page=locks.LocksPage,
        make=lambda kb, path, query: locks.locks_page(kb),
        about="all locks",
    ),
    Route(
        name="lock",
        rule="/locks/<path:subject>/",
        page=locks.LockPage,
        make=lambda kb, path, query: locks.lock_page(kb, path["subject"]),
        about="a lock: which ops, held how, in which versions",
    ),
    Route(
        name="history",
        rule="/history/<struct>.<op>/",
        page=life.HistoryPage,
        make=lambda kb, path, query: life.history_page(kb, path["struct"], path["op"]),
        about="the life of an op: since, changed, removed",
    ),
    Route(
        name="compare",
        rule="/diff/",
        page=changes.DiffIndexPage,
        make=lambda kb, path, query: changes.diff_index_page(kb),
        about="the versions that can be compared",
    ),
    Route(
        name="diff",
        rule="/diff/<range>/",
        page=changes.DiffPage,
        make=_diff,
        about="what changed between two versions",
        query=(SEVERITY,),
    ),
    Route(
        name="diff_table",
        rule="/diff/<range>/<struct>/",
        page=changes.DiffPage,
        make=_diff,
        about="what changed in one ops table between two versions",
        query=(SEVERITY,),
    ),
    Route(
        name="porting",
        rule="/porting/",
        page=porting.PortingPage,
        make=lambda kb, path, query: porting.porting_page(kb),
        about="the porting log",
    ),
    Route(
        name="porting_entry",
        rule="/porting/<slug>/",
        page=porting.PortingEntryPage,
        make=lambda kb, path, query: porting.porting_entry_page(kb, path["slug"]),
        about="one entry of the porting log",
    ),
    Route(
        name="notes",
        rule="/notes/",
        page=notes.NotesPage,
        make=lambda kb, path, query: notes.notes_page(kb),
        about="all design notes",
    ),
    Route(
        name="note",
        rule="/notes/<slug>/",
        page=notes.NotePage,
        make=lambda kb, path, query: notes.note_page(kb, path["slug"]),
        about="a design note",
    ),
    Route(
        name="commits",
        rule="/commits/",
        page=notes.CommitsPage,
        make=lambda kb, path, query: notes.commits_page(kb),
        about="all commits",
    ),
    Route(
        name="commit",
        rule="/commits/<sha>/",
        page=notes.CommitPage,
        make=lambda kb, path, query: notes.commit_page(kb, path["sha"]),
        about="a commit",
    ),
    Route(
        name="document",
        rule="/doc/<version>/<path:path>",
        page=documents.DocumentPage,
        make=_document,
        about="a source document, its lines numbered; `-` for no version",
    ),
)
