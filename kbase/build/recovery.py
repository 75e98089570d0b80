"""What a build goes on from: the generation that serves, as far as it is as it was built.

Whatever is damaged is written again: a search index from the records, a database from its sources. Nothing is lost
without a word: what cannot be written again is told, and where it may still be of use, it is left alone.
"""

from dataclasses import dataclass
from pathlib import Path

from kbase.errors import StoreError
from kbase.search import verify as verify_index
from kbase.sources.source import Source
from kbase.store import generations
from kbase.store.database import Store, source_list

LOST = "what was held is lost, also the list of its sources: add yours again with `kbase build SOURCE`"
SET_ASIDE = "move it away and build it again: kbase build SOURCE ..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A generation to go on from; `damage` says what has to be written again, for whoever builds."""

    store: Store | None = None
    known: tuple[Source, ...] = ()  # the sources of a generation that cannot be taken over
    refusal: StoreError | None = None  # why it cannot be taken over
    damage: tuple[str, ...] = ()


def find_base(db: Path) -> Base:
    """The base in a locked database folder; whoever takes it closes its store.

    Raises:
        StoreError: a generation is damaged, and what it was built from cannot be told.
    """
    if not generations.is_database(db):
        return Base()
    damage, folder = _damage_of_current(db), generations.newest(db)
    if folder is None:
        return Base(damage=(*damage, LOST), refusal=StoreError("damaged", str(db), generations.REPAIR))
    try:
        store = Store(folder)  # no pin: it may be deleted
    except StoreError as error:
        return _built_again(folder, error, damage)
    try:
        generations.verify(folder)
    except StoreError as error:
        store.close()
        return _built_again(folder, error, damage)
    try:
        verify_index(folder / generations.INDEX, store.stamp.get("index"))
    except StoreError as error:
        damage = (*damage, f"{error.what}; it is written again")
    return Base(store=store, damage=damage)


def _damage_of_current(db: Path) -> tuple[str, ...]:
    try:
        folder = generations.current(db)
    except StoreError as error:
        return (f"{error.what}; it is written again",)
    return () if folder.is_dir() else (f"the generation {folder.name} is gone",)


def _built_again(folder: Path, error: StoreError, damage: tuple[str, ...]) -> Base:
    """The base of a generation that cannot be taken over, for its sources."""
    known = source_list(folder)
    try:
        empty = not (folder / generations.FILE).stat().st_size
    except OSError:
        empty = True
    if known:
        damage = (*damage, f"{error.what}; it is built again from its sources")
    elif empty:
        damage = (*damage, error.what, LOST)
    else:
        raise StoreError(f"{error.what}; and what it was built from cannot be read", str(folder), SET_ASIDE) from error
    return Base(known=known, refusal=error, damage=damage)
