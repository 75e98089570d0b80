"""Contradictions about the rules of one op: statements of one version that cannot all be true.

Compared are cells, rules over the table, and sentences without doubt (`kbase.kernel.lock_sentences`), of all documents
and of our own summary. A statement under a condition contradicts nothing: it is narrower. The one exception is RCU
mode, in which nothing may block: a rule that an op may block, without a condition, is wrong there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import TYPE_CHECKING, Any

from kbase.kernel.blocking import COLUMN
from kbase.kernel.locks import IN_RCU_WALK, MAY_BLOCK, OPPOSITE, RCU_WALK, subject_of
from kbase.model.records import BlanketRule, Held, LockRule, Reading, Summary
from kbase.model.states import Cited, OpState, VersionState
from kbase.model.words import Mode

if TYPE_CHECKING:
    from kbase.kernel.lock_sentences import Clause

SPEAKS_OF_LOCKS = re.compile(r"lock|sem\b|mutex|h[eo]ld|sleep|umount|\bRCU\b|\bBKL\b", re.IGNORECASE)
NO_LOCKS = re.compile(r"no (?:VFS )?locks (?:are )?held on entry(?: except\b[^\[\]]*)?\.?$", re.IGNORECASE)


class Disagreement(StrEnum):
    """What two statements disagree about."""

    HELD = "held"  # whether a lock is held when the op is called
    MODE = "mode"  # shared or exclusive
    LOCK = "lock"  # which lock is held: the same sentence with two names
    BLOCKING = "blocking"  # whether the op may block
    RCU = "rcu"  # whether it may block in RCU mode, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one cell, rule over the table, or sentence says of a lock (None: of every lock) or of blocking: yes or no.

    `text` is as the document has it: "BKL: no", "This is called with the kernel lock held". `form` is what a sentence
    says beside the name of the lock, empty if that is little: sentences with one form are the same sentence.
    """

    text: str
    subject: str | None
    held: Held
    source: Cited[Any]
    modes: tuple[Mode, ...] = ()
    in_rcu: bool = False  # true in RCU mode only
    form: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether it is our own summary that says so."""
        return isinstance(self.source.record, Summary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two statements about an op of which one must be wrong; a rule of a table comes first."""

    struct: str
    op: str
    kind: Disagreement
    subject: str
    first: Statement
    second: Statement

    @property
    def about(self) -> str:
        """The question to which the statements give two answers."""
        match self.kind:
            case Disagreement.HELD:
                return f"whether {self.subject} is held"
            case Disagreement.MODE:
                return f"how {self.subject} is held"
            case Disagreement.LOCK:
                return f"which lock is held, {self.subject} or {self.second.subject}"
            case Disagreement.BLOCKING:
                return "whether it may block"
            case Disagreement.RCU:
                return "whether it may block (in RCU mode nothing may)"

    @property
    def message(self) -> str:
        """One sentence with both statements and their lines."""
        return f"contradiction about {self.about}: {_quoted(self.first)}, but {_quoted(self.second)}"


def _quoted(statement: Statement) -> str:
    ours = "our summary, " if statement.is_ours else ""
    return f"“{statement.text}” ({ours}{statement.source.path}:{statement.source.line})"


def contradictions(op: OpState) -> tuple[Contradiction, ...]:
    """The contradictions about an op, in the order of their first statements."""
    statements = list(dict.fromkeys(_statements(op)))
    return tuple(
        Contradiction(
            struct=op.struct,
            op=op.name,
            kind=kind,
            subject=first.subject or second.subject or "",
            first=first,
            second=second,
        )
        for first, second in combinations(statements, 2)
        if (kind := _disagreement(first, second, statements)) is not None
    )


def contradictions_of(state: VersionState) -> tuple[Contradiction, ...]:
    """The contradictions about all ops of a version, in the order of its tables."""
    return tuple(found for table in state.tables for op in table.ops for found in contradictions(op))


def _disagreement(first: Statement, second: Statement, all_of_op: list[Statement]) -> Disagreement | None:
    if MAY_BLOCK in (first.subject, second.subject):
        return _about_blocking(first, second)
    if first.subject == second.subject or None in (first.subject, second.subject):
        if first.held is not second.held:
            return Disagreement.HELD
        several = len(first.modes) != 1 or len(second.modes) != 1
        return None if several or first.modes == second.modes else Disagreement.MODE
    return Disagreement.LOCK if _name_two_locks(first, second, all_of_op) else None


def _about_blocking(first: Statement, second: Statement) -> Disagreement | None:
    if first.subject != second.subject or first.held is second.held:
        return None
    forbids = first if first.held is Held.NO else second
    return Disagreement.RCU if forbids.in_rcu else Disagreement.BLOCKING


def _name_two_locks(first: Statement, second: Statement, all_of_op: list[Statement]) -> bool:
    """Whether two documents have the same sentence with different locks, and neither says that it holds the other's."""
    if not first.form or first.form != second.form or first.source.document == second.source.document:
        return False
    held = {(each.subject, each.source.document) for each in all_of_op if each.held is Held.YES}
    pairs = (first.subject, second.source.document), (second.subject, first.source.document)
    return first.held is second.held is Held.YES and not held.intersection(pairs)


def _statements(op: OpState) -> Iterator[Statement]:
    """The statements without a condition, or in RCU mode: those of the row, then of the table, then of sentences."""
    for cited in op.rules:
        yield from _of_cell(cited, op)
    narrowed = any(_limits_blocking(cited.record) for cited in (*op.rules, *op.prose))
    for blanket in op.inherited:
        statement = _of_blanket(blanket, op.name)
        if statement is not None and not (narrowed and statement.subject == MAY_BLOCK):
            yield statement
    yield from _of_sentences(op)


def _limits_blocking(rule: LockRule) -> bool:
    """Whether an op has a condition of its own for blocking: "yes (ref-walk)", "may not block if called in ..."."""
    conditions = [reading for reading in rule.readings if reading.condition or reading.held is Held.MAYBE]
    return any(r.subject == MAY_BLOCK or (r.context and COLUMN.search(rule.lock)) for r in conditions)


def _of_cell(cited: Cited[LockRule], op: OpState) -> Iterator[Statement]:
    """What a cell says; nothing where it is ambiguous."""
    rule = cited.record
    if rule.candidates:
        return
    text = f"{rule.lock}: {rule.cell}"
    for reading in rule.readings:
        if _is_plain(reading, rule.lock):
            subject = MAY_BLOCK if reading.context else reading.subject
            if reading.context or not _has_two_columns(op, cited, subject):
                yield Statement(subject=subject, held=reading.held, modes=reading.modes, text=text, source=cited)


def _has_two_columns(op: OpState, cited: Cited[LockRule], subject: str | None) -> bool:
    """Whether its document has another column for the lock, of another object: "i_sem(inode)", "i_sem(victim)"."""
    return any(
        other.record.lock != cited.record.lock and other.document == cited.document and reading.subject == subject
        for other in op.rules
        for reading in other.record.readings
        if subject is not None
    )


def _is_plain(reading: Reading, header: str) -> bool:
    """Whether it is a yes or no about a lock or blocking, without a condition."""
    if reading.held not in OPPOSITE or reading.condition:
        return False
    if reading.context and reading.subject != MAY_BLOCK and not COLUMN.search(header):
        return False
    return not (reading.scope and reading.held is Held.NO)


def _of_blanket(cited: Cited[BlanketRule], op: str) -> Statement | None:
    """What a rule over the table says of the op: of an exception to "may block", the opposite."""
    rule = cited.record
    excepted = op in rule.exceptions
    if NO_LOCKS.match(rule.text) and not excepted:
        return Statement(subject=None, held=Held.NO, text=rule.text, source=cited)
    if rule.reading is None or rule.lock is None or rule.unless_noted or rule.reading.held not in OPPOSITE:
        return None
    blocking = bool(COLUMN.search(rule.lock))
    if excepted and not blocking:
        return None
    held = OPPOSITE[rule.reading.held] if excepted else rule.reading.held
    subject = MAY_BLOCK if blocking else subject_of(rule.lock)
    return Statement(subject=subject, held=held, text=rule.text, source=cited)


def _of_sentences(op: OpState) -> Iterator[Statement]:
    notes = [(note, note.record.ops) for note in op.notes]
    texts = [(text, (op.name,)) for text in (*op.descriptions, *((op.summary,) if op.summary else ()))]
    speaking = [(cited, ops) for cited, ops in (*notes, *texts) if SPEAKS_OF_LOCKS.search(cited.record.text)]
    if not speaking:
        return
    from kbase.kernel.lock_sentences import read_text  # its patterns take long to compile, and few ops need them

    for cited, ops in speaking:
        for sentence in read_text(cited.record.text, ops, ops if len(ops) == 1 else ()):
            for clause in sentence.clauses:
                if op.name in clause.ops:
                    yield from _of_clause(clause, sentence.text, cited)


def _of_clause(clause: "Clause", text: str, cited: Cited[Any]) -> Iterator[Statement]:
    """What a clause without a condition says, about the inode or about no object; that of RCU mode forbids to block."""
    reading = clause.reading
    if reading.subject == RCU_WALK and reading.held is Held.MAYBE:
        yield Statement(text=text, subject=MAY_BLOCK, held=Held.NO, source=cited, in_rcu=True)
    elif reading.context and reading.subject == MAY_BLOCK and reading.condition in (None, IN_RCU_WALK):
        in_rcu = reading.condition is not None
        yield Statement(text=text, subject=MAY_BLOCK, held=reading.held, source=cited, in_rcu=in_rcu)
    elif not (reading.context or reading.condition or reading.held not in OPPOSITE) and reading.scope in (
        None,
        "inode",
    ):
        yield Statement(
            text=text,
            subject=reading.subject,
            held=reading.held,
            source=cited,
            modes=reading.modes,
            form=clause.form,
        )
