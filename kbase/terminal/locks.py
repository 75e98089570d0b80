"""The page of a lock on the terminal."""

from kbase.pages.locks import LockGroup, LockPage, LockSpan
from kbase.terminal.printer import Printer, bold, chips, dim


def show_lock(page: LockPage, out: Printer) -> None:
    """A lock: every op with a rule about it, by how it is held in the newest version."""
    out.title(page.subject, ", ".join(page.versions))
    out.line(dim(f"written {', '.join(page.names)}"), indent=2)
    for group in page.groups:
        _group(group, page.newest, out)
    if page.blankets:
        out.heading("for whole tables")
        out.columns([(bold(rule.table.text), dim(", ".join(rule.versions)), rule.rule.text) for rule in page.blankets])


def _group(group: LockGroup, newest: str, out: Printer) -> None:
    out.line()
    head = chips([group.chip]) if group.chip else f"not in {newest}"
    out.line(head, dim(f"  {len(group.uses)}"))
    rows = [
        (bold(use.op.text if not number else ""), chips(span.chips), _where(span), ", ".join(span.versions))
        for use in group.uses
        for number, span in enumerate(use.spans)
    ]
    out.columns([(*row[:3], dim(row[3])) for row in rows])


def _where(span: LockSpan) -> str:
    """The column of a cell; a sentence stands in no column."""
    return f"{span.lock}, in a sentence" if span.sentence else span.lock
