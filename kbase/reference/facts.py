"""What the reference states about an op at a version, or alike at several: prototypes, lock rules, notes, proofs.

Pure: `OpState` in, frozen values out. Two versions whose facts are equal are told once; the lines that prove
them take no part in equality.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from kbase.kernel.c_declarations import DeclarationError, parse_declaration
from kbase.kernel.locks import is_remark_column
from kbase.model.records import (
    BlanketRule,
    DocumentKind,
    Held,
    LockRule,
    Mode,
    Prototype,
    Reading,
    Summary,
)
from kbase.model.states import Cited, OpState, TableState, VersionState
from kbase.model.versions import parse_version
from kbase.pages.parts import external
from kbase.reference.rst import namespace

HELD = {Held.YES: "held", Held.NO: "not held", Held.MAYBE: "may be held", Held.UNKNOWN: "not stated"}
CONTEXT = {Held.YES: "yes", Held.NO: "no", Held.MAYBE: "depends", Held.UNKNOWN: "not stated"}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Proof:
    """The line of a document that states a fact."""

    version: str
    path: str
    line: int

    @property
    def title(self) -> str:
        """`locking.rst:96`."""
        return f"{self.path.rpartition('/')[2]}:{self.line}"

    @property
    def address(self) -> str | None:
        """That line on git.kernel.org; None where the document is no file of a released kernel."""
        return external(self.version, self.path, self.line)[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrototypeFact:
    """One distinct prototype; `scope` is its C namespace, None where Sphinx's C domain cannot read or hold it."""

    text: str
    raw: str = field(compare=False)
    scope: str | None = field(compare=False)
    condition: str | None = None
    repair: str | None = None
    proofs: tuple[Proof, ...] = field(compare=False, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberFact:
    """A data member of an ops table; `scope` as in `PrototypeFact`."""

    name: str
    text: str
    scope: str | None
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFact:
    """One cell of a locking table: header and cell as written, its reading in words, the canonical locks."""

    lock: str
    cell: str
    reading: str
    subjects: tuple[str, ...] = ()
    context: bool = False
    proof: Proof = field(compare=False)
    readings: tuple[Reading, ...] = field(compare=False, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class BlanketFact:
    """A rule that stands over the op's table, and whether the op is an exception to it."""

    text: str
    excepted: bool = False
    proof: Proof = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFact:
    """What a document says in its own words: a note or a description."""

    text: str
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class OpFacts:
    """An op at the versions `labels` (oldest first); its texts are those of the newest."""

    struct: str
    op: str
    labels: tuple[str, ...] = field(compare=False)
    prototypes: tuple[PrototypeFact, ...] = ()
    rules: tuple[RuleFact, ...] = ()
    blankets: tuple[BlanketFact, ...] = ()
    has_row: bool = False
    locking_held: bool = True  # whether the versions hold a Locking document at all
    notes: tuple[TextFact, ...] = field(compare=False, default=())
    descriptions: tuple[TextFact, ...] = field(compare=False, default=())
    summary: str | None = field(compare=False, default=None)
    kinds: frozenset[DocumentKind] = field(compare=False, default=frozenset())  # of the documents that state the op

    @property
    def label(self) -> str:
        """The newest version."""
        return self.labels[-1]

    @property
    def span(self) -> str:
        """`v5.4..v6.8.1`."""
        return self.label if len(self.labels) == 1 else f"{self.labels[0]}..{self.label}"

    @property
    def dotted(self) -> str:
        return f"{self.struct}.{self.op}"

    @property
    def locks(self) -> tuple[RuleFact, ...]:
        return tuple(rule for rule in self.rules if not rule.context)

    @property
    def context(self) -> tuple[RuleFact, ...]:
        return tuple(rule for rule in self.rules if rule.context)

    @property
    def subjects(self) -> tuple[str, ...]:
        """The canonical locks its rules name, each once."""
        return tuple(dict.fromkeys(subject for rule in self.rules for subject in rule.subjects))

    def scopes_of(self, prototype: PrototypeFact) -> tuple[str, ...]:
        """The C namespaces of a prototype: its own; the newest version's has it for the older versions, too."""
        if prototype.scope is None:
            return ()
        if prototype.scope != namespace(self.label, self.struct):
            return (prototype.scope,)
        return tuple(namespace(label, self.struct) for label in reversed(self.labels))


def op_facts(op: OpState, state: VersionState) -> OpFacts:
    """The facts of one op at the version of `state`.

    The bundled corpus holds no prose, only the names in it: such a description is left out.
    """
    return OpFacts(
        struct=op.struct,
        op=op.name,
        labels=(op.version,),
        prototypes=_prototypes(op),
        rules=tuple(_rule(cited) for cited in op.rules if cited.record.cell.strip()),
        blankets=tuple(_blanket(cited, op.name) for cited in op.inherited),
        has_row=op.has_row,
        locking_held=state.has(DocumentKind.LOCKING),
        notes=tuple(text_fact(cited) for cited in op.notes),
        descriptions=tuple(text_fact(cited) for cited in op.descriptions if not cited.document.bundled),
        kinds=frozenset(cited.document.kind for cited in (*op.prototypes, *op.rules)),
        summary=summary_text(op.summary),
    )


def alike(facts: Iterable[OpFacts]) -> tuple[OpFacts, ...]:
    """The facts of one op (oldest version first) with equal neighbours told together, newest first."""
    groups = [list(group) for _, group in groupby(facts, key=_same)]
    return tuple(replace(group[-1], labels=tuple(f.label for f in group)) for group in reversed(groups))


def _same(facts: OpFacts) -> tuple[str, OpFacts]:
    """What neighbours must share: a family of versions, and the facts."""
    return parse_version(facts.label).family, facts


def proof_of(cited: Cited[Any]) -> Proof:
    """Where a record stands."""
    return Proof(version=cited.document.version, path=cited.path, line=cited.line)


def text_fact(cited: Cited[Any]) -> TextFact:
    """The text of a note or a description."""
    return TextFact(text=cited.record.text, proof=proof_of(cited))


def summary_text(cited: Cited[Summary] | None) -> str | None:
    return cited.record.text if cited else None


def reading_words(readings: Sequence[Reading]) -> str:
    """What a cell says, in words: "held, exclusive; both; unlocks it; if O_CREAT is set"."""
    return "; or ".join(_words(reading, named=len(readings) > 1) for reading in readings)


def _words(reading: Reading, *, named: bool) -> str:
    if reading.context:
        parts = [CONTEXT[reading.held]]
    else:
        modes = " or ".join(str(mode) for mode in (Mode.SHARED, Mode.EXCLUSIVE) if mode in reading.modes)
        parts = [f"{HELD[reading.held]}, {modes}" if modes else HELD[reading.held]]
    parts += [reading.scope] if reading.scope else []
    parts += [str(reading.effect).replace("-", " ")] if reading.effect else []
    parts += [reading.condition] if reading.condition else []
    words = "; ".join(parts)
    return f"{reading.subject}: {words}" if named and reading.subject else words


def _rule(cited: Cited[LockRule]) -> RuleFact:
    record = cited.record
    return RuleFact(
        lock=record.lock,
        cell=record.cell,
        reading="a remark" if is_remark_column(record.lock) else reading_words(record.readings),
        subjects=tuple(dict.fromkeys(r.subject for r in record.readings if r.subject and not r.context)),
        context=any(reading.context for reading in record.readings),
        proof=proof_of(cited),
        readings=record.readings,
    )


def _blanket(cited: Cited[BlanketRule], op: str) -> BlanketFact:
    return BlanketFact(text=cited.record.text, excepted=op in cited.record.exceptions, proof=proof_of(cited))


def _prototypes(op: OpState) -> tuple[PrototypeFact, ...]:
    """The distinct prototypes, each with all its proofs, each in a C namespace of its own."""
    facts: dict[tuple[str, str | None], PrototypeFact] = {}
    scopes: set[str] = set()
    for cited in op.prototypes:
        key = (cited.record.text, cited.record.condition)
        if key in facts:
            facts[key] = replace(facts[key], proofs=(*facts[key].proofs, proof_of(cited)))
        else:
            facts[key] = _prototype(cited, op, scopes)
    return tuple(facts.values())


def _prototype(cited: Cited[Prototype], op: OpState, scopes: set[str]) -> PrototypeFact:
    """Its scope is the version's, or below it the document's where another document says something else."""
    record = cited.record
    document = cited.path.rpartition("/")[2]
    wanted = (namespace(op.version, op.struct), namespace(op.version, document, op.struct))
    scope = next((name for name in wanted if name not in scopes), None) if _declares(record.text, record.op) else None
    if scope is not None:
        scopes.add(scope)
    return PrototypeFact(
        text=record.text,
        raw=record.raw,
        scope=scope,
        condition=record.condition,
        repair=record.repair,
        proofs=(proof_of(cited),),
    )


def member_facts(table: TableState) -> tuple[MemberFact, ...]:
    """The data members of an ops table, each once."""
    scope = namespace(table.version, table.name)
    members = {cited.record.name: cited for cited in reversed(table.members)}
    return tuple(
        MemberFact(
            name=name,
            text=cited.record.text,
            scope=scope if _declares(cited.record.text, name) else None,
            proof=proof_of(cited),
        )
        for name, cited in reversed(members.items())
    )


def _declares(text: str, name: str) -> bool:
    """Whether Sphinx's C domain takes the text as it stands, as a declaration of the name."""
    try:
        declaration = parse_declaration(text)
    except DeclarationError:
        return False
    return declaration.repair is None and declaration.name == name
