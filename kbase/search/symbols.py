"""The symbol table: exact names, beginnings of names, and names that are nearly what was typed."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from kbase.kernel.aliases import spelled_out

MAX_DISTANCE = 2
FREQUENT = 300  # names that have a part; more say nothing
BEGINS, CALLED = re.compile(r"(?:struct\s+)?(?:->|&|\.)?"), re.compile(r"\(\s*\)$")


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name as written, the things that it names, and those that it named formerly."""

    name: str
    things: tuple[int, ...]
    successors: tuple[int, ...] = ()

    @property
    def all(self) -> tuple[int, ...]:
        return self.things + self.successors


def bare(text: str) -> str:
    """A name as the symbol table has it: `->fault()` is `fault`, `inode_operations->rename` has a dot."""
    name = _bare(_bare(text.strip()))
    return name.replace("->", ".").replace("::", ".").lower()


def _bare(text: str) -> str:
    """The text without what points to a name, and without the marks or the parentheses behind it."""
    name = BEGINS.sub("", text, count=1)
    said = name.rstrip("?!.,;:")
    return said if said != name else CALLED.sub("", name)


class Symbols:
    """Look-up over all names, without regard to case."""

    def __init__(self, table: dict[str, list[Any]], spoken: Mapping[str, Sequence[int]] | None = None) -> None:
        """`table` is the catalogue's: key -> [name, things, successors]; `spoken` names are never suggested."""
        self.spoken = {key: Symbol(key, tuple(things)) for key, things in (spoken or {}).items() if key not in table}
        self.table = {key: Symbol(name, tuple(now), tuple(then)) for key, (name, now, then) in table.items()}
        self.sorted = sorted(self.table)
        parts = {(part, key) for key in self.table if len(key) < 80 for part in re.split(r"[_.\s]+", key)[1:] if part}
        self.parts = sorted(parts)
        self.by_pair = _by_pair(self.sorted)

    def get(self, text: str) -> Symbol | None:
        """The symbol with exactly that name; an abbreviated commit hash names its commit.

        `f_op->mmap` is `file_operations.mmap`, and of another pointer (`inode->i_rwsem`) the member counts.
        """
        found = self.exact(text.strip().lower())
        if found is not None:
            return found
        name = bare(text)
        found = self.exact(name)
        if found is None and "." in name:
            keys = (*spelled_out(name), *(name.rsplit(".", 1)[1:] if "->" in text and " " not in name else ()))
            found = next((self.table[key] for key in keys if key in self.table), None)
        if found is None and re.fullmatch(r"[0-9a-f]{7,40}", name):
            longer = [self.table[key] for key in self._beginning(name, 2)]
            found = longer[0] if longer and len({s.all for s in longer}) == 1 else None
        return found

    def exact(self, key: str) -> Symbol | None:
        """The symbol of a name in lower case that has no pointer or parenthesis about it."""
        return self.table.get(key) or self.spoken.get(key)

    def _beginning(self, prefix: str, limit: int) -> list[str]:
        first = bisect_left(self.sorted, prefix)
        return [key for key in self.sorted[first : first + limit] if key.startswith(prefix)]

    def beginning(self, prefix: str, limit: int) -> Iterator[Symbol]:
        """The symbols that begin like that, then those of which a part does."""
        keys = dict.fromkeys(self._beginning(prefix, limit))
        first = bisect_left(self.parts, (prefix, ""))
        for part, key in self.parts[first : first + limit]:
            if part.startswith(prefix):
                keys.setdefault(key)
        yield from (self.table[key] for key in keys)

    def near(self, word: str, limit: int = 5, *, further: int = 0) -> list[tuple[int, str]]:
        """Names within a small edit distance, as (distance, key), nearest first; `further` allows more edits."""
        allowed = allowed_distance(word) + (further if len(word) > 4 else 0)
        return nearest(word, self._candidates(word, allowed), limit, allowed) if allowed else []

    def sharing_parts(self, word: str, limit: int) -> list[str]:
        """Names that share two parts or more with an identifier, those that share most first: `mmap_read_lock`."""
        parts = set(re.split(r"[_.]+", word))
        shared = Counter(key for part in parts for key in self._with_part(part))
        found = [(-count, len(key), key) for key, count in shared.items() if count > 1]
        return [key for _, _, key in sorted(found)[:limit]]

    def _with_part(self, part: str) -> set[str]:
        """The names of which it is a part; of a part of hundreds of names, none."""
        after = bisect_left(self.parts, (part, "")), bisect_left(self.parts, (part + "\0", ""))
        if after[1] - after[0] >= FREQUENT:
            return set()
        first = (self._beginning(part + glue, FREQUENT) for glue in ("_", " "))
        return set(chain(*first)).union(key for _, key in self.parts[slice(*after)])

    def _candidates(self, word: str, allowed: int) -> Iterable[str]:
        """The names that share enough pairs of letters: one edit changes three of them at most."""
        pairs = _pairs(word)
        shared = Counter(chain.from_iterable(self.by_pair.get(pair, ()) for pair in pairs))
        wanted = max(1, len(pairs) - 3 * allowed)
        return (key for key, count in shared.items() if count >= wanted and abs(len(key) - len(word)) <= allowed)


def _pairs(word: str) -> set[str]:
    padded = f" {word} "
    return {padded[place : place + 2] for place in range(len(padded) - 1)}


def _by_pair(keys: Iterable[str]) -> dict[str, list[str]]:
    index: dict[str, list[str]] = {}
    for key in keys:
        if len(key) <= 60 and " " not in key:
            for pair in _pairs(key):
                index.setdefault(pair, []).append(key)
    return index


def allowed_distance(word: str) -> int:
    """How far a name may be from what was typed: short words only one edit."""
    return 0 if len(word) < 4 else 1 if len(word) < 7 else MAX_DISTANCE


def likely_typo(word: str, name: str) -> bool:
    """Whether one may be meant by the other: no part of an identifier is another word, as `sem` is no `key`."""
    said, meant = word.split("_"), name.split("_")
    if len(said) == 1 or len(said) != len(meant):
        return True
    return all(edit_distance(one, other, 3) <= max(1, len(one) // 3) for one, other in zip(said, meant, strict=True))


def nearest(word: str, names: Iterable[str], limit: int, allowed: int) -> list[tuple[int, str]]:
    """The names within the allowed distance of the word, as (distance, name), nearest first."""
    measured = ((edit_distance(word, name, allowed), name) for name in names)
    found = [pair for pair in measured if pair[0] <= allowed]
    found.sort(key=lambda pair: (pair[0], pair[1][:1] != word[:1], abs(len(pair[1]) - len(word)), pair[1]))
    return found[:limit]


def edit_distance(left: Sequence[str], right: Sequence[str], limit: int) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours; `limit + 1` for anything above `limit`."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > limit and (not before or min(before) > limit):
            return limit + 1
    return min(row[-1], limit + 1)
