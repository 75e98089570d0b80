"""Which of the available versions a version, a major release or a range means, as queries have them.

    value = label | major | "latest" | [ label ] ".." [ label ]

A label means what it means everywhere (`kbase.model.available_versions`): `v5.15` is v5.15.55 if that represents
the release. The ends of a range need not be available, and are compared as versions.
"""

from kbase.errors import UnknownName, UsageError
from kbase.model.available_versions import LATEST, Available
from kbase.model.versions import Version, parse_version


def versions_of(value: str, available: Available) -> list[str]:
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
    """A note for each label, or end of a range, that means another version than it says."""
    found = (_meant(end, available) for end in value.split("..") if end)
    return [note for _, note in found if note]


def nearest_versions(label: str, available: Available) -> str:
    """The nearest versions in words: "the nearest are v5.4 and v5.15.55"; empty where none is available."""
    near = available.nearest(label)
    return f"the nearest {'is' if len(near) == 1 else 'are'} {' and '.join(near)}" if near else ""


def _meant(value: str, available: Available) -> tuple[str | None, str]:
    """The version that a label means, if there is one, and a note about it."""
    if value.lower() == LATEST:
        return (available.latest() if available.labels else None), ""
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
    ours = ((label, parse_version(label)) for label in available.labels)
    return [label for label, v in ours if v.family == wanted.family and v.numbers[:1] == wanted.numbers]


def _range(first: str, last: str, available: Available) -> list[str]:
    """A release that a version represents begins or ends with that version."""
    low, high = _ends(first, available), _ends(last, available)
    family = next((version.family for version in (*low, *high)), "linux")
    ours = [(label, v) for label in available.labels if (v := parse_version(label)).family == family]
    return [label for label, v in ours if (not low or min(low) <= v) and (not high or v <= max(high))]


def _ends(value: str, available: Available) -> list[Version]:
    """The version that an end of a range names, and the one that it means; none for an open end."""
    if not value:
        return []
    label, _ = _meant(value, available)
    return [
        parse_version(each) for each in (*([] if value.lower() == LATEST else [value]), *([label] if label else []))
    ]
