"""The changes that the build stored, with the porting entries and the commits that they carry."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from kbase.diff.changes import Change
from kbase.diff.rows import row_change, slugs_of
from kbase.model.git_commits import ChangeCommit
from kbase.store.state_loader import StateLoader
from kbase.store.stored_changes import Place, Row


def stored_changes(loader: StateLoader, rows: Collection[Row], old: str, new: str) -> tuple[Change, ...]:
    """The changes of rows between two versions, with the porting entries and the commits that they carry."""
    entries = {c.record.slug: c for c in loader.state(new).porting} if any(map(slugs_of, rows)) else {}
    return with_commits(loader, old, new, tuple(row_change(row, entries) for row in rows))


def with_commits(loader: StateLoader, old: str, new: str, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes between two versions with the commits that touched their evidence, where the build found some."""
    by_line = loader.store.changes.commits(old, new) if changes else {}
    return tuple(replace(change, commits=_behind(change, by_line)) for change in changes) if by_line else changes


def _behind(change: Change, by_line: Mapping[Place, Mapping[int, ChangeCommit]]) -> tuple[ChangeCommit, ...]:
    found: dict[int, ChangeCommit] = {}
    for place in change.evidence:
        found |= by_line.get((place.version, place.path, place.line), {})
    return tuple(found[position] for position in sorted(found))
