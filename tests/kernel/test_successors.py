"""What took an op's place, and that real documents agree with it."""

import json
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from kbase.build.pipeline import build
from kbase.cli import main
from kbase.diff.changes import Change, ChangeKind
from kbase.diff.compare import diff
from kbase.errors import UnknownName
from kbase.kernel.successors import MOVES, SUCCESSIONS, Succession, former_names, moved_to, renames, successor
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.states import VersionState
from kbase.model.versions import version_key
from kbase.pages.ops import op_page


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


def test_a_name_that_went_to_another_op_is_no_successor() -> None:
    found = successor("inode_operations", "check_acl", {"get_acl"})
    assert found
    assert (found.new, found.since) == ("get_acl", "3.1")
    found = successor("inode_operations", "check_acl", {"get_acl", "get_inode_acl"})
    assert found
    assert (found.new, found.since) == ("get_inode_acl", "6.2")
    assert not found.renamed  # only its successor was renamed


EARLIER = {("readv", "aio_read"), ("writev", "aio_write"), ("sendfile", "splice_read"), ("rename2", "rename")}
Headers = dict[str, dict[str, set[str]]]  # version -> ops table -> ops


@pytest.fixture(scope="module")
def headers(shared: Path) -> Headers:
    """The ops of the headers of every kernel, oldest first."""
    files = sorted((shared / "kernels").glob("*/headers.json"), key=lambda file: version_key(file.parent.name))
    facts = {file.parent.name: json.loads(file.read_bytes()) for file in files}
    return {label: {struct: set(table["ops"]) for struct, table in each.items()} for label, each in facts.items()}


@pytest.mark.parametrize("succession", SUCCESSIONS, ids=lambda s: f"{s.old}-{s.new}")
def test_headers_agree_with_the_release(headers: Headers, succession: Succession) -> None:
    """The new op is there from that release on, before only with a task of its own; the old one ends."""
    tables = {label: ops[succession.struct] for label, ops in headers.items() if succession.struct in ops}
    before = [label for label in tables if not at_least(label, succession.since)]
    after = [label for label in tables if at_least(label, succession.since)]
    new = [label for label in tables if succession.new in tables[label]]
    old = [label for label in tables if succession.old in tables[label]]
    assert after[0] in new
    assert (succession.old, succession.new) in EARLIER or not {*before} & {*new}
    if succession.renamed and succession.old != "get_acl":  # whose name another op has since
        assert old[-1] == before[-1] if before else not old
    assert any(label not in old for label in after) or succession.old == "get_acl"


def at_least(label: str, release: str) -> bool:
    return version_key(label) >= version_key(f"v{release}")


@pytest.mark.parametrize("place", MOVES, ids=".".join)
def test_headers_agree_with_a_move(headers: Headers, place: tuple[str, str]) -> None:
    """The first release with the op in the new table is the one that a message names."""
    (old, op), (new, _) = place, MOVES[place]
    moved = moved_to(old, op)
    assert moved
    assert moved[0] == f"{new}.{op}"
    had = [label for label, ops in headers.items() if op in ops.get(old, ())]
    has = [label for label, ops in headers.items() if op in ops.get(new, ())]
    assert at_least(has[0], moved[1])
    assert not at_least(had[-1], moved[1])
    assert list(headers).index(has[0]) == list(headers).index(had[-1]) + 1


OpChanges = set[tuple[str, str | None, str | None, bool]]


def op_changes(changes: tuple[Change, ...]) -> OpChanges:
    return {(c.kind.value, c.before, c.after, c.likely) for c in changes if c.kind.startswith("op-")}


def test_an_op_that_another_one_replaced_is_not_renamed(
    read_version: Callable[..., VersionState], write_document: Callable[..., dict[str, str]]
) -> None:
    old, new = "int (*check_acl)(struct inode *, int);", "int (*get_acl)(struct inode *, int);"
    states = [read_version(label, write_document("vfs", line)) for label, line in (("v3.0", old), ("v3.1", new))]
    for pair in (states, states[::-1]):
        assert {kind for kind, *_ in op_changes(diff(*pair))} == {"op-removed", "op-added"}
    (gone,) = [change for change in diff(*states) if change.kind is ChangeKind.OP_REMOVED]
    assert gone.reason.endswith("get_acl replaces it since 3.1")


def test_both_quota_ops_are_renamed(
    read_version: Callable[..., VersionState], write_document: Callable[..., dict[str, str]]
) -> None:
    old = [
        "int (*alloc_block)(const struct inode *, unsigned long, char);",
        "void (*free_block)(const struct inode *, unsigned long);",
    ]
    new = ["int (*alloc_space)(struct inode *, qsize_t, int);", "int (*free_space)(struct inode *, qsize_t);"]
    states = [
        read_version(label, write_document("locking", dquot_operations=lines))
        for label, lines in (("v2.4.0", old), ("v2.6.12", new))
    ]
    assert op_changes(diff(*states)) == {
        ("op-renamed", "alloc_block", "alloc_space", False),
        ("op-renamed", "free_block", "free_space", False),
    }


def test_fallocate_moved_to_the_file(
    read_version: Callable[..., VersionState], write_document: Callable[..., dict[str, str]]
) -> None:
    table = {"inode_operations": "struct inode *", "file_operations": "struct file *"}
    states = []
    for label, where in (("v2.6.37", "inode_operations"), ("v2.6.38", "file_operations")):
        lines = {struct: ["int (*open)(struct inode *, int);"] for struct in table}
        lines[where] = [*lines[where], f"long (*fallocate)({table[where]}, int mode, loff_t offset, loff_t len);"]
        states.append(read_version(label, write_document("locking", **lines)))
    names = ("inode_operations.fallocate", "file_operations.fallocate")
    assert op_changes(diff(*states)) == {("op-moved", *names, False)}
    assert op_changes(diff(*reversed(states))) == {("op-moved", *reversed(names), False)}
    assert [c.before for c in diff(*states) if c.kind is ChangeKind.PARAMETER_RETYPED] == ["struct inode *"]


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
                assert f"; {succession.new} replaces it since {succession.since}" in change.reason


def _ops(state: VersionState, struct: str) -> set[str]:
    return set(state.by_name[struct].by_name) if struct in state.by_name else set()


def test_an_op_whose_successor_is_known_is_not_guessed_to_be_another(
    read_version: Callable[..., VersionState], write_document: Callable[..., dict[str, str]]
) -> None:
    lines = [
        "int (*poll)(struct file *);",
        "int (*ioctl)(struct file *, unsigned int);",
        "int (*compat_ioctl)(struct file *, unsigned int);",
        "int (*unlocked_ioctl)(struct file *, unsigned int);",
        "int (*mmap)(struct file *);",
    ]
    old, new = [lines[0], lines[1], lines[4]], [lines[0], *lines[2:]]
    states = [
        read_version(label, write_document("vfs", file_operations=each))
        for label, each in (("v2.6.12", old), ("v4.19", new))
    ]
    added = {("op-added", None, line.rstrip(";"), False) for line in lines[2:4]}
    assert op_changes(diff(*states)) == {("op-removed", lines[1].rstrip(";"), None, False), *added}
    assert not [change for change in diff(*states[::-1]) if change.kind is ChangeKind.OP_RENAMED]


@pytest.fixture
def grow(tmp_path: Path, write_document: Callable[..., dict[str, str]]) -> Callable[..., Path]:
    """A database of versions, each with the ops tables of a Locking document."""

    def grown(**versions: dict[str, list[str]]) -> Path:
        sources = []
        for label, tables in versions.items():
            file = tmp_path / label / "locking.rst"
            file.parent.mkdir()
            file.write_text("".join(write_document("locking", **tables).values()))
            sources.append(f"{label.replace('_', '.')}={file}")
        build(tmp_path / "db", sources, corpus=tmp_path / "corpus")
        return tmp_path / "db"

    return grown


CREATE = "int (*create)(struct inode *);"


def test_an_op_that_moved_to_another_table_is_told_as_what_it_became(grow: Callable[..., Path]) -> None:
    declaration = "long (*fallocate)(struct {} *, int, loff_t, loff_t);"
    old = {"inode_operations": [CREATE, declaration.format("inode")]}
    new = {"inode_operations": [CREATE], "file_operations": [declaration.format("file")]}
    with closing(KnowledgeBase.open(grow(v2_6_37=old, v2_6_38=new))) as kb:
        page = op_page(kb, "v2.6.37", "inode_operations", "fallocate")
        assert page.removal
        assert page.removal.successor
        told = f"removed {page.removal.when}: {page.removal.successor.text} {page.removal.relation}"
        assert told == "removed in 2.6.38 (v2.6.37..v2.6.38): file_operations.fallocate is what it became"
        with pytest.raises(UnknownName, match=r"it is file_operations\.fallocate since 2\.6\.38"):
            kb.op("v2.6.38", "inode_operations", "fallocate")


def test_what_is_only_likely_is_called_so_once(grow: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    pages = {"inode_operations": [CREATE, "int (*sow_page)(struct page *, struct barn *);"]}
    folios = {"inode_operations": [CREATE, "int (*sow_folio)(struct folio *, struct barn *);"]}
    db = grow(v5_15=pages, v6_4=folios)
    for command, word in (("history", "became"), ("show", "removed")):
        with pytest.raises(SystemExit) as done:
            main([command, "inode_operations.sow_page", "--db", str(db)])
        assert done.value.code == 0
        (line,) = [line for line in capsys.readouterr().out.splitlines() if word in line]
        assert line.count("likely") == 1
    assert line.endswith("inode_operations.sow_folio is likely what it became")
