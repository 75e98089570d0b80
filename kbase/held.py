"""What a store holds, version by version: its records assembled into states.

A state is assembled when it is asked for, and its sections are read when they are looked at: a version's facts
are a tenth of its text.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import overload

from kbase.assemble import Summaries, assemble, by_op, fitting_ranges
from kbase.kept import kept
from kbase.records import Section, Summary
from kbase.state import Cited, VersionState
from kbase.store import Store
from kbase.versions import parse_version, version_key

SECTION, SUMMARY = Section.__name__, Summary.__name__
STATES_KEPT = 64  # states in memory; they share their records


class Sections(Sequence[Cited[Section]]):
    """A version's sections, read when they are first looked at."""

    def __init__(self, read: Callable[[], tuple[Cited[Section], ...]]) -> None:
        """`read` gives them."""
        self._read = read

    @cached_property
    def _sections(self) -> tuple[Cited[Section], ...]:
        return self._read()

    @overload
    def __getitem__(self, index: int) -> Cited[Section]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Cited[Section]]: ...
    def __getitem__(self, index: int | slice) -> Cited[Section] | Sequence[Cited[Section]]:
        return self._sections[index]

    def __len__(self) -> int:
        return len(self._sections)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._sections == tuple(other)

    def __hash__(self) -> int:
        return hash(self._sections)


class Held:
    """The states of the versions in a store; the last ones asked for are kept."""

    def __init__(self, store: Store) -> None:
        """Nothing is read yet."""
        self.store = store

    @cached_property
    def origins(self) -> dict[str, str]:
        """Where each version's label comes from, by label, oldest version first."""
        origins = self.store.label_origins()
        return {label: origins[label] for label in sorted(origins, key=version_key)}

    @cached_property
    def warnings(self) -> dict[str, tuple[str, ...]]:
        """What is to be said against versions, by label."""
        return self.store.warnings()

    @cached_property
    def summaries(self) -> Summaries:
        """Our summaries, by struct and op."""
        return by_op(self.store.cited("", kinds=(SUMMARY,)))

    def state(self, label: str) -> VersionState:
        """A version's state ('' for the documents without version)."""
        return self._state(label)

    def states(self) -> Iterator[VersionState]:
        """All states, the documents without version first, then oldest version first."""
        return (self._assembled(label) for label in ("", *self.origins))

    def alike(self) -> dict[str, tuple[str, ...]]:
        """The versions that say the same, by the newest of them: labels, oldest first; versions in their order.

        Versions of one family with the same documents and summaries differ in nothing but their labels.
        """
        groups: dict[object, list[str]] = {}
        for label, content in self._contents().items():
            family = parse_version(label).family if label else ""
            groups.setdefault((family, content, fitting_ranges(label, self.summaries)), []).append(label)
        return {labels[-1]: tuple(labels) for labels in groups.values()}

    def _contents(self) -> dict[str, object]:
        """The content of each version, those without version first, then oldest first."""
        contents = self.store.contents()
        return {label: contents.get(label, ()) for label in ("", *self.origins)}

    @kept(STATES_KEPT)
    def _state(self, label: str) -> VersionState:
        return self._assembled(label)

    def _assembled(self, label: str) -> VersionState:
        store = self.store
        sections = Sections(lambda: store.cited(label, kinds=(SECTION,)))
        records = store.cited(label, without=(SECTION, SUMMARY))
        documents = store.documents(label)
        origin = self.origins.get(label, "")
        state = assemble(label, origin, documents, records, sections=sections, summaries=self.summaries)
        return replace(state, warnings=self.warnings[label]) if label in self.warnings else state
