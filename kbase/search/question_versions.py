r"""Which versions a plain question names, and whether it asks for what was added, removed or changed in them.

"rename in 5.15"            version:v5.15.55, where that stands for 5.15
"ops removed since v6.1"    removed:v6.4.6..v6.12.117: v6.1 is what later ones are compared with
"new in 5.10"               not available: what is new is seen in the next version that is
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kbase.errors import UsageError
from kbase.model.available_versions import Available
from kbase.model.releases import release_of
from kbase.model.version_ranges import notes_of, versions_of
from kbase.model.versions import is_version, parse_version, version_key

VERSION = re.compile(
    r"(?:linux-?|kernel-?)?(?P<label>v?[2-9]\.\d+(?:\.\d+)*(?:-rc\d+)?)(?:\.x)?(?P<onward>\+)?[?!,;.]*", re.IGNORECASE
)
ONWARD, BACKWARD = {"since", "after", "from"}, {"before", "until", "till", "up"}
VERSIONED = {"9p", "chapter", "cifs", "fuse", "nfs", "nfsd", "nfsv", "pnfs", "posix", "rfc", "section", "smb"}
ASKED = {
    "removed": re.compile(r"\b(?:removed|gone|dropped|deleted|disappeared|went)\b"),
    "since": re.compile(r"\b(?:new|added|introduced|appeared|since|came)\b"),
    "changed": re.compile(r"\b(?:changed?|changes|differs?|different|news)\b"),
}


@dataclass(frozen=True, slots=True)
class NamedVersions:
    """The versions that the words of a question name."""

    available: tuple[str, ...] = ()  # all that are meant, of two versions and of "since v5.4" those of the range
    places: tuple[int, ...] = ()  # of the words that name them
    missing: tuple[tuple[str, str], ...] = ()  # as typed and as a label, what is not available
    later: tuple[str, ...] = ()  # those whose changes may be asked for: of a range all but the first
    notes: tuple[str, ...] = ()  # where another version is taken for one that is not available


NONE = NamedVersions()


def named_versions(texts: Sequence[str], available: Available) -> NamedVersions:
    """The versions that words as typed name.

    What is not available counts as a version only where nothing else that has versions is before it: "NFS 4.1".
    """
    matches = {place: match for place, text in enumerate(texts) if (match := VERSION.fullmatch(text))}
    meant = {m["label"]: _available(m["label"], available) for m in matches.values() if is_version(m["label"])}
    typed = {
        place: match["label"]
        for place, match in matches.items()
        if meant.get(match["label"]) or (match["label"] in meant and texts[max(place - 1, 0)].lower() not in VERSIONED)
    }
    if not typed:
        return NONE
    first, several = min(typed), len(typed) > 1
    before = "since" if matches[first]["onward"] else texts[first - 1].lower() if first else ""
    ends = sorted({end for label in typed.values() for end in meant[label] or [label]}, key=version_key)
    range_of = {"": f"{ends[0]}..{ends[-1]}" if several else ends[0]}
    range_of |= dict.fromkeys(ONWARD, f"{ends[0]}..{ends[-1] if several else ''}")
    range_of |= dict.fromkeys(BACKWARD, f"{ends[0] if several else ''}..{ends[-1]}")
    versions = _available(range_of.get(before, range_of[""]), available)
    missing = {label: parse_version(label).label for label in typed.values() if not meant[label]}
    shown = versions if meant[typed[max(typed)]] else [*versions, *_available(f"{ends[-1]}..", available)[:1]]
    compared = ends[:1] if several or before in ONWARD else [label for label in available.labels if label[0] == "v"][:1]
    later = tuple(label for label in dict.fromkeys(shown) if label not in compared)
    others = (label for label in typed.values() if release_of(label) != parse_version(label).label)
    notes = tuple(note for label in others for note in notes_of(label, available))
    return NamedVersions(tuple(versions), tuple(typed), tuple(missing.items()), later, notes)


def _available(value: str, available: Available) -> list[str]:
    """The available versions that a label or a range means, if any."""
    try:
        return versions_of(value, available)
    except UsageError:
        return []


def change_asked(typed: Sequence[str]) -> str:
    """The field of the query language that the words ask for: "since", "removed", "changed", or none of them."""
    text = " ".join(typed)
    return next((field for field, pattern in ASKED.items() if pattern.search(text)), "")


def change_period(versions: Sequence[str], labels: Sequence[str]) -> str:
    """When the changes that the versions show were made: "after v6.4.6, by v6.8.1"."""
    family, by = parse_version(versions[0]).family, f"by {versions[-1]}"
    ours = [label for label in labels if parse_version(label).family == family]
    earlier = ours[: ours.index(versions[0])]
    return f"after {earlier[-1]}, {by}" if earlier else by
