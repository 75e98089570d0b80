"""KnowledgeBase: the one read API, for the command line, the browser and the reference.

It answers with states, records and what diff, history and search make of them, and is safe to read from several
threads. It serves the generation it was opened on; `is_current` tells when a build has swapped in another.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from kbase.diff import Change, Gap, about, gaps_between
from kbase.diff.history import OpLife
from kbase.diff.lock_history import LockLife
from kbase.errors import UnknownName, UsageError
from kbase.kernel.exact_names import Symbol, ThingKind
from kbase.kernel.locks import name_under
from kbase.kernel.successors import moved_to, successor
from kbase.knowledge.answers import LockFacts, LockSummary, Thing, VersionInfo
from kbase.knowledge.comparisons import Comparisons
from kbase.knowledge.names import Names, nearest
from kbase.model.available_versions import Available, Meant
from kbase.model.records import BlanketRule, LockRule
from kbase.model.states import Cited, DocumentRef, OpState, TableState, VersionState
from kbase.model.versions import main_family, parse_version, version_key
from kbase.sources.source import Source
from kbase.store import generations
from kbase.store.database import Store
from kbase.store.lru_method import kept
from kbase.store.state_loader import Held
from kbase.text.lines import Text

if TYPE_CHECKING:  # Whoosh is imported by the first search
    from kbase.search import Searcher, SearchResults, Suggestion

__all__ = ["NO_VERSION", "KnowledgeBase", "LockFacts", "LockSummary", "Meant", "Thing", "VersionInfo"]

Made = TypeVar("Made")
NO_VERSION = "-"  # stands for the documents without version, in addresses
NAMES_KEPT = 4096
TEXTS_KEPT = 24  # documents: those that the ops of some versions are quoted from
OPS_KEPT = 2048  # ops with what a page makes of each


class KnowledgeBase:
    """What one database holds."""

    def __init__(self, store: Store) -> None:
        """Read from an open store; `close` closes it."""
        self._store = store
        self._held = Held(store)
        self._names = Names(store)
        self._opening = Lock()
        self._opened: Searcher | None = None  # the index is opened by the first search

    @classmethod
    def open(cls, db: Path) -> "KnowledgeBase":
        """The knowledge base in a database folder.

        Raises:
            StoreError: there is none, it is damaged, or another kbase made it.
        """
        return cls(Store.open(db))

    def close(self) -> None:
        """Close the database and the index."""
        if self._opened is not None:
            self._opened.close()
        self._store.close()

    def is_current(self, db: Path) -> bool:
        """Whether this is what the database folder serves by now."""
        return self._store.serves(db)

    @property
    def hash(self) -> str:
        """A hash of what is held and of the program that made it: equal hashes, equal answers of the same program."""
        return sha256("".join(self._store.stamp[part] for part in ("content", "code")).encode()).hexdigest()

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources, in the order they were first given; the bundled corpus is the first."""
        return self._store.sources()

    @cached_property
    def versions(self) -> tuple[VersionInfo, ...]:
        """The versions held: linux first, then the other families by name; oldest first within a family."""
        sources: dict[str, tuple[str, ...]] = {}
        documents: dict[str, int] = {}
        for label, source, count in self._store.shares():
            sources[label] = (*sources.get(label, ()), source)
            documents[label] = documents.get(label, 0) + count
        stands_for = {standing: release for release, standing in self.available.standing.items()}
        found = [
            VersionInfo(
                label=label,
                family=parse_version(label).family,
                label_origin=origin,
                sources=sources[label],
                documents=documents[label],
                counts=counts,
                stands_for=stands_for.get(label),
                warnings=self._held.warnings.get(label, ()),
            )
            for label, origin, counts in self._store.versions()
        ]
        return tuple(sorted(found, key=lambda info: (info.family != "linux", version_key(info.label))))

    @cached_property
    def available(self) -> Available:
        """The versions, and which of them a label means."""
        kinds, found = self._store.kinds(stating=True), self._store.versions()
        tables = [label for label, _, counts in found if counts.get("ops")]
        return Available({label: kinds.get(label, ()) for label, _, _ in found}, tables)

    @cached_property
    def tables(self) -> dict[str, tuple[str, ...]]:
        """The ops tables by name, with the versions that have them."""
        return {name: self._in_order(labels) for name, labels in self._store.tables().items()}

    @property
    def families(self) -> tuple[str, ...]:
        """The families held: linux first, then the others by name."""
        return tuple(dict.fromkeys(info.family for info in self.versions))

    @property
    def newest_first(self) -> tuple[str, ...]:
        """All labels family by family, the newest of each first."""
        return tuple(label for family in self.families for label in reversed(self.labels(family)))

    def labels(self, family: str | None = None) -> tuple[str, ...]:
        """The labels of a family, oldest first; without one, of linux, or where that is not held, of the first held."""
        wanted = next(iter(self.families), "") if family is None else family
        return tuple(info.label for info in self.versions if info.family == wanted)

    def standing(self, family: str | None = None) -> tuple[str, ...]:
        """The labels of a family that stand for their releases, oldest first: what a history follows."""
        standing = frozenset(self.available.standing.values())
        return tuple(label for label in self.labels(family) if label in standing)

    def latest(self, family: str | None = None) -> str:
        """The newest version of a family (of linux, if there is any) that has ops tables; where none has, the newest.

        Raises:
            UnknownName: nothing of the family is available.
        """
        return self.available.latest(family)

    def meant(self, label: str) -> Meant:
        """The version that `latest`, `6.8`, `6.4.6` or `v6.4.6` means, with a note where it is another one.

        Raises:
            UnknownName: it is not available, nor is another one of its release; the advice names the nearest.
        """
        return self.available.meant(label)

    def resolve(self, label: str) -> str:
        """The canonical label of what `meant` gives.

        Raises:
            UnknownName: see `meant`.
        """
        return self.meant(label).label

    def range(self, text: str) -> tuple[str, str]:
        """The two versions of `v5.4..v6.8`; an end left out is the oldest or the newest version available.

        Raises:
            UsageError: it is no range, or its ends are of different families.
            UnknownName: an end is not available.
        """
        old, dots, new = text.partition("..")
        if not dots or not (old or new):
            raise UsageError("not a range of versions", repr(text), "write it like v5.4..v6.8.1")
        family = parse_version(self.resolve(old or new)).family
        first = self.resolve(old) if old else self.labels(family)[0]
        last = self.resolve(new) if new else self.latest(family)
        if parse_version(last).family != family:
            raise UsageError("a range stays within one family of versions", repr(text), f"end it with one of {family}")
        return first, last

    def state(self, label: str) -> VersionState:
        """Everything that is held about a version (any label that `resolve` knows).

        Raises:
            UnknownName: the version is not held.
        """
        return self._held.state(self.resolve(label))

    @property
    def loose(self) -> VersionState:
        """The design notes and commits that have no version; its label is empty."""
        return self._held.state("")

    def table(self, label: str, struct: str) -> TableState:
        """An ops table at a version.

        Raises:
            UnknownName: the version has no such table; the advice names near ones.
        """
        state = self.state(label)
        if struct not in state.by_name:
            advice = _advice("did you mean", nearest(struct, state.by_name)) or _elsewhere(self.find(struct))
            raise UnknownName(f"no ops table {struct} in {state.label}", advice=advice)
        return state.by_name[struct]

    def op(self, label: str, struct: str, name: str) -> OpState:
        """An op at a version.

        Raises:
            UnknownName: the version has no such table or op; the advice names near ones.
        """
        table = self.table(label, struct)
        if name not in table.by_name:
            took = successor(struct, name, table.by_name)
            moved = moved_to(struct, name)
            told = [f"{took.new} does what it did, since {took.since}"] if took else []
            told += [f"it is {moved} now"] if moved else []
            elsewhere = _elsewhere(self.find(f"{struct}.{name}"))
            told += [elsewhere or _advice("did you mean", nearest(name, table.by_name))]
            raise UnknownName(f"no op {name} in {struct} of {table.version}", advice="; ".join(filter(None, told)))
        return table.by_name[name]

    def of_op(self, make: Callable[[OpState], Made], label: str, struct: str, name: str) -> Made:
        """What `make` makes of an op, made once and kept as long as there is room.

        Raises:
            UnknownName: the version has no such op.
        """
        made: Made = self._of_op(make, label, struct, name)
        return made

    def find(self, name: str) -> tuple[Thing, ...]:
        """What a name means exactly, whatever its case: `inode_operations.rename`, `rename`, `i_rwsem`, a hash, ...

        A lock's old name finds the lock. Nothing found is an empty tuple; `near` has suggestions.
        """
        return self._find(name)

    def near(self, name: str, limit: int = 5) -> tuple[str, ...]:
        """Names that look like one that `find` does not know: of the same table, or of the same op in another one."""
        return self._names.near(name, limit)

    @cached_property
    def symbols(self) -> Mapping[Symbol, tuple[str, ...]]:
        """Every exact name (`kbase.kernel.exact_names`), with the versions that have it, oldest first."""
        return self._store.all_symbols()

    def locks(self) -> dict[str, LockSummary]:
        """Every lock that a rule is about, by its canonical name."""
        return dict(self._locks)

    def lock_name(self, name: str) -> str:
        """The canonical name of a lock, given by any of its names.

        Raises:
            UnknownName: no rule is about it; the advice names near ones.
        """
        names = [thing.name for thing in self.find(name) if thing.kind == ThingKind.LOCK]
        canonical = name if name in self._locks else next(iter(names), None)
        if canonical is None or canonical not in self._locks:
            raise UnknownName(f"no rule is about a lock {name}", advice=_advice("near", nearest(name, self._locks)))
        return canonical

    def lock(self, subject: str) -> LockFacts:
        """All rules about a lock, given by any of its names.

        Raises:
            UnknownName: no rule is about it; the advice names near ones.
        """
        return self._lock(self.lock_name(subject))

    def diff(self, old: str, new: str, struct: str | None = None, op: str | None = None) -> tuple[Change, ...]:
        """What changed from one version to another; of one ops table or op only, under its old or its new name.

        Raises:
            UnknownName: a version is not held.
        """
        changes = self._compared.diff(self.resolve(old), self.resolve(new))
        return changes if struct is None else about(changes, struct, op)

    def gaps(self, old: str, new: str) -> tuple[Gap, ...]:
        """What a diff of two versions says nothing about, and why.

        Raises:
            UnknownName: a version is not held.
        """
        return gaps_between(*(self._compared.side(self.resolve(label)) for label in (old, new)))

    def history(self, struct: str, op: str, family: str | None = None) -> OpLife:
        """The life of an op over the versions held of a family; without one, of linux or else the first that has it.

        Raises:
            UnknownName: no version has it.
        """
        things = (thing for thing in self.find(f"{struct}.{op}") if thing.kind == ThingKind.OP)
        held = next((thing.versions for thing in things if thing.name == f"{struct}.{op}"), ())
        if not held:
            near = self.near(f"{struct}.{op}")
            raise UnknownName(f"no version held has an op {struct}.{op}", advice=_advice("did you mean", near))
        return self._compared.life(family or main_family(held), struct, op)

    def histories(self, struct: str) -> tuple[OpLife, ...]:
        """The lives of all ops that an ops table ever had: as the newest version lists them, then as older ones do.

        Over the versions of linux, or else of the first family that has it; empty where no version held has it.
        """
        return self._compared.lives(main_family(self.tables.get(struct, ())), struct)

    def lock_life(self, subject: str) -> LockLife:
        """The life of a lock, given by any of its names, over the versions held of linux, or else of another family.

        Raises:
            UnknownName: no rule is about it; the advice names near ones.
        """
        canonical = self.lock_name(subject)
        lock = self._locks[canonical]
        return self._compared.lock_life(main_family(lock.versions), canonical, lock.ops)

    def search(
        self,
        query: str,
        *,
        version: str | None = None,
        filters: Mapping[str, str] | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> "SearchResults":
        """Search for words, names and what the query language knows.

        Raises:
            QueryError: the query is mistaken.
        """
        return self._searcher.search(query, version=version, filters=dict(filters or {}), limit=limit, offset=offset)

    def suggest(self, prefix: str, limit: int = 8) -> "tuple[Suggestion, ...]":
        """Names that begin like `prefix`."""
        return self._searcher.suggest(prefix, limit)

    def document(self, label: str, path: str) -> tuple[DocumentRef, Text]:
        """A document and its lines; the label is empty or `-` for one without version.

        Raises:
            UnknownName: there is no such version, or no such document in it.
        """
        state = self._state_or_loose(label)
        for document in state.documents:
            if document.path == path:
                return document, self._text(document.blob, document.path)
        near = nearest(Path(path).name, [document.path for document in state.documents])
        raise UnknownName(f"no document {path}", state.label, _advice("did you mean", near))

    def facts_of(self, label: str, path: str) -> tuple[Cited[Any], ...]:
        """The records that cite a document, but its sections, in the order of their lines.

        Raises:
            UnknownName: see `document`.
        """
        document, _ = self.document(label, path)
        return self._store.facts(document)

    def quote(self, blob: str, first: int, last: int) -> str:
        """Lines of a document's bytes as they stand.

        Raises:
            StoreError: there is no such blob.
        """
        return self._text(blob, "").quote(first, last)

    def open_index(self) -> None:
        """Open the search index, which the first search would do.

        Raises:
            StoreError: it is missing, damaged, of another kbase or another user's.
        """
        _ = self._searcher

    @kept(OPS_KEPT)
    def _of_op(self, make: Callable[[OpState], Any], label: str, struct: str, name: str) -> Any:
        return make(self.op(label, struct, name))

    def _state_or_loose(self, label: str) -> VersionState:
        return self.loose if label in ("", NO_VERSION) else self.state(label)

    @kept(NAMES_KEPT)
    def _find(self, name: str) -> tuple[Thing, ...]:
        return self._names.find(name)

    @kept(TEXTS_KEPT)
    def _text(self, blob: str, name: str) -> Text:
        return self._store.text(blob, name)

    @cached_property
    def _compared(self) -> Comparisons:
        return Comparisons(self._held, {family: self.labels(family) for family in self.families})

    @property
    def _searcher(self) -> "Searcher":
        with self._opening:
            if self._opened is None:
                self._opened = self._open_index()
            return self._opened

    def _open_index(self) -> "Searcher":
        from kbase.search import Searcher

        folder = self._store.folder / generations.INDEX
        return Searcher(folder, self._store.stamp.get("index"), self.available)

    @cached_property
    def _locks(self) -> dict[str, LockSummary]:
        return {
            subject: LockSummary(subject=subject, ops=ops, versions=self._in_order(versions))
            for subject, ops, versions in self._store.locks()
        }

    def _lock(self, subject: str) -> LockFacts:
        about = self._store.about_lock(subject)
        ops: dict[str, dict[str, tuple[Cited[LockRule], ...]]] = {}
        blankets: dict[str, tuple[Cited[BlanketRule], ...]] = {}
        written: dict[str, None] = {}
        for label in self._in_order(about):
            for cited in about[label]:
                record = cited.record
                if isinstance(record, BlanketRule):
                    blankets[label] = (*blankets.get(label, ()), cited)
                    continue
                rules = ops.setdefault(f"{record.struct}.{record.op}", {})
                rules[label] = (*rules.get(label, ()), cited)
                written[name_under(record.lock, subject)] = None
        return LockFacts(subject=subject, written=tuple(written), ops=dict(sorted(ops.items())), blankets=blankets)

    def _in_order(self, labels: Iterable[str]) -> tuple[str, ...]:
        wanted = set(labels)
        return tuple(info.label for info in self.versions if info.label in wanted)


def _advice(what: str, names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return f"{what}: {listed}" if listed else ""


def _elsewhere(things: Iterable[Thing]) -> str:
    """Where else something is held that a version does not have."""
    versions = next((thing.versions for thing in things if thing.versions), ())
    return _advice("held in", versions)
