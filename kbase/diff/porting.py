"""The porting log between two versions: what came in between, what it says was replaced, what changes it explains."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from kbase.diff.changes import Change, ChangeKind, Severity, entry_severity
from kbase.diff.facts import word_set, words
from kbase.diff.texts import shared_words
from kbase.kernel.exact_names import is_called
from kbase.model.records import PortingEntry
from kbase.model.states import Cited, VersionState

EXPLAINED = (Severity.BREAKING, Severity.BEHAVIOUR)  # what a porting entry explains first, beside ops that came
COSMETIC_RANK = 2
ADDED = ChangeKind.OP_ADDED
EDITED = 0.6  # share of words from which on two porting entries are one that was edited
REPLACED = re.compile(r"replac|renam|becomes?\b|became|turned into|superse")
BEFORE, AFTER = 60, 40  # letters between such a word and the names of what was replaced and by what
NAME = re.compile(r"\w+")

Named = tuple[str | None, str | None, tuple[str, str] | None]  # table, op, old and new name of the op
Replacement = tuple[frozenset[str], frozenset[str]]  # the words near before and after one that says "replaced"


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry of the porting log, as comparisons need it."""

    cited: Cited[PortingEntry]
    words: str
    size: int  # how many different ones
    longest: frozenset[str]  # see `_longest`
    replacements: tuple[Replacement, ...]
    names: frozenset[str]  # of what it may speak of as replaced or as a replacement

    def replaces(self, a: str, b: str) -> bool:
        """Whether it says that one of the two ops replaced the other."""
        return any((a in old and b in new) or (b in old and a in new) for old, new in self.replacements)


def logged(state: VersionState) -> dict[str, Logged]:
    """The entries of a version's porting log by their text."""
    return {cited.record.text: _logged(cited) for cited in state.porting}


def _logged(cited: Cited[PortingEntry]) -> Logged:
    said, found = words(cited.record.text), _replacements(cited.record.text)
    names = frozenset[str]().union(*(side for replacement in found for side in replacement))
    return Logged(cited, said, len(word_set(said)), _longest(said), found, names)


@lru_cache(maxsize=1 << 11)
def _longest(said: str) -> frozenset[str]:
    """So many of the longest words that an entry whose longest words are all others is not the same one edited.

    Two texts that share n of the words of one have, in any order of words, one of its first len - n + 1 in common.
    """
    ordered = sorted(word_set(said), key=lambda word: (-len(word), word))
    return frozenset(ordered[: len(ordered) - ceil(EDITED * len(ordered)) + 1])


@lru_cache(maxsize=1 << 11)
def _replacements(text: str) -> tuple[Replacement, ...]:
    """What the sentences of a text say was replaced, renamed, turned into something else."""
    line = " ".join(text.lower().split())
    return tuple([_around(line, found.start(), found.end()) for found in REPLACED.finditer(line)])


def _around(line: str, start: int, end: int) -> Replacement:
    """The words of the same sentence that end at most `BEFORE` before a place and start at most `AFTER` after it."""
    before, after = line[:start].rpartition(".")[2], line[end:].partition(".")[0]
    return (
        frozenset(name[0] for name in NAME.finditer(before) if 0 < len(before) - name.end() <= BEFORE),
        frozenset(name[0] for name in NAME.finditer(after) if 0 < name.start() <= AFTER),
    )


def porting_between(old: VersionState, new: VersionState) -> tuple[Cited[PortingEntry], ...]:
    """The entries of the porting log that came in between; none where one of the versions holds no such log."""
    come, _ = come_and_gone(logged(old), logged(new))
    return tuple(entry.cited for entry in come) if old.porting and new.porting else ()


def come_and_gone(old: dict[str, Logged], new: dict[str, Logged]) -> tuple[list[Logged], list[Logged]]:
    """The entries of the new version that the old one does not have, be it in other words, and the reverse."""
    come = {entry.words: entry for text, entry in new.items() if text not in old}
    gone = {entry.words: entry for text, entry in old.items() if text not in new}
    both = come.keys() & gone.keys()
    fresh = [entry for said, entry in come.items() if said not in both]
    stale = [entry for said, entry in gone.items() if said not in both]
    telling = frozenset[str]().union(*[entry.longest for entry in stale])
    near = [entry for entry in fresh if not entry.longest.isdisjoint(telling)]
    edited = {entry.words for a in near for b in stale if _edited(a, b) for entry in (a, b)}
    return [e for e in fresh if e.words not in edited], [e for e in stale if e.words not in edited]


def _edited(a: Logged, b: Logged) -> bool:
    """Whether one entry may be the other in other words."""
    if EDITED * a.size > b.size or EDITED * b.size > a.size or a.longest.isdisjoint(b.longest):
        return False
    return _alike(a.words, b.words)


@lru_cache(maxsize=1 << 12)
def _alike(a: str, b: str) -> bool:
    return shared_words(word_set(a), word_set(b)) >= EDITED


def explained(changes: list[Change], entries: Iterable[Logged], core: Collection[str]) -> list[Change]:
    """The changes with the porting entries that name their op; `core` as `kbase.kernel.exact_names.is_called` takes it.

    Every entry that names an op that changed stands with a change of it, and makes that at least `behaviour` unless it
    is only informational.
    """
    naming: dict[str, list[int]] = {}
    cited = [entry.cited for entry in entries]
    for number, entry in enumerate(cited):
        for name in entry.record.ops:
            naming.setdefault(name, []).append(number)
    named = {name.rpartition(".")[2] for name in naming}
    found: dict[Named, tuple[Cited[PortingEntry], ...]] = {}  # many changes are about the same op

    def about(change: Change) -> tuple[Cited[PortingEntry], ...]:
        key = change.struct, change.op, change.renamed
        if key not in found:
            numbers = {number for name in _names(change, core) for number in naming.get(name, ())}
            found[key] = tuple([cited[number] for number in sorted(numbers)])
        return found[key]

    told = [about(change) if change.op in named or change.renamed else () for change in changes]
    ranks: dict[tuple[str | None, str | None], int] = {}
    for change, porting in zip(changes, told, strict=True):
        if porting:
            op = change.struct, change.op
            ranks[op] = min(_rank(change), ranks.get(op, COSMETIC_RANK))
    return [
        _explained(change, porting) if porting and _rank(change) == ranks[change.struct, change.op] else change
        for change, porting in zip(changes, told, strict=True)
    ]


def _rank(change: Change) -> int:
    """How likely an entry that names the op of a change explains it: of an op's changes the lowest ones carry it."""
    if change.severity in EXPLAINED or change.kind is ADDED:
        return 0
    return COSMETIC_RANK if change.severity is Severity.COSMETIC else 1


def _explained(change: Change, porting: tuple[Cited[PortingEntry], ...]) -> Change:
    """The change with its entries: what has to be done, or should be, is no matter of the documents alone."""
    asked = any(entry_severity(entry.record) in EXPLAINED for entry in porting)
    grave = change.severity in EXPLAINED or not asked
    return change.explained(porting, change.severity if grave else Severity.BEHAVIOUR)


def _names(change: Change, core: Collection[str]) -> Iterator[str]:
    """The names under which a porting entry may speak of the change's op."""
    renamed = change.renamed or ()
    yield from renamed
    for dotted in (f"{change.struct}.{change.op}", *renamed) if change.op else ():
        struct, _, op = dotted.partition(".")
        yield dotted
        if is_called(op, struct, op, core):
            yield op


def entries_about(
    entries: Iterable[Cited[PortingEntry]], changes: Iterable[Change], struct: str, op: str, core: Collection[str]
) -> tuple[Cited[PortingEntry], ...]:
    """The entries that a change carries, or that name the op, or an op of the table (no `op`) in full."""
    carried = {id(entry.record) for change in changes for entry in change.porting}

    def named(called: str) -> bool:
        return is_called(called, struct, op, core) if op else called.startswith(f"{struct}.")

    return tuple(e for e in entries if id(e.record) in carried or any(map(named, e.record.ops)))
