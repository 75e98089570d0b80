"""The symbol table of an index: exact names, beginnings of names, near names."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping

from kbase.kernel.exact_names import spellings
from kbase.kernel.near_names import near_names, near_symbols
from kbase.search.index import Symbol

IDENTIFIER = re.compile(r"[\w.]+")


class Symbols:
    """Look-up over all names, without regard to case."""

    def __init__(self, table: Mapping[str, Symbol]) -> None:
        """`table` is the catalogue's."""
        self.table, self.sorted = table, sorted(table)
        self.names = [key for key in self.sorted if IDENTIFIER.fullmatch(key)]  # what may be near: no titles, no slugs

    def get(self, written: str) -> Symbol | None:
        """The symbol of a name, however it is written; an abbreviated commit hash names its commit."""
        if known := self.table.get(written.lower()):
            return known
        keys = spellings(written)
        found = next((self.table[key] for key in keys if key in self.table), None)
        if found is None and keys and re.fullmatch(r"[0-9a-f]{7,40}", keys[0]):
            longer = {self.table[key].all: self.table[key] for key in self._beginning(keys[0], 2)}
            found = next(iter(longer.values())) if len(longer) == 1 else None
        return found

    def exact(self, key: str) -> Symbol | None:
        """The symbol of a name in lower case that has no pointer or parenthesis about it."""
        return self.table.get(key)

    def near(self, written: str, limit: int) -> list[str]:
        """The names near an unknown name, or near its parts, as the documents write them."""
        found = near_symbols(spellings(written), self.names, limit)
        parts = [part for part in re.split(r"[\W_]+", written.lower()) if len(part) > 2]
        names = dict.fromkeys(self.table[key].name for key in found)
        for part in parts if not names and len(parts) > 1 else ():
            names |= dict.fromkeys(self.table[key].name for key in near_names(part, self.names, 2))
        return list(names)[:limit]

    def beginning(self, prefix: str, limit: int) -> Iterator[Symbol]:
        """The symbols that begin with `prefix`, then those with a part that does."""
        keys = dict.fromkeys(self._beginning(prefix, limit))
        inside = _part(prefix)
        for key in self.sorted:
            if len(keys) >= limit:
                break
            if len(key) < 80 and inside.search(key):
                keys.setdefault(key)
        yield from (self.table[key] for key in keys)

    def _beginning(self, prefix: str, limit: int) -> list[str]:
        first = bisect_left(self.sorted, prefix)
        return [key for key in self.sorted[first : first + limit] if key.startswith(prefix)]


def _part(prefix: str) -> re.Pattern[str]:
    """The pattern for a part of a name that begins with `prefix`."""
    return re.compile(rf"[_.\s]{re.escape(prefix)}")
