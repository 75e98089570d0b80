"""The strip of versions: the same page at every available version, where it is missing, and where it changed."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.versions import parse_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One version of the strip: whether it has the page, and whether the content changed there."""

    version: str
    href: str
    here: bool
    present: bool
    changed: bool = False


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
