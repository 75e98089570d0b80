"""What changed between two versions, as text and as Markdown."""

import sys
from collections.abc import Iterable, Iterator

from kbase.diff.changes import Change, Severity
from kbase.diff.comparability import describe_gaps
from kbase.model.records import PortingEntry
from kbase.model.states import Cited
from kbase.pages.parts import headline, plural
from kbase.store.codec import json_text
from kbase.terminal.change_lines import by_name, commit_line, show_change
from kbase.terminal.change_selection import Comparison, remarks
from kbase.terminal.json_output import comparison_json
from kbase.terminal.lookup import with_notes
from kbase.terminal.printer import Printer, bold, dim, printable


def show_changes(found: Comparison, out: Printer) -> None:
    """The changes by ops table and op, the counts by severity first."""
    out.title(f"{found.old}..{found.new}", _totals(found))
    for name, group in by_name(found.changes):
        out.line()
        out.line(bold(name))
        for change, last in _with_last(group):
            show_change(change, out, with_evidence=last)
    if found.unattached:
        out.heading(f"porting log, after {found.old}, by {found.new}", _others(found))
    for entry in found.unattached:
        out.line((f"{entry.record.tag}: ", "blue"), headline(entry.record.text), indent=2)
        out.line(dim("  ".join(filter(None, (", ".join(entry.record.ops), _place(entry))))), indent=4)
    if found.log:
        out.heading("porting log, reworded or removed", "documentation")
    for edit in found.log:
        out.line((f"{edit.reason}: ", "blue"), headline(edit.shown.record.text), indent=2)
        out.line(dim(", ".join(_place(entry) for entry in (edit.before, edit.after) if entry is not None)), indent=4)


def _place(entry: Cited[PortingEntry]) -> str:
    return f"{entry.document.version} {entry.path.rpartition('/')[2]}:{entry.line}"


def _totals(found: Comparison) -> str:
    """How much is shown, how much was left out, and whether something could not be compared."""
    parts = [summary(found.changes)]
    if found.unattached:
        parts.append(f"{plural(len(found.unattached), 'porting entry')} beside them")
    if found.log:
        parts.append(f"{plural(len(found.log), 'porting entry')} reworded or removed")
    if found.left_out:
        parts.append(f"{found.left_out} left out by the filters")
    if found.accepted:
        parts.append(f"{found.accepted} accepted")
    if found.gaps:
        parts.append("not everything could be compared")
    return "; ".join(parts)


def _with_last(group: list[Change]) -> Iterator[tuple[Change, bool]]:
    """The changes of one op or table, each with whether the next one has other evidence: equal lines are shown once."""
    for change, following in zip(group, [*group[1:], None], strict=True):
        evidence = following and (following.evidence, following.porting)
        yield change, evidence != (change.evidence, change.porting)


def _others(found: Comparison) -> str:
    return f"{len(found.unattached)} not attached to a change above"


def put_changes(found: Comparison, form: str) -> None:
    """Print the changes as text, Markdown or JSON, and remarks about the comparison to standard error."""
    out = Printer()
    if form == "json":
        out.raw(json_text(with_notes(comparison_json(found), found.notes), indent=2))
    elif form == "markdown":
        for line in markdown(found):
            out.raw(printable(line))
    else:
        show_changes(found, out)
    for remark in remarks(found):
        Printer(sys.stderr).line(remark)


def summary(changes: Iterable[Change]) -> str:
    """`3 changes: 1 breaking, 2 behaviour`."""
    severities = [change.severity for change in changes]
    counts = [f"{severities.count(severity)} {severity}" for severity in Severity if severity in severities]
    return plural(len(severities), "change") + (f": {', '.join(counts)}" if counts else "")


def markdown(found: Comparison) -> Iterator[str]:
    """The changes as Markdown lines, for a mail or a pull request."""
    yield f"# VFS documentation: {found.old} to {found.new}"
    yield ""
    yield f"{_totals(found)}."
    for gap in describe_gaps(found.gaps):
        yield ""
        yield f"Not compared: {gap}"
    for name, group in by_name(found.changes):
        yield ""
        yield f"## `{name}`"
        yield ""
        for change, last in _with_last(group):
            yield from _markdown_change(change, with_evidence=last)
    if found.unattached:
        yield ""
        yield f"## Porting log, after {found.old}, by {found.new}: {_others(found)}"
        yield ""
    for entry in found.unattached:
        place = f"{entry.document.version} `{entry.path}:{entry.line}`"
        yield f"- {entry.record.tag}: {headline(entry.record.text)} ({place})"
    if found.log:
        yield ""
        yield "## Porting log, reworded or removed"
        yield ""
    yield from (f"- {edit.reason}: {headline(edit.shown.record.text)}" for edit in found.log)


def _markdown_change(change: Change, *, with_evidence: bool) -> Iterator[str]:
    reason = f": {change.reason}" if change.reason else ""
    subject = f" `{change.subject}`" if change.subject else ""
    yield f"- **{change.kind}**{subject} ({change.severity}){reason}"
    if with_evidence:
        yield from (f"  porting, {entry.record.tag}: {headline(entry.record.text)}" for entry in change.porting)
        texts = (commit_line(commit).replace("`", "'") for commit in change.commits)
        yield from (f"  `{text}`" for text in texts)
    if change.before or change.after:
        yield "  ```diff"
        yield from (f"  - {line}" for line in (change.before or "").splitlines())
        yield from (f"  + {line}" for line in (change.after or "").splitlines())
        yield "  ```"
    lines = [f"{each.version} `{each.path}:{each.line}`" for each in change.evidence]
    if lines and with_evidence:
        yield f"  {', '.join(lines)}"
