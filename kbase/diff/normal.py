"""The facts of a version: the normalised state that a diff compares and `apply` rebuilds."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from itertools import chain
from operator import is_
from typing import Any

from kbase.diff.changes import Change, Told
from kbase.diff.facts import (
    OF_OP,
    WITNESSES,
    BlanketFact,
    DocumentFact,
    Fact,
    OpFact,
    OpName,
    Place,
    RuleFact,
    SignatureFact,
    Subjects,
    TableFact,
    TextFact,
    by_subject,
    files_of,
    op_of,
    record_facts,
    rule_key,
)
from kbase.diff.prototypes import Shape, shape
from kbase.records import DocumentKind, Record
from kbase.state import Cited, OpState, TableState, VersionState


class Standing(IntEnum):
    """How a Locking document has an op."""

    ABSENT = 0
    PROTOTYPE = 1  # without a row
    ROW = 2


Signatures = dict[DocumentKind, tuple[SignatureFact, ...]]


@dataclass(frozen=True, eq=False)
class Said:
    """What the documents say of one op, taken apart as comparisons need it, each part in a fixed order.

    `content` has a hash of what states it, of the rules and of the texts: a comparison looks only at what differs.
    What a comparison asks of the op alone is thought out when the first one asks.
    """

    stated: dict[DocumentKind, OpFact]
    signatures: Signatures  # vfs first
    rules: tuple[RuleFact, ...]
    texts: frozenset[TextFact]
    content: tuple[int, int, int]
    told: dict[tuple[object, ...], Change] = field(default_factory=dict, repr=False)  # of what the other has nothing of
    renamed: dict[OpName, "Said"] = field(default_factory=dict, repr=False)  # the same under other names of the op

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> "Said":
        """The facts about one op; of equal ones the first is kept."""
        stated, found = dict[DocumentKind, OpFact](), dict[DocumentKind, dict[SignatureFact, None]]()
        rules, texts = dict[RuleFact, None](), dict[TextFact, None]()
        for fact in facts:
            if isinstance(fact, OpFact):
                stated.setdefault(fact.document, fact)
            elif isinstance(fact, SignatureFact):
                found.setdefault(fact.document, {})[fact] = None
            elif isinstance(fact, RuleFact):
                rules[fact] = None
            elif isinstance(fact, TextFact):
                texts[fact] = None
        signatures = {
            document: tuple(sorted(found[document], key=_variant)) for document in sorted(found, reverse=True)
        }
        told = frozenset(texts)
        return cls(
            stated=stated,
            signatures=signatures,
            rules=tuple(sorted(rules, key=rule_key)),
            texts=told,
            content=(hash((frozenset(stated), *signatures.values())), hash(frozenset(rules)), hash(told)),
        )

    def named(self, name: OpName, names: "Names") -> "Said":
        """The same under the new name of the op: it names no other one, so that the other `names` do not matter."""
        if name not in self.renamed:
            self.renamed[name] = Said.of(map(names.applied, self.facts))
        return self.renamed[name]

    @property
    def facts(self) -> Iterator[Fact]:
        """All of it."""
        return chain(self.stated.values(), *self.signatures.values(), self.rules, self.texts)

    @cached_property
    def stating(self) -> tuple[OpFact | SignatureFact, ...]:
        """What shows best that the op is there: its prototypes, else its rows, by document."""
        prototypes = chain.from_iterable(self.signatures.values())
        return tuple(sorted(prototypes, key=_stands)) or tuple(sorted(self.stated.values(), key=_stands))

    @cached_property
    def files(self) -> str:
        """The names of the documents that have those."""
        return files_of(self.stating)

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """Its prototypes as plain text; an op that has none has no shape."""
        return tuple([shape(fact) for facts in self.signatures.values() for fact in facts])

    @cached_property
    def standing(self) -> Standing:
        """How the Locking document has it."""
        fact = self.stated.get(DocumentKind.LOCKING)
        if fact is None:
            return Standing.ABSENT
        return Standing.ROW if fact.row or self.rules else Standing.PROTOTYPE

    @cached_property
    def subjects(self) -> Subjects:
        """The rules by what they are about."""
        return by_subject(self.rules)


def _variant(signature: SignatureFact) -> int:
    return signature.variant


def _stands(fact: OpFact | SignatureFact) -> tuple[str, int]:
    return (fact.place.path, fact.place.line) if fact.place else ("", 0)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """An ops table: its ops in the order of the documents, with their prototypes; it may have none."""

    struct: str
    ops: dict[str, tuple[Shape, ...]]


class NormalState:
    """The facts of a version, without duplicates; `order` gives the place of an op in its table, for matching only."""

    def __init__(self, facts: Iterable[Fact] = (), order: dict[OpName, int] | None = None) -> None:
        """Of equal facts the first is kept."""
        self.order = order or {}
        self.told = Told()
        self._groups: dict[OpName | None, list[Fact]] = {}
        self._known: dict[OpName, Said] = {}
        for fact in facts:
            self._groups.setdefault(op_of(fact), []).append(fact)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NormalState) and self.facts == other.facts

    def __hash__(self) -> int:
        return hash(self.facts)

    @cached_property
    def facts(self) -> frozenset[Fact]:
        """All of them."""
        return frozenset(chain.from_iterable(self._groups.values()))

    @cached_property
    def by_op(self) -> dict[OpName, Said]:
        """What is said of each op that a document states, by name."""
        stated = sorted(name for name, group in self._groups.items() if name and any(map(_states, group)))
        return {name: self._known.get(name) or Said.of(self._groups[name]) for name in stated}

    @cached_property
    def loose(self) -> frozenset[Fact]:
        """The facts about no op that a document states: tables, rules over tables, notes, functions, documents."""
        return frozenset(chain.from_iterable(self._groups[name] for name in self._groups.keys() - self.by_op))

    @cached_property
    def table_facts(self) -> dict[str, tuple[TableFact, ...]]:
        """That documents state the tables, by table."""
        found: dict[str, list[TableFact]] = {}
        for fact in sorted((f for f in self.loose if isinstance(f, TableFact)), key=lambda fact: fact.document):
            found.setdefault(fact.struct, []).append(fact)
        return {struct: tuple(facts) for struct, facts in sorted(found.items())}

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The ops tables, by name."""
        found: dict[str, Table] = {struct: Table(struct, {}) for struct in self.table_facts}
        for name in sorted(self.by_op, key=lambda name: (self.order.get(name, 0), name)):
            found.setdefault(name[0], Table(name[0], {})).ops[name[1]] = self.by_op[name].shapes
        return dict(sorted(found.items()))

    @cached_property
    def locks(self) -> dict[str, frozenset[str]]:
        """The locks and contexts that the rules of each table are about."""
        found: dict[str, set[str]] = {}
        for said in self.by_op.values():
            for rule in said.rules:
                found.setdefault(rule.struct, set()).add(rule.subject)
        return {struct: frozenset(subjects) for struct, subjects in found.items()}

    @cached_property
    def blankets(self) -> dict[tuple[str, str], BlanketFact]:
        """The rules that stand over whole tables, by table and what they are about."""
        return {(fact.struct, fact.subject): fact for fact in self.loose if isinstance(fact, BlanketFact)}

    def kept(self, keep: Callable[[Fact], Fact | None]) -> "NormalState":
        """The state with what `keep` makes of each fact; None leaves it out. Ops that keep all are not built again."""
        state = NormalState(order=self.order)
        for name, group in self._groups.items():
            left = [fact for fact in map(keep, group) if fact is not None]
            if len(left) == len(group) and all(map(is_, left, group)):
                state._groups[name] = group
                if name in self.by_op:
                    state._known[name] = self.by_op[name]
            elif left:
                state._groups[name] = left
        return state

    def without(self, facts: Iterable[Fact]) -> "NormalState":
        """The state without these facts."""
        gone = frozenset(facts)
        return NormalState(self.facts - gone, self.order) if gone else self

    def renamed(self, names: "Names") -> "NormalState":
        """The state with ops and tables under other names."""
        if not names:
            return self
        order = {names.of(name): place for name, place in self.order.items()}
        return NormalState(frozenset(map(names.applied, self.facts)), order)


@dataclass(frozen=True, slots=True)
class Names:
    """The other names of ops and of whole tables."""

    ops: dict[OpName, OpName] = field(default_factory=dict)
    structs: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.ops or self.structs)

    @property
    def tables(self) -> frozenset[str]:
        """The tables, under their old names, in which something is named otherwise."""
        return frozenset((*self.structs, *(struct for struct, _ in self.ops)))

    def of(self, name: OpName) -> OpName:
        """The new name of an op."""
        return self.ops.get(name) or (self.structs.get(name[0], name[0]), name[1])

    def applied(self, fact: Fact) -> Fact:
        """The fact under the new names; the very same object where it has none."""
        match fact:
            case OpFact() | SignatureFact() | RuleFact():
                struct, op = self.of((fact.struct, fact.op))
                return fact if (struct, op) == (fact.struct, fact.op) else replace(fact, struct=struct, op=op)
            case TextFact():
                struct, op = self.of((fact.struct, fact.name))
                ops = tuple([self.of((fact.struct, each))[1] for each in fact.ops])
                name = op if fact.topic in OF_OP else fact.name
                same = (struct, name, ops) == (fact.struct, fact.name, fact.ops)
                return fact if same else replace(fact, struct=struct, name=name, ops=ops)
            case BlanketFact() | TableFact():
                struct = self.structs.get(fact.struct, fact.struct)
                return fact if struct == fact.struct else replace(fact, struct=struct)
            case DocumentFact():
                return fact


def held_witnesses(state: VersionState) -> frozenset[DocumentKind]:
    """The kinds of documents that state facts about ops, as far as the version holds them."""
    return frozenset(kind for kind in WITNESSES if state.holds(kind))


def normalise(state: VersionState, witnesses: Iterable[DocumentKind] | None = None) -> NormalState:
    """The facts of a version, as told by those kinds of documents (all that it holds, if none are given)."""
    wanted = held_witnesses(state) if witnesses is None else frozenset(witnesses)
    tables = state.tables
    cited: Iterable[Cited[Any]] = chain(*map(cited_in, tables), state.functions, state.flags, state.steps)
    facts = _facts(cited, chain.from_iterable(_stated(table, table.ops) for table in tables), wanted)
    return NormalState(facts, {(t.name, op.name): op.table_position for t in tables for op in t.ops})


def op_facts(table: TableState, op: OpState, witnesses: Iterable[DocumentKind]) -> frozenset[Fact]:
    """The facts about one op of a table, with the rules over the table that reach it."""
    wanted = frozenset(witnesses)
    cited = chain(op.prototypes, op.rules, op.notes, op.inherited, op.descriptions, op.flags)
    return frozenset(_facts(cited, _stated(table, (op,)), wanted))


def _facts(cited: Iterable[Cited[Any]], stated: Iterable[OpFact], wanted: frozenset[DocumentKind]) -> Iterator[Fact]:
    """Facts that tell of rows come first, as they know of them."""
    yield from (fact for fact in stated if fact.document in wanted)
    signatures: dict[tuple[str, ...], list[SignatureFact]] = {}
    for one in cited:
        kind = one.document.kind
        if kind in wanted:
            for fact in record_facts(one.record, kind, _place(one)):
                yield _numbered(fact, signatures) if isinstance(fact, SignatureFact) else fact


def _stated(table: TableState, ops: Iterable[OpState]) -> Iterator[OpFact]:
    """That an op has a row, be all its cells blank; or that a document describes it that lists no op of the table."""
    listing = {cited.document.kind for op in table.ops for cited in op.prototypes}
    for op in ops:
        if op.has_row:
            place = _place(op.rules[0]) if op.rules else None
            yield OpFact(
                document=DocumentKind.LOCKING, struct=op.struct, op=op.name, stated=op.name, row=True, place=place
            )
        for cited in op.descriptions:
            if cited.document.kind not in listing:
                place = _place(cited)
                yield OpFact(document=cited.document.kind, struct=op.struct, op=op.name, stated=op.name, place=place)


def _states(fact: Fact) -> bool:
    return isinstance(fact, OpFact)


def _place(cited: Cited[Any]) -> Place:
    return Place(version=cited.document.version, path=cited.document.path, line=cited.line)


def _numbered(fact: SignatureFact, signatures: dict[tuple[str, ...], list[SignatureFact]]) -> SignatureFact:
    """A further, different prototype of the same op in the same document gets the next number."""
    known = signatures.setdefault((fact.document, fact.struct, fact.op), [])
    for other in known:
        if replace(fact, variant=other.variant) == other:
            return other
    known.append(replace(fact, variant=len(known)) if known else fact)
    return known[-1]


def cited_in(table: TableState) -> Iterator[Cited[Record]]:
    """Every record of an ops table that may give facts."""
    yield from table.tables
    for op in table.ops:
        yield from op.prototypes
        yield from op.rules
        yield from op.notes
        yield from op.descriptions
    yield from table.members
    yield from table.member_descriptions
    yield from table.blankets
    yield from table.notes
