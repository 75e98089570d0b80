"""The states of the versions in a store, assembled from its records when they are asked for."""

from collections.abc import Callable, Iterator
from functools import lru_cache, partial

from kbase.model.records import Caller, Record, Section, Summary
from kbase.model.states import Cited, OpState, VersionState
from kbase.model.versions import parse_version
from kbase.store.assembly import Summaries, assemble, by_op, fitting_ranges, op_states
from kbase.store.database import Store

READINGS_CACHED = 4096  # most are short; a version has about 130
STATES_CACHED = 256  # more than there are releases; states share their records


class StateLoader:
    """Loads states; those used last are cached."""

    def __init__(self, store: Store) -> None:
        """Read the list of versions."""
        self.store = store
        self.label_origins = {label: origin for label, origin, _, _ in store.versions()}  # oldest first by family
        self.warnings = store.warnings()
        self.summaries = by_op(store.cited("", (Summary.__name__,)))
        # Neither cache refers to this object: it is freed as soon as nobody uses it, without the garbage collector.
        records = lru_cache(READINGS_CACHED)(store.records)  # versions share most documents: each is decoded once
        load = partial(_load, store, self.label_origins, self.warnings, self.summaries, records)
        self._state = lru_cache(STATES_CACHED)(load)  # a page shows many facts of the same few versions

    def state(self, label: str) -> VersionState:
        """The state of a version ('' for the documents without a version)."""
        return self._state(label)

    def op_states(self, struct: str, op: str) -> dict[str, OpState]:
        """What each version states of an op, without assembling the states of all versions."""
        return op_states(struct, op, self.store.about_op(struct, op), self.summaries)

    def states(self) -> Iterator[VersionState]:
        """All states: of the documents without a version first, then of the oldest version first."""
        return map(self.state, ("", *self.label_origins))

    def alike(self) -> dict[str, tuple[str, ...]]:
        """The versions with the same content, by the newest of them: labels, oldest first; versions in their order.

        Versions of one family with the same documents and summaries differ in nothing but their labels.
        """
        contents = self.store.contents()
        groups: dict[object, list[str]] = {}
        for label in ("", *self.label_origins):
            family = parse_version(label).family if label else ""
            content = contents.get(label, ())
            groups.setdefault((family, content, fitting_ranges(label, self.summaries)), []).append(label)
        return {labels[-1]: tuple(labels) for labels in groups.values()}


def _load(
    store: Store,
    origins: dict[str, str],
    warnings: dict[str, tuple[str, ...]],
    summaries: Summaries,
    records: Callable[[int], tuple[Record, ...]],
    label: str,
) -> VersionState:
    readings = store.readings(label)
    return assemble(
        label,
        origins.get(label, ""),
        [document for _, document in readings],
        (Cited(record=record, document=document) for number, document in readings for record in records(number)),
        summaries=summaries,
        warnings=warnings.get(label, ()),
        load_sections=partial(store.cited, label, (Section.__name__,)),
        load_callers=partial(store.cited, label, (Caller.__name__,)),
    )
