"""Search documents: one for each distinct text of an entry, with every version that has it.

What a version states about an entry is identified by its lines, so a text that is the same in many versions is written
once: the cost grows with distinct text, not with versions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from kbase.build.search_documents.dates import Unstated, with_dates
from kbase.build.search_documents.entries import statements
from kbase.build.search_documents.statement import Statement
from kbase.model.states import VersionState
from kbase.model.versions import age
from kbase.model.witnesses import DocumentKind
from kbase.search.search_document import SearchDocument, digest_of


def search_documents(
    states: Iterable[VersionState],
    alike: Mapping[str, Sequence[str]] | None = None,
    before: Sequence[SearchDocument] = (),
    kinds: Mapping[str, frozenset[DocumentKind]] | None = None,
    unstated: Unstated = lambda _, __: (),
) -> list[SearchDocument]:
    """Every text of every entry in the states (in any order), the texts of one entry together.

    `alike` has the labels of all versions that share a state, by the label of the newest, which is the state's own;
    by default no versions share one. `before` are the documents of other states: the result is for all states together.
    `kinds` has the kinds of all versions' documents; `unstated` returns the ops tables that are incomplete in the
    documents of a version, compared with another version.
    """
    found: dict[tuple[str, object], _Variant] = {}
    coverage: dict[str, frozenset[DocumentKind]] = {}
    alike = alike or {}
    for state in states:
        labels = [label for label in alike.get(state.label, (state.label,)) if label]
        coverage |= dict.fromkeys(labels, frozenset(document.kind for document in state.documents))
        for made in statements(state):
            key = made.entry, made.content
            variant = found.get(key)
            if variant is None:
                variant = found[key] = _Variant(_written(made), made, state.label)
            variant.labels.extend(labels)
            if age(state.label) >= age(variant.newest):
                variant.statement, variant.newest = made, state.label
    ranks = {label: rank for rank, label in enumerate(sorted(coverage, key=age))}
    new = [_in_versions(variant, sorted(set(variant.labels), key=ranks.__getitem__)) for variant in found.values()]
    return with_dates(_merged(before, new), kinds or coverage, unstated)


@dataclass(slots=True)
class _Variant:
    """A text, what the newest version with it states, and all versions with it."""

    document: SearchDocument
    statement: Statement
    newest: str
    labels: list[str] = field(default_factory=list)


def _written(made: Statement) -> SearchDocument:
    document = replace(made.write(), entry=made.entry, sources=tuple(sorted(made.sources)))
    return replace(document, digest=digest_of(document))


def _in_versions(variant: _Variant, labels: Sequence[str]) -> SearchDocument:
    """The document in the versions that have it, as the newest of them states it."""
    cited = variant.statement.cited
    return replace(
        variant.document,
        url=variant.statement.url,
        version=labels[-1] if labels else "",
        versions=tuple(labels),
        path=cited[0].path if cited else "",
        line=cited[0].line if cited else 0,
    )


def _merged(*lists: Sequence[SearchDocument]) -> list[list[SearchDocument]]:
    """The documents of each entry, in the order in which one meets them going through all versions, oldest first.

    Each list is in that order; what several statements or both lists have is one document.
    """
    found: dict[str, tuple[tuple[tuple[object, ...], int], SearchDocument]] = {}
    for documents in lists:
        for place, document in enumerate(documents):
            oldest = age(next(iter(document.versions), ""))
            rank, known = found.get(document.digest, ((oldest, place), document))
            if document.versions and (not known.versions or oldest < rank[0]):
                rank = oldest, place
            found[document.digest] = rank, _together(known, document)
    entries: dict[str, list[SearchDocument]] = {}
    for _, document in sorted(found.values(), key=lambda pair: pair[0]):
        entries.setdefault(document.entry, []).append(document)
    return list(entries.values())


def _together(one: SearchDocument, other: SearchDocument) -> SearchDocument:
    """The same document with the versions of both, in the newest of them."""
    if one.versions == other.versions:
        return one
    newer = max(one, other, key=lambda document: age(document.version))
    return replace(newer, versions=tuple(sorted({*one.versions, *other.versions}, key=age)))
