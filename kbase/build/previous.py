"""The previous generation, on which a build is based; damaged parts of it are not used.

Whatever is damaged is written again: a search index from the records, a database from its sources. Each loss is
reported: what cannot be rebuilt is named, and left in place where it may still be of use.
"""

from dataclasses import dataclass
from pathlib import Path

from kbase.errors import StoreError
from kbase.search.index import verify as verify_index
from kbase.sources.source import Source
from kbase.store import generations
from kbase.store.database import Store, source_list

LOST = "its content is lost, also the list of its sources: add yours again with `kbase build SOURCE`"
SET_ASIDE = "move it away and build a new one: kbase build SOURCE ..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """A generation to base a build on; `damage` lists what must be written again, as warnings."""

    store: Store | None = None
    known: tuple[Source, ...] = ()  # the sources of a generation that must be rebuilt
    refusal: StoreError | None = None  # why it must be rebuilt
    damage: tuple[str, ...] = ()


def find_previous(db: Path) -> Previous:
    """The previous generation in a locked database folder; the caller closes its store.

    Raises:
        StoreError: a generation is damaged, and its sources are unknown.
    """
    if not generations.is_database(db):
        return Previous()
    damage, folder = _damage_of_current(db), generations.newest(db)
    if folder is None:
        return Previous(damage=(*damage, LOST), refusal=StoreError("damaged", str(db), generations.REPAIR))
    try:
        store = Store(folder, verified=True)  # not pinned: it may be deleted
    except StoreError as error:
        return _rebuilt(folder, error, damage)
    try:
        verify_index(folder / generations.INDEX, store.stamp.get("index"))
    except StoreError as error:
        damage = (*damage, f"{error.what}; it is rebuilt")
    return Previous(store=store, damage=damage)


def _damage_of_current(db: Path) -> tuple[str, ...]:
    try:
        folder = generations.current(db)
    except StoreError as error:
        return (f"{error.what}; it is rebuilt",)
    return () if folder.is_dir() else (f"the generation {folder.name} is missing",)


def _rebuilt(folder: Path, error: StoreError, damage: tuple[str, ...]) -> Previous:
    """A generation that must be rebuilt from its sources."""
    known = source_list(folder)
    try:
        empty = not (folder / generations.FILE).stat().st_size
    except OSError:
        empty = True
    if known:
        damage = (*damage, f"{error.what}; it is rebuilt from its sources")
    elif empty:
        damage = (*damage, error.what, LOST)
    else:
        raise StoreError(f"{error.what}; and its sources cannot be read", str(folder), SET_ASIDE) from error
    return Previous(known=known, refusal=error, damage=damage)
