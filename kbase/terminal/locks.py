"""The page of a lock, and the order of locks, on the terminal."""

from collections.abc import Iterable

from kbase.pages.lock_order import LockOrderPage, OrderView
from kbase.pages.locks import LockGroup, LockPage, LockSpan
from kbase.terminal.printer import Printer, bold, chips, dim, show_sources


def show_lock(page: LockPage, out: Printer) -> None:
    """A lock: every op with a rule about it, by how it is held in the newest version."""
    out.title(page.subject, ", ".join(page.versions))
    out.line(dim(f"written {', '.join(page.names)}"), indent=2)
    for group in page.groups:
        _group(group, page.newest, out)
    if page.blankets:
        out.heading("for whole tables")
        out.columns([(bold(rule.table.text), dim(", ".join(rule.versions)), rule.rule.text) for rule in page.blankets])

    if page.orders:
        out.heading("order", page.orders.version)
        _orders((*page.orders.before, *page.orders.after, *page.orders.own), out)


def show_lock_order(page: LockOrderPage, out: Printer) -> None:
    """Which lock is taken before which other, each with the sentence that says so."""
    out.title(page.title, "")
    for each in page.unread:
        out.line(dim(each), indent=2)
    if page.orders:
        out.line()
        _orders(page.orders, out)
        show_sources((order.citation for order in page.orders), out)
    elif not page.unread:
        out.line("no sentence could be read as an order of locks", indent=2)


def _orders(orders: Iterable[OrderView], out: Printer) -> None:
    out.columns([(bold(view.title), view.when, dim(str(view.citation.label))) for view in orders])


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
