"""The parsers: one module a kind of document, an explicit tuple of them, the first that matches reads.

Each is pure: text in, records and diagnostics out; none raises on any text.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Protocol

from kbase.parsers import (
    commit,
    design_note,
    directory_locking,
    locking,
    porting,
    sections,
    summary,
    vfs,
)
from kbase.records import Diagnostic, Evidence, Level, Parsed
from kbase.text import Line, Text

LONGEST_LINE = 4096  # characters; the longest of any document has 351, of a page that runs lines together 2252


class Parser(Protocol):
    """What every module of this package that reads documents has."""

    def matches(self, name: str, text: Text) -> bool:
        """Whether the module reads this document."""

    def parse(self, name: str, text: Text, blob: str) -> Parsed:
        """The document's records; `blob` is the hash that their evidence carries."""


PARSERS: tuple[Parser, ...] = (summary, commit, locking, vfs, porting, directory_locking, design_note, sections)


def parse(name: str, text: Text, blob: str) -> Parsed:
    """Reads a document: `name` is its path or file name, `blob` the hash that its evidence carries.

    Lines of more than 4096 characters are not read, which is told: patterns that look at a line may take time in the
    square of its length.
    """
    long = [line for line in text.lines if len(line.raw) > LONGEST_LINE]
    if long:
        text = replace(text, lines=tuple(_shortened(text.lines)))
    parser = next(parser for parser in PARSERS if parser.matches(name, text))
    parsed = parser.parse(name, text, blob)
    return replace(parsed, records=(*parsed.records, *_told(long, blob))) if long else parsed


def _shortened(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines, those that are too long being blank."""
    return (Line(line.number, "") if len(line.raw) > LONGEST_LINE else line for line in lines)


def _told(long: Iterable[Line], blob: str) -> Iterator[Diagnostic]:
    for line in long:
        evidence = Evidence(blob=blob, first=line.number, last=line.number)
        message = f"a line of {len(line.raw)} characters was not read"
        yield Diagnostic(
            code="long-line", level=Level.ERROR, message=message, excerpt=line.raw[:200].strip(), evidence=evidence
        )
