"""The releases that added and removed an entry, determined as in `kbase.diff.history` for ops."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache

from msgspec.structs import replace

from kbase.diff.history import Span, by_kernel, leave_out_truncated, spans
from kbase.kernel.exact_names import ItemKind
from kbase.model.releases import ported_back, releases
from kbase.model.versions import parse_version, version_key
from kbase.model.witnesses import OP_WITNESSES, DocumentKind
from kbase.search.search_document import SearchDocument

Stated = tuple[tuple[str, ...], tuple[str, ...]]  # versions, and the kinds of documents that state an entry in them
Coverage = list[tuple[str, frozenset[DocumentKind]]]  # label and kinds of documents that could state it, oldest first
Unstated = Callable[[str, str], Collection[tuple[DocumentKind, str]]]  # of two labels, see `incomplete_tables`
Dates = tuple[tuple[str, ...], tuple[str, ...]]  # since and removed, one a family
OF_OPS = (ItemKind.OP, ItemKind.STRUCT)


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
        since, removed = known[key]
        found += (replace(document, since=since, removed=removed) for document in documents)
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
    since, removed = list[str](), list[str]()
    for standing, every in lines.values():
        line = standing if any(label in having for label, _ in standing) else every
        stating = any(label in having for label, _ in line)
        found = _spans(line, having, structs, unstated, of_op=of_op) if stating else []
        since += [span.since.by for span in found[:1]]
        removed += [span.removed.by for span in found[-1:] if span.removed]
    return tuple(since), tuple(removed)


def _spans(
    line: Coverage,
    having: Mapping[str, set[DocumentKind]],
    structs: Sequence[str],
    unstated: Unstated,
    *,
    of_op: bool,
) -> list[Span]:
    """The times in which the versions of a line state an entry."""
    labels = [label for label, _ in line]
    facts = [{kind: kind in having.get(label, ()) for kind in (*of, *having.get(label, ()))} for label, of in line]

    def is_cut(place: int, beside: int, kind: DocumentKind) -> bool:
        return any((kind, struct) in unstated(labels[place], labels[beside]) for struct in structs)

    leave_out_truncated(facts, is_cut)
    decided = by_kernel(facts, structs[0]) if of_op and structs else facts
    by_label = dict(zip(labels, decided, strict=True))
    ever = {kind for each in by_label.values() for kind, states in each.items() if states}
    back = ported_back({label: any(each.values()) for label, each in by_label.items() if ever & each.keys()})
    return list(spans(pair for pair in by_label.items() if pair[0] not in back))
