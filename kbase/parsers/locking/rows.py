"""Converts the rows of a locking table to lock rules, with repairs and diagnostics."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kbase.kernel.locks import CellReading, read_cell
from kbase.model.records import Evidence, Held, Level, LockRule, OpRow, Reading, Record
from kbase.parsers.evidence import diagnostic
from kbase.parsers.locking.column_inference import FIRST_HEADERS, PHRASES
from kbase.parsers.locking.tables import Cell, Row, Table
from kbase.parsers.locking.vocabulary import PARENTHESES, VOCABULARY
from kbase.text.lines import Line

ROW_LABEL = re.compile(r"[A-Za-z_]\w*:")
NO_OPS = frozenset({"yes", "no", "maybe", "shared", "exclusive"})  # words of cells; `read` and `write` are ops, too
NO_READING = (Reading(subject=None, held=Held.UNKNOWN),)


@dataclass
class Section:
    """The section of one ops table while it is read."""

    struct: str
    blob: str
    records: list[Record] = field(default_factory=list)
    structure: set[int] = field(default_factory=set)  # markers, rulers, headers: lines that state nothing themselves

    def evidence(self, first: int, last: int) -> Evidence:
        """The lines of those numbers as evidence."""
        return Evidence(blob=self.blob, first=first, last=last)

    def report(self, code: str, level: Level, message: str, excerpt: str, *lines: int) -> None:
        """Adds a diagnostic about the line, or the first and last line, that `lines` names."""
        self.records.append(diagnostic(code, level, message, excerpt, self.evidence(lines[0], lines[-1])))


def read_table(section: Section, table: Table, lines: Sequence[Line], ops: frozenset[str]) -> None:
    """Adds the rules of a table that was found in `lines`; `ops` have prototypes."""
    shape = lines[table.start : table.stop]
    if table.damage:
        section.report("damaged-table", Level.WARNING, table.damage, shape[0].raw, shape[0].number, shape[-1].number)
    unread = {line.number for line in table.unread}
    rows = {number for row in table.rows for number in range(row.first, row.last + 1)}
    section.structure |= {line.number for line in shape} - rows - unread
    for line in table.unread:
        section.report("unread-row", Level.ERROR, "a line of a locking table is no row", line.raw, line.number)
    named = {row.op for row in table.rows}
    for row in table.rows:
        if _is_run_together(row, ops | named):
            raw = next(line.raw for line in shape if line.number == row.first)
            section.report("unread-row", Level.ERROR, "several rows on one line", raw, row.first, row.last)
        else:
            _read_row(section, row, row.op if row.op in ops else _meant(row.op, ops - named))


def _is_run_together(row: Row, ops: frozenset[str]) -> bool:
    """Whether a row has a second row in it: a cell has a label in it, or the label is a word of cells.

    A program that fills paragraphs (`fmt`) does that to a table.
    """
    cells = [(cell.header or "", PARENTHESES.sub("", cell.text)) for cell in row.cells]
    words = [word for header, text in cells if header != "note" for word in text.split()]
    torn = any("=" in header or ":" in header or header.split(" ")[0] in FIRST_HEADERS for header, _ in cells)
    labels = (word for word in words if not VOCABULARY.fullmatch(word))
    return torn or row.op in NO_OPS or any(ROW_LABEL.fullmatch(word) or word in ops for word in labels)


def _read_row(section: Section, row: Row, op: str) -> None:
    if op != row.op:
        section.report("repaired-name", Level.WARNING, f"row {row.op} read as {op}", row.op, row.first)
    if row.repair:
        section.report("shifted-row", Level.WARNING, f"{op}: {row.repair}", row.op, row.first)
    section.records.append(OpRow(struct=section.struct, op=op, evidence=section.evidence(row.first, row.last)))
    remark = Cell(header="note", text=row.remark, first=row.first, last=row.last)
    section.records += (_rule(section, op, cell) for cell in (*row.cells, *[remark] * bool(row.remark)))


def _meant(name: str, ops: frozenset[str]) -> str:
    """The op, of those without a row, that a misspelt row means: one letter lost or doubled, nothing more."""
    near = difflib.get_close_matches(name, ops, n=2, cutoff=0.9)
    return near[0] if len(near) == 1 and abs(len(near[0]) - len(name)) <= 1 and len(name) > 5 else name


def _rule(section: Section, op: str, cell: Cell) -> LockRule:
    if cell.header is None:
        reading = CellReading(NO_READING, certain=True)
        message = f"{op}: {cell.text!r} may belong under {' or '.join(cell.candidates)}"
        section.report("ambiguous-cell", Level.WARNING, message, cell.text, cell.first)
    else:
        reading = read_cell(cell.header, cell.text)
        if cell.text and _is_cut(cell.header.lower()):
            reading = replace(reading, readings=NO_READING, certain=False)
    if not reading.certain:
        message = f"{op}: no certain reading of {cell.text!r} under {cell.header!r}"
        section.report("uncertain-reading", Level.WARNING, message, cell.text, cell.first)
    return LockRule(
        struct=section.struct,
        op=op,
        lock=" or ".join(cell.candidates) if cell.header is None else cell.header,
        cell=cell.text,
        readings=reading.readings,
        candidates=cell.candidates,
        evidence=section.evidence(cell.first, cell.last),
    )


def _is_cut(header: str) -> bool:
    """Whether a column's header is only the beginning of a known one, as `may` of `may block` in folded lines."""
    return len(header) > 1 and header not in PHRASES and any(phrase.startswith(header) for phrase in PHRASES)
