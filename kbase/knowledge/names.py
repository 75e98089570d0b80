"""Exact names in a store: what a name means, and which names are near it."""

import re
from functools import cached_property

from kbase.kernel.exact_names import ItemKind, is_mention, is_nickname, spellings
from kbase.kernel.near_names import near_symbols
from kbase.knowledge.answers import NamedItem
from kbase.store.database import Store

SHA_PREFIX = re.compile(r"[0-9a-f]{7,40}")
Row = tuple[str, str, tuple[str, ...]]  # kind, name in full, versions


class Names:
    """Looks names up in the symbol table, however they are written (`kbase.kernel.exact_names.spellings`)."""

    def __init__(self, store: Store) -> None:
        """Nothing is read yet."""
        self._store = store

    def find(self, name: str) -> tuple[NamedItem, ...]:
        """What a name means; see `KnowledgeBase.find`."""
        order = list(ItemKind)
        items = [NamedItem(kind=kind, name=full, versions=versions) for kind, full, versions in self._rows(name)]
        return tuple(sorted(items, key=lambda i: (order.index(ItemKind(i.kind)), not i.is_documented, i.name)))

    def mentioning(self, name: str) -> tuple[NamedItem, ...]:
        """The porting entries that mention a name; see `KnowledgeBase.mentioning`."""
        rows = ((key, row) for key in spellings(name) for row in self._store.symbols(key) if is_mention(key, *row[:2]))
        found = {row[1]: NamedItem(kind=row[0], name=row[1], versions=row[2]) for _, row in rows}
        return tuple(found[slug] for slug in sorted(found))

    def near(self, name: str, limit: int) -> tuple[str, ...]:
        """Names that look like one; see `KnowledgeBase.near`."""
        return tuple(self._names[key] for key in near_symbols(spellings(name), self._names, limit))

    def _rows(self, name: str) -> list[Row]:
        """The symbols of the likeliest spelling that is a name, else a nickname, else mentioned by porting entries."""
        for key in spellings(name):
            rows = list(self._store.symbols(key))
            if rows:
                own = [row for row in rows if not is_mention(key, *row[:2])]
                return [row for row in own if not is_nickname(key, *row[:2])] or own or rows
        key = name.strip().lower()
        shas = [known for known in self._names if known.startswith(key)] if SHA_PREFIX.fullmatch(key) else []
        rows = [row for sha in shas for row in self._store.symbols(sha) if row[0] == ItemKind.COMMIT]
        return list(dict.fromkeys(rows))

    @cached_property
    def _names(self) -> dict[str, str]:
        """Every name by its key; read for near names and abbreviated hashes only."""
        return self._store.names()
