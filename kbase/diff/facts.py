"""Records as comparable facts.

A fact is what one document states, without wrapping, markup, spelling of C types or the line that it is on: its
`place` is no part of equality. A blank cell is no fact.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from kbase.diff.fact import Fact, OpName, Place
from kbase.kernel.c_types import canonical_type
from kbase.kernel.locks import is_context, is_remark_column
from kbase.model.records import (
    BlanketRule,
    Description,
    Flag,
    Function,
    Held,
    LockRule,
    Member,
    Note,
    NoteKind,
    OpRow,
    OpsTable,
    Parameter,
    ProseRule,
    Prototype,
    Record,
    Steps,
)
from kbase.model.witnesses import LOCK_TABLES, DocumentKind
from kbase.model.words import Effect, Mode, Word

MARKUP = (
    (re.compile(r":[a-z]+(?::[a-z]+)?:(?=`)"), ""),  # a role
    (re.compile(r"^[^\S\n]*\.\. [\w-]+::.*$", re.MULTILINE), " "),  # a directive
    (re.compile(r"(?:\.\.\s+)?\[#?\w{1,2}\]_?:?"), " "),  # a footnote
    (re.compile(r"(?<=\w)\.(?:rst|txt)\b"), ""),  # a reference to a document that was converted names the same one
)
TWICE = re.compile(r"\b(\w+) \1\b")  # a slip of the pen, and no other step
CROSS_REFERENCE = re.compile(r"\bsee (?:below|above)\b")
WORD = re.compile(r"(?<!_)_*+[A-Za-z0-9][A-Za-z0-9_]*")


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
class TableFact(Fact):
    """A document states the ops table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpFact(Fact):
    """A document states the op: by a prototype, a row or a description."""

    op: str
    row: bool = field(default=False, compare=False)  # whether the locking table has a row of it, be all cells blank
    stated: str = field(default="", compare=False)  # the op's name as the document has it, whatever it is renamed to

    @property
    def op_name(self) -> OpName:
        return self.struct, self.op


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFact(Fact):
    """A prototype; `variant` counts the prototypes that one document states of one op."""

    op: str
    variant: int
    returns: str
    parameters: tuple[Parameter, ...]
    condition: str | None = None
    stated: str = field(default="", compare=False)

    @property
    def op_name(self) -> OpName:
        return self.struct, self.op

    @property
    def types(self) -> tuple[str, ...]:
        return tuple(parameter.type for parameter in self.parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFact(Fact):
    """What a row says of one lock, or of one context column. `cell` counts only where the reading is not certain."""

    op: str
    subject: str
    written: str
    held: Held
    modes: tuple[Mode, ...] = ()
    effect: Effect | None = None
    scope: str | None = None
    condition: str | None = None
    otherwise: tuple[Mode, ...] = ()  # the modes of a second reading: "exclusive if" of "shared (exclusive if ...)"
    context: bool = False
    doubtful: str | None = None
    candidates: tuple[str, ...] = ()  # the columns that it may belong to, where a flattened page does not decide
    cell: str = field(default="", compare=False)

    @property
    def op_name(self) -> OpName:
        return self.struct, self.op

    @property
    def reading(self) -> tuple[object, ...]:
        return self.held, self.modes, self.effect, self.scope, self.condition, self.otherwise, self.doubtful


@dataclass(frozen=True, slots=True, kw_only=True)
class ProseFact(RuleFact):
    """What a sentence says of one lock, or of the context; `cell` is the sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlanketFact(Fact):
    """A rule over a whole table."""

    subject: str
    held: Held | None
    exceptions: tuple[str, ...]
    words: str
    text: str = field(default="", compare=False)

    @property
    def about(self) -> Iterable[OpName]:
        return ((self.struct, ""),)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFact(Fact):
    """A text without its wrapping and markup, about `name` (an op, a member, a function, a flag) of a table."""

    topic: Topic
    name: str
    words: str
    text: str = field(default="", compare=False)
    ops: tuple[str, ...] = field(default=(), compare=False)

    @property
    def op_name(self) -> OpName | None:
        return (self.struct, self.name) if self.topic in OF_OP else None

    @property
    def about(self) -> Iterable[OpName]:
        return ((self.struct, op) for op in self.ops)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFact(Fact):
    """A version has a document, in a format; `name` is without the ending that the format gives it."""

    name: str
    format: str
    path: str = field(default="", compare=False)
    title: str = field(default="", compare=False)
    blob: str = field(default="", compare=False)


def words(text: str) -> str:
    """The words of a text, without wrapping, markup, footnote marks, "see below" and the endings of documents."""
    for pattern, instead in MARKUP:
        text = pattern.sub(instead, text)
    return CROSS_REFERENCE.sub("", " ".join(WORD.findall(text)).lower()).strip()


def word_set(text: str) -> frozenset[str]:
    """The distinct words that `words` yields."""
    return frozenset(text.split())


def record_facts(record: Record, document: DocumentKind, place: Place | None = None) -> Iterator[Fact]:
    """The facts of one record of a document of that kind; records that say nothing of ops give none."""
    match record:
        case OpsTable():
            yield TableFact(document=document, place=place, struct=record.name)
        case Prototype():
            yield OpFact(document=document, place=place, struct=record.struct, op=record.op, stated=record.op)
            yield SignatureFact(
                document=document,
                place=place,
                struct=record.struct,
                op=record.op,
                variant=0,
                returns=canonical_type(record.returns),
                parameters=tuple(Parameter(type=canonical_type(p.type), name=p.name) for p in record.parameters),
                condition=record.condition,
                stated=record.op,
            )
        case OpRow():
            yield OpFact(document=document, place=place, struct=record.struct, op=record.op, stated=record.op, row=True)
        case ProseRule():
            yield from _rules(ProseFact, record, document, place)
        case LockRule():
            yield from _rules(RuleFact, record, document, place)
            if is_remark_column(record.lock):
                yield from _texts(record, document, place)
        case BlanketRule():
            yield BlanketFact(
                document=document,
                place=place,
                struct=record.struct,
                subject=(record.reading.subject if record.reading else None) or record.lock or "",
                held=record.reading.held if record.reading else None,
                exceptions=tuple(sorted(record.exceptions)),
                words=words(record.text),
                text=record.text,
            )
        case _:
            yield from _texts(record, document, place)


def _texts(record: Record, document: DocumentKind, place: Place | None) -> Iterator[TextFact]:
    def text(topic: Topic, struct: str, name: str, text: str, *ops: str, compared: str | None = None) -> TextFact:
        """The fact of a text; `compared` is the value for comparisons, by default its words."""
        compared_words = words(text) if compared is None else compared
        stated = partial(TextFact, document=document, place=place)
        return stated(struct=struct, topic=topic, name=name, words=compared_words, text=text, ops=ops)

    found = list[TextFact]()
    match record:
        case Note(kind=NoteKind.REMARK):
            found = [text(Topic.REMARK, record.struct, op, record.text, op) for op in record.ops]
        case Note():
            found = [text(Topic.NOTE, record.struct, "", record.text, *record.ops)]
        case LockRule():
            found = [text(Topic.REMARK, record.struct, record.op, record.cell, record.op)]
        case Description():
            found = [text(Topic.DESCRIPTION, record.struct, record.op, record.text, record.op)]
        case Member():
            declared = f"{canonical_type(record.text.rstrip('; '))} {record.condition or ''}".strip()
            found = [text(Topic.MEMBER, record.struct, record.name, record.text, compared=declared)]
        case Function():
            found = [text(Topic.FUNCTION, "", record.name, record.text)]
        case Flag():
            found = [text(Topic.FLAG, record.struct or "", record.name, record.text, *filter(None, [record.op]))]
        case Steps():
            steps, name = "\n".join(record.steps), record.subject.replace("()", "")
            found = [text(Topic.STEPS, "", name, steps, compared=TWICE.sub(r"\1", words(steps)))]
            found += [text(Topic.NOTE, "", name, remark) for remark in record.remarks]
    yield from (fact for fact in found if fact.words or fact.topic in (Topic.FUNCTION, Topic.FLAG))


def _rules(made: type[RuleFact], record: LockRule, document: DocumentKind, place: Place | None) -> Iterator[RuleFact]:
    header, cell = " ".join(record.lock.split()), " ".join(record.cell.split())
    remarks, seen = is_remark_column(header), set[str | None]()
    for reading in record.readings if cell not in ("", "-") else ():
        own = not remarks and (is_context(header) or not reading.context)  # the header is what the reading is about
        written = header if own else reading.subject or header
        if reading.subject in seen:
            continue  # it is `otherwise` of the first
        seen.add(reading.subject)
        others = [other for other in record.readings if other.subject == reading.subject][1:]
        if remarks and written.lower() == header.lower():
            continue  # a remark is a text
        if reading.subject is not None or reading.context or reading.held is not Held.NO:
            yield made(
                document=document,
                place=place,
                struct=record.struct,
                op=record.op,
                subject=reading.subject or written,
                written=written,
                held=reading.held,
                modes=tuple(sorted(set(reading.modes))),
                effect=reading.effect,
                scope=words(reading.scope or "") or None,
                condition=words(reading.condition or "") or None,
                otherwise=tuple(mode for other in others for mode in other.modes),
                context=reading.context,
                candidates=record.candidates,
                doubtful=cell if reading.held is Held.UNKNOWN and made is RuleFact else None,
                cell=cell,
            )


def in_sentence(fact: Fact) -> bool:
    """Whether a fact is a rule in a sentence, over an op or over a table of the vfs document."""
    return isinstance(fact, ProseFact) or (isinstance(fact, BlanketFact) and fact.document is not LOCK_TABLES)


Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")


def both_by(
    key: Callable[[Item], Key], old: Iterable[Item], new: Iterable[Item]
) -> dict[Key, tuple[list[Item], list[Item]]]:
    """What two versions have by key, those of the old version and those of the new one, in their order."""
    found: dict[Key, tuple[list[Item], list[Item]]] = {}
    for side, items in enumerate((old, new)):
        for item in items:
            found.setdefault(key(item), ([], []))[side].append(item)
    return found


def files_of(facts: Iterable[Fact]) -> str:
    """The names of the documents that have them, as a sentence has them."""
    *others, last = sorted({fact.file for fact in facts})
    return f"{', '.join(others)} and {last}" if others else last
