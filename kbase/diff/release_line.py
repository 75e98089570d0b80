"""The line of releases that a history follows, and the stable versions off that line.

A stable version branches off its release and is no step between two releases. A change that a stable version has, the
next release lacks and a later release has was backported: the later release dates it, and the stable version is listed
with it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from kbase.diff.changes import Change
from kbase.model.releases import follows, is_stable, ported_back, release_of, releases
from kbase.model.versions import version_key
from kbase.model.witnesses import KERNEL, OP_WITNESSES, DocumentKind
from kbase.model.words import Word

Kinds = frozenset[DocumentKind]
Pair = tuple[str, str]  # two versions
Incomplete = tuple[str, DocumentKind, str]  # version, kind of document, ops table
Between = Callable[[str, str], Iterable[Change]]  # what changed from a version to another, by their labels


class Witness(Word):
    """What dates a change."""

    HEADER = "header"  # the kernel itself, in both versions
    DOCUMENT = "document"  # which may follow the kernel late
    PORTING = "porting"  # the porting log


@dataclass(frozen=True, slots=True)
class Range:
    """When a change was made: later than `after` (None if no version is older), at the latest in `by`."""

    after: str | None
    by: str
    witness: Witness = field(default=Witness.DOCUMENT, compare=False)

    @property
    def exact(self) -> bool:
        """Whether the range leaves a single release."""
        return self.after is not None and follows(self.after, self.by)

    @property
    def release(self) -> str | None:
        """The single release that the range leaves, such as "4.9"; None for a stable version beside its release."""
        release = release_of(self.by)
        return release.removeprefix("v") if self.exact and release != release_of(self.after or "") else None

    @property
    def title(self) -> str:
        """The range as a heading: "4.9 (v4.8.15 to v4.9)", or "v6.14 to v6.17-rc6"."""
        pair = f"{self.after or self.by} to {self.by}"
        return f"{self.release} ({pair})" if self.release else pair

    def __str__(self) -> str:
        if self.release:
            return f"in {self.release} ({self.after}..{self.by})"
        return f"by {self.by}" if self.after is None else f"after {self.after}, by {self.by}"


def witness_of(change: Change) -> Witness:
    """What dates the change: a header that states it, else the porting log where it names the op, else documents."""
    if KERNEL in change.documents:
        return Witness.HEADER
    return Witness.PORTING if change.porting else Witness.DOCUMENT


@dataclass(frozen=True, slots=True)
class Event:
    """The changes of one range."""

    range: Range
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class VersionDocuments:
    """The kinds of documents of a version: whole ones, those of them that state ops, and those it has a part of."""

    label: str
    whole: Kinds
    stating: Kinds
    parts: Kinds = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """The versions that represent their releases, oldest first, and the stable ones, each with the one it hangs off."""

    labels: tuple[str, ...]
    beside: tuple[tuple[str, str], ...] = ()

    def of(self, labels: Collection[str]) -> "Line":
        """The line through some of its versions."""
        beside = [pair for pair in self.beside if pair[0] in labels and pair[1] in labels]
        return Line(tuple(label for label in self.labels if label in labels), tuple(beside))


def line_of(versions: Sequence[VersionDocuments]) -> Line:
    """The line through these versions, which are ordered oldest first."""
    found = releases({version.label: version.whole for version in versions})
    beside = [
        (release.representative, label)
        for release in found
        for label in release.branch
        if version_key(release.representative) < version_key(label) and is_stable(label)
    ]
    return Line(tuple(release.representative for release in found), tuple(beside))


def version_documents(
    labels: Iterable[str], whole: Mapping[str, Kinds], read: Iterable[tuple[str, DocumentKind, bool]]
) -> list[VersionDocuments]:
    """The documents of versions, in their order.

    `whole` has the kinds of which a version has a complete document. `read` has (version, kind, whether the document
    states ops) for every document.
    """
    kinds: dict[str, dict[DocumentKind, bool]] = {}
    for label, kind, stating in read:
        kinds.setdefault(label, {})[kind] = stating or kinds.get(label, {}).get(kind, False)
    found = []
    for label in labels:
        has, complete = kinds.get(label, {}), whole.get(label, frozenset())
        parts = frozenset(kind for kind in OP_WITNESSES if kind in has and kind not in complete)
        found.append(VersionDocuments(label, complete, frozenset(filter(has.get, complete)), parts))
    return found


def compared_pairs(versions: Sequence[VersionDocuments]) -> dict[Pair, bool]:
    """The pairs of versions whose changes make up most histories over these versions, which come oldest first.

    They are neighbouring releases (true), for each kind of document the next ones that state something in it, and each
    stable version with the one that represents its release.
    """
    line = line_of(versions)
    stating = {version.label: version.stating for version in versions}
    pairs = dict.fromkeys(pairwise(line.labels), True)
    for kind in OP_WITNESSES:
        chain = pairwise([label for label in line.labels if kind in stating[label]])
        pairs = dict.fromkeys(chain, False) | pairs
    return dict.fromkeys(line.beside, False) | pairs


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


def without_backports(events: Sequence[Event], labels: Sequence[str]) -> tuple[Event, ...]:
    """The events without backports: changes of a stable version that the next release lacks and a later one repeats.

    They are reported where they are made again, with the stable versions that had them. `labels` is the line.
    """
    left = [list(event.changes) for event in events]
    for first, event in enumerate(events):
        for change in event.changes if is_stable(event.range.by) else ():
            undone = _find(left, first, (change.kind.mirrored, change.path, change.after, change.before))
            again = undone and _find(left, undone[0], identity(change))
            if undone and again:
                last = events[undone[0]].range.after or ""
                had = labels[labels.index(event.range.by) : labels.index(last) + 1]
                if all(map(is_stable, had)):
                    left[first].remove(change)
                    left[undone[0]].remove(undone[1])
                    later, made = left[again[0]], again[1]
                    later[later.index(made)] = replace(made, also=(*made.also, *had))
    return tuple(replace(event, changes=tuple(c)) for event, c in zip(events, left, strict=True) if c)


def _find(changes: list[list[Change]], after: int, wanted: tuple[object, ...]) -> tuple[int, Change] | None:
    """The next event after one at which a change is made, and that change."""
    found = ((i, each) for i in range(after + 1, len(changes)) for each in changes[i] if identity(each) == wanted)
    return next(found, None)


def identity(change: Change) -> tuple[object, ...]:
    """What a change says, whenever it was made."""
    return change.kind, change.path, change.before, change.after


def with_branches(events: Sequence[Event], line: Line, between: Between) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    """The events, with the stable versions that had their changes earlier; and all other changes in stable versions."""
    found, apart = list(events), list[Event]()
    for representative, label in line.beside:
        alone = list[Change]()
        for change in between(representative, label):
            place = next(_later(found, change, label), None)
            if place is None:
                alone.append(change)
            else:
                event, wanted = found[place], identity(change)
                changes = (replace(c, also=(*c.also, label)) if identity(c) == wanted else c for c in event.changes)
                found[place] = replace(event, changes=tuple(changes))
        if alone:
            apart.append(Event(Range(representative, label), tuple(alone)))
    return tuple(found), tuple(apart)


def _later(events: Sequence[Event], change: Change, label: str) -> Iterator[int]:
    """The events of later releases that make the same change."""
    for place, event in enumerate(events):
        later = version_key(event.range.by) > version_key(label) and release_of(event.range.by) != release_of(label)
        if later and any(identity(each) == identity(change) for each in event.changes):
            yield place
