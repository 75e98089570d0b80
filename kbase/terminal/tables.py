"""The pages of ops tables and their data members on the terminal."""

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.drift_views import by_statement
from kbase.pages.near_names import missing
from kbase.pages.parts import Cell
from kbase.pages.tables import MatrixRow, MemberView, TablePage, table_page
from kbase.terminal.printer import Piece, Printer, bold, chips, dim, place, show_sources


def show_table(page: TablePage, out: Printer) -> None:
    """An ops table: a matrix of ops and locks, the rules for all of it, its data members."""
    out.title(f"struct {page.struct}", page.version)
    if page.written:
        out.line(dim(f"also written {', '.join(page.written)}"), indent=2)
    out.line()
    heads = [bold(head.text) for head in page.columns]
    out.columns([[bold("op"), *heads, ""], *(_matrix_row(row) for row in page.rows)])
    for row in page.rows:
        for found in row.contradictions:
            out.line("≠ ", bold(row.op), f": {found}", indent=2)
        for drift, citations in by_statement(row.drift):
            out.line("Δ ", drift.sentence(citations), indent=2)
    sentences = [(row.op, cell) for row in page.rows for cell in row.sentences]
    if sentences:
        out.heading("in sentences")
        out.columns(
            [(bold(op), cell.lock, chips(cell.chips), cell.remark, place(cell.citation)) for op, cell in sentences]
        )
    if page.blankets:
        out.heading("for the whole table")
        for rule in page.blankets:
            out.line("- ", rule.text, dim(f"  {rule.citation.label}"), indent=2)
    if page.members:
        out.heading("data members")
        out.columns([(member.text or member.name, place(member.citation)) for member in page.members])
    show_sources(page.citations, out)


def _matrix_row(row: MatrixRow) -> list[Piece]:
    mark = f"{' ≠' if row.contradictions else ''}{' Δ' if row.drift else ''}"
    return [[row.op, bold(mark)], *(_matrix_cell(cell) for cell in row.cells), place(row.citation)]


def _matrix_cell(cell: Cell | None) -> Piece:
    """The reading, and the rest of the cell, as a condition or a scope is part of the rule.

    A cell in other words than its reading is quoted: `exclusive “write”`.
    """
    if cell is None or not cell.remark:
        return chips(cell.chips) if cell else ""
    words = f"“{cell.text}”" if cell.remark == cell.text else cell.remark
    return [chips(cell.chips), " " if cell.chips else "", words]


def show_member(view: MemberView, out: Printer) -> None:
    """A data member of an ops table."""
    out.title(view.name, f"if {view.condition}" if view.condition else "")
    out.line(view.text or view.name, "  ", place(view.citation), indent=2)
    for description in view.descriptions:
        out.line()
        out.prose(description.text)
    show_sources([view.citation, *(description.citation for description in view.descriptions)], out)


def member_view(kb: KnowledgeBase, label: str, struct: str, name: str) -> MemberView:
    """A data member of an ops table at a version.

    Raises:
        UnknownName: the table has no such member at that version.
    """
    views = table_page(kb, label, struct).members
    found = next((view for view in views if view.name == name), None)
    if found is None:
        raise missing(f"member {name} in {struct}", label, name, (view.name for view in views))
    return found
