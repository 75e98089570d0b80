r"""Which versions a plain question names, and whether it asks for what came, went or changed with them.

"rename in 5.15"            v5.15.55, where that is what is held
"ops removed since v6.1"    v6.1.192..v6.12.117
"new in 5.10"               not held: what is new is seen in the next version that is
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from kbase.errors import UsageError
from kbase.model.available_versions import Available
from kbase.model.releases import release_of
from kbase.model.versions import is_version, parse_version, version_key
from kbase.search.ranges import held_versions, neighbours, notes_of

VERSION = re.compile(
    r"(?:linux-?|kernel-?)?(?P<label>v?[2-9]\.\d+(?:\.\d+)*(?:-rc\d+)?)(?:\.x)?(?P<onward>\+)?[?!,;.]*", re.IGNORECASE
)
ONWARD, BACKWARD = {"since", "after", "from"}, {"before", "until", "till", "up"}
VERSIONED = {"9p", "chapter", "cifs", "fuse", "nfs", "nfsd", "nfsv", "pnfs", "posix", "rfc", "section", "smb"}

CHANGED = "changed"
ASKED = (
    ("removed", re.compile(r"\b(?:removed|gone|dropped|deleted|disappeared|went)\b")),
    ("since", re.compile(r"\b(?:new|added|introduced|appeared|since|came)\b")),
    (CHANGED, re.compile(r"\b(?:changed?|changes|differs?|different|news)\b")),
)


class Named(NamedTuple):
    """The versions that the words of a question name."""

    held: tuple[str, ...] = ()  # all that are meant, of two versions and of "since v5.4" those of the range
    places: tuple[int, ...] = ()  # of the words that name them
    missing: tuple[tuple[str, str], ...] = ()  # as typed and as a label, what is not held
    later: tuple[str, ...] = ()  # those of which it is known what came, went or changed with them, in what is named
    notes: tuple[str, ...] = ()  # where another version is taken for one that is not available


NONE = Named()


def told_turn(versions: Sequence[str], labels: Sequence[str]) -> str:
    """When what turned with versions did: after the last one held before the first of them, by the last of them."""
    first, by = parse_version(versions[0]), f"by {versions[-1]}"
    ours = [label for label in labels if parse_version(label).family == first.family]
    earlier = ours[: ours.index(versions[0])]
    return f"after {earlier[-1]}, {by}" if earlier else by


def versions_in(texts: Sequence[str], available: Available) -> Named:
    """The versions that words as typed name.

    What is not held is taken for a version only where no other thing that has versions stands before it: "NFS 4.1".
    """
    matches = ((place, VERSION.fullmatch(text)) for place, text in enumerate(texts))
    found = {place: match for place, match in matches if match and is_version(match["label"])}
    if not found:
        return NONE
    labels = available.labels
    held = {match["label"]: _held_as(match["label"], available) for match in found.values()}
    said = {place: match["label"] for place, match in found.items() if held[match["label"]] or _alone(texts, place)}
    if not said:
        return NONE
    first = min(said)
    before = "since" if found[first]["onward"] else texts[first - 1].lower() if first else ""
    ends = sorted({label for typed in said.values() for label in held[typed] or [typed]}, key=version_key)
    if len(said) > 1 or before in ONWARD:
        meant = _held_as(f"{ends[0]}..{ends[-1] if len(said) > 1 else ''}", available)
    else:
        meant = _held_as(f"..{ends[-1]}", available) if before in BACKWARD else held[said[first]]
    missing = {typed: parse_version(typed).label for typed in said.values() if not held[typed]}
    known = ends[:1] if len(said) > 1 or before in ONWARD else []  # what it has is what others are compared with
    after = neighbours(ends[-1], labels)[1:] if ends[-1] in missing else ()
    later = dict.fromkeys(label for label in (*meant, *after) if label and label not in (*known, _oldest(labels)))
    notes = [note for typed in said.values() if not _is_release(typed) for note in notes_of(typed, available)]
    return Named(tuple(meant), tuple(said), tuple(missing.items()), tuple(later), tuple(notes))


def _is_release(label: str) -> bool:
    """Whether a release is named, and not one version of it: what it was read as is told by the reading."""
    return release_of(label) == parse_version(label).label


def _oldest(labels: Sequence[str]) -> str | None:
    """The oldest kernel held, of which nothing tells what was new in it."""
    return next((label for label in labels if parse_version(label).family == "linux"), None)


def _alone(texts: Sequence[str], place: int) -> bool:
    """Whether the word before is no thing that has versions, chapters or numbers of its own."""
    return not place or texts[place - 1].lower() not in VERSIONED


def _held_as(value: str, available: Available) -> list[str]:
    """The versions available that a label or a range means; none where that is none."""
    try:
        return held_versions(value, available)
    except UsageError:
        return []


def comes_or_goes(said: Sequence[str]) -> str:
    """Whether the words ask for what came or went with a version, or for all that changed with it.

    "since" and "removed" are fields of the query language, "changed" is none; empty where nothing of it is asked.
    """
    text = " ".join(said)
    return next((what for what, pattern in ASKED if pattern.search(text)), "")
