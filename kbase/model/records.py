"""The records: what a document says, as frozen values.

A record belongs to a blob (the bytes of a document), never to a version: version and path are joined
when it is read (`kbase.model.states`). Its `evidence` says which lines of the blob prove it and does not take
part in equality: moving a paragraph is no change. This module imports nothing of kbase but the kinds of documents.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from kbase.model.witnesses import DocumentKind


class Word(StrEnum):
    """A word of a closed vocabulary. It is hashed as the text that it equals: facts are hashed a lot."""

    __hash__ = str.__hash__


class Format(Word):
    """How a document is written."""

    TEXT = "text"
    RST = "rst"


class Held(Word):
    """Whether a lock is held when an op is called (for a context column: whether it holds)."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"
    UNKNOWN = "unknown"  # a blank cell, or one without a certain reading


class Mode(Word):
    """How a lock is held."""

    SHARED = "shared"  # also written read
    EXCLUSIVE = "exclusive"  # also written write


class Effect(Word):
    """What the op does with the lock."""

    LOCKS = "locks"
    UNLOCKS = "unlocks"
    RETURNS_LOCKED = "returns-locked"


class NoteKind(Word):
    """Where a note stands."""

    PARAGRAPH = "paragraph"  # a paragraph about one op or several
    REMARK = "remark"  # text right of a row's last column
    FOOTNOTE = "footnote"
    TABLE = "table"  # a paragraph of a table's section that names no op of it


class Level(Word):
    """How much a diagnostic matters."""

    ERROR = "error"  # facts were lost
    WARNING = "warning"  # a fact was repaired, or its reading is not certain
    INFO = "info"  # odd, and nothing was lost


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Evidence:
    """Lines `first` to `last` (from 1, inclusive) of the blob with that hash (SHA-256 of its bytes, hex)."""

    blob: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpsTable:
    """A struct of function pointers that a document lists or titles a section with."""

    name: str  # canonical: `file_system_type` where the document says `file_system_operations`
    written: str  # as the document writes it
    columns: tuple[str, ...] = ()  # headers of its locking table, without `ops`
    as_of: str | None = None  # "2.6.22" of "As of kernel 2.6.22"
    structure: tuple[int, ...] = field(default=(), compare=False)  # lines that shape it: markers, rulers, headers
    evidence: Evidence = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter: its type as C text, and its name if the declaration gives one."""

    type: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prototype:
    """An op's declaration as one document states it."""

    struct: str
    op: str
    text: str  # normalised: one line, one space, no semicolon, no comment
    raw: str = field(compare=False)  # the document's own text, lines joined by newlines
    returns: str
    parameters: tuple[Parameter, ...]
    condition: str | None = None  # "!CONFIG_MMU"
    comment: str | None = field(default=None, compare=False)
    malformed: bool = False
    repair: str | None = None  # how it was repaired
    evidence: Evidence = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A data member of an ops table."""

    struct: str
    name: str
    text: str
    condition: str | None = None
    evidence: Evidence = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a cell says about one lock, or about one context column."""

    subject: str | None  # the canonical lock ("i_rwsem"); None where no lock is named
    held: Held
    modes: tuple[Mode, ...] = ()
    effect: Effect | None = None
    scope: str | None = None
    condition: str | None = None
    context: bool = False  # `may block`, `rcu-walk`, ...: no lock


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRule:
    """One cell of a locking table: op, column header and content as written, and its reading.

    `readings` has one entry, but for a cell that names several locks ("dqonoff_sem or dqptr_sem").
    `candidates` are the headers the cell may stand under, where a flattened page does not decide.
    """

    struct: str
    op: str
    lock: str
    cell: str
    readings: tuple[Reading, ...]
    candidates: tuple[str, ...] = ()
    evidence: Evidence = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpRow:
    """That an op has a row in a locking table, also where all its cells are blank."""

    struct: str
    op: str
    evidence: Evidence = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlanketRule:
    """What stands over a table: it applies to every op but the exceptions, in context `column` or about `lock`.

    `reading` is what it says of the ops that are not exceptions; None where that is not certain.
    """

    struct: str
    text: str
    exceptions: tuple[str, ...] = ()
    lock: str | None = None  # "may block", "BKL": what it speaks about, as written
    reading: Reading | None = None
    evidence: Evidence = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A paragraph, remark or footnote about the ops of a table."""

    struct: str
    ops: tuple[str, ...]  # the ops it is about; empty: about the table
    kind: NoteKind
    text: str
    evidence: Evidence = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a vfs document says about a member of an ops table; paragraphs are separated by a blank line."""

    struct: str
    op: str
    text: str
    evidence: Evidence = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A documented helper function (`d_instantiate`), `group` being the section that lists it."""

    name: str
    group: str
    text: str
    evidence: Evidence = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A documented flag (`RENAME_NOREPLACE`) and the op it belongs to, if one is known."""

    name: str
    struct: str | None
    op: str | None
    text: str
    evidence: Evidence = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortingEntry:
    """An entry of `porting`: tag (mandatory, recommended, informational), text, names in it."""

    slug: str  # from its first words, unique in the document
    tag: str
    text: str
    ops: tuple[str, ...] = ()  # "rename" or "inode_operations.rename", as the entry names them
    functions: tuple[str, ...] = ()
    evidence: Evidence = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Ordered steps: of a function in a design note, or of a class of operation in directory-locking."""

    subject: str  # "aufs_mmap", "rename() that is not cross-directory"
    steps: tuple[str, ...]
    evidence: Evidence = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignNote:
    """A design note: one title of a note document, its text, steps, and what it mentions."""

    slug: str
    title: str
    text: str
    steps: tuple[Steps, ...] = ()
    ops: tuple[str, ...] = ()  # "fault" of "->fault()", "vm_operations_struct.fault" where the table is clear
    functions: tuple[str, ...] = ()
    evidence: Evidence = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in a commit; `date` is ISO 8601 with offset, empty where the page gives none."""

    name: str
    email: str
    date: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailer:
    """A line such as `Signed-off-by: ...` of a commit message."""

    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit as a page, git or a mail shows it; hashes are 40 hex digits, fewer where only some are shown.

    A patch in a mail has no hash: `sha` is empty.
    """

    sha: str
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
    evidence: Evidence = field(compare=False)

    @property
    def key(self) -> str:
        """What tells it from others: its hash, else `patch-` and digits made of its mail's id, or of what it says."""
        if self.sha:
            return self.sha
        said = self.message_id or f"{self.author.email}\n{self.author.date}\n{self.subject}\n{self.body}"
        return f"patch-{sha256(said.encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Our own sentences about an op, from `first_version` to `last_version` (None: open)."""

    struct: str
    op: str
    text: str
    first_version: str | None = None
    last_version: str | None = None
    evidence: Evidence = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Any other piece of any document, under its path of titles; `text` is what stands below the last of them."""

    titles: tuple[str, ...]
    text: str
    heading: int = field(default=0, compare=False)  # lines of its title with rulers, first in the evidence
    evidence: Evidence = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """What was odd, as a value: `code`, `level`, the excerpt, and what was done about it."""

    code: str
    level: Level
    message: str
    excerpt: str
    evidence: Evidence = field(compare=False)


Record = (
    OpsTable | Prototype | Member | LockRule | OpRow | BlanketRule | Note | Description | Function | Flag
    | PortingEntry | Steps | DesignNote | Commit | Summary | Section | Diagnostic
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A document read: its kind, its format, its title, its records in the document's order."""

    kind: DocumentKind
    format: Format
    title: str
    records: tuple[Record, ...]
