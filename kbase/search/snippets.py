"""Snippets: the stretch of a text that has the most of what was asked for, matches marked."""

from collections.abc import Iterable
from typing import NamedTuple

from kbase.search.facts import SHOWN
from kbase.search.results import MARK_END, MARK_START

WIDTH = 240  # characters
LEAD = 40  # characters of them before the first match
SCANNED = 20_000  # characters of a text that are looked at
MATCHES = 10  # of one word that are looked at


class Passage(NamedTuple):
    """The part of a text that snippets are cut from, and all of it in lower case to look for words in.

    `low` begins with `text` in lower case, letter by letter.
    """

    text: str
    low: str


def passage(text: str, *, of_op: bool = False) -> Passage:
    """The beginning of a text, ready for snippets; of an op's text they show only the prose."""
    prose = text.rpartition(SHOWN)[0].rstrip() if of_op else text
    text = text[:SCANNED]
    low = text.lower()
    return Passage(prose[:SCANNED], low if len(low) == len(text) else text)


def heads(terms: Iterable[str]) -> tuple[str, ...]:
    """What marks a match: the terms, without those that another one begins."""
    kept = list[str]()
    for term in sorted(set(terms)):
        if term and not (kept and term.startswith(kept[-1])):
            kept.append(term)
    return tuple(kept)


def snippet(source: Passage, wanted: tuple[str, ...]) -> str:
    """At most about `WIDTH` characters on one line, with `...` where text is left out.

    A match begins a word or an identifier's part with one of `wanted` (lower-cased) and ends with that part. The
    text has no control character but newlines and tabs.
    """
    text, low = source.text, source.low[: len(source.text)]
    present = [head for head in wanted if head in low]
    start = _word_start(text, _best(low, present)) if present else 0
    end = _word_end(text, start + WIDTH)
    pieces, at = ["... " if start else ""], start
    found = [(place, place + len(head)) for head in present for place in _places(low, head, start, end)]
    for begin, matched in sorted(found) if len(present) > 1 else found:
        if begin >= at:
            stop = matched
            while stop < end and text[stop].isalnum():
                stop += 1
            pieces += text[at:begin], MARK_START, text[begin:stop], MARK_END
            at = stop
    pieces += text[at:end], " ..." if end < len(text) else ""
    return " ".join("".join(pieces).split())


def _places(low: str, head: str, start: int, end: int, most: int = MATCHES) -> list[int]:
    """Where between the two places a word or a part of an identifier begins with the head."""
    found, at = list[int](), low.find(head, start, end)
    while at >= 0 and len(found) < most:
        if not at or not low[at - 1].isalnum():
            found.append(at)
        at = low.find(head, at + len(head), end)
    return found


def _best(low: str, present: list[str]) -> int:
    """Where the window with the most of the words begins; the earliest of equals."""
    if len(present) == 1:
        return max(0, next(iter(_places(low, present[0], 0, len(low), 1)), 0) - LEAD)
    best, best_count = 0, 0
    for begin in sorted([at for head in present for at in _places(low, head, 0, len(low))]):
        first, last = max(0, begin - LEAD), begin + WIDTH - 2 * LEAD
        count = sum([low.find(head, first, last) >= 0 for head in present])
        if count > best_count:
            best, best_count = begin, count
        if count == len(present):
            break
    return max(0, best - LEAD)


def _word_start(text: str, place: int) -> int:
    """The beginning of the line, or of the word, that stands near the place."""
    if place <= LEAD:
        return 0
    line = text.rfind("\n", place - 20, place + LEAD)
    if line >= 0:
        return line + 1
    space = text.find(" ", place, place + LEAD)
    return space + 1 if space >= 0 else place


def _word_end(text: str, place: int) -> int:
    if place >= len(text):
        return len(text)
    space = text.rfind(" ", place - 30, place + 1)
    return space if space > 0 else place
