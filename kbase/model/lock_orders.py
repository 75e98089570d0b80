"""The order in which locks are taken, as a document states it."""

from dataclasses import dataclass

from kbase.model.words import Mode, Word


class Among(Word):
    """How the objects of one lock are ordered."""

    ANCESTORS_FIRST = "ancestors first"
    BY_ADDRESS = "by address"  # of the inode, the lowest first
    DIRECTORIES_FIRST = "directories first"
    SOURCE_FIRST = "source first"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedLock:
    """One of the two locks of an order."""

    subject: str  # the canonical lock
    written: str  # as the document names it
    scope: str | None = None  # the object that is locked: "parent", "non-directories"; None: any
    mode: Mode | None = None  # in which it is taken, where the document says so

    @property
    def node(self) -> tuple[str, str]:
        """What is ordered: the lock and the object."""
        return self.subject, self.scope or ""

    def __str__(self) -> str:
        return f"{self.subject} ({self.scope})" if self.scope else self.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One lock is taken before another; or with `among`, the locks of several objects are taken in that order."""

    first: OrderedLock
    second: OrderedLock  # with `among`, the same as `first`
    among: Among | None = None
    operation: str | None = None  # the class of operation whose steps state it
    condition: str | None = None
    text: str  # the sentence, or the two steps

    def __str__(self) -> str:
        return f"{self.first}: {self.among}" if self.among else f"{self.first} before {self.second}"
