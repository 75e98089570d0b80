"""The strip of versions: the same page at every available version, where it is missing, and where it changed."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol, TypeVar

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.releases import series_of
from kbase.model.versions import parse_version
from kbase.pages.parts import Page

ONE_ROW = 20  # versions that are listed without their series


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One version of the strip: whether it has the page, and whether the content changed there."""

    version: str
    href: str
    here: bool
    present: bool
    changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOfVersion(Page):
    """A page about one version, with the strip that leads to the same page at other versions."""

    version: str
    strip: tuple[Stop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The stops of one series of kernels; `open` is the one of the page, or the newest where no stop is of the page."""

    name: str
    stops: tuple[Stop, ...]
    open: bool

    @property
    def present(self) -> bool:
        """Whether any version of it has the page."""
        return any(stop.present for stop in self.stops)

    @property
    def changed(self) -> bool:
        """Whether the content changed in any version of it."""
        return any(stop.changed for stop in self.stops)


class OfVersion(Protocol):
    """Something of one version."""

    @property
    def version(self) -> str: ...


T = TypeVar("T", bound=OfVersion)


def in_series(items: Sequence[T]) -> tuple[tuple[str, tuple[T, ...]], ...]:
    """What belongs to versions, in its order, by series of kernels; nothing where it is short enough without."""
    if len(items) <= ONE_ROW:
        return ()
    return tuple((name, tuple(group)) for name, group in groupby(items, key=lambda item: series_of(item.version)))


def series_of_strip(stops: Sequence[Stop]) -> tuple[Series, ...]:
    """The stops by series, oldest first; none where they are few enough for a single row."""
    groups = in_series(stops)
    newest = groups[-1][0] if groups else ""
    here = next((name for name, group in groups if any(stop.here for stop in group)), newest)
    return tuple(Series(name=name, stops=group, open=name == here) for name, group in groups)


def related_versions(kb: KnowledgeBase, version: str) -> tuple[str, ...]:
    """The available versions of the version's family, oldest first."""
    return kb.labels(parse_version(version).family)


def versions_with(kb: KnowledgeBase, kind: str, name: str) -> frozenset[str]:
    """The versions that have the item of this kind and name."""
    return frozenset(v for item in kb.find(name) if (item.kind, item.name) == (kind, name) for v in item.versions)


def strip_of(kb: KnowledgeBase, version: str, item: tuple[str, str], address: Callable[[str], str]) -> tuple[Stop, ...]:
    """The version strip of an item (kind, name) at one version; `address` gives its page at another version."""
    pages = {label: address(label) for label in versions_with(kb, *item)}
    return version_strip(related_versions(kb, version), version, pages)


def version_strip(
    labels: Iterable[str],
    here: str,
    pages: Mapping[str, str],
    otherwise: Callable[[str], str] = addresses.version_address,
    changed: Collection[str] = (),
) -> tuple[Stop, ...]:
    """A stop for each label: `pages` has the address of the page by version, `otherwise` is for the others."""
    return tuple(
        Stop(
            version=label,
            href=pages.get(label) or otherwise(label),
            here=label == here,
            present=label in pages,
            changed=label in changed,
        )
        for label in labels
    )
