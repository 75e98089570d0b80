"""Releases: which one a version belongs to, which version represents one, and their order.

`v6.4.6` belongs to release 6.4 and `v2.6.27.4` to 2.6.27: a stable version and a release candidate hang off their
release and are no steps between two releases. In other families than linux every version is a release of its own.
Pure: it needs labels and the kinds of documents of each.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from kbase.model.versions import Version, is_version, parse_version, version_key
from kbase.model.witnesses import EXPECTED, DocumentKind

LAST_OF_MAJOR = {(2, 6): 39, (3,): 19, (4,): 20, (5,): 19, (6,): 19}  # releases after which the first number rose


@dataclass(frozen=True, slots=True)
class Release:
    """A release with its available versions, oldest first, and the one that represents it."""

    label: str  # "v6.4", "v2.6.27", "aufs5.4"
    versions: tuple[str, ...]
    representative: str

    @property
    def branch(self) -> tuple[str, ...]:
        """The versions that do not represent it."""
        return tuple(version for version in self.versions if version != self.representative)


@lru_cache(1024)
def release_of(label: str) -> str:
    """The label of the release that a version belongs to.

    Raises:
        UsageError: the text is no version label.
    """
    return _release(parse_version(label)).label


def releases(available: Mapping[str, Collection[DocumentKind]]) -> tuple[Release, ...]:
    """The releases of the available versions, with the kinds of documents of each: family by family, oldest first.

    The representative of a release is no candidate and has no suffix, if there is any other version; of those left it
    is the one with the most kinds of documents, headers included, and of several of them the lowest.

    Raises:
        UsageError: one of them is no version label.
    """

    def rank(label: str) -> tuple[object, ...]:
        version, kinds = parse_version(label), set(available[label]).intersection(EXPECTED)
        return not kinds, version.candidate is not None, bool(version.extra), -len(kinds), version_key(label)

    ordered = sorted(available, key=lambda label: (version_key(release_of(label)), version_key(label)))
    groups = ((label, tuple(versions)) for label, versions in groupby(ordered, key=release_of))
    return tuple(Release(label, versions, min(versions, key=rank)) for label, versions in groups)


def follows(older: str, newer: str) -> bool:
    """Whether a version's release directly follows that of an older one: v6.3.8 and v6.4.6, v5.19 and v6.0.

    If so, what the older one lacks is new in that release. It is false after a candidate, since its release may have
    more, and for versions of a distribution.
    """
    if not (is_version(older) and is_version(newer)):
        return False
    old, new = parse_version(older), parse_version(newer)
    if (old.family, new.family) != ("linux", "linux") or old.extra or new.extra or old.candidate is not None:
        return False
    first, second = _release(old), _release(new)
    *major, minor = first.numbers
    if LAST_OF_MAJOR.get(tuple(major)) == minor:
        return second.numbers == ((3, 0) if first.numbers[0] < 3 else (first.numbers[0] + 1, 0))
    return second.numbers == (*major, minor + 1)


@lru_cache(1024)
def is_stable(label: str) -> bool:
    """Whether a version is neither a release nor a candidate: it has changes on top of a release.

    Raises:
        UsageError: the text is no version label.
    """
    version = parse_version(label)
    patches = version.numbers[_width(version) :] if version.family == "linux" else ()
    return version.candidate is None and bool(version.extra or any(patches))


def ported_back(stated: Mapping[str, object]) -> frozenset[str]:
    """The stable versions whose statement differs from that of both neighbours and returns in a later version.

    `stated` has the statement of each version that could make one, oldest first.
    """
    labels, values = tuple(stated), tuple(stated.values())
    return frozenset(
        label
        for i, label in enumerate(labels[1:-2], 1)
        if values[i - 1] == values[i + 1] != values[i] and values[i] in values[i + 2 :] and is_stable(label)
    )


def series_of(label: str) -> str:
    """The series that a version belongs to: 2.6, 6.x, in another family aufs5.x."""
    version = parse_version(label)
    first = version.numbers[0]
    if version.family != "linux":
        return f"{version.family}{first}.x"
    return f"{first}.x" if first > 2 else ".".join(map(str, version.numbers[:2]))


def newest_of_series(labels: Iterable[str]) -> tuple[str, ...]:
    """The last version of each series among versions, oldest first."""
    return tuple({series_of(label): label for label in labels}.values())


def release_ranges(labels: Collection[str], line: Collection[str]) -> tuple[str, ...]:
    """The versions that have something as ranges of releases, oldest first: `("5.4 to 6.8", "2.6.12")`.

    `line` has the versions that represent their releases and are known to have it or to lack it: one that lacks it ends
    a range. A stable version that differs from the releases on both sides does not end a range; it is listed by its own
    number if it has something that its release lacks.
    """
    named = frozenset(labels)
    steps = {release_of(label): label for label in line}
    for label in sorted(named, key=version_key):
        steps.setdefault(release_of(label), label)
    beside = {label for label in named if steps[release_of(label)] not in named}
    by_family: dict[str, list[str]] = {}
    for label in sorted(steps.values(), key=version_key):
        by_family.setdefault(parse_version(label).family, []).append(label)
    found = [(label, _number(label)) for label in beside]
    for ordered in by_family.values():
        back = ported_back({label: label in named for label in ordered})
        found += [(label, _number(label)) for label in back & named]
        on_line = (label for label in ordered if label not in back)
        for having, run in groupby(on_line, key=named.__contains__):
            if having:
                ends = list(run)
                first, last = release_number(ends[0]), release_number(ends[-1])
                found.append((ends[0], first if len(ends) == 1 else f"{first} to {last}"))
    return tuple(text for _, text in sorted(found, key=lambda each: version_key(each[0])))


def release_number(label: str) -> str:
    """The release that a version represents; a candidate or a vendor's tree is not the release."""
    version = parse_version(label)
    return _number(label if version.extra or version.candidate is not None else release_of(label))


def _number(label: str) -> str:
    """The label without the `v` of Linux."""
    return label.removeprefix("v") if parse_version(label).family == "linux" else label


def vendor_suffix(label: str) -> str | None:
    """What a label of Linux has after its numbers, `-250.el10`: the tree is a distribution's or somebody's own."""
    version = parse_version(label) if is_version(label) else None
    return version.extra if version and version.family == "linux" and version.extra else None


def _width(version: Version) -> int:
    """How many numbers a release of the kernel has: up to 2.6 three, from 3.0 on two."""
    return 3 if version.numbers[0] < 3 else 2


def _release(version: Version) -> Version:
    if version.family != "linux":
        return version
    width = _width(version)
    return Version("linux", (*version.numbers, 0, 0)[:width])
