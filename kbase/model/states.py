"""What is held about one version: records joined with version and path, op by op.

A pure assembly of records into `VersionState`. Everything that compares or shows facts (diff, history, views,
reference, export) works on it and never on the store.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar, overload

from kbase.model.records import (
    BlanketRule,
    Commit,
    Description,
    DesignNote,
    Diagnostic,
    Evidence,
    Flag,
    Format,
    Function,
    LockRule,
    Member,
    Note,
    OpsTable,
    PortingEntry,
    Prototype,
    Section,
    Steps,
    Summary,
)
from kbase.model.witnesses import DocumentKind

WHOLE = re.compile(r"(?:locking|vfs)(?:\.(?:rst|txt))?", re.IGNORECASE)  # names of whole documents
LEAST_OPS = 30  # of a whole document under another name, such as a saved page; the oldest one has 50
R = TypeVar("R", covariant=True)
Item = TypeVar("Item", covariant=True)


def is_excerpt(path: str, ops: int) -> bool:
    """Whether a vfs or Locking document is only a part of one, by its name and the number of ops that it states.

    What it states are facts; of what it leaves out it says nothing.
    """
    return ops < LEAST_OPS and not WHOLE.fullmatch(path.rpartition("/")[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRef:
    """One file at one version. `version` is empty for design notes and commit pages that need none."""

    version: str
    path: str  # "Documentation/filesystems/locking.rst", or a loose file's name
    blob: str
    kind: DocumentKind
    format: Format
    title: str
    source: str  # the source it came from, as given to `kbase build`; "bundled" for the bundled corpus
    page_of: str | None = None  # what a saved page is a page of: "gitiles blame", "cgit commit", "flattened text"
    bundled: bool = False
    origin: str | None = None  # where the original of a bundled document lies: "linux v6.4.6", from the manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited(Generic[R]):
    """A record with the document that states it."""

    record: R
    document: DocumentRef

    @property
    def evidence(self) -> Evidence:
        """The lines that prove the record."""
        return self.record.evidence  # type: ignore[attr-defined,no-any-return]  # every record has evidence

    @property
    def path(self) -> str:
        return self.document.path

    @property
    def line(self) -> int:
        """The first line of the evidence."""
        return self.evidence.first


@dataclass(frozen=True, kw_only=True)
class OpState:
    """Everything that one version says about one op.

    `notes` holds what is said about this op; `inherited` the blanket rules of its table that reach it
    (an op that a blanket rule excepts keeps the rule, as an exception is a statement too), `table_notes` the
    paragraphs that name no op of the table.
    `table_position` is its place in the ops table: by prototype order, then by row order.
    """

    version: str
    struct: str
    name: str
    prototypes: tuple[Cited[Prototype], ...] = ()
    rules: tuple[Cited[LockRule], ...] = ()
    has_row: bool = False  # a row in a locking table, be all its cells blank
    notes: tuple[Cited[Note], ...] = ()
    inherited: tuple[Cited[BlanketRule], ...] = ()
    table_notes: tuple[Cited[Note], ...] = ()  # paragraphs about the whole table
    descriptions: tuple[Cited[Description], ...] = ()
    flags: tuple[Cited[Flag], ...] = ()
    summary: Cited[Summary] | None = None
    table_position: int = 0

    @property
    def dotted(self) -> str:
        """`inode_operations.rename`."""
        return f"{self.struct}.{self.name}"

    @cached_property
    def locks(self) -> tuple[Cited[LockRule], ...]:
        """The rules about locks, without context columns and remarks."""
        return tuple(rule for rule in self.rules if not any(r.context for r in rule.record.readings))

    @cached_property
    def context(self) -> tuple[Cited[LockRule], ...]:
        """The rules of context columns: `may block`, `rcu-walk`, `FS recursion`, `note`."""
        return tuple(rule for rule in self.rules if any(r.context for r in rule.record.readings))


@dataclass(frozen=True, kw_only=True)
class TableState:
    """One ops table at one version. `columns` are the headers of its locking table, in order."""

    version: str
    name: str
    tables: tuple[Cited[OpsTable], ...] = ()  # one for each document that has it
    columns: tuple[str, ...] = ()
    ops: tuple[OpState, ...] = ()
    members: tuple[Cited[Member], ...] = ()
    member_descriptions: tuple[Cited[Description], ...] = ()
    blankets: tuple[Cited[BlanketRule], ...] = ()
    notes: tuple[Cited[Note], ...] = ()  # those that are about the table, not about one op

    @cached_property
    def by_name(self) -> dict[str, OpState]:
        return {op.name: op for op in self.ops}


class Later(Sequence[Item]):
    """What is read when it is first looked at."""

    def __init__(self, read: Callable[[], tuple[Item, ...]]) -> None:
        """`read` gives it."""
        self._read = read

    @cached_property
    def _items(self) -> tuple[Item, ...]:
        return self._read()

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | Sequence[Item]:
        return self._items[index]

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._items == tuple(other)

    def __hash__(self) -> int:
        return hash(self._items)


class Ops(Mapping[str, OpState]):
    """All ops of some tables by dotted name."""

    def __init__(self, tables: Mapping[str, TableState]) -> None:
        """`tables` by name."""
        self._tables = tables

    def __getitem__(self, dotted: str) -> OpState:
        struct, _, name = dotted.partition(".")
        return self._tables[struct].by_name[name]

    def __iter__(self) -> Iterator[str]:
        return (op.dotted for table in self._tables.values() for op in table.ops)

    def __len__(self) -> int:
        return sum(len(table.ops) for table in self._tables.values())


@dataclass(frozen=True, kw_only=True)
class VersionState:
    """Everything held about one version. From a knowledge base, its parts are put together when they are looked at."""

    label: str  # canonical: "v6.4.6"
    label_origin: str  # "given", "Makefile", "folder name", "tag"
    documents: tuple[DocumentRef, ...] = ()
    by_name: Mapping[str, TableState] = field(default_factory=dict, hash=False)  # in the order of the documents
    functions: Sequence[Cited[Function]] = ()
    flags: Sequence[Cited[Flag]] = ()
    porting: Sequence[Cited[PortingEntry]] = ()
    steps: Sequence[Cited[Steps]] = ()  # directory-locking
    notes: Sequence[Cited[DesignNote]] = ()
    commits: Sequence[Cited[Commit]] = ()
    sections: Sequence[Cited[Section]] = ()
    diagnostics: Sequence[Cited[Diagnostic]] = ()
    telling: frozenset[DocumentKind] = frozenset()  # of which anything about ops could be read, whole
    excerpts: frozenset[DocumentKind] = frozenset()  # those of which it has a part only: see `is_excerpt`
    warnings: tuple[str, ...] = field(default=())  # such as a label that the content contradicts

    @property
    def tables(self) -> tuple[TableState, ...]:
        return tuple(self.by_name.values())

    @property
    def ops(self) -> Mapping[str, OpState]:
        """All ops by dotted name."""
        return Ops(self.by_name)

    def holds(self, kind: DocumentKind) -> bool:
        """Whether the version holds a document of the kind; what it does not hold it says nothing about."""
        return kind in self._kinds

    @cached_property
    def _kinds(self) -> frozenset[DocumentKind]:
        return frozenset({document.kind for document in self.documents})
