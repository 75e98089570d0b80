"""The page of an op on the terminal."""

from collections.abc import Iterable

from kbase.kernel.locks import MAY_BLOCK
from kbase.pages.change_views import ChangeView
from kbase.pages.ops import OpPage, PrototypeView
from kbase.pages.parts import Citation
from kbase.terminal.printer import Printer, bold, cell_row, chips, dim, place, prototype, show_sources


def show_op(page: OpPage, out: Printer) -> None:
    """One op: prototype, locks held, blocking, last change, then the rest."""
    out.title(page.dotted, page.version)
    if page.summary:
        out.prose(page.summary.text)
    if page.removal:
        named = f": {page.removal.successor.text} {page.removal.relation}" if page.removal.successor else ""
        out.line(bold(f"removed {page.removal.when}"), named, indent=2)
    for view in page.prototypes:
        _prototype(view, page.name, out)
    for drift, citations in page.drift_by_statement:
        out.prose(f"{drift.sentence(citations)}.")
    _rules(page, out)
    _notes(page, out)
    for description in page.descriptions:
        out.heading("description", description.citation.label)
        out.prose(description.text)
    if page.flags:
        out.heading("flags")
        out.columns([(bold(flag.name), place(flag.citation)) for flag in page.flags])
    _last_change(page, out)
    if page.callers is not None:
        out.heading("called from")
        for caller in page.callers:
            out.line(bold(f"{caller.function}()"), dim(f"  {caller.path}:{caller.line}"), indent=2)
        if not page.callers:
            out.line(dim("no call was found in the files that were read"), indent=2)
    if page.mentions:
        out.heading("mentioned in")
        for mention in page.mentions:
            where = dim(f"  {mention.citation.version} "), place(mention.citation)
            out.line(mention.text, *where, indent=2)
    show_sources(_op_citations(page), out)


def _prototype(view: PrototypeView, name: str, out: Printer) -> None:
    out.line()
    for line in prototype(view.text, name, view.parameters, out.code_width - 4):
        out.line(line, indent=2)
    remarks = [f"if {view.condition}"] if view.condition else []
    remarks += [f"malformed in the document: {view.repair or 'source text'}"] if view.malformed else []
    citations = ", ".join(citation.label for citation in view.citations)
    out.line(dim("; ".join([*remarks, citations])), indent=6)


def _rules(page: OpPage, out: Printer) -> None:
    out.heading("locks")
    rows = [cell_row(cell) for cell in page.locks]
    rows += [(bold(rule.lock), chips(rule.chips), rule.says, place(rule.citation)) for rule in page.table_rules]
    out.columns(rows)
    if not rows:
        out.line(dim(f"not stated: {page.without_locks}"), indent=2)
    if page.context or page.blocks:
        out.heading("context")
        rows = [cell_row(cell) for cell in page.context]
        if page.blocks and not any(cell.lock == MAY_BLOCK for cell in page.context):
            blocks = page.blocks
            rows.append((bold(MAY_BLOCK), chips(blocks.chips), f"“{blocks.text}”", place(blocks.citation)))
        out.columns(rows)
    if page.rcu_walk:
        out.heading("RCU walk", "whether it may be called in that mode, where nothing may block")
        out.columns([cell_row(cell) for cell in page.rcu_walk])
    if page.obligations:
        out.heading("the implementation")
        out.columns([(bold(str(duty)), place(duty.citation)) for duty in page.obligations])
    for found in page.contradictions:
        out.prose(f"{found}.")


def _notes(page: OpPage, out: Printer) -> None:
    if page.notes or page.other_table_rules:
        out.heading("notes")
    for rule in page.other_table_rules:
        aside = "  this op is excepted" if rule.excepted else "  rule of the whole table"
        out.line("- ", rule.text, dim(f"{aside}, {rule.citation.label}"), indent=2)
    for note in page.notes:
        out.line(dim(f"- {note.citation.label} ({note.kind})"), indent=2)
        out.prose(note.text, indent=4)


def _last_change(page: OpPage, out: Printer) -> None:
    if page.last_change:
        out.heading("last changed", f"{page.last_change.old}..{page.last_change.new}")
        for change in page.last_change.changes:
            _change_line(change, out)


def _change_line(view: ChangeView, out: Printer) -> None:
    """A change in one line."""
    ends = " -> ".join(text for text in (view.before, view.after) if text)
    short = ends if len(ends) <= 120 else ends[:119] + "…"
    out.line(bold(view.kind), f"  {short}", indent=2)


def _op_citations(page: OpPage) -> Iterable[Citation]:
    yield from (citation for view in page.prototypes for citation in view.citations)
    yield from (cell.citation for cell in (*page.locks, *page.context, *page.rcu_walk) if cell.citation)
    yield from (view.citation for views in (page.notes, page.inherited, page.descriptions) for view in views)
