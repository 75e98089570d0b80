"""The parsers: text in, records and diagnostics out; a kind of document is read by the first parser that matches.

None raises on any text, and none reads files.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from kbase.model.records import Diagnostic, Parsed, Section
from kbase.parsers import design_notes, directory_locking, headers, porting, sections, summaries
from kbase.parsers.callers import document as callers
from kbase.parsers.commits import document as commits
from kbase.parsers.evidence import error
from kbase.parsers.lock_orders import order_records
from kbase.parsers.locking import document as locking
from kbase.parsers.prose import prose_records
from kbase.parsers.vfs import document as vfs
from kbase.text.lines import Line, Text

LONGEST_LINE = 4096  # characters; the longest of any document has 351, of a page that runs lines together 2252
MOST_LINES = 50_000  # of a document that are read for facts; the longest document has 6,000


class Parser(Protocol):
    """The interface of the modules that read documents."""

    def matches(self, name: str, text: Text) -> bool:
        """Whether the module reads this document."""

    def parse(self, name: str, text: Text, blob: str) -> Parsed:
        """The document's records; `blob` is the hash that their evidence carries."""


PARSERS: tuple[Parser, ...] = (
    headers,
    callers,
    summaries,
    commits,
    locking,
    vfs,
    porting,
    directory_locking,
    design_notes,
    sections,
)


def parse(name: str, text: Text, blob: str) -> Parsed:
    """Reads a document: `name` is its path or file name, `blob` the hash that its evidence carries.

    Lines of more than 4096 characters are not read, and lines beyond the first 50,000 only as text without facts;
    diagnostics report both.
    """
    lines = (Line(each.number, "") if len(each.raw) > LONGEST_LINE else each for each in text.lines[:MOST_LINES])
    readable = replace(text, lines=tuple(lines))
    parser = next(parser for parser in PARSERS if parser.matches(name, readable))
    parsed = parser.parse(name, readable, blob)
    prose = prose_records(parsed.records, readable.lines)
    orders = order_records(parsed.kind, parsed.records, readable.lines)
    return replace(parsed, records=(*parsed.records, *prose, *orders, *_limited(text, blob)))


def _limited(text: Text, blob: str) -> Iterator[Section | Diagnostic]:
    """The lines beyond the limits, as text, and diagnostics that say so."""
    rest = text.lines[MOST_LINES:]
    if rest:
        yield from sections.sections_of(rest, blob)
        message = f"no facts were read from this line and the {len(rest) - 1} below it"
        yield error("long-document", message, rest[:1], blob)
    for line in text.lines:
        if len(line.raw) > LONGEST_LINE:
            yield error("long-line", f"a line of {len(line.raw)} characters was not read", [line], blob)
    if text.wrapped and text.lines:
        message = "the saved page was not converted to text: it has too many tags, or its HTML cannot be read"
        yield error("large-page", message, text.lines[:1], blob)
