"""The parsers: one module a kind of document, an explicit tuple of them, the first that matches reads.

Each is pure: text in, records and diagnostics out; none raises on any text.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from kbase.model.records import Diagnostic, Evidence, Level, Parsed, Section
from kbase.parsers import design_notes as design_note
from kbase.parsers import directory_locking, porting, sections
from kbase.parsers import summaries as summary
from kbase.parsers.commits import document as commit
from kbase.parsers.locking import document as locking
from kbase.parsers.vfs import document as vfs
from kbase.text.lines import Line, Text

LONGEST_LINE = 4096  # characters; the longest of any document has 351, of a page that runs lines together 2252
MOST_LINES = 50_000  # of a document that are read for facts; the longest document has 6,000


class Parser(Protocol):
    """What every module of this package that reads documents has."""

    def matches(self, name: str, text: Text) -> bool:
        """Whether the module reads this document."""

    def parse(self, name: str, text: Text, blob: str) -> Parsed:
        """The document's records; `blob` is the hash that their evidence carries."""


PARSERS: tuple[Parser, ...] = (summary, commit, locking, vfs, porting, directory_locking, design_note, sections)


def parse(name: str, text: Text, blob: str) -> Parsed:
    """Reads a document: `name` is its path or file name, `blob` the hash that its evidence carries.

    Lines of more than 4096 characters are not read, which is told: no document has one. Beyond 50,000 lines a
    document is text without facts, which is told, too.
    """
    long = [line for line in text.lines if len(line.raw) > LONGEST_LINE]
    if long:
        text = replace(text, lines=tuple(_shortened(text.lines)))
    rest = text.lines[MOST_LINES:]
    if rest:
        text = replace(text, lines=text.lines[:MOST_LINES])
    parser = next(parser for parser in PARSERS if parser.matches(name, text))
    parsed = parser.parse(name, text, blob)
    if not (long or rest or text.wrapped):
        return parsed
    told = [*_beyond(rest, blob), *_too_long(long, blob), *_wrapped(text, blob)]
    return replace(parsed, records=(*parsed.records, *told))


def _shortened(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines, those that are too long being blank."""
    return (Line(line.number, "") if len(line.raw) > LONGEST_LINE else line for line in lines)


def _too_long(long: Iterable[Line], blob: str) -> Iterator[Diagnostic]:
    for line in long:
        message = f"a line of {len(line.raw)} characters was not read"
        yield _odd("long-line", line, message, blob)


def _beyond(rest: Sequence[Line], blob: str) -> Iterator[Section | Diagnostic]:
    """What lies beyond the lines that are read for facts, as text, and that it does."""
    if rest:
        yield from sections.sections_of(rest, blob)
        message = f"no facts were read from this line and the {len(rest) - 1} below it"
        yield _odd("long-document", rest[0], message, blob)


def _wrapped(text: Text, blob: str) -> Iterator[Diagnostic]:
    if text.wrapped and text.lines:
        message = "the page was not unwrapped: it has more tags than any, or cannot be read"
        yield _odd("large-page", text.lines[0], message, blob)


def _odd(code: str, line: Line, message: str, blob: str) -> Diagnostic:
    evidence = Evidence(blob=blob, first=line.number, last=line.number)
    return Diagnostic(code=code, level=Level.ERROR, message=message, excerpt=line.raw[:200].strip(), evidence=evidence)
