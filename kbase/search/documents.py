"""Search documents: one for each distinct text of a thing, with every version that says so.

`search_documents` goes through the states once. What a version says about a thing is known by the lines that say
it, so text that stands unchanged in many versions is written once: cost grows with distinct text, not with versions.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache, lru_cache, partial
from hashlib import blake2b
from itertools import chain
from operator import itemgetter
from typing import Any

from kbase.records import DocumentKind
from kbase.search.thing import Place, Written
from kbase.search.things import things
from kbase.state import VersionState
from kbase.versions import parse_version, version_key


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDocument:
    """One text of one thing. Documents of one thing share `thing` and are found as one hit."""

    thing: str  # "op:inode_operations.rename"; unique to the thing
    kind: str
    name: str
    title: str
    text: str
    url: str  # in the newest version that says so
    version: str  # that version; empty where the thing needs none
    versions: tuple[str, ...] = ()  # every version that says so, oldest first
    struct: str | None = None
    op: str | None = None
    prototype: str | None = None
    chips: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()  # the exact names that lead to the thing
    old_keys: tuple[str, ...] = ()  # those of them that are former names
    names: str = ""  # words of its name and title, which weigh most
    gist: str = ""  # the sentence that says what it is for, which weighs twice
    structs: tuple[str, ...] = ()
    ops: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()  # canonical subjects
    rules: tuple[str, ...] = ()  # "i_rwsem=exclusive+yes", see `rule_terms`
    blocks: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()  # paths
    path: str = ""
    line: int = 0
    since: tuple[str, ...] = ()  # the first version held that has the thing, a family each
    removed: tuple[str, ...] = ()  # the first later one that could say so and does not
    sources: tuple[str, ...] = ()  # the kinds of the documents that state it in the newest version
    digest: str = ""  # see `digest_of`; of a document that is indexed already, whose text is not at hand


OF_VERSIONS = frozenset(("url", "version", "versions", "path", "line", "since", "removed", "sources", "digest"))
SAID = tuple(each.name for each in fields(SearchDocument) if each.name not in OF_VERSIONS)


@dataclass(slots=True)
class _Variant:
    """A text, the versions that say so, and where the newest of them does."""

    written: Written
    labels: list[str] = field(default_factory=list)
    newest: str = ""
    place: Place | None = None

    def add(self, place: Place, label: str) -> None:
        self.labels.append(label)
        if self.place is None or _age(label) >= _age(self.newest):
            self.place, self.newest = place, label


Coverage = list[tuple[str, frozenset[DocumentKind]]]  # label and kinds of documents held, oldest first


def search_documents(
    states: Iterable[VersionState],
    alike: Mapping[str, Sequence[str]] | None = None,
    before: Sequence[SearchDocument] = (),
    kinds: Mapping[str, frozenset[DocumentKind]] | None = None,
) -> Iterator[SearchDocument]:
    """Every text of every thing in the states (in any order), the texts of one thing together.

    The states are gone through once; none is kept. `alike` are the labels of the versions that a state stands for,
    by its own label, which is the newest of them; without it, each state stands for itself. `before` are the documents
    of other states: what comes out is what all states together give. `kinds` are those of all versions' documents.
    """
    found: dict[str, dict[object, _Variant]] = {}
    coverage: dict[str, frozenset[DocumentKind]] = {}
    alike = alike or {}
    for state in states:
        labels = [label for label in alike.get(state.label, (state.label,)) if label]
        coverage |= dict.fromkeys(labels, frozenset(document.kind for document in state.documents))
        for thing in things(state):
            variants = found.setdefault(thing.identity, {})
            variant = variants.get(thing.content)
            if variant is None:
                variant = variants[thing.content] = _Variant(thing.write())
            variant.add(thing.place, state.label)
    versions = lru_cache(None)(partial(_versions, alike))
    new = [document for name, variants in found.items() for document in _documents_of(name, variants, versions)]
    yield from _with_lives(_joined(before, new), kinds or coverage)


def _versions(alike: Mapping[str, Sequence[str]], labels: frozenset[str]) -> tuple[str, ...]:
    """All versions that the states with these labels stand for, oldest first."""
    every = {each for label in labels for each in alike.get(label, (label,)) if each}
    return tuple(sorted(every, key=_age))


@lru_cache(maxsize=4096)
def _age(label: str) -> tuple[object, ...]:
    return version_key(label) if label else ()


@lru_cache(maxsize=4096)
def _family(label: str) -> str:
    return parse_version(label).family


def _documents_of(
    identity: str, variants: Mapping[object, _Variant], versions: Callable[[frozenset[str]], tuple[str, ...]]
) -> Iterator[SearchDocument]:
    merged: dict[Written, list[_Variant]] = {}
    for variant in variants.values():
        merged.setdefault(variant.written, []).append(variant)
    for written, same in merged.items():
        labels = versions(frozenset(label for variant in same for label in variant.labels))
        place = max(same, key=lambda variant: _age(variant.newest)).place
        assert place is not None
        yield SearchDocument(
            thing=identity,
            kind=place.kind,
            url=place.url,
            version=labels[-1] if labels else "",
            versions=labels,
            path=place.path,
            line=place.line,
            sources=tuple(sorted(place.sources)),
            **written.fields(),
        )


def digest_of(document: SearchDocument) -> str:
    """What tells a document, whichever versions say so."""
    if document.digest:
        return document.digest
    said = repr([getattr(document, name) for name in SAID])
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _joined(before: Sequence[SearchDocument], new: Sequence[SearchDocument]) -> Iterator[list[SearchDocument]]:
    """The documents of each thing, in the order in which one meets them going through all versions, oldest first.

    The documents of both lists stand in that order; where an old and a new one are the same, they become one.
    """
    found: dict[str, tuple[tuple[Any, int], SearchDocument]] = {}
    for documents in (before, new):
        for place, document in enumerate(documents):
            digest, oldest = digest_of(document), _age(next(iter(document.versions), ""))
            rank, known = found.get(digest, ((oldest, place), document))
            if document.versions and (not known.versions or oldest < rank[0]):
                rank = oldest, place
            found[digest] = rank, replace(_together(known, document), digest=digest)
    things: dict[str, list[SearchDocument]] = {}
    for _, document in sorted(found.values(), key=itemgetter(0)):
        things.setdefault(document.thing, []).append(document)
    yield from things.values()


def _together(one: SearchDocument, other: SearchDocument) -> SearchDocument:
    """The same document with the versions of both, in the newest of them."""
    if one.versions == other.versions:
        return one
    newer = max(one, other, key=lambda document: _age(document.version))
    return replace(newer, versions=tuple(sorted({*one.versions, *other.versions}, key=_age)))


def _with_lives(
    things: Iterable[list[SearchDocument]], kinds: Mapping[str, frozenset[DocumentKind]]
) -> Iterator[SearchDocument]:
    """The documents with when their things came and went."""
    coverage = sorted(kinds.items(), key=lambda held: _age(held[0]))

    @cache
    def life(versions: frozenset[tuple[str, ...]], sources: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return lifetime(set(chain.from_iterable(versions)), coverage, frozenset(map(DocumentKind, sources)))

    for documents in things:
        last = max(documents, key=lambda document: _age(document.version))
        since, removed = life(frozenset(document.versions for document in documents), last.sources)
        for document in documents:
            yield replace(document, since=since, removed=removed)


def lifetime(
    seen: set[str], coverage: Coverage, sources: frozenset[DocumentKind]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Since when and from when on no more: the first version seen and the first later one that lacks the thing.

    `sources` are the kinds of documents that last stated the thing: a version that lacks one of them says nothing.
    """
    since, removed = list[str](), list[str]()
    for family in sorted({_family(label) for label in seen}):
        line = [(label, kinds) for label, kinds in coverage if _family(label) == family]
        places = [place for place, (label, _) in enumerate(line) if label in seen]
        since.append(line[places[0]][0])
        gone = next((label for label, kinds in line[places[-1] + 1 :] if sources <= kinds), None)
        removed.extend([gone] if gone else [])
    return tuple(since), tuple(removed)
