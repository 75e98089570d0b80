"""What a diff tells: typed changes, their severity, and who says so. No rendering here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from kbase.diff.facts import Fact, Place, SignatureEdit
from kbase.model.records import PortingEntry, Word
from kbase.model.states import Cited
from kbase.model.witnesses import DocumentKind

F = TypeVar("F", bound=Fact)


class Severity(Word):
    """What a change means for an implementation."""

    BREAKING = "breaking"  # it no longer compiles, or is no longer called
    BEHAVIOUR = "behaviour"  # it compiles, but the contract moved
    DOCUMENTATION = "documentation"  # the documents say more, less or other; the contract stands
    COSMETIC = "cosmetic"  # names of parameters, formats

    @classmethod
    def at_least(cls, least: str | None) -> "tuple[Severity, ...]":
        """The severities that are as grave as `least` or graver; all of them without it."""
        every = tuple(cls)
        return every[: every.index(cls(least)) + 1] if least else every


TAG_SEVERITIES = {"mandatory": Severity.BREAKING, "recommended": Severity.BEHAVIOUR}  # of porting entries


def entry_severity(entry: PortingEntry) -> Severity:
    """What an entry of the porting log means for an implementation, by its tag: an informational one is read only."""
    return TAG_SEVERITIES.get(entry.tag, Severity.DOCUMENTATION)


class ChangeKind(Word):
    """What changed. `KINDS` has the meaning and the severity of each."""

    TABLE_ADDED = "table-added"
    TABLE_REMOVED = "table-removed"
    TABLE_RENAMED = "table-renamed"
    OP_ADDED = "op-added"
    OP_REMOVED = "op-removed"
    OP_RENAMED = "op-renamed"
    OP_MOVED = "op-moved"
    STATEMENT_ADDED = "statement-added"
    STATEMENT_REMOVED = "statement-removed"
    RETURN_TYPE_CHANGED = "return-type-changed"
    PARAMETER_ADDED = "parameter-added"
    PARAMETER_REMOVED = "parameter-removed"
    PARAMETER_RETYPED = "parameter-retyped"
    PARAMETER_REORDERED = "parameter-reordered"
    PARAMETER_RENAMED = "parameter-renamed"
    QUALIFIER_CHANGED = "qualifier-changed"
    ATTRIBUTE_CHANGED = "attribute-changed"
    CONDITION_CHANGED = "condition-changed"
    LOCK_ADDED = "lock-added"
    LOCK_REMOVED = "lock-removed"
    LOCK_STRENGTHENED = "lock-strengthened"
    LOCK_WEAKENED = "lock-weakened"
    LOCK_REFINED = "lock-refined"
    LOCK_COARSENED = "lock-coarsened"
    LOCK_CONDITION_CHANGED = "lock-condition-changed"
    LOCK_SCOPE_CHANGED = "lock-scope-changed"
    LOCK_RENAMED = "lock-renamed"
    LOCK_CHANGED = "lock-changed"
    BLOCKING_CHANGED = "blocking-changed"
    CONTEXT_CHANGED = "context-changed"
    BLANKET_ADDED = "blanket-added"
    BLANKET_REMOVED = "blanket-removed"
    BLANKET_CHANGED = "blanket-changed"
    NOTE_ADDED = "note-added"
    NOTE_REMOVED = "note-removed"
    NOTE_CHANGED = "note-changed"
    DESCRIPTION_ADDED = "description-added"
    DESCRIPTION_REMOVED = "description-removed"
    DESCRIPTION_CHANGED = "description-changed"
    MEMBER_ADDED = "member-added"
    MEMBER_REMOVED = "member-removed"
    MEMBER_CHANGED = "member-changed"
    FUNCTION_ADDED = "function-added"
    FUNCTION_REMOVED = "function-removed"
    FUNCTION_CHANGED = "function-changed"
    FLAG_ADDED = "flag-added"
    FLAG_REMOVED = "flag-removed"
    FLAG_CHANGED = "flag-changed"
    STEPS_ADDED = "steps-added"
    STEPS_REMOVED = "steps-removed"
    STEPS_CHANGED = "steps-changed"
    DOCUMENT_ADDED = "document-added"
    DOCUMENT_REMOVED = "document-removed"
    DOCUMENT_MOVED = "document-moved"
    DOCUMENT_CONVERTED = "document-converted"

    @property
    def mirrored(self) -> "ChangeKind":
        """The kind of the same change told from the new version to the old one."""
        for word, other in MIRRORS:
            if self.value.endswith(word):
                return ChangeKind(self.value.removesuffix(word) + other)
        return self


MIRRORS = (
    ("-added", "-removed"),
    ("-removed", "-added"),
    ("-strengthened", "-weakened"),
    ("-weakened", "-strengthened"),
    ("-refined", "-coarsened"),
    ("-coarsened", "-refined"),
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a kind of change says, and how severe it is unless the change itself says otherwise."""

    severity: Severity
    text: str


_BREAKING, _BEHAVIOUR = Severity.BREAKING, Severity.BEHAVIOUR
_DOCUMENTATION, _COSMETIC = Severity.DOCUMENTATION, Severity.COSMETIC

KINDS: dict[ChangeKind, Meaning] = {
    ChangeKind.TABLE_ADDED: Meaning(_DOCUMENTATION, "an ops table that no document stated before, with its ops"),
    ChangeKind.TABLE_REMOVED: Meaning(_BREAKING, "no document states the ops table any longer"),
    ChangeKind.TABLE_RENAMED: Meaning(_BREAKING, "the ops table has another name"),
    ChangeKind.OP_ADDED: Meaning(_DOCUMENTATION, "an op that no document stated before, with its prototype and rules"),
    ChangeKind.OP_REMOVED: Meaning(_BREAKING, "no document states the op any longer"),
    ChangeKind.OP_RENAMED: Meaning(_BREAKING, "the op has another name; `before` and `after` are the two names"),
    ChangeKind.OP_MOVED: Meaning(_BREAKING, "the op stands in another ops table"),
    ChangeKind.STATEMENT_ADDED: Meaning(_DOCUMENTATION, "one more document states an op that another stated already"),
    ChangeKind.STATEMENT_REMOVED: Meaning(_DOCUMENTATION, "a document drops an op that another still states"),
    ChangeKind.RETURN_TYPE_CHANGED: Meaning(_BREAKING, "the op returns another type"),
    ChangeKind.PARAMETER_ADDED: Meaning(_BREAKING, "the op takes one more parameter"),
    ChangeKind.PARAMETER_REMOVED: Meaning(_BREAKING, "the op takes one parameter less"),
    ChangeKind.PARAMETER_RETYPED: Meaning(_BREAKING, "a parameter has another type"),
    ChangeKind.PARAMETER_REORDERED: Meaning(_BREAKING, "a parameter stands elsewhere in the list"),
    ChangeKind.PARAMETER_RENAMED: Meaning(_COSMETIC, "a parameter has another name, or has or loses one"),
    ChangeKind.QUALIFIER_CHANGED: Meaning(_BREAKING, "a type gains or loses const or volatile"),
    ChangeKind.ATTRIBUTE_CHANGED: Meaning(_BEHAVIOUR, "a type gains or loses an attribute such as __user"),
    ChangeKind.CONDITION_CHANGED: Meaning(_BREAKING, "the op exists under another configuration condition"),
    ChangeKind.LOCK_ADDED: Meaning(_BEHAVIOUR, "a rule about a lock of which nothing was said"),
    ChangeKind.LOCK_REMOVED: Meaning(_BEHAVIOUR, "nothing is said of the lock any longer"),
    ChangeKind.LOCK_STRENGTHENED: Meaning(_BEHAVIOUR, "held where it was not, surely where perhaps, or exclusive"),
    ChangeKind.LOCK_WEAKENED: Meaning(_BEHAVIOUR, "not held where it was, perhaps where surely, or shared"),
    ChangeKind.LOCK_REFINED: Meaning(_DOCUMENTATION, "held as before, and now the mode is told"),
    ChangeKind.LOCK_COARSENED: Meaning(_DOCUMENTATION, "held as before, and the mode is no longer told"),
    ChangeKind.LOCK_CONDITION_CHANGED: Meaning(_BEHAVIOUR, "the condition of a lock rule changed"),
    ChangeKind.LOCK_SCOPE_CHANGED: Meaning(_BEHAVIOUR, "the rule is about other objects"),
    ChangeKind.LOCK_RENAMED: Meaning(_DOCUMENTATION, "the same lock under a new name, for a whole table"),
    ChangeKind.LOCK_CHANGED: Meaning(_BEHAVIOUR, "a lock rule changed otherwise: what the op does with the lock"),
    ChangeKind.BLOCKING_CHANGED: Meaning(_BEHAVIOUR, "whether the op may block"),
    ChangeKind.CONTEXT_CHANGED: Meaning(_BEHAVIOUR, "another context column: rcu-walk, FS recursion"),
    ChangeKind.BLANKET_ADDED: Meaning(_BEHAVIOUR, "a new rule that stands over a whole table"),
    ChangeKind.BLANKET_REMOVED: Meaning(_BEHAVIOUR, "a rule over a whole table is gone"),
    ChangeKind.BLANKET_CHANGED: Meaning(_BEHAVIOUR, "a rule over a whole table, or its exceptions, changed"),
    ChangeKind.NOTE_ADDED: Meaning(_DOCUMENTATION, "a new paragraph, remark or footnote about ops"),
    ChangeKind.NOTE_REMOVED: Meaning(_DOCUMENTATION, "a paragraph, remark or footnote is gone"),
    ChangeKind.NOTE_CHANGED: Meaning(_DOCUMENTATION, "the words of a note changed, not only its wrapping"),
    ChangeKind.DESCRIPTION_ADDED: Meaning(_DOCUMENTATION, "an op described for the first time"),
    ChangeKind.DESCRIPTION_REMOVED: Meaning(_DOCUMENTATION, "an op no longer described"),
    ChangeKind.DESCRIPTION_CHANGED: Meaning(_DOCUMENTATION, "the words of a description changed, not only its markup"),
    ChangeKind.MEMBER_ADDED: Meaning(_DOCUMENTATION, "a new data member of an ops table"),
    ChangeKind.MEMBER_REMOVED: Meaning(_BREAKING, "a data member of an ops table is gone"),
    ChangeKind.MEMBER_CHANGED: Meaning(_BREAKING, "a data member of an ops table has another type"),
    ChangeKind.FUNCTION_ADDED: Meaning(_DOCUMENTATION, "a helper function is documented"),
    ChangeKind.FUNCTION_REMOVED: Meaning(_DOCUMENTATION, "a helper function is no longer documented"),
    ChangeKind.FUNCTION_CHANGED: Meaning(_DOCUMENTATION, "what is said of a helper function changed"),
    ChangeKind.FLAG_ADDED: Meaning(_BEHAVIOUR, "a new flag"),
    ChangeKind.FLAG_REMOVED: Meaning(_BEHAVIOUR, "a flag is no longer documented"),
    ChangeKind.FLAG_CHANGED: Meaning(_DOCUMENTATION, "what is said of a flag changed"),
    ChangeKind.STEPS_ADDED: Meaning(_DOCUMENTATION, "a new list of steps in directory-locking"),
    ChangeKind.STEPS_REMOVED: Meaning(_DOCUMENTATION, "a list of steps in directory-locking is gone"),
    ChangeKind.STEPS_CHANGED: Meaning(_BEHAVIOUR, "the steps of an operation in directory-locking changed"),
    ChangeKind.DOCUMENT_ADDED: Meaning(_DOCUMENTATION, "a document that the old version does not have"),
    ChangeKind.DOCUMENT_REMOVED: Meaning(_DOCUMENTATION, "a document that the new version does not have"),
    ChangeKind.DOCUMENT_MOVED: Meaning(_COSMETIC, "a document that stands in another place"),
    ChangeKind.DOCUMENT_CONVERTED: Meaning(_COSMETIC, "a document turned from text into reStructuredText"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one document contributes to a change: the facts it drops and states, the edits of its prototypes."""

    document: DocumentKind
    kind: ChangeKind  # as this document alone tells it
    removed: tuple[Fact, ...] = ()
    added: tuple[Fact, ...] = ()
    edits: tuple[SignatureEdit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change, told once, however many documents state it.

    `subject` is what it is about inside the op: the canonical lock, a context column, a function, a document.
    `before` and `after` are what the documents say (names, C text, cells); None where there is nothing.
    `renamed` holds the dotted names of an op or table that has another one. `porting` are the entries of the
    porting log that came in between and name the op.
    """

    kind: ChangeKind
    severity: Severity
    struct: str | None = None
    op: str | None = None
    subject: str | None = None
    before: str | None = None
    after: str | None = None
    reason: str = ""
    likely: bool = False  # concluded, not stated
    renamed: tuple[str, str] | None = None
    statements: tuple[Statement, ...] = field(default=(), repr=False)
    evidence: tuple[Place, ...] = field(default=(), compare=False)
    porting: tuple[Cited[PortingEntry], ...] = field(default=(), compare=False, repr=False)
    also: tuple[str, ...] = field(default=(), compare=False)  # in a history: stable versions that it was ported back to

    @property
    def path(self) -> str:
        """What the change is about, as a stable key: `inode_operations.rename:i_rwsem`."""
        dotted = ".".join(part for part in (self.struct, self.op) if part)
        return ":".join(part for part in (dotted, self.subject) if part)

    def explained(self, porting: tuple[Cited[PortingEntry], ...], severity: Severity) -> "Change":
        """The change with these entries, and so grave."""
        return self._with(self.evidence, porting, severity)

    def at(self, evidence: tuple[Place, ...]) -> "Change":
        """The change with these lines as its proof."""
        return self._with(evidence, self.porting, self.severity)

    def _with(
        self, evidence: tuple[Place, ...], porting: tuple[Cited[PortingEntry], ...], severity: Severity
    ) -> "Change":
        """What `dataclasses.replace` would give; it takes several times as long for each of hundreds."""
        return Change(
            kind=self.kind,
            severity=severity,
            struct=self.struct,
            op=self.op,
            subject=self.subject,
            before=self.before,
            after=self.after,
            reason=self.reason,
            likely=self.likely,
            renamed=self.renamed,
            statements=self.statements,
            evidence=evidence,
            porting=porting,
            also=self.also,
        )

    def concerns(self, struct: str, op: str | None = None) -> bool:
        """Whether it is about that ops table, or that op of it, under its old or its new name."""
        names = {f"{self.struct}.{self.op}" if self.op else self.struct, *(self.renamed or ())}
        if op is not None:
            return f"{struct}.{op}" in names
        return any(name and name.split(".")[0] == struct for name in names)


class Told:
    """What was told of facts that came or went: the same, whatever the version of the facts is compared with."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self._told: dict[tuple[int, object], tuple[Fact, Change]] = {}  # with the fact: no other one gets its `id`

    def once(self, fact: F, tell: Callable[[F], Change]) -> Change:
        """What `tell` says of the fact, asked only once; a fact equal to it may speak of ops under other names."""
        key = id(fact), tell
        known = self._told.get(key)
        if known is None:
            known = self._told[key] = fact, tell(fact)
        return known[1]
