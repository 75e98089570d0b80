"""Histories over states at hand, as a knowledge base makes them of the changes that its build stored."""

from collections.abc import Iterator, Sequence

from kbase.diff.changes import Change
from kbase.diff.comparable import Coverage, stating
from kbase.diff.compare import diff
from kbase.diff.history import HistorySource, OpHistory
from kbase.diff.history import history as fold
from kbase.diff.late_documents import gone_already
from kbase.diff.lock_history import LockHistory
from kbase.diff.lock_history import lock_history as fold_lock
from kbase.diff.release_line import VersionDocuments, line_of
from kbase.diff.truncated_documents import incomplete_tables
from kbase.model.states import VersionState
from kbase.model.witnesses import LOCK_TABLES, OP_WITNESSES

Made = dict[tuple[str, str], tuple[Change, ...]]  # the changes between versions, by their labels


def documents_of(states: Sequence[VersionState]) -> list[VersionDocuments]:
    """The documents of the versions."""
    kinds = [frozenset(document.kind for document in state.documents) for state in states]
    return [
        VersionDocuments(state.label, of_state - state.excerpts, state.readable, state.excerpts)
        for state, of_state in zip(states, kinds, strict=True)
    ]


def history(states: Sequence[VersionState], struct: str, op: str, made: Made | None = None) -> OpHistory:
    """The history of an op over the versions, oldest first; `made` are the changes that were asked for before."""
    made = {} if made is None else made
    known = {state.label: state for state in states}
    stated = {
        state.label: stating(table, table.by_name[op]).intersection(OP_WITNESSES)
        for state in states
        if (table := state.by_name.get(struct)) and op in table.by_name
    }

    def between(old: str, new: str) -> Iterator[Change]:
        if (old, new) not in made:
            made[old, new] = diff(known[old], known[new])
        return (change for change in made[old, new] if change.touches(struct, op))

    return fold(
        struct,
        op,
        HistorySource(
            versions=documents_of(states),
            line=line_of(documents_of(states)),
            stated=stated,
            between=between,
            incomplete=lambda old, new: frozenset(incomplete_tables(known[old], known[new])),
            late=lambda label: gone_already(known[label], struct, op),
        ),
    )


def histories(states: Sequence[VersionState]) -> dict[tuple[str, str], OpHistory]:
    """The histories of all ops that any of the versions states, by struct and op."""
    made: Made = {}
    names = dict.fromkeys((op.struct, op.name) for state in states for op in state.ops.values())
    return {name: history(states, *name, made) for name in names}


def lock_history(states: Sequence[VersionState], subject: str) -> LockHistory:
    """The history of a lock over the versions, oldest first."""
    telling = [state for state in states if LOCK_TABLES in state.readable]
    stated = {
        state.label: [
            rule
            for op in state.ops.values()
            for rule in op.rules
            if any(reading.subject == subject for reading in rule.record.readings)
        ]
        for state in telling
    }
    coverage = {
        state.label: {
            (op.struct, op.name): Coverage.ROW if op.has_row else Coverage.PROTOTYPE
            for op in state.ops.values()
            if op.has_row or any(cited.document.kind is LOCK_TABLES for cited in op.prototypes)
        }
        for state in telling
    }
    return fold_lock(stated, coverage, line_of(documents_of(states)), subject)
