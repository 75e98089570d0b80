"""The vocabulary of locking tables whose white space was collapsed: what words are, and which column takes them.

`atoms` cuts a row into the smallest pieces that stay together, `words_of` says what a piece is, `about` what a
column is about, and `reading_cost` how well the two go together. Used by `kbase.parsers.locking.column_inference`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class About(StrEnum):
    """What a column is about, which decides the words it takes."""

    CONTEXT = "context"  # may block, rcu-walk, FS recursion
    STATE = "state"  # folio locked, PageLocked(page)
    MODES = "modes"  # a semaphore whose cells name the mode
    LOCK = "lock"  # any other lock
    HELD = "held"  # its cells name locks
    NOTE = "note"  # free text
    REMARK = "remark"  # no column: right of the last one, in a table without rulers


class Words(StrEnum):
    """What the words of a cell are."""

    NO = "no"
    ANSWER = "answer"  # yes, maybe
    MODE = "mode"  # shared, exclusive, read, write, "no or exclusive"
    EFFECT = "effect"  # "yes, unlocks"
    PAGE_EFFECT = "page effect"  # "locks the page", "can return with page locked"
    NAMES = "names"  # lock names
    DASH = "dash"
    REMARK = "remark"  # in parentheses, or a footnote mark
    FREE = "free"


ABOUT = (
    (About.NOTE, re.compile(r"(?i)notes?|remarks?|comments?")),
    (About.HELD, re.compile(r"(?is).*\bheld\b.*")),
    (About.CONTEXT, re.compile(r"(?i)may \w+|.*rcu.?walk|.*recursion|called from.*")),
    (About.STATE, re.compile(r"(?is).*(?:page|folio)s? ?locked.*|.*\blocked")),
    (About.MODES, re.compile(r"(?s).*(?:rwsem|invalidate_lock|s_umount).*")),
)
NEVER = 99
# The cost of reading such words in such a column: the cheapest reading of a row is taken, others are impossible.
COSTS: dict[About, dict[Words, int]] = {
    About.CONTEXT: {Words.NO: 0, Words.ANSWER: 0, Words.DASH: 0, Words.FREE: 5, Words.NAMES: 5},
    About.STATE: dict.fromkeys((Words.NO, Words.ANSWER, Words.EFFECT, Words.PAGE_EFFECT, Words.DASH), 0)
    | {Words.FREE: 4, Words.MODE: 8},
    About.MODES: {Words.NO: 0, Words.MODE: 0, Words.DASH: 0, Words.ANSWER: 1, Words.EFFECT: 1, Words.FREE: 4},
    About.LOCK: dict.fromkeys((Words.NO, Words.ANSWER, Words.MODE, Words.DASH), 0)
    | {Words.EFFECT: 1, Words.FREE: 4, Words.NAMES: 5},
    About.HELD: {Words.NAMES: 0, Words.DASH: 0, Words.FREE: 1, Words.NO: 3, Words.ANSWER: 3, Words.MODE: 5},
    About.NOTE: dict.fromkeys((Words.REMARK, Words.FREE, Words.NAMES), 0)
    | {Words.PAGE_EFFECT: 1, Words.DASH: 1, Words.EFFECT: 2, Words.NO: 4, Words.ANSWER: 4, Words.MODE: 4},
    About.REMARK: dict.fromkeys((Words.REMARK, Words.FREE, Words.NAMES), 1),
}
# What each piece costs that is joined to the first of a cell; 6 for what is not listed.
JOINED = {(About.NOTE, words): 0 for words in Words} | {(About.REMARK, Words.FREE): 0, (About.HELD, Words.NAMES): 1}
ANSWER = r"(?:yes|maybe|no|\?)"
NAME = r"[^\s,_>]*(?:_|->)[^\s,]*"  # of a lock
MODE = r"(?:shared|exclusive|read|write|rcu)"
GRAMMAR = (  # of lower-cased words, first match wins
    (Words.DASH, re.compile(r"[-\u2013\u2014]+")),
    (Words.REMARK, re.compile(r"[(\[].*[)\]]_?")),
    (Words.NO, re.compile(r"(?:no|\?)\W*")),
    (Words.MODE, re.compile(rf"(?:{ANSWER}(?: or | ?[-,/(] ?))?{MODE}(?:(?: or |/|, ){MODE})*\W*")),
    (Words.ANSWER, re.compile(r"(?:yes|maybe)\W*")),
    (Words.PAGE_EFFECT, re.compile(r"(?s)(?>.*?\b(?:un)?(?:locks?|locked)\b).*\b(?:page|folio)s?\b.*")),
    (Words.PAGE_EFFECT, re.compile(r"(?s)(?>.*?\b(?:page|folio)s?\b).*\b(?:un)?locked\b.*")),
    (Words.EFFECT, re.compile(rf"(?:{ANSWER}, )?(?:un|re)?(?:locks|takes|drops|releases)\b.*")),
    (Words.NAMES, re.compile(rf"(?:{ANSWER} )?{NAME}(?:(?: or | and |, ?){NAME})*")),
    (Words.ANSWER, re.compile(rf"{ANSWER}\b.*")),
)
PARENTHESES = re.compile(r"[ ]?(?:\([^()]*\)|\[[^\[\]]*\]_?)")
MODE_REMARK = re.compile(rf"\({MODE}\)")  # "maybe(read)"
VOCABULARY = re.compile(rf"(?:{ANSWER}|{MODE}|-)", re.IGNORECASE)
JOINS_BOTH = frozenset({"or", "and", "if", "when", "in", "on", "for", "by", "with", "only", "unless", "except", "but"})


def about(header: str) -> About:
    """The subject of a column with this header."""
    return next((kind for kind, pattern in ABOUT if pattern.fullmatch(header)), About.LOCK)


@lru_cache(maxsize=4096)  # placing a row asks for the same few words a hundred times
def words_of(cell: str) -> Words:
    """What the words of a cell are, remarks in parentheses apart."""
    cell = cell.lower()
    core = PARENTHESES.sub("", cell).strip() or cell
    if MODE_REMARK.search(cell):
        return Words.MODE
    return next((kind for kind, pattern in GRAMMAR if pattern.fullmatch(core)), Words.FREE)


def _tokens(text: str) -> list[str]:
    """Words; text in parentheses is one word."""
    tokens, start, depth = list[str](), 0, 0
    balanced = text.count("(") == text.count(")")
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char.isspace() and (depth <= 0 or not balanced):
            tokens.append(text[start:at])
            start = at + 1
    tokens.append(text[start:])
    return [token for token in tokens if token]


def atoms(text: str) -> list[str]:
    """The smallest pieces of a row that stay together: `yes`, `yes, unlocks`, `locks the page`, `(see below)`."""
    pieces = list[str]()
    joins = False
    for token in _tokens(text):
        known = VOCABULARY.fullmatch(PARENTHESES.sub("", token) or "x") is not None
        free = bool(pieces) and not known and token[0] not in "([" and not _names(token)
        goes_on = (
            free and pieces[-1][-1] not in ")]_" and not VOCABULARY.fullmatch(pieces[-1]) and not _names(pieces[-1])
        )
        if pieces and (joins or goes_on or token.lower() in JOINS_BOTH):
            pieces[-1] += " " + token
        else:
            pieces.append(token)
        joins = token.endswith(",") or token.lower() in JOINS_BOTH
    return pieces


def _names(piece: str) -> bool:
    return words_of(piece) is Words.NAMES


@dataclass(frozen=True, slots=True)
class Span:
    """Pieces taken as one cell: its width, what its words are, and how many pieces were joined to the first."""

    width: int
    words: Words
    joined: int


def span_of(pieces: Sequence[str]) -> Span:
    """The pieces as one cell; remarks in parentheses do not count as joined."""
    cell = " ".join(pieces)
    joined = sum(1 for piece in pieces[1:] if words_of(piece) is not Words.REMARK)
    return Span(len(cell), words_of(cell), joined)


def reading_cost(span: Span, kind: About, width: int | None, *, last: bool) -> int:
    """The cost of reading the span as a cell of such a column; from `NEVER` on it is impossible."""
    too_wide = width is not None and span.width > width
    if too_wide and not last:
        return NEVER
    each = JOINED.get((kind, span.words), 6)
    return COSTS[kind].get(span.words, NEVER) + each * span.joined + 3 * too_wide
