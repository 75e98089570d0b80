"""What a store holds, version by version: its records assembled into states.

A state is assembled when it is asked for, and its sections are read when they are looked at: a version's facts
are a tenth of its text.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property, lru_cache, partial

from kbase.model.records import Section, Summary
from kbase.model.states import Later, VersionState
from kbase.model.versions import parse_version, version_key
from kbase.store.assembly import Filed, Shelf, Summaries, by_op, fitting_ranges
from kbase.store.database import READINGS_KEPT, Store
from kbase.store.lru_method import kept

SECTION, SUMMARY = Section.__name__, Summary.__name__
STATES_KEPT = 1024  # states in memory, with what each looked at but its tables; they share their records
TABLES_KEPT = 1024  # ops tables, of all versions; a version has a dozen


class Held:
    """The states of the versions in a store; the last ones asked for are kept."""

    def __init__(self, store: Store) -> None:
        """Nothing is read yet."""
        self.store = store
        self._table = lru_cache(TABLES_KEPT)(Shelf.table)

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
        return (self._state(label) for label in ("", *self.origins))

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
        readings = self.store.readings(label)
        shelf = Shelf(label, [(document, self._filed(number)) for number, document in readings], self.summaries)
        state = shelf.state(self.origins.get(label, ""), [document for _, document in readings], self._table)
        cited = partial(self.store.cited, label, kinds=(SECTION,))
        return replace(state, sections=Later(cited), warnings=self.warnings.get(label, ()))

    @kept(READINGS_KEPT)
    def _filed(self, reading: int) -> Filed:
        return Filed(self.store.groups(reading, without=(SECTION, SUMMARY)))
