"""Snippets: the stretch of a text that has the most of what was asked for, matches marked."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kbase.search.results import MARK_END, MARK_START

WIDTH = 240  # characters
LEAD = 40  # characters of them before the first match
SCANNED = 20_000  # characters of a text that are looked at
MATCHES = 10  # of one word that are looked at


class Passage(NamedTuple):
    """A text, and the same in lower case to look for words in; of equal length."""

    text: str
    low: str


def passage(text: str) -> Passage:
    """The beginning of a text, ready for snippets."""
    text = text[:SCANNED]
    low = text.lower()
    return Passage(text, low if len(low) == len(text) else text)


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
    text, low = source
    found = sorted([(place, head) for head in wanted if head in low for place in _places(low, head)])
    start = _word_start(text, _best(found))
    end = _word_end(text, start + WIDTH)
    window, pieces, at = text[start:end], ["... " if start else ""], 0
    for place, head in found:
        begin = place - start
        if begin >= at and begin + len(head) <= len(window):
            stop = begin + len(head)
            while stop < len(window) and window[stop].isalnum():
                stop += 1
            pieces += window[at:begin], MARK_START, window[begin:stop], MARK_END
            at = stop
    pieces += window[at:], " ..." if end < len(text) else ""
    return " ".join("".join(pieces).split())


def _places(low: str, head: str) -> Iterator[int]:
    """Where a word or a part of an identifier begins with the head."""
    at, left = low.find(head), MATCHES
    while at >= 0 and left:
        if not at or not low[at - 1].isalnum():
            yield at
            left -= 1
        at = low.find(head, at + len(head))


def _best(found: list[tuple[int, str]]) -> int:
    """Where the window with the most different words begins; the earliest of equals."""
    if not found:
        return 0
    best, best_count = found[0][0], 1
    different = len({head for _, head in found})
    for place, (begin, _) in enumerate(found):
        if best_count == different:
            break
        inside = {head for at, head in found[place : place + 12] if at <= begin + WIDTH - 2 * LEAD}
        if len(inside) > best_count:
            best, best_count = begin, len(inside)
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
