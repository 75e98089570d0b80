"""The facts of a version: the normalised state that a diff compares and `apply` rebuilds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from itertools import chain
from typing import Any

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
    TableFact,
    TextFact,
    op_of,
    record_facts,
    rule_key,
)
from kbase.records import DocumentKind, Record
from kbase.state import Cited, OpState, TableState, VersionState


class Standing(IntEnum):
    """How a Locking document has an op."""

    ABSENT = 0
    PROTOTYPE = 1  # without a row
    ROW = 2


Signatures = dict[DocumentKind, tuple[SignatureFact, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What the documents say of one op, taken apart as comparisons need it, each part in a fixed order.

    `content` is a hash of it all: a comparison looks only at ops whose contents differ.
    """

    stated: dict[DocumentKind, OpFact]
    signatures: Signatures  # vfs first
    rules: tuple[RuleFact, ...]
    texts: frozenset[TextFact]
    content: int

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> "Said":
        """The facts about one op."""
        told = list(facts)
        signatures = [fact for fact in told if isinstance(fact, SignatureFact)]
        signatures.sort(key=lambda fact: fact.variant)
        documents = sorted({fact.document for fact in signatures}, reverse=True)
        return cls(
            stated={fact.document: fact for fact in told if isinstance(fact, OpFact)},
            signatures={d: tuple(fact for fact in signatures if fact.document is d) for d in documents},
            rules=tuple(sorted((fact for fact in told if isinstance(fact, RuleFact)), key=rule_key)),
            texts=frozenset(fact for fact in told if isinstance(fact, TextFact)),
            content=hash(frozenset(told)),
        )

    @property
    def facts(self) -> Iterator[Fact]:
        """All of it."""
        return chain(self.stated.values(), *self.signatures.values(), self.rules, self.texts)

    @property
    def stating(self) -> tuple[OpFact | SignatureFact, ...]:
        """What shows best that the op is there: its prototypes, else its rows, by document."""
        prototypes = chain.from_iterable(self.signatures.values())
        return tuple(sorted(prototypes, key=_stands)) or tuple(sorted(self.stated.values(), key=_stands))

    @property
    def standing(self) -> Standing:
        """How the Locking document has it."""
        fact = self.stated.get(DocumentKind.LOCKING)
        if fact is None:
            return Standing.ABSENT
        return Standing.ROW if fact.row or self.rules else Standing.PROTOTYPE


def _stands(fact: OpFact | SignatureFact) -> tuple[str, int]:
    return (fact.place.path, fact.place.line) if fact.place else ("", 0)


@dataclass(frozen=True)
class NormalState:
    """The facts of a version, without duplicates; `order` gives the place of an op in its table, for matching only."""

    facts: frozenset[Fact]
    order: dict[OpName, int] = field(default_factory=dict, compare=False, hash=False)

    @cached_property
    def by_op(self) -> dict[OpName, Said]:
        """What is said of each op that a document states, by name."""
        stated = {(fact.struct, fact.op) for fact in self.facts if isinstance(fact, OpFact)}
        found: dict[OpName, list[Fact]] = {name: [] for name in sorted(stated)}
        for fact in self.facts:
            name = op_of(fact)
            if name in found:
                found[name].append(fact)
        return {name: Said.of(group) for name, group in found.items()}

    @cached_property
    def loose(self) -> frozenset[Fact]:
        """The facts about no op that a document states: tables, rules over tables, notes, functions, documents."""
        return frozenset(fact for fact in self.facts if op_of(fact) not in self.by_op)

    @cached_property
    def signatures(self) -> dict[OpName, tuple[SignatureFact, ...]]:
        """The prototypes of each op that has one."""
        found = {name: tuple(chain.from_iterable(said.signatures.values())) for name, said in self.by_op.items()}
        return {name: facts for name, facts in found.items() if facts}

    @cached_property
    def table_facts(self) -> dict[str, tuple[TableFact, ...]]:
        """That documents state the tables, by table."""
        found: dict[str, list[TableFact]] = {}
        for fact in sorted((f for f in self.facts if isinstance(f, TableFact)), key=lambda fact: fact.document):
            found.setdefault(fact.struct, []).append(fact)
        return {struct: tuple(facts) for struct, facts in sorted(found.items())}

    @cached_property
    def tables(self) -> dict[str, tuple[OpName, ...]]:
        """The ops of each table in the order of the documents; a table without ops has none."""
        found: dict[str, list[OpName]] = {struct: [] for struct in self.table_facts}
        for name in sorted(self.by_op, key=lambda name: (self.order.get(name, 0), name)):
            found.setdefault(name[0], []).append(name)
        return {struct: tuple(ops) for struct, ops in sorted(found.items())}

    @cached_property
    def locks(self) -> dict[str, frozenset[str]]:
        """The locks and contexts that the rules of each table are about."""
        found: dict[str, set[str]] = {}
        for said in self.by_op.values():
            for rule in said.rules:
                found.setdefault(rule.struct, set()).add(rule.subject)
        return {struct: frozenset(subjects) for struct, subjects in found.items()}

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


def normalise(
    state: VersionState, witnesses: Iterable[DocumentKind] | None = None, tables: Iterable[str] | None = None
) -> NormalState:
    """The facts of a version, as told by those kinds of documents (all that it holds, if none are given).

    With `tables`, the facts about these ops tables only.
    """
    wanted = held_witnesses(state) if witnesses is None else frozenset(witnesses)
    chosen = state.tables if tables is None else [state.by_name[t] for t in tables if t in state.by_name]
    cited = chain.from_iterable(map(cited_in, chosen))
    other: tuple[Cited[Any], ...] = () if tables is not None else (*state.functions, *state.flags, *state.steps)
    facts = _facts(chain(cited, other), wanted)
    for table in chosen:
        for fact in _stated(table, table.ops):
            if fact.document in wanted:
                _keep(facts, fact)
    return NormalState(frozenset(facts), {(t.name, op.name): op.table_position for t in chosen for op in t.ops})


def op_facts(table: TableState, op: OpState, witnesses: Iterable[DocumentKind]) -> frozenset[Fact]:
    """The facts about one op of a table, with the rules over the table that reach it."""
    wanted = frozenset(witnesses)
    facts = _facts(chain(op.prototypes, op.rules, op.notes, op.inherited, op.descriptions, op.flags), wanted)
    for fact in _stated(table, (op,)):
        if fact.document in wanted:
            _keep(facts, fact)
    return frozenset(facts)


def _facts(cited: Iterable[Cited[Record]], wanted: frozenset[DocumentKind]) -> dict[Fact, Fact]:
    facts: dict[Fact, Fact] = {}
    signatures: dict[tuple[str, ...], list[SignatureFact]] = {}
    for one in cited:
        document = one.document
        if document.kind in wanted:
            place = Place(version=document.version, path=document.path, line=one.line)
            for fact in record_facts(one.record, document.kind, place):
                _keep(facts, _numbered(fact, signatures) if isinstance(fact, SignatureFact) else fact)
    return facts


def _stated(table: TableState, ops: Iterable[OpState]) -> Iterator[OpFact]:
    """That an op has a row, be all its cells blank; or that a document describes it that lists no op of the table."""
    listing = {cited.document.kind for op in table.ops for cited in op.prototypes}
    for op in ops:
        if op.has_row:
            yield OpFact(document=DocumentKind.LOCKING, struct=op.struct, op=op.name, stated=op.name, row=True)
        for cited in op.descriptions:
            if cited.document.kind not in listing:
                place = Place(version=op.version, path=cited.path, line=cited.line)
                yield OpFact(document=cited.document.kind, struct=op.struct, op=op.name, stated=op.name, place=place)


def _keep(facts: dict[Fact, Fact], fact: Fact) -> None:
    """Keep the fact; of equal ones the first that has a place, with the row that another has."""
    known = facts.setdefault(fact, fact)
    if known is fact:
        return
    kept = fact if known.place is None else known
    if isinstance(fact, OpFact) and fact.row and isinstance(kept, OpFact) and not kept.row:
        kept = replace(kept, row=True)
    if kept is not known:
        del facts[known]
        facts[kept] = kept


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
