"""Paragraphs about ops: where one begins and ends, and which ops it is about."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from kbase.model.records import Note, NoteKind
from kbase.parsers.evidence import evidence_of
from kbase.text.lines import Line, joined

ARROW = re.compile(r"(?:(?<!\w)(\w++)\s*+)?->\s?([A-Za-z_]\w*)")
WORD = re.compile(r"[A-Za-z_]\w*(\(\))?")
SENTENCE_END = re.compile(r"[.:)!?*\]\"]\s*$|\.\.\.\s*$")
REMARK_END = re.compile(r"[^.:!?]\)\s*$")  # of words in parentheses, behind which a sentence may go on
FOOTNOTE = re.compile(r"\s*\.\. \[(\d+)\]:?|\s*\[(\d+)\]:?\s")
DATA_POINTERS = frozenset({"inode", "file", "filp", "mapping", "vma", "sb", "dentry", "page", "folio", "wbc", "host"})


def paragraphs(lines: Sequence[Line], ops: frozenset[str]) -> Iterator[tuple[Line, ...]]:
    """Runs of non-blank lines, cut where a finished sentence is followed by an indented line or by `->op`.

    `ops` are the table's: behind words in parentheses `->name` begins a paragraph only if it is one of them, as the
    sentence may go on with a lock.
    """
    current: list[Line] = []
    for line in lines:
        if line.blank:
            if current:
                yield tuple(current)
            current = []
            continue
        if current and _begins(line, current, ops):
            yield tuple(current)
            current = []
        current.append(line)
    if current:
        yield tuple(current)


def _begins(line: Line, current: Sequence[Line], ops: frozenset[str]) -> bool:
    if FOOTNOTE.match(line.raw):
        return True
    if FOOTNOTE.match(current[0].raw):
        return False
    before = current[-1]
    if not SENTENCE_END.search(before.raw):
        return False
    named = ARROW.match(line.raw.lstrip()) if line.raw.lstrip().startswith("->") else None
    if named and (named[2] in ops or not REMARK_END.search(before.raw)):
        return True
    return line.indent > before.indent and len(current) > 1


def ops_in(text: str, ops: frozenset[str]) -> tuple[str, ...]:
    """The ops of a table that a paragraph is about, in order of appearance.

    `->op` and `op()` name an op. A bare word does only where it can hardly be anything else: the first word, or
    one with an underscore. `mapping->op` is a data member's path and names none.
    """
    found: dict[str, int] = {}
    for match in ARROW.finditer(text):
        if match[2] in ops and (match[1] or "").lower() not in DATA_POINTERS:
            found.setdefault(match[2], match.start())
    for match in WORD.finditer(text):
        name = match[0].removesuffix("()")
        if name in ops and (match[1] or "_" in name or match.start() == 0 or len(name) > 8):
            found.setdefault(name, match.start())
    return tuple(sorted(found, key=lambda name: found[name]))


def notes(lines: Sequence[Line], struct: str, ops: frozenset[str], blob: str) -> Iterator[Note]:
    """The paragraphs as notes about the ops that they name, or about the table where they name none.

    What stands between two paragraphs about one op goes on about it.
    """
    found = [_note(paragraph, struct, ops, blob) for paragraph in paragraphs(lines, ops)]
    named = [place for place, note in enumerate(found) if note.kind is not NoteKind.TABLE]
    for before, after in pairwise(named):
        about = found[before].ops
        if len(about) == 1 and about == found[after].ops:
            between = range(before + 1, after)
            found[before + 1 : after] = [replace(found[at], ops=about, kind=NoteKind.PARAGRAPH) for at in between]
    yield from found


def _note(lines: Sequence[Line], struct: str, ops: frozenset[str], blob: str) -> Note:
    text = joined(lines)
    named = ops_in(text, ops)
    kind = NoteKind.FOOTNOTE if FOOTNOTE.match(lines[0].raw) else NoteKind.PARAGRAPH if named else NoteKind.TABLE
    return Note(struct=struct, ops=named, kind=kind, text=text, evidence=evidence_of(lines, blob))
