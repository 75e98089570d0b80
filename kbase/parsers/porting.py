"""`porting` and `porting.rst`: what changed for filesystems, entry by entry.

    document = preamble { rule | entry }
    rule     = "--" { "-" }
    entry    = [ tag newline ] text             `[mandatory]` up to 5.3, then `**mandatory**` or `*mandatory*`

On a web page that was copied as text the tags are bare words on lines of their own.

A tag without a rule before it begins an entry all the same, and so does a rule between blank lines without a tag after
it, once there was a tag. `highly recommended` and the like are `recommended`.
Entries carry no version: an entry dates from the first version that has it, so its slug comes from its first words.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from kbase.model.records import Parsed, PortingEntry, Section
from kbase.model.witnesses import DocumentKind
from kbase.parsers.evidence import evidence_of
from kbase.parsers.mentions import slug_of, unique
from kbase.parsers.porting_names import names_in
from kbase.parsers.sections import format_of, is_called, sections_of, title_of
from kbase.text.lines import Line, Text

RULE = re.compile(r"\s*(?:-{2,}|[\u2013\u2014])\s*")
TAG = re.compile(r"\s*(?:\[\s*([A-Za-z][A-Za-z -]{3,30}?)\s*\]|(\*\*?)\s*([A-Za-z][A-Za-z -]{3,30}?)\s*\2)\s*")
BARE = re.compile(r"\s*((?:highly )?(?:mandatory|recommended|informational))\s*")
TAGS = ("mandatory", "recommended", "informational")
UNTAGGED = "untagged"
LEAST_TAGS = 5  # that a document of another name has, to be taken for one
LONGEST_TAG = 50  # characters of its line
ENDS = ("]", "*", *TAGS)  # of its line, for a quick look
SLUG_WORDS = 8


def matches(name: str, text: Text) -> bool:
    """By the file's name and a tag in it (`iomap/porting.rst` has none); of any other name, by its many tags."""
    tags = len(_tags(text.lines))
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
    """The positions of the entries: of their tags, or of their text where a rule has none after it."""
    tags = _tags(lines)
    return sorted({*tags, *_untagged(lines, tags[0])}) if tags else []


def _untagged(lines: Sequence[Line], first: int) -> Iterator[int]:
    """The positions of the texts after rules that no tag follows, behind the first tag."""
    for at in range(first + 1, len(lines) - 1):
        if RULE.fullmatch(lines[at].raw) and lines[at - 1].blank and lines[at + 1].blank:
            text = next((place for place in range(at + 1, len(lines)) if not lines[place].blank), None)
            if text is not None and not RULE.fullmatch(lines[text].raw) and tag_of(lines[text]) is None:
                yield text


def _tags(lines: Sequence[Line]) -> list[int]:
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
        tag = tag_of(lines[start])
        body = "\n".join(line.raw.rstrip() for line in lines[start + (tag is not None) : last + 1]).strip("\n")
        if not body:
            continue  # a tag without text
        names = names_in(body)
        yield PortingEntry(
            slug=unique(slug_of(body, SLUG_WORDS), taken),
            tag=tag or UNTAGGED,
            text=body,
            ops=names.ops,
            callbacks=names.callbacks,
            functions=names.functions,
            macros=names.macros,
            locks=names.locks,
            members=names.members,
            evidence=evidence_of(lines[start : last + 1], blob),
        )
