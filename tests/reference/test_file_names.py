"""Names as names of files and of C namespaces: no two names have one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbase.model.versions import parse_version
from kbase.reference.file_names import TAKEN, file_names
from kbase.sphinx.rst import namespace

NAMES = st.lists(st.text(max_size=120) | st.from_regex(r"\A[a-cA-C+.\- ]{1,4}\Z"), max_size=12, unique=True)
LABELS = (
    *("v6.8-rc1", "v6.8.rc1", "v6.8+rc1", "v6.8-rc1+a", "v6.8-rc1-a", "v6.8-rc1.a", "v6.8-rc1-A", "v6.8"),
    *("aufs5.4", "aufs5.4-x", "aufs5.4.x", "aufs5.4+x", "aufs5.4-X", "aufs5.4-x~", "aufs5.4-x_", "aufs5-4"),
)


@given(NAMES)
def test_no_two_names_have_one_file(names: list[str]) -> None:
    files = file_names(names, TAKEN)
    assert files.keys() == {*names}
    assert len({file.casefold() for file in files.values()} | {*TAKEN}) == len(names) + len(TAKEN)
    for file in files.values():
        assert re.fullmatch(r"\w([\w.-]*\w)?", file, re.ASCII)
        assert len(file) <= 100
        assert not file.endswith(".rst")


@pytest.mark.parametrize("name", ["inode_operations.rename", "v6.8-rc1", "v5.4..v6.8", "i_rwsem", "aufs5.4"])
def test_a_name_that_can_be_a_file_is_one(name: str) -> None:
    assert file_names([name, f"{name}+", f"<{name}>"])[name] == name


def test_a_file_made_for_one_name_is_not_the_name_of_another() -> None:
    (made,) = file_names(["a+b"]).values()
    assert len({*file_names(["a+b", made, made.upper()]).values()}) == 3


def test_the_file_of_an_odd_name_does_not_depend_on_others() -> None:
    assert file_names(["a+b", "a-b", "a b", "a"])["a+b"] == file_names(["a+b"])["a+b"]


def test_no_two_versions_have_one_namespace() -> None:
    labels = {parse_version(label).label for label in LABELS}
    assert len({namespace(label) for label in labels}) == len(labels) == len(LABELS)
    assert all(re.fullmatch(r"[a-z]\w*", namespace(label), re.ASCII) for label in labels)
    assert namespace("v6.8-rc1") == "v6_8_rc1"
