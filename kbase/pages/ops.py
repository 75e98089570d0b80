"""The page of one op at one version: what is held, may it block, what changed last, and everything else."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from kbase.diff import Severity
from kbase.diff.history import OpHistory
from kbase.kernel.blocking import blocking
from kbase.kernel.exact_names import core_ops, is_called
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.records import NoteKind, Parameter, Prototype, Reading
from kbase.model.states import Cited, OpState, TableState
from kbase.model.versions import parse_version
from kbase.pages import parts
from kbase.pages import version_strips as strips
from kbase.pages.changes import ChangeView, change_view, gravest_first
from kbase.pages.mentions import ops_named
from kbase.pages.parts import BlanketView, Cell, Chip, Citation, Link, Page, TextView, cite
from kbase.pages.removed_ops import Gone, gone
from kbase.pages.version_strips import Stop


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
    """May the op block, and what says so; `inherited` where it is a rule of the whole table."""

    chips: tuple[Chip, ...]
    text: str
    inherited: bool
    citation: Citation


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
    """What changed last before or at this version."""

    old: str
    new: str
    href: str
    changes: tuple[ChangeView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Quoted lines of a document, byte for byte, and the facts that they prove."""

    facts: tuple[str, ...]
    quote: str
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A porting entry, a design note or a commit that names an op: its page, and the lines that it stands on."""

    text: str
    href: str
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class OpPage(Page):
    """One op at one version."""

    version: str
    struct: str
    name: str
    dotted: str
    table: Link
    summary: TextView | None
    prototypes: tuple[PrototypeView, ...]
    locks: tuple[Cell, ...]
    has_row: bool  # a row in a locking table, be all its cells blank
    blocks: BlockAnswer | None
    context: tuple[Cell, ...]
    notes: tuple[NoteView, ...]
    inherited: tuple[BlanketView, ...]
    table_notes: tuple[TextView, ...]
    descriptions: tuple[TextView, ...]
    flags: tuple[FlagView, ...]
    last_change: LastChange | None
    gone: Gone | None
    history: str
    mentions: tuple[Mention, ...]
    proofs: tuple[Proof, ...]
    ops: tuple[Link, ...]  # of the same table
    strip: tuple[Stop, ...]


def op_page(kb: KnowledgeBase, version: str, struct: str, name: str) -> OpPage:
    """The page of an op.

    Raises:
        UnknownName: no such version, ops table or op, with near names.
    """
    op = kb.op(version, struct, name)
    table = kb.table(version, struct)
    life = kb.history(struct, op.name, parse_version(version).family)
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
        locks=tuple(parts.cell_of(op, rule) for rule in op.rules if parts.about_a_lock(rule.record)),
        has_row=op.has_row,
        blocks=block_answer(op),
        context=tuple(parts.cell_of(op, rule) for rule in op.rules if not parts.about_a_lock(rule.record)),
        notes=tuple(
            NoteView(kind=note.record.kind, text=note.record.text, ops=note.record.ops, citation=cite(note))
            for note in op.notes
        ),
        inherited=tuple(parts.blanket(rule, op.name) for rule in op.inherited),
        table_notes=tuple(parts.text_view(note) for note in table.notes),
        descriptions=tuple(parts.text_view(text) for text in op.descriptions),
        flags=tuple(
            FlagView(
                name=flag.record.name,
                text=flag.record.text,
                href=addresses.flag_address(version, flag.record.name),
                citation=cite(flag),
            )
            for flag in op.flags
        ),
        last_change=_last_change(kb, life, version),
        gone=gone(kb, life),
        history=addresses.history_address(struct, op.name),
        mentions=_mentions(kb, version, op),
        proofs=_proofs(kb, op),
        ops=sibling_links(table),
        strip=_strip(kb, op, _turning_points(life)),
    )


def prototypes(cited: Iterable[Cited[Prototype]]) -> tuple[PrototypeView, ...]:
    """The prototypes, those that differ in parameter names only as one: the one with the most names."""
    groups: dict[object, list[Cited[Prototype]]] = {}
    for prototype in cited:
        record = prototype.record
        key = record.returns, tuple(p.type for p in record.parameters), record.condition, record.malformed
        groups.setdefault(key, []).append(prototype)
    return tuple(_prototype(group) for group in groups.values())


def _prototype(group: list[Cited[Prototype]]) -> PrototypeView:
    best = max(group, key=lambda cited: sum(p.name is not None for p in cited.record.parameters)).record
    return PrototypeView(
        text=best.text,
        raw=best.raw,
        returns=best.returns,
        parameters=best.parameters,
        condition=best.condition,
        malformed=best.malformed,
        repair=best.repair,
        citations=tuple(cite(cited) for cited in group),
    )


def block_answer(op: OpState) -> BlockAnswer | None:
    """May the op block, as chips and the words that say so; None where nothing says it."""
    answer = blocking(op)
    if answer is None:
        return None
    chips = parts.reading_chips(Reading(subject=None, held=answer.held, context=True))
    text = parts.beyond(answer.text, chips)
    return BlockAnswer(chips=chips, text=text, inherited=answer.inherited, citation=cite(answer.source))


def sibling_links(table: TableState) -> tuple[Link, ...]:
    """The ops of a table, in its order."""
    return tuple(Link(text=op.name, href=addresses.op_address(table.version, table.name, op.name)) for op in table.ops)


def _turning_points(life: OpHistory) -> frozenset[str]:
    """The versions with a change that an implementation must heed."""
    grave = (Severity.BREAKING, Severity.BEHAVIOUR)
    return frozenset(
        event.range.by for event in life.events if any(change.severity in grave for change in event.changes)
    )


def _last_change(kb: KnowledgeBase, life: OpHistory, version: str) -> LastChange | None:
    """The newest changes that this version or an older one has; where they are told in full."""
    labels = kb.labels(parse_version(version).family)
    past = [event for event in life.events if labels.index(event.range.by) <= labels.index(version)]
    if not past:
        return None
    old, new = past[-1].range.after or past[-1].range.by, past[-1].range.by
    return LastChange(
        old=old,
        new=new,
        href=addresses.history_address(life.struct, life.op)
        if kb.history(life.struct, life.op).versions == life.versions
        else addresses.diff_address(old, new, life.struct),  # of another family than the history
        changes=tuple(change_view(change, old, new) for change in gravest_first(past[-1].changes)),
    )


def _strip(kb: KnowledgeBase, op: OpState, changed: Collection[str]) -> tuple[Stop, ...]:
    held, tables = strips.holding(kb, "op", op.dotted), strips.holding(kb, "struct", op.struct)

    def place(label: str) -> str | None:
        return addresses.op_address(label, op.struct, op.name) if label in held else None

    def fallback(label: str) -> str:
        return addresses.table_address(label, op.struct) if label in tables else addresses.version_address(label)

    return strips.strip(strips.relatives(kb, op.version), op.version, place, fallback, changed)


def _mentions(kb: KnowledgeBase, version: str, op: OpState) -> tuple[Mention, ...]:
    """Porting entries, design notes and commits that name the op."""
    found: dict[str, Mention] = {}
    core = core_ops(kb.state(version))

    def names(called: Iterable[str]) -> bool:
        return any(is_called(name, op.struct, op.name, core) for name in called)

    for state in (kb.state(version), kb.loose):
        for entry in state.porting:
            if names(entry.record.ops):
                text = f"porting, {entry.record.tag}: {parts.headline(entry.record.text)}"
                href = addresses.porting_address(entry.record.slug)
                found[href] = Mention(text=text, href=href, citation=cite(entry))
        for note in state.notes:
            if names(note.record.ops):
                href = addresses.note_address(note.record.slug)
                found[href] = Mention(text=f"note: {note.record.title}", href=href, citation=cite(note))
        for commit in state.commits:
            message = f"{commit.record.subject}\n{commit.record.body}"
            if op.name in message and names(ops_named(message)):
                href = addresses.commit_address(commit.record.key)
                found[href] = Mention(text=f"commit: {commit.record.subject}", href=href, citation=cite(commit))
    return tuple(found.values())


def _proofs(kb: KnowledgeBase, op: OpState) -> tuple[Proof, ...]:
    """The lines that prove what the page says, each quoted once, in the documents' order."""
    facts: dict[tuple[str, int, int], list[str]] = {}
    cited: dict[tuple[str, int, int], Cited[Any]] = {}
    for name, record in _facts(op):
        key = record.path, record.evidence.first, record.evidence.last
        facts.setdefault(key, []).append(name)
        cited[key] = record
    return tuple(
        Proof(
            facts=tuple(dict.fromkeys(facts[key])),
            quote=kb.quote(cited[key].evidence.blob, key[1], key[2]),
            citation=cite(cited[key]),
        )
        for key in sorted(facts)
    )


def _facts(op: OpState) -> Iterator[tuple[str, Cited[Any]]]:
    yield from (("prototype", cited) for cited in op.prototypes)
    yield from ((f"{rule.record.lock}: {rule.record.cell or 'blank'}", rule) for rule in op.rules)
    yield from (("rule for the whole table", cited) for cited in op.inherited)
    yield from ((cited.record.kind, cited) for cited in op.notes)
    yield from (("description", cited) for cited in op.descriptions)
    yield from ((f"flag {cited.record.name}", cited) for cited in op.flags)
