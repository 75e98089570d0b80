"""What took an op's place, and that real documents agree with it."""

from itertools import pairwise

import pytest

from kbase.diff import Change, ChangeKind, diff
from kbase.state import VersionState
from kbase.successors import SUCCESSIONS, Succession, former_names, renames, successor


def test_former_names_are_newest_first() -> None:
    assert former_names("file_operations", "iterate_shared") == ("iterate", "readdir")
    assert former_names("file_system_type", "init_fs_context") == ("mount", "get_sb", "read_super")
    assert former_names("super_operations", "evict_inode") == ("delete_inode", "clear_inode")
    assert former_names("inode_operations", "create") == ()


def test_a_rename_is_known_both_ways() -> None:
    assert {("follow_link", "get_link"), ("get_link", "follow_link")} < renames("inode_operations")
    assert ("aio_read", "read_iter") not in renames("file_operations")


def test_the_first_successor_that_is_held() -> None:
    found = successor("file_operations", "readdir", {"iterate_shared", "mmap"})
    assert found
    assert (found.new, found.since) == ("iterate_shared", "4.7")
    assert successor("file_operations", "readdir", {"mmap"}) is None


def test_no_name_goes_to_two_ops_and_no_line_is_a_circle() -> None:
    olds = [(s.struct, s.old) for s in SUCCESSIONS]
    assert len(olds) == len(set(olds))
    assert all(s.old not in former_names(s.struct, s.old) for s in SUCCESSIONS)


Neighbours = list[tuple[VersionState, VersionState, tuple[Change, ...]]]


@pytest.fixture(scope="module")
def neighbours(kernels: dict[str, VersionState]) -> Neighbours:
    """Each two kernels that follow one another, with their diff."""
    return [(old, new, diff(old, new)) for old, new in pairwise(kernels.values())]


@pytest.mark.parametrize("succession", SUCCESSIONS, ids=lambda s: f"{s.old}-{s.new}")
def test_real_kernels_agree(neighbours: Neighbours, succession: Succession) -> None:
    """Where an op goes and its successor comes, the diff tells a rename; where it goes later, what took its place."""
    for old, new, changes in neighbours:
        before, after = (_ops(state, succession.struct) for state in (old, new))
        mine = [c for c in changes if c.struct == succession.struct]
        if succession.old not in before or succession.new not in after:
            continue
        names = f"{succession.struct}.{succession.old}", f"{succession.struct}.{succession.new}"
        renamed = names in {c.renamed for c in mine if c.kind is ChangeKind.OP_RENAMED}
        assert renamed == (succession.renamed and succession.new not in before)
        for change in mine:
            if change.kind is ChangeKind.OP_REMOVED and change.op == succession.old:
                assert change.reason.endswith(f"; {succession.new} does what it did, since {succession.since}")


def _ops(state: VersionState, struct: str) -> set[str]:
    return set(state.by_name[struct].by_name) if struct in state.by_name else set()
