"""Releases: what a version belongs to, what stands for a release, and what comes next."""

from collections.abc import Collection

import pytest

from kbase.model.releases import follows, is_stable, release_of, release_ranges, releases, vendor_suffix
from kbase.model.witnesses import DocumentKind

LOCKING, VFS, PORTING = DocumentKind.LOCKING, DocumentKind.VFS, DocumentKind.PORTING
ALL = (LOCKING, VFS, PORTING)


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("v6.4.6", "v6.4"),
        ("v6.4-rc3", "v6.4"),
        ("v6.12-250.el10", "v6.12"),
        ("v6.1.192", "v6.1"),
        ("v6.10", "v6.10"),
        ("v2.6.27.4", "v2.6.27"),
        ("v2.4.0", "v2.4.0"),
        ("aufs5.4.1", "aufs5.4.1"),
    ],
)
def test_a_version_belongs_to_one_release(version: str, release: str) -> None:
    assert release_of(version) == release


@pytest.mark.parametrize(
    ("available", "standing"),
    [
        ({"v6.4.6": ALL, "v6.4.1": ALL}, "v6.4.1"),
        ({"v6.4.6": ALL, "v6.4.1": (VFS,)}, "v6.4.6"),
        ({"v6.4-rc3": ALL, "v6.4.6": (VFS,)}, "v6.4.6"),
        ({"v6.4-rc3": ALL, "v6.4.6": (DocumentKind.DESIGN_NOTE,)}, "v6.4-rc3"),
        ({"v6.4-rc3": ALL, "v6.4-rc1": ALL}, "v6.4-rc1"),
        ({"v6.4-9.el9": ALL, "v6.4.6": (VFS,)}, "v6.4.6"),
    ],
)
def test_one_version_stands_for_a_release(available: dict[str, Collection[DocumentKind]], standing: str) -> None:
    (release,) = releases(available)
    assert (release.label, release.representative) == ("v6.4", standing)
    assert {release.representative, *release.branch} == set(available)


def test_releases_are_in_order_family_by_family() -> None:
    names = ("v6.10", "v6.1.192", "aufs5.4", "v6.2", "v2.6.27.4", "v2.6.9", "v6.1")
    found = releases(dict.fromkeys(names, ALL))
    assert [release.label for release in found] == ["aufs5.4", "v2.6.9", "v2.6.27", "v6.1", "v6.2", "v6.10"]
    assert found[3].versions == ("v6.1", "v6.1.192")


@pytest.mark.parametrize(
    ("older", "newer", "answer"),
    [
        ("v6.3.8", "v6.4.6", True),
        ("v6.3.8", "v6.4-rc1", True),
        ("v5.19", "v6.0.1", True),
        ("v2.6.39", "v3.0", True),
        ("v2.6.12", "v2.6.13.4", True),
        ("v6.1", "v6.10", False),
        ("v6.4", "v6.4.6", False),
        ("v5.18", "v6.0", False),
        ("v2.6.12", "v2.6.27", False),
        ("anything", "v6.8", False),
        ("v6.3", "v6.5", False),
        ("v6.3-rc7", "v6.4", False),
        ("v6.3", "v6.4-1.el9", False),
        ("aufs5.3", "aufs5.4", False),
    ],
)
def test_a_date_is_exact_where_the_release_before_is_available(older: str, newer: str, answer: bool) -> None:
    assert follows(older, newer) is answer


def test_a_label_with_a_suffix_is_a_vendors() -> None:
    vendors = {"v6.12-250.el10": "-250.el10", "v6.1-13-amd64": "-13-amd64", "v2.6.32-754.el6": "-754.el6"}
    assert {label: vendor_suffix(label) for label in vendors} == vendors
    assert not any(map(vendor_suffix, ("v6.12", "v6.1.192", "v6.1-rc3", "v2.4.0", "aufs5.4-x1", "no version", "")))


def test_a_stable_version_is_neither_a_release_nor_its_candidate() -> None:
    labels = ("v6.1", "v6.1.192", "v6.1-rc3", "v2.6.27", "v2.6.27.4", "v2.4.0", "v6.12-250.el10", "aufs5.4.1")
    assert [label for label in labels if is_stable(label)] == ["v6.1.192", "v2.6.27.4", "v6.12-250.el10"]


LINE = ("aufs5.4", "v2.6.12", "v4.13.4", "v4.14.5", "v4.15", "v5.4", "v6.0", "v6.1.192", "v6.2", "v6.4.6", "v6.5-rc5")


@pytest.mark.parametrize(
    ("labels", "ranges"),
    [
        ((), ()),
        (("v2.6.12",), ("2.6.12",)),
        (("v6.4.6",), ("6.4",)),
        (("v4.15", "v4.13.4", "v4.14.5"), ("4.13 to 4.15",)),
        (("v4.13.4", "v4.14.5", "v4.14.194", "v4.15"), ("4.13 to 4.15",)),
        (("v2.6.12", "v4.15"), ("2.6.12", "4.15")),
        (("v6.2", "v6.4.6", "v6.5-rc5"), ("6.2 to 6.5-rc5",)),
        (("v4.14.194",), ("4.14.194",)),
        (("v6.1.192", "v6.4.6"), ("6.1.192", "6.4")),
        (("v5.4", "v6.0", "v6.2"), ("5.4 to 6.2",)),
        (("aufs5.4", "v5.4", "v6.0"), ("aufs5.4", "5.4 to 6.0")),
        (("v4.13.4", "v4.19", "v4.14.5"), ("4.13 to 4.14", "4.19")),
    ],
)
def test_versions_as_ranges_of_releases(labels: tuple[str, ...], ranges: tuple[str, ...]) -> None:
    assert release_ranges(labels, LINE) == ranges
