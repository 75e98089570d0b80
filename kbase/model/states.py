"""The state of a version: its records with their documents, grouped by ops table and op.

Everything that compares or shows facts (diff, history, pages, reference, export) works on states and never on the
store. `kbase.store.assembly` builds them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar

from kbase.model.records import (
    BlanketRule,
    Caller,
    Commit,
    Description,
    DesignNote,
    Diagnostic,
    Evidence,
    Flag,
    Format,
    Function,
    LockOrder,
    LockRule,
    Member,
    Note,
    Obligation,
    OpsTable,
    PortingEntry,
    ProseRule,
    Prototype,
    Section,
    Steps,
    Summary,
)
from kbase.model.witnesses import DocumentKind

WHOLE = re.compile(r"(?:locking|vfs)(?:\.(?:rst|txt))?", re.IGNORECASE)  # names of whole documents
HEADERS = "include/linux/"
LEAST_OPS = 30  # of a whole document under another name, such as a saved page; the oldest one has 50
R = TypeVar("R", covariant=True)


def is_excerpt(kind: DocumentKind, path: str, ops: int) -> bool:
    """Whether a vfs or Locking document is an excerpt, by its name and the number of ops that it states.

    A header is one unless it was read with the others of its tree. What an excerpt leaves out is unknown.
    """
    if kind.traits.code:
        return not path.startswith(HEADERS)
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
    origin: str | None = None  # the original of a bundled document: "linux v6.4.6", from the manifest


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
    """Everything that one version states about one op.

    `rules` are the cells of its row, `prose` the rules in sentences about it. `inherited` are the blanket rules that
    reach it: those of documents that list it (also one that excepts it, as an exception is a statement too), without
    those that hold unless something else is stated of it. `notes` are about this op, `table_notes` the paragraphs that
    name no op of the table.
    `table_position` is its place in the ops table: by prototype order, then by row order.
    """

    version: str
    struct: str
    name: str
    prototypes: tuple[Cited[Prototype], ...] = ()  # the one believed first, first
    rules: tuple[Cited[LockRule], ...] = ()
    prose: tuple[Cited[ProseRule], ...] = ()
    obligations: tuple[Cited[Obligation], ...] = ()
    has_row: bool = False  # a row in a locking table, even one of blank cells
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

    @property
    def locks(self) -> tuple[Cited[LockRule], ...]:
        """The cells about locks, without those of context columns and remarks that name no lock."""
        return tuple(rule for rule in self.rules if not rule.record.is_context)

    @property
    def context(self) -> tuple[Cited[LockRule], ...]:
        """The cells about no lock: those of `may block`, `rcu-walk`, `FS recursion`, and remarks."""
        return tuple(rule for rule in self.rules if rule.record.is_context)


@dataclass(frozen=True, kw_only=True)
class TableState:
    """One ops table at one version. `columns` are the headers of its locking table, in order."""

    version: str
    name: str
    tables: tuple[Cited[OpsTable], ...] = ()  # one for each document that has it
    columns: tuple[str, ...] = ()
    by_name: Mapping[str, OpState] = field(default_factory=dict, hash=False)  # the ops in their order
    members: tuple[Cited[Member], ...] = ()
    member_descriptions: tuple[Cited[Description], ...] = ()
    blankets: tuple[Cited[BlanketRule], ...] = ()
    notes: tuple[Cited[Note], ...] = ()  # those that are about the table, not about one op

    @property
    def ops(self) -> tuple[OpState, ...]:
        return tuple(self.by_name.values())


@dataclass(frozen=True, kw_only=True)
class VersionState:
    """Everything that the documents of one version state."""

    label: str  # canonical: "v6.4.6"
    label_origin: str  # "given", "Makefile", "folder name", "tag"
    documents: tuple[DocumentRef, ...] = ()
    by_name: Mapping[str, TableState] = field(default_factory=dict, hash=False)  # in the order of the documents
    functions: Sequence[Cited[Function]] = ()
    flags: Sequence[Cited[Flag]] = ()
    porting: Sequence[Cited[PortingEntry]] = ()
    steps: Sequence[Cited[Steps]] = ()  # directory-locking
    orders: Sequence[Cited[LockOrder]] = ()  # of locks, in the order of the documents
    notes: Sequence[Cited[DesignNote]] = ()
    commits: Sequence[Cited[Commit]] = ()
    diagnostics: Sequence[Cited[Diagnostic]] = ()
    readable: frozenset[DocumentKind] = frozenset()  # kinds with a whole document that states something about ops
    excerpts: frozenset[DocumentKind] = frozenset()  # kinds of which it has excerpts only: see `is_excerpt`
    warnings: tuple[str, ...] = ()  # such as a label that the content contradicts
    load_sections: Callable[[], Sequence[Cited[Section]]] = field(default=tuple, compare=False)
    load_callers: Callable[[], Sequence[Cited[Caller]]] = field(default=tuple, compare=False)

    @property
    def tables(self) -> tuple[TableState, ...]:
        return tuple(self.by_name.values())

    @cached_property
    def ops(self) -> Mapping[str, OpState]:
        """All ops by dotted name; cached because pages and diffs look up many of them."""
        return {op.dotted: op for table in self.by_name.values() for op in table.ops}

    @cached_property
    def sections(self) -> Sequence[Cited[Section]]:
        """The sections of all documents, read when they are first needed: they hold ten times the text of the facts."""
        return self.load_sections()

    @property
    def callers(self) -> Sequence[Cited[Caller]]:
        """The places in the code of the version that call ops; read when they are asked for."""
        return self.load_callers()

    def has(self, kind: DocumentKind) -> bool:
        """Whether the version has a document of the kind; without one, nothing is known of its facts."""
        return any(document.kind is kind for document in self.documents)
