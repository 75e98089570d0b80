"""Kernel versions: parse, total order, canonical label, ranges.

A version is a claim: a label somebody or something gave. Its family is `linux` unless the label says
otherwise (`aufs5.4` belongs to `aufs`). Order, `latest` and ranges hold within a family.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, total_ordering

from kbase.errors import UsageError

LABEL = re.compile(
    r"""
    (?= [\w.+~-]+ \Z ) (?! .* \.\. )  # two dots make a range
    (?P<family> v | [A-Za-z][A-Za-z_-]*? )?  # v6.4.6 and 6.4.6 are linux, aufs5.4 is aufs
    -?
    (?P<numbers> NUMBER (?: \. NUMBER )* )
    (?: -? rc (?P<rc> NUMBER ) )?
    (?! \.\d | -?rc\d )  # a number that cannot be read is no suffix
    (?P<extra> [-+.] [\w.+~-]+ )?  # -13-amd64, a distribution's own suffix
    """.replace("NUMBER", r"(?: 0 | [1-9] \d{0,8} ) (?! \d )"),  # the canonical label has the same digits
    re.VERBOSE | re.ASCII,
)
RELEASE = 1 << 30  # sorts a release after all of its candidates


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """One version label: `family`, numbers, release candidate (or None) and a suffix.

    Ordered by family, then numbers, candidates before the release: 2.4.0 < 2.6.12-rc2 < 2.6.12 < 6.19.
    """

    family: str
    numbers: tuple[int, ...]
    candidate: int | None = None
    extra: str = ""

    @property
    def label(self) -> str:
        """The canonical label: `v6.4.6`, `v2.6.12-rc2`, `aufs5.4`."""
        head = "v" if self.family == "linux" else self.family
        candidate = "" if self.candidate is None else f"-rc{self.candidate}"
        return head + ".".join(map(str, self.numbers)) + candidate + self.extra

    def key(self) -> tuple[str, tuple[int, ...], int, str]:
        """What the order compares; trailing zeros do not count."""
        numbers = self.numbers
        while len(numbers) > 1 and numbers[-1] == 0:
            numbers = numbers[:-1]
        return self.family, numbers, RELEASE if self.candidate is None else self.candidate, self.extra

    def __lt__(self, other: "Version") -> bool:
        """Order by `key`, then by the numbers as written, so that the order is total."""
        return (self.key(), self.numbers) < (other.key(), other.numbers)

    def __str__(self) -> str:
        return self.label


@lru_cache(1024)
def parse_version(label: str) -> Version:
    """The version that a label names.

    From 3.0 on, the kernel's tags have no third number for a first release, so `6.8.0` becomes `v6.8`.

    Raises:
        UsageError: the text is no version label.
    """
    match = LABEL.fullmatch(label.strip())
    if match is None or len(label) > 80:
        raise UsageError("not a version label", repr(label[:80]), "write it like v6.4.6, 2.6.12-rc2 or aufs5.4")
    numbers = tuple(int(part) for part in match["numbers"].split("."))
    family = (match["family"] or "v").lower()
    family = "linux" if family in ("v", "linux", "linux-source", "linux-v") else family.rstrip("-_")
    if family == "linux" and len(numbers) == 3 and numbers[0] >= 3 and numbers[2] == 0:
        numbers = numbers[:2]
    candidate = int(match["rc"]) if match["rc"] else None
    return Version(family, numbers, candidate, match["extra"] or "")


def is_version(label: str) -> bool:
    """Whether `parse_version` would accept the text."""
    try:
        parse_version(label)
    except UsageError:
        return False
    return True


def version_key(label: str) -> tuple[object, ...]:
    """A sort key for labels: `sorted(labels, key=version_key)` is oldest first, family by family."""
    version = parse_version(label)
    return version.key(), version.numbers


def age(label: str) -> tuple[object, ...]:
    """The same key; the empty label of unversioned documents comes first."""
    return version_key(label) if label else ()


def main_family(labels: Iterable[str]) -> str:
    """The default family: linux if a label belongs to it, else the first by name."""
    families = {parse_version(label).family for label in labels}
    return "linux" if "linux" in families else min(families, default="linux")


def newest(labels: Sequence[str]) -> str:
    """The newest of some labels, of their main family."""
    family = main_family(labels)
    return max((label for label in labels if parse_version(label).family == family), key=version_key)
