"""Search documents: one for each distinct text of a thing, with every version that says so.

`search_documents` goes through the states once. What a version says about a thing is known by the lines that say
it, so text that stands unchanged in many versions is written once: cost grows with distinct text, not with versions.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

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
    states: Iterable[VersionState], alike: Mapping[str, Sequence[str]] | None = None
) -> Iterator[SearchDocument]:
    """Every text of every thing in the states (in any order), the texts of one thing together.

    The states are gone through once; none is kept. `alike` are the labels of the versions that a state stands for,
    by its own label, which is the newest of them; without it, each state stands for itself.
    """
    found: dict[str, dict[object, _Variant]] = {}
    coverage: Coverage = []
    alike = alike or {}
    for state in states:
        kinds = frozenset(document.kind for document in state.documents)
        coverage.extend((label, kinds) for label in alike.get(state.label, (state.label,)) if label)
        for thing in things(state):
            variants = found.setdefault(thing.identity, {})
            variant = variants.get(thing.content)
            if variant is None:
                variant = variants[thing.content] = _Variant(thing.write())
            variant.add(thing.place, state.label)
    coverage.sort(key=lambda held: _age(held[0]))
    lives = _Lives(coverage, alike)
    for identity, variants in found.items():
        yield from _documents_of(identity, list(variants.values()), lives)


class _Lives:
    """Versions and lifetimes, worked out once for all things that the same states have."""

    def __init__(self, coverage: Coverage, alike: Mapping[str, Sequence[str]]) -> None:
        self._coverage = coverage
        self._alike = alike
        self.versions = lru_cache(None)(self._versions)
        self.lifetime = lru_cache(None)(self._lifetime)

    def _versions(self, labels: frozenset[str]) -> tuple[str, ...]:
        """All versions that the states with these labels stand for, oldest first."""
        every = {each for label in labels for each in self._alike.get(label, (label,)) if each}
        return tuple(sorted(every, key=_age))

    def _lifetime(
        self, labels: frozenset[str], sources: frozenset[DocumentKind]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return lifetime(set(self.versions(labels)), self._coverage, sources)


@lru_cache(maxsize=4096)
def _age(label: str) -> tuple[object, ...]:
    return version_key(label) if label else ()


@lru_cache(maxsize=4096)
def _family(label: str) -> str:
    return parse_version(label).family


def _documents_of(identity: str, variants: list[_Variant], lives: _Lives) -> Iterator[SearchDocument]:
    seen = frozenset(label for variant in variants for label in variant.labels)
    last = max(variants, key=lambda variant: _age(variant.newest)).place
    since, removed = lives.lifetime(seen, last.sources if last else frozenset())
    merged: dict[Written, list[_Variant]] = {}
    for variant in variants:
        merged.setdefault(variant.written, []).append(variant)
    for written, same in merged.items():
        labels = lives.versions(frozenset(label for variant in same for label in variant.labels))
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
            since=since,
            removed=removed,
            **written.fields(),
        )


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
