"""The home page: available versions, ops tables, locks, latest changes."""

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

from kbase.diff.changes import Severity
from kbase.knowledge.answers import ExactDates
from kbase.knowledge.knowledge_base import KnowledgeBase, VersionInfo
from kbase.model import addresses
from kbase.model.witnesses import OP_WITNESSES
from kbase.pages.change_views import ChangeView, by_severity, change_view
from kbase.pages.changes import Step, steps_of
from kbase.pages.parts import Link, Page, plural
from kbase.pages.search import EXAMPLE_LINKS
from kbase.pages.tables import previous_diff
from kbase.sources.source import source_name

RECENT = 5  # comparisons


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
class LatestChanges:
    """The two newest versions compared."""

    old: str
    new: str
    href: str
    total: int
    severities: tuple[tuple[str, int], ...]
    changes: tuple[ChangeView, ...]  # the most severe ones


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage(Page):
    """The home page."""

    TABLE: ClassVar[str | None] = "versions version tables ops documents sources"

    examples: tuple[Link, ...]
    latest: str
    versions: tuple[VersionCard, ...]
    dates: ExactDates | None  # how many dates of changes are exact to one release; None if there are none
    tables: tuple[TableCard, ...]
    latest_changes: LatestChanges | None
    recent: tuple[Step, ...]  # the comparisons before that one, newest first
    locks: tuple[Link, ...]  # of the latest version, those of the most ops first


def home_page(kb: KnowledgeBase) -> HomePage:
    """The home page."""
    labels = kb.labels()
    latest = kb.latest() if labels else ""
    infos = {info.label: info for info in kb.versions}
    ops = sum(info.counts.get("ops", 0) for info in kb.versions)
    locks = sorted(kb.locks().values(), key=lambda lock: (-len(lock.ops), lock.subject))
    return HomePage(
        title="kbase: Linux VFS operations, prototypes and lock rules",
        address="/",
        about=f"{plural(ops, 'op')} over {plural(len(kb.versions), 'version')}, each fact with its line.",
        examples=EXAMPLE_LINKS,
        latest=latest,
        versions=tuple(_version_card(kb, infos[label]) for label in kb.newest_first),
        dates=kb.exact_dates,
        tables=_table_cards(kb, labels, latest),
        latest_changes=_latest_changes(kb, labels[: labels.index(latest) + 1] if labels else ()),
        recent=steps_of(kb.representatives())[1 : RECENT + 1],
        locks=tuple(
            Link(text=lock.subject, href=addresses.lock_address(lock.subject))
            for lock in locks
            if latest in lock.versions
        ),
    )


def _version_card(kb: KnowledgeBase, info: VersionInfo) -> VersionCard:
    return VersionCard(
        version=info.label,
        family=info.family,
        href=addresses.version_address(info.label),
        label_origin=info.label_origin,
        sources=tuple(map(source_name, info.sources)),
        documents=info.documents,
        tables=info.counts.get("tables", 0),
        ops=info.counts.get("ops", 0),
        previous=previous_diff(kb.labels(info.family), info.label),
    )


def _table_cards(kb: KnowledgeBase, labels: tuple[str, ...], latest: str) -> tuple[TableCard, ...]:
    """The ops tables of these versions: those of the latest one first, the largest before others."""
    cards = []
    for name, versions in kb.tables.items():
        if present := tuple(label for label in versions if label in labels):
            card = TableCard(
                name=name,
                href=addresses.table_address(present[-1], name),
                ops=len(kb.table(present[-1], name).ops),
                versions=kb.ranges(present, *OP_WITNESSES),
                current=present[-1] == latest,
            )
            cards.append(card)
    return tuple(sorted(cards, key=lambda card: (not card.current, -card.ops, card.name)))


def _latest_changes(kb: KnowledgeBase, labels: tuple[str, ...]) -> LatestChanges | None:
    if len(labels) < 2:
        return None
    old, new = labels[-2:]
    changes = kb.diff(old, new)
    severities = Counter(change.severity for change in changes)
    return LatestChanges(
        old=old,
        new=new,
        href=addresses.diff_address(old, new),
        total=len(changes),
        severities=tuple((str(each), severities[each]) for each in Severity if severities[each]),
        changes=tuple(change_view(change, old, new) for change in by_severity(changes) if change.op)[:14],
    )
