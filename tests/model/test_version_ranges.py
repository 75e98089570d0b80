"""Versions in queries: single ones, ranges, open ends, families."""

import pytest

from kbase.errors import UsageError
from kbase.model.available_versions import Available
from kbase.model.version_ranges import versions_of

LABELS = ("aufs5.4", "aufs5.15", "v2.6.12", "v5.4", "v5.15.55", "v6.4.6", "v6.12.1")
AVAILABLE = Available(dict.fromkeys(LABELS, ()), LABELS)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("v5.4", ["v5.4"]),
        ("5.4", ["v5.4"]),
        ("v5.15", ["v5.15.55"]),
        ("v5", ["v5.4", "v5.15.55"]),
        ("aufs5", ["aufs5.4", "aufs5.15"]),
        ("latest", ["v6.12.1"]),
        ("v5.4..v6.4.6", ["v5.4", "v5.15.55", "v6.4.6"]),
        ("v5.5..v6.9", ["v5.15.55", "v6.4.6"]),
        ("..v5.4", ["v2.6.12", "v5.4"]),
        ("v6.4..", ["v6.4.6", "v6.12.1"]),
        ("v6.4.6..latest", ["v6.4.6", "v6.12.1"]),
        ("latest..", ["v6.12.1"]),
        ("..", ["v2.6.12", "v5.4", "v5.15.55", "v6.4.6", "v6.12.1"]),
        ("aufs5.4..aufs5.15", ["aufs5.4", "aufs5.15"]),
    ],
)
def test_what_is_meant(value: str, expected: list[str]) -> None:
    assert versions_of(value, AVAILABLE) == expected


@pytest.mark.parametrize("value", ["v7", "v6.5..v6.11", "v6.4.6..v5.4", "rename", "v5.4..rename", "v5.4...v6"])
def test_what_is_not_available_or_no_version(value: str) -> None:
    with pytest.raises(UsageError):
        versions_of(value, AVAILABLE)


def test_nothing_is_available() -> None:
    for value in ("latest", "latest..", "v5.4", ".."):
        with pytest.raises(UsageError):
            versions_of(value, Available({}, ()))
