"""The facts of a version: the normalised state that a diff compares and `apply` rebuilds."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any

from kbase.diff.changes import Told
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
    struct_of,
)
from kbase.diff.prototypes import Shape
from kbase.diff.said import Said
from kbase.model.records import DocumentKind, Record
from kbase.model.states import Cited, DocumentRef, OpState, TableState, VersionState


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """An ops table: its ops in the order of the documents, with their prototypes; it may have none."""

    struct: str
    ops: dict[str, tuple[Shape, ...]]


@lru_cache(maxsize=1 << 10)
def _table(struct: str, ops: tuple[tuple[str, tuple[Shape, ...]], ...]) -> Table:
    """The table, the very same object for all versions that say the same: what is kept of tables is found by that."""
    return Table(struct, dict(ops))


class NormalState:
    """The facts of a version, without duplicates; `order` gives the place of an op in its table, for matching only."""

    def __init__(self, by_op: dict[OpName, Said], loose: frozenset[Fact], order: dict[OpName, int]) -> None:
        """Taken as they are: `of` takes facts apart."""
        self.by_op = by_op  # what is said of each op that a document states, by name
        self.loose = loose  # the facts about no such op: tables, rules over tables, notes, functions, documents
        self.order = order
        self.told = Told()
        self._renamed: dict[tuple[object, ...], Fact] = {}

    @classmethod
    def of(cls, facts: Iterable[Fact] = (), order: dict[OpName, int] | None = None) -> "NormalState":
        """Of equal facts the first is kept."""
        groups: dict[OpName | None, list[Fact]] = {}
        for fact in facts:
            groups.setdefault(op_of(fact), []).append(fact)
        stated = sorted(name for name, group in groups.items() if name and any(map(_states, group)))
        by_op = {name: Said.of(groups.pop(name)) for name in stated}
        return cls(by_op, frozenset(chain.from_iterable(groups.values())), order or {})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NormalState) and self.facts == other.facts

    def __hash__(self) -> int:
        return hash(self.facts)

    @cached_property
    def facts(self) -> frozenset[Fact]:
        """All of them."""
        return self.loose.union(*(said.facts for said in self.by_op.values()))

    @cached_property
    def _loose_by_table(self) -> dict[str, list[Fact]]:
        found: dict[str, list[Fact]] = {}
        for fact in self.loose:
            found.setdefault(struct_of(fact) or "", []).append(fact)
        return found

    def loose_under(self, names: "Names") -> frozenset[Fact]:
        """Those facts under other names: asked for the same names again, the very same objects."""
        renamed = dict[Fact, Fact]()
        for struct in names.tables:
            for fact in self._loose_by_table.get(struct, ()):
                applied = names.applied(fact)
                if applied is not fact:
                    renamed[fact] = self._renamed.setdefault((id(fact), *_named(applied)), applied)
        return self.loose.difference(renamed).union(renamed.values())

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
        found: dict[str, dict[str, tuple[Shape, ...]]] = {struct: {} for struct in self.table_facts}
        for name in sorted(self.by_op, key=lambda name: (self.order.get(name, 0), name)):
            found.setdefault(name[0], {})[name[1]] = self.by_op[name].shapes
        return {struct: _table(struct, tuple(ops.items())) for struct, ops in sorted(found.items())}

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
        """The state with what `keep` makes of each fact; None leaves it out, what is said of an op it does not change.

        Ops that keep all are not built again. What is left of an op that is no longer stated is about none.
        """
        saids = {name: said.kept(keep) for name, said in self.by_op.items()}
        loose = [fact for fact in map(keep, self.loose) if fact is not None]
        loose += chain.from_iterable(said.facts for said in saids.values() if not said.stated)
        return NormalState({name: said for name, said in saids.items() if said.stated}, frozenset(loose), self.order)

    def without(self, facts: Iterable[Fact]) -> "NormalState":
        """The state without these facts."""
        gone = frozenset(facts)
        return NormalState.of(self.facts - gone, self.order) if gone else self

    def renamed(self, names: "Names") -> "NormalState":
        """The state with ops and tables under other names."""
        if not names:
            return self
        order = {names.of(name): place for name, place in self.order.items()}
        return NormalState.of(frozenset(map(names.applied, self.facts)), order)


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


def _named(fact: Fact) -> tuple[object, ...]:
    """The names in a fact that other names of ops and tables may change."""
    return struct_of(fact), *((fact.name, fact.ops) if isinstance(fact, TextFact) else ())


def held_witnesses(state: VersionState) -> frozenset[DocumentKind]:
    """The kinds of documents that state facts about ops, as far as the version holds them."""
    return frozenset(kind for kind in WITNESSES if state.has(kind))


def normalise(state: VersionState, witnesses: Iterable[DocumentKind] | None = None) -> NormalState:
    """The facts of a version, as told by those kinds of documents (all that it holds, if none are given)."""
    wanted = held_witnesses(state) if witnesses is None else frozenset(witnesses)
    tables = state.tables
    cited: Iterable[Cited[Any]] = chain(*map(cited_in, tables), state.functions, state.flags, state.steps)
    facts = _facts(cited, chain.from_iterable(_stated(table, table.ops) for table in tables), wanted)
    return NormalState.of(facts, {(t.name, op.name): op.table_position for t in tables for op in t.ops})


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
    listing = _listing(table)
    for op in ops:
        if op.has_row:
            place = _place(op.rules[0]) if op.rules else None
            yield OpFact(
                document=DocumentKind.LOCKING, struct=op.struct, op=op.name, stated=op.name, row=True, place=place
            )
        for cited in op.descriptions:
            if cited.document not in listing:
                place = _place(cited)
                yield OpFact(document=cited.document.kind, struct=op.struct, op=op.name, stated=op.name, place=place)


def _listing(table: TableState) -> frozenset[DocumentRef]:
    """The documents that list what is in a table: there a description tells of it, elsewhere it states an op."""
    declared = (cited.document for op in table.ops for cited in op.prototypes)
    return frozenset((*declared, *(cited.document for cited in table.members)))


def stating(table: TableState, op: OpState) -> frozenset[DocumentKind]:
    """The kinds of documents that state an op of a table: those that `op_facts` has an `OpFact` of."""
    listing = _listing(table) if op.descriptions else frozenset()
    described = {cited.document.kind for cited in op.descriptions if cited.document not in listing}
    declared = {cited.document.kind for cited in op.prototypes}
    return frozenset(declared | described | ({DocumentKind.LOCKING} if op.has_row else set()))


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
