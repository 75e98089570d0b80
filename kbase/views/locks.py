"""The pages by lock: which ops are called with it, held how, in which versions."""

from collections.abc import Iterator
from dataclasses import dataclass

from kbase import addresses
from kbase.errors import UnknownName
from kbase.kb import KnowledgeBase
from kbase.records import LockRule, Reading
from kbase.state import Cited, OpState
from kbase.versions import collapse
from kbase.views import parts
from kbase.views.near import near
from kbase.views.parts import Chip, Citation, Link, Page, cite, plural


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
    """How an op is called with the lock, in which versions (collapsed), as the newest of them says it."""

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
class LockPage(Page):
    """One lock."""

    subject: str
    names: tuple[str, ...]  # as written, newest first
    versions: tuple[str, ...]
    newest: str
    groups: tuple[LockGroup, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """One reading of one cell about a lock."""

    version: str
    op: OpState
    rule: Cited[LockRule]
    reading: Reading


def lock_uses(kb: KnowledgeBase) -> dict[str, list[Use]]:
    """Every reading by canonical lock, oldest version first."""
    uses: dict[str, list[Use]] = {}
    for use in _readings(kb):
        if use.reading.subject:
            uses.setdefault(use.reading.subject, []).append(use)
    return uses


def _readings(kb: KnowledgeBase) -> Iterator[Use]:
    for label in kb.labels():
        for op in kb.state(label).ops.values():
            for rule in op.locks:
                for reading in rule.record.readings:
                    yield Use(label, op, rule, reading)


def locks_page(kb: KnowledgeBase) -> LocksPage:
    """The list of locks: those of the newest version first, then by the number of their ops."""
    labels = kb.labels()
    lines = [_line(labels, subject, uses) for subject, uses in lock_uses(kb).items()]
    lines.sort(key=lambda line: (-labels.index(line.newest), -line.ops, line.subject))
    return LocksPage(
        title="Locks",
        address="/locks/",
        about=f"{plural(len(lines), 'lock')} that the documents name, by their canonical names.",
        locks=tuple(lines),
    )


def _line(labels: tuple[str, ...], subject: str, uses: list[Use]) -> LockLine:
    newest = uses[-1].version
    counts: dict[Chip, int] = {}
    current = [use for use in uses if use.version == newest]
    for use in current:
        chip = _held_chip(use)
        counts[chip] = counts.get(chip, 0) + 1
    return LockLine(
        subject=subject,
        href=addresses.lock_address(subject),
        names=_names(uses),
        versions=_versions(uses, labels),
        newest=newest,
        ops=len({use.op.dotted for use in current}),
        counts=tuple(sorted(counts.items(), key=lambda item: _rank(item[0]))),
    )


def _names(uses: list[Use]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(use.rule.record.lock for use in reversed(uses)))


def _versions(uses: list[Use], labels: tuple[str, ...]) -> tuple[str, ...]:
    return collapse(tuple({use.version for use in uses}), labels)


def _held_chip(use: Use) -> Chip:
    return parts.reading_chips(use.reading, not use.rule.record.cell)[0]


def _rank(chip: Chip) -> tuple[int, str]:
    order = (
        parts.Tone.EXCLUSIVE,
        parts.Tone.SHARED,
        parts.Tone.EITHER,
        parts.Tone.YES,
        parts.Tone.MAYBE,
        parts.Tone.EFFECT,
        parts.Tone.NO,
        parts.Tone.UNKNOWN,
    )
    return order.index(chip.tone), chip.word


def lock_page(kb: KnowledgeBase, subject: str) -> LockPage:
    """The page of a lock.

    Raises:
        UnknownName: no document held names such a lock; with near names.
    """
    all_uses = lock_uses(kb)
    if subject not in all_uses:
        names = ", ".join(near(subject, all_uses))
        raise UnknownName(f"no lock {subject}", advice=f"did you mean {names}?" if names else "see /locks/")
    uses = all_uses[subject]
    labels = kb.labels()
    newest = uses[-1].version
    return LockPage(
        title=f"Lock {subject}",
        address=addresses.lock_address(subject),
        about=f"Which ops are called with {subject} held, how, and in which versions.",
        subject=subject,
        names=_names(uses),
        versions=_versions(uses, labels),
        newest=newest,
        groups=_groups(uses, newest, labels),
    )


def _groups(uses: list[Use], newest: str, labels: tuple[str, ...]) -> tuple[LockGroup, ...]:
    by_op: dict[str, list[Use]] = {}
    for use in uses:
        by_op.setdefault(use.op.dotted, []).append(use)
    groups: dict[Chip | None, list[LockUse]] = {}
    for op_uses in by_op.values():
        last = op_uses[-1]
        chip = _held_chip(last) if last.version == newest else None
        groups.setdefault(chip, []).append(_use(op_uses, labels))
    ordered = sorted(groups, key=lambda chip: _rank(chip) if chip else (len(parts.Tone), ""))
    return tuple(LockGroup(chip=chip, uses=tuple(sorted(groups[chip], key=_place))) for chip in ordered)


def _place(use: LockUse) -> tuple[str, str]:
    return use.struct, use.name


def _use(uses: list[Use], labels: tuple[str, ...]) -> LockUse:
    newest = uses[-1].op
    spans: dict[tuple[Chip, ...], list[Use]] = {}
    for use in reversed(uses):
        chips = parts.reading_chips(use.reading, not use.rule.record.cell)
        spans.setdefault(chips, []).append(use)
    return LockUse(
        op=Link(text=newest.dotted, href=addresses.op_address(newest.version, newest.struct, newest.name)),
        struct=newest.struct,
        name=newest.name,
        spans=tuple(
            LockSpan(
                versions=_versions(held, labels),
                newest=held[0].version,
                lock=held[0].rule.record.lock,
                text=held[0].rule.record.cell,
                chips=chips,
                citation=cite(held[0].rule),
            )
            for chips, held in spans.items()
        ),
    )
