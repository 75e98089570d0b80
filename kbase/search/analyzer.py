r"""How text becomes index words.

Words are `\w+`, lower-cased. When indexing, an identifier stands whole and in its `_` parts, and an English
word also under its stem ("symlinks" under "symlink"); when searching, an identifier stands whole. Nothing is
dropped when indexing: "may", "not" and "if" carry meaning here.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from whoosh.analysis import Analyzer, Token
from whoosh.lang.porter import stem as porter_stem

WORD = re.compile(r"\w+")
ENGLISH = re.compile(r"[a-z]{4,24}")
PART_BOOST = 0.5
LONGEST = 80  # letters of an index word; longer runs are data, not words


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The stem of an English word; an identifier or a short word is its own."""
    return porter_stem(word) if ENGLISH.fullmatch(word) else word


def words(text: str) -> list[str]:
    """The words of a text, whole and lower-cased."""
    return [word[:LONGEST] for word in WORD.findall(text.lower())]


# Dropped from a question, never from a phrase or the index.
QUESTION_WORDS = frozenset(
    words(
        "a about an and are at be been being by call called calling calls can could did do does for from has have"
        " how i in is it its me my of on or please should show so such tell than that the their them then there"
        " these they this to was we were what whats when where whether which while who whom whose why will with"
        " would you"
    )
)

# What questions about this subject are made of; they weigh little beside a name.
WEAK_WORDS = frozenset(
    words(
        "acquire acquired acquires allowed argument arguments block blocking blocks callback change changed changes"
        " differ different during enter entered entry explain false grab held hold holding holds implement"
        " implemented invoke invoked invokes kernel linux lock locked locking locks made may mean means method must"
        " need needed needs new not old op operation operations ops parameter parameters permitted prototype"
        " releases release released require required requires return returned returns rule rules run runs safe"
        " schedule signature sleep sleeping sleeps struct take taken takes taking true under unlock unlocked unlocks"
        " used uses vfs wait waits work works"
    )
)


@lru_cache(maxsize=200_000)
def forms(word: str) -> tuple[tuple[str, float], ...]:
    """The index words of one lower-cased word with their weights: itself, its parts, their stems."""
    weights = {word: 1.0}
    for part in (word, *word.split("_")):
        for form in (part, stem(part)):
            if form and len(form) <= LONGEST:
                weights.setdefault(form, PART_BOOST)
    return tuple(weights.items())


class IdentifierAnalyzer(Analyzer):  # type: ignore[misc]  # whoosh is not typed under 2.7
    """Whoosh's view of this module, for indexing; queries are compiled by `kbase.search.query`."""

    def __call__(self, value: str, start_pos: int = 0, **_options: Any) -> Iterator[Token]:
        """One token per form; the forms of one word share its position."""
        token = Token(positions=True, boosts=True)
        token.stopped = False
        for position, word in enumerate(words(value), start_pos):
            token.pos = position
            for text, boost in forms(word):
                token.text, token.boost = text, boost
                yield token
