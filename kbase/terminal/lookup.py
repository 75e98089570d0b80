"""Resolves a version and an item from what a user typed; ambiguity is reported on standard error."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from kbase.errors import AmbiguousName, UnknownName
from kbase.kernel.exact_names import ItemKind
from kbase.knowledge.answers import NamedItem
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.addresses import porting_log_address
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
    """The JSON object, with the notes about its version, if any, as `version_notes`."""
    return found | {"version_notes": list(notes)} if notes else found


def unknown(kb: KnowledgeBase, name: str, what: str) -> UnknownName:
    """The error for an unknown name, with similar names; `what` is its subject, such as "nothing" or "no op"."""
    near = ", ".join(kb.near(name))
    return UnknownName(f"{what} has that name", repr(name), f"did you mean {near}?" if near else "try kbase search")


def chosen_item(kb: KnowledgeBase, name: str, items: Sequence[NamedItem]) -> NamedItem:
    """Choose between several items with the same name.

    An item whose full name was given wins, then the only one if ops of undocumented tables are left out. If all items
    are removed ops, the one in most versions wins.

    Raises:
        AmbiguousName: neither rule selects an item.
    """
    found = _chosen(kb, name, items)
    if found is None:
        candidates = tuple(map(_named, items))
        raise AmbiguousName("the name is ambiguous", repr(name), "give one of these in full", candidates=candidates)
    return found


def report_others(items: Sequence[NamedItem], meant: NamedItem) -> None:
    """List the other items with the same name on standard error."""
    if others := [_named(item) for item in items if item is not meant]:
        Printer(sys.stderr).line(f"also: {', '.join(others)}")


def report_mentions(name: str, entries: Sequence[NamedItem], meant: NamedItem) -> None:
    """Say on standard error how many other porting entries name the item."""
    number = sum(1 for entry in entries if entry.name != meant.name)
    if number:
        Printer(sys.stderr).line(f"named in the porting log: kbase show '{porting_log_address(name)}' ({number})")


def _named(item: NamedItem) -> str:
    return f"{item.name}  ({item.kind})"


def _chosen(kb: KnowledgeBase, name: str, items: Sequence[NamedItem]) -> NamedItem | None:
    whole = [item for item in items if item.name.lower() == name.strip().lower()]
    if len(items) == 1 or len(whole) == 1:
        return (whole or list(items))[0]
    documented = [item for item in items if item.is_documented]
    if len(documented) == 1:
        return documented[0]
    newest = kb.labels()[-1:]
    if any(item.kind != ItemKind.OP or {*newest} & {*item.versions} for item in items):
        return None
    lasted = sorted(items, key=lambda item: len(item.versions))
    return lasted[-1] if len(lasted[-1].versions) > len(lasted[-2].versions) else None
