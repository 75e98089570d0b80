"""One op, one ops table and the other things that `kbase show` shows."""

from collections.abc import Iterable

from rich.text import Text

from kbase.pages.ops import OpPage, PrototypeView
from kbase.pages.parts import Cell, Citation
from kbase.pages.tables import MatrixRow, MemberView, TablePage
from kbase.terminal.changes import show_change_line
from kbase.terminal.lines import Paper, cell_row, chips, place, places, prototype


def show_op(page: OpPage, paper: Paper) -> None:
    """One op: prototype, what is held, may it block, what changed last, then the rest."""
    paper.title(page.dotted, page.version)
    if page.summary:
        paper.prose(page.summary.text)
    if page.removal:
        named = f": {page.removal.successor.text} {page.removal.relation}" if page.removal.successor else ""
        paper.line(Text(f"removed {page.removal.when}", "bold"), named, indent=2)
    for view in page.prototypes:
        _prototype(view, page.name, paper)
    _rules(page, paper)
    _notes(page, paper)
    for description in page.descriptions:
        paper.heading("description", description.citation.label)
        paper.prose(description.text)
    if page.flags:
        paper.heading("flags")
        paper.columns([(Text(flag.name, "bold"), place(flag.citation)) for flag in page.flags])
    _last_change(page, paper)
    if page.mentions:
        paper.heading("mentioned in")
        for mention in page.mentions:
            where = Text(f"  {mention.citation.version} ", "dim"), place(mention.citation)
            paper.line(mention.text, *where, indent=2)
    sources(_op_citations(page), paper)


def _prototype(view: PrototypeView, name: str, paper: Paper) -> None:
    paper.line()
    for line in prototype(view.text, name, view.parameters, paper.code_width - 4):
        paper.line(line, indent=2)
    remarks = [f"if {view.condition}"] if view.condition else []
    remarks += [f"malformed in the document: {view.repair or 'as it stands'}"] if view.malformed else []
    paper.line(Text("; ".join([*remarks, places(view.citations).plain]), "dim"), indent=6)


def _rules(page: OpPage, paper: Paper) -> None:
    paper.heading("locks")
    if page.locks:
        paper.columns([cell_row(cell) for cell in page.locks])
    else:
        nothing = "the row is blank" if page.has_row else "the documents of this version state no rule"
        paper.line(Text(nothing, "dim"), indent=2)
    if page.context or page.blocks:
        paper.heading("context")
        rows = [cell_row(cell) for cell in page.context]
        if page.blocks and page.blocks.inherited:
            blocks = page.blocks
            rows.append((Text("may block", "bold"), chips(blocks.chips), f"“{blocks.text}”", place(blocks.citation)))
        paper.columns(rows)


def _notes(page: OpPage, paper: Paper) -> None:
    rules = [rule for rule in page.inherited if not page.blocks or rule.citation != page.blocks.citation]
    if page.notes or rules:
        paper.heading("notes")
    for rule in rules:
        aside = "  this op is excepted" if rule.excepted else "  rule of the whole table"
        paper.line("- ", rule.text, Text(f"{aside}, {rule.citation.label}", "dim"), indent=2)
    for note in page.notes:
        paper.line(Text(f"- {note.citation.label} ({note.kind})", "dim"), indent=2)
        paper.prose(note.text, indent=4)


def _last_change(page: OpPage, paper: Paper) -> None:
    if page.last_change:
        paper.heading("last changed", f"{page.last_change.old}..{page.last_change.new}")
        for change in page.last_change.changes:
            show_change_line(change, paper)


def _op_citations(page: OpPage) -> Iterable[Citation]:
    yield from (citation for view in page.prototypes for citation in view.citations)
    yield from (cell.citation for cell in (*page.locks, *page.context) if cell.citation)
    yield from (view.citation for views in (page.notes, page.inherited, page.descriptions) for view in views)


def sources(citations: Iterable[Citation], paper: Paper) -> None:
    """The documents that a page cites, in full."""
    paths = dict.fromkeys(f"{citation.version or 'no version'} {citation.path}" for citation in citations)
    if paths:
        paper.heading("sources")
        for path in paths:
            paper.line(Text(path, "dim"), indent=2)


def show_table(page: TablePage, paper: Paper) -> None:
    """An ops table: a matrix of ops and locks, what holds for all of it, its data members."""
    paper.title(f"struct {page.struct}", page.version)
    if page.written:
        paper.line(Text(f"also written {', '.join(page.written)}", "dim"), indent=2)
    paper.line()
    heads = [Text(head.text, "bold") for head in page.columns]
    paper.columns([[Text("op", "bold"), *heads, Text("")], *(_matrix_row(row) for row in page.rows)])
    if page.blankets:
        paper.heading("for the whole table")
        for rule in page.blankets:
            paper.line("- ", rule.text, Text(f"  {rule.citation.label}", "dim"), indent=2)
    if page.members:
        paper.heading("data members")
        paper.columns([(member.text or member.name, place(member.citation)) for member in page.members])
    sources(page.citations, paper)


def _matrix_row(row: MatrixRow) -> list[Text]:
    return [Text(row.op), *(_matrix_cell(cell) for cell in row.cells), place(row.citation)]


def _matrix_cell(cell: Cell | None) -> Text:
    """The reading, and what the cell says beyond it, as a condition or a scope is part of the rule.

    A cell of other words than the reading's is quoted: `exclusive “write”`.
    """
    if cell is None or not cell.remark:
        return chips(cell.chips) if cell else Text("")
    words = f"“{cell.text}”" if cell.remark == cell.text else cell.remark
    return Text.assemble(chips(cell.chips), " " if cell.chips else "", words)


def show_member(view: MemberView, paper: Paper) -> None:
    """A data member of an ops table."""
    paper.title(view.name, f"if {view.condition}" if view.condition else "")
    paper.line(view.text or view.name, "  ", place(view.citation), indent=2)
    for description in view.descriptions:
        paper.line()
        paper.prose(description.text)
    sources([view.citation, *(description.citation for description in view.descriptions)], paper)
