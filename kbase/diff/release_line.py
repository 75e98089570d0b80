"""The line of releases that a history follows, and the stable versions beside it.

A stable version hangs off its release and is no step between two releases. What it has, the next release lacks and a
later one has again was ported back: the later release dates it, and the stable version is named beside it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kbase.diff import Change
from kbase.model.releases import follows, is_stable, release_of, releases
from kbase.model.states import VersionState
from kbase.model.versions import version_key


@dataclass(frozen=True, slots=True)
class Range:
    """When something happened: after one version held, by another. `after` is None where none older is held."""

    after: str | None
    by: str

    @property
    def exact(self) -> bool:
        """Whether the range leaves a single release."""
        return self.after is not None and follows(self.after, self.by)

    def __str__(self) -> str:
        return f"by {self.by}" if self.after is None else f"after {self.after}, by {self.by}"


@dataclass(frozen=True, slots=True)
class Event:
    """The changes of one range."""

    range: Range
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """The versions that stand for their releases, oldest first, and the stable ones, each with the one it hangs off."""

    states: tuple[VersionState, ...]
    beside: tuple[tuple[VersionState, VersionState], ...] = ()

    def of(self, states: Collection[VersionState]) -> "Line":
        """The line through some of its versions."""
        labels = {state.label for state in states}
        beside = [pair for pair in self.beside if labels.issuperset(state.label for state in pair)]
        return Line(tuple(state for state in self.states if state.label in labels), tuple(beside))


Between = Callable[[VersionState, VersionState], Iterable[Change]]


def line_of(states: Sequence[VersionState]) -> Line:
    """The line through these versions, which come oldest first."""
    known = {state.label: state for state in states}
    kinds = {label: {d.kind for d in state.documents} - state.excerpts for label, state in known.items()}
    found = releases(kinds)
    beside = [
        (known[release.representative], known[label])
        for release in found
        for label in release.branch
        if version_key(release.representative) < version_key(label) and is_stable(label)
    ]
    return Line(tuple(known[release.representative] for release in found), tuple(beside))


def ported_back(told: Mapping[str, object]) -> frozenset[str]:
    """The stable versions that say what those before and after them do not, and a later one does.

    `told` has what each version that could tell something says of it, oldest first.
    """
    labels, values = tuple(told), tuple(told.values())
    return frozenset(
        label
        for i, label in enumerate(labels[1:-2], 1)
        if values[i - 1] == values[i + 1] != values[i] and values[i] in values[i + 2 :] and is_stable(label)
    )


def first_and_before(line: Sequence[str], having: Collection[str]) -> tuple[str | None, str] | None:
    """The first version of the line that has something, if any has, and the last one before it (None: it is the first).

    Stable versions that it was ported back to are passed over.
    """
    back = ported_back({label: label in having for label in line})
    before = None
    for label in (label for label in line if label not in back):
        if label in having:
            return before, label
        before = label
    return None


def straightened(events: Sequence[Event], labels: Sequence[str]) -> tuple[Event, ...]:
    """The events without changes that a stable version made, the next release took back and a later one makes again.

    They are told where they are made again, with the stable versions that had them. `labels` is the line.
    """
    left = [list(event.changes) for event in events]
    for first, event in enumerate(events):
        for change in event.changes if is_stable(event.range.by) else ():
            undone = _find(events, left, first, change, back=True)
            again = undone and _find(events, left, undone[0], change, back=False)
            if undone and again:
                had = labels[labels.index(event.range.by) : labels.index(events[undone[0]].range.after or "") + 1]
                if all(map(is_stable, had)):
                    left[first].remove(change)
                    later = left[again[0]][left[again[0]].index(again[1])]
                    left[again[0]][left[again[0]].index(again[1])] = replace(later, also=(*later.also, *had))
                    left[undone[0]].remove(undone[1])
    return tuple(replace(event, changes=tuple(c)) for event, c in zip(events, left, strict=True) if c)


def _find(
    events: Sequence[Event], left: list[list[Change]], after: int, change: Change, *, back: bool
) -> tuple[int, Change] | None:
    """The next event at which the same change is made, or taken back, and that change."""
    wanted = (change.kind.mirrored, change.path, change.after, change.before) if back else what(change)
    found = ((i, each) for i in range(after + 1, len(events)) for each in left[i] if what(each) == wanted)
    return next(found, None)


def what(change: Change) -> tuple[object, ...]:
    """What a change says, whenever it was made."""
    return change.kind, change.path, change.before, change.after


def with_branches(events: Sequence[Event], line: Line, between: Between) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    """The events, with the stable versions that had their changes before; and what else changed in stable versions."""
    told, apart = list(events), list[Event]()
    for standing, state in line.beside:
        alone = list[Change]()
        for change in between(standing, state):
            place = next(_later(told, change, state.label), None)
            if place is None:
                alone.append(change)
            else:
                told[place] = _also(told[place], change, state.label)
        if alone:
            apart.append(Event(Range(standing.label, state.label), tuple(alone)))
    return tuple(told), tuple(apart)


def _later(events: Sequence[Event], change: Change, label: str) -> Iterator[int]:
    """The events of later releases that make the same change."""
    for place, event in enumerate(events):
        later = version_key(event.range.by) > version_key(label) and release_of(event.range.by) != release_of(label)
        if later and any(what(each) == what(change) for each in event.changes):
            yield place


def _also(event: Event, change: Change, label: str) -> Event:
    changes = [replace(c, also=(*c.also, label)) if what(c) == what(change) else c for c in event.changes]
    return replace(event, changes=tuple(changes))
