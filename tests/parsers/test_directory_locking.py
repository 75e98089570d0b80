from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbase.model.records import Evidence, Section, Steps
from kbase.model.witnesses import DocumentKind
from kbase.parsers import directory_locking
from kbase.text.lines import decode, split_lines

PROSE = """Locks are of two kinds.

\tThere are classes:

1) looking.  Locking rules: caller locks the tree we look at.
The lock is taken shared.

2) planting.  Locking rules: same as above, but
it is taken exclusive.

3) felling.  Locking rules: caller locks the ground, finds the tree,
locks it and calls the method.  Locks are exclusive.

4) rename() that is _not_ far.  The hardest.  Locking
rules:
\t* lock the ground
\t* find both trees
\t  and their names
\t* call the method.
All locks are exclusive.

The rest is proof:

1. first of all, no rules here.
"""
STARRED = """Title
=====

1. looking.  Locking rules:

\t* lock the tree (shared)

2. felling.  Locking rules:

\t* lock the ground (exclusive)
\t* find the tree

The rules above suffice.
"""


def read(text: str) -> list[Steps]:
    parsed = directory_locking.parse("directory-locking", split_lines(text), "blob")
    return [record for record in parsed.records if isinstance(record, Steps)]


def test_classes_told_in_prose_and_by_stars() -> None:
    assert {steps.subject: steps.steps for steps in read(PROSE)} == {
        "looking": ("caller locks the tree we look at", "The lock is taken shared"),
        "planting": ("caller locks the tree we look at", "it is taken exclusive"),
        "felling": ("caller locks the ground", "finds the tree", "locks it", "calls the method"),
        "rename() that is not far": (
            "lock the ground",
            "find both trees and their names",
            "call the method",
        ),
    }


def test_what_stands_behind_the_call_is_a_remark() -> None:
    assert [steps.remarks for steps in read(PROSE)] == [
        (),
        (),
        ("Locks are exclusive",),
        ("All locks are exclusive",),
    ]


def test_classes_with_a_list_each() -> None:
    assert {steps.subject: steps.steps for steps in read(STARRED)} == {
        "looking": ("lock the tree (shared)",),
        "felling": ("lock the ground (exclusive)", "find the tree"),
    }


def test_evidence_covers_what_is_meant_by_same_as_above() -> None:
    assert [steps.evidence for steps in read(PROSE)] == [
        Evidence(blob="blob", first=5, last=6),
        Evidence(blob="blob", first=5, last=9),
        Evidence(blob="blob", first=11, last=12),
        Evidence(blob="blob", first=14, last=20),
    ]


def test_all_other_lines_are_sections() -> None:
    parsed = directory_locking.parse("directory-locking.rst", split_lines(STARRED), "blob")
    assert (parsed.kind, parsed.title) == (DocumentKind.DIRECTORY_LOCKING, "Title")
    sections = [record for record in parsed.records if isinstance(record, Section)]
    assert sections[-1].text == "The rules above suffice."


def test_matches_by_name_or_by_classes() -> None:
    text = split_lines(PROSE)
    assert directory_locking.matches("Documentation/filesystems/directory-locking", text)
    assert directory_locking.matches("directory-locking.rst", text)
    assert directory_locking.matches("saved.txt", text)
    assert not directory_locking.matches("saved.txt", split_lines("1) widgets. Locking rules: none.\n"))


@pytest.mark.parametrize(
    "version", ["v2.6.12", "v2.6.27", "v3.10.64", "v4.14.194", "v5.4", "v5.15.55", "v6.4.6", "v6.8.1"]
)
def test_every_era_has_six_classes(shared: Path, version: str) -> None:
    path = next((shared / "corpus/linux" / version / "Documentation/filesystems").glob("directory-locking*"))
    text = split_lines(decode(path.read_bytes()))
    found = read("\n".join(line.raw for line in text.lines))
    assert {steps.subject.replace("rename()", "rename") for steps in found} == {
        "read access",
        "object creation",
        "object removal",
        "rename that is not cross-directory",
        "link creation",
        "cross-directory rename",
    }
    last = max(found, key=lambda steps: steps.evidence.first)
    assert last.subject == "cross-directory rename"
    assert last.steps[0] == "lock the filesystem"
    assert len(last.steps) >= 7
    assert not any("above" in step and "obviously" in step for steps in found for step in steps.steps)


PIECES = st.sampled_from(
    ["1) a.  Locking rules: caller locks b,", "2. c. Locking", "rules:", "\t* d", "e", "", "* same as above"]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, max_size=30))
def test_no_lines_raise_or_are_lost(raws: list[str]) -> None:
    text = split_lines("\n".join(raws))
    claimed = set[int]()
    for record in directory_locking.parse("directory-locking", text, "b").records:
        claimed.update(range(record.evidence.first, record.evidence.last + 1))
    assert {line.number for line in text.lines if not line.blank} <= claimed
