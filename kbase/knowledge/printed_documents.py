"""Documents reduced to their facts: prose is left out, and each fact stays on its line.

For headers, and for Locking and vfs documents of both formats: titles, declarations, struct blocks, locking tables,
blanket rules, and the names of what is described. Reading the print gives equal records on equal lines, except notes,
sections, diagnostics, and the text of descriptions, functions and flags, which are prose.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from kbase.kernel.c_declarations import without_comments
from kbase.kernel.locks import PROCESS_CONTEXT
from kbase.kernel.tables import NOT_SEARCHED
from kbase.model.records import (
    BlanketRule,
    Description,
    Diagnostic,
    Flag,
    Format,
    Function,
    LockRule,
    Member,
    OpRow,
    OpsTable,
    Parsed,
    ProseRule,
    Prototype,
    Record,
    Section,
)
from kbase.model.witnesses import OP_WITNESSES, DocumentKind
from kbase.parsers.callers.document import without_source
from kbase.text.lines import Text

IN_SENTENCES = ("any lock", PROCESS_CONTEXT)
LONGEST_TITLE = 6  # words; a longer one is a sentence


def print_document(text: Text, parsed: Parsed) -> str:
    """The facts of a document of ops or of callers on their lines; other kinds are prose: an empty page."""
    if parsed.kind is DocumentKind.CALLERS:
        return without_source(text)
    records = [record for record in parsed.records if _is_fact(record)] if parsed.kind in OP_WITNESSES else []
    lines: dict[int, str] = {}
    for number, restated in (line for record in records for line in _restated(record, text, parsed.format)):
        lines[number] = f"{lines[number]}, {restated.strip()}" if number in lines else restated
    lines |= {number: line for record in records for number, line in _source(record, text)}
    return "".join(f"{lines.get(number, '')}\n" for number in range(1, max(lines, default=0) + 1))


def _is_fact(record: Record) -> bool:
    """Whether a record is printed: rules in sentences are not, also those over a table of the vfs document."""
    return not (isinstance(record, ProseRule) or (isinstance(record, BlanketRule) and record.lock in IN_SENTENCES))


def _source(record: Record, text: Text) -> Iterator[tuple[int, str]]:
    """The source lines of a record that hold nothing but facts, by number."""
    first, last = record.evidence.first, record.evidence.last
    match record:
        case Section(titles=titles, heading=heading) if heading and len(titles[-1].split()) <= LONGEST_TITLE:
            yield from ((number, _line(text, number)) for number in range(first, first + heading))
        case OpsTable(structure=structure):
            directives = (
                number for number in range(first, last) if _line(text, number).lstrip().startswith(("#", "{"))
            )
            yield from ((number, _line(text, number)) for number in (first, last, *structure, *directives))
        case Prototype(raw=raw, text=declaration) if "(" not in raw:  # by a typedef, which is not printed
            yield first, f"\t{declaration};"
        case Prototype() | Member():
            yield from enumerate(without_comments(text.quote(first, last)).split("\n"), first)
        case Diagnostic(code=code) if code == NOT_SEARCHED:
            yield first, _line(text, first)
        case OpRow():
            yield from ((number, _line(text, number)) for number in range(first, last + 1))


def _restated(record: Record, text: Text, form: Format) -> Iterator[tuple[int, str]]:
    """The facts of a record whose lines hold prose, by number."""
    first = record.evidence.first
    match record:
        case OpsTable(as_of=str(release)):
            dated = (number for number in range(first, 0, -1) if release in _line(text, number))
            yield from ((number, f"As of kernel {release}:") for number in islice(dated, 1))
        case BlanketRule(text=clause):
            yield first, f"\t{clause}"
        case Description(op=name) | Function(name=name):
            yield first, f"``{name}``" if form is Format.RST else f"  {name}:"
        case Flag(name=name):
            yield first, f"\t- {name}:"


def _line(text: Text, number: int) -> str:
    return text.quote(number, number)


def changed(before: Iterable[Record], after: Iterable[Record]) -> tuple[tuple[Record, ...], tuple[Record, ...]]:
    """(lost, gained): the printable facts that differ in value or line between a document and its print."""
    old, new = ({_printable(record) for record in records} - {None} for records in (before, after))
    return (
        tuple(key[0] for key in old - new if key),
        tuple(key[0] for key in new - old if key),
    )


def _printable(record: Record) -> tuple[Record, int, int] | None:
    if not _is_fact(record) or not isinstance(record, OpsTable | Prototype | Member | OpRow | LockRule | BlanketRule):
        return None
    return record, record.evidence.first, record.evidence.last
