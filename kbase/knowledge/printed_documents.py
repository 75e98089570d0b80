"""Records printed as documents in the formats that we read: facts without prose, each on its original's line.

The inverse of `kbase.parsers` for Locking and vfs documents of both formats: titles, prototypes, struct blocks,
locking tables, blanket rules, and the names of what is described. Reading the print back gives equal records on
equal lines, but for notes, sections, diagnostics, and the text of descriptions, functions and flags, which are prose.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import TypeVar

from kbase.kernel.c_declarations import without_comments
from kbase.model.records import (
    BlanketRule,
    Description,
    Flag,
    Format,
    Function,
    LockRule,
    Member,
    OpRow,
    OpsTable,
    Parsed,
    Prototype,
    Record,
    Section,
)
from kbase.model.witnesses import DocumentKind
from kbase.text.lines import TAB

R = TypeVar("R", bound=Record)
LONGEST_TITLE = 6  # words
IDENTIFIER = re.compile(r"!?\w+")


@dataclass
class Canvas:
    """A page of numbered lines, blank until something is put there; `clashes` are the lines asked for twice."""

    lines: dict[int, str] = field(default_factory=dict)
    clashes: list[tuple[int, str]] = field(default_factory=list)

    def put(self, number: int, text: str) -> None:
        """Writes a line; what stands there already stays, and the clash is recorded."""
        if number < 1 or self.lines.get(number, text) != text:
            self.clashes.append((number, text))
        else:
            self.lines[number] = text

    def free(self, number: int) -> bool:
        """Whether nothing stands on the line."""
        return number >= 1 and number not in self.lines

    def text(self) -> str:
        """The page, every line ended by a newline."""
        last = max(self.lines, default=0)
        return "".join(f"{self.lines.get(number, '')}\n" for number in range(1, last + 1))


def print_document(parsed: Parsed) -> Canvas:
    """The facts of a Locking or vfs document on their lines.

    Other kinds consist of prose and give an empty page.
    """
    canvas = Canvas()
    put = PRINTERS.get(parsed.kind)
    if put is None:
        return canvas
    rst = parsed.format is Format.RST
    for section in _all(parsed, Section):
        _put_title(canvas, section)
    put(canvas, parsed, rst)
    return canvas


def _all(parsed: Parsed, kind: type[R]) -> Iterator[R]:
    return (record for record in parsed.records if isinstance(record, kind))


def _put_title(canvas: Canvas, section: Section) -> None:
    """A section's title with a ruler below it; its text is prose, and so is a title as long as a sentence."""
    if not section.heading or not section.titles or len(section.titles[-1].split()) > LONGEST_TITLE:
        return
    ruler = ("=" if len(section.titles) == 1 else "-") * max(4, len(section.titles[-1]))
    lines = [ruler, section.titles[-1], ruler][-section.heading :]
    for number, line in enumerate(lines, section.evidence.first):
        canvas.put(number, line)


# --- Locking ---


def _put_locking(canvas: Canvas, parsed: Parsed, rst: bool) -> None:
    for table in _all(parsed, OpsTable):
        first, last = table.evidence.first, table.evidence.last
        if first == last:
            canvas.put(first, f" {table.written} ".center(72, "-"))
        else:
            canvas.put(first, table.written)
            canvas.put(last, "=" * max(4, len(table.written)))
    prototypes = tuple(_all(parsed, Prototype))
    for _, group in groupby(prototypes, key=lambda prototype: prototype.struct):
        _put_prototypes(canvas, tuple(group), rst)
    tables = {table.name: table for table in _all(parsed, OpsTable)}
    rows: dict[str, list[OpRow]] = {}
    for row in _all(parsed, OpRow):
        rows.setdefault(row.struct, []).append(row)
    rules = tuple(_all(parsed, LockRule))
    for struct, its_rows in rows.items():
        _put_table(canvas, tables[struct], its_rows, [rule for rule in rules if rule.struct == struct], rst)
    _put_blankets(canvas, tuple(_all(parsed, BlanketRule)))
    starts = {struct: its_rows[0].evidence.first - (3 if rst else 1) for struct, its_rows in rows.items()}
    for rule in _all(parsed, BlanketRule):
        starts[rule.struct] = min(starts.get(rule.struct, rule.evidence.first), rule.evidence.first)
    for start in starts.values():
        canvas.put(_free_above(canvas, start), "locking rules:")


def _free_above(canvas: Canvas, number: int) -> int:
    """The nearest line above that nothing stands on."""
    return next((line for line in range(number - 1, 0, -1) if canvas.free(line)), 0)


def _put_prototypes(canvas: Canvas, prototypes: Sequence[Prototype], rst: bool) -> None:
    """`prototypes:` on the nearest free line above, then the declarations."""
    above = prototypes[0].evidence.first - 1
    if rst and canvas.free(above) and canvas.free(above - 1):
        above -= 1  # a literal block is set off by a blank line
    if prototypes[0].condition:
        above -= 1
    canvas.put(above, "prototypes::" if rst else "prototypes:")
    _put_declarations(canvas, prototypes, "\t")


def _put_declarations(canvas: Canvas, declarations: Sequence[Prototype | Member], indent: str) -> None:
    for condition, group in groupby(declarations, key=lambda declaration: declaration.condition):
        members = tuple(group)
        if condition:
            canvas.put(members[0].evidence.first - 1, _directive(condition))
            canvas.put(max(member.evidence.last for member in members) + 1, "#endif")
        for same, shared in groupby(members, key=lambda member: member.evidence):
            lines = [_declaration(member, same.last - same.first + 1, indent) for member in shared]
            for offset, parts in enumerate(zip(*lines, strict=True)):
                canvas.put(same.first + offset, indent.join(parts) if len(parts) > 1 else parts[0])


def _directive(condition: str) -> str:
    if not IDENTIFIER.fullmatch(condition):
        return f"#if {condition}"
    return f"#ifndef {condition[1:]}" if condition.startswith("!") else f"#ifdef {condition}"


def _declaration(declaration: Prototype | Member, count: int, indent: str) -> list[str]:
    """A declaration over `count` lines; one that is broken in the document stays broken."""
    if isinstance(declaration, Prototype) and declaration.malformed:
        return _broken(declaration, count, indent)
    lines = _spread(re.split(r"(?<=,) ", f"{declaration.text};"), count)
    return [(indent + "\t" * (2 if number else 0) + line).rstrip() for number, line in enumerate(lines)]


def _spread(pieces: Sequence[str], count: int) -> list[str]:
    """The pieces over exactly `count` lines, as evenly as they go; the first and the last line are never blank."""
    if len(pieces) < count:
        pieces = " ".join(pieces).split(" ")
    filled = min(count, len(pieces))
    bounds = [number * len(pieces) // filled for number in range(filled + 1)]
    lines = [" ".join(pieces[start:stop]) for start, stop in pairwise(bounds)]
    return [*lines[:-1], *[""] * (count - filled), lines[-1]]


def _broken(declaration: Prototype, count: int, indent: str) -> list[str]:
    """The tokens as they stand, line by line; a continuation at the margin (a word cut in two) stays there."""
    lines = [without_comments(line) for line in declaration.raw.split("\n")]
    kept = [
        ("" if number and not line[:1].isspace() else indent) + " ".join(line.split())
        for number, line in enumerate(lines)
    ]
    return (kept + [""] * count)[:count]


def _put_table(canvas: Canvas, table: OpsTable, rows: Sequence[OpRow], rules: Sequence[LockRule], rst: bool) -> None:
    """The locking table of a struct: header above its first row, in the format's own layout."""
    texts = [_row(table, row, rules) for row in rows]
    header = ("" if not rst else "ops", *table.columns)
    widths = [
        max([3, *(len(row[column]) for row in (header, *texts) if column < len(row))])
        for column in range(len(max(texts, key=len)))
    ]
    top = rows[0].evidence.first
    if not rst:
        canvas.put(top - 1, _tabbed(header, widths))
        for row, cells in zip(rows, texts, strict=True):
            canvas.put(row.evidence.first, _tabbed(cells, widths))
        return
    for number in (top - 3, top - 1, rows[-1].evidence.last + 1):
        canvas.put(number, "  ".join("=" * width for width in widths))
    canvas.put(top - 2, _ruled(header, widths))
    for row, cells in zip(rows, texts, strict=True):
        count = row.evidence.last - row.evidence.first + 1
        columns = [[cells[0], *[""] * (count - 1)], *(_down(cell, count) for cell in cells[1:])]
        for offset, line in enumerate(zip(*columns, strict=True)):
            canvas.put(row.evidence.first + offset, _ruled(line, widths))


def _down(cell: str, count: int) -> list[str]:
    words = cell.split(" ")
    lines = _spread(words, min(count, len(words)))
    return lines + [""] * (count - len(lines))


def _row(table: OpsTable, row: OpRow, rules: Sequence[LockRule]) -> tuple[str, ...]:
    """The texts of a row: label, a cell for every column, the remark if there is one."""
    own = [
        rule for rule in rules if rule.op == row.op and row.evidence.first <= rule.evidence.first <= row.evidence.last
    ]
    cells = {rule.lock: rule.cell for rule in own}
    remarks = tuple(rule.cell for rule in own if rule.lock not in table.columns)
    return (f"{row.op}:", *(cells.get(column, "") for column in table.columns), *remarks)


def _ruled(texts: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(text.ljust(width) for text, width in zip(texts, widths, strict=False)).rstrip()


def _tabbed(texts: Sequence[str], widths: Sequence[int]) -> str:
    """A row of a legacy table: every cell begins at its column's tab stop."""
    line, stop = "", 0
    for text, width in zip(texts, widths, strict=False):
        if text:
            line += "\t" * -(-(stop - len(line.expandtabs(TAB))) // TAB) + text
        stop += (width // TAB + 1) * TAB
    return line


def _put_blankets(canvas: Canvas, blankets: Sequence[BlanketRule]) -> None:
    for (_, line), group in groupby(blankets, key=lambda rule: (rule.struct, rule.evidence.first)):
        canvas.put(line, "\t" + ", ".join(rule.text for rule in group))


# --- vfs ---


def _put_vfs(canvas: Canvas, parsed: Parsed, rst: bool) -> None:
    indent = "\t" if rst else ""
    for table in _all(parsed, OpsTable):
        first, last = table.evidence.first, table.evidence.last
        canvas.put(first, f"{indent}struct {table.written} {{")
        canvas.put(last, f"{indent}}};")
        members = [record for record in parsed.records if isinstance(record, Prototype | Member)]
        inside = [member for member in members if first < member.evidence.first <= last]
        _put_declarations(canvas, inside, indent + "\t")
        above = first - 1
        if rst:
            above = first - 2 if canvas.free(first - 1) and canvas.free(first - 2) else first - 1
            canvas.put(above, ".. code-block:: c")
        if table.as_of:
            canvas.put(
                _free_above(canvas, above - (1 if canvas.free(above - 1) else 0)), f"As of kernel {table.as_of}:"
            )
    _put_names(canvas, parsed, rst)


def _put_names(canvas: Canvas, parsed: Parsed, rst: bool) -> None:
    """What is described, without the description: entries of description lists, and the flags in them."""
    named: list[Description | Function] = [*_all(parsed, Description), *_all(parsed, Function)]
    for line, group in groupby(sorted(named, key=lambda record: record.evidence.first), key=lambda r: r.evidence.first):
        names = [record.op if isinstance(record, Description) else record.name for record in group]
        canvas.put(line, ", ".join(f"``{name}``" for name in names) if rst else f"  {', '.join(names)}:")
    for flag in _all(parsed, Flag):
        canvas.put(flag.evidence.first, f"\t- {flag.name}:")


def changed(before: Iterable[Record], after: Iterable[Record]) -> tuple[tuple[Record, ...], tuple[Record, ...]]:
    """(lost, gained): the printable facts that differ in value or line between a document and its print read back."""
    old, new = ({_printable(record) for record in records} - {None} for records in (before, after))
    return (
        tuple(key[0] for key in old - new if key),
        tuple(key[0] for key in new - old if key),
    )


def _printable(record: Record) -> tuple[Record, int, int] | None:
    if not isinstance(record, OpsTable | Prototype | Member | OpRow | LockRule | BlanketRule):
        return None
    return record, record.evidence.first, record.evidence.last


PRINTERS = {DocumentKind.LOCKING: _put_locking, DocumentKind.VFS: _put_vfs}
