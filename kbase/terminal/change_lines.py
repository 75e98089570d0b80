"""A change as lines of text, as comparisons and histories print it."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from kbase.diff.changes import Change, Severity
from kbase.model.git_commits import ChangeCommit
from kbase.pages.parts import commit_url, headline
from kbase.terminal.printer import PROSE, Printer, bold, dim, wrap

WORDY = ("note", "description", "function", "flag", "steps", "blanket")  # kinds of change that are about prose
SHORT = 12  # digits of a hash
STYLES = {
    Severity.BREAKING: "bold red",
    Severity.BEHAVIOUR: "yellow",
    Severity.DOCUMENTATION: "",
    Severity.COSMETIC: "dim",
}


def by_name(changes: Iterable[Change]) -> Iterator[tuple[str, list[Change]]]:
    """The changes of each op or table, under its dotted name."""
    for (struct, op), group in groupby(changes, lambda change: (change.struct, change.op)):
        yield ".".join(filter(None, (struct, op))) or "documents", list(group)


def show_change(change: Change, out: Printer, *, with_evidence: bool = True) -> None:
    """A change: severity and kind, before and after, the reason, and its evidence unless the next one has the same."""
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
    if not with_evidence:
        return
    for entry in change.porting:
        out.line((f"porting, {entry.record.tag}: ", "blue"), headline(entry.record.text), indent=4)
    lines = [f"{each.version} {each.path.rpartition('/')[2]}:{each.line}" for each in change.evidence]
    if lines:
        out.line(dim(", ".join(lines)), indent=4)
    for commit in change.commits:
        url = commit_url(commit.hash[:SHORT], commit.version)
        out.line((commit_line(commit), "blue"), dim(f"  {url}" if url else ""), indent=4)


def commit_line(commit: ChangeCommit) -> str:
    """A commit: its hash, shortened, its date and subject."""
    return f"commit {commit.hash[:SHORT]} {commit.date} {commit.subject}"


def _lines(text: str, width: int) -> list[str]:
    """The lines of a text: prose wrapped to a width, C unchanged (width 0)."""
    lines = text.splitlines()
    return [short for line in lines for short in wrap(line, width)] if width else lines
