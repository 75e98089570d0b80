"""The page of a lock's life: its names, and how the rules about it changed from version to version."""

from collections.abc import Iterable
from dataclasses import dataclass

from kbase.diff import Change
from kbase.diff.release_line import Event
from kbase.errors import UnknownName
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.versions import collapse, main_family
from kbase.pages.changes import ChangeView, change_view
from kbase.pages.parts import Link, Page, plural


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenName:
    """A name of the lock as documents write it, with the versions that do."""

    name: str
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOpTurn:
    """The changes of one op's rules about the lock."""

    op: Link
    changes: tuple[ChangeView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockTurn:
    """What changed in one range of versions; `href` leads to the same in the comparison of the two."""

    title: str
    href: str
    ops: tuple[LockOpTurn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockLifePage(Page):
    """The life of a lock."""

    subject: str
    lock: Link
    names: tuple[WrittenName, ...]
    ops: int  # that ever had a rule about it
    exact: tuple[int, int]  # how many of its dates leave a single release, of how many
    turns: tuple[LockTurn, ...]  # newest first


def lock_life_page(kb: KnowledgeBase, subject: str) -> LockLifePage:
    """The page of a lock's life, given by any of its names.

    Raises:
        UnknownName: no rule is about such a lock; with near names.
    """
    life = kb.lock_history(subject)
    labels = kb.labels(main_family(label for _, found in life.names for label in found))
    canonical = life.subject
    if not life.ops:
        raise UnknownName(f"no rule is about a lock {subject}")
    return LockLifePage(
        title=f"Life of {canonical}",
        address=addresses.lock_history_address(canonical),
        about=f"How its rules about {plural(len(life.ops), 'op')} changed in {plural(len(labels), 'version')}.",
        subject=canonical,
        lock=Link(text=canonical, href=addresses.lock_address(canonical)),
        names=tuple(WrittenName(name=name, versions=collapse(found, labels)) for name, found in life.names),
        ops=len(life.ops),
        exact=life.exact,
        turns=tuple(
            [_turn(event, canonical, f", in {event.range.by} only") for event in reversed(life.branches)]
            + [_turn(event, canonical) for event in reversed(life.events)]
        ),
    )


def _turn(event: Event, subject: str, where: str = "") -> LockTurn:
    old, new = event.range.after or event.range.by, event.range.by
    by_op: dict[tuple[str, str], list[Change]] = {}
    for change in event.changes:
        by_op.setdefault((change.struct or "", change.op or ""), []).append(change)
    return LockTurn(
        title=f"{old} to {new}{where}",
        href=f"{addresses.diff_address(old, new)}?lock={subject}",
        ops=tuple(_op_turn(name, changes, old, new) for name, changes in by_op.items()),
    )


def _op_turn(name: tuple[str, str], changes: Iterable[Change], old: str, new: str) -> LockOpTurn:
    link = Link(text=".".join(name), href=addresses.history_address(*name))
    return LockOpTurn(op=link, changes=tuple(change_view(change, old, new) for change in changes))
