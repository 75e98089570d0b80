"""Matches the entries of different porting logs and assigns each entry one address in all of them.

An entry's address is made from its first words. Two entries may begin with the same words; their order distinguishes
them within one document, but changes when one of them is removed. So this module compares their whole texts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, count

from kbase.diff.facts import words
from kbase.diff.texts import pair_up
from kbase.parsers.mentions import slug_of
from kbase.parsers.porting import SLUG_WORDS

EDITED = 0.6  # share of words from which on two entries are one that was edited
GROWN = 0.6  # share of the words behind the first ones that the longer of two single entries has of the shorter


@dataclass(frozen=True, slots=True)
class _Entry:
    """The text and the address of an entry in the newest log that has it."""

    words: str
    slug: str


def slugs(logs: Iterable[Iterable[str]]) -> list[list[str]]:
    """The address of each entry of each log, from the texts of the entries; the logs are ordered oldest first.

    If several entries begin with the same words, these words address the oldest one; the others get a number suffix.
    """
    known: dict[str, list[_Entry]] = {}
    taken = set[str]()
    return [_of_log(list(log), known, taken) for log in logs]


def _of_log(log: list[str], known: dict[str, list[_Entry]], taken: set[str]) -> list[str]:
    groups: dict[str, list[str]] = {}
    for text in log:
        groups.setdefault(slug_of(text, SLUG_WORDS), []).append(words(text))
    named = {first: iter(_named(first, known.setdefault(first, []), group, taken)) for first, group in groups.items()}
    return [next(named[slug_of(text, SLUG_WORDS)]) for text in log]


def _named(first: str, known: list[_Entry], group: list[str], taken: set[str]) -> list[str]:
    """The addresses of the entries of one log that begin alike, in its order; `known` learns what they say."""
    alone = len(known) == len(group) == 1 and _has_grown(known[0].words, group[0])
    numbered = [_Entry(text, str(number)) for number, text in enumerate(group)]
    pairs = pair_up(known, numbered, 0.0 if alone else EDITED)
    before = {int(new.slug): old for old, new in pairs if old is not None and new is not None}
    found = list[str]()
    for number, text in enumerate(group):
        old = before.get(number)
        found.append(old.slug if old else _free(first, taken))
        if old:
            known.remove(old)
        known.append(_Entry(text, found[-1]))
    return found


def _has_grown(a: str, b: str) -> bool:
    """Whether an entry may extend a shorter one: the text that follows the first words is in both."""
    shorter, longer = sorted((set(a.split()[SLUG_WORDS:]), set(b.split()[SLUG_WORDS:])), key=len)
    return len(shorter & longer) >= GROWN * len(shorter)


def _free(first: str, taken: set[str]) -> str:
    candidates = chain([first], (f"{first}-{number}" for number in count(2)))
    slug = next(each for each in candidates if each not in taken)
    taken.add(slug)
    return slug
