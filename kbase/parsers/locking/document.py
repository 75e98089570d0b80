"""The Locking document of every era: `Locking` (2.4 to 5.3), `locking.rst` (5.4 on), and its flattened pages.

    document = { heading, section }
    section  = [ "prototypes:" declarations ] [ "locking rules:" { blanket rule } [ table ] ] { paragraph }

The parts are recognized by their form, not by their place, so that a damaged part costs only itself.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby

from kbase.kernel.c_declarations import without_comments
from kbase.kernel.locks import read_blanket
from kbase.model.records import BlanketRule, Diagnostic, Format, Level, OpsTable, Parsed, Prototype, Record
from kbase.model.witnesses import DocumentKind
from kbase.parsers.declarations import BEGINS_FUNCTION, read_declarations
from kbase.parsers.evidence import diagnostic, error, evidence_of
from kbase.parsers.headings import BANNER, MARKED, Block, blocks, struct_in
from kbase.parsers.locking.column_inference import is_ruler
from kbase.parsers.locking.lock_tables import find_tables, looks_like_row
from kbase.parsers.locking.paragraphs import notes
from kbase.parsers.locking.rows import Section, read_table
from kbase.parsers.locking.tab_layout import Layout, Tabs, layout_of
from kbase.parsers.locking.tables import Table
from kbase.parsers.sections import is_another, is_called, sections_of
from kbase.parsers.unclaimed_lines import unclaimed
from kbase.text.lines import Line, Text

PROTOTYPES = re.compile(r"\s*prototypes?\s*:{1,2}\s*")
RULES = re.compile(r"\s*locking rules?\s*(?:::?\s*)?", re.IGNORECASE)
MARK = re.compile(r"\b(prototype|locking rule)s?:", re.IGNORECASE)
LEAST_MARKS = 3  # of each kind
BETWEEN = re.compile(r"\s*(?:#\s*(?:if|el|endif)|/\*|\*/)")  # preprocessor lines and comments among declarations
NAME = re.compile(
    r"\s*+[=-]*+\s*+(\w+_(?:operations|type|handler|struct|lock)|buffer_head)(?: operations)?\s*+[=-]*+\s*+\u00b6?\s*"
)
END_OF_STRUCT = re.compile(r"\s*\};?\s*")
PAGE_RULE = re.compile(r"([=\-*_])\1{3,}\s*")
BLANKET_START = re.compile(r"\s*(?:all|none|no VFS locks)\b.*", re.IGNORECASE)


def matches(name: str, text: Text) -> bool:
    """A document called Locking or locking.rst, or one that has prototypes and locking rules.

    The bare name is not enough for a document that has titles of its own and neither of the two. A document that has
    several of both, and none on a line of its own, is in an unknown form: `parse` reports it.
    """
    found = Counter(mark.lower() for line in text.lines for mark in MARK.findall(line.raw))
    if is_called(name, DocumentKind.LOCKING):
        return "/" in name or bool(found) or not is_another(text.lines)
    marks = {pattern for line in text.lines for pattern in (PROTOTYPES, RULES) if pattern.fullmatch(line.raw)}
    return len(marks) == 2 or (len(found) == 2 and min(found.values()) >= LEAST_MARKS)


def parse(name: str, text: Text, blob: str) -> Parsed:
    """The ops tables, prototypes, rows, cells, blanket rules and notes of a Locking document."""
    records: list[Record] = []
    plain: list[Line] = []
    layout = Layout(Tabs.COLLAPSED) if text.flattened else layout_of(text.lines)
    for block in chain.from_iterable(map(_without_lost_headings, blocks(text.lines))):
        stop = _page_rule(block.body)
        section = _read(replace(block, body=block.body[:stop]), blob, layout)
        if section is None:
            plain += [*block.heading, *block.body]
            records += _stray_rows(block.body, blob)
            continue
        records += section.records
        plain += block.body[stop:]
    records += sections_of(plain, blob)
    records += unclaimed(text.lines, records, blob)
    if not any(isinstance(record, OpsTable) for record in records):
        message = "no ops table was found in a Locking document"
        records.append(diagnostic("nothing-read", Level.ERROR, message, "", evidence_of(text.lines, blob)))
    is_rst = any(line.raw.startswith("prototypes::") for line in text.lines) or name.endswith(".rst")
    return Parsed(
        kind=DocumentKind.LOCKING,
        format=Format.RST if is_rst else Format.TEXT,
        title="Locking",
        records=tuple(records),
    )


def _stray_rows(lines: Sequence[Line], blob: str) -> Iterator[Diagnostic]:
    """Reports rows in a part of the document that is about no ops table: what cut them off cost their facts."""
    for line in lines:
        if looks_like_row(line, frozenset()):
            yield error("unread-row", "a row of a locking table outside the section of an ops table", [line], blob)


def _read(block: Block, blob: str, layout: Layout) -> Section | None:
    """The section's records, or None for a section that is about no ops table."""
    named = struct_in(block.title)
    has_rules = any(PROTOTYPES.fullmatch(line.raw) or RULES.fullmatch(line.raw) for line in block.body)
    if named is None or not block.heading:
        return _lost(block, blob) if has_rules else None
    section = Section(named[0], blob)
    if len(block.heading) == 1 and not any(form.fullmatch(block.heading[0].raw.rstrip()) for form in (BANNER, MARKED)):
        section.report(
            "damaged-heading", Level.WARNING, f"{named[0]}: a title without its ruler", block.title, block.line
        )
    left = _read_prototypes(section, block.body)
    ops = frozenset(record.op for record in section.records if isinstance(record, Prototype))
    tables = list(find_tables(left, ops, layout))
    rows = frozenset(row.op for table in tables for row in table.rows)
    if not (has_rules or tables):
        return None
    for table in tables:
        read_table(section, table, left, ops)
    inside = {position for table in tables for position in range(table.start, table.stop)}
    outside = [line for position, line in enumerate(left) if position not in inside]
    _read_prose(section, outside, ops | rows, left[tables[0].start].number if tables else None)
    section.records.insert(0, _ops_table(section, block, named[1], tables))
    return section


def _lost(block: Block, blob: str) -> Section:
    """Reports prototypes and rules that are not read, since their ops table is not known."""
    lines = [line for line in (*block.heading, *block.body) if not line.blank] or block.heading
    message = "prototypes or locking rules under a heading that names no ops table"
    return Section("", blob, [error("lost-heading", message, lines, blob)])


def _without_lost_headings(block: Block) -> Iterator[Block]:
    """The block cut where a second `prototypes:`, or any without a heading, shows that a heading lost its ruler.

    The line above it is the title if it is a struct's name; otherwise it is not known whose prototypes these are, and
    the rest has no title. The text of a web page has titles and no rulers at all.
    """
    marks = [position for position, line in enumerate(block.body) if PROTOTYPES.fullmatch(line.raw)]
    start, title, heading = 0, block.title, block.heading
    for mark in marks[1 if block.heading else 0 :]:
        above = next((p for p in range(mark - 1, max(start, mark - 5), -1) if NAME.fullmatch(block.body[p].raw)), None)
        yield Block(title, heading, block.body[start : mark if above is None else above])
        title = block.body[above].raw.strip(" \t=-\u00b6") if above is not None else ""
        start = mark if above is None else above + 1
        heading = block.body[start - 1 : start] if above is not None else block.body[mark : mark + 1]
    yield Block(title, heading, block.body[start:])


def _page_rule(lines: Sequence[Line]) -> int:
    """The position of the rule that ends what is about the section's ops table; behind the last line without one.

    Such a rule is alone, between a blank line and a blank or indented one, and no part of a table's rules is
    below it.
    """
    found = len(lines)
    for position in range(len(lines) - 2, 0, -1):
        line, below = lines[position], lines[position + 1]
        if PROTOTYPES.fullmatch(line.raw) or RULES.fullmatch(line.raw) or is_ruler(line):
            break
        alone = lines[position - 1].blank and (below.blank or below.indent)
        if alone and PAGE_RULE.fullmatch(line.raw) and not PAGE_RULE.fullmatch(below.raw.strip()):
            found = position
    return found


def _ops_table(section: Section, block: Block, written: str, tables: Sequence[Table]) -> OpsTable:
    return OpsTable(
        name=section.struct,
        written=written,
        columns=tuple(dict.fromkeys(column for table in tables for column in table.columns)),
        structure=tuple(sorted(section.structure)),
        evidence=section.evidence(block.line, block.heading[-1].number),
    )


# --- prototypes ---


def _read_prototypes(section: Section, lines: Sequence[Line]) -> list[Line]:
    """Reads the declarations; returns the other lines of the section, without the `prototypes:` line."""
    left: list[Line] = []
    block: list[Line] = []
    inside = False
    for line in lines:
        if PROTOTYPES.fullmatch(line.raw):
            inside = True
            section.structure.add(line.number)
        elif inside and RULES.fullmatch(line.raw):
            inside = False
            left.append(line)
        elif inside and line.blank:
            block.append(line)
            left.append(line)
        elif inside and _declares(line, block):
            block.append(line)
        elif inside and END_OF_STRUCT.fullmatch(line.raw):
            section.structure.add(line.number)
        else:
            left.append(line)
    section.structure.update(line.number for line in block if BETWEEN.match(line.raw))
    section.records += read_declarations(block, section.struct, section.blob)
    return left


def _declares(line: Line, block: Sequence[Line]) -> bool:
    """Whether a line begins a declaration, goes on with one, or is a comment or a preprocessor line among them."""
    if BEGINS_FUNCTION.match(line.raw) or BETWEEN.match(line.raw):
        return True
    so_far = without_comments("\n".join(line.raw for line in block[-12:])).rstrip()
    if not so_far or block[-1].blank:
        return False
    return not so_far.endswith(";") and not line.raw.rstrip().endswith((":", ".")) and _unclosed(so_far)


def _unclosed(code: str) -> bool:
    tail = code.rpartition(";")[2]
    return tail.count("(") > tail.count(")") or tail.rstrip().endswith((",", "*"))


# --- blanket rules and notes ---


def _read_prose(section: Section, lines: Sequence[Line], ops: frozenset[str], table_line: int | None) -> None:
    """Reads the lines around the tables: blanket rules between `locking rules:` and the table, then notes."""
    above, started = True, False
    rest: list[Line] = []
    for line in lines:
        if looks_like_row(line, ops):
            section.report(
                "unread-row", Level.ERROR, "a row of a locking table without its header", line.raw, line.number
            )
            continue
        if BEGINS_FUNCTION.match(line.raw):
            message = "a declaration outside a block of prototypes"
            section.report("unread-declaration", Level.ERROR, message, line.raw, line.number)
            continue
        if RULES.fullmatch(line.raw):
            started = above = True
            section.structure.add(line.number)
        elif started and above and _is_blanket(line, table_line):
            _add_blanket(section, line)
        else:
            above = above and line.blank
            rest.append(line)
    for _, group in groupby(rest, key=lambda line: table_line is not None and line.number > table_line):
        section.records += notes(list(group), section.struct, ops, section.blob)


def _is_blanket(line: Line, table_line: int | None) -> bool:
    if line.blank or not BLANKET_START.fullmatch(line.raw):
        return False
    if table_line is not None and line.number < table_line:
        return True
    sentence = table_line is None and line.raw.rstrip().endswith(".")
    return sentence or any(blanket.lock for blanket in read_blanket(line.raw))


def _add_blanket(section: Section, line: Line) -> None:
    for blanket in read_blanket(line.raw):
        if blanket.reading is None:
            message = "no certain reading of a blanket rule"
            section.report("uncertain-reading", Level.WARNING, message, line.raw, line.number)
        section.records.append(
            BlanketRule(
                struct=section.struct,
                text=blanket.text,
                exceptions=blanket.exceptions,
                lock=blanket.lock,
                reading=blanket.reading,
                evidence=section.evidence(line.number, line.number),
            )
        )
