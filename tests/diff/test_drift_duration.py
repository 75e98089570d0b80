"""For how long drift has stood: counted along the releases that could be compared."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from kbase.diff.drift_duration import dated
from kbase.model.drift import ComparedBlock, Drift, DriftKind
from kbase.model.releases import releases
from kbase.model.witnesses import DocumentKind

WRONG = Drift(
    version="",
    struct="inode_operations",
    op="rename",
    document=DocumentKind.VFS,
    kind=DriftKind.DIFFERS,
    statement="takes more",
    documented="int (*rename)(int)",
    header="int (*rename)(int, int)",
    now_in=(),
    path="vfs.rst",
    line=1,
    last_line=1,
    saved_page=False,
    header_path="fs.h",
    header_line=1,
    header_last_line=1,
    since="",
    or_earlier=True,
    releases=7,
)
MISSING = replace(WRONG, kind=DriftKind.MISSING, documented=None)
BLOCK = ComparedBlock(version="", struct="inode_operations", document=DocumentKind.VFS, whole=True, header_whole=True)
CUT = replace(BLOCK, whole=False)

# Versions, oldest first: whether the op is wrong (X), not wrong (.), not compared (?), and what the X say.
CASES = [
    ("v4.6 . | v4.7 X | v4.8 X", "4.7 1 | 4.7 2"),
    ("v4.6 X | v4.7 X", "4.6 or earlier 1 | 4.6 or earlier 2"),  # the oldest version has it
    ("v4.5 . | v4.7 X", "4.7 or earlier 1"),  # 4.6 is not available
    ("v4.6 . | v4.7 ? | v4.8 X", "4.8 or earlier 1"),
    ("v4.6 . | v4.7 X | v4.8 ? | v4.9 X", "4.7 1 | 4.7 2"),  # what lacks headers neither counts nor ends it
    ("v4.6 . | v4.7 X | v4.8 . | v4.9 X", "4.7 1 | 4.9 1"),  # corrected, and wrong again
    ("v4.6 . | v4.7 X | v4.7.3 X | v4.8 X", "4.7 1 | 4.7 1 | 4.7 2"),  # a stable version is no step
    ("v4.6 . | v4.7 X | v4.7.3 . | v4.8 X", "4.7 1 | 4.7 2"),
    ("v4.6 . | v4.7 . | v4.7.3 X | v4.8 X", "4.7.3 1 | 4.8 1"),  # only the stable version has it
    ("v4.6 . | v4.7.3 X | v4.8 X", "4.7 1 | 4.7 2"),  # it represents its release
    ("v4.20 . | v5.0 X", "5.0 1"),
    ("v4.6 . | v4.7-rc1 X | v4.8 X", "4.7-rc1 1 | 4.7-rc1 2"),
]


def durations(versions: Iterable[tuple[str, list[Drift], list[ComparedBlock]]]) -> list[str]:
    """What is said of each disagreement, version by version."""
    given = list(versions)
    kinds = {label: [DocumentKind.VFS] for label, *_ in given}
    found = dated(
        [label for label, *_ in given],
        [release.representative for release in releases(kinds)],
        {label: [replace(each, version=label) for each in drift] for label, drift, _ in given},
        {label: blocks for label, _, blocks in given},
    )
    return [f"{each.since}{' or earlier' if each.or_earlier else ''} {each.releases}" for each in found]


@pytest.mark.parametrize(("versions", "expected"), CASES)
def test_since_when_and_for_how_many_releases(versions: str, expected: str) -> None:
    marks = [version.split() for version in versions.split(" | ")]
    given = [(label, [WRONG] * (mark == "X"), [BLOCK] * (mark != "?")) for label, mark in marks]
    assert " | ".join(durations(given)) == expected


def test_another_kind_is_another_disagreement() -> None:
    given = [("v4.6", [], [BLOCK]), ("v4.7", [WRONG], [BLOCK]), ("v4.8", [MISSING], [BLOCK])]
    assert durations(given) == ["4.7 1", "4.8 1"]


def test_other_types_are_the_same_disagreement() -> None:
    other = replace(WRONG, statement="takes something else", header="int (*rename)(long)")
    given = [("v4.6", [], [BLOCK]), ("v4.7", [WRONG], [BLOCK]), ("v4.8", [other], [BLOCK])]
    assert durations(given) == ["4.7 1", "4.7 2"]


def test_a_block_that_is_cut_short_does_not_end_what_is_missing() -> None:
    given = [("v4.6", [], [BLOCK]), ("v4.7", [MISSING], [BLOCK]), ("v4.8", [], [CUT]), ("v4.9", [MISSING], [BLOCK])]
    assert durations(given) == ["4.7 1", "4.7 2"]
    given = [("v4.6", [], [BLOCK]), ("v4.7", [WRONG], [BLOCK]), ("v4.8", [], [CUT]), ("v4.9", [WRONG], [BLOCK])]
    assert durations(given) == ["4.7 1", "4.9 1"]
