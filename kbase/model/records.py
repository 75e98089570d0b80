"""The records: the facts of a document as frozen values.

A record belongs to a blob (the bytes of a document), never to a version: `kbase.model.states` adds version and path.
Its `evidence`, the lines of the blob that prove it, is ignored by equality: moving a paragraph is no change.
This module imports nothing of kbase but the kinds of documents, words, and what call sites and orders of locks have.
"""

from dataclasses import dataclass, field
from hashlib import sha256

from kbase.model.call_sites import OpCall
from kbase.model.lock_orders import Order
from kbase.model.witnesses import DocumentKind
from kbase.model.words import Action, Effect, Force, Mode, Word


class Format(Word):
    """The markup of a document."""

    TEXT = "text"
    RST = "rst"
    C = "c"


class Held(Word):
    """Whether a lock is held when an op is called (for a context column: whether it holds)."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"
    UNKNOWN = "unknown"  # a blank cell, or one without a certain reading


class NoteKind(Word):
    """The place of a note."""

    PARAGRAPH = "paragraph"  # a paragraph about one op or several
    REMARK = "remark"  # text right of a row's last column
    FOOTNOTE = "footnote"
    TABLE = "table"  # a paragraph of a table's section that names no op of it


class Level(Word):
    """The severity of a diagnostic."""

    ERROR = "error"  # facts were lost
    WARNING = "warning"  # a fact was repaired, or its reading is not certain
    INFO = "info"  # unusual, and nothing was lost


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Evidence:
    """Lines `first` to `last` (from 1, inclusive) of the blob with that hash (SHA-256 of its bytes, hex)."""

    blob: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What every record has: the lines that state it."""

    evidence: Evidence = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfOp(Stated):
    """A record about one op of an ops table."""

    struct: str
    op: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpsTable(Stated):
    """A struct of function pointers that a document lists or titles a section with."""

    name: str  # canonical: `file_system_type` where the document says `file_system_operations`
    written: str  # as the document writes it
    columns: tuple[str, ...] = ()  # headers of its locking table, without `ops`
    as_of: str | None = None  # "2.6.22" of "As of kernel 2.6.22"
    structure: tuple[int, ...] = field(default=(), compare=False)  # lines that shape it: markers, rulers, headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter: its type as C text, and its name if the declaration gives one."""

    type: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prototype(OfOp):
    """An op's declaration as one document states it."""

    text: str  # normalised: one line, one space, no semicolon, no comment
    raw: str = field(compare=False)  # the document's own text, lines joined by newlines
    returns: str
    parameters: tuple[Parameter, ...]
    condition: str | None = None  # "!CONFIG_MMU"
    comment: str | None = field(default=None, compare=False)
    malformed: bool = False
    repair: str | None = None  # how it was repaired


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Stated):
    """A data member of an ops table."""

    struct: str
    name: str
    text: str
    condition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The meaning of a cell for one lock, or for one context column."""

    subject: str | None  # the canonical lock ("i_rwsem"); None where no lock is named
    held: Held
    modes: tuple[Mode, ...] = ()
    effect: Effect | None = None
    scope: str | None = None
    condition: str | None = None
    context: bool = False  # `may block`, `rcu-walk`, ...: no lock


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRule(OfOp):
    """One cell of a locking table: op, column header and content as written, and its meaning."""

    lock: str
    cell: str
    readings: tuple[Reading, ...]  # several if the cell names several locks: "dqonoff_sem or dqptr_sem"
    candidates: tuple[str, ...] = ()  # the headers that the cell of a flattened page may belong to

    @property
    def is_context(self) -> bool:
        """Whether it is about no lock, but about blocking or the context, or a remark."""
        return bool(self.readings) and all(reading.context for reading in self.readings)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProseRule(LockRule):
    """A lock rule in a sentence: the lock as the sentence names it, and the sentence as the cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation(OfOp):
    """What a sentence says that an implementation of the op must take, drop, call or return."""

    text: str  # the sentence
    action: Action
    force: Force
    what: str  # as the sentence names it: a lock, a function, a value
    subject: str | None = None  # the canonical lock, where it is about one
    condition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpRow(OfOp):
    """An op has a row in a locking table, even if all its cells are blank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlanketRule(Stated):
    """A rule over a table: it applies to every op except the exceptions."""

    struct: str
    text: str
    exceptions: tuple[str, ...] = ()
    lock: str | None = None  # "may block", "BKL": its subject, as written
    reading: Reading | None = None  # its meaning for ops that are not exceptions; None if that is not certain
    unless_noted: bool = False  # what is stated of an op goes before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Stated):
    """A paragraph, remark or footnote about the ops of a table."""

    struct: str
    ops: tuple[str, ...]  # the ops it is about; empty: about the table
    kind: NoteKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Description(OfOp):
    """A vfs document's description of a member of an ops table; a blank line separates paragraphs."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Function(Stated):
    """A documented helper function (`d_instantiate`), `group` being the section that lists it."""

    name: str
    group: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Stated):
    """A documented flag (`RENAME_NOREPLACE`) and the op it belongs to, if one is known."""

    name: str
    struct: str | None
    op: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PortingEntry(Stated):
    """An entry of `porting`: tag (mandatory, recommended, informational, or "untagged"), text, names in it."""

    slug: str  # from its first words, unique in the document
    tag: str
    text: str
    ops: tuple[str, ...] = ()  # "rename" or "inode_operations.rename", as the entry names them
    callbacks: tuple[str, ...] = ()  # "->frob()": of an op that no kernel known has, or of something else
    functions: tuple[str, ...] = ()
    macros: tuple[str, ...] = ()  # flags, too
    locks: tuple[str, ...] = ()  # as written: "i_mutex"
    members: tuple[str, ...] = ()  # of structs: "d_child"


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps(Stated):
    """Ordered steps: of a function in a design note, or of a class of operation in directory-locking."""

    subject: str  # "aufs_mmap", "rename() that is not cross-directory"
    steps: tuple[str, ...]
    remarks: tuple[str, ...] = ()  # sentences behind the steps about all of them: "All locks are exclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOrder(Order):
    """The order of two locks, or of the objects of one, as a sentence or the steps of an operation state it."""

    evidence: Evidence = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignNote(Stated):
    """A design note: one title of a note document, its text, steps, and the names it mentions."""

    slug: str
    title: str
    text: str
    steps: tuple[Steps, ...] = ()
    ops: tuple[str, ...] = ()  # "fault" of "->fault()", "vm_operations_struct.fault" where the table is clear
    functions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Author or committer; `date` is ISO 8601 with offset, empty if unknown."""

    name: str
    email: str
    date: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailer:
    """A line such as `Signed-off-by: ...` of a commit message."""

    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit(Stated):
    """A commit as a page, git or a mail shows it; hashes have up to 40 hex digits."""

    sha: str  # empty for a patch in a mail
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    subject: str
    body: str
    trailers: tuple[Trailer, ...]
    diffstat: str = ""
    paths: tuple[str, ...] = ()
    message_id: str = ""  # of the mail that it is

    @property
    def key(self) -> str:
        """Its identifier: its hash, else `patch-` and a hash of its mail's id or of its text."""
        if self.sha:
            return self.sha
        content = self.message_id or f"{self.author.email}\n{self.author.date}\n{self.subject}\n{self.body}"
        return f"patch-{sha256(content.encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary(OfOp):
    """Our own sentences about an op, from `first_version` to `last_version` (None: open)."""

    text: str
    first_version: str | None = None
    last_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller(OpCall):
    """A place in the code of the kernel that calls an op; its evidence are lines of the document of callers."""

    evidence: Evidence = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(Stated):
    """A section of any document, under its path of titles; `text` is the text below the last of them."""

    titles: tuple[str, ...]
    text: str
    heading: int = field(default=0, compare=False)  # lines of its title with rulers, first in the evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic(Stated):
    """A problem in a document: `code`, `level`, the excerpt, and how it was handled."""

    code: str
    level: Level
    message: str
    excerpt: str


Record = (
    OpsTable | Prototype | Member | LockRule | ProseRule | Obligation | OpRow | BlanketRule | Note | Description
    | Function | Flag | PortingEntry | Steps | LockOrder | DesignNote | Commit | Summary | Caller | Section | Diagnostic
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A parsed document: its kind, its format, its title, its records in the document's order."""

    kind: DocumentKind
    format: Format
    title: str
    records: tuple[Record, ...]
