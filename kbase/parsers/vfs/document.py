"""The vfs document of every era: `vfs.txt` (2.4 to 5.1), `vfs.rst` (5.2 on), and saved pages of them.

    section     = heading { paragraph | struct block | description list }
    struct      = "struct" name "{" declarations "};"
    description = text: 2 spaces, name { "," name } ":" text, { indented line }
                | RST: "``" name "``" newline { indented line }

A list whose names are members of the section's ops table describes them; any other list documents functions, also one
that names members which a list above describes already (`d_delete()` below the dentry operations of 2.4).
"""

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from kbase.kernel.c_declarations import is_function_pointer
from kbase.model.records import (
    Description,
    Evidence,
    Flag,
    Format,
    Function,
    Level,
    Member,
    OpsTable,
    Parsed,
    Prototype,
    Record,
)
from kbase.model.witnesses import DocumentKind
from kbase.parsers.declarations import BEGINS_FUNCTION, read_declarations
from kbase.parsers.evidence import diagnostic, evidence_of
from kbase.parsers.headings import STRUCT_NAMES, Block, blocks
from kbase.parsers.sections import is_another, is_called, sections_of
from kbase.parsers.unclaimed_lines import unclaimed
from kbase.parsers.vfs.blanket_rules import blanket_rules
from kbase.parsers.vfs.entries import (
    DIRECTIVE,
    RST_ITEM,
    STRIPPED_ITEM,
    STRUCT_BEGINS,
    TEXT_ITEM,
    Entry,
    entry_at,
    with_braces,
)
from kbase.text.lines import Line, Text

TITLE = re.compile(r"overview of the (?:linux )?virtual file ?system", re.IGNORECASE)
OTHERS = re.compile(r"(?:^|/)(?:porting|directory-locking)(?:\.\w+)?$", re.IGNORECASE)
ITS_STRUCTS = frozenset(
    {"file_system_type", "super_operations", "inode_operations", "file_operations", "dentry_operations"}
)
STRUCT_ENDS = re.compile(r"\s*\}\s*(?:;\s*)?")
STRUCT_IN_TITLE = re.compile(r"struct\s+(\w+)")
AS_OF = re.compile(r"As of (?:kernel )?(?:version )?(\d+(?:\.\d+)+)")
BROKEN_ITEM = re.compile(r"(?!``.*``\s*(?::\s*)?$)(?=\S*`)\S*+\s*$")  # what damage leaves of "``name``"
FLAG = re.compile(r"\s*(?:\(\d+\)|[-*])\s+([A-Z][A-Z0-9]*_[A-Z0-9_]+)\s*:\s*(.*)", re.DOTALL)
LONGEST_STRUCT = 400  # lines; the longest met has 40
LONGEST_DECLARATION = 1000  # characters that are looked back at for a parenthesis that is open
GENERIC = "generic mount"  # the group of functions that a paragraph with "generic" introduces
MOST_MEMBERS = 200  # looked at for a misspelt name; the largest table met has 40


def matches(name: str, text: Text) -> bool:
    """A document called vfs.txt or vfs.rst, or titled as one, or with two of its ops tables.

    The bare name is not enough for a document that has titles of its own and no word of ops tables.
    """
    tables = any("_operations" in line.raw for line in text.lines)
    if is_called(name, DocumentKind.VFS) and ("/" in name or tables or not is_another(text.lines)):
        return True
    if OTHERS.search(name):  # a copy of a whole page has the titles of the others in its margin
        return False
    if any(TITLE.search(line.raw) for line in text.lines[:12]):
        return True
    begins = {match[1] for line in with_braces(text.lines) if (match := STRUCT_BEGINS.fullmatch(line.raw))}
    return len(begins & ITS_STRUCTS) >= 2


def parse(name: str, text: Text, blob: str) -> Parsed:
    """The ops tables, prototypes, members, descriptions, flags and functions of a vfs document."""
    reader = _Reader(blob)
    for block in blocks(with_braces(text.lines)):
        reader.read(block)
    reader.finish_lists()
    records = [*reader.records, *sections_of(reader.plain, blob)]
    records += unclaimed(text.lines, records, blob)
    if not any(isinstance(record, OpsTable) for record in records):
        message = "no ops table was found in a vfs document"
        records.append(diagnostic("nothing-read", Level.ERROR, message, "", evidence_of(text.lines, blob)))
    is_rst = name.endswith(".rst") or any(DIRECTIVE.fullmatch(line.raw) for line in text.lines)
    return Parsed(
        kind=DocumentKind.VFS,
        format=Format.RST if is_rst else Format.TEXT,
        title="Overview of the Linux Virtual File System",
        records=tuple(records),
    )


@dataclass
class _List:
    """A description list: the struct its section is about, its heading and the paragraph above it."""

    struct: str | None
    title: str
    intro: str
    items: list[Entry] = field(default_factory=list)


class _Reader:
    """Reads block by block; what nothing claims is left in `plain`."""

    def __init__(self, blob: str) -> None:
        self.blob = blob
        self.records: list[Record] = []
        self.plain: list[Line] = []
        self.lists: list[_List] = []
        self.members: dict[str, list[str]] = {}
        self.described: set[tuple[str | None, str]] = set()  # (struct, name) of every entry
        self.struct_end = 0  # the last line of the struct block read last

    def read(self, block: Block) -> None:
        """Reads one section: its struct blocks, then its lists."""
        self.plain += block.heading
        titled = STRUCT_IN_TITLE.search(block.title)
        struct = self._canonical(titled[1]) if titled else None
        position, intro = 0, list[Line]()
        self.lists.append(_List(struct, block.title, ""))
        while position < len(block.body):
            stop = self._struct_end(block.body, position)
            if stop:
                struct = self._read_struct(block, position, stop)
                self.lists.append(_List(struct, block.title, ""))
                position = stop
                continue
            position = self._read_line(block, position, struct, intro)

    def _read_line(self, block: Block, position: int, struct: str | None, intro: list[Line]) -> int:
        """Reads an entry, or a line of a paragraph (the last one is `intro`); returns the next position."""
        line = block.body[position]
        item = entry_at(block.body, position, frozenset(self.members.get(struct or "", ())))
        if item and self._is_without_text(block.body, position, item):
            return position + 1
        if item:
            if intro and not self.lists[-1].items:
                self.lists[-1].intro = " ".join(each.raw.strip() for each in intro)
            self.lists[-1].items.append(item)
            return position + len(item.lines)
        if not line.blank and self.lists[-1].items:
            self.lists.append(_List(struct, block.title, ""))
        if self._is_damage(block.body, position, struct):
            return position + 1
        self.plain.append(line)
        if not line.blank:
            if position and block.body[position - 1].blank:
                intro.clear()
                self.records += blanket_rules(block.body, position, struct, self.blob) if struct else ()
            intro.append(line)
        return position + 1

    def _is_without_text(self, lines: Sequence[Line], position: int, item: Entry) -> bool:
        """Whether the text of an entry lost its indentation, so that its end is not known; reported."""
        below = lines[position + 1] if position + 1 < len(lines) else None
        if item.head or len(item.lines) > 1 or below is None or not below.raw[:1].isalnum():
            return False
        self._report(
            "unread-entry", Level.ERROR, "an entry whose text is not indented", lines[position], lines[position]
        )
        return True

    def _is_damage(self, lines: Sequence[Line], position: int, struct: str | None) -> bool:
        """Whether a line is a remainder of a damaged struct block or description list; reported."""
        line = lines[position]
        if BEGINS_FUNCTION.match(line.raw):
            message = "a declaration outside a struct block"
            self._report("unread-declaration", Level.ERROR, message, line, line)
            return True
        stripped = STRIPPED_ITEM.match(line.raw)
        if stripped and set(stripped["names"].split(", ")) <= set(self.members.get(struct or "", ())):
            self._report("unread-entry", Level.ERROR, "an entry with no blank line above it, not indented", line, line)
            return True
        broken = BROKEN_ITEM.match(line.raw)
        if broken and position + 1 < len(lines) and lines[position + 1].raw[:1] == "\t":
            self._report("unread-entry", Level.ERROR, "an entry of a description list without its name", line, line)
            return True
        return False

    @staticmethod
    def _canonical(written: str) -> str:
        return STRUCT_NAMES.get(written, written)

    def _struct_end(self, lines: Sequence[Line], start: int) -> int:
        """The position behind the struct block that begins at `start`; 0 where none does, or it is no ops table."""
        if not STRUCT_BEGINS.fullmatch(lines[start].raw):
            return 0
        code = unfinished = ""
        for position in range(start + 1, min(len(lines), start + LONGEST_STRUCT)):
            raw = lines[position].raw
            if STRUCT_ENDS.fullmatch(raw):
                return position + 1 if is_function_pointer(code) else 0
            code += raw if is_function_pointer(raw) else ""
            folded = unfinished.count("(") > unfinished.count(")") and raw.rstrip().endswith((";", ","))
            if not folded and _is_prose(raw, lines[start].raw):
                return position if is_function_pointer(code) else 0
            unfinished = (unfinished + raw).rpartition(";")[2][-LONGEST_DECLARATION:]
        return len(lines) if is_function_pointer(code) else 0

    def _read_struct(self, block: Block, start: int, stop: int) -> str:
        lines = block.body[start:stop]
        begin = STRUCT_BEGINS.fullmatch(lines[0].raw)
        assert begin is not None  # `_struct_end` matched it
        written = begin[1]
        struct = self._canonical(written)
        closed = bool(STRUCT_ENDS.fullmatch(lines[-1].raw))
        stamp = AS_OF.search(" ".join(line.raw.strip() for line in self._since_struct(block.body, start)))
        self.struct_end = lines[-1].number
        evidence = evidence_of(lines, self.blob)
        as_of = stamp[1] if stamp else None
        structure = self._directive_above(block.body, start)
        self.records.append(OpsTable(name=struct, written=written, as_of=as_of, structure=structure, evidence=evidence))
        if struct != written:
            self._report("misnamed-struct", Level.INFO, f"struct {written} read as {struct}", lines[0], lines[0])
        if not closed:
            self._report("unclosed-struct", Level.WARNING, f"struct {struct} has no closing brace", lines[0], lines[-1])
        for record in read_declarations(lines[1:-1] if closed else lines[1:], struct, self.blob):
            self.records.append(record)
            if isinstance(record, Prototype | Member):
                name = record.op if isinstance(record, Prototype) else record.name
                self.members.setdefault(struct, []).append(name)
        return struct

    def _since_struct(self, lines: Sequence[Line], stop: int) -> Sequence[Line]:
        """The lines between the struct block read last and `stop`."""
        start = stop
        while start and lines[start - 1].number > self.struct_end:
            start -= 1
        return lines[start:stop]

    def _directive_above(self, lines: Sequence[Line], stop: int) -> tuple[int, ...]:
        """The number of the `.. code-block::` line right above `stop`, which is removed from `plain`."""
        above = next((line for position in range(stop - 1, -1, -1) if not (line := lines[position]).blank), None)
        if above is None or not DIRECTIVE.fullmatch(above.raw):
            return ()
        last = next((at for at in range(len(self.plain) - 1, -1, -1) if self.plain[at] is above), None)
        if last is not None:
            del self.plain[last]
        return (above.number,)

    def finish_lists(self) -> None:
        """Turns the lists into descriptions or functions, once all members are known."""
        self.described = {(each.struct, name) for each in self.lists for item in each.items for name in item.names}
        described = set[tuple[str, str]]()  # by the lists above
        for each in self.lists:
            if not each.items:
                continue
            members = dict.fromkeys(self.members.get(each.struct or "", []))
            names = [name for item in each.items for name in item.names]
            generic = "generic" in each.intro.lower()
            new = any(name in members and (each.struct, name) not in described for name in names)
            if each.struct and (new or not (members or generic)):
                self._describe(each, each.struct, members)
                described |= {(each.struct, name) for name in names}
            else:
                self._document_functions(each)

    def _describe(self, each: _List, struct: str, members: Collection[str]) -> None:
        described = {name for item in each.items for name in item.names}
        free = [name for name in members if name not in described][:MOST_MEMBERS]
        for item in each.items:
            for written in item.names:
                near = [] if written in members else difflib.get_close_matches(written, free, n=1, cutoff=0.85)
                name = near[0] if near else written
                owner = struct if name in members else self._owner(name, struct)
                if (owner, name) != (struct, written):
                    message = f"description of {written} read as {owner}.{name}"
                    self._report("repaired-name", Level.WARNING, message, item.lines[0], item.lines[0])
                self.records.append(Description(struct=owner, op=name, text=item.text, evidence=self._evidence(item)))
                self.records += self._flags(item, owner, name)

    def _owner(self, name: str, struct: str) -> str:
        """The ops table of a member that is described in the list of another one, which has no such member.

        The owner has the member and does not describe it itself; if that is not certain, it is the table of the list.
        """
        owners = [table for table, members in self.members.items() if name in members] if struct in self.members else []
        return owners[0] if len(owners) == 1 and (owners[0], name) not in self.described else struct

    def _document_functions(self, each: _List) -> None:
        group = GENERIC if "generic" in each.intro.lower() else each.title
        for item in each.items:
            for name in item.names:
                self.records.append(Function(name=name, group=group, text=item.text, evidence=self._evidence(item)))

    def _flags(self, item: Entry, struct: str, op: str) -> Iterator[Flag]:
        """The flags that a description lists: `(1) RENAME_NOREPLACE: ...`."""
        starts = [(number, match) for number, line in enumerate(item.lines) if (match := FLAG.fullmatch(line.raw))]
        for (number, match), after in zip(starts, [*(n for n, _ in starts[1:]), len(item.lines)], strict=False):
            lines = item.lines[number:after]
            text = [match[2], *(line.raw for line in lines[1:])]
            stop = next((n for n, line in enumerate(lines) if n and line.blank), len(lines))
            yield Flag(
                name=match[1], struct=struct, op=op, text=" ".join(" ".join(text[:stop]).split()),
                evidence=evidence_of(lines[:stop], self.blob),
            )  # fmt: skip

    def _evidence(self, item: Entry) -> Evidence:
        return evidence_of([item.lines[0], item.last], self.blob)

    def _report(self, code: str, level: Level, message: str, first: Line, last: Line) -> None:
        self.records.append(diagnostic(code, level, message, first.raw, evidence_of([first, last], self.blob)))


def _is_prose(raw: str, begins: str) -> bool:
    """Whether a line ends a struct block without a closing brace: an entry of a list, or a paragraph at the margin."""
    if RST_ITEM.fullmatch(raw) or TEXT_ITEM.fullmatch(raw):
        return True
    at_margin = raw[:1].isalpha() and (begins[:1].isspace() or not raw.rstrip().endswith((";", ",", "*/")))
    return at_margin and not raw.lstrip().startswith(("#", "/*")) and " " in raw.strip()
