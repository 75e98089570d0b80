"""Search over the records: documents, index, query language, ranking. The only package that imports `whoosh`."""

from kbase.search.documents import SearchDocument, search_documents
from kbase.search.index import manifest_hash, verify
from kbase.search.results import (
    FACETS,
    MARK_END,
    MARK_START,
    Facet,
    Hit,
    HitKind,
    SearchResults,
    Suggestion,
)
from kbase.search.searcher import Searcher
from kbase.search.syntax import FIELDS
from kbase.search.writing import read_documents, write_index

__all__ = [
    "FACETS",
    "FIELDS",
    "MARK_END",
    "MARK_START",
    "Facet",
    "Hit",
    "HitKind",
    "SearchDocument",
    "SearchResults",
    "Searcher",
    "Suggestion",
    "manifest_hash",
    "read_documents",
    "search_documents",
    "verify",
    "write_index",
]
