"""Porting entries, design notes and commits over the versions: each told once, with the versions that carry it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kbase.model.records import Commit, DesignNote, PortingEntry
from kbase.model.states import Cited, VersionState
from kbase.reference.facts import Proof, proof_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A record as its newest version states it, and all versions that carry it, oldest first."""

    record: Any
    labels: tuple[str, ...]
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class PortingLog:
    """The entries that stand first in version `label`; `oldest`: it is the first version that holds any."""

    label: str
    previous: str | None
    entries: tuple[Carried, ...]


def porting_logs(states: Sequence[VersionState]) -> tuple[PortingLog, ...]:
    """The porting entries by the first version that carries them, newest first."""
    holding = [state.label for state in states if state.porting]
    entries = carried(states, lambda state: state.porting, lambda entry: entry.slug)
    before = dict(zip(holding[1:], holding, strict=False))
    logs = [
        PortingLog(
            label=label,
            previous=before.get(label),
            entries=tuple(entry for entry in entries if entry.labels[0] == label),
        )
        for label in reversed(holding)
    ]
    return tuple(log for log in logs if log.entries)


def design_notes(states: Sequence[VersionState]) -> tuple[Carried, ...]:
    """The design notes, by title."""
    notes = carried(states, lambda state: state.notes, lambda note: note.slug)
    return tuple(sorted(notes, key=lambda note: (note.record.title, note.record.slug)))


def commits(states: Sequence[VersionState]) -> tuple[Carried, ...]:
    """The commits, newest first."""
    found = carried(states, lambda state: state.commits, lambda commit: commit.key)
    return tuple(sorted(found, key=lambda commit: (commit.record.author.date, commit.record.key), reverse=True))


def carried(
    states: Iterable[VersionState],
    records: Callable[[VersionState], Iterable[Cited[Any]]],
    name: Callable[[Any], str],
) -> tuple[Carried, ...]:
    """The records of all states (oldest first), one for each name."""
    found: dict[str, list[tuple[str, Cited[PortingEntry | DesignNote | Commit]]]] = {}
    for state in states:
        for cited in records(state):
            found.setdefault(name(cited.record), []).append((state.label, cited))
    return tuple(
        Carried(
            record=versions[-1][1].record,
            labels=tuple(dict.fromkeys(label for label, _ in versions)),
            proof=proof_of(versions[-1][1]),
        )
        for versions in found.values()
    )
