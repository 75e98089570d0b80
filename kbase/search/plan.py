"""What a query is compiled to: what must match, the words to weigh, and what was understood of a question."""

from dataclasses import dataclass, field

from whoosh import query as whoosh_query
from whoosh.matching import ListMatcher, Matcher, NullMatcher
from whoosh.reading import IndexReader
from whoosh.searching import Searcher as WhooshSearcher

from kbase.search.asking import Condition


class Documents(whoosh_query.Query):  # type: ignore[misc]  # whoosh counts as untyped
    """Documents that are known by their numbers, as a part of a whoosh query."""

    def __init__(self, documents: list[int]) -> None:
        self.documents = documents

    def __hash__(self) -> int:
        return hash(tuple(self.documents))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Documents) and other.documents == self.documents

    def is_leaf(self) -> bool:
        """Nothing stands below."""
        return True

    def estimate_size(self, _reader: IndexReader) -> int:
        """How many documents match."""
        return len(self.documents)

    def matcher(self, _searcher: WhooshSearcher, context: object = None) -> Matcher:  # noqa: ARG002  # whoosh's own signature
        """What whoosh asks for the documents."""
        return ListMatcher(self.documents) if self.documents else NullMatcher()


@dataclass(frozen=True, slots=True)
class QueryWord:
    """One word to score: its index words, as it was typed, and whether a thing may do without it.

    `terms` are the word and its inflections, the most frequent first, or the name that it is; then its new names.
    """

    terms: tuple[str, ...]
    typed: str
    loose: bool
    pointed: bool = False  # written as a name: `->release`, `release()`
    aside: bool = False  # stands for something else: an argument of a call, a part of a name that stands nowhere


@dataclass(frozen=True, slots=True)
class Rules:
    """What `lock:` and `held:` conditions stand around a node: locks by their terms, and what is said of them."""

    locks: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


@dataclass(slots=True)
class Plan:
    """A compiled query."""

    required: whoosh_query.Query | None = None
    excluded: whoosh_query.Query | None = None
    words: list[QueryWord] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)  # words of the documents that two of the words together are
    prefixes: list[str] = field(default_factory=list)  # for marking
    corrected: list[tuple[str, str]] = field(default_factory=list)  # typed -> searched
    unknown: list[str] = field(default_factory=list)  # words that are nowhere
    said: list[str] = field(default_factory=list)  # the plain words as typed, question words too
    asked: tuple[Condition, ...] = ()  # what the question asks of ops
    meant: frozenset[int] = frozenset()  # documents of which all of that is true
    within: frozenset[int] = frozenset()  # documents of the versions that the question names
    versions: tuple[str, ...] = ()  # these versions
    missing: tuple[tuple[str, str], ...] = ()  # versions that are not available, as typed and as a label
    notes: list[str] = field(default_factory=list)  # versions that another one is taken for
    came: str = ""  # "since" or "removed" where the question is what came or went with them
    renamed: list[tuple[str, str]] = field(default_factory=list)  # former name of a lock -> its name
    whole: bool = False  # it is one dotted name: all words of it must be there
    rules: Rules = field(default_factory=Rules)  # what every rule that is found must say
