"""For how long drift has stood, along the releases of a family."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from kbase.model.drift import ComparedBlock, Drift, Subject
from kbase.model.releases import follows, release_number, release_of


def dated(
    labels: Sequence[str],
    line: Collection[str],
    found: Mapping[str, Sequence[Drift]],
    compared: Mapping[str, Collection[ComparedBlock]],
) -> Iterator[Drift]:
    """The drift of versions of one family, oldest first, each with for how long it has stood.

    `line` are the versions that represent their releases; the others are no steps. A version in which something could
    not be compared neither counts nor ends anything.
    """
    standing: dict[Subject, Drift] = {}
    before = ""  # the last version of the line
    for label in labels:
        here = {}
        for each in found.get(label, ()):
            earlier = standing.get(each.subject)
            if earlier:
                here[each.subject] = lasting = _continued(each, earlier)
            else:
                exact = _adjoins(before, label) and _decides(compared.get(before, ()), each.subject)
                since = release_number(label) if label in line else label.removeprefix("v")
                here[each.subject] = lasting = replace(each, since=since, or_earlier=not exact, releases=1)
            yield lasting
        if label in line:
            blocks, before = compared.get(label, ()), label
            standing = {s: each for s, each in standing.items() if not _decides(blocks, s)} | here


def _continued(found: Drift, earlier: Drift) -> Drift:
    releases = earlier.releases + (release_of(earlier.version) != release_of(found.version))
    return replace(found, since=earlier.since, or_earlier=earlier.or_earlier, releases=releases)


def _adjoins(older: str, newer: str) -> bool:
    """Whether nothing could have been between two versions: one is of the next release, or of the same."""
    return bool(older) and (release_of(older) == release_of(newer) or follows(older, newer))


def _decides(blocks: Collection[ComparedBlock], subject: Subject) -> bool:
    return any(block.decides(subject) for block in blocks)
