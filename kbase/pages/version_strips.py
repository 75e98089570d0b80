"""The strip of versions: the same thing at every version held, where it is not, and where it changed."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.versions import parse_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One version of the strip: whether the thing is in it, and whether it changed there."""

    version: str
    href: str
    here: bool
    held: bool
    changed: bool = False


def relatives(kb: KnowledgeBase, version: str) -> tuple[str, ...]:
    """The labels held of the version's family, oldest first."""
    return kb.labels(parse_version(version).family)


def holding(kb: KnowledgeBase, kind: str, name: str) -> frozenset[str]:
    """The versions that have the thing of that kind and name."""
    return frozenset(v for thing in kb.find(name) if (thing.kind, thing.name) == (kind, name) for v in thing.versions)


def strip(
    labels: Iterable[str],
    here: str,
    place: Callable[[str], str | None],
    fallback: Callable[[str], str] = addresses.version_address,
    changed: Collection[str] = (),
) -> tuple[Stop, ...]:
    """A stop for each label: `place` gives the address of the same thing there, or None; then `fallback` is it."""
    places = {label: place(label) for label in labels}
    return tuple(
        Stop(
            version=label,
            href=href or fallback(label),
            here=label == here,
            held=href is not None,
            changed=label in changed,
        )
        for label, href in places.items()
    )
