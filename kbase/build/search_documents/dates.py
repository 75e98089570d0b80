"""The releases that added and removed an entry, and those that have it, determined as in `kbase.diff.history`."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from msgspec.structs import replace

from kbase.diff.history import by_kernel, leave_out_truncated, spans
from kbase.kernel.exact_names import ItemKind
from kbase.model.releases import ported_back, release_ranges, releases
from kbase.model.versions import parse_version, version_key
from kbase.model.witnesses import OP_WITNESSES, DocumentKind
from kbase.search.search_document import SearchDocument

Stated = tuple[tuple[str, ...], tuple[str, ...]]  # versions, and the kinds of documents that state an entry in them
Coverage = list[tuple[str, frozenset[DocumentKind]]]  # label and kinds of documents that could state it, oldest first
Unstated = Callable[[str, str], Collection[tuple[DocumentKind, str]]]  # of two labels, see `incomplete_tables`
Facts = dict[str, dict[DocumentKind, bool]]  # by version: the kinds that could state an entry, and whether they do
OF_OPS = (ItemKind.OP, ItemKind.STRUCT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """When an entry was added and removed, one version a family, and the releases that have it, as ranges."""

    since: tuple[str, ...]
    removed: tuple[str, ...]
    releases: tuple[str, ...]


def with_dates(
    entries: Sequence[list[SearchDocument]], kinds: Mapping[str, frozenset[DocumentKind]], unstated: Unstated
) -> list[SearchDocument]:
    """The documents of all entries with the dates of their entries."""
    lines, unstated = lines_of(_coverage(entries, kinds)), cache(unstated)  # asked for each op of two versions
    known, found = dict[object, Dates](), list[SearchDocument]()
    for documents in entries:
        stated = frozenset((document.versions, document.sources) for document in documents)
        structs, of_op = documents[0].structs, documents[0].kind in OF_OPS
        key = stated, structs, of_op
        if key not in known:
            known[key] = dates_of(stated, lines, structs, unstated, of_op=of_op)
        dates = known[key]
        releases = dates.releases if of_op else ()
        found += (
            replace(document, since=dates.since, removed=dates.removed, releases=releases) for document in documents
        )
    return found


def _coverage(entries: Iterable[list[SearchDocument]], kinds: Mapping[str, frozenset[DocumentKind]]) -> Coverage:
    """The kinds of documents that could state an entry, by version; kinds that state ops only if some ops were read.

    `kinds` has the kinds with a complete document: that an excerpt does not state an entry means nothing.
    """
    found: dict[str, set[DocumentKind]] = {label: set(of) - {*OP_WITNESSES} for label, of in kinds.items()}
    of_ops = (document for documents in entries for document in documents if document.kind in OF_OPS)
    for versions, sources in {(document.versions, document.sources) for document in of_ops}:
        for label in versions:
            found.setdefault(label, set()).update(kinds.get(label, frozenset()) & {*map(DocumentKind, sources)})
    return sorted(((label, frozenset(of)) for label, of in found.items()), key=lambda pair: version_key(pair[0]))


def lines_of(coverage: Coverage) -> dict[str, tuple[Coverage, Coverage]]:
    """By family, the versions that represent their releases, and all versions."""
    lines = dict[str, tuple[Coverage, Coverage]]()
    for family in sorted({parse_version(label).family for label, _ in coverage}):
        every = [pair for pair in coverage if parse_version(pair[0]).family == family]
        standing = {release.representative for release in releases(dict(every))}
        lines[family] = [pair for pair in every if pair[0] in standing], every
    return lines


def dates_of(
    stated: Iterable[Stated],
    lines: Mapping[str, tuple[Coverage, Coverage]],
    structs: Sequence[str] = (),
    unstated: Unstated = lambda _, __: (),
    *,
    of_op: bool = False,
) -> Dates:
    """The dates of an entry that documents of these kinds state in these versions; `structs` are its ops tables.

    `of_op`: it is an op or an ops table, about which the headers of a version decide.

    An entry that no version standing for a release has is dated by all versions of the family.
    """
    having: dict[str, set[DocumentKind]] = {}
    for versions, sources in stated:
        for label in versions:
            having.setdefault(label, set()).update(map(DocumentKind, sources))
    since, removed, releases = list[str](), list[str](), list[str]()
    for standing, every in lines.values():
        line = standing if any(label in having for label, _ in standing) else every
        if any(label in having for label, _ in line):
            facts = _facts(line, having, structs, unstated, of_op=of_op)
            back = _ported_back(facts)
            found = list(spans((label, each) for label, each in facts.items() if label not in back))
            since += [span.since.by for span in found[:1]]
            removed += [span.removed.by for span in found[-1:] if span.removed]
            releases += _releases(facts)
    return Dates(since=tuple(since), removed=tuple(removed), releases=tuple(releases))


def _facts(
    line: Coverage,
    having: Mapping[str, set[DocumentKind]],
    structs: Sequence[str],
    unstated: Unstated,
    *,
    of_op: bool,
) -> Facts:
    """What the versions of a line say of an entry."""
    labels = [label for label, _ in line]
    facts = [{kind: kind in having.get(label, ()) for kind in (*of, *having.get(label, ()))} for label, of in line]

    def is_cut(place: int, beside: int, kind: DocumentKind) -> bool:
        return any((kind, struct) in unstated(labels[place], labels[beside]) for struct in structs)

    leave_out_truncated(facts, is_cut)
    return dict(zip(labels, by_kernel(facts, structs[0]) if of_op and structs else facts, strict=True))


def _ever(facts: Facts) -> set[DocumentKind]:
    """The kinds of documents that state the entry in some version."""
    return {kind for each in facts.values() for kind, states in each.items() if states}


def _ported_back(facts: Facts) -> Collection[str]:
    ever = _ever(facts)
    return ported_back({label: any(each.values()) for label, each in facts.items() if ever & each.keys()})


def _releases(facts: Facts) -> tuple[str, ...]:
    """The releases that have the entry, as ranges; a version that lacks a kind which states it elsewhere ends none."""
    ever = _ever(facts)
    having = {label for label, each in facts.items() if any(each.values())}
    return release_ranges(having, having.union(label for label, each in facts.items() if ever <= each.keys()))
