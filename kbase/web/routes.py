"""The addresses and the pages behind them: one table, which the HTML pages and the JSON interface are made from."""

from kbase.errors import UsageError
from kbase.kb import KnowledgeBase
from kbase.views import (
    changes,
    documents,
    find,
    home,
    life,
    lock_life,
    locks,
    notes,
    ops,
    porting,
    steps,
    symbols,
    table_life,
    tables,
)
from kbase.views.parts import Page
from kbase.web.interface import InterfacePage, interface_page
from kbase.web.route import Parameter, Route, Words

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
    chosen = {name: words.get(name, "") for name in changes.FILTERS}
    return changes.diff_page(kb, words["old"], words["new"], words.get("struct"), chosen)


def _document(kb: KnowledgeBase, words: Words) -> Page:
    return documents.document_page(kb, words["version"], words["path"])


CHANGES = tuple(Parameter(name=name, about=about, values=values) for name, (about, values) in changes.FILTERS.items())
SEARCH = (
    Parameter(name="q", about="what to search for, in the query language"),
    Parameter(name="version", about="only what is in this version or range (v5.4..v6.8.1)"),
    *(Parameter(name=name, about=f"only hits with this {name}") for name in find.FILTERS),
    Parameter(name="offset", about="hits to skip", number=True),
)

ROUTES: tuple[Route, ...] = (
    Route(
        name="home",
        rule="/",
        page=home.HomePage,
        make=lambda kb, _: home.home_page(kb),
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
        make=lambda kb, words: tables.version_page(kb, words["version"]),
        about="a version: ops tables, documents, diagnostics",
    ),
    Route(
        name="table",
        rule="/v/<version>/<struct>/",
        page=tables.TablePage,
        make=lambda kb, words: tables.table_page(kb, words["version"], words["struct"], words.get("sort", "")),
        about="an ops table: the matrix of ops and locks",
        query=(Parameter(name="sort", about="a column, ``op`` or ``may block``: the rows by it, the strongest first"),),
    ),
    Route(
        name="op",
        rule="/v/<version>/<struct>/<op>/",
        page=ops.OpPage,
        make=lambda kb, words: ops.op_page(kb, words["version"], words["struct"], words["op"]),
        about="an op: prototype, lock rules, notes, description, evidence",
    ),
    Route(
        name="function",
        rule="/v/<version>/functions/<name>/",
        page=symbols.FunctionPage,
        make=lambda kb, words: symbols.function_page(kb, words["version"], words["name"]),
        about="a documented function",
    ),
    Route(
        name="flag",
        rule="/v/<version>/flags/<name>/",
        page=symbols.FlagPage,
        make=lambda kb, words: symbols.flag_page(kb, words["version"], words["name"]),
        about="a documented flag",
    ),
    Route(
        name="steps",
        rule="/v/<version>/directory-locking/",
        page=steps.StepsPage,
        make=lambda kb, words: steps.steps_page(kb, words["version"]),
        about="how directories are locked: classes of operation and their steps",
    ),
    Route(
        name="locks",
        rule="/locks/",
        page=locks.LocksPage,
        make=lambda kb, _: locks.locks_page(kb),
        about="all locks",
    ),
    Route(
        name="lock",
        rule="/locks/<path:subject>/",
        page=locks.LockPage,
        make=lambda kb, words: locks.lock_page(kb, words["subject"]),
        about="a lock: which ops, held how, in which versions",
    ),
    Route(
        name="history",
        rule="/history/<struct>.<op>/",
        page=life.HistoryPage,
        make=lambda kb, words: life.history_page(kb, words["struct"], words["op"]),
        about="the life of an op: since, changed, removed",
    ),
    Route(
        name="lock_history",
        rule="/history/lock/<path:subject>/",
        page=lock_life.LockLifePage,
        make=lambda kb, words: lock_life.lock_life_page(kb, words["subject"]),
        about="the life of a lock: its names, and how the rules about it changed",
    ),
    Route(
        name="table_history",
        rule="/history/<struct>/",
        page=table_life.TableLifePage,
        make=lambda kb, words: table_life.table_life_page(kb, words["struct"]),
        about="the life of an ops table: which ops it had when, and where they changed",
    ),
    Route(
        name="compare",
        rule="/diff/",
        page=changes.DiffIndexPage,
        make=lambda kb, _: changes.diff_index_page(kb),
        about="the versions that can be compared",
    ),
    Route(
        name="diff",
        rule="/diff/<range>/",
        page=changes.DiffPage,
        make=_diff,
        about="what changed between two versions",
        query=CHANGES,
    ),
    Route(
        name="diff_table",
        rule="/diff/<range>/<struct>/",
        page=changes.DiffPage,
        make=_diff,
        about="what changed in one ops table between two versions",
        query=CHANGES,
    ),
    Route(
        name="porting",
        rule="/porting/",
        page=porting.PortingPage,
        make=lambda kb, words: porting.porting_page(kb, words.get("from", ""), words.get("to", "")),
        about="the porting log, or what came into it between two versions",
        query=(
            Parameter(name="from", about="only entries that came after this version"),
            Parameter(name="to", about="only entries that were there by this version"),
        ),
    ),
    Route(
        name="porting_entry",
        rule="/porting/<slug>/",
        page=porting.PortingEntryPage,
        make=lambda kb, words: porting.porting_entry_page(kb, words["slug"]),
        about="one entry of the porting log",
    ),
    Route(
        name="notes",
        rule="/notes/",
        page=notes.NotesPage,
        make=lambda kb, _: notes.notes_page(kb),
        about="all design notes",
    ),
    Route(
        name="note",
        rule="/notes/<slug>/",
        page=notes.NotePage,
        make=lambda kb, words: notes.note_page(kb, words["slug"]),
        about="a design note",
    ),
    Route(
        name="commits",
        rule="/commits/",
        page=notes.CommitsPage,
        make=lambda kb, _: notes.commits_page(kb),
        about="all commits",
    ),
    Route(
        name="commit",
        rule="/commits/<sha>/",
        page=notes.CommitPage,
        make=lambda kb, words: notes.commit_page(kb, words["sha"]),
        about="a commit",
    ),
    Route(
        name="document",
        rule="/doc/<version>/<path:path>",
        page=documents.DocumentPage,
        make=_document,
        about="a source document, its lines numbered; `-` for no version",
    ),
    Route(
        name="interface",
        rule="/api/",
        page=InterfacePage,
        make=lambda kb, _: interface_page(kb, ROUTES),
        about="the JSON interface: its addresses, their parameters, an example of each",
    ),
)
