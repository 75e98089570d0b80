"""Which of the versions available a value of `version:`, `since:` or `removed:` means.

    value = label | major | "latest" | [ label ] ".." [ label ]

A label means what it means everywhere (`kbase.model.available_versions`): `v5.15` is v5.15.55 where that stands for
the release. The ends of a range need not be available, and are compared as versions.
"""

from collections.abc import Sequence

from kbase.errors import UnknownName, UsageError
from kbase.model.available_versions import LATEST, Available
from kbase.model.versions import Version, parse_version


def held_versions(value: str, available: Available) -> list[str]:
    """The labels that are meant, oldest first.

    Raises:
        UsageError: the value is no version or range, or none of it is available.
    """
    first, dots, last = value.partition("..")
    found = _range(first, last, available) if dots else _one(value, available)
    if not found:
        raise UsageError("no version between them is available" if dots else f"`{value}` is not available")
    return found


def notes_of(value: str, available: Available) -> list[str]:
    """What is to be said where a label, or the end of a range, means another version than it says."""
    found = (_meant(end, available) for end in value.split("..") if end)
    return [note for _, note in found if note]


def neighbours(label: str, labels: Sequence[str]) -> tuple[str | None, str | None]:
    """The available versions next to one that is not, of its family: the newest before it, the oldest after it.

    Raises:
        UsageError: the label is no version.
    """
    wanted = parse_version(label)
    ours = [(held, version) for held in labels if (version := parse_version(held)).family == wanted.family]
    before, after = ([held for held, v in ours if v < wanted], [held for held, v in ours if wanted < v])
    return before[-1] if before else None, after[0] if after else None


def told_near(label: str, available: Available) -> str:
    """The nearest versions in words: "the nearest are v5.4 and v5.15.55"; empty where none is available."""
    near = available.nearest(label)
    return f"the nearest {'is' if len(near) == 1 else 'are'} {' and '.join(near)}" if near else ""


def _latest(available: Available) -> list[str]:
    """The newest version of the kernel, or of what else is available."""
    return [available.latest()] if available.labels else []


def _meant(value: str, available: Available) -> tuple[str | None, str]:
    """The version that a label means, if there is one, and what is to be said of it."""
    if value.lower() == LATEST:
        return next(iter(_latest(available)), None), ""
    parse_version(value)
    try:
        meant = available.interpret(value)
    except UnknownName:
        return None, ""
    return meant.label, meant.note


def _one(value: str, available: Available) -> list[str]:
    label, _ = _meant(value, available)
    if label is not None:
        return [label]
    wanted = parse_version(value) if value.lower() != LATEST else None
    if wanted is None or len(wanted.numbers) > 1:
        return []
    held = ((label, parse_version(label)) for label in available.labels)
    return [label for label, v in held if v.family == wanted.family and v.numbers[:1] == wanted.numbers]


def _range(first: str, last: str, available: Available) -> list[str]:
    """A release that a version stands for begins with that version, or ends with it."""
    low, high = _ends(first, available), _ends(last, available)
    family = next((version.family for version in (*low, *high)), "linux")
    held = ((label, parse_version(label)) for label in available.labels)
    ours = [(label, version) for label, version in held if version.family == family]
    return [label for label, v in ours if (not low or min(low) <= v) and (not high or v <= max(high))]


def _ends(value: str, available: Available) -> list[Version]:
    """The version that an end of a range names, and the one that is meant by it; none for an end that is open."""
    if not value:
        return []
    label, _ = _meant(value, available)
    named = [label] if label else []
    return [parse_version(each) for each in ([] if value.lower() == LATEST else [value]) + named]
