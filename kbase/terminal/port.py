"""`kbase port` on the terminal: reads the files of a source, leaves out accepted findings, prints the rest."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kbase.errors import UsageError
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.knowledge.port import PortQuestion, port
from kbase.model.port import HelperVerdict, PortHelper, PortReport, PortSlot, Verdict
from kbase.pages.parts import headline, plural
from kbase.pages.port import summary
from kbase.sources.user_code import read_code, read_headers
from kbase.store.codec import json_text
from kbase.terminal.change_selection import read_accepted
from kbase.terminal.lookup import with_notes
from kbase.terminal.port_formats import github, markdown, port_json, sarif
from kbase.terminal.printer import Printer, bold, dim, printable

FORMATS = ("text", "markdown", "github", "sarif", "json")
KINDS = (*(verdict.value for verdict in Verdict), *(f"helper-{verdict}" for verdict in HelperVerdict))
EXAMPLE = "write a line as --format markdown ends with: prototype-changed inode_operations.create foo_create"
NOTHING = "ops tables are initialised like `struct file_operations foo = { .open = foo_open }`"


def find_port(
    kb: KnowledgeBase,
    source: str,
    old: str,
    new: str,
    from_tree: Path | None = None,
    to_tree: Path | None = None,
    accepted: Path | None = None,
) -> PortReport:
    """What must change in a source from the version `old` to `new`, without the accepted findings.

    Raises:
        UnknownName: a version is not available.
        UsageError: only one tree is given.
        SourceError: the source, a tree or the file of accepted findings cannot be read.
    """
    if (from_tree is None) != (to_tree is None):
        raise UsageError("only one of the two trees is given", advice="give both --from-tree and --to-tree, or neither")
    known = read_accepted(accepted, KINDS, EXAMPLE) if accepted else ()
    for label in (old, new):
        kb.interpret(label)
    code = read_code(source)
    asked = PortQuestion(
        source=source,
        files=code.files,
        skipped=code.skipped,
        old=old,
        new=new,
        old_headers=read_headers(from_tree) if from_tree else None,
        new_headers=read_headers(to_tree) if to_tree else None,
    )
    return _without(port(kb, asked), known)


def _without(found: PortReport, known: Sequence[str]) -> PortReport:
    """The report without accepted findings: those lines that occur nowhere are `stale`."""
    keys = {slot.key for slot in found.slots} | {helper.key for helper in found.helpers}
    slots = tuple(slot for slot in found.slots if slot.key not in known)
    helpers = tuple(helper for helper in found.helpers if helper.key not in known)
    return replace(
        found,
        slots=slots,
        helpers=helpers,
        accepted=len(found.slots) + len(found.helpers) - len(slots) - len(helpers),
        stale=tuple(line for line in known if line not in keys),
    )


def put_port(found: PortReport, form: str) -> None:
    """Print the report in one of `FORMATS`; remarks about it go to standard error."""
    out = Printer()
    match form:
        case "json":
            out.raw(json_text(with_notes(port_json(found), found.notes), indent=2))
        case "sarif":
            out.raw(json_text(sarif(found), indent=2))
        case "markdown" | "github":
            for line in (markdown if form == "markdown" else github)(found):
                out.raw(printable(line))
        case _:
            show_port(found, out)
    for remark in _remarks(found):
        Printer(sys.stderr).line(remark)


def _remarks(found: PortReport) -> list[str]:
    """Remarks about the comparison itself."""
    lines = list(found.notes)
    if not found.slots and not found.accepted:
        lines.append(f"{found.source}: no initializer of an ops table was found; {NOTHING}")
    if not found.with_trees:
        lines.append("the kernel's functions were not compared: give both --from-tree and --to-tree")
    lines += [f"{found.accepted} accepted findings left out"] if found.accepted else []
    return [*lines, *(f"accepted, and does not occur: {line}" for line in found.stale)]


def show_port(found: PortReport, out: Printer) -> None:
    """What must change, by file; then what else changed, what could not be read, and the counts."""
    out.title(f"{found.source}: {found.old} to {found.new}", summary(found))
    for slot in (each for each in found.slots if each.must):
        _show_slot(slot, out)
    if found.helpers:
        out.heading("functions of the kernel", plural(len(found.helpers), "call"))
    for helper in found.helpers:
        _show_helper(helper, out)
    contracts = [slot for slot in found.slots if slot.verdict is Verdict.CONTRACT_CHANGED]
    if contracts:
        out.heading("same prototype, other rules", plural(len(contracts), "slot"))
    for slot in contracts:
        _show_slot(slot, out)
    if found.unread:
        out.heading("not read or not decided", plural(len(found.unread), "place"))
    for unread in found.unread:
        out.line(f"{unread.path}:{unread.line}: ", unread.why)


def _show_slot(slot: PortSlot, out: Printer) -> None:
    """A slot: where, the verdict and why, the prototype that it has and the one that it must have."""
    since = f", since {slot.since}" if slot.since else ""
    out.line()
    out.line(f"{slot.path}:{slot.line}: ", bold(slot.dotted), f" = {slot.function}  ", (slot.verdict, "red"), since)
    if slot.reason:
        out.line(slot.reason, indent=4)
    if slot.must and slot.now:
        out.line((f"- {slot.now}", "red"), dim(f"  {slot.function_path}:{slot.function_line}"), indent=4)
    if slot.must and slot.wanted:
        out.line((f"+ {slot.wanted}", "green"), indent=4)
    for rule in slot.rules:
        ends = " -> ".join(text for text in (rule.before, rule.after) if text)
        out.line(f"{rule.kind}: {ends}", indent=4)
    for entry in slot.porting:
        out.line((f"porting, {entry.record.tag}: ", "blue"), headline(entry.record.text), indent=4)


def _show_helper(helper: PortHelper, out: Printer) -> None:
    out.line(f"{helper.path}:{helper.line}: ", bold(helper.function), "  ", (helper.verdict, "red"))
    if helper.old:
        out.line((f"- {helper.old}", "red"), indent=4)
    if helper.new:
        out.line((f"+ {helper.new}", "green"), indent=4)
    for entry in helper.porting:
        out.line((f"porting, {entry.record.tag}: ", "blue"), headline(entry.record.text), indent=4)
