"""Search documents: one for each distinct text of a thing, with every version that says so.

`search_documents` walks the states oldest first. What a version says about a thing is known by the lines that say
it, so text that stands unchanged in many versions is written once: cost grows with distinct text, not with versions.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from kbase.records import DocumentKind
from kbase.search.things import Thing, Written, things
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
    write: Callable[[], Written]
    labels: list[str]
    newest: Thing


Coverage = list[tuple[str, frozenset[DocumentKind]]]  # label and kinds of documents held, oldest first


def search_documents(states: Sequence[VersionState]) -> Iterator[SearchDocument]:
    """Every text of every thing in the states, things in order of first appearance, variants oldest first."""
    ordered = sorted(states, key=_state_key)
    found: dict[str, dict[object, _Variant]] = {}
    last_seen: dict[str, frozenset[DocumentKind]] = {}
    for state in ordered:
        for thing in things(state):
            variants = found.setdefault(thing.identity, {})
            variant = variants.get(thing.content)
            if variant is None:
                variant = variants[thing.content] = _Variant(thing.write, [], thing)
            variant.labels.append(state.label)
            variant.newest = thing
            last_seen[thing.identity] = thing.sources
    coverage = [(state.label, frozenset(d.kind for d in state.documents)) for state in ordered if state.label]
    for identity, variants in found.items():
        yield from _documents_of(identity, variants, coverage, last_seen[identity])


def _state_key(state: VersionState) -> tuple[object, ...]:
    return (1, version_key(state.label)) if state.label else (0,)


def _documents_of(
    identity: str, variants: dict[object, _Variant], coverage: Coverage, sources: frozenset[DocumentKind]
) -> Iterator[SearchDocument]:
    seen = {label for variant in variants.values() for label in variant.labels if label}
    since, removed = lifetime(seen, coverage, sources)
    merged: dict[SearchDocument, list[_Variant]] = {}
    for variant in variants.values():
        merged.setdefault(_blank(identity, variant), []).append(variant)
    for document, same in merged.items():
        labels = sorted({label for variant in same for label in variant.labels if label}, key=version_key)
        newest = max(same, key=lambda v: version_key(v.labels[-1]) if v.labels[-1] else ()).newest
        yield replace(
            document,
            url=newest.url,
            version=labels[-1] if labels else "",
            versions=tuple(labels),
            path=newest.path,
            line=newest.line,
            since=since,
            removed=removed,
        )


def _blank(identity: str, variant: _Variant) -> SearchDocument:
    """The variant's document without what belongs to a version, so that equal texts are equal."""
    written = variant.write()
    return SearchDocument(thing=identity, kind=variant.newest.kind, url="", version="", **written.fields())


def lifetime(
    seen: set[str], coverage: Coverage, sources: frozenset[DocumentKind]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Since when and from when on no more: the first version seen and the first later one that lacks the thing.

    `sources` are the kinds of documents that last stated the thing: a version that holds none of them says nothing.
    """
    since, removed = list[str](), list[str]()
    families = {parse_version(label).family for label in seen}
    for family in sorted(families):
        line = [(label, kinds) for label, kinds in coverage if parse_version(label).family == family]
        places = [place for place, (label, _) in enumerate(line) if label in seen]
        since.append(line[places[0]][0])
        later = (label for label, kinds in line[places[-1] + 1 :] if sources <= kinds)
        removed.extend(label for label, _ in zip(later, range(1), strict=False))
    return tuple(since), tuple(removed)
