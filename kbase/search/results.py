"""Search results: plain frozen values, the same for HTML, JSON and the terminal."""

from dataclasses import dataclass, field

from msgspec import Struct

MARK_START = "\x02"  # a matched word in a snippet begins
MARK_END = "\x03"  # and ends
MAX_LIMIT = 200  # hits of one search

Facet = tuple[tuple[str, int], ...]  # (value, number of hits), most frequent first; versions newest first


class Hit(Struct, frozen=True, kw_only=True, gc=False):
    """One entry that was found, with the facts of one version: the newest that matched, or the chosen one."""

    kind: str
    name: str  # `inode_operations.rename`, `i_rwsem`, a note's title, 12 digits of a commit
    title: str
    versions: tuple[str, ...]  # as ranges over the available versions; empty for what needs no version
    snippet: str  # plain text, matches between MARK_START and MARK_END
    url: str
    version: str = ""  # the version whose facts are shown
    struct: str | None = None
    op: str | None = None
    prototype: str | None = None
    chips: tuple[str, ...] = ()  # lock rules and context, as written: "i_rwsem(inode): exclusive"
    path: str = ""
    line: int = 0
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
