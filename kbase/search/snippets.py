"""Snippets: the stretch of a text that has the most of what was asked for, matches marked.

Whoosh's highlighting analyses whole texts again: 0.7 to 2.1 ms for twenty hits, where a search for an exact name takes
0.3 ms in all.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from kbase.search.results import MARK_END, MARK_START

WIDTH = 240  # characters
LEAD = 40  # characters of them before the first match
SCANNED = 20_000  # characters of a text that are looked at
MATCHES = 10  # of one word that are looked at for the best stretch


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is marked: words and parts of identifiers that begin with one of some terms in lower case."""

    pattern: re.Pattern[str]
    single: bool  # one term, so that the first match is as good as any


def wanted_words(terms: Iterable[str]) -> Wanted | None:
    """What a query wants to be marked; None where it has no terms."""
    heads = list[str]()
    for term in sorted(filter(None, set(terms))):
        if not heads or not term.startswith(heads[-1]):
            heads.append(term)
    alternatives = "|".join(
        f"{head}(?<![^\\W_]{head})" for head in map(re.escape, heads)
    )  # a literal first is found fast
    return Wanted(re.compile(f"(?:{alternatives})[^\\W_]*"), len(heads) == 1) if heads else None


def snippet(text: str, wanted: Wanted | None) -> str:
    """At most about `WIDTH` characters on one line, with `...` where text is left out.

    The text has no control character but newlines and tabs.
    """
    text = text[:SCANNED]
    low = text.lower()
    low = low if len(low) == len(text) else text
    start = _word_start(text, _best(low, wanted)) if wanted else 0
    end = _word_end(text, start + WIDTH)
    pieces, at = ["... " * bool(start)], start
    for match in wanted.pattern.finditer(low, start, end) if wanted else ():
        pieces += text[at : match.start()], MARK_START, text[match.start() : match.end()], MARK_END
        at = match.end()
    pieces += text[at:end], " ..." * (end < len(text))
    return " ".join("".join(pieces).split())


def _best(low: str, wanted: Wanted) -> int:
    """Where the window with the most different matches begins; the earliest of equals."""
    starts, count = list[int](), Counter[str]()
    for match in islice(wanted.pattern.finditer(low), 1 if wanted.single else None):
        count[match[0]] += 1
        if count[match[0]] <= MATCHES:
            starts.append(match.start())
    best, most = 0, 0
    for start in starts if len(starts) > 1 else ():
        window = wanted.pattern.finditer(low, max(0, start - LEAD), start + WIDTH - 2 * LEAD)
        different = len({match[0] for match in window})
        if different > most:
            best, most = start, different
    return max(0, (best if most else min(starts, default=0)) - LEAD)


def _word_start(text: str, place: int) -> int:
    """The beginning of the line, or of the word, near the place."""
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
