"""Snippets: the part of a text with the most matches, which are marked.

Whoosh's highlighting analyses whole texts again: 0.7 to 2.1 ms for twenty hits, where a search for an exact name takes
0.3 ms in all.
"""

import re
from collections.abc import Iterable
from itertools import islice

from kbase.search.results import MARK_END, MARK_START

WIDTH = 240  # characters
LEAD = 40  # characters of them before the first match
SCANNED = 20_000  # characters of a text that are looked at
MATCHES = 200  # that are looked at for the best stretch


def wanted_words(terms: Iterable[str]) -> re.Pattern[str] | None:
    """The pattern of what a query wants marked: words and parts of identifiers that begin with one of the terms."""
    heads = list[str]()
    for term in sorted(filter(None, set(terms))):
        if not heads or not term.startswith(heads[-1]):
            heads.append(term)
    alternatives = "|".join(f"{head}(?<![^\\W_]{head})" for head in map(re.escape, heads))  # literals are found fast
    return re.compile(f"(?:{alternatives})[^\\W_]*") if heads else None


def snippet(text: str, wanted: re.Pattern[str] | None) -> str:
    """At most about `WIDTH` characters on one line, with `...` where text is left out.

    The text has no control character but newlines and tabs.
    """
    text = text[:SCANNED]
    low = text.lower()
    low = low if len(low) == len(text) else text
    start = _word_start(text, _best(low, wanted)) if wanted and len(text) > WIDTH else 0
    end = _word_end(text, start + WIDTH)
    pieces, at = ["... " * bool(start)], start
    for match in wanted.finditer(low, start, end) if wanted else ():
        pieces += text[at : match.start()], MARK_START, text[match.start() : match.end()], MARK_END
        at = match.end()
    pieces += text[at:end], " ..." * (end < len(text))
    return " ".join("".join(pieces).split())


def _best(low: str, wanted: re.Pattern[str]) -> int:
    """Where the window with the most different matches begins; the earliest of equals."""
    last, best, most = dict[str, int](), LEAD, 0  # where each match was seen last
    for match in islice(wanted.finditer(low), MATCHES if "|" in wanted.pattern else 1):
        last[match[0]] = match.start()
        within = [place for place in last.values() if place > match.start() - WIDTH + 2 * LEAD]
        if len(within) > most:
            best, most = min(within), len(within)
    return max(0, best - LEAD)


def _word_start(text: str, place: int) -> int:
    """The beginning of the text, or of the next word."""
    return max(text.find(" ", place, place + LEAD) + 1, place) if place > LEAD else 0


def _word_end(text: str, place: int) -> int:
    if place >= len(text):
        return len(text)
    space = text.rfind(" ", place - 30, place + 1)
    return space if space > 0 else place
