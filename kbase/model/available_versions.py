"""Which available version a label means: itself, the representative of its release, or the newest.

    label = version | "latest" | family          v6.8.1, 6.8.1, 6.8, latest, aufs

A release means its representative (`kbase.model.releases`), and so does a patch level of it that is not available; the
answer has a note about both. A candidate, or a version with a distribution's suffix, means nothing but itself.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kbase.errors import UnknownName, UsageError
from kbase.model.releases import release_of, release_ranges, releases
from kbase.model.versions import Version, is_version, parse_version, version_key
from kbase.model.witnesses import EXPECTED, DocumentKind, decides

LATEST = "latest"
NUMBERS = re.compile(r"(?<!\d)\d++(?:\.\d++)+")
NEAREST = 2  # versions named in place of one that is not available
FEW = 24  # versions of a family that a message lists in full
LONGEST = 80  # characters of a label in a message


@dataclass(frozen=True, slots=True)
class Resolution:
    """The version that a label means, with a note if it is not the one that was asked for."""

    label: str
    note: str = ""


class Available:
    """The available versions: labels, oldest first, family by family."""

    def __init__(self, kinds: Mapping[str, Collection[DocumentKind]], with_tables: Collection[str]) -> None:
        """`kinds` are the kinds of documents of each version; `with_tables` are those that have ops tables."""
        self.labels = tuple(sorted(kinds, key=version_key))
        self.representatives = {release.label: release.representative for release in releases(kinds)}  # by release
        by_family: dict[str, list[str]] = {}
        for label in self.labels:
            by_family.setdefault(parse_version(label).family, []).append(label)
        self.families = tuple(sorted(by_family, key=lambda family: family != "linux"))
        self._of_family = {family: tuple(labels) for family, labels in by_family.items()}
        self._kinds = kinds
        self._known = frozenset(self.labels)
        self._with_tables = frozenset(with_tables)

    def of_family(self, family: str) -> tuple[str, ...]:
        """The labels of a family, oldest first."""
        return self._of_family.get(family, ())

    def ranges(
        self, labels: Collection[str], stating: Collection[DocumentKind] = (), among: Collection[str] | None = None
    ) -> tuple[str, ...]:
        """The versions that have something as ranges of releases: `("5.4 to 6.8", "2.6.12")`.

        `stating` are the kinds of documents that state it; a version without them says nothing about it and ends no
        range. `among` are the versions that count, if not all do.
        """
        counted = frozenset(EXPECTED).intersection(stating)
        line = [
            label
            for label in self.representatives.values()
            if (among is None or label in among) and (label in labels or decides(self._kinds[label], counted))
        ]
        return release_ranges(labels, line)

    def latest(self, family: str | None = None) -> str:
        """The newest version of a family that has ops tables; if none has, the newest version.

        The default family is linux; if no version of linux is available, the first family that has one.

        Raises:
            UnknownName: nothing of the family is available.
        """
        labels = self.of_family(family or next(iter(self.families), ""))
        if not labels:
            raise UnknownName(f"no version{f' of {family}' * bool(family)} is available", advice=self._every())
        return next((label for label in reversed(labels) if label in self._with_tables), labels[-1])

    def interpret(self, text: str) -> Resolution:
        """The version that a label means.

        Raises:
            UnknownName: neither it nor its release is available; the advice names the nearest versions.
        """
        if text in self._known:
            return Resolution(text)
        asked = text.strip()
        if asked.lower() == LATEST:
            return Resolution(self.latest())
        if not is_version(asked):
            if self.of_family(asked):
                return Resolution(self.latest(asked))
            raise UnknownName(f"{asked[:LONGEST]!r} is no version", advice=self._advice(asked, spelling=True))
        version = parse_version(asked)
        if version.label in self._known:
            return Resolution(version.label)
        label = self._representative(version)
        if label is None:
            raise UnknownName(f"version {asked[:LONGEST]} is not available", advice=self._advice(asked))
        release = release_of(version.label)
        if release == version.label:
            return Resolution(label, f"{asked} is read as {label}, which represents release {release}")
        return Resolution(label, f"{asked} is not available: {label} is used, which represents release {release}")

    def nearest(self, text: str) -> tuple[str, ...]:
        """The two versions of its family next to one that is not available, if there are any: before and after it."""
        version = _like(text)
        if version is None:
            return ()
        every = sorted(self.representatives.values(), key=version_key)
        ours = [label for label in every if parse_version(label).family == version.family]
        place = sum(parse_version(label) < version for label in ours)
        first = max(0, min(place - NEAREST // 2, len(ours) - NEAREST))
        return tuple(ours[first : first + NEAREST])

    def _representative(self, version: Version) -> str | None:
        """The version that represents the release of one that is not available."""
        bare = version.candidate is None and not version.extra
        whole = len(version.numbers) >= len(parse_version(release_of(version.label)).numbers)  # "6" is no release
        return self.representatives.get(release_of(version.label)) if bare and whole else None

    def _advice(self, asked: str, *, spelling: bool = False) -> str:
        near = self.nearest(asked)
        listed = f"the nearest {'is' if len(near) == 1 else 'are'} {' and '.join(near)}" if near else self._every()
        return "; ".join(filter(None, ("write it like 6.8, v6.4.6 or latest" * spelling, listed)))

    def _every(self) -> str:
        """All available versions, the kernel's first; of many versions of a family the first and the last."""
        every = [self.of_family(family) for family in self.families]
        listed = [", ".join(each) if len(each) <= FEW else f"{each[0]} to {each[-1]}" for each in every]
        return f"available: {', '.join(listed)}" if listed else ""


def _like(text: str) -> Version | None:
    """The version that a text is, or that its numbers make: `6.8.x`, `linux-6.1.y`."""
    try:
        return parse_version(text)
    except UsageError:
        numbers = NUMBERS.search(text[:LONGEST])
        return parse_version(numbers[0]) if numbers and is_version(numbers[0]) else None
