"""Porting entries, design notes and commits over the versions: each shown once, with the versions that have it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kbase.model.states import Cited, VersionState
from kbase.pages.parts import Citation, cite


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVersions:
    """A record as its newest version states it, and all versions that have it, oldest first."""

    record: Any
    labels: tuple[str, ...]
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class PortingLog:
    """The entries that version `label` has and `previous` does not; None: it is the oldest version with a log."""

    label: str
    previous: str | None
    entries: tuple[RecordVersions, ...]


def porting_logs(states: Sequence[VersionState]) -> tuple[PortingLog, ...]:
    """The porting entries by the first version that has them, newest first."""
    labels = [state.label for state in states if state.porting]
    entries = over_versions(states, lambda state: state.porting, lambda entry: entry.slug)
    first = {label: tuple(entry for entry in entries if entry.labels[0] == label) for label in labels}
    logs = [
        PortingLog(label=label, previous=previous, entries=first[label])
        for label, previous in zip(labels, [None, *labels], strict=False)
    ]
    return tuple(log for log in reversed(logs) if log.entries)


def design_notes(states: Sequence[VersionState]) -> tuple[RecordVersions, ...]:
    """The design notes, by title."""
    notes = over_versions(states, lambda state: state.notes, lambda note: note.slug)
    return tuple(sorted(notes, key=lambda note: (note.record.title, note.record.slug)))


def commits(states: Sequence[VersionState]) -> tuple[RecordVersions, ...]:
    """The commits, newest first."""
    found = over_versions(states, lambda state: state.commits, lambda commit: commit.key)
    return tuple(sorted(found, key=lambda commit: (commit.record.author.date, commit.record.key), reverse=True))


def over_versions(
    states: Iterable[VersionState],
    records: Callable[[VersionState], Iterable[Cited[Any]]],
    name: Callable[[Any], str],
) -> tuple[RecordVersions, ...]:
    """The records of all states (oldest first), one for each name."""
    found: dict[str, list[tuple[str, Cited[Any]]]] = {}
    for state in states:
        for cited in records(state):
            found.setdefault(name(cited.record), []).append((state.label, cited))
    return tuple(
        RecordVersions(
            record=versions[-1][1].record,
            labels=tuple(dict.fromkeys(label for label, _ in versions)),
            citation=cite(versions[-1][1]),
        )
        for versions in found.values()
    )
