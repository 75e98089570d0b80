"""The commits behind changes: of two neighbours that a build read from the same git repository.

They are stored by the lines that prove the changes. Where the repository does not have all that lies between the two
versions, or is not there any more, those of the previous database are kept, if there are any.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from typing import Self

from kbase.build.line_history import Part, TextFile, parts_of_newer, parts_of_older, touching
from kbase.diff.changes import Change
from kbase.diff.fact import Place
from kbase.errors import SourceError
from kbase.model.witnesses import KERNEL
from kbase.sources.git_history import FileHistory, GitHistory
from kbase.store.database import Store
from kbase.store.writer import Row, Writer

Names = dict[Place, frozenset[str]]  # the lines that prove changes, each with the names of the ops that they are about


class ChangeCommits:
    """Finds and writes the commits; a repository is opened when the first two of its versions differ."""

    def __init__(self, store: Store, writer: Writer) -> None:
        """`store` has the documents of the new database."""
        self._writer, self._sources = writer, store.sources()
        self._revisions = store.revisions()
        self._documents = store.git_documents()
        self._opened: dict[int, GitHistory] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._stack.close()

    def revisions(self, label: str) -> list[str]:
        """The commits at which a version was read."""
        return sorted(of[label] for of in self._revisions.values() if label in of)

    def write(self, old: str, new: str, content: str, changes: Iterable[Change]) -> None:
        """Write the commits between two versions that touched what proves the changes.

        `content` is the hash of what both versions have.
        """
        changes = list(changes)
        for source, revisions in self._revisions.items():
            names = self._names(source, changes) if old in revisions and new in revisions else {}
            if not names:
                continue
            try:
                self._writer.add_commits((old, new, *row) for row in self._rows(source, old, new, names))
            except SourceError:
                self._writer.carry_commits(old, new, content)

    def _names(self, source: int, changes: Iterable[Change]) -> Names:
        """The evidence in documents of a repository."""
        found: Names = {}
        for change in changes:
            names = frozenset(name.partition(".")[2] for name in change.names) - {""}
            for place in change.evidence:
                of, *_ = self._documents.get((place.version, place.path), (None,))
                if of == source:
                    found[place] = found.get(place, frozenset()) | names
        return found

    def _rows(self, source: int, old: str, new: str, names: Names) -> list[Row]:
        """The rows of `line_commit`, from the version on.

        Raises:
            SourceError: the repository lacks something, or is gone.
        """
        revisions, repository = self._revisions[source], self._repository(source)
        history = repository.between(revisions[old], revisions[new], self._paths(source, (old, new), names))
        if history is None:
            return []
        found = {place: touching(history, parts) for place, parts in self._parts(history, old, names)}
        commits = repository.commits({name for touched in found.values() for name in touched})
        positions = {name: position for position, name in enumerate(history.parents)}
        return [
            (place.version, place.path, place.line, positions[name], name, commits[name].date, commits[name].subject)
            for place, touched in found.items()
            for name in touched
            if name in commits
        ]

    def _repository(self, source: int) -> GitHistory:
        if source not in self._opened:
            self._opened[source] = self._stack.enter_context(GitHistory(self._sources[source].location))
        return self._opened[source]

    def _paths(self, source: int, versions: Collection[str], places: Iterable[Place]) -> set[str]:
        """The documents with evidence, and the others of the same kind: one may have been renamed to another."""
        paths = {place.path for place in places}
        kinds = {self._documents[place.version, place.path][1] for place in places} - {KERNEL}
        return paths | {
            path
            for (version, path), (of, kind, _) in self._documents.items()
            if of == source and version in versions and kind in kinds
        }

    def _parts(self, history: FileHistory, old: str, names: Names) -> Iterator[tuple[Place, Iterable[Part]]]:
        """What to follow of each place that differs in the two versions."""
        files: dict[tuple[str, str], TextFile] = {}
        for place, of in names.items():
            document = place.version, place.path
            if document not in files:
                files[document] = TextFile(place.path, _lines(self._writer.data(self._documents[document][2])))
            lines = files[document].cited(place.line - 1, place.last, of)
            parts_of = parts_of_older if place.version == old else parts_of_newer
            if lines.texts:
                yield place, parts_of(history.whole, lines)


def _lines(data: bytes) -> list[str]:
    """The lines of a file as git counts them; none if kbase counts them otherwise."""
    alone = b"\r" in data.replace(b"\r\n", b"")
    return [] if alone else [line.decode("utf-8", "replace") for line in data.split(b"\n")]
