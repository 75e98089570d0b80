"""A version as comparisons see it: the facts that its documents state, by op."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from itertools import chain
from typing import Any

from kbase.diff.fact import Fact, OpName, Place
from kbase.diff.facts import (
    OF_OP,
    BlanketFact,
    DocumentFact,
    OpFact,
    ProseFact,
    RuleFact,
    SignatureFact,
    TableFact,
    TextFact,
    record_facts,
)
from kbase.diff.lock_orders import order_facts
from kbase.model.records import Record
from kbase.model.states import Cited, DocumentRef, OpState, TableState, VersionState
from kbase.model.witnesses import COMPARED, LOCK_TABLES, DocumentKind

ENDINGS = (".txt", ".rst", ".md")
Kinds = frozenset[DocumentKind]


class Coverage(IntEnum):
    """How a Locking document has an op."""

    ABSENT = 0
    PROTOTYPE = 1  # without a row
    ROW = 2


@dataclass(frozen=True, slots=True)
class OpFacts:
    """What the documents of a version say of one op, each part in a fixed order."""

    stated: dict[DocumentKind, OpFact] = field(default_factory=dict)
    signatures: dict[DocumentKind, tuple[SignatureFact, ...]] = field(default_factory=dict)
    rules: tuple[RuleFact, ...] = ()
    prose: tuple[ProseFact, ...] = ()
    texts: frozenset[TextFact] = frozenset()

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> "OpFacts":
        """The facts about one op; of equal ones only the first."""
        found: dict[type, dict[Any, None]] = {}
        for fact in facts:
            found.setdefault(type(fact), {}).setdefault(fact)
        stated: dict[DocumentKind, OpFact] = {}
        for fact in found.get(OpFact, ()):
            stated.setdefault(fact.document, fact)
        signatures: dict[DocumentKind, tuple[SignatureFact, ...]] = {}
        for fact in sorted(found.get(SignatureFact, ()), key=_believed_first):
            signatures[fact.document] = (*signatures.get(fact.document, ()), fact)
        rules, prose = (tuple(sorted(found.get(kind, ()), key=rule_order)) for kind in (RuleFact, ProseFact))
        return cls(stated, signatures, rules, prose, frozenset(found.get(TextFact, ())))

    @property
    def facts(self) -> Iterator[Fact]:
        """All of them."""
        return chain(self.stated.values(), self.prototypes, self.rules, self.prose, self.texts)

    @property
    def prototypes(self) -> tuple[SignatureFact, ...]:
        """Its prototypes, the most trusted first."""
        return tuple(chain.from_iterable(self.signatures.values()))

    @property
    def evident(self) -> tuple[OpFact | SignatureFact, ...]:
        """What shows best that there is such an op: its prototypes, else its rows, by document and line."""
        return tuple(sorted(self.prototypes or self.stated.values(), key=_by_place))

    @property
    def coverage(self) -> Coverage:
        """How the Locking document has the op."""
        fact = self.stated.get(LOCK_TABLES)
        if fact is None:
            return Coverage.ABSENT
        return Coverage.ROW if fact.row or self.rules else Coverage.PROTOTYPE


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """The facts of a version: those about each op that a document states, and those about no such op."""

    ops: dict[OpName, OpFacts]
    others: tuple[Fact, ...]

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> "VersionFacts":
        """Take facts apart."""
        groups: dict[OpName | None, list[Fact]] = {}
        for fact in facts:
            groups.setdefault(fact.op_name, []).append(fact)
        stated = sorted(name for name, found in groups.items() if name and any(isinstance(f, OpFact) for f in found))
        ops = {name: OpFacts.of(groups.pop(name)) for name in stated}
        return cls(ops, tuple(dict.fromkeys(chain.from_iterable(groups.values()))))

    @property
    def tables(self) -> dict[str, dict[DocumentKind, TableFact]]:
        """The documents that state each ops table."""
        found: dict[str, dict[DocumentKind, TableFact]] = {}
        for fact in self.others:
            if isinstance(fact, TableFact):
                found.setdefault(fact.struct, {}).setdefault(fact.document, fact)
        return dict(sorted(found.items()))

    @property
    def ops_of_tables(self) -> dict[str, dict[str, OpFacts]]:
        """The ops of each table; a table that a document states may have none."""
        found: dict[str, dict[str, OpFacts]] = {struct: {} for struct in self.tables}
        for (struct, op), facts in self.ops.items():
            found.setdefault(struct, {})[op] = facts
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparableVersion:
    """A version with its facts, and the kinds of facts that its documents can state."""

    state: VersionState
    facts: tuple[Fact, ...]  # without duplicates
    order: Mapping[OpName, int]  # the place of each op in its table
    documents: Mapping[str, DocumentFact]  # by name
    speaking: Kinds  # of which something could be read
    bundled: Kinds  # of which the bundled corpus has the facts, in words of its own

    @classmethod
    def of(cls, state: VersionState) -> "ComparableVersion":
        """The version in this state."""
        facts = tuple(dict.fromkeys(version_facts(state)))
        return cls(
            state=state,
            facts=facts,
            order={(table.name, op.name): op.table_position for table in state.tables for op in table.ops},
            documents=_documents(state),
            speaking=frozenset(fact.document for fact in facts) | {cited.document.kind for cited in state.porting},
            bundled=frozenset(document.kind for document in state.documents if document.bundled),
        )

    @property
    def is_tree(self) -> bool:
        """Whether it was read from a tree or folder: what that lacks it lacks, unlike a loose file."""
        sources = [document.source for document in self.state.documents if not document.bundled]
        return len(sources) > len(set(sources))


def version_facts(state: VersionState) -> Iterator[Fact]:
    """The facts of a version; those about rows come first, since of equal facts only the first counts."""
    for table in state.tables:
        yield from _stated(table)
    variants: dict[tuple[str, ...], list[SignatureFact]] = {}
    for cited in chain(chain.from_iterable(map(cited_in, state.tables)), state.functions, state.flags, state.steps):
        if cited.document.kind in COMPARED:
            for fact in record_facts(cited.record, cited.document.kind, place_of(cited)):
                yield _numbered(fact, variants) if isinstance(fact, SignatureFact) else fact
    yield from order_facts((cited.record, cited.document.kind, place_of(cited)) for cited in state.orders)


def cited_in(table: TableState) -> Iterator[Cited[Any]]:
    """Every record of an ops table that may give facts."""
    yield from table.tables
    for op in table.ops:
        yield from chain(op.prototypes, op.rules, op.prose, op.notes, op.descriptions)
    yield from chain(table.members, table.member_descriptions, table.blankets, table.notes)


def _stated(table: TableState) -> Iterator[OpFact]:
    """That ops have a row (even a blank one), or are described by a document that lists no op of the table."""
    listing = _listing(table)
    for op in table.ops:
        rows = [(LOCK_TABLES, place_of(op.rules[0]) if op.rules else None, True)] if op.has_row else []
        described = [(c.document.kind, place_of(c), False) for c in op.descriptions if c.document not in listing]
        for kind, place, row in (*rows, *described):
            if kind in COMPARED:
                yield OpFact(document=kind, struct=op.struct, op=op.name, row=row, stated=op.name, place=place)


def _listing(table: TableState) -> frozenset[DocumentRef]:
    """The documents that list the members of a table. In other documents, a description states that the op exists."""
    declared = (cited.document for op in table.ops for cited in op.prototypes)
    return frozenset((*declared, *(cited.document for cited in table.members)))


def stating(table: TableState, op: OpState) -> frozenset[DocumentKind]:
    """The kinds of documents that state an op of a table."""
    listing = _listing(table) if op.descriptions else frozenset()
    described = {cited.document.kind for cited in op.descriptions if cited.document not in listing}
    declared = {cited.document.kind for cited in op.prototypes}
    return frozenset(declared | described | ({LOCK_TABLES} if op.has_row else set()))


def _numbered(fact: SignatureFact, variants: dict[tuple[str, ...], list[SignatureFact]]) -> SignatureFact:
    """A further, different prototype of the same op in the same document gets the next number."""
    known = variants.setdefault((fact.document, fact.struct, fact.op), [])
    for other in known:
        if (fact.returns, fact.parameters, fact.condition) == (other.returns, other.parameters, other.condition):
            return other
    known.append(replace(fact, variant=len(known)) if known else fact)
    return known[-1]


def _documents(state: VersionState) -> dict[str, DocumentFact]:
    found: dict[str, DocumentFact] = {}
    for document in (each for each in state.documents if not each.kind.traits.code):
        name = document.path if document.kind is DocumentKind.OTHER else document.kind.value
        for ending in ENDINGS:
            name = name.removesuffix(ending)
        fact = DocumentFact(
            document=document.kind,
            name=name,
            format=document.format.value,
            path=document.path,
            title=document.title,
            blob=document.blob,
            place=Place(version=state.label, path=document.path, line=1, last=1),
        )
        found.setdefault(name, fact)
    return found


def place_of(cited: Cited[Record]) -> Place:
    """The lines of a record."""
    lines, document = cited.evidence, cited.document
    return Place(version=document.version, path=document.path, line=lines.first, last=lines.last)


def rule_order(rule: RuleFact) -> tuple[str, str, str]:
    """A fixed order of the rules of one op, so that equal rows give equal changes."""
    return rule.subject, rule.written, rule.cell


def _believed_first(fact: SignatureFact) -> tuple[int, int]:
    return COMPARED.index(fact.document), fact.variant


def _by_place(fact: OpFact | SignatureFact) -> tuple[str, int]:
    return (fact.place.path, fact.place.line) if fact.place else ("", 0)


@dataclass(frozen=True, slots=True)
class Names:
    """The other names of ops and of whole tables."""

    ops: dict[OpName, OpName]
    structs: dict[str, str]

    def of(self, name: OpName) -> OpName:
        """The new name of an op."""
        return self.ops.get(name) or (self.structs.get(name[0], name[0]), name[1])

    def applied(self, fact: Fact) -> Fact:
        """The fact under the new names."""
        match fact:
            case OpFact() | SignatureFact() | RuleFact():
                struct, op = self.of((fact.struct, fact.op))
                return fact if (struct, op) == (fact.struct, fact.op) else replace(fact, struct=struct, op=op)
            case TextFact():
                struct, op = self.of((fact.struct, fact.name))
                ops = tuple(self.of((fact.struct, each))[1] for each in fact.ops)
                name = op if fact.topic in OF_OP else fact.name
                same = (struct, name, ops) == (fact.struct, fact.name, fact.ops)
                return fact if same else replace(fact, struct=struct, name=name, ops=ops)
            case BlanketFact() | TableFact():
                struct = self.structs.get(fact.struct, fact.struct)
                return fact if struct == fact.struct else replace(fact, struct=struct)
        return fact
