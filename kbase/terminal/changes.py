"""What changed, as text and as Markdown, and the life of an op."""

import sys
from collections.abc import Iterable, Iterator
from itertools import groupby

from kbase.diff import Change, Severity, told_gaps
from kbase.pages.changes import ChangeView
from kbase.pages.parts import headline, plural
from kbase.store.codec import json_text
from kbase.terminal.change_selection import Told, remarks
from kbase.terminal.json_output import diff as diff_json
from kbase.terminal.json_output import with_notes
from kbase.terminal.printer import PROSE, Printer, bold, dim, printable, wrap

WORDY = ("note", "description", "function", "flag", "steps", "blanket")  # kinds of change that are about prose
STYLES = {
    Severity.BREAKING: "bold red",
    Severity.BEHAVIOUR: "yellow",
    Severity.DOCUMENTATION: "",
    Severity.COSMETIC: "dim",
}


def show_changes(told: Told, out: Printer) -> None:
    """The changes by ops table and op, the counts by severity first."""
    out.title(f"{told.old}..{told.new}", _totals(told))
    for name, group in by_thing(told.changes):
        out.line()
        out.line(bold(name))
        for change, last in _with_last(group):
            show_change(change, out, proved=last)
    if told.unattached:
        out.heading(f"porting log, after {told.old}, by {told.new}", _others(told))
    for entry in told.unattached:
        out.line((f"{entry.record.tag}: ", "blue"), headline(entry.record.text), indent=2)
        out.line(dim(f"{entry.document.version} {entry.path.rpartition('/')[2]}:{entry.line}"), indent=4)


def _totals(told: Told) -> str:
    """How much is told, how much was left out, and what could not be compared: no list is taken for whole."""
    parts = [summary(told.changes)]
    if told.unattached:
        parts.append(f"{plural(len(told.unattached), 'porting entry')} beside them")
    if told.left_out:
        parts.append(f"{told.left_out} left out by what was chosen")
    if told.accepted:
        parts.append(f"{told.accepted} accepted")
    if told.gaps:
        parts.append("not everything could be compared")
    return "; ".join(parts)


def _with_last(group: list[Change]) -> Iterator[tuple[Change, bool]]:
    """The changes of a thing, each with whether the next one has other proof: the same lines stand once."""
    for change, following in zip(group, [*group[1:], None], strict=True):
        proof = following and (following.evidence, following.porting)
        yield change, proof != (change.evidence, change.porting)


def _others(told: Told) -> str:
    return f"{len(told.unattached)} that no change above carries"


def put_changes(told: Told, form: str) -> None:
    """Print the changes as text, Markdown or JSON, and what is to be said about the comparison to standard error."""
    out = Printer()
    if form == "json":
        found = diff_json(told.old, told.new, told.changes, told.porting, told.gaps, told.left_out)
        out.raw(json_text(with_notes(found, told.notes), indent=2))
    elif form == "markdown":
        for line in markdown(told):
            out.raw(printable(line))
    else:
        show_changes(told, out)
    for remark in remarks(told):
        Printer(sys.stderr).line(remark)


def summary(changes: Iterable[Change]) -> str:
    """`3 changes: 1 breaking, 2 behaviour`."""
    severities = [change.severity for change in changes]
    counts = [f"{severities.count(severity)} {severity}" for severity in Severity if severity in severities]
    return plural(len(severities), "change") + (f": {', '.join(counts)}" if counts else "")


def by_thing(changes: Iterable[Change]) -> Iterator[tuple[str, list[Change]]]:
    """The changes of each op or table, under its dotted name."""
    for (struct, op), group in groupby(changes, lambda change: (change.struct, change.op)):
        yield ".".join(filter(None, (struct, op))) or "documents", list(group)


def show_change(change: Change, out: Printer, *, proved: bool = True) -> None:
    """A change: severity and kind, before and after, why, and the lines that prove it, unless the next one has them."""
    subject = f" {change.subject}" if change.subject else ""
    out.line((f"{change.severity:<15}", STYLES[change.severity]), bold(change.kind), subject, indent=2)
    width = min(out.width, PROSE) - 6 if change.kind.startswith(WORDY) else 0
    for mark, text, style in (("-", change.before, "red"), ("+", change.after, "green")):
        for line in _lines(text or "", width):
            out.line((f"{mark} {line}", style), indent=4)
    if change.reason:
        out.line(change.reason, indent=4)
    if change.also:
        out.line(f"also in {', '.join(change.also)}", indent=4)
    if not proved:
        return
    for entry in change.porting:
        out.line((f"porting, {entry.record.tag}: ", "blue"), headline(entry.record.text), indent=4)
    proof = [f"{each.version} {each.path.rpartition('/')[2]}:{each.line}" for each in change.evidence]
    if proof:
        out.line(dim(", ".join(proof)), indent=4)


def _lines(text: str, width: int) -> list[str]:
    """The lines of a text; those of prose wrapped to a width, those of C as they are (0)."""
    lines = text.splitlines()
    return [short for line in lines for short in wrap(line, width)] if width else lines


def show_change_line(view: ChangeView, out: Printer) -> None:
    """A change in one line, for an op's page."""
    ends = " -> ".join(text for text in (view.before, view.after) if text)
    short = ends if len(ends) <= 120 else ends[:119] + "…"
    out.line(bold(view.kind), f"  {short}", indent=2)


def markdown(told: Told) -> Iterator[str]:
    """The changes as Markdown lines, for a mail or a pull request."""
    yield f"# VFS documentation: {told.old} to {told.new}"
    yield ""
    yield f"{_totals(told)}."
    for gap in told_gaps(told.gaps):
        yield ""
        yield f"Not compared: {gap}"
    for name, group in by_thing(told.changes):
        yield ""
        yield f"## `{name}`"
        yield ""
        for change, last in _with_last(group):
            yield from _markdown_change(change, proved=last)
    if told.unattached:
        yield ""
        yield f"## Porting log, after {told.old}, by {told.new}: {_others(told)}"
        yield ""
    for entry in told.unattached:
        place = f"{entry.document.version} `{entry.path}:{entry.line}`"
        yield f"- {entry.record.tag}: {headline(entry.record.text)} ({place})"


def _markdown_change(change: Change, *, proved: bool) -> Iterator[str]:
    reason = f": {change.reason}" if change.reason else ""
    subject = f" `{change.subject}`" if change.subject else ""
    yield f"- **{change.kind}**{subject} ({change.severity}){reason}"
    if proved:
        yield from (f"  porting, {entry.record.tag}: {headline(entry.record.text)}" for entry in change.porting)
    if change.before or change.after:
        yield "  ```diff"
        yield from (f"  - {line}" for line in (change.before or "").splitlines())
        yield from (f"  + {line}" for line in (change.after or "").splitlines())
        yield "  ```"
    proof = [f"{each.version} `{each.path}:{each.line}`" for each in change.evidence]
    if proof and proved:
        yield f"  {', '.join(proof)}"
