"""What KnowledgeBase answers with, where a record or a state would not do."""

from collections.abc import Mapping
from dataclasses import dataclass

from kbase.model.records import BlanketRule, LockRule
from kbase.model.states import Cited


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionInfo:
    """A version that is held: `counts` has tables, ops, prototypes, rules, functions, flags, diagnostics, ..."""

    label: str
    family: str
    label_origin: str  # "given", "Makefile", "folder name", "tag"
    sources: tuple[str, ...]  # as they were given; "bundled"
    documents: int
    counts: Mapping[str, int]
    stands_for: str | None = None  # the release, "v6.8", that means this version where it is asked for
    warnings: tuple[str, ...] = ()  # such as a label that the content contradicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What an exact name means: an op's or member's `name` is dotted, a commit's is its whole hash."""

    kind: str
    name: str
    versions: tuple[str, ...]  # oldest first; none for what needs no version


@dataclass(frozen=True, slots=True, kw_only=True)
class LockSummary:
    """A lock in a list of locks: the dotted ops that have a rule about it, the versions that say so."""

    subject: str
    ops: tuple[str, ...]
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockFacts:
    """All rules about a lock: by dotted op, then by version, oldest first."""

    subject: str
    written: tuple[str, ...]  # the names the documents give it
    ops: Mapping[str, Mapping[str, tuple[Cited[LockRule], ...]]]
    blankets: Mapping[str, tuple[Cited[BlanketRule], ...]]  # rules over whole tables, by version
