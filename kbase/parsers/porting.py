"""`porting` and `porting.rst`: what changed for filesystems, entry by entry.

    document = preamble { rule | entry }
    rule     = "--" { "-" }
    entry    = tag newline text                 `[mandatory]` up to 5.3, `**mandatory**` from then on

On a web page that was copied as text the tags are bare words on lines of their own.

A tag without a rule before it begins an entry all the same, and one is written `*mandatory*`. `highly recommended` and
the like are `recommended`.
Entries carry no version: an entry dates from the first version that has it, so its slug comes from its first words.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from kbase.model.records import Parsed, PortingEntry, Section
from kbase.model.witnesses import DocumentKind
from kbase.parsers.evidence import evidence_of
from kbase.parsers.mentions import functions_in, ops_in, slug_of, unique
from kbase.parsers.sections import format_of, is_called, sections_of, title_of
from kbase.text.lines import Line, Text

RULE = re.compile(r"\s*(?:-{2,}|[\u2013\u2014])\s*")
TAG = re.compile(r"\s*(?:\[\s*([A-Za-z][A-Za-z -]{3,30}?)\s*\]|(\*\*?)\s*([A-Za-z][A-Za-z -]{3,30}?)\s*\2)\s*")
BARE = re.compile(r"\s*((?:highly )?(?:mandatory|recommended|informational))\s*")
TAGS = ("mandatory", "recommended", "informational")
LEAST_TAGS = 5  # that a document of another name has, to be taken for one
LONGEST_TAG = 50  # characters of its line
ENDS = ("]", "*", *TAGS)  # of its line, for a quick look
SLUG_WORDS = 8


def matches(name: str, text: Text) -> bool:
    """By the file's name and a tag in it (`iomap/porting.rst` has none); of any other name, by its many tags."""
    tags = len(_starts(text.lines))
    if is_called(name, DocumentKind.PORTING):
        return tags > 0
    return tags >= LEAST_TAGS


def parse(name: str, text: Text, blob: str) -> Parsed:
    """The entries; the lines before the first one become sections."""
    lines = text.lines
    starts = _starts(lines)
    preamble = [line for line in lines[: starts[0] if starts else len(lines)] if not RULE.fullmatch(line.raw)]
    records: list[PortingEntry | Section] = [*sections_of(preamble, blob)]
    records += _entries(lines, starts, blob)
    title = title_of(name, preamble)
    return Parsed(kind=DocumentKind.PORTING, format=format_of(name), title=title, records=tuple(records))


def _starts(lines: Sequence[Line]) -> list[int]:
    """The positions of the tags; bare words are tags only where there are many of them."""
    likely = (at for at, line in enumerate(lines) if len(line.raw) < LONGEST_TAG and line.raw.rstrip().endswith(ENDS))
    every = [position for position in likely if tag_of(lines[position])]
    marked = [position for position in every if TAG.fullmatch(lines[position].raw)]
    return every if len(every) - len(marked) >= LEAST_TAGS else marked


def tag_of(line: Line) -> str | None:
    """The normalised tag that a line is, marked or bare, or None; the last word of a tag decides."""
    match = TAG.fullmatch(line.raw) or BARE.fullmatch(line.raw)
    words = match[match.lastindex or 0].lower().split() if match else []
    return words[-1] if words and words[-1] in TAGS else None


def _entries(lines: Sequence[Line], starts: list[int], blob: str) -> Iterator[PortingEntry]:
    taken = dict[str, int]()
    for start, stop in pairwise([*starts, len(lines)]):
        last = stop - 1
        while last > start and (lines[last].blank or RULE.fullmatch(lines[last].raw)):
            last -= 1
        body = "\n".join(line.raw.rstrip() for line in lines[start + 1 : last + 1]).strip("\n")
        if not body:
            continue  # a tag without text
        yield PortingEntry(
            slug=unique(slug_of(body, SLUG_WORDS), taken),
            tag=tag_of(lines[start]) or "",
            text=body,
            ops=ops_in(body),
            functions=functions_in(body),
            evidence=evidence_of(lines[start : last + 1], blob),
        )
