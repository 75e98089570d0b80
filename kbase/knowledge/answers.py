"""Answers of a knowledge base that are neither records nor states."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kbase.kernel.exact_names import ItemKind
from kbase.kernel.locks import is_gone, name_under
from kbase.kernel.tables import is_documented
from kbase.model.records import BlanketRule, LockRule, ProseRule
from kbase.model.releases import follows
from kbase.model.states import Cited
from kbase.model.versions import version_key

FIRST_IN_GIT = "v2.6.12"


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


def versions_with(items: Iterable[NamedItem]) -> tuple[str, ...]:
    """The versions of the first of the items that needs one."""
    return next((item.versions for item in items if item.versions), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactDates:
    """How many dates of changes are exact to one release, of how many; and of those that headers give after 2.6.12.

    A date is that an op changed between two available releases. From 2.6.12 on every release is in the kernel's git
    repository.
    """

    exact: int
    dates: int
    header_exact: int
    header_dates: int

    def __str__(self) -> str:
        """The share of all, and of those that headers give."""
        percent = _percent(self.exact, self.dates)
        share = f"{self.exact} of {self.dates} dates of changes are exact to one release ({percent})"
        if not self.header_dates:
            return share
        of_headers = f"{self.header_exact} of {self.header_dates} ({_percent(self.header_exact, self.header_dates)})"
        return f"{share}; of those that headers give after 2.6.12: {of_headers}"


def _percent(part: int, whole: int) -> str:
    return f"{part * 100 // whole} %"


def exact_dates(dates: Iterable[tuple[str, str, bool, int]]) -> ExactDates | None:
    """The share of exact dates, of those between two releases: older, newer, whether headers give them, how many.

    None if there is no date.
    """
    counted = Counter[tuple[bool, bool]]()
    for older, newer, by_header, number in dates:
        counted[by_header and version_key(older) >= version_key(FIRST_IN_GIT), follows(older, newer)] += number
    if not counted:
        return None
    return ExactDates(
        exact=counted[True, True] + counted[False, True],
        dates=counted.total(),
        header_exact=counted[True, True],
        header_dates=counted[True, True] + counted[True, False],
    )


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
