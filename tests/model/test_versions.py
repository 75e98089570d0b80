"""Version labels: what is one, how they are ordered, how several are told as ranges."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbase.errors import UsageError
from kbase.model.versions import Version, is_version, parse_version, version_key

VERSIONS = st.builds(
    Version,
    st.sampled_from(["linux", "aufs"]),
    st.lists(st.integers(0, 40), min_size=1, max_size=4).map(tuple),
    st.none() | st.integers(0, 9),
    st.sampled_from(["", "-13-amd64", "+deb12u1"]),
)


@pytest.mark.parametrize(
    ("label", "canonical"),
    [
        ("v6.4.6", "v6.4.6"),
        ("6.4.6", "v6.4.6"),
        (" v6.8.0\n", "v6.8"),
        ("v2.6.0", "v2.6.0"),
        ("linux-5.4", "v5.4"),
        ("linux-source-6.12", "v6.12"),
        ("2.6.12-rc2", "v2.6.12-rc2"),
        ("v6.1rc3", "v6.1-rc3"),
        ("6.1.0-13-amd64", "v6.1-13-amd64"),
        ("aufs5.4", "aufs5.4"),
        ("Aufs-5.4", "aufs5.4"),
    ],
)
def test_a_label_has_one_canonical_form(label: str, canonical: str) -> None:
    assert parse_version(label).label == str(parse_version(label)) == canonical
    assert parse_version(canonical).label == canonical


@pytest.mark.parametrize("label", ["", "v", "latest", "6.4/../x", "v5.4..v6.8", "v1..v2", "6.4 6.5", "v" + "1" * 90])
def test_what_is_no_label_is_told(label: str) -> None:
    assert not is_version(label)
    with pytest.raises(UsageError, match="not a version label"):
        parse_version(label)


@pytest.mark.parametrize(
    "label",
    ["v9999999999.1", "v6.12345678901", "v6.8-rc1234567890", "v06.8", "v6.08", "v6.8-rc01", "v00.1", "aufs05.4",
     "v\u0666.8", "v6.\u0668", "v6.8-rc\u0661", "v6.8-\u0661", "v6.8+\u202ex", "v\uff16.8", "v6.8\u00b2"],
)  # fmt: skip
def test_a_label_that_would_be_read_as_another_is_none(label: str) -> None:
    with pytest.raises(UsageError, match="not a version label"):
        parse_version(label)


@given(st.from_regex(r"\A(v|linux-|aufs-?|)\d{1,12}(\.\d{1,12}){0,3}(-?rc\d{1,12})?([-+.][\w.+~-]{1,9})?\Z"))
def test_no_digit_of_a_label_is_changed(label: str) -> None:
    """But that from 3.0 on a third number of 0 is left out."""
    if is_version(label):
        given, canonical = (re.findall(r"\d+", text) for text in (label, parse_version(label).label))
        assert canonical in (given, [*given[:2], *given[3:]] if given[2:3] == ["0"] else given)


def test_the_order_of_releases() -> None:
    ordered = ["v2.4.0", "v2.6.12-rc2", "v2.6.12", "v2.6.12.1", "v2.6.39", "v3.0-rc1", "v3.0", "v5.4", "v5.15.55"]
    assert sorted(set(ordered), key=version_key) == ordered
    assert sorted(["v6.8", "aufs6.9", "v5.4"], key=version_key) == ["aufs6.9", "v5.4", "v6.8"]


@given(st.lists(VERSIONS, min_size=2, max_size=6))
def test_the_order_is_total(versions: list[Version]) -> None:
    for older, newer in pairwise(sorted(versions)):
        assert (older < newer) + (older == newer) == 1
        assert not newer < older


@given(VERSIONS)
def test_a_label_is_read_as_the_version_that_wrote_it(version: Version) -> None:
    again = parse_version(version.label)
    assert again.label == parse_version(again.label).label
    assert again.key() == version.key()
