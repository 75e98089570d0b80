"""Exact names in a store: what a name means, and which names look like it."""

import difflib
import re
from collections.abc import Iterable
from functools import cached_property

from kbase.kernel import locks
from kbase.kernel.exact_names import ThingKind, fold
from kbase.knowledge.answers import Thing
from kbase.store.database import Store

SHA_PREFIX = re.compile(r"[0-9a-f]{7,40}")


class Names:
    """Looks names up, whatever their case and adornment (`kbase.kernel.exact_names.fold`)."""

    def __init__(self, store: Store) -> None:
        """Nothing is read yet."""
        self._store = store

    def find(self, name: str) -> tuple[Thing, ...]:
        """What a name means; see `KnowledgeBase.find`."""
        folded = fold(name)
        rows = [row for row in self._store.symbols(folded) if row[0] != ThingKind.LOCK]
        rows += [row for subject in self._subjects(name) for row in self._symbols(subject, ThingKind.LOCK)]
        if not rows and SHA_PREFIX.fullmatch(folded):
            shas = [known for known in self._names if known.startswith(folded)]
            rows = [row for sha in shas for row in self._symbols(sha, ThingKind.COMMIT)]
        order = list(ThingKind)
        things = [Thing(kind=kind, name=full, versions=versions) for kind, full, versions in rows]
        return tuple(sorted(things, key=lambda thing: (order.index(ThingKind(thing.kind)), thing.name)))

    def near(self, name: str, limit: int) -> tuple[str, ...]:
        """Names that look like one; see `KnowledgeBase.near`."""
        folded = fold(name)
        struct, dot, member = folded.rpartition(".")
        siblings = {known.rpartition(".")[2]: known for known in self._names if dot and known.startswith(f"{struct}.")}
        found = [siblings[each] for each in nearest(member, siblings, limit)]
        found += [known for known in self._names if dot and known.endswith(f".{member}")]
        found += nearest(folded, self._names, limit) if not siblings else []
        return tuple(self._names[known] for known in dict.fromkeys(found))[:limit]

    def _subjects(self, name: str) -> set[str]:
        """The canonical names of the locks that have this name, or had it."""
        written = {full for kind, full, _ in self._store.symbols(fold(name)) if kind == ThingKind.LOCK}
        known = locks.canonical_subject(name)
        return written | {known} if known else written

    def _symbols(self, name: str, kind: ThingKind) -> list[tuple[str, str, tuple[str, ...]]]:
        return [row for row in self._store.symbols(name.lower()) if row[0] == kind and row[1].lower() == name.lower()]

    @cached_property
    def _names(self) -> dict[str, str]:
        return self._store.names()


def nearest(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """Known names that look like this one, those that contain it first."""
    known = list(known)
    containing = [each for each in known if len(name) > 2 and name.lower() in each.lower()]
    close = difflib.get_close_matches(name, known, limit)
    return list(dict.fromkeys([*sorted(containing, key=len), *close]))[:limit]
