"""Which of the versions held a value of `version:`, `since:` or `removed:` means.

    value = label | "latest" | [ label ] ".." [ label ]

`v5.15` means v5.15.55 where that is what is held; the ends of a range need not be held, and are compared as versions.
"""

from collections.abc import Sequence

from kbase.errors import UsageError
from kbase.versions import Version, newest, parse_version


def held_versions(value: str, labels: Sequence[str]) -> list[str]:
    """The labels that are meant, `labels` being those held, oldest first.

    Raises:
        UsageError: the value is no version or range, or none of it is held.
    """
    first, dots, last = value.partition("..")
    found = _range(first, last, labels) if dots else _one(value, labels)
    if not found:
        raise UsageError("no version between them is held" if dots else f"`{value}` is not held")
    return found


def neighbours(label: str, labels: Sequence[str]) -> tuple[str | None, str | None]:
    """The held versions next to one that is not held, of its family: the newest before it, the oldest after it.

    Raises:
        UsageError: the label is no version.
    """
    wanted = parse_version(label)
    ours = [(held, version) for held in labels if (version := parse_version(held)).family == wanted.family]
    before, after = ([held for held, v in ours if v < wanted], [held for held, v in ours if wanted < v])
    return before[-1] if before else None, after[0] if after else None


def told_near(label: str, labels: Sequence[str]) -> str:
    """The neighbours in words: "the nearest held are v5.4 and v5.15.55"; empty where none of the family is held."""
    near = [each for each in neighbours(label, labels) if each]
    return f"the nearest held {'is' if len(near) == 1 else 'are'} {' and '.join(near)}" if near else ""


def _latest(labels: Sequence[str]) -> list[str]:
    """The newest version of the kernel, or of what else is held."""
    return [newest(labels)] if labels else []


def _one(value: str, labels: Sequence[str]) -> list[str]:
    if value.lower() == "latest":
        return _latest(labels)
    wanted = parse_version(value)
    if wanted.label in labels:
        return [wanted.label]
    if wanted.candidate is not None or wanted.extra:
        return []
    size = len(wanted.numbers)
    held = ((label, parse_version(label)) for label in labels)
    return [label for label, v in held if v.family == wanted.family and v.numbers[:size] == wanted.numbers]


def _range(first: str, last: str, labels: Sequence[str]) -> list[str]:
    low, high = _end(first, labels), _end(last, labels)
    family = (low or high or parse_version("v1")).family
    held = ((label, parse_version(label)) for label in labels)
    ours = [(label, version) for label, version in held if version.family == family]
    return [label for label, v in ours if (low is None or low <= v) and (high is None or v <= high)]


def _end(value: str, labels: Sequence[str]) -> Version | None:
    """An end of a range; None for one that is open."""
    newest = _latest(labels) if value.lower() == "latest" else []
    return parse_version(newest[0] if newest else value) if value else None
