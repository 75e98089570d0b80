"""Which of the things that have a name is meant by it."""

import sys
from collections.abc import Sequence

from kbase.errors import AmbiguousName
from kbase.kernel.exact_names import ThingKind
from kbase.knowledge.answers import Thing
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.terminal.printer import Printer


def meant(kb: KnowledgeBase, name: str, things: Sequence[Thing]) -> Thing:
    """The one of the things that is meant by their common name.

    That is the one that has it in full, as an op has not, or of ops that are all gone the one that lasted longest.

    Raises:
        AmbiguousName: it may be any of them.
    """
    found = _chosen(kb, name, things)
    if found is None:
        names = tuple(map(_named, things))
        raise AmbiguousName("several things have that name", repr(name), "give one in full", candidates=names)
    return found


def tell_others(things: Sequence[Thing], meant: Thing) -> None:
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
