"""A page at an address, on the terminal: what a page kind without a layout of its own looks like."""

from kbase.pages.parts import Page
from kbase.terminal.printer import Printer, bold


def show_any(page: Page, out: Printer) -> None:
    """Title, what it is about, and its table."""
    out.title(page.title, page.address)
    out.prose(page.about)
    head, *rows = list(page.as_table()) or [()]
    if rows:
        out.line()
        out.columns([[bold(str(name)) for name in head], *([str(cell or "") for cell in row] for row in rows)])
