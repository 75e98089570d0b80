"""The changes between neighbours: versions that stand for their releases, each with the next one of its family.

They are what a diff of the two tells, written once by a build for whoever reads the database with SQL. What an earlier
build found for two versions that are as they were is taken over.
"""

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import Any

from kbase.diff import Change, Side, diff_sides
from kbase.model.releases import releases
from kbase.model.versions import parse_version
from kbase.store.database import Store
from kbase.store.state_loader import StateLoader
from kbase.store.writer import Writer

Row = tuple[Any, ...]
Compared = tuple[str, str, str]  # the older version, the newer one, and a hash of what both are


def write_changes(
    loader: StateLoader, writer: Writer, progress: Callable[[int, int, str], None], *, carry: bool
) -> None:
    """Write the changes between all neighbours; with `carry` those of the previous database that still hold."""
    contents = loader.store.contents()
    side = lru_cache(2)(lambda label: Side(loader.state(label)))  # the newer one is the older one of the next pair
    pairs = _compared(loader, contents)
    carried = writer.carry_changes(pairs) if carry else set()
    for done, pair in enumerate(pairs, 1):
        old, new, _ = pair
        if pair not in carried:
            alike = contents.get(old) == contents.get(new)
            changes = () if alike else diff_sides(side(old), side(new))
            writer.add_changes(*pair, (_row(change, old, new) for change in changes))
        progress(done, len(pairs), new)


def _compared(loader: StateLoader, contents: dict[str, tuple[Row, ...]]) -> list[Compared]:
    """The neighbours, oldest first. What a version is includes how many documents came from which source."""
    shares = {label: list(documents.items()) for label, _, documents, _ in loader.store.versions()}

    def content(*labels: str) -> str:
        told = [[contents.get(label, ()), shares.get(label, ())] for label in labels]
        return sha256(json.dumps(told).encode()).hexdigest()

    return [(old, new, content(old, new)) for old, new in _neighbours(loader.store, loader.label_origins)]


def _neighbours(store: Store, labels: dict[str, str]) -> Iterator[tuple[str, str]]:
    kinds = store.kinds()
    standing = (release.representative for release in releases({label: kinds.get(label, ()) for label in labels}))
    return ((old, new) for old, new in pairwise(standing) if parse_version(old).family == parse_version(new).family)


def _row(change: Change, old: str, new: str) -> Row:
    """A change in the columns of the table."""
    said = (change.kind.value, change.severity.value, change.struct, change.op, change.path)
    told = (change.before, change.after, change.reason, change.likely)
    return *said, *told, *_place(change, old), *_place(change, new)


def _place(change: Change, label: str) -> Row:
    """Path and line of the first proof that a version has; nothing where it has none."""
    places = ((place.path, place.line) for place in change.evidence if place.version == label)
    return next(places, (None, None))
