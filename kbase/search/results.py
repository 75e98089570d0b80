"""Search results: plain frozen values, the same for HTML, JSON and the terminal."""

from dataclasses import dataclass, field

from kbase.search.search_document import Shown

MARK_START = "\x02"  # a matched word in a snippet begins
MARK_END = "\x03"  # and ends
MAX_LIMIT = 200  # hits of one search

Facet = tuple[tuple[str, int], ...]  # (value, number of hits), most frequent first; versions newest first


class Hit(Shown, frozen=True, kw_only=True):
    """One entry that was found, with the facts of one version: the newest that matched, or the chosen one."""

    versions: tuple[str, ...]  # as ranges over the available versions; empty for what needs no version
    snippet: str  # plain text, matches between MARK_START and MARK_END
    meets: bool | None = None  # whether it meets the question's condition; None where the question has none


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResults:
    """One page of hits, best first, with totals and facets of the whole result.

    `total` counts entries, not their texts. `facets` has the keys of `FACETS`. `suggestions` are queries to try
    instead; `note` explains how the query was changed ("i_mutex is now i_rwsem"), and `renamed` has its new names;
    `reading` is the translation of a plain question into the query language.
    """

    query: str
    total: int
    hits: tuple[Hit, ...] = ()
    facets: dict[str, Facet] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()
    note: str | None = None
    renamed: tuple[str, ...] = ()
    reading: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A name that begins like what was typed."""

    text: str
    kind: str
    url: str
    detail: str = ""  # "inode_operations", "now i_rwsem"


FACETS = ("kind", "struct", "lock", "held", "version", "document")
