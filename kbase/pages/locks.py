"""The pages by lock: which ops are called with it, how it is held, in which versions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from typing import ClassVar

from kbase.errors import UnknownName
from kbase.kernel.locks import name_under
from kbase.knowledge.answers import LockFacts
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.records import BlanketRule, LockOrder, LockRule, ProseRule, Reading
from kbase.model.states import Cited
from kbase.model.versions import main_family, parse_version, version_key
from kbase.model.witnesses import LOCK_TABLES
from kbase.pages import lock_cells
from kbase.pages.lock_order import OrdersOfLock, orders_of_lock
from kbase.pages.parts import BlanketView, Chip, Citation, Link, Page, Tone, cite, plural


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

    TABLE: ClassVar[str | None] = "locks lock=subject ops held=counts as_of=newest versions written=names"

    locks: tuple[LockLine, ...]
    order: Link | None  # the order in which they are taken, at the newest version that states one


@dataclass(frozen=True, slots=True, kw_only=True)
class LockSpan:
    """How an op is called with the lock, by the same words in all these versions; cited in the newest."""

    versions: tuple[str, ...]
    newest: str
    lock: str
    text: str
    chips: tuple[Chip, ...]
    sentence: bool  # no cell of a table
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
    """A rule over a whole ops table about the lock, in the same words in all these versions; cited in the newest."""

    table: Link
    version: str  # the newest
    versions: tuple[str, ...]
    rule: BlanketView


@dataclass(frozen=True, slots=True, kw_only=True)
class LockPage(Page):
    """A lock: the ops that are called with it, grouped by how it is held, and the rules over whole tables about it."""

    TABLE: ClassVar[str | None] = "groups.uses.spans struct op=name held=chips column=lock cell=text versions citation"

    subject: str
    history: str  # its page
    names: tuple[str, ...]  # as written, newest first
    versions: tuple[str, ...]
    newest: str
    groups: tuple[LockGroup, ...]
    blankets: tuple[TableRule, ...]
    orders: OrdersOfLock | None  # the order in which it and other locks are taken


@dataclass(frozen=True, slots=True)
class Use:
    """One reading of one cell about a lock."""

    version: str
    rule: Cited[LockRule]
    reading: Reading

    @property
    def sentence(self) -> bool:
        return isinstance(self.rule.record, ProseRule)

    @property
    def chips(self) -> tuple[Chip, ...]:
        return lock_cells.reading_chips(self.reading, not self.rule.record.cell)


def locks_page(kb: KnowledgeBase) -> LocksPage:
    """The list of locks: those of the newest version first, then by the number of their ops."""
    ages = {label: age for age, label in enumerate(kb.newest_first)}
    lines = [_line(kb, subject, written) for subject, written in kb.written_locks().items()]
    lines.sort(key=lambda line: (ages[line.newest], -line.ops, line.subject))
    return LocksPage(
        title="Locks",
        address="/locks/",
        about=f"{plural(len(lines), 'lock')} that the documents name, by their canonical names.",
        locks=tuple(lines),
        order=_order_link(kb),
    )


def _order_link(kb: KnowledgeBase) -> Link | None:
    stating = kb.records(LockOrder)
    label = next((label for label in kb.newest_first if label in stating), next(iter(kb.newest_first), None))
    return Link(text=f"Lock order in {label}", href=addresses.lock_order_address(label)) if label else None


def _line(kb: KnowledgeBase, subject: str, written: Mapping[str, Iterable[str]]) -> LockLine:
    """A lock in the list; `written` has the headers of the rules about it, by version."""
    family = main_family(written)
    labels = [label for label in written if parse_version(label).family == family]
    uses = _uses(kb.lock(subject, labels[-1]), family)
    chips = Counter(_leading(of_op).chips[0] for of_op in uses.values())
    return LockLine(
        subject=subject,
        href=addresses.lock_address(subject),
        names=tuple(dict.fromkeys(name_under(header, subject) for headers in written.values() for header in headers)),
        versions=kb.ranges(labels, LOCK_TABLES),
        newest=labels[-1],
        ops=len(uses),
        counts=tuple((chip, chips[chip]) for chip in sorted(chips, key=lock_cells.rank)),
    )


def lock_page(kb: KnowledgeBase, subject: str) -> LockPage:
    """The page of a lock, given by any of its names.

    Raises:
        UnknownName: no rule is about such a lock; with near names.
    """
    page = _page(kb, subject)
    if page is None:
        raise UnknownName(f"no rule is about a lock {subject}")
    return page


def _page(kb: KnowledgeBase, subject: str) -> LockPage | None:
    """The page of a lock; None where only blanket rules are about it.

    It is about the versions of linux, or where no rule of a kernel is about the lock, about those of another family.
    """
    facts = kb.lock(subject)
    family = main_family(version for by_version in facts.ops.values() for version in by_version)
    labels, by_op = kb.labels(family), _uses(facts, family)
    if not by_op:
        return None
    newest = max((uses[-1].version for uses in by_op.values()), key=labels.index)
    return LockPage(
        title=f"Lock {facts.subject}",
        address=addresses.lock_address(facts.subject),
        about=f"Which ops are called with {facts.subject} held, how, and in which versions.",
        subject=facts.subject,
        history=addresses.lock_history_address(facts.subject),
        names=facts.written,
        versions=kb.ranges({use.version for uses in by_op.values() for use in uses}, LOCK_TABLES),
        newest=newest,
        groups=_groups(kb, by_op, newest),
        blankets=tuple(_table_rules(kb, facts.blankets)),
        orders=orders_of_lock(kb, facts.subject),
    )


def _uses(facts: LockFacts, family: str) -> dict[str, list[Use]]:
    """The readings about the lock by op, those of the oldest version first; of a version, cells before sentences."""
    found: dict[str, list[Use]] = {}
    for op, by_version in facts.ops.items():
        for version, rules in by_version.items():
            readings = ((rule, reading) for rule in rules for reading in rule.record.readings)
            uses = [Use(version, *each) for each in readings if each[1].subject == facts.subject]
            uses.sort(key=lambda use: use.sentence)
            if uses and parse_version(version).family == family:
                found.setdefault(op, []).extend(uses)
    return found


def _table_rules(kb: KnowledgeBase, by_version: Mapping[str, Sequence[Cited[BlanketRule]]]) -> Iterator[TableRule]:
    """The rules over whole tables, the newest first."""
    found: dict[tuple[str, str], list[tuple[str, Cited[BlanketRule]]]] = {}
    for version in sorted(by_version, key=version_key, reverse=True):
        for rule in by_version[version]:
            found.setdefault((rule.record.struct, rule.record.text), []).append((version, rule))
    for (struct, _), uses in found.items():
        version, rule = uses[0]
        yield TableRule(
            table=Link(text=struct, href=addresses.table_address(version, struct)),
            version=version,
            versions=kb.ranges({version for version, _ in uses}, LOCK_TABLES),
            rule=lock_cells.blanket(rule),
        )


def _groups(kb: KnowledgeBase, by_op: dict[str, list[Use]], newest: str) -> tuple[LockGroup, ...]:
    groups: dict[Chip | None, list[LockUse]] = {}
    for uses in by_op.values():
        chip = _leading(uses).chips[0] if uses[-1].version == newest else None
        groups.setdefault(chip, []).append(_use(kb, uses))
    ordered = sorted(groups, key=lambda chip: lock_cells.rank(chip) if chip else (len(Tone), ""))
    return tuple(
        LockGroup(chip=chip, uses=tuple(sorted(groups[chip], key=lambda use: (use.struct, use.name))))
        for chip in ordered
    )


def _leading(uses: Sequence[Use]) -> Use:
    """What the newest version says first."""
    return next(use for use in uses if use.version == uses[-1].version)


def _use(kb: KnowledgeBase, uses: list[Use]) -> LockUse:
    rule = uses[-1].rule.record
    spans: dict[tuple[tuple[Chip, ...], str, str], list[Use]] = {}
    by_version = [list(group) for _, group in groupby(uses, key=lambda use: use.version)]
    for use in chain.from_iterable(reversed(by_version)):
        spans.setdefault((use.chips, use.rule.record.lock, use.rule.record.cell), []).append(use)
    return LockUse(
        op=Link(text=f"{rule.struct}.{rule.op}", href=addresses.op_address(uses[-1].version, rule.struct, rule.op)),
        struct=rule.struct,
        name=rule.op,
        spans=tuple(
            LockSpan(
                versions=kb.ranges({use.version for use in found}, LOCK_TABLES),
                newest=found[0].version,
                lock=lock,
                text=cell,
                chips=chips,
                sentence=found[0].sentence,
                citation=cite(found[0].rule),
            )
            for (chips, lock, cell), found in spans.items()
        ),
    )
