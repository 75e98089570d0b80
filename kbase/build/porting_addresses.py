"""Gives each entry of the porting logs one address, the same in all versions that have the entry.

An entry's address is made from its first words when it is first seen. It keeps it when it is reworded, and when a log
lacks it for a while, as that of a release after a stable version with an earlier fix does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, count

from kbase.diff.porting_identity import EntryText, same_entries
from kbase.parsers.mentions import slug_of
from kbase.parsers.porting import SLUG_WORDS
from kbase.parsers.porting_names import names_in
from kbase.sources.restated import NONE, Restatements, in_own_words


@dataclass(frozen=True, slots=True)
class _Entry:
    """The text and the address of an entry in the newest log that has it."""

    text: EntryText
    slug: str


def slugs(logs: Iterable[Iterable[str]], restatements: Restatements = NONE) -> list[list[str]]:
    """The address of each entry of each log, from the texts of the entries; the logs are ordered oldest first.

    An entry that is restated is identified by our own words: so it is the same in a kernel's log and in a bundled one.
    If several entries begin with the same words, these words address the oldest one; the others get a number suffix.
    """
    every = [[in_own_words(text, restatements) for text in log] for log in logs]
    texts = {text: _text(text) for text in set(chain.from_iterable(every))}
    latest, absent = list[_Entry](), list[_Entry]()
    taken = set[str]()
    found = list[list[str]]()
    for log in every:
        before = _before(latest, absent, [texts[text] for text in log])
        entries = [
            _Entry(texts[text], before[place].slug if place in before else _free(slug_of(text, SLUG_WORDS), taken))
            for place, text in enumerate(log)
        ]
        present = {entry.slug for entry in entries}
        absent = [entry for entry in (*latest, *absent) if entry.slug not in present]
        latest = entries
        found.append([entry.slug for entry in entries])
    return found


def _text(text: str) -> EntryText:
    names = names_in(text)
    return EntryText.of(text, (*names.ops, *names.callbacks))


def _before(latest: list[_Entry], absent: list[_Entry], log: list[EntryText]) -> dict[int, _Entry]:
    """The entries that the places of a log had before: in the log before it, or else in an older one."""
    pairs = same_entries([entry.text for entry in latest], log)
    found = {new: latest[old] for old, new in pairs.items()}
    left = [place for place in range(len(log)) if place not in found]
    again = same_entries([entry.text for entry in absent], [log[place] for place in left], in_place=False)
    return found | {left[new]: absent[old] for old, new in again.items()}


def _free(first: str, taken: set[str]) -> str:
    candidates = chain([first], (f"{first}-{number}" for number in count(2)))
    slug = next(each for each in candidates if each not in taken)
    taken.add(slug)
    return slug
