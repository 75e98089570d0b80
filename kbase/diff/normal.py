"""The facts of a version: the normalised state that a diff compares and `apply` rebuilds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
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
    sort_key,
)
from kbase.records import DocumentKind, Record
from kbase.state import Cited, OpState, TableState, VersionState


@dataclass(frozen=True)
class NormalState:
    """The facts of a version, without duplicates; `order` gives the place of an op in its table, for matching only."""

    facts: frozenset[Fact]
    order: dict[OpName, int] = field(default_factory=dict, compare=False, hash=False)
    groups: dict[OpName, tuple[Fact, ...]] | None = field(default=None, compare=False, repr=False)  # `by_op`, if known

    @cached_property
    def by_op(self) -> dict[OpName, tuple[Fact, ...]]:
        """The facts about each op that a document states, in a fixed order."""
        return grouped(self.facts) if self.groups is None else self.groups

    @cached_property
    def signatures(self) -> dict[OpName, tuple[SignatureFact, ...]]:
        """The prototypes of each op that has one."""
        found = {name: tuple(f for f in facts if isinstance(f, SignatureFact)) for name, facts in self.by_op.items()}
        return {name: facts for name, facts in found.items() if facts}

    @cached_property
    def table_facts(self) -> dict[str, tuple[TableFact, ...]]:
        """That documents state the tables, by table."""
        found: dict[str, list[TableFact]] = {}
        for fact in sorted((f for f in self.facts if isinstance(f, TableFact)), key=sort_key):
            found.setdefault(fact.struct, []).append(fact)
        return {struct: tuple(facts) for struct, facts in sorted(found.items())}

    @cached_property
    def tables(self) -> dict[str, tuple[OpName, ...]]:
        """The ops of each table in the order of the documents; a table without ops has none."""
        found: dict[str, list[OpName]] = {struct: [] for struct in self.table_facts}
        for name in sorted(self.by_op, key=lambda name: (self.order.get(name, 0), name)):
            found.setdefault(name[0], []).append(name)
        return {struct: tuple(ops) for struct, ops in sorted(found.items())}

    def without(self, facts: Iterable[Fact]) -> "NormalState":
        """The state without these facts."""
        gone = frozenset(facts)
        return NormalState(self.facts - gone, self.order) if gone else self

    def renamed(self, names: dict[OpName, OpName], structs: dict[str, str]) -> "NormalState":
        """The state with ops and tables under other names."""
        if not names and not structs:
            return self
        order = {_new_name(name, names, structs): place for name, place in self.order.items()}
        concerned = {struct for struct, _ in names} | structs.keys()
        within = [fact for fact in self.facts if _struct(fact) in concerned]
        others = {fact: other for fact in within if (other := _renamed(fact, names, structs)) is not fact}
        facts = self.facts.difference(others) | frozenset(others.values())
        touched = {op_of(fact) for change in others.items() for fact in change}
        kept = {name: group for name, group in self.by_op.items() if name not in touched}
        reached = concerned | {struct for struct, _ in names.values()} | set(structs.values())
        again = grouped(fact for fact in facts if _struct(fact) in reached and op_of(fact) in touched)
        return NormalState(facts, order, dict(sorted({**kept, **again}.items())))


def grouped(facts: Iterable[Fact]) -> dict[OpName, tuple[Fact, ...]]:
    """The facts about each op that one of them states, in a fixed order."""
    told = list(facts)
    stated = {(fact.struct, fact.op) for fact in told if isinstance(fact, OpFact)}
    found: dict[OpName, list[Fact]] = {name: [] for name in sorted(stated)}
    for fact in told:
        name = op_of(fact)
        if name in found:
            found[name].append(fact)
    return {name: tuple(sorted(group, key=sort_key)) for name, group in found.items()}


def _struct(fact: Fact) -> str | None:
    return None if isinstance(fact, DocumentFact) else fact.struct


def _new_name(name: OpName, names: dict[OpName, OpName], structs: dict[str, str]) -> OpName:
    return names.get(name) or (structs.get(name[0], name[0]), name[1])


def _renamed(fact: Fact, names: dict[OpName, OpName], structs: dict[str, str]) -> Fact:
    """The fact under the new names; the very same object where it has none."""
    match fact:
        case OpFact() | SignatureFact() | RuleFact():
            struct, op = _new_name((fact.struct, fact.op), names, structs)
            return fact if (struct, op) == (fact.struct, fact.op) else replace(fact, struct=struct, op=op)
        case TextFact():
            struct, op = _new_name((fact.struct, fact.name), names, structs)
            ops = tuple(_new_name((fact.struct, each), names, structs)[1] for each in fact.ops)
            name = op if fact.topic in OF_OP else fact.name
            same = (struct, name, ops) == (fact.struct, fact.name, fact.ops)
            return fact if same else replace(fact, struct=struct, name=name, ops=ops)
        case BlanketFact() | TableFact():
            struct = structs.get(fact.struct, fact.struct)
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
        kind = one.document.kind
        if kind in wanted:
            place = Place(version=one.document.version, path=one.path, line=one.line)
            for fact in record_facts(one.record, kind, place):
                _keep(facts, _numbered(fact, signatures) if isinstance(fact, SignatureFact) else fact)
    return facts


def _stated(table: TableState, ops: Iterable[OpState]) -> Iterator[OpFact]:
    """That an op has a row, be all its cells blank; or that a document describes it that lists no op of the table."""
    listing = {cited.document.kind for op in table.ops for cited in op.prototypes}
    for op in ops:
        if op.has_row:
            yield OpFact(document=DocumentKind.LOCKING, struct=op.struct, op=op.name, stated=op.name)
        for cited in op.descriptions:
            if cited.document.kind not in listing:
                place = Place(version=op.version, path=cited.path, line=cited.line)
                yield OpFact(document=cited.document.kind, struct=op.struct, op=op.name, stated=op.name, place=place)


def _keep(facts: dict[Fact, Fact], fact: Fact) -> None:
    """Keep the fact; of equal ones the first that has a place."""
    known = facts.get(fact)
    if known is None or known.place is None:
        facts.pop(fact, None)
        facts[fact] = fact


def _numbered(fact: SignatureFact, signatures: dict[tuple[str, ...], list[SignatureFact]]) -> SignatureFact:
    """A further, different prototype of the same op in the same document gets the next number."""
    known = signatures.setdefault((fact.document, fact.struct, fact.op), [])
    for other in known:
        if replace(fact, variant=other.variant) == other:
            return other
    known.append(replace(fact, variant=len(known)))
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
