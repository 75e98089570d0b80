"""`Thing`: one thing of one version, as its records state it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kbase.model.states import Cited
from kbase.model.witnesses import DocumentKind
from kbase.search.results import HitKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What does not depend on the version: a search document's texts and terms."""

    name: str
    title: str
    text: str
    struct: str | None = None
    op: str | None = None
    prototype: str | None = None
    chips: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    old_keys: tuple[str, ...] = ()
    names: str = ""
    gist: str = ""
    structs: tuple[str, ...] = ()
    ops: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()

    def fields(self) -> dict[str, Any]:
        """Every field by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a version has a thing."""

    kind: HitKind
    url: str
    path: str
    line: int
    sources: frozenset[DocumentKind]  # the kinds of the documents that state it


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One thing as one version has it. Equal `content` means equal `write()`."""

    identity: str
    content: object
    write: Callable[[], Written]
    place: Place


def _content(cited: Sequence[Cited[Any]]) -> tuple[object, ...]:
    """What the records say, known by their lines: a blob is read once, so equal lines are equal records."""
    return tuple((c.document.path, c.evidence.blob, c.evidence.first, c.evidence.last) for c in cited)


def thing_of(
    kind: HitKind,
    key: str,
    cited: Sequence[Cited[Any]],
    url: str,
    write: Callable[[], Written],
    more: tuple[object, ...] = (),
    sources: frozenset[DocumentKind] = frozenset(),
) -> Thing:
    """The thing that the cited records tell of; `more` is what its text depends on besides.

    `sources` are the kinds of documents that state it, where not all that tell of it do.
    """
    first = cited[0] if cited else None
    place = Place(
        kind=kind,
        url=url,
        path=first.path if first else "",
        line=first.line if first else 0,
        sources=sources or frozenset(c.document.kind for c in cited if c.document.kind is not DocumentKind.SUMMARY),
    )
    return Thing(identity=f"{kind}:{key}", content=(_content(cited), more, sources), write=write, place=place)


def paths_of(cited: Sequence[Cited[Any]]) -> tuple[str, ...]:
    """The documents that state it, our own summaries left out."""
    return tuple(dict.fromkeys(c.path for c in cited if c.document.kind is not DocumentKind.SUMMARY))
