"""What the reference states about an op at a version, or equally at several: prototypes, lock rules, notes, citations.

Pure: `OpState` in, frozen values out. Two versions whose facts are equal are shown once; citations take no part in
equality.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from kbase.kernel.c_declarations import DeclarationError, parse_declaration
from kbase.kernel.locks import is_remark_column
from kbase.model.drift import Drift
from kbase.model.records import Held, LockRule, ProseRule, Prototype, Reading
from kbase.model.states import Cited, OpState, VersionState
from kbase.model.versions import parse_version
from kbase.model.witnesses import LOCK_TABLES, DocumentKind
from kbase.model.words import Mode
from kbase.pages.contradictions import ContradictionView, contradiction_views
from kbase.pages.drift_views import DriftView, by_statement, drift_views
from kbase.pages.lock_cells import blanket
from kbase.pages.ops import ObligationView, obligation
from kbase.pages.parts import BlanketView, Citation, TextView, cite, text_view
from kbase.sphinx.rst import namespace

HELD = {Held.YES: "held", Held.NO: "not held", Held.MAYBE: "may be held", Held.UNKNOWN: "not stated"}
CONTEXT = {Held.YES: "yes", Held.NO: "no", Held.MAYBE: "depends", Held.UNKNOWN: "not stated"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrototypeFact:
    """One distinct prototype; `scope` is its C namespace, None where Sphinx's C domain cannot read or hold it."""

    text: str
    raw: str = field(compare=False)
    scope: str | None = field(compare=False)
    condition: str | None = None
    repair: str | None = None
    citations: tuple[Citation, ...] = field(compare=False, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFact:
    """One cell of a locking table, or a sentence: header and cell as written, reading in words, canonical locks."""

    lock: str
    cell: str
    reading: str
    subjects: tuple[str, ...] = ()
    context: bool = False
    citation: Citation = field(compare=False)
    readings: tuple[Reading, ...] = field(compare=False, default=())
    sentence: bool = False  # no cell of a table: `cell` is the sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class OpFacts:
    """An op at the versions `labels` (oldest first); its texts are those of the newest."""

    struct: str
    op: str
    labels: tuple[str, ...] = field(compare=False)
    prototypes: tuple[PrototypeFact, ...] = ()
    rules: tuple[RuleFact, ...] = ()
    blanket_texts: tuple[tuple[str, bool], ...] = ()  # of `blankets`, for equality
    has_row: bool = False
    contradictions: tuple[ContradictionView, ...] = ()
    drift: tuple[DriftView, ...] = ()
    has_locking: bool = True  # whether one of the versions has a Locking document
    blankets: tuple[BlanketView, ...] = field(compare=False, default=())
    obligations: tuple[ObligationView, ...] = field(compare=False, default=())
    notes: tuple[TextView, ...] = field(compare=False, default=())
    descriptions: tuple[TextView, ...] = field(compare=False, default=())
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
    def rows(self) -> tuple[RuleFact, ...]:
        """The rules about locks, then those about the context."""
        return tuple(sorted(self.rules, key=lambda rule: rule.context))

    @property
    def subjects(self) -> tuple[str, ...]:
        """The canonical locks its rules name, each once."""
        return tuple(dict.fromkeys(subject for rule in self.rules for subject in rule.subjects))

    @property
    def drift_by_statement(self) -> tuple[tuple[DriftView, tuple[Citation, ...]], ...]:
        """The drift, what several documents have in common once."""
        return tuple(by_statement(self.drift))

    def scopes_of(self, prototype: PrototypeFact) -> tuple[str, ...]:
        """The C namespaces of a prototype: its own; the newest version's has it for the older versions, too."""
        if prototype.scope is None:
            return ()
        if prototype.scope != namespace(self.label, self.struct):
            return (prototype.scope,)
        return tuple(namespace(label, self.struct) for label in reversed(self.labels))


def op_facts(op: OpState, state: VersionState, drift: Iterable[Drift] = ()) -> OpFacts:
    """The facts of one op at the version of `state`, with its drift.

    A bundled description is left out: it has nothing but the rules in it, which are facts of their own.
    """
    blankets = tuple(blanket(cited, op.name) for cited in op.inherited)
    return OpFacts(
        struct=op.struct,
        op=op.name,
        labels=(op.version,),
        prototypes=_prototypes(op),
        rules=tuple(_rule(cited) for cited in (*op.rules, *op.prose) if cited.record.cell.strip()),
        obligations=tuple(map(obligation, op.obligations)),
        blanket_texts=tuple((each.text, each.excepted) for each in blankets),
        blankets=blankets,
        has_row=op.has_row,
        contradictions=contradiction_views(op),
        drift=drift_views(drift),
        has_locking=state.has(LOCK_TABLES),
        notes=tuple(map(text_view, op.notes)),
        descriptions=tuple(text_view(cited) for cited in op.descriptions if not cited.document.bundled),
        kinds=frozenset(cited.document.kind for cited in (*op.prototypes, *op.rules)),
        summary=op.summary.record.text if op.summary else None,
    )


def merged(facts: Iterable[OpFacts]) -> tuple[OpFacts, ...]:
    """The facts of one op (oldest version first) with equal neighbours as one, newest first."""
    groups = [list(group) for _, group in groupby(facts, key=lambda each: (parse_version(each.label).family, each))]
    return tuple(replace(group[-1], labels=tuple(f.label for f in group)) for group in reversed(groups))


def reading_words(readings: Sequence[Reading]) -> str:
    """A reading in words: "held, exclusive; both; unlocks it; if O_CREAT is set"."""
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
    record, sentence = cited.record, isinstance(cited.record, ProseRule)
    return RuleFact(
        lock=record.lock,
        cell=record.cell,
        reading="a remark" if is_remark_column(record.lock) else reading_words(record.readings),
        subjects=tuple(dict.fromkeys(r.subject for r in record.readings if r.subject and not r.context)),
        context=record.is_context,
        citation=cite(cited),
        readings=record.readings,
        sentence=sentence,
    )


def _prototypes(op: OpState) -> tuple[PrototypeFact, ...]:
    """The distinct prototypes, in the documents' order."""
    facts: dict[tuple[str, str | None], PrototypeFact] = {}
    scopes: set[str] = set()
    for cited in op.prototypes:
        key = (cited.record.text, cited.record.condition)
        if key in facts:
            facts[key] = replace(facts[key], citations=(*facts[key].citations, cite(cited)))
        else:
            facts[key] = _prototype(cited, op, scopes)
    return tuple(facts.values())


def _prototype(cited: Cited[Prototype], op: OpState, scopes: set[str]) -> PrototypeFact:
    """Its scope is the struct's, or below it the document's if another document has a different prototype.

    There the name of the struct, as a type of a parameter, leads to the struct.
    """
    record = cited.record
    document = cited.path.rpartition("/")[2]
    wanted = (namespace(op.version, op.struct), namespace(op.version, op.struct, document))
    scope = next((name for name in wanted if name not in scopes), None) if declares(record.text, record.op) else None
    if scope is not None:
        scopes.add(scope)
    return PrototypeFact(
        text=record.text,
        raw=record.raw,
        scope=scope,
        condition=record.condition,
        repair=record.repair,
        citations=(cite(cited),),
    )


def declares(text: str, name: str) -> bool:
    """Whether the C domain of our Sphinx extension reads the text, without a repair, as a declaration of the name."""
    try:
        declaration = parse_declaration(text)
    except DeclarationError:
        return False
    return declaration.repair is None and not declaration.annotations and declaration.name == name
