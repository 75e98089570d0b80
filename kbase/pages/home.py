"""The home page: where to begin, what is held, what changed last."""

from collections import Counter
from dataclasses import dataclass

from kbase.diff import Severity
from kbase.knowledge.knowledge_base import KnowledgeBase, VersionInfo
from kbase.model import addresses
from kbase.model.versions import collapse
from kbase.pages.changes import ChangeView, change_view, gravest_first
from kbase.pages.parts import Link, Page, plural
from kbase.pages.search import examples
from kbase.sources.source import source_name


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionCard:
    """A version in the list."""

    version: str
    family: str
    href: str
    label_origin: str
    sources: tuple[str, ...]
    documents: int
    tables: int
    ops: int
    previous: Link | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCard:
    """An ops table in the list: where its newest page is, and which versions have it."""

    name: str
    href: str
    ops: int
    versions: tuple[str, ...]
    current: bool  # the newest version has it


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentChanges:
    """What changed last: the two newest versions compared."""

    old: str
    new: str
    href: str
    total: int
    severities: tuple[tuple[str, int], ...]
    tables: tuple[tuple[Link, int], ...]
    changes: tuple[ChangeView, ...]  # the gravest


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage(Page):
    """The home page."""

    examples: tuple[Link, ...]
    latest: str
    versions: tuple[VersionCard, ...]
    tables: tuple[TableCard, ...]
    recent: RecentChanges | None
    locks: tuple[Link, ...]


def home_page(kb: KnowledgeBase) -> HomePage:
    """The home page."""
    labels = kb.labels()
    newest = kb.state(kb.latest()) if labels else kb.loose
    infos = {info.label: info for info in kb.versions}
    ops = sum(info.counts.get("ops", 0) for info in kb.versions)
    return HomePage(
        title="kbase: Linux VFS operations, prototypes and lock rules",
        address="/",
        about=f"{plural(ops, 'op')} over {plural(len(kb.versions), 'version')}, each fact with its line.",
        examples=examples(),
        latest=newest.label,
        versions=tuple(version_card(kb, infos[label]) for label in kb.newest_first),
        tables=_table_cards(kb),
        recent=_recent(kb, labels[: labels.index(newest.label) + 1] if labels else ()),
        locks=_locks(kb, newest.label),
    )


def version_card(kb: KnowledgeBase, info: VersionInfo) -> VersionCard:
    """A version in a list of versions."""
    labels = kb.labels(info.family)
    position = labels.index(info.label)
    old = labels[position - 1] if position else None
    return VersionCard(
        version=info.label,
        family=info.family,
        href=addresses.version_address(info.label),
        label_origin=info.label_origin,
        sources=tuple(map(source_name, info.sources)),
        documents=info.documents,
        tables=info.counts.get("tables", 0),
        ops=info.counts.get("ops", 0),
        previous=Link(text=old, href=addresses.diff_address(old, info.label)) if old else None,
    )


def _table_cards(kb: KnowledgeBase) -> tuple[TableCard, ...]:
    labels = kb.labels()
    holding = {struct: [label for label in versions if label in labels] for struct, versions in kb.tables.items()}
    cards = [_table_card(kb, name, held, labels) for name, held in holding.items() if held]
    return tuple(sorted(cards, key=_by_use))


def _by_use(card: TableCard) -> tuple[bool, int, str]:
    return not card.current, -card.ops, card.name


def _table_card(kb: KnowledgeBase, name: str, held: list[str], labels: tuple[str, ...]) -> TableCard:
    newest = held[-1]
    return TableCard(
        name=name,
        href=addresses.table_address(newest, name),
        ops=len(kb.table(newest, name).ops),
        versions=collapse(tuple(held), labels),
        current=newest == kb.latest(),
    )


def _recent(kb: KnowledgeBase, labels: tuple[str, ...]) -> RecentChanges | None:
    if len(labels) < 2:
        return None
    old, new = labels[-2:]
    changes = kb.diff(old, new)
    tables = Counter(change.struct for change in changes if change.struct)
    severities = Counter(change.severity for change in changes)
    return RecentChanges(
        old=old,
        new=new,
        href=addresses.diff_address(old, new),
        total=len(changes),
        severities=tuple((str(each), severities[each]) for each in Severity if severities[each]),
        tables=tuple(
            (Link(text=struct, href=addresses.diff_address(old, new, struct)), count)
            for struct, count in tables.most_common()
        ),
        changes=tuple(change_view(change, old, new) for change in gravest_first(changes) if change.op)[:14],
    )


def _locks(kb: KnowledgeBase, label: str) -> tuple[Link, ...]:
    subjects = Counter(
        reading.subject
        for op in kb.state(label).ops.values()
        for rule in op.locks
        for reading in rule.record.readings
        if reading.subject
    )
    return tuple(
        Link(text=subject, href=addresses.lock_address(subject)) for subject, _ in subjects.most_common() if subject
    )
