"""The page of one op at one version: locks held, may it block, last change, notes, evidence."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from kbase.diff.changes import Severity
from kbase.diff.history import OpHistory
from kbase.kernel.blocking import blocking
from kbase.kernel.c_types import canonical_type
from kbase.kernel.locks import RCU_WALK
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.records import LockRule, NoteKind, Obligation, Parameter, Prototype, Reading
from kbase.model.states import Cited, OpState, TableState
from kbase.model.versions import main_family, parse_version
from kbase.model.witnesses import LOCK_TABLES
from kbase.model.words import Action, Force
from kbase.pages import lock_cells, parts
from kbase.pages.callers import CallerView, caller_views
from kbase.pages.change_views import ChangeView, by_severity, change_view
from kbase.pages.contradictions import ContradictionView, contradiction_views
from kbase.pages.drift_views import DriftView, by_statement, drift_views
from kbase.pages.op_evidence import EvidenceView, Mention, evidence, mentions
from kbase.pages.parts import BlanketView, Cell, Chip, Citation, Link, Page, TextView, cite
from kbase.pages.removed_ops import Removal, removal
from kbase.pages.version_strips import Stop, related_versions, version_strip, versions_with


@dataclass(frozen=True, slots=True, kw_only=True)
class PrototypeView:
    """A prototype as one or several documents state it."""

    text: str  # normalised, one line
    raw: str
    returns: str
    parameters: tuple[Parameter, ...]
    condition: str | None
    malformed: bool
    repair: str | None
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockAnswer:
    """May the op block, and the rule that says so; `inherited` where it is a rule of the whole table."""

    chips: tuple[Chip, ...]
    text: str
    inherited: bool
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationView:
    """What the implementation must take, drop, call or return, and the sentence that says so."""

    text: str
    action: Action
    force: Force
    what: str
    subject: str | None
    href: str | None  # the page of the lock
    condition: str | None
    citation: Citation

    def __str__(self) -> str:
        """`must take i_rwsem, if it changes the size`."""
        verb = self.action.value.removesuffix("s")
        return f"{self.force} {verb} {self.what}{f', {self.condition}' if self.condition else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteView:
    """A paragraph, remark or footnote about the op."""

    kind: NoteKind
    text: str
    ops: tuple[str, ...]
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagView:
    """A flag that belongs to the op."""

    name: str
    text: str
    href: str
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class LastChange:
    """The last change before or at this version."""

    old: str
    new: str
    href: str
    changes: tuple[ChangeView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpPage(Page):
    """One op at one version."""

    TABLE: ClassVar[str | None] = "evidence facts text=quote citation last_line=citation.last"

    version: str
    struct: str
    name: str
    dotted: str
    table: Link
    summary: TextView | None
    prototypes: tuple[PrototypeView, ...]
    locks: tuple[Cell, ...]  # cells of its row, then sentences
    has_row: bool  # a row in a locking table, be all its cells blank
    has_locking: bool  # whether the version has a Locking document
    blocks: BlockAnswer | None
    context: tuple[Cell, ...]
    rcu_walk: tuple[Cell, ...]  # whether it may be called in RCU walk, where nothing may block
    obligations: tuple[ObligationView, ...]
    contradictions: tuple[ContradictionView, ...]
    drift: tuple[DriftView, ...]  # where documents and the header disagree about it
    notes: tuple[NoteView, ...]
    inherited: tuple[BlanketView, ...]
    table_notes: tuple[TextView, ...]
    descriptions: tuple[TextView, ...]
    flags: tuple[FlagView, ...]
    last_change: LastChange | None
    removal: Removal | None
    history: str
    mentions: tuple[Mention, ...]
    evidence: tuple[EvidenceView, ...]
    ops: tuple[Link, ...]  # of the same table
    strip: tuple[Stop, ...]
    callers: tuple[CallerView, ...] | None  # None where no code of the version was read

    @property
    def without_locks(self) -> str:
        """Why no lock is shown."""
        if self.has_row:
            return "its row in the locking table is blank"
        if self.has_texts:
            return "no table row; see the notes"
        return (
            "no locking table has a row for it"
            if self.has_locking
            else f"no Locking document of {self.version} is available"
        )

    @property
    def has_texts(self) -> bool:
        """Whether a document says something of the op in words, which may be a rule that could not be read."""
        return bool(self.notes or any(description.text for description in self.descriptions))

    @property
    def table_rules(self) -> tuple[BlanketView, ...]:
        """The rules over its table that say something of locks."""
        return tuple(rule for rule in self.inherited if rule.lock_rule)

    @property
    def other_table_rules(self) -> tuple[BlanketView, ...]:
        """The rules over its table that are shown neither with the locks nor as the answer about blocking."""
        answered = self.blocks.citation if self.blocks else None
        return tuple(rule for rule in self.inherited if not rule.lock_rule and rule.citation != answered)

    @property
    def drift_by_statement(self) -> tuple[tuple[DriftView, tuple[Citation, ...]], ...]:
        """The drift, what several documents have in common once."""
        return tuple(by_statement(self.drift))


def op_page(kb: KnowledgeBase, version: str, struct: str, name: str) -> OpPage:
    """The page of an op.

    Raises:
        UnknownName: no such version, ops table or op, with near names.
    """
    op = kb.op(version, struct, name)
    table = kb.table(version, struct)
    history = kb.history(struct, op.name, parse_version(version).family)
    callers = kb.callers(version, struct, op.name)
    return OpPage(
        title=f"{op.dotted} in {version}",
        address=addresses.op_address(version, struct, op.name),
        about=op.summary.record.text if op.summary else f"Prototype, lock rules and notes of {op.dotted} in {version}.",
        version=version,
        struct=struct,
        name=op.name,
        dotted=op.dotted,
        table=Link(text=struct, href=addresses.table_address(version, struct)),
        summary=parts.text_view(op.summary) if op.summary else None,
        prototypes=prototypes(op.prototypes),
        locks=_cells(op, lambda rule: not rule.is_context),
        has_row=op.has_row,
        has_locking=kb.state(version).has(LOCK_TABLES),
        blocks=block_answer(op),
        context=_cells(op, lambda rule: rule.is_context and not _in_rcu_walk(rule)),
        rcu_walk=_cells(op, _in_rcu_walk),
        obligations=tuple(map(obligation, op.obligations)),
        contradictions=contradiction_views(op),
        drift=drift_views(kb.drift.of_version(version, struct, op.name)),
        notes=tuple(parts.view_of(NoteView, note) for note in op.notes),
        inherited=tuple(lock_cells.blanket(rule, op.name) for rule in op.inherited),
        table_notes=tuple(map(parts.text_view, table.notes)),
        descriptions=tuple(parts.text_view(cited) for cited in op.descriptions if not cited.document.bundled),
        flags=tuple(
            parts.view_of(FlagView, flag, href=addresses.flag_address(version, flag.record.name)) for flag in op.flags
        ),
        last_change=_last_change(kb, history, version),
        removal=removal(kb, history),
        history=addresses.history_address(struct, op.name),
        mentions=mentions(kb, version, op),
        evidence=evidence(kb, op),
        ops=sibling_links(table),
        strip=_strip(kb, op, history),
        callers=None if callers is None else caller_views(version, callers),
    )


def _cells(op: OpState, wanted: Callable[[LockRule], bool]) -> tuple[Cell, ...]:
    return tuple(lock_cells.cell_of(op, rule) for rule in (*op.rules, *op.prose) if wanted(rule.record))


def _in_rcu_walk(rule: LockRule) -> bool:
    return rule.is_context and rule.readings[0].subject == RCU_WALK


def obligation(cited: Cited[Obligation]) -> ObligationView:
    """An obligation with the page of the lock that it is about."""
    subject = cited.record.subject
    return parts.view_of(ObligationView, cited, href=addresses.lock_address(subject) if subject else None)


def prototypes(cited: Iterable[Cited[Prototype]]) -> tuple[PrototypeView, ...]:
    """The prototypes, those that differ in parameter names only as one: the one with the most names."""
    groups: dict[object, list[Cited[Prototype]]] = {}
    for prototype in cited:
        record = prototype.record
        types = tuple(canonical_type(each) for each in (record.returns, *(p.type for p in record.parameters)))
        key = types, record.condition, record.malformed
        groups.setdefault(key, []).append(prototype)
    return tuple(_prototype(group) for group in groups.values())


def _prototype(group: list[Cited[Prototype]]) -> PrototypeView:
    best = max(group, key=lambda cited: sum(p.name is not None for p in cited.record.parameters))
    return parts.view_of(PrototypeView, best, citations=tuple(map(cite, group)))


def block_answer(op: OpState) -> BlockAnswer | None:
    """May the op block, as chips and the words of the document; None where no rule says it."""
    answer = blocking(op)
    if answer is None:
        return None
    chips = lock_cells.reading_chips(Reading(subject=None, held=answer.held, context=True))
    text = lock_cells.beyond(answer.text, chips)
    return BlockAnswer(chips=chips, text=text, inherited=answer.inherited, citation=cite(answer.source))


def sibling_links(table: TableState) -> tuple[Link, ...]:
    """The ops of a table, in its order."""
    return tuple(Link(text=op.name, href=addresses.op_address(table.version, table.name, op.name)) for op in table.ops)


def _last_change(kb: KnowledgeBase, history: OpHistory, version: str) -> LastChange | None:
    """The newest changes up to this version, and a link to the page with all changes."""
    labels = related_versions(kb, version)
    past = [event for event in history.events if labels.index(event.range.by) <= labels.index(version)]
    if not past:
        return None
    old, new = past[-1].range.after or past[-1].range.by, past[-1].range.by
    family = parse_version(version).family
    having = (version,) if family == "linux" else versions_with(kb, "op", f"{history.struct}.{history.op}")
    return LastChange(
        old=old,
        new=new,
        href=addresses.history_address(history.struct, history.op)
        if family == main_family(having)
        else addresses.diff_address(old, new, history.struct),  # of another family than the history
        changes=tuple(change_view(change, old, new) for change in by_severity(past[-1].changes)),
    )


def _strip(kb: KnowledgeBase, op: OpState, history: OpHistory) -> tuple[Stop, ...]:
    """The versions; marked where a change is one that an implementation must follow."""
    must = (Severity.BREAKING, Severity.BEHAVIOUR)
    changed = {event.range.by for event in history.events if any(each.severity in must for each in event.changes)}
    pages = {label: addresses.op_address(label, op.struct, op.name) for label in history.versions}
    labels = related_versions(kb, op.version)
    tables = versions_with(kb, "struct", op.struct) if len(pages) < len(labels) else ()

    def otherwise(label: str) -> str:
        return addresses.table_address(label, op.struct) if label in tables else addresses.version_address(label)

    return version_strip(labels, op.version, pages, otherwise, changed)
