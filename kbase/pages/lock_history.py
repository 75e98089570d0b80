"""The page of a lock's history: its names, and how the rules about it changed from version to version."""

from dataclasses import dataclass
from typing import ClassVar

from kbase.diff.release_line import Event
from kbase.errors import UnknownName
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.versions import main_family
from kbase.model.witnesses import LOCK_TABLES
from kbase.pages.change_views import CHANGE_COLUMNS
from kbase.pages.changes import ChangeGroup, change_groups
from kbase.pages.parts import Link, Page, plural


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenName:
    """A name of the lock as documents write it, with the versions that do."""

    name: str
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockEvent:
    """The changes of one range of versions, by op; `href` leads to the same in the comparison of the two."""

    title: str
    href: str
    ops: tuple[ChangeGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockHistoryPage(Page):
    """The history of a lock."""

    TABLE: ClassVar[str | None] = f"events.ops.changes step=title {CHANGE_COLUMNS}"

    subject: str
    lock: Link
    names: tuple[WrittenName, ...]
    ops: int  # that ever had a rule about it
    exact: tuple[int, int]  # how many of its dates name a single release, of how many
    events: tuple[LockEvent, ...]  # newest first


def lock_history_page(kb: KnowledgeBase, subject: str) -> LockHistoryPage:
    """The page of a lock's history, given by any of its names.

    Raises:
        UnknownName: no rule is about such a lock; with near names.
    """
    history = kb.lock_history(subject)
    labels = kb.labels(main_family(label for _, found in history.names for label in found))
    canonical = history.subject
    if not history.ops:
        raise UnknownName(f"no rule is about a lock {subject}")
    return LockHistoryPage(
        title=f"History of {canonical}",
        address=addresses.lock_history_address(canonical),
        about=f"How its rules about {plural(len(history.ops), 'op')} changed in {plural(len(labels), 'version')}.",
        subject=canonical,
        lock=Link(text=canonical, href=addresses.lock_address(canonical)),
        names=tuple(WrittenName(name=name, versions=kb.ranges(found, LOCK_TABLES)) for name, found in history.names),
        ops=len(history.ops),
        exact=history.exact,
        events=tuple(
            [_event(event, canonical, f", in {event.range.by} only") for event in reversed(history.branches)]
            + [_event(event, canonical) for event in reversed(history.events)]
        ),
    )


def _event(event: Event, subject: str, where: str = "") -> LockEvent:
    old, new = event.range.after or event.range.by, event.range.by
    return LockEvent(
        title=f"{event.range.title}{where}",
        href=f"{addresses.diff_address(old, new)}?lock={subject}",
        ops=change_groups(event.changes, old, new),
    )
