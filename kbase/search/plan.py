"""The compiled query: required documents, words to score, and the interpretation of a question."""

from dataclasses import dataclass, field

from kbase.search.index import Symbol


@dataclass(frozen=True, slots=True)
class QueryWord:
    """One word to score: its index words and how it was typed.

    `terms` are the word and its inflections, the most frequent first, or the name that it is; then its new names.
    """

    terms: tuple[str, ...]
    typed: str
    pointed: bool = False  # written as a name: `->release`, `release()`
    required: bool = False  # in a group or an operand of AND: the plan's condition has it


@dataclass(frozen=True, slots=True)
class Name:
    """A name in the query: the index of its first word, the index behind its last one, and what it names."""

    first: int
    end: int
    symbol: Symbol


@dataclass(frozen=True, slots=True)
class Rules:
    """The `lock:` and `held:` conditions around a node: locks by their terms, and the required readings."""

    locks: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


@dataclass(slots=True)
class Plan:
    """A compiled query. Sets are of document numbers; None is no condition."""

    required: set[int] | None = None
    words: list[QueryWord] = field(default_factory=list)
    strong: list[QueryWord] = field(default_factory=list)  # the specific words, see `WEAK_WORDS`
    names: list[Name] = field(default_factory=list)  # of entries, in the query
    prefixes: list[str] = field(default_factory=list)  # for marking
    rules: Rules = field(default_factory=Rules)  # what every rule that is found must say
    whole: bool = False  # it is one dotted name: all words of it must be there
    corrected: list[tuple[str, str]] = field(default_factory=list)  # typed -> searched
    absent: list[str] = field(default_factory=list)  # words and names that are in no document
    renamed: list[tuple[str, str]] = field(default_factory=list)  # former name of a lock -> its name
    notes: list[str] = field(default_factory=list)  # versions that were replaced by an available one
    missing: tuple[tuple[str, str], ...] = ()  # versions that are not available, as typed and as a label
    reading: str = ""  # what the question asks, in the query language
    meeting: frozenset[int] = frozenset()  # what meets the reading
    versions: tuple[str, ...] = ()  # that the question names
    change: str = ""  # "since", "removed" or "changed", where the question asks for that of the versions
    within: frozenset[int] | None = None  # documents of these versions; ignored where no hit is among them
