"""Search documents: one for each distinct text of a thing, with every version that says so.

`search_documents` goes through the states once. What a version says about a thing is known by the lines that say
it, so text that stands unchanged in many versions is written once: cost grows with distinct text, not with versions.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache, lru_cache, partial
from hashlib import blake2b
from operator import itemgetter
from typing import Any

from kbase.diff.history import leave_out_truncated, spans
from kbase.diff.release_line import ported_back
from kbase.model.releases import releases
from kbase.model.states import VersionState
from kbase.model.versions import parse_version, version_key
from kbase.model.witnesses import OP_WITNESSES, DocumentKind
from kbase.search.results import HitKind
from kbase.search.thing import Place, Written
from kbase.search.things import things


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
    sources: tuple[str, ...] = ()  # the kinds of the documents that state it
    digest: str = ""  # see `digest_of`; of a document that is indexed already, whose text is not at hand


Stated = tuple[tuple[str, ...], tuple[str, ...]]  # versions, and the kinds of documents that state a thing in them
OF_OPS = (HitKind.OP, HitKind.STRUCT)
OF_VERSIONS = frozenset(("url", "version", "versions", "path", "line", "since", "removed", "digest"))
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


Coverage = list[tuple[str, frozenset[DocumentKind]]]  # label and kinds of documents that can tell, oldest first
Unsaid = Callable[[str, str], Collection[tuple[DocumentKind, str]]]  # of two labels, see `kbase.diff.history.unsaid`


def search_documents(
    states: Iterable[VersionState],
    alike: Mapping[str, Sequence[str]] | None = None,
    before: Sequence[SearchDocument] = (),
    kinds: Mapping[str, frozenset[DocumentKind]] | None = None,
    unsaid: Unsaid = lambda _, __: (),
) -> Iterator[SearchDocument]:
    """Every text of every thing in the states (in any order), the texts of one thing together.

    The states are gone through once; none is kept. `alike` are the labels of the versions that a state stands for,
    by its own label, which is the newest of them; without it, each state stands for itself. `before` are the documents
    of other states: what comes out is what all states together give. `kinds` are those of all versions' documents;
    `unsaid` tells the ops tables of which a version does not say everything, as another shows.
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
    yield from _with_lives(list(_joined(before, new)), kinds or coverage, unsaid)


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
    merged: dict[tuple[Written, frozenset[DocumentKind]], list[_Variant]] = {}
    for variant in variants.values():
        assert variant.place is not None
        merged.setdefault((variant.written, variant.place.sources), []).append(variant)
    for (written, sources), same in merged.items():
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
            sources=tuple(sorted(sources)),
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
    things: Sequence[list[SearchDocument]], kinds: Mapping[str, frozenset[DocumentKind]], unsaid: Unsaid
) -> Iterator[SearchDocument]:
    """The documents with when their things came and went."""
    coverage = _coverage(things, kinds)
    silent = cache(unsaid)

    @cache
    def life(stated: frozenset[Stated], structs: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return lifetime(stated, coverage, structs, silent)

    for documents in things:
        stated = frozenset((document.versions, document.sources) for document in documents)
        since, removed = life(stated, documents[0].structs)
        for document in documents:
            yield replace(document, since=since, removed=removed)


def _coverage(things: Iterable[list[SearchDocument]], kinds: Mapping[str, frozenset[DocumentKind]]) -> Coverage:
    """The kinds of documents that can tell of a thing, by version: those of ops only where some ops could be read.

    `kinds` has those of which a version has a whole document: a part tells nothing by its silence.
    """
    telling: dict[str, set[DocumentKind]] = {label: set(held) - {*OP_WITNESSES} for label, held in kinds.items()}
    read = (document for documents in things for document in documents if document.kind in OF_OPS)
    for versions, sources in {(document.versions, document.sources) for document in read}:
        for label in versions:
            telling.setdefault(label, set()).update(kinds.get(label, frozenset()) & {*map(DocumentKind, sources)})
    return sorted(((label, frozenset(told)) for label, told in telling.items()), key=lambda each: _age(each[0]))


def lifetime(
    stated: Iterable[Stated], coverage: Coverage, structs: Sequence[str] = (), unsaid: Unsaid = lambda _, __: ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Since when and from when on no more, of each family: as `kbase.diff.history` tells of ops, along the releases.

    `stated` has versions with the kinds of documents that state the thing in them; `structs` are its ops tables.
    """
    said: dict[str, set[DocumentKind]] = {}
    for versions, sources in stated:
        for label in versions:
            said.setdefault(label, set()).update(map(DocumentKind, sources))
    since, removed = list[str](), list[str]()
    for family in sorted(set(map(_family, said))):
        line = _followed([(label, kinds) for label, kinds in coverage if _family(label) == family], said)
        labels = [label for label, _ in line]
        told = [{kind: kind in said.get(label, ()) for kind in (*kinds, *said.get(label, ()))} for label, kinds in line]

        def is_cut(place: int, beside: int, kind: DocumentKind, labels: list[str] = labels) -> bool:
            return any((kind, struct) in unsaid(labels[place], labels[beside]) for struct in structs)

        leave_out_truncated(told, is_cut)
        ever = {kind for facts in told for kind, states in facts.items() if states}
        able = zip(labels, told, strict=True)
        back = ported_back({label: any(facts.values()) for label, facts in able if ever & facts.keys()})
        found = list(spans((label, facts) for label, facts in zip(labels, told, strict=True) if label not in back))
        since += [span.since.by for span in found[:1]]
        removed += [span.removed.by for span in found[-1:] if span.removed]
    return tuple(since), tuple(removed)


def _followed(coverage: Coverage, said: Collection[str]) -> Coverage:
    """The versions of one family that stand for their releases; all, if none of those states the thing."""
    standing = _standing(tuple(coverage))
    return [each for each in coverage if each[0] in standing] if standing.intersection(said) else coverage


@lru_cache(maxsize=64)
def _standing(coverage: tuple[tuple[str, frozenset[DocumentKind]], ...]) -> frozenset[str]:
    return frozenset(release.representative for release in releases(dict(coverage)))
