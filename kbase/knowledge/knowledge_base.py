"""KnowledgeBase: the one read API, for the command line, the browser and the reference.

It answers with states, records, diffs, histories and search results, and is safe to use from several threads. It reads
the generation that it was opened on; `is_current` says whether a build has replaced it.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from kbase.errors import UnknownName
from kbase.kernel.exact_names import ItemKind, Symbol
from kbase.kernel.near_names import near_names
from kbase.kernel.successors import moved_to, successor
from kbase.knowledge.answers import LockFacts, LockSummary, NamedItem, lock_facts, versions_with
from kbase.knowledge.names import Names
from kbase.knowledge.version_catalogue import VersionCatalogue, VersionInfo
from kbase.model.available_versions import Resolution
from kbase.model.records import Caller
from kbase.model.states import Cited, DocumentRef, OpState, R, TableState, VersionState
from kbase.model.versions import main_family
from kbase.sources.source import Source
from kbase.store import generations
from kbase.store.database import Store
from kbase.store.state_loader import StateLoader
from kbase.text.lines import Text

if TYPE_CHECKING:  # diff and search are imported by the methods that use them: a command that shows an op needs neither
    from kbase.diff.changes import Change
    from kbase.diff.compare import Comparison
    from kbase.diff.history import OpHistory
    from kbase.diff.lock_history import LockHistory
    from kbase.knowledge.comparisons import Comparisons
    from kbase.search.results import SearchResults, Suggestion
    from kbase.search.searcher import Searcher

__all__ = ["NO_VERSION", "KnowledgeBase", "LockFacts", "LockSummary", "NamedItem", "Resolution", "VersionInfo"]

NO_VERSION = "-"  # the version in addresses of documents without one
TEXTS_CACHED = 24  # documents: an op page quotes a few of them many times
KINDS_CACHED = 4  # kinds of which pages list the records of all versions


class KnowledgeBase(VersionCatalogue):
    """The content of one database."""

    def __init__(self, store: Store) -> None:
        """Read from an open store; `close` closes it."""
        super().__init__(store)
        self._store = store
        self.drift = store.drift  # where documents and headers of the same version disagree
        self._states = StateLoader(store)
        self._names = Names(store)
        self._text = lru_cache(TEXTS_CACHED)(store.text)
        self._of_kind = lru_cache(KINDS_CACHED)(store.of_kind)
        self._opening = Lock()
        self._opened: Searcher | None = None  # the first search opens the index

    @classmethod
    def open(cls, db: Path) -> "KnowledgeBase":
        """The knowledge base in a database folder.

        Raises:
            StoreError: there is none, it is damaged, or another version of kbase made it.
        """
        return cls(Store.open(db))

    def close(self) -> None:
        """Close the database and the index."""
        if self._opened is not None:
            self._opened.close()
        self._store.close()

    def is_current(self, db: Path) -> bool:
        """Whether this is still the active generation of the database folder."""
        return self._store.serves(db)

    @property
    def hash(self) -> str:
        """A hash of the content and of the program that made it: equal hashes, equal answers of the same program."""
        return sha256("".join(self._store.stamp[part] for part in ("content", "code")).encode()).hexdigest()

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources, in the order they were first given; the bundled corpus is the first."""
        return self._store.sources()

    @cached_property
    def tables(self) -> dict[str, tuple[str, ...]]:
        """The ops tables by name, with the versions that have them."""
        return {name: self._in_order(labels) for name, labels in self._store.tables().items()}

    def state(self, label: str) -> VersionState:
        """The state of a version (any label that `resolve` knows).

        Raises:
            UnknownName: the version is not available.
        """
        return self._states.state(self.resolve(label))

    @property
    def loose(self) -> VersionState:
        """The state of the documents without a version; its label is empty."""
        return self._states.state("")

    def table(self, label: str, struct: str) -> TableState:
        """An ops table at a version.

        Raises:
            UnknownName: the version has no such table; the advice names near ones.
        """
        state = self.state(label)
        if struct not in state.by_name:
            near = _advice("did you mean", near_names(struct, state.by_name, 3))
            advice = near or _advice("available in", versions_with(self.find(struct)))
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
            advice = [f"{took.new} replaces it since {took.since}"] if took else []
            advice += [f"it is {moved[0]} since {moved[1]}"] if moved else []
            elsewhere = _advice("available in", versions_with(self.find(f"{struct}.{name}")))
            advice += [elsewhere or _advice("did you mean", near_names(name, table.by_name, 3))]
            raise UnknownName(f"no op {name} in {struct} of {table.version}", advice="; ".join(filter(None, advice)))
        return table.by_name[name]

    def op_states(self, struct: str, op: str) -> dict[str, OpState]:
        """An op at every version that has it: as `op` gives it, but for the notes about other ops of its table."""
        having = {label for item in self.find(f"{struct}.{op}") if item.kind == ItemKind.OP for label in item.versions}
        states = self._states.op_states(struct, op)
        return {label: state for label, state in states.items() if label in having}

    def records(self, kind: type[R]) -> dict[str, list[Cited[R]]]:
        """The records of a kind in every version, oldest first; '' has those of documents without a version."""
        found = self._of_kind(kind.__name__)
        return {label: found[label] for label in ("", *(info.label for info in self.versions)) if label in found}

    def find(self, name: str) -> tuple[NamedItem, ...]:
        """The exact matches of a name in any case: `inode_operations.rename`, `rename`, `i_rwsem`, a hash, ...

        A lock's old name finds the lock. `near` has suggestions for a name without a match.
        """
        return self._names.find(name)

    def mentioning(self, name: str) -> tuple[NamedItem, ...]:
        """The porting entries that name a function, a macro, a lock or a data member of that name."""
        return self._names.mentioning(name)

    def near(self, name: str, limit: int = 5) -> tuple[str, ...]:
        """Names similar to one that `find` does not know: of the same table, or of the same op in another one."""
        return self._names.near(name, limit)

    @property
    def symbols(self) -> Mapping[Symbol, tuple[str, ...]]:
        """Every exact name (`kbase.kernel.exact_names`), with the versions that have it, oldest first."""
        return self._store.all_symbols()

    def locks(self) -> dict[str, LockSummary]:
        """Every lock with a rule about it, by its canonical name."""
        return dict(self._locks)

    def lock_name(self, name: str) -> str:
        """The canonical name of a lock, given by any of its names.

        Raises:
            UnknownName: no rule is about it; the advice names near ones.
        """
        names = [item.name for item in self.find(name) if item.kind == ItemKind.LOCK]
        canonical = name if name in self._locks else next(iter(names), None)
        if canonical is None or canonical not in self._locks:
            near = near_names(name, self._locks, 3)
            raise UnknownName(f"no rule is about a lock {name}", advice=_advice("near", near))
        return canonical

    def written_locks(self) -> dict[str, dict[str, list[str]]]:
        """The headers of the rules about each lock, by version, oldest first."""
        written = self._store.written_locks()
        return {lock: {label: named[label] for label in self._in_order(named)} for lock, named in written.items()}

    def lock(self, subject: str, label: str = "") -> LockFacts:
        """All rules about a lock, given by any of its names; only those that a version has, where one is given.

        Raises:
            UnknownName: no rule is about it; the advice names near ones.
        """
        subject = self.lock_name(subject)
        about = self._store.about_lock(subject, label)
        return lock_facts(subject, {label: about[label] for label in self._in_order(about)})

    def diff(self, old: str, new: str, struct: str | None = None, op: str | None = None) -> "tuple[Change, ...]":
        """What changed from one version to another; of one ops table or op only, under its old or its new name.

        Raises:
            UnknownName: a version is not available.
        """
        from kbase.diff.change_filter import changes_about

        changes = self._compared.changes(self.resolve(old), self.resolve(new))
        return changes if struct is None else changes_about(changes, struct, op)

    def compare(self, old: str, new: str) -> "Comparison":
        """What changed from one version to another, the porting entries in between, and what was not compared.

        Raises:
            UnknownName: a version is not available.
        """
        return self._compared.compare(self.resolve(old), self.resolve(new))

    def history(self, struct: str, op: str, family: str | None = None) -> "OpHistory":
        """The history of an op in a family; without one, in linux or else the first family that has it.

        Raises:
            UnknownName: no version has it.
        """
        wanted = self.families if family is None else (family, *self.families)
        found = (self._compared.history(each, struct, op) for each in wanted)
        known = next((each for each in found if each.versions), None)
        if known is None:
            near = self.near(f"{struct}.{op}")
            raise UnknownName(f"no available version has an op {struct}.{op}", advice=_advice("did you mean", near))
        return known if family is None else self._compared.history(family, struct, op)

    def histories(self, struct: str) -> "tuple[OpHistory, ...]":
        """The histories of all ops that an ops table ever had: as the newest version lists them, then as older ones do.

        In linux, or else in the first family that has it; empty if no version has it.
        """
        return self._compared.histories(main_family(self.tables.get(struct, ())), struct)

    def lock_history(self, subject: str) -> "LockHistory":
        """The history of a lock, given by any of its names, in linux or else in another family.

        Raises:
            UnknownName: no rule is about it; the advice names near ones.
        """
        canonical = self.lock_name(subject)
        return self._compared.lock_history(main_family(self._locks[canonical].versions), canonical)

    def search(
        self,
        query: str,
        *,
        version: str | None = None,
        filters: Mapping[str, str] | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> "SearchResults":
        """Search for words, names and conditions of the query language.

        Raises:
            QueryError: the query is not valid.
        """
        return self._searcher.search(query, version=version, filters=dict(filters or {}), limit=limit, offset=offset)

    def suggest(self, prefix: str, limit: int = 8) -> "tuple[Suggestion, ...]":
        """Names that begin with `prefix`."""
        return self._searcher.suggest(prefix, limit)

    def callers(self, label: str, struct: str, op: str) -> tuple[Caller, ...] | None:
        """The places in the code of a version that call an op, by path and line; None if no code of it was read.

        Raises:
            UnknownName: the version is not available.
        """
        label = self.resolve(label)
        return self._store.callers(label, struct, op) if label in self.with_callers else None

    def document(self, label: str, path: str) -> tuple[DocumentRef, Text]:
        """A document and its lines; the label is empty or `-` for one without version.

        Raises:
            UnknownName: there is no such version, or no such document in it.
        """
        state = self.loose if label in ("", NO_VERSION) else self.state(label)
        for document in state.documents:
            if document.path == path:
                return document, self._text(document.blob, document.path)
        near = near_names(Path(path).name, [document.path for document in state.documents], 3)
        raise UnknownName(f"no document {path}", state.label, _advice("did you mean", near))

    def facts_of(self, label: str, path: str) -> tuple[Cited[Any], ...]:
        """The records of a document without its sections, in the order of their lines.

        Raises:
            UnknownName: see `document`.
        """
        document, _ = self.document(label, path)
        return self._store.facts(document)

    def quote(self, blob: str, first: int, last: int) -> str:
        """The source text of lines of a document.

        Raises:
            StoreError: there is no such blob.
        """
        return self._text(blob, "").quote(first, last)

    def open_index(self) -> None:
        """Open the search index now instead of at the first search.

        Raises:
            StoreError: it is missing, damaged, of another version of kbase or of another user.
        """
        _ = self._searcher

    @cached_property
    def _compared(self) -> "Comparisons":
        from kbase.knowledge.comparisons import Comparisons

        return Comparisons(self._states, {family: self.labels(family) for family in self.families})

    @property
    def _searcher(self) -> "Searcher":
        from kbase.search.searcher import Searcher

        with self._opening:
            if self._opened is None:
                folder = self._store.folder / generations.INDEX
                self._opened = Searcher(folder, self._store.stamp.get("index"), self.available)
            return self._opened

    @cached_property
    def _locks(self) -> dict[str, LockSummary]:
        """Cached because the query reads all lock rules."""
        return {
            subject: LockSummary(subject=subject, ops=ops, versions=self._in_order(versions))
            for subject, (ops, versions) in self._store.locks().items()
        }


def _advice(what: str, names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return f"{what}: {listed}" if listed else ""
