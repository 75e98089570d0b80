"""Answers of a knowledge base that are neither records nor states."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kbase.kernel.exact_names import ItemKind
from kbase.kernel.locks import is_gone, name_under
from kbase.kernel.tables import is_documented
from kbase.model.records import BlanketRule, LockRule, ProseRule
from kbase.model.states import Cited


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedItem:
    """An exact match of a name: an op's or member's `name` is dotted, a commit's is its whole hash."""

    kind: str
    name: str
    versions: tuple[str, ...]  # oldest first; empty for what needs no version

    @property
    def is_documented(self) -> bool:
        """Whether it is something else than an op of a table that no document describes."""
        return self.kind != ItemKind.OP or is_documented(self.name.partition(".")[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class LockSummary:
    """A lock in a list of locks: the dotted ops that have a rule about it, and the versions with such rules."""

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


def lock_facts(subject: str, about: Mapping[str, Iterable[Cited[Any]]]) -> LockFacts:
    """The rules about a lock; `about` has the records by version, oldest first."""
    ops: dict[str, dict[str, tuple[Cited[LockRule], ...]]] = {}
    blankets: dict[str, tuple[Cited[BlanketRule], ...]] = {}
    written: dict[str, None] = {}
    for label, records in about.items():
        for cited in records:
            record = cited.record
            if isinstance(record, BlanketRule):
                blankets[label] = (*blankets.get(label, ()), cited)
                continue
            if isinstance(record, ProseRule) and is_gone(subject, label):
                continue
            rules = ops.setdefault(f"{record.struct}.{record.op}", {})
            rules[label] = (*rules.get(label, ()), cited)
            written[name_under(record.lock, subject)] = None
    return LockFacts(subject=subject, written=tuple(written), ops=dict(sorted(ops.items())), blankets=blankets)
