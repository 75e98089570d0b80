"""The parsers: one module a kind of document, an explicit tuple of them, the first that matches reads.

Each is pure: text in, records and diagnostics out; none raises on any text.
"""

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
from kbase.records import Parsed
from kbase.text import Text


class Parser(Protocol):
    """What every module of this package that reads documents has."""

    def matches(self, name: str, text: Text) -> bool:
        """Whether the module reads this document."""

    def parse(self, name: str, text: Text, blob: str) -> Parsed:
        """The document's records; `blob` is the hash that their evidence carries."""


PARSERS: tuple[Parser, ...] = (summary, commit, locking, vfs, porting, directory_locking, design_note, sections)


def parse(name: str, text: Text, blob: str) -> Parsed:
    """Reads a document: `name` is its path or file name, `blob` the hash that its evidence carries."""
    parser = next(parser for parser in PARSERS if parser.matches(name, text))
    return parser.parse(name, text, blob)
