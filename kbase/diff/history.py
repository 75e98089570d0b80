"""The history of an op: a fold over the changes between versions, oldest first.

A kernel is released every nine weeks and few versions may be available, so a date is a range between two of them:
"after v5.15.55, by v6.4.6". A version that has only one of two documents says nothing about the other's facts; each
document is compared with the last version that has one of its kind. Adding a version can only narrow a range.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import partial

from kbase.diff.changes import Change
from kbase.diff.release_line import (
    Between,
    Event,
    Incomplete,
    Line,
    Range,
    VersionDocuments,
    Witness,
    identity,
    with_branches,
    without_backports,
)
from kbase.kernel.tables import HEADER_TABLES
from kbase.model.releases import ported_back, release_ranges
from kbase.model.witnesses import KERNEL, OP_WITNESSES, DocumentKind

DOCUMENTS = tuple(kind for kind in OP_WITNESSES if kind is not KERNEL)
Stating = dict[DocumentKind, bool]  # for each kind of document that a version has: whether it states the fact


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which documents state the op; `removed` is None where they still do."""

    since: Range
    removed: Range | None
    late: str = ""  # why the kernel did not have it any longer, though documents did

    @property
    def added(self) -> str:
        """When it was added, or first documented, as a phrase."""
        of_kernel = self.since.witness is Witness.HEADER
        if self.since.after:
            return f"{'added' if of_kernel else 'documented'} {self.since}"
        return f"{'present' if of_kernel else 'documented'} by {self.since.by}, the oldest available version"

    @property
    def removal(self) -> str:
        """When it was removed, from the kernel or from the documents, as a phrase; empty where it was not."""
        if self.removed is None:
            return ""
        where = "" if self.removed.witness is Witness.HEADER else " from the documents"
        return f"removed{where} {self.removed}{f'; {self.late}' if self.late else ''}"


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
    """A version that has no document of the kind, where others have one."""

    version: str
    document: DocumentKind


@dataclass(frozen=True, kw_only=True)
class OpHistory:
    """The history of one op: when it was added, what changed, and when it was removed, if it was."""

    struct: str
    op: str
    versions: tuple[str, ...]  # those that state it, but for `beside`
    releases: tuple[str, ...]  # those that have it, as ranges: ("5.4 to 6.8",); headers decide, where there are any
    documented: tuple[str, ...] = ()  # those whose documents have it, where no header ever has
    beside: tuple[str, ...] = ()  # stable versions that state it before their release does
    spans: tuple[Span, ...] = ()
    in_headers: tuple[Span, ...] = ()  # by headers alone
    in_documents: tuple[Span, ...] = ()  # by documents alone
    events: tuple[Event, ...] = ()
    branches: tuple[Event, ...] = ()  # what changed in stable versions and in no later release
    missing: tuple[MissingDocument, ...] = ()
    renamed_from: tuple[Link, ...] = ()
    renamed_to: tuple[Link, ...] = ()

    @property
    def since(self) -> Range | None:
        """When the op was first stated; None if no version states it."""
        return self.spans[0].since if self.spans else None

    @property
    def removed(self) -> Range | None:
        """When the op was finally removed; None if the last version that could state it still does."""
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
    """The input for the history of one op.

    `versions` are those of a family, oldest first, and `line` goes through them; `stated` has the kinds of documents
    that state the op in each; `between` returns the changes that touch the op; `incomplete` the ops tables that are
    truncated in one of two versions; `late` the reason why a version still documents an op that the kernel has removed,
    or "".
    """

    versions: Sequence[VersionDocuments]
    line: Line
    stated: Mapping[str, Collection[DocumentKind]]
    between: Between
    incomplete: Callable[[str, str], Collection[Incomplete]]
    late: Callable[[str], str]


def history(struct: str, op: str, source: HistorySource) -> OpHistory:
    """The history of `struct.op`."""
    known, stated, line = {version.label: version for version in source.versions}, source.stated, source.line
    if not any(map(stated.get, line.labels)):
        line = Line(tuple(known))  # only stable versions beside it have the op
    statements = {
        label: {kind: kind in stated.get(label, ()) for kind in OP_WITNESSES if kind in known[label].stating}
        for label in line.labels
    }

    def is_truncated(at: int, by: int, kind: DocumentKind) -> bool:
        old, new = line.labels[min(at, by)], line.labels[max(at, by)]
        return (line.labels[at], kind, struct) in source.incomplete(old, new)

    def beside_release(old: str, new: str) -> Iterator[Change]:
        both = known[old].stating & known[new].stating
        if not both.isdisjoint((*stated.get(old, ()), *stated.get(new, ()))):
            yield from (change for change in source.between(old, new) if _is_stated_in(change, both))

    def has_alone(release: str, label: str) -> bool:
        """Whether a stable version has what its release lacks: documents alone do not tell where that has headers."""
        kinds = known[label].stating
        (facts,) = by_kernel([{kind: kind in stated.get(label, ()) for kind in OP_WITNESSES if kind in kinds}], struct)
        return any(facts.values()) and (KERNEL in kinds or KERNEL not in known[release].stating)

    leave_out_truncated(list(statements.values()), is_truncated)
    in_headers, in_documents = (tuple(_spans_by(statements, kinds)) for kinds in ((KERNEL,), DOCUMENTS))
    made = without_backports(list(_events(statements, source.between)), line.labels)
    events, branches = with_branches(made, line, beside_release)
    statements = dict(zip(statements, by_kernel([*statements.values()], struct), strict=True))
    ever = {kind for facts in statements.values() for kind, states in facts.items() if states}
    present = {label: any(facts.values()) for label, facts in statements.items() if ever & facts.keys()}
    back = ported_back(present)
    alone = {label for release, label in line.beside if not present.get(release, True) and has_alone(release, label)}
    beside = [label for label in known if label in {*back, *alone} and stated.get(label)]
    having = {label for label, facts in statements.items() if any(facts.values())}
    lacking = {label for label, facts in statements.items() if ever <= facts.keys()} - having
    parts = {label: dict.fromkeys(known[label].parts.intersection(stated.get(label, ())), True) for label in statements}
    found = [*spans((label, facts | parts[label]) for label, facts in statements.items() if label not in back)]
    documented = () if found else release_ranges([label for label in statements if stated.get(label)], statements)
    return OpHistory(
        struct=struct,
        op=op,
        versions=tuple(label for label in known if stated.get(label) and label not in beside),
        releases=release_ranges(having.difference(beside), having | lacking),
        documented=documented,
        beside=tuple(beside),
        spans=tuple(_dated(span, partial(_witnessed, struct, known), source.late) for span in found),
        in_headers=in_headers,
        in_documents=in_documents,
        events=events,
        branches=branches,
        missing=tuple(_missing(source.versions)),
        renamed_from=tuple(_links(events, f"{struct}.{op}", new=True)),
        renamed_to=tuple(_links(events, f"{struct}.{op}", new=False)),
    )


def _missing(versions: Sequence[VersionDocuments]) -> Iterator[MissingDocument]:
    """The kinds of documents that each version lacks and another has."""
    having = [(version, version.whole | version.parts) for version in versions]
    available = [kind for kind in OP_WITNESSES if any(kind in kinds for _, kinds in having)]
    yield from (MissingDocument(v.label, kind) for v, kinds in having for kind in available if kind not in kinds)


def _witnessed(struct: str, known: Mapping[str, VersionDocuments], when: Range) -> Range:
    """The range with what dates it: headers, where both of its ends have some."""
    ends = (known[label].stating for label in (when.after, when.by) if label)
    of_kernel = struct in HEADER_TABLES and all(KERNEL in kinds for kinds in ends)
    return replace(when, witness=Witness.HEADER) if of_kernel else when


def by_kernel(statements: Sequence[Stating], struct: str) -> list[Stating]:
    """What versions say of an op of that table: headers, where a version has some, answer for all documents."""
    ever = {KERNEL, *(kind for facts in statements for kind, states in facts.items() if states)}
    decides = struct in HEADER_TABLES
    return [dict.fromkeys(ever, facts[KERNEL]) if decides and KERNEL in facts else facts for facts in statements]


def _dated(span: Span, dated: Callable[[Range], Range], late: Callable[[str], str]) -> Span:
    """The span with what dates its ends; `late` says why a version that states the op is wrong to do so."""
    if span.removed is None:
        return replace(span, since=dated(span.since))
    removed = dated(span.removed)
    why = "" if removed.witness is Witness.HEADER else late(removed.after or "")
    return Span(dated(span.since), removed, why)


def _is_stated_in(change: Change, kinds: AbstractSet[DocumentKind]) -> bool:
    return not change.documents or not kinds.isdisjoint(change.documents)


def leave_out_truncated(statements: Sequence[Stating], is_truncated: Callable[[int, int, DocumentKind], bool]) -> None:
    """Delete the "not stated" entries of documents that are truncated; keep their other entries.

    `statements` has one mapping for each version: whether each kind of document states the fact. `is_truncated` takes
    two indexes and a kind: whether the document at the first index is truncated where the second states the fact.
    """
    for kind in OP_WITNESSES:
        last: int | None = None
        for place, facts in enumerate(statements):
            if kind not in facts:
                continue
            if last is not None and statements[last][kind] != facts[kind]:
                silent, stating = (last, place) if facts[kind] else (place, last)
                if is_truncated(silent, stating, kind):
                    del statements[silent][kind]
                    if silent == place:
                        continue
            last = place


def _events(statements: Mapping[str, Stating], between: Between) -> Iterator[Event]:
    """The changes between each version and the previous one with the same kinds of documents, in the narrowest ranges.

    Where a version lacks a document, a later document may report the same change again; it is yielded once.
    """
    places = {label: place for place, label in enumerate(statements)}
    last: dict[DocumentKind, str] = {}
    made_at: dict[tuple[object, ...], int] = {}
    for label, facts in statements.items():
        for earlier in sorted({last[kind] for kind in facts if kind in last}, key=places.__getitem__, reverse=True):
            kinds = {kind for kind in facts if last.get(kind) == earlier}
            if not any(facts[kind] or statements[earlier][kind] for kind in kinds):
                continue  # a rule over the table, where there was no such op
            found = [change for change in between(earlier, label) if _is_stated_in(change, kinds)]
            mine = [change for change in found if made_at.get(identity(change), -1) <= places[earlier]]
            made_at.update(dict.fromkeys(map(identity, mine), places[label]))
            if mine:
                yield Event(Range(earlier, label), tuple(mine))
        last.update(dict.fromkeys(facts, label))


def spans(statements: Iterable[tuple[str, Mapping[DocumentKind, object]]]) -> Iterator[Span]:
    """The periods in which a fact is stated; `statements` has the versions, oldest first, and their statements.

    A period ends when every kind of document that stated the fact has appeared again without it; a version that lacks
    a kind of document changes nothing for that kind. The start range of a period begins at the last earlier version
    that has a document of a kind that ever states the fact, and does not state it. So adding a version can only narrow
    a range.
    """
    statements = list(statements)
    ever = {kind for _, facts in statements for kind, states in facts.items() if states}
    since, absent, stated = None, None, ""
    stating = set[DocumentKind]()
    for label, facts in statements:
        stating |= {kind for kind, states in facts.items() if states}
        stating -= {kind for kind, states in facts.items() if not states}
        if any(facts.values()):
            since, stated = since or Range(absent, label), label
        elif since is None:
            absent = label if ever & facts.keys() else absent
        elif not stating:
            yield Span(since, Range(stated, label))
            since, absent = None, label
    if since is not None:
        yield Span(since, None)


def _spans_by(statements: Mapping[str, Stating], kinds: Collection[DocumentKind]) -> Iterator[Span]:
    """The periods by these kinds of documents alone."""
    return spans((label, {kind: facts[kind] for kind in kinds if kind in facts}) for label, facts in statements.items())


def _links(events: Sequence[Event], dotted: str, *, new: bool) -> Iterator[Link]:
    """The other names of the op: its former names (`new`) or its later ones."""
    for event in events:
        for change in event.changes:
            if change.op and change.renamed and change.renamed[1 if new else 0] == dotted:
                struct, _, op = change.renamed[0 if new else 1].partition(".")
                yield Link(struct, op, event.range, change.reason, change.likely)
