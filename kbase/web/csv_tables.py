"""The tables of pages as CSV, to be taken along: the documents' own words, and the line that proves each row."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kbase.pages.changes import ChangeView, DiffPage
from kbase.pages.documents import DocumentPage
from kbase.pages.history import HistoryPage
from kbase.pages.home import HomePage
from kbase.pages.lock_history import LockLifePage
from kbase.pages.locks import LockPage, LocksPage
from kbase.pages.ops import OpPage
from kbase.pages.parts import Chip, Citation, Page
from kbase.pages.porting import PortingPage
from kbase.pages.table_history import TableLifePage
from kbase.pages.tables import MatrixRow, TablePage, VersionPage

Row = Iterable[object]
FORMULA = re.compile(r"[=@\t\r]|[+-](?!>).*[(|!]", re.DOTALL)  # and not `-`, `->open()` or `-EINVAL`
PLACE = ("version", "path", "line")
CHANGE = ("severity", "kind", "struct", "op", "subject", "before", "after", "reason", "evidence")


def as_csv(route: str, page: Page) -> str:
    """The table of a page of a route (a key of `SHEETS`): a head, then a row a line; None is an empty cell."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")  # RFC 4180
    writer.writerows([_inert(cell) for cell in row] for row in SHEETS[route](page))
    return sheet.getvalue()


def _inert(cell: object) -> object:
    """The cell; where a spreadsheet would compute with it, behind the apostrophe that makes it text there."""
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell


def _versions(page: HomePage) -> Iterator[Row]:
    yield "version", "tables", "ops", "documents", "sources"
    for card in page.versions:
        yield card.version, card.tables, card.ops, card.documents, "; ".join(card.sources)


def _tables(page: VersionPage) -> Iterator[Row]:
    yield "table", "ops", "with rules", "columns"
    for line in page.tables:
        yield line.name, line.ops, line.rules, "; ".join(line.columns)


AFTER = ("may block", "prototype", *PLACE)


def _matrix(page: TablePage) -> Iterator[Row]:
    """An op a row; a blank cell is empty, as is one of an op without a row."""
    columns = [column.text for column in page.columns]
    after = [name for name in AFTER if name not in columns]
    yield "op", *columns, *after
    for row in page.rows:
        yield row.op, *(cell.text if cell else "" for cell in row.cells), *_after(page, row, after)


def _after(page: TablePage, row: MatrixRow, names: list[str]) -> Iterator[object]:
    values = dict(zip(PLACE, _place(row.citation), strict=True)) | {
        "may block": row.blocks.chips[0].word if row.blocks else "",
        "prototype": row.prototype,
        "version": page.version,
    }
    return (values[name] for name in names)


def _locks(page: LocksPage) -> Iterator[Row]:
    yield "lock", "ops", "held", "as of", "versions", "written"
    for lock in page.locks:
        held = "; ".join(f"{chip.word} {count}" for chip, count in lock.counts)
        yield lock.subject, lock.ops, held, lock.newest, "; ".join(lock.versions), "; ".join(lock.names)


def _uses(page: LockPage) -> Iterator[Row]:
    yield "struct", "op", "held", "column", "cell", "versions", *PLACE
    for use in (use for group in page.groups for use in group.uses):
        for span in use.spans:
            versions = "; ".join(span.versions)
            yield use.struct, use.name, _words(span.chips), span.lock, span.text, versions, *_place(span.citation)


def _life(page: HistoryPage) -> Iterator[Row]:
    yield "step", *CHANGE
    for event in page.events:
        yield from ((event.title, *_change(change)) for change in event.changes)


def _turns(page: LockLifePage) -> Iterator[Row]:
    yield "step", *CHANGE
    for turn in page.turns:
        yield from ((turn.title, *_change(change)) for each in turn.ops for change in each.changes)


def _lives(page: TableLifePage) -> Iterator[Row]:
    yield "op", "since", "until", "was", "became", "changed", *(stop.version for stop in page.strip)
    for lane in page.lanes:
        names = ("; ".join(link.text for link in links) for links in (lane.was, lane.became))
        changed = "; ".join(f"{turn.by} {turn.severity}" for turn in lane.turns)
        presence = (stretch.presence for stretch in lane.stretches for _ in range(stretch.columns))
        yield lane.op, lane.since, lane.removed, *names, changed, *presence


def _changes(page: DiffPage) -> Iterator[Row]:
    yield CHANGE
    for group in (group for table in page.tables for group in table.groups):
        yield from map(_change, group.changes)


def _change(change: ChangeView) -> Row:
    evidence = "; ".join(f"{each.version} {each.path}:{each.line}" for each in change.evidence)
    what = (change.severity, change.kind, change.struct, change.op, change.subject)
    return (*what, change.before, change.after, change.reason, evidence)


def _porting(page: PortingPage) -> Iterator[Row]:
    yield "entry", "tag", "after", "by", "ops", "text", *PLACE
    for entry in (entry for group in page.groups for entry in group.entries):
        ops = "; ".join(link.text for link in entry.ops)
        yield entry.slug, entry.tag, entry.after, entry.since, ops, entry.text, *_place(entry.citation)


def _proofs(page: OpPage) -> Iterator[Row]:
    yield "facts", "text", *PLACE, "last line"
    for proof in page.proofs:
        yield "; ".join(proof.facts), proof.quote, *_place(proof.citation), proof.citation.last


def _marks(page: DocumentPage) -> Iterator[Row]:
    """A fact a row, with the line on which it begins."""
    yield "name", "fact", "text", *PLACE
    place = page.version, page.document.path
    for line in page.lines:
        told = [(mark.text, fact) for mark in line.marks for fact in mark.facts]
        yield from ((*each, line.text.strip(), *place, line.number) for each in told)
        yield from (("", remark, line.text.strip(), *place, line.number) for remark in line.remarks)


def _words(chips: tuple[Chip, ...]) -> str:
    return "; ".join(chip.word for chip in chips)


def _place(citation: Citation | None) -> Row:
    return (citation.version, citation.path, citation.line) if citation else ("", "", "")


SHEETS: dict[str, Callable[[Any], Iterator[Row]]] = {  # by the name of a route
    "home": _versions,
    "version": _tables,
    "table": _matrix,
    "op": _proofs,
    "document": _marks,
    "locks": _locks,
    "lock": _uses,
    "history": _life,
    "lock_history": _turns,
    "table_history": _lives,
    "diff": _changes,
    "diff_table": _changes,
    "porting": _porting,
}
