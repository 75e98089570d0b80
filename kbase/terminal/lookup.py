"""Which version and which of several things a user means; what is ambiguous is reported on standard error."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from kbase.errors import AmbiguousName, UnknownName
from kbase.kernel.exact_names import ThingKind
from kbase.knowledge.answers import Thing
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.terminal.printer import Printer


def versions_meant(kb: KnowledgeBase, labels: Iterable[str | None]) -> tuple[list[str], list[str]]:
    """The canonical labels of the versions meant, each once, and the notes, which go to standard error too.

    Raises:
        UnknownName: one is not available.
    """
    meant = [kb.interpret(label) for label in labels if label is not None]
    notes = list(dict.fromkeys(each.note for each in meant if each.note))
    for note in notes:
        Printer(sys.stderr).line(note)
    return list(dict.fromkeys(each.label for each in meant)), notes


def with_notes(found: dict[str, Any], notes: Sequence[str]) -> dict[str, Any]:
    """An answer with the notes about it: that it is about another version than was asked for."""
    return found | {"version_notes": list(notes)} if notes else found


def unknown(kb: KnowledgeBase, name: str, what: str) -> UnknownName:
    """The error for a name that nothing (`what`: "nothing", "no op") has, with names like it."""
    near = ", ".join(kb.near(name))
    return UnknownName(f"{what} has that name", repr(name), f"did you mean {near}?" if near else "try kbase search")


def thing_meant(kb: KnowledgeBase, name: str, things: Sequence[Thing]) -> Thing:
    """The one of several things that is meant by their common name.

    It is the one whose full name it is, or of removed ops the one that most versions have.

    Raises:
        AmbiguousName: it may be any of them.
    """
    found = _chosen(kb, name, things)
    if found is None:
        candidates = tuple(map(_named, things))
        raise AmbiguousName("several things have that name", repr(name), "give one in full", candidates=candidates)
    return found


def report_others(things: Sequence[Thing], meant: Thing) -> None:
    """Name on standard error what else has the name."""
    if others := [_named(thing) for thing in things if thing is not meant]:
        Printer(sys.stderr).line(f"also: {', '.join(others)}")


def _named(thing: Thing) -> str:
    return f"{thing.name}  ({thing.kind})"


def _chosen(kb: KnowledgeBase, name: str, things: Sequence[Thing]) -> Thing | None:
    whole = [thing for thing in things if thing.name.lower() == name.strip().lower()]
    if len(things) == 1 or len(whole) == 1:
        return (whole or list(things))[0]
    newest = kb.labels()[-1:]
    if any(thing.kind != ThingKind.OP or {*newest} & {*thing.versions} for thing in things):
        return None
    lasted = sorted(things, key=lambda thing: len(thing.versions))
    return lasted[-1] if len(lasted[-1].versions) > len(lasted[-2].versions) else None
