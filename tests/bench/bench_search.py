"""Search beside SQLite's FTS5, over the same texts in the same process.

    python tests/bench/bench_search.py DATABASE [QUERIES.tsv]

Both sides give the best twenty with snippets, the number of things found, and the counts of all facets. FTS5 gets the
words that are left when question words are dropped, joined by OR (by AND for an exact name), and ranks by bm25; it
joins a table of facet values, indexed by document. Every query runs alternately on either side; times are processor
time of the thread, in milliseconds, as other work on the machine must not count.
"""

import re
import sqlite3
import statistics
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from clock import milliseconds
from ratios import Ratio, record

from kbase.build.search_documents.documents import search_documents
from kbase.errors import QueryError
from kbase.search.search_document import SearchDocument
from kbase.search.searcher import Searcher
from kbase.search.words import QUESTION_WORDS, words
from kbase.store.database import Store
from kbase.store.state_loader import StateLoader

ROUNDS = 15
TOP = 20
LIMITS = {"exact names": (1, 2), "questions": (1.5, 2), "all given": (None, 2)}  # of median and 99th percentile
SLOWEST = 150  # milliseconds that any query may take
EXACT = re.compile(r"(?:->)?\w+(?:\.\w+)?(?:\(\))?")
SCHEMA = """
    CREATE VIRTUAL TABLE texts USING fts5(names, body, tokenize = "unicode61 tokenchars '_'");
    CREATE TABLE documents (id INTEGER PRIMARY KEY, thing TEXT, kind TEXT, name TEXT, url TEXT);
    CREATE TABLE facets (document INTEGER, facet TEXT, value TEXT, thing TEXT);
"""
HITS = """
    SELECT documents.*, snippet(texts, 1, char(2), char(3), '...', 40) FROM texts JOIN documents ON id = texts.rowid
    WHERE texts MATCH ? ORDER BY bm25(texts, 3.0, 1.0) LIMIT ?
"""
COUNTS = """
    SELECT facet, value, count(DISTINCT thing) FROM facets
    WHERE document IN (SELECT rowid FROM texts WHERE texts MATCH ?) GROUP BY facet, value
"""


def facet_values(document: SearchDocument) -> set[tuple[str, str]]:
    """The facet values that the search index counts for a document."""
    held = {rule.split("=")[1] for rule in document.rules if "+" not in rule}
    lists = {
        "kind": (document.kind,),
        "struct": document.structs,
        "lock": document.locks,
        "held": held,
        "version": document.versions,
        "document": document.documents,
    }
    return {(facet, value) for facet, values in lists.items() for value in values} | {("all", "")}


def fts(documents: list[SearchDocument]) -> sqlite3.Connection:
    """The same documents in FTS5, in memory."""
    db = sqlite3.connect(":memory:")
    db.executescript(SCHEMA)
    for number, document in enumerate(documents, 1):
        db.execute(
            "INSERT INTO texts(rowid, names, body) VALUES (?, ?, ?)",
            (number, document.names, f"{document.title}\n{document.text}"),
        )
        db.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?)",
            (number, document.entry, document.kind, document.name, document.url),
        )
        rows = ((number, facet, value, document.entry) for facet, value in facet_values(document))
        db.executemany("INSERT INTO facets VALUES (?, ?, ?, ?)", rows)
    db.execute("CREATE INDEX facets_document ON facets(document)")
    db.execute("INSERT INTO texts(texts) VALUES ('optimize')")
    db.execute("ANALYZE")
    return db


def fts_match(query: str) -> str:
    """The query in FTS5's language."""
    said = words(query)
    kept = [word for word in said if word not in QUESTION_WORDS] or said
    return (" AND " if EXACT.fullmatch(query) else " OR ").join(f'"{word}"' for word in kept)


def fts_search(db: sqlite3.Connection, query: str) -> tuple[list[object], dict[tuple[str, str], int]]:
    """Hits with snippets, and facet counts."""
    match = fts_match(query)
    hits = db.execute(HITS, (match, TOP)).fetchall()
    return hits, {(facet, value): count for facet, value, count in db.execute(COUNTS, (match,))}


def measure(
    searcher: Searcher, db: sqlite3.Connection, queries: list[str]
) -> list[tuple[str, list[float], list[float]]]:
    """For each query the times of ours and of FTS5."""
    measured: list[tuple[str, list[float], list[float]]] = [(query, [], []) for query in queries]
    for query in queries:
        searcher.search(query, limit=TOP)
        fts_search(db, query)
    for _ in range(ROUNDS):
        for query, ours, theirs in measured:
            ours.append(milliseconds(partial(searcher.search, query, limit=TOP)))
            theirs.append(milliseconds(partial(fts_search, db, query)))
    return measured


def report(name: str, measured: list[tuple[str, list[float], list[float]]]) -> Iterator[Ratio]:
    """The median and the 99th percentile of ours beside FTS5's."""
    ours = sorted(t for _, times, _ in measured for t in times)
    theirs = sorted(t for _, _, times in measured for t in times)
    last = int(len(ours) * 0.99)
    median, worst = LIMITS[name]
    beside = "SQLite FTS5, same texts"
    title = f"search, {name} ({len(measured)})"
    yield Ratio(f"{title}: median", statistics.median(ours), statistics.median(theirs), beside=beside, limit=median)
    yield Ratio(f"{title}: p99", ours[last], theirs[last], beside=beside, limit=worst)


def hostile(searcher: Searcher) -> list[str]:
    """Queries made to be slow: the most frequent words in every form, broad prefixes, words like many names."""
    reader = searcher.index.inverted.reader()
    frequent = [str(term, "utf-8") for _, term in reader.most_frequent_terms("body", 48)]
    reader.close()
    joined = (glue.join(frequent[:size]) for glue in (" ", " AND ", " OR ", " NOT ") for size in (4, 8, 11, 20))
    phrases = (f'"{left} {right}"' for left in frequent[:12] for right in frequent[12:18])
    prefixes = [f"{word[:size]}*" for word in frequent for size in (2, 3) if len(word) > size]
    typos = (" ".join(f"{word}qx{place}" for place, word in enumerate(frequent[:size])) for size in (2, 8, 20))
    fields = ("document:*", "version:..v99 the", "NOT kind:op", "struct:* held:*", "kind:section")
    return [*joined, *phrases, *prefixes, *typos, *fields]


def report_hostile(searcher: Searcher) -> Ratio:
    """The slowest of the hostile queries that is admitted, nothing kept of earlier ones."""
    slowest, refused = (0.0, ""), 0
    queries = hostile(searcher)
    for query in queries:
        searcher.ranker.postings.of.cache_clear()
        try:
            slowest = max(slowest, (milliseconds(partial(searcher.search, query, limit=200)), query))
        except QueryError:
            refused += 1
    print(f"hostile: {len(queries)} queries, {refused} refused, slowest {slowest[0]:.1f} ms: {slowest[1]}")
    return Ratio("search, slowest query of many hostile ones", slowest[0], SLOWEST, beside="what is permitted", limit=1)


def main(database: str, tsv: str = "") -> None:
    """Measure and print."""
    with closing(Store.open(Path(database))) as store:
        documents = list(search_documents(StateLoader(store).states()))
        folder = store.folder / "index"
    lines = Path(tsv).read_text(encoding="utf-8").splitlines() if tsv else []
    queries = [line.split("\t")[0] for line in lines if line and not line.startswith("#")]
    names = sorted({key for document in documents if document.kind != "section" for key in document.keys})
    db = fts(documents)
    exact = [name for name in names if EXACT.fullmatch(name)][:: max(1, len(names) // 100)]
    exact = [name for name in exact if fts_search(db, name)[0]]  # FTS5 knows no nicknames: nothing is found soon
    questions = [query for query in queries if not EXACT.fullmatch(query)]
    with closing(Searcher(folder)) as searcher:
        rows = [*report("exact names", measure(searcher, db, exact))]
        if questions:
            asked = measure(searcher, db, questions)
            for query, ours, theirs in asked:
                print(f"    {statistics.median(ours):6.2f} / {statistics.median(theirs):6.2f}  {query}")
            rows += report("questions", asked)
            rows += report("all given", measure(searcher, db, queries))
        rows.append(report_hostile(searcher))
    record(__file__, rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
