"""Snippets: the stretch of a text that has the most of what was asked for, matches marked."""

import re
from collections.abc import Iterable

from kbase.search.results import MARK_END, MARK_START

WIDTH = 240  # characters
SCANNED = 20_000  # characters of a text that are looked at
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def matcher(terms: Iterable[str], prefixes: Iterable[str] = ()) -> re.Pattern[str] | None:
    """What finds the terms: at the beginning of a word or of an identifier's part; English stems with their endings."""
    heads = sorted({*prefixes, *terms}, key=len, reverse=True)
    if not heads:
        return None
    alternatives = "|".join(re.escape(head) for head in heads)
    return re.compile(rf"(?<![^\W_])(?:{alternatives})[^\W_]*", re.IGNORECASE)


def snippet(text: str, pattern: re.Pattern[str] | None) -> str:
    """At most about `WIDTH` characters on one line, with `...` where text is left out."""
    text = text[:SCANNED]
    found = [match.span() for match in pattern.finditer(text)] if pattern else []
    first = _best(text, found)
    start = _word_start(text, first)
    end = _word_end(text, start + WIDTH)
    pieces, at = ["... " if start else ""], start
    for begin, stop in found:
        if begin >= start and stop <= end:
            pieces += _plain(text[at:begin]), MARK_START, _plain(text[begin:stop]), MARK_END
            at = stop
    pieces += _plain(text[at:end]), " ..." if end < len(text.rstrip()) else ""
    return re.sub(r"\s+", " ", "".join(pieces)).strip()


def _plain(text: str) -> str:
    return CONTROL.sub(" ", text)


def _best(text: str, found: list[tuple[int, int]]) -> int:
    """Where the window with the most different matches begins; the earliest of equals."""
    best, best_count = 0, 0
    for place, (begin, _) in enumerate(found[:60]):
        inside = {text[b:e].lower() for b, e in found[place : place + 12] if e <= begin + WIDTH - 40}
        if len(inside) > best_count:
            best, best_count = max(0, begin - 40), len(inside)
    return best


def _word_start(text: str, place: int) -> int:
    """The beginning of the word, better of the line, that stands before the place."""
    if place <= 40:
        return 0
    line = text.rfind("\n", max(0, place - 60), place + 20)
    if line >= 0:
        return line + 1
    space = text.find(" ", place, place + 30)
    return space + 1 if space >= 0 else place


def _word_end(text: str, place: int) -> int:
    if place >= len(text):
        return len(text)
    space = text.rfind(" ", place - 30, place + 1)
    return space if space > 0 else place
