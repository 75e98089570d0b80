"""Records as comparable facts.

A fact says what one document states, without wrapping, markup, spelling of C types or the place where it stands.
Its `place` rides along and is not equality. A blank cell is no fact.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol, TypeVar

from kbase.kernel.c_types import canonical_type
from kbase.model.records import (
    BlanketRule,
    Description,
    Effect,
    Flag,
    Function,
    Held,
    LockRule,
    Member,
    Mode,
    Note,
    NoteKind,
    OpRow,
    OpsTable,
    Parameter,
    Prototype,
    Record,
    Steps,
    Word,
)
from kbase.model.witnesses import DocumentKind

ROLE = re.compile(r":[a-z]+(?::[a-z]+)?:(?=`)")
DIRECTIVE = re.compile(r"^[^\S\n]*\.\. [\w-]+::.*$", re.MULTILINE)
FOOTNOTE = re.compile(r"(?:\.\.\s+)?\[#?\w{1,2}\]_?:?")
FILE_ENDING = re.compile(r"(?<=\w)\.(?:rst|txt)\b")  # a reference to a document that was converted names the same one
TWICE = re.compile(r"\b(\w+) \1\b")  # a slip of the pen, and no other step
CROSS_REFERENCE = re.compile(r"\bsee (?:below|above)\b")
MARKUP = ((":`", ROLE, ""), ("::", DIRECTIVE, " "), ("]", FOOTNOTE, " "), (".", FILE_ENDING, ""))  # by a mark in it
WORD = re.compile(r"(?<!_)_*+[A-Za-z0-9][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a fact stands: the line of a document of a version."""

    version: str
    path: str
    line: int


class Topic(Word):
    """What a piece of text is about."""

    NOTE = "note"
    REMARK = "remark"  # right of a row, or in a `note` column
    DESCRIPTION = "description"
    MEMBER = "member"
    FUNCTION = "function"
    FLAG = "flag"
    STEPS = "steps"


OF_OP = (Topic.REMARK, Topic.DESCRIPTION)  # texts whose name is an op's


@dataclass(frozen=True, slots=True, kw_only=True)
class OpFact:
    """A document states the op: by a prototype, a row or a description."""

    document: DocumentKind
    struct: str
    op: str
    row: bool = field(default=False, compare=False)  # whether the locking table has a row of it, be all cells blank
    stated: str = field(default="", compare=False)  # the op's name as the document has it, whatever it is renamed to
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFact:
    """A prototype; `variant` counts the prototypes that one document states of one op."""

    document: DocumentKind
    struct: str
    op: str
    variant: int
    returns: str
    parameters: tuple[Parameter, ...]
    condition: str | None = None
    stated: str = field(default="", compare=False)
    place: Place | None = field(default=None, compare=False)

    @property
    def types(self) -> tuple[str, ...]:
        return tuple([parameter.type for parameter in self.parameters])


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureEdit:
    """One edit of a prototype: its `returns`, its `condition`, or a parameter with its places (None: not there)."""

    document: DocumentKind
    struct: str
    op: str
    variant: int
    part: str  # "returns", "condition", "parameter"
    before: Parameter | None
    after: Parameter | None
    before_index: int | None = None
    after_index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFact:
    """What a row says of one lock, or of one context column. `cell` counts only where the reading is not certain."""

    document: DocumentKind
    struct: str
    op: str
    subject: str
    written: str
    held: Held
    modes: tuple[Mode, ...] = ()
    effect: Effect | None = None
    scope: str | None = None
    condition: str | None = None
    context: bool = False
    doubtful: str | None = None
    candidates: tuple[str, ...] = ()  # the columns that it may stand under, where a flattened page does not decide
    cell: str = field(default="", compare=False)
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlanketFact:
    """A rule over a whole table."""

    document: DocumentKind
    struct: str
    subject: str
    held: Held | None
    exceptions: tuple[str, ...]
    words: str
    text: str = field(default="", compare=False)
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFact:
    """A text without its wrapping and markup, about `name` (an op, a member, a function, a flag) of a table."""

    document: DocumentKind
    topic: Topic
    struct: str
    name: str
    words: str
    text: str = field(default="", compare=False)
    ops: tuple[str, ...] = field(default=(), compare=False)
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFact:
    """A document states the ops table."""

    document: DocumentKind
    struct: str
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFact:
    """A document is there, in a format; `name` is blind to the ending that the format gives it."""

    document: DocumentKind
    name: str
    format: str
    path: str = field(default="", compare=False)
    title: str = field(default="", compare=False)
    blob: str = field(default="", compare=False)
    place: Place | None = field(default=None, compare=False)


Fact = OpFact | SignatureFact | RuleFact | BlanketFact | TextFact | TableFact | DocumentFact
OpName = tuple[str, str]  # struct, op
Subjects = dict[tuple[bool, str], list[RuleFact]]  # by whether it is a context, and the canonical lock or the column


@lru_cache(maxsize=1 << 13)
def words(text: str) -> str:
    """The words of a text, blind to wrapping, markup, footnote marks, "see below" and the format of other documents."""
    for mark, pattern, instead in MARKUP:
        if mark in text:
            text = pattern.sub(instead, text)
    found = " ".join(WORD.findall(text)).lower()
    return CROSS_REFERENCE.sub("", found).strip() if "see " in found else found


@lru_cache(maxsize=1 << 13)
def word_set(text: str) -> frozenset[str]:
    """The words of what `words` gives, each once."""
    return frozenset(text.split())


def _phrase(text: str | None) -> str | None:
    return (words(text) or None) if text else None


def record_facts(record: Record, document: DocumentKind, place: Place | None = None) -> Iterator[Fact]:
    """The facts of one record of a document of that kind; records that say nothing of ops give none."""
    match record:
        case OpsTable():
            yield TableFact(document=document, struct=record.name, place=place)
        case Prototype():
            yield OpFact(document=document, struct=record.struct, op=record.op, stated=record.op, place=place)
            yield _signature(record, document, place)
        case OpRow():
            yield OpFact(document=document, struct=record.struct, op=record.op, stated=record.op, row=True, place=place)
        case LockRule():
            yield from _rules(record, document, place)
        case BlanketRule():
            yield _blanket(record, document, place)
        case Note() | Description() | Member() | Function() | Flag() | Steps():
            yield from _texts(record, document, place)


def _signature(record: Prototype, document: DocumentKind, place: Place | None) -> SignatureFact:
    return SignatureFact(
        document=document,
        struct=record.struct,
        op=record.op,
        variant=0,
        returns=canonical_type(record.returns),
        parameters=tuple([_canonical(parameter) for parameter in record.parameters]),
        condition=record.condition,
        stated=record.op,
        place=place,
    )


def _canonical(parameter: Parameter) -> Parameter:
    spelling = canonical_type(parameter.type)
    return parameter if spelling == parameter.type else Parameter(type=spelling, name=parameter.name)


def _rules(record: LockRule, document: DocumentKind, place: Place | None) -> Iterator[Fact]:
    written = " ".join(record.lock.split())
    if written.lower() in ("note", "notes"):
        if remark := words(record.cell):
            yield TextFact(
                document=document,
                topic=Topic.REMARK,
                struct=record.struct,
                name=record.op,
                words=remark,
                text=record.cell,
                ops=(record.op,),
                place=place,
            )
        return
    for reading in record.readings:
        names_none = reading.subject is None and not reading.context and reading.held is Held.NO
        if names_none or record.cell.strip() in ("", "-"):
            continue
        yield RuleFact(
            document=document,
            struct=record.struct,
            op=record.op,
            subject=reading.subject or written,
            written=written,
            held=reading.held,
            modes=tuple(sorted(set(reading.modes))),
            effect=reading.effect,
            scope=_phrase(reading.scope),
            condition=_phrase(reading.condition),
            context=reading.context,
            candidates=record.candidates,
            doubtful=" ".join(record.cell.split()) if reading.held is Held.UNKNOWN else None,
            cell=" ".join(record.cell.split()),
            place=place,
        )


def _blanket(record: BlanketRule, document: DocumentKind, place: Place | None) -> BlanketFact:
    subject = (record.reading.subject if record.reading else None) or record.lock or ""
    return BlanketFact(
        document=document,
        struct=record.struct,
        subject=subject,
        held=record.reading.held if record.reading else None,
        exceptions=tuple(sorted(record.exceptions)),
        words=words(record.text),
        text=record.text,
        place=place,
    )


def _texts(
    record: Note | Description | Member | Function | Flag | Steps, document: DocumentKind, place: Place | None
) -> Iterator[Fact]:
    def text(topic: Topic, struct: str, name: str, text: str, *ops: str, said: str | None = None) -> TextFact:
        said = words(text) if said is None else said
        return TextFact(
            document=document, topic=topic, struct=struct, name=name, words=said, text=text, ops=ops, place=place
        )

    match record:
        case Note(kind=NoteKind.REMARK):
            facts = [text(Topic.REMARK, record.struct, op, record.text, op) for op in record.ops]
        case Note():
            facts = [text(Topic.NOTE, record.struct, "", record.text, *record.ops)]
        case Description():
            facts = [text(Topic.DESCRIPTION, record.struct, record.op, record.text, record.op)]
        case Member():
            said = f"{canonical_type(record.text.rstrip('; '))} {record.condition or ''}".strip()
            facts = [text(Topic.MEMBER, record.struct, record.name, record.text, said=said)]
        case Function():
            facts = [text(Topic.FUNCTION, "", record.name, record.text)]
        case Flag():
            ops = (record.op,) if record.op else ()
            facts = [text(Topic.FLAG, record.struct or "", record.name, record.text, *ops)]
        case Steps():
            steps = "\n".join(record.steps)
            said = TWICE.sub(r"\1", words(steps))
            facts = [text(Topic.STEPS, "", record.subject.replace("()", ""), steps, said=said)]
    yield from (fact for fact in facts if fact.words or fact.topic in (Topic.FUNCTION, Topic.FLAG))


def op_of(fact: Fact) -> OpName | None:
    """The op that a fact is about."""
    if isinstance(fact, OpFact | SignatureFact | RuleFact):
        return fact.struct, fact.op
    if isinstance(fact, TextFact) and fact.topic in OF_OP:
        return fact.struct, fact.name
    return None


def struct_of(fact: Fact) -> str | None:
    """The ops table that a fact is about."""
    return None if isinstance(fact, DocumentFact) else fact.struct


def file_of(fact: Fact) -> str:
    """The name of the document that has it; its kind where no place is known."""
    return fact.place.path.rsplit("/", 1)[-1] if fact.place else fact.document.value


def files_of(facts: Iterable[Fact]) -> str:
    """The names of the documents that have them, as a sentence has them."""
    return together(map(file_of, facts))


def together(names: Iterable[str]) -> str:
    """The names, each once, as a sentence has them."""
    return " and ".join(sorted(set(names)))


class Documented(Protocol):
    """What a document states."""

    @property
    def document(self) -> DocumentKind: ...


D = TypeVar("D", bound=Documented)


def by_document(stated: Iterable[D]) -> dict[DocumentKind, list[D]]:
    """What each document states, in the order given."""
    found: dict[DocumentKind, list[D]] = {}
    for one in stated:
        found.setdefault(one.document, []).append(one)
    return found


def by_subject(rules: Iterable[RuleFact]) -> Subjects:
    """The rules of one op by what they are about, in their order."""
    found: Subjects = {}
    for rule in rules:
        found.setdefault((rule.context, rule.subject.lower()), []).append(rule)
    return found


def rule_key(rule: RuleFact) -> tuple[str, str, str]:
    """A fixed order of the rules of one op, so that equal rows give equal changes."""
    return rule.subject, rule.written, rule.cell
