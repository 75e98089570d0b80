"""The history of an op: a fold over the changes between versions, oldest first.

A kernel is released every nine weeks and few versions may be available, so a date is a range between two of them:
"after v5.15.55, by v6.4.6". A version that has only one of two documents says nothing about the other's facts; each
document is compared with the last version that has one of its kind. Adding a version can only narrow a range.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kbase.diff.changes import Change
from kbase.diff.facts import STATING_OPS
from kbase.diff.release_line import (
    Between,
    Event,
    Line,
    Range,
    VersionDocuments,
    identity,
    line_of,
    ported_back,
    with_branches,
    without_backports,
)
from kbase.diff.truncated_documents import Incomplete
from kbase.model.records import DocumentKind

Stating = dict[DocumentKind, bool]  # the kinds of documents that a version could state a thing in: whether one does


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which documents state the op; `removed` is None where they still do."""

    since: Range
    removed: Range | None
    late: str = ""  # why the kernel did not have it any longer, though documents did


@dataclass(frozen=True, slots=True)
class Link:
    """The op that it was, or that it became, under another name."""

    struct: str
    op: str
    range: Range
    reason: str
    likely: bool


@dataclass(frozen=True, slots=True)
class MissingDocument:
    """A version that has no document of the kind."""

    version: str
    document: DocumentKind


@dataclass(frozen=True, kw_only=True)
class OpHistory:
    """What the versions say of one op: since when it is there, what changed, whether and when it went."""

    struct: str
    op: str
    versions: tuple[str, ...]  # those that state it, but for `beside`
    telling: tuple[str, ...]  # those that could state it: they have a kind of document that ever does
    beside: tuple[str, ...] = ()  # stable versions that state it before their release does
    spans: tuple[Span, ...] = ()
    events: tuple[Event, ...] = ()
    branches: tuple[Event, ...] = ()  # what changed in stable versions and in no later release
    missing: tuple[MissingDocument, ...] = ()
    renamed_from: tuple[Link, ...] = ()
    renamed_to: tuple[Link, ...] = ()

    @property
    def since(self) -> Range | None:
        """When it came first; None if no version states it."""
        return self.spans[0].since if self.spans else None

    @property
    def removed(self) -> Range | None:
        """When it went for good; None if the last version that could tell still states it."""
        return self.spans[-1].removed if self.spans else None

    @property
    def ranges(self) -> tuple[Range, ...]:
        """Every date of this history, each once."""
        ends = [r for span in self.spans for r in (span.since, span.removed) if r]
        return tuple(dict.fromkeys([*ends, *(event.range for event in self.events)]))

    @property
    def exact(self) -> tuple[int, int]:
        """How many of the dates leave a single release, of how many."""
        return sum(r.exact for r in self.ranges), len(self.ranges)


@dataclass(frozen=True, kw_only=True)
class HistorySource:
    """What the history of one op is made of.

    `versions` are those of a family, oldest first; `stated` has the kinds of documents that state the op in each;
    `between` gives the changes that touch the op; `incomplete` the ops tables of which one of two versions does not
    state everything, as the other shows; `late` why a version that states the op is wrong to do so, or nothing.
    """

    versions: Sequence[VersionDocuments]
    stated: Mapping[str, Collection[DocumentKind]]
    between: Between
    incomplete: Callable[[str, str], Collection[Incomplete]]
    late: Callable[[str], str]


def history(struct: str, op: str, source: HistorySource) -> OpHistory:
    """The history of `struct.op`."""
    versions, stated = source.versions, source.stated
    line = line_of(versions)
    if not any(stated.get(label) for label in line.labels):
        line = Line(tuple(version.label for version in versions))  # only stable versions beside it have the op
    known = {version.label: version for version in versions}
    told = [_stating(known[label], stated.get(label, ())) for label in line.labels]
    leave_out_truncated(
        told, lambda at, by, kind: (line.labels[at], kind, struct) in source.incomplete(*_ordered(line, at, by))
    )
    made = without_backports(list(_events(line.labels, told, source.between)), line.labels)
    events, branches = with_branches(made, line, lambda old, new: _common(source, known[old], known[new]))
    ever = {kind for facts in told for kind, states in facts.items() if states}
    present = {
        label: any(facts.values()) for label, facts in zip(line.labels, told, strict=True) if ever & facts.keys()
    }
    back = ported_back(present)
    alone = {label for standing, label in line.beside if not present.get(standing, True)}
    beside = [v.label for v in versions if v.label in {*back, *alone} and stated.get(v.label)]
    return OpHistory(
        struct=struct,
        op=op,
        versions=tuple(v.label for v in versions if stated.get(v.label) and v.label not in beside),
        telling=tuple(v.label for v in versions if stated.get(v.label) or ever & v.stating),
        beside=tuple(beside),
        spans=tuple(_spans(line, told, source, known, back)),
        events=events,
        branches=branches,
        missing=tuple(
            MissingDocument(v.label, kind) for v in versions for kind in STATING_OPS if kind not in v.whole | v.parts
        ),
        renamed_from=tuple(_links(events, f"{struct}.{op}", new=True)),
        renamed_to=tuple(_links(events, f"{struct}.{op}", new=False)),
    )


def _stating(version: VersionDocuments, stated: Collection[DocumentKind]) -> Stating:
    return {kind: kind in stated for kind in STATING_OPS if kind in version.stating}


def _ordered(line: Line, first: int, second: int) -> tuple[str, str]:
    return line.labels[min(first, second)], line.labels[max(first, second)]


def _common(source: HistorySource, old: VersionDocuments, new: VersionDocuments) -> Iterator[Change]:
    """What changed of the op from a version to a stable one beside it, as far as both can tell."""
    both = old.stating & new.stating
    if both.isdisjoint(kind for version in (old, new) for kind in source.stated.get(version.label, ())):
        return iter(())
    return (change for change in source.between(old.label, new.label) if _is_stated_in(change, both))


def _is_stated_in(change: Change, kinds: AbstractSet[DocumentKind]) -> bool:
    return not change.documents or not kinds.isdisjoint(change.documents)


def leave_out_truncated(told: Sequence[Stating], is_truncated: Callable[[int, int, DocumentKind], bool]) -> None:
    """Take away what truncated documents say by their silence; what they state stays.

    `told` has, version by version, whether each kind of document states a thing; `is_truncated` tells whether the
    document at one place is shown to be truncated, where the thing would be, by that at another.
    """
    for kind in STATING_OPS:
        last: int | None = None
        for place, facts in enumerate(told):
            if kind not in facts:
                continue
            if last is not None and told[last][kind] != facts[kind]:
                silent, stating = (last, place) if facts[kind] else (place, last)
                if is_truncated(silent, stating, kind):
                    del told[silent][kind]
                    if silent == place:
                        continue
            last = place


def _events(labels: Sequence[str], told: Sequence[Stating], between: Between) -> Iterator[Event]:
    """The changes from each version to those before it, document by document, each in the narrowest range.

    A document that a version lacks may report a change of another one a second time.
    """
    last: dict[DocumentKind, int] = {}
    made_at: dict[tuple[object, ...], int] = {}
    for place, facts in enumerate(told):
        for earlier in sorted({last[kind] for kind in facts if kind in last}, reverse=True):
            kinds = {kind for kind in facts if last.get(kind) == earlier}
            if not any(facts[kind] or told[earlier][kind] for kind in kinds):
                continue  # a rule over the table, where there was no such op
            found = [c for c in between(labels[earlier], labels[place]) if _is_stated_in(c, kinds)]
            mine = [change for change in found if made_at.get(identity(change), -1) <= earlier]
            made_at.update(dict.fromkeys(map(identity, mine), place))
            if mine:
                yield Event(Range(labels[earlier], labels[place]), tuple(mine))
        last.update(dict.fromkeys(facts, place))


def _spans(
    line: Line,
    told: Sequence[Stating],
    source: HistorySource,
    known: Mapping[str, VersionDocuments],
    back: Collection[str],
) -> Iterator[Span]:
    """The times in which the op is stated, in parts of documents too, but for versions that it was ported back to."""
    stated = []
    for label, facts in zip(line.labels, told, strict=True):
        parts = dict.fromkeys(known[label].parts.intersection(source.stated.get(label, ())), True)
        if label not in back:
            stated.append((label, facts | parts))
    for span in spans(stated):
        late = source.late(span.removed.after) if span.removed and span.removed.after else ""
        yield Span(span.since, span.removed, late)


def spans(told: Iterable[tuple[str, Mapping[DocumentKind, object]]]) -> Iterator[Span]:
    """The times in which a thing is stated; `told` has versions, oldest first, and what their documents say of it.

    It is gone where no kind of document is left that stated it in the last version that had one, so that a version
    without one of them says nothing of what that one stated. `after` is the last version before that has a kind of
    document that ever states the thing, and does not state it; so a further version can only narrow a range.
    """
    told = list(told)
    ever = {kind for _, facts in told for kind, said in facts.items() if said}
    since, absent, stated = None, None, ""
    stating = set[DocumentKind]()
    for label, facts in told:
        stating |= {kind for kind, said in facts.items() if said}
        stating -= {kind for kind, said in facts.items() if not said}
        if any(facts.values()):
            since, stated = since or Range(absent, label), label
        elif since is None:
            absent = label if ever & facts.keys() else absent
        elif not stating:
            yield Span(since, Range(stated, label))
            since, absent = None, label
    if since is not None:
        yield Span(since, None)


def _links(events: Sequence[Event], dotted: str, *, new: bool) -> Iterator[Link]:
    """The other names of the op: those that it had (`new`), or those that it got."""
    for event in events:
        for change in event.changes:
            if change.op and change.renamed and change.renamed[1 if new else 0] == dotted:
                struct, _, op = change.renamed[0 if new else 1].partition(".")
                yield Link(struct, op, event.range, change.reason, change.likely)
