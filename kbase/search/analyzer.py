r"""How text becomes index words.

Words are `\w+`, lower-cased. When indexing, an identifier stands whole and in its `_` parts; when searching, whole.
English words stand as they are and are searched with their inflections ("symlink", "symlinks"). Nothing is
dropped when indexing: "may", "not" and "if" carry meaning here.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from whoosh.formats import Frequency
from whoosh.lang.porter import stem as porter_stem
from whoosh.system import pack_uint

from kbase.search.results import HitKind

WORD = re.compile(r"\w+")
ENGLISH = re.compile(r"[a-z]{4,24}")
PART_WEIGHT = 0.5
LONGEST = 80  # letters of an index word; longer runs are data, not words


# Forms that no ending tells, by the word that they are forms of.
IRREGULAR = {
    form: base
    for base, forms in {
        "begin": "began begun",
        "break": "broke broken",
        "choose": "chose chosen",
        "find": "found",
        "freeze": "froze frozen",
        "give": "gave given",
        "hold": "held",
        "keep": "kept",
        "lose": "lost",
        "make": "made",
        "send": "sent",
        "shrink": "shrank shrunk",
        "sleep": "slept",
        "take": "took taken",
        "tear": "tore torn",
        "unfreeze": "unfroze unfrozen",
        "write": "wrote written",
    }.items()
    for form in forms.split()
}


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The stem of an English word; an identifier or a short word is its own."""
    return porter_stem(IRREGULAR.get(word, word)) if ENGLISH.fullmatch(word) else word


def words(text: str) -> list[str]:
    """The words of a text, whole and lower-cased."""
    return [word[:LONGEST] for word in WORD.findall(text.lower())]


@lru_cache(maxsize=200_000)
def parts(word: str) -> tuple[str, ...]:
    """The parts of an identifier; none of a word without `_`."""
    return tuple(part for part in dict.fromkeys(word.split("_")) if part and part != word)


def inflections(vocabulary: Iterable[str]) -> dict[str, list[str]]:
    """The words of a vocabulary that share a stem, by stem; stems of one word that is its own are left out."""
    groups = defaultdict(list)
    for word in vocabulary:
        if ENGLISH.fullmatch(word):
            groups[stem(word)].append(word)
    return {key: found for key, found in groups.items() if found != [key]}


# Dropped from a question, never from a phrase or the index.
QUESTION_WORDS = frozenset(
    words(
        "a about an and are at be been being by call called calling calls can could did do does for from has have"
        " how i in is it its me my of on or please should show so such tell than that the their them then there"
        " these they this to was we were what whats when where whether which while who whom whose why will with"
        " would you struct static const extern inline"
    )
)

# What questions about this subject are made of; they weigh little beside a name.
WEAK_WORDS = frozenset(
    words(
        "acquire acquired acquires added allowed appear appeared argument arguments became become between block"
        " blocking blocks callback callbacks change changed changes differ difference different dropped during enter"
        " entered entry explain false gone grab happened held helper helpers hold holding holds implement"
        " implemented instead introduced invoke invoked invokes kernel linux lock locked locking locks made make"
        " makes may mean means method methods must name names need needed needs new not old op operation operations"
        " ops parameter parameters permitted prototype release released releases removed replace replaced"
        " replacement replaces required requires return returned returns rule rules run runs safe schedule signature"
        " since sleep sleeping sleeps struct successor table tables take taken takes taking true under unlock"
        " unlocked unlocks used uses versus vfs vs wait waits work works"
    )
)

# Words that are names of ops too, and in a question mostly say how: "held for write", "called with the lock".
HOW_WORDS = WEAK_WORDS | {"read", "write", "open", "close", "get", "set", "list", "access"}

# How names shorten words: "temporary file" is tmpfile, "get attributes" is getattr.
SHORT = {
    "allocate": "alloc",
    "attribute": "attr",
    "attributes": "attr",
    "directory": "dir",
    "directories": "dir",
    "make": "mk",
    "node": "nod",
    "remove": "rm",
    "symbolic": "sym",
    "temporary": "tmp",
}

# Words that say what kind of thing is asked for.
KIND_WORDS = {
    word: kind
    for kind, said in {
        HitKind.OP: "op ops operation operations method methods callback callbacks",
        HitKind.FUNCTION: "function functions helper helpers",
        HitKind.FLAG: "flag flags",
        HitKind.COMMIT: "commit commits",
        HitKind.PORTING: "porting",
    }.items()
    for word in said.split()
}


class IdentifierWeights(Frequency):  # type: ignore[misc]  # whoosh counts as untyped
    """Whoosh's posting format with this module's words: how often a word stands in a text, parts weighing half."""

    def word_values(self, value: str, _analyzer: Any, **_options: Any) -> Iterator[tuple[str, int, float, bytes]]:
        """Each index word of the text with its frequency, its weight and the posting's value."""
        weights: dict[str, float] = defaultdict(float)
        for word, count in Counter(words(value)).items():
            weights[word] += count
            for part in parts(word):
                weights[part] += PART_WEIGHT * count
        for word, weight in weights.items():
            frequency = int(weight) or 1
            yield word, frequency, weight, pack_uint(frequency)
