"""Documents reduced to their facts: prose is left out, and each fact stays on its line.

For headers, and for Locking and vfs documents of both formats: titles, declarations, struct blocks, locking tables,
blanket rules, and the names of what is described. Reading the print gives equal records on equal lines, except notes,
sections, diagnostics, and the text of descriptions, functions and flags, which are prose.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from kbase.kernel.c_declarations import without_comments
from kbase.kernel.tables import NOT_SEARCHED
from kbase.knowledge.own_words import frame, is_in_a_sentence, own_words
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
    PortingEntry,
    ProseRule,
    Prototype,
    Record,
    Section,
)
from kbase.model.witnesses import OP_WITNESSES, SINGLE, DocumentKind
from kbase.parsers.callers.document import without_source
from kbase.sources.restated import NONE, Restatements
from kbase.text.lines import Text

LONGEST_TITLE = 6  # words; a longer one is a sentence


def print_document(text: Text, parsed: Parsed, restatements: Restatements = NONE) -> str:
    """The facts of a document on their lines, and our own words for its sentences; other kinds: an empty page."""
    if parsed.kind is DocumentKind.CALLERS:
        return without_source(text)
    if parsed.kind not in (*OP_WITNESSES, *SINGLE):
        return ""
    records = [record for record in parsed.records if _is_fact(record)]
    lines: dict[int, str] = {}
    for number, restated in (line for record in records for line in _restated(record, text, parsed.format)):
        lines[number] = f"{lines[number].rstrip(':')}, {restated.strip()}" if number in lines else restated
    lines |= {number: line for record in records for number, line in _source(record, text)}
    if restatements:
        _add_own_words(lines, parsed, text, restatements)
    return "".join(f"{lines.get(number, '')}\n" for number in range(1, max(lines, default=0) + 1))


def _add_own_words(lines: dict[int, str], parsed: Parsed, text: Text, restatements: Restatements) -> None:
    for number, line in frame(parsed, text):
        lines.setdefault(number, line)
    is_log = any(isinstance(record, PortingEntry) for record in parsed.records)  # where indented text is code
    margins = {} if is_log else {line.number: " " * line.indent for line in text.lines}
    for number, words in own_words(parsed, text, restatements):
        before = lines.get(number, "")
        lines[number] = f"{before} {words}" if before.strip() else margins.get(number, "") + words


def _is_fact(record: Record) -> bool:
    """Whether a record is printed: rules in sentences are not, also those over a table of the vfs document."""
    return not (isinstance(record, ProseRule) or is_in_a_sentence(record))


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
