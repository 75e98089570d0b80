"""The places in the code of a kernel that call an op: found by its name, as text and as JSON."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kbase.errors import UnknownName
from kbase.kernel.exact_names import ItemKind
from kbase.knowledge.answers import NamedItem
from kbase.knowledge.export import caller_record
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.call_sites import OpCall
from kbase.model.releases import release_of
from kbase.pages.callers import WORDS
from kbase.terminal.json_output import Json
from kbase.terminal.lookup import unknown, versions_meant
from kbase.terminal.printer import Printer, bold, dim

BUILD = "read a kernel's sources: kbase build TREE or kbase build ARCHIVE"
KINDS = (ItemKind.OP, ItemKind.STRUCT)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpCallers:
    """The callers of one op at a version."""

    version: str
    op: str  # with its ops table
    callers: tuple[OpCall, ...]


def find_callers(kb: KnowledgeBase, name: str, version: str | None = None) -> list[OpCallers]:
    """The callers of every op of that name, or of all ops of a table, at a version.

    Without a version, it is the newest of which code was read and that has the name.

    Raises:
        UnknownName: no op or table has the name, the version lacks it, or no code of the version was read.
    """
    items = [item for item in kb.find(name) if item.kind in KINDS]
    items = [item for item in items if item.name.lower() == name.strip().lower()] or items
    if not items:
        raise unknown(kb, name, "no op or ops table")
    labels, _ = versions_meant(kb, [version])
    label = _of_its_release(kb, labels[0]) if labels else _newest(kb, items)
    if label not in kb.with_callers:
        having = ", ".join(kb.with_callers)
        advice = f"the callers of {having} are known; or {BUILD}" if having else BUILD
        raise UnknownName(f"no source of {label or 'any version'} was read: callers are not known", advice=advice)
    ops = dict.fromkeys(op for item in items for op in _ops(kb, label, item))
    if not ops:
        kb.op(label, *items[0].name.partition(".")[::2])  # raises the error that names its successor
    found = (kb.callers(label, struct, op) for struct, op in ops)
    return [OpCallers(version=label, op=".".join(op), callers=each or ()) for op, each in zip(ops, found, strict=True)]


def _of_its_release(kb: KnowledgeBase, label: str) -> str:
    """The version, or another one of its release whose callers are known where its own are not."""
    known = [each for each in kb.with_callers if release_of(each) == release_of(label)]
    if label in known or not known:
        return label
    Printer(sys.stderr).line(f"{label} is read as {known[-1]}, whose callers are known")
    return known[-1]


def _newest(kb: KnowledgeBase, items: Sequence[NamedItem]) -> str:
    """The newest version with callers that has one of the items, else the newest with callers; empty if none has."""
    having = {label for item in items for label in item.versions}
    known = kb.with_callers
    return next((label for label in reversed(known) if label in having), known[-1] if known else "")


def _ops(kb: KnowledgeBase, label: str, item: NamedItem) -> Iterator[tuple[str, str]]:
    """The ops that an item is at a version."""
    table = kb.state(label).by_name.get(item.name)
    if table:
        yield from ((table.name, op.name) for op in table.ops)
    struct, _, op = item.name.partition(".")
    if item.kind == ItemKind.OP and (label in item.versions or kb.callers(label, struct, op)):
        yield struct, op


def callers_json(found: Sequence[OpCallers]) -> list[Json]:
    """What `kbase callers --json` prints: the callers of all ops in one list."""
    return [caller_record(each.version, caller) for each in found for caller in each.callers]


def show_callers(found: Sequence[OpCallers], out: Printer) -> None:
    """Each op with its callers, and the lines about locks before each call."""
    for each in found:
        out.title(each.op, each.version)
        for caller in each.callers:
            show_caller(caller, out)
        if not each.callers:
            out.line(dim("no call was found in the files that were read"), indent=2)


def show_caller(caller: OpCall, out: Printer) -> None:
    """One place that calls an op."""
    how = f", {WORDS[caller.via]}" if WORDS[caller.via] else ""
    out.line(bold(f"{caller.function}()"), dim(f"  {caller.path}:{caller.line}{how}"), indent=2)
    if caller.text:
        out.line(caller.text, indent=6)
    for lock in caller.locks:
        out.line(dim(f"{lock.line}  {lock.text or f'{lock.name}({lock.argument})'}"), indent=8)
