"""Which texts of a document are restated in our own words, and the lines that the words stand on.

Restated are notes, porting entries, helper functions, flags, rules over tables, and the steps of directory-locking; of
descriptions and sections, which have summaries of ops in their place, only sentences that a record is read from.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from kbase.kernel.lock_order import kinds_in
from kbase.kernel.lock_sentences import sentences_of
from kbase.kernel.locks import PROCESS_CONTEXT
from kbase.model.records import (
    BlanketRule,
    Description,
    Evidence,
    Flag,
    Function,
    LockOrder,
    Note,
    Obligation,
    Parsed,
    PortingEntry,
    ProseRule,
    Record,
    Section,
    Steps,
)
from kbase.parsers.directory_locking import ITEM, STEP
from kbase.parsers.evidence import lines_with
from kbase.parsers.porting import RULE, tag_of
from kbase.parsers.vfs.document import GENERIC
from kbase.sources.restated import Piece, Restatements, fingerprint
from kbase.text.lines import Line, Text

IN_SENTENCES = ("any lock", PROCESS_CONTEXT, None)  # subjects of the rules over tables that are whole sentences
SAME = re.compile(r"\bsame as above\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A text of a document that our own words can stand for."""

    text: str
    units: tuple[tuple[str, ...], ...]  # its sentences or steps, as words
    evidence: Evidence
    whole: bool = False  # our words begin on its first line and end on its last

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.text)


def originals(parsed: Parsed, text: Text) -> Iterator[Original]:
    """The texts of a document that are to be restated, in its order."""
    facts = [r.evidence for r in parsed.records if isinstance(r, ProseRule | Obligation | LockOrder)]
    for record in parsed.records:
        match record:
            case PortingEntry(text=written, evidence=evidence):
                tagged = tag_of(_line(text, evidence.first)) is not None
                first = _filled(text, evidence.first + tagged)
                place = Evidence(blob=evidence.blob, first=first, last=evidence.last)
                yield _prose(written, place, whole=True)
            case Note(text=written) | Function(text=written) | Flag(text=written) if written:
                yield _prose(written, record.evidence)
            case BlanketRule(text=written) if is_in_a_sentence(record):
                yield _prose(written, record.evidence)
            case Steps() if (steps := _steps(record, text)).units:
                yield steps
            case Description(text=written) | Section(text=written) if kinds_in(written) or any(
                _in(fact, record.evidence) for fact in facts
            ):
                yield _prose(written, record.evidence)


def is_in_a_sentence(record: Record) -> bool:
    """Whether a rule over a table is a whole sentence."""
    return isinstance(record, BlanketRule) and record.lock in IN_SENTENCES


def own_words(parsed: Parsed, text: Text, restatements: Restatements) -> Iterator[tuple[int, str]]:
    """Our words for a document, by line number: several of a line belong behind one another."""
    for original in originals(parsed, text):
        pieces = restatements.get(original.fingerprint, ())
        for place, piece in enumerate(pieces):
            numbers = [line.number for line in _lines_of(original, piece, text)]
            if numbers and original.whole:  # without blank lines: it is one paragraph
                first = numbers[0] if place else original.evidence.first
                numbers = [*range(first, (numbers[-1] if place < len(pieces) - 1 else original.evidence.last) + 1)]
            yield from _spread(piece.text.split(), numbers)


def frame(parsed: Parsed, text: Text) -> Iterator[tuple[int, str]]:
    """What our words stand in: tags and rules of a porting log, headings and bullets of steps, by line number.

    And a line before helper functions, without which they would be ops of the table above them.
    """
    for group, functions in groupby((r for r in parsed.records if isinstance(r, Function)), lambda each: each.group):
        first = next(functions).evidence.first
        above = [line for line in text.lines if line.number < first and not line.blank]
        yield from ((line.number, "Generic functions:" if group == GENERIC else "Functions:") for line in above[-1:])
    for record in parsed.records:
        match record:
            case PortingEntry(evidence=evidence) if tag_of(line := _line(text, evidence.first)):
                yield line.number, line.raw.rstrip()
            case Steps():
                yield from _frame_of_steps(record, text)
    if any(isinstance(record, PortingEntry) for record in parsed.records):
        yield from ((line.number, line.raw.rstrip()) for line in text.lines if RULE.fullmatch(line.raw))


def _frame_of_steps(steps: Steps, text: Text) -> Iterator[tuple[int, str]]:
    lines = _own_lines(steps, text)
    first = ITEM.fullmatch(lines[0].text)
    if first:
        same = SAME.search(" ".join(line.text for line in lines))
        number = lines[0].text[: first.start("text")]
        yield lines[0].number, f"{number}{steps.subject}. Locking rules:{' same as above.' if same else ''}"
    for line in lines:
        star = STEP.match(line.text)
        if star:
            yield line.number, line.text[: star.start("text")].rstrip()


def _own_lines(steps: Steps, text: Text) -> Sequence[Line]:
    """The lines of a class of operation, without those of the class before it, which "same as above" refers to."""
    lines = _from(text, steps.evidence.first, steps.evidence.last)
    return lines[max((at for at, line in enumerate(lines) if ITEM.fullmatch(line.text)), default=0) :]


def _prose(text: str, evidence: Evidence, *, whole: bool = False) -> Original:
    words = text.split()
    units = tuple(tuple(words[first:last]) for _, first, last in sentences_of(text))
    return Original(text=text, units=units, evidence=evidence, whole=whole)


def _steps(steps: Steps, text: Text) -> Original:
    """The steps that a class of operation has lines for."""
    lines, blob = _own_lines(steps, text), steps.evidence.blob
    units = (tuple(part.split()) for part in (*steps.steps, *steps.remarks))
    own = tuple(unit for unit in units if lines_with(unit, lines, blob))
    evidence = Evidence(blob=blob, first=lines[0].number, last=lines[-1].number)
    return Original(text="\n".join((steps.subject, *(" ".join(unit) for unit in own))), units=own, evidence=evidence)


def _lines_of(original: Original, piece: Piece, text: Text) -> Sequence[Line]:
    """The lines of the sentences or steps that a piece restates."""
    within = original.evidence
    lines = _from(text, within.first, within.last)
    places = list[Evidence]()
    start = within.first
    for number, unit in enumerate(original.units, 1):
        place = lines_with(unit, (line for line in lines if line.number >= start), within.blob)
        start = place.last if place else start  # a sentence may be there twice
        if place and (piece.first or 1) <= number <= (piece.last or len(original.units)):
            places.append(place)
    return _from(text, places[0].first, places[-1].last) if places else lines


def _spread(words: Sequence[str], numbers: Sequence[int]) -> Iterator[tuple[int, str]]:
    """The words on these lines in equal shares, the last word on the last line."""
    for place, number in enumerate(numbers):
        share = words[place * len(words) // len(numbers) : (place + 1) * len(words) // len(numbers)]
        if share:
            yield number, " ".join(share)


def _from(text: Text, first: int, last: int) -> list[Line]:
    """The lines with these numbers that are not blank."""
    return [line for line in text.lines if first <= line.number <= last and not line.blank]


def _line(text: Text, number: int) -> Line:
    return next((line for line in text.lines if line.number == number), Line(number, ""))


def _filled(text: Text, number: int) -> int:
    return next((line.number for line in text.lines if line.number >= number and not line.blank), number)


def _in(evidence: Evidence, whole: Evidence) -> bool:
    return whole.first <= evidence.first <= evidence.last <= whole.last
