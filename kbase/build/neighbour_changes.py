"""The changes between neighbours, compared once by a build: histories are made of them, and the SQL view `change`.

Neighbours are versions that represent their releases, each with the next one of its family, and the other pairs that
histories need (`kbase.diff.release_line.compared_pairs`). What an earlier build found for two versions that are as they
were is taken over.
"""

import json
from collections.abc import Callable, Iterable
from hashlib import sha256
from itertools import groupby
from typing import Any

from kbase.diff import ComparableVersion, compare
from kbase.diff.release_line import compared_pairs, pairs_over_truncated, steps_of, version_documents
from kbase.diff.rows import change_row
from kbase.diff.truncated_documents import incomplete_tables
from kbase.model.versions import parse_version
from kbase.store.state_loader import Held
from kbase.store.writer import Writer

Row = tuple[Any, ...]
Pair = tuple[str, str]
Progress = Callable[[int, int, str], None]


def write_changes(held: Held, writer: Writer, progress: Progress, *, carry: bool) -> None:
    """Write the changes between all neighbours; with `carry` those of the previous database that still hold."""
    store = held.store
    documents = version_documents(held.origins, store.kinds(), store.changes.documents())
    families = [list(found) for _, found in groupby(documents, key=lambda each: parse_version(each.label).family)]
    steps = {pair for versions in families for pair in steps_of(versions)}
    pairs = [pair for versions in families for pair in compared_pairs(versions)]
    incomplete = _write(held, writer, pairs, steps, progress, carry=carry)
    more = [pair for versions in families for pair in pairs_over_truncated(versions, incomplete)]
    _write(held, writer, more, steps, progress, carry=carry)


def _write(
    held: Held, writer: Writer, pairs: Iterable[Pair], steps: set[Pair], progress: Progress, *, carry: bool
) -> dict[Pair, frozenset[Row]]:
    """Write the changes of these pairs; gives the tables that truncated documents of each do not state in full."""
    contents, shares = held.store.contents(), _shares(held)

    def content(*labels: str) -> str:
        """What a diff depends on; also how many documents came from which source."""
        every = [[contents.get(label, ()), shares.get(label, ())] for label in labels]
        return sha256(json.dumps(every).encode()).hexdigest()

    wanted = [(old, new, content(old, new), (old, new) in steps) for old, new in pairs]
    carried = writer.carry_changes(wanted) if carry else {}
    found = dict[Pair, frozenset[Row]]()
    versions = dict[str, ComparableVersion]()
    for done, (old, new, hash_, is_step) in enumerate(wanted, 1):
        if (old, new) in carried:
            incomplete = frozenset(map(tuple, json.loads(carried[old, new])))
        elif contents.get(old) == contents.get(new):
            incomplete = frozenset()
            writer.add_changes((old, new, hash_, is_step, "[]"), ())
        else:
            states = (held.state(label) for label in (old, new))
            versions = {s.label: versions.get(s.label) or ComparableVersion.of(s) for s in states}
            incomplete = frozenset(incomplete_tables(versions[old].state, versions[new].state))
            changes = compare(versions[old], versions[new]).changes
            rows = ((change_row(change, old, new), set(change.touched)) for change in changes)
            writer.add_changes((old, new, hash_, is_step, json.dumps(sorted(incomplete))), rows)
        found[old, new] = incomplete
        progress(done, len(wanted), new)
    return found


def _shares(held: Held) -> dict[str, list[Row]]:
    """How many documents of each version came from which source."""
    found: dict[str, list[Row]] = {}
    for label, *share in held.store.shares():
        found.setdefault(label, []).append(tuple(share))
    return found
