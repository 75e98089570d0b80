"""The versions of a database, and which of them a label or a range means."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from kbase.errors import UsageError
from kbase.knowledge.answers import ExactDates, exact_dates
from kbase.model.available_versions import Available, Resolution
from kbase.model.versions import parse_version
from kbase.model.witnesses import DocumentKind
from kbase.store.database import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionInfo:
    """An available version: `counts` has tables, ops, prototypes, rules, functions, flags, diagnostics, ..."""

    label: str
    family: str
    label_origin: str  # "given", "Makefile", "folder name", "tag"
    sources: tuple[str, ...]  # as they were given; "bundled"
    documents: int
    counts: Mapping[str, int]
    stands_for: str | None = None  # the release, "v6.8", that it represents
    warnings: tuple[str, ...] = ()  # such as a label that the content contradicts


class VersionCatalogue:
    """The versions of a database; `versions` has linux first, then the other families, oldest first in a family."""

    def __init__(self, store: Store) -> None:
        """Read the list of versions."""
        versions, warnings = store.versions(), store.warnings()
        tables = [label for label, _, _, counts in versions if counts.get("ops")]
        self._kinds = store.kinds()
        self.available = Available(self._kinds, tables)
        represented = {label: release for release, label in self.available.representatives.items()}
        infos = {
            label: VersionInfo(
                label=label,
                family=parse_version(label).family,
                label_origin=origin,
                sources=tuple(documents),
                documents=sum(documents.values()),
                counts=counts,
                stands_for=represented.get(label),
                warnings=warnings.get(label, ()),
            )
            for label, origin, documents, counts in versions
        }
        self._dates = store.changes.dates
        self.versions = tuple(infos[label] for family in self.families for label in self.labels(family))

    @property
    def families(self) -> tuple[str, ...]:
        """The families of the versions: linux first, then the others by name."""
        return self.available.families

    @property
    def newest_first(self) -> tuple[str, ...]:
        """All labels family by family, the newest of each first."""
        return tuple(label for family in self.families for label in reversed(self.labels(family)))

    def labels(self, family: str | None = None) -> tuple[str, ...]:
        """The labels of a family, oldest first; without one, of linux, or of the first family if there is no linux."""
        return self.available.of_family(next(iter(self.families), "") if family is None else family)

    def representatives(self, family: str | None = None) -> tuple[str, ...]:
        """The labels of a family that represent their releases, oldest first: the versions of a history."""
        representatives = frozenset(self.available.representatives.values())
        return tuple(label for label in self.labels(family) if label in representatives)

    def ranges(self, labels: Collection[str], *stating: DocumentKind) -> tuple[str, ...]:
        """The labels as ranges of releases, see `Available.ranges`; `stating` are the kinds of documents that count."""
        return self.available.ranges(labels, stating)

    def kinds(self, label: str) -> Collection[DocumentKind]:
        """The kinds of which an available version has a whole document."""
        return self._kinds[label]

    def having(self, *kinds: DocumentKind) -> tuple[str, ...]:
        """The labels of the versions with a whole document of one of the kinds, as in `newest_first`."""
        return tuple(label for label in self.newest_first if self._kinds[label].intersection(kinds))

    @cached_property
    def with_callers(self) -> tuple[str, ...]:
        """The versions of which the code was read for callers, oldest first."""
        return self._in_order(self.having(DocumentKind.CALLERS))

    def latest(self, family: str | None = None) -> str:
        """The newest version of a family (of linux, if there is any) that has ops tables; where none has, the newest.

        Raises:
            UnknownName: nothing of the family is available.
        """
        return self.available.latest(family)

    def interpret(self, label: str) -> Resolution:
        """The version that `latest`, `6.8`, `6.4.6` or `v6.4.6` means, with a note where it is another one.

        Raises:
            UnknownName: it is not available, nor is another one of its release; the advice names the nearest.
        """
        return self.available.interpret(label)

    def resolve(self, label: str) -> str:
        """The canonical label of the version that `interpret` finds.

        Raises:
            UnknownName: see `interpret`.
        """
        return self.interpret(label).label

    def range(self, text: str) -> tuple[str, str]:
        """The two versions of `v5.4..v6.8`; an end left out is the oldest or the newest version available.

        Raises:
            UsageError: it is no range, or its ends are of different families.
            UnknownName: an end is not available.
        """
        old, dots, new = text.partition("..")
        if not dots or not (old or new):
            raise UsageError("not a range of versions", repr(text), "write it like v5.4..v6.8.1")
        family = parse_version(self.resolve(old or new)).family
        first = self.resolve(old) if old else self.labels(family)[0]
        last = self.resolve(new) if new else self.latest(family)
        if parse_version(last).family != family:
            raise UsageError("a range stays within one family of versions", repr(text), f"end it with one of {family}")
        return first, last

    @cached_property
    def exact_dates(self) -> ExactDates | None:
        """How many dates of changes are exact to one release; None if there are no changes between releases."""
        return exact_dates(self._dates())

    def _in_order(self, labels: Iterable[str]) -> tuple[str, ...]:
        wanted = set(labels)
        return tuple(info.label for info in self.versions if info.label in wanted)
