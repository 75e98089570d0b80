"""The pages by lock: which ops are called with it, held how, in which versions."""

from collections import Counter
from dataclasses import dataclass

from kbase.errors import UnknownName
from kbase.knowledge.knowledge_base import KnowledgeBase, LockFacts
from kbase.model import addresses
from kbase.model.records import LockRule, Reading
from kbase.model.states import Cited
from kbase.model.versions import collapse, main_family, parse_version
from kbase.pages import parts
from kbase.pages.parts import BlanketView, Chip, Citation, Link, Page, cite, plural


@dataclass(frozen=True, slots=True, kw_only=True)
class LockLine:
    """A lock in the list: its names in the documents, and how its ops are called in the newest version that has it."""

    subject: str
    href: str
    names: tuple[str, ...]
    versions: tuple[str, ...]
    newest: str
    ops: int
    counts: tuple[tuple[Chip, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocksPage(Page):
    """All locks."""

    locks: tuple[LockLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockSpan:
    """How an op is called with the lock, in the words that all these versions (collapsed) have; cited in the newest."""

    versions: tuple[str, ...]
    newest: str
    lock: str
    text: str
    chips: tuple[Chip, ...]
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class LockUse:
    """An op and the lock: its spans, newest first."""

    op: Link
    struct: str
    name: str
    spans: tuple[LockSpan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockGroup:
    """The ops that are called with the lock held in the same way."""

    chip: Chip | None  # None: no op of the newest version
    uses: tuple[LockUse, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRule:
    """What a version says about the lock for a whole ops table."""

    table: Link
    version: str
    rule: BlanketView


@dataclass(frozen=True, slots=True, kw_only=True)
class LockPage(Page):
    """One lock."""

    subject: str
    history: str  # the page of its life
    names: tuple[str, ...]  # as written, newest first
    versions: tuple[str, ...]
    newest: str
    groups: tuple[LockGroup, ...]
    blankets: tuple[TableRule, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """One reading of one cell about a lock."""

    version: str
    rule: Cited[LockRule]
    reading: Reading


def _uses(kb: KnowledgeBase, facts: LockFacts) -> tuple[dict[str, list[Use]], tuple[str, ...]]:
    """The readings about the lock by dotted op, oldest version first, and the versions held of the family they are of.

    That is linux, or where no rule of a kernel is about the lock, another one.
    """
    family = main_family(version for by_version in facts.ops.values() for version in by_version)
    uses = {
        op: [
            Use(version, rule, reading)
            for version, rules in by_version.items()
            for rule in rules
            for reading in rule.record.readings
            if reading.subject == facts.subject and parse_version(version).family == family
        ]
        for op, by_version in facts.ops.items()
    }
    return {op: found for op, found in uses.items() if found}, kb.labels(family)


def locks_page(kb: KnowledgeBase) -> LocksPage:
    """The list of locks: those of the newest version first, then by the number of their ops."""
    ages = {label: age for age, label in enumerate(kb.newest_first)}
    lines = [line for subject in kb.locks() if (line := _line(kb, kb.lock(subject)))]
    lines.sort(key=lambda line: (ages[line.newest], -line.ops, line.subject))
    return LocksPage(
        title="Locks",
        address="/locks/",
        about=f"{plural(len(lines), 'lock')} that the documents name, by their canonical names.",
        locks=tuple(lines),
    )


def _line(kb: KnowledgeBase, facts: LockFacts) -> LockLine | None:
    by_op, labels = _uses(kb, facts)
    if not by_op:
        return None
    newest = _newest(by_op, labels)
    current = [use for uses in by_op.values() for use in uses if use.version == newest]
    counts = Counter(_held_chip(use) for use in current)
    return LockLine(
        subject=facts.subject,
        href=addresses.lock_address(facts.subject),
        names=facts.written,
        versions=_versions(by_op, labels),
        newest=newest,
        ops=len({(use.rule.record.struct, use.rule.record.op) for use in current}),
        counts=tuple(sorted(counts.items(), key=lambda item: parts.rank(item[0]))),
    )


def _newest(by_op: dict[str, list[Use]], labels: tuple[str, ...]) -> str:
    return max((uses[-1].version for uses in by_op.values()), key=labels.index)


def _versions(by_op: dict[str, list[Use]], labels: tuple[str, ...]) -> tuple[str, ...]:
    return collapse(tuple({use.version for uses in by_op.values() for use in uses}), labels)


def _held_chip(use: Use) -> Chip:
    return parts.reading_chips(use.reading, not use.rule.record.cell)[0]


def lock_page(kb: KnowledgeBase, subject: str) -> LockPage:
    """The page of a lock, given by any of its names.

    Raises:
        UnknownName: no rule is about such a lock; with near names.
    """
    facts = kb.lock(subject)
    by_op, labels = _uses(kb, facts)
    if not by_op:
        raise UnknownName(f"no rule is about a lock {subject}")
    newest = _newest(by_op, labels)
    return LockPage(
        title=f"Lock {facts.subject}",
        address=addresses.lock_address(facts.subject),
        about=f"Which ops are called with {facts.subject} held, how, and in which versions.",
        subject=facts.subject,
        history=addresses.lock_history_address(facts.subject),
        names=facts.written,
        versions=_versions(by_op, labels),
        newest=newest,
        groups=_groups(by_op, newest, labels),
        blankets=tuple(
            TableRule(
                table=Link(text=rule.record.struct, href=addresses.table_address(version, rule.record.struct)),
                version=version,
                rule=parts.blanket(rule),
            )
            for version, rules in facts.blankets.items()
            for rule in rules
        ),
    )


def _groups(by_op: dict[str, list[Use]], newest: str, labels: tuple[str, ...]) -> tuple[LockGroup, ...]:
    groups: dict[Chip | None, list[LockUse]] = {}
    for uses in by_op.values():
        chip = _held_chip(uses[-1]) if uses[-1].version == newest else None
        groups.setdefault(chip, []).append(_use(uses, labels))
    ordered = sorted(groups, key=lambda chip: parts.rank(chip) if chip else (len(parts.Tone), ""))
    return tuple(LockGroup(chip=chip, uses=tuple(sorted(groups[chip], key=_place))) for chip in ordered)


def _place(use: LockUse) -> tuple[str, str]:
    return use.struct, use.name


def _use(uses: list[Use], labels: tuple[str, ...]) -> LockUse:
    struct, op = uses[-1].rule.record.struct, uses[-1].rule.record.op
    spans: dict[tuple[tuple[Chip, ...], str, str], list[Use]] = {}
    for use in reversed(uses):
        rule = use.rule.record
        chips = parts.reading_chips(use.reading, not rule.cell)
        spans.setdefault((chips, rule.lock, rule.cell), []).append(use)
    return LockUse(
        op=Link(text=f"{struct}.{op}", href=addresses.op_address(uses[-1].version, struct, op)),
        struct=struct,
        name=op,
        spans=tuple(_span(chips, held, labels) for (chips, _, _), held in spans.items()),
    )


def _span(chips: tuple[Chip, ...], held: list[Use], labels: tuple[str, ...]) -> LockSpan:
    return LockSpan(
        versions=collapse(tuple({use.version for use in held}), labels),
        newest=held[0].version,
        lock=held[0].rule.record.lock,
        text=held[0].rule.record.cell,
        chips=chips,
        citation=cite(held[0].rule),
    )
