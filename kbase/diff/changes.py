"""What a diff reports: typed changes with their severity and the documents that state them. No rendering here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from kbase.diff.fact import Fact, OpName, Place
from kbase.model.git_commits import ChangeCommit
from kbase.model.records import PortingEntry
from kbase.model.states import Cited
from kbase.model.witnesses import DocumentKind
from kbase.model.words import Word


class Severity(Word):
    """What a change means for an implementation, the most severe first."""

    BREAKING = "breaking"  # it no longer compiles, or is no longer called
    BEHAVIOUR = "behaviour"  # it compiles, but the contract changed
    DOCUMENTATION = "documentation"  # the documents say more, less or other; the contract is the same
    COSMETIC = "cosmetic"  # names of parameters, formats

    @classmethod
    def at_least(cls, least: str | None) -> "tuple[Severity, ...]":
        """The severities that are at least as severe as `least`; all of them without it."""
        every = tuple(cls)
        return every[: every.index(cls(least)) + 1] if least else every


_BREAKING, _BEHAVIOUR = Severity.BREAKING, Severity.BEHAVIOUR
_DOCUMENTATION, _COSMETIC = Severity.DOCUMENTATION, Severity.COSMETIC
TAG_SEVERITIES = {"mandatory": _BREAKING, "recommended": _BEHAVIOUR, "untagged": _BEHAVIOUR}  # of porting entries


def entry_severity(entry: PortingEntry) -> Severity:
    """What an entry of the porting log means for an implementation, by its tag: an informational one is read only."""
    return TAG_SEVERITIES.get(entry.tag, Severity.DOCUMENTATION)


class ChangeKind(Word):
    """What changed; each kind has the severity of its changes, unless the change has its own, and a meaning."""

    severity: Severity
    meaning: str

    def __new__(cls, value: str, severity: Severity, meaning: str) -> Self:
        """A member: its text, severity and meaning."""
        kind = str.__new__(cls, value)
        kind._value_, kind.severity, kind.meaning = value, severity, meaning
        return kind

    TABLE_ADDED = "table-added", _DOCUMENTATION, "an ops table that no document stated before, with its ops"
    TABLE_REMOVED = "table-removed", _BREAKING, "no document states the ops table any longer"
    TABLE_RENAMED = "table-renamed", _BREAKING, "the ops table has another name"
    OP_ADDED = "op-added", _DOCUMENTATION, "an op that no document stated before, with its prototype and rules"
    OP_REMOVED = "op-removed", _BREAKING, "no document states the op any longer"
    OP_RENAMED = "op-renamed", _BREAKING, "the op has another name; `before` and `after` are the two names"
    OP_MOVED = "op-moved", _BREAKING, "the op is in another ops table"
    STATEMENT_ADDED = "statement-added", _DOCUMENTATION, "another document now also states the op"
    STATEMENT_REMOVED = "statement-removed", _DOCUMENTATION, "a document drops the op, another one still states it"
    RETURN_TYPE_CHANGED = "return-type-changed", _BREAKING, "the op returns another type"
    PARAMETER_ADDED = "parameter-added", _BREAKING, "the op takes one more parameter"
    PARAMETER_REMOVED = "parameter-removed", _BREAKING, "the op takes one parameter less"
    PARAMETER_RETYPED = "parameter-retyped", _BREAKING, "a parameter has another type"
    PARAMETER_REORDERED = "parameter-reordered", _BREAKING, "a parameter has another place in the list"
    PARAMETER_RENAMED = "parameter-renamed", _COSMETIC, "a parameter gets, loses or changes its name"
    QUALIFIER_CHANGED = "qualifier-changed", _BREAKING, "a type gains or loses const or volatile"
    ATTRIBUTE_CHANGED = "attribute-changed", _BEHAVIOUR, "a type gains or loses an attribute such as __user"
    CONDITION_CHANGED = "condition-changed", _BREAKING, "the op exists under another configuration condition"
    LOCK_ADDED = "lock-added", _BEHAVIOUR, "a rule about a lock that had no rule before"
    LOCK_REMOVED = "lock-removed", _BEHAVIOUR, "the lock has no rule any longer"
    LOCK_STRENGTHENED = "lock-strengthened", _BEHAVIOUR, "the lock is now held, certainly held, or held exclusively"
    LOCK_WEAKENED = "lock-weakened", _BEHAVIOUR, "the lock is no longer held, only maybe held, or held shared"
    LOCK_REFINED = "lock-refined", _DOCUMENTATION, "held as before; the mode is now stated"
    LOCK_COARSENED = "lock-coarsened", _DOCUMENTATION, "held as before; the mode is no longer stated"
    LOCK_CONDITION_CHANGED = "lock-condition-changed", _BEHAVIOUR, "the condition of a lock rule changed"
    LOCK_SCOPE_CHANGED = "lock-scope-changed", _BEHAVIOUR, "the rule is about other objects"
    LOCK_RENAMED = "lock-renamed", _DOCUMENTATION, "the same lock under a new name, for a whole table"
    LOCK_CHANGED = "lock-changed", _BEHAVIOUR, "what the op does with the lock (takes, releases) changed"
    LOCK_ORDER_ADDED = "lock-order-added", _BEHAVIOUR, "an order of locks that was not stated before"
    LOCK_ORDER_REMOVED = "lock-order-removed", _BEHAVIOUR, "an order of locks that is no longer stated"
    LOCK_ORDER_CHANGED = (
        "lock-order-changed",
        _BEHAVIOUR,
        "the locks are taken in another order, or under another condition",
    )
    BLOCKING_CHANGED = "blocking-changed", _BEHAVIOUR, "whether the op may block"
    CONTEXT_CHANGED = "context-changed", _BEHAVIOUR, "another context column: rcu-walk, FS recursion"
    BLANKET_ADDED = "blanket-added", _BEHAVIOUR, "a new rule over a whole table"
    BLANKET_REMOVED = "blanket-removed", _BEHAVIOUR, "a rule over a whole table was removed"
    BLANKET_CHANGED = "blanket-changed", _BEHAVIOUR, "a rule over a whole table, or its exceptions, changed"
    NOTE_ADDED = "note-added", _DOCUMENTATION, "a new paragraph, remark or footnote about ops"
    NOTE_REMOVED = "note-removed", _DOCUMENTATION, "a paragraph, remark or footnote was removed"
    NOTE_CHANGED = "note-changed", _DOCUMENTATION, "the words of a note changed, not only its wrapping"
    DESCRIPTION_ADDED = "description-added", _DOCUMENTATION, "an op described for the first time"
    DESCRIPTION_REMOVED = "description-removed", _DOCUMENTATION, "an op no longer described"
    DESCRIPTION_CHANGED = "description-changed", _DOCUMENTATION, "the words of a description, not only its markup"
    MEMBER_ADDED = "member-added", _DOCUMENTATION, "a new data member of an ops table"
    MEMBER_REMOVED = "member-removed", _BREAKING, "a data member of an ops table was removed"
    MEMBER_CHANGED = "member-changed", _BREAKING, "a data member of an ops table has another type"
    FUNCTION_ADDED = "function-added", _DOCUMENTATION, "a helper function is documented"
    FUNCTION_REMOVED = "function-removed", _DOCUMENTATION, "a helper function is no longer documented"
    FUNCTION_CHANGED = "function-changed", _DOCUMENTATION, "the text about a helper function changed"
    FLAG_ADDED = "flag-added", _BEHAVIOUR, "a new flag"
    FLAG_REMOVED = "flag-removed", _BEHAVIOUR, "a flag is no longer documented"
    FLAG_CHANGED = "flag-changed", _DOCUMENTATION, "the text about a flag changed"
    STEPS_ADDED = "steps-added", _DOCUMENTATION, "a new list of steps in directory-locking"
    STEPS_REMOVED = "steps-removed", _DOCUMENTATION, "a list of steps in directory-locking was removed"
    STEPS_CHANGED = "steps-changed", _BEHAVIOUR, "the steps of an operation in directory-locking changed"
    DOCUMENT_ADDED = "document-added", _DOCUMENTATION, "a document that the old version does not have"
    DOCUMENT_REMOVED = "document-removed", _DOCUMENTATION, "a document that the new version does not have"
    DOCUMENT_MOVED = "document-moved", _COSMETIC, "a document that has another path"
    DOCUMENT_CONVERTED = "document-converted", _COSMETIC, "a document converted from text to reStructuredText"

    @property
    def mirrored(self) -> "ChangeKind":
        """The kind of the same change from the new version to the old one."""
        for word, other in MIRRORS:
            if self.value.endswith(word):
                return CHANGE_KINDS[self.value.removesuffix(word) + other]
        return self


CHANGE_KINDS: dict[str, ChangeKind] = {kind.value: kind for kind in ChangeKind}
OPPOSITES = (("-added", "-removed"), ("-strengthened", "-weakened"), ("-refined", "-coarsened"))
MIRRORS = (*OPPOSITES, *(pair[::-1] for pair in OPPOSITES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change, reported once, however many documents state it.

    `subject` is what it is about inside the op: the canonical lock, a context column, a function, a document.
    `before` and `after` are the texts of the documents (names, C text, cells); None if there is none.
    `renamed` has the old and the new dotted name of a renamed op or table. `porting` are the porting entries
    that were added between the two versions and name the op. A change read from a database has no facts; only there
    are the `commits`.
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
    documents: tuple[DocumentKind, ...] = ()  # those that state it; none of a rename
    removed: tuple[Fact, ...] = field(default=(), compare=False, repr=False)  # that only the old version has
    added: tuple[Fact, ...] = field(default=(), compare=False, repr=False)  # that only the new version has
    evidence: tuple[Place, ...] = field(default=(), compare=False)
    porting: tuple[Cited[PortingEntry], ...] = field(default=(), compare=False, repr=False)
    commits: tuple[ChangeCommit, ...] = field(
        default=(), compare=False, repr=False
    )  # that touched its evidence, newest first
    also: tuple[str, ...] = field(default=(), compare=False)  # in a history: stable versions that it was ported back to

    @property
    def path(self) -> str:
        """What the change is about, as a stable key: `inode_operations.rename:i_rwsem`."""
        dotted = ".".join(part for part in (self.struct, self.op) if part)
        return ":".join(part for part in (dotted, self.subject) if part)

    @property
    def names(self) -> frozenset[str]:
        """The op, or the table where it is about no single op, under its old and its new name: dotted."""
        return frozenset(filter(None, (f"{self.struct}.{self.op}" if self.op else self.struct, *(self.renamed or ()))))

    def concerns(self, struct: str, op: str | None = None) -> bool:
        """Whether it is about that ops table, or that op of it, under its old or its new name."""
        if op is not None:
            return f"{struct}.{op}" in self.names
        return any(name.partition(".")[0] == struct for name in self.names)

    def touches(self, struct: str, op: str) -> bool:
        """Whether it is about the op, or a fact of it, or a rule over its table."""
        return not {(struct, op), (struct, "")}.isdisjoint(self.touched)

    @property
    def touched(self) -> Iterator[OpName]:
        """The ops that it is about, and those that its facts are about: (table, "") are all ops of a table."""
        for name in self.names:
            struct, dot, op = name.partition(".")
            if dot:
                yield struct, op
        for fact in (*self.removed, *self.added):
            yield from fact.about


def change_of(
    kind: ChangeKind,
    removed: Iterable[Fact | None] = (),
    added: Iterable[Fact | None] = (),
    *,
    severity: Severity | None = None,
    likely: bool = False,
    reason: str = "",
    shown: Iterable[Fact] | None = None,
    **fields: Any,
) -> Change:
    """A change from removed and added facts; `shown`: those that prove it, by default all; `fields`: other fields."""
    gone, come = (tuple(fact for fact in facts if fact is not None) for facts in (removed, added))
    places = (fact.place for fact in (shown or (*gone, *come)) if fact.place is not None)
    return Change(
        kind=kind,
        severity=severity or kind.severity,
        likely=likely,
        reason=f"likely: {reason}" if likely else reason,
        documents=tuple(dict.fromkeys(fact.document for fact in (*gone, *come))),
        removed=gone,
        added=come,
        evidence=tuple(dict.fromkeys(places)),
        **fields,
    )
