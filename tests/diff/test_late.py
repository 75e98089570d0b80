"""An op that a document drops after the kernel removed it is no breaking change."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kbase.build.pipeline import build
from kbase.diff.changes import Change
from kbase.diff.compare import diff
from kbase.diff.late_documents import functions_gone_in, gone_in
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.states import VersionState
from kbase.pages.history import about
from tests.diff.histories import history

VFS = (
    "\tstruct super_operations {{\n\t\tvoid (*count)(struct super_block *);\n\t\tvoid (*{op})(struct inode *);\n\t}};\n"
)
TITLE = "Overview of the VFS\n===================\n\n"
HEAD = f"{TITLE}struct super_operations\n-----------------------\n\n.. code-block:: c\n\n"
GONE = "---\n\n**mandatory**\n\n->toss_inode() and ->drown_inode() are gone; use ->shed_inode().\n"
Read = Callable[..., VersionState]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("->toss_inode() is gone; use ->shed_inode().", {"toss_inode"}),
        ("->a() and ->b() are gone.", {"a", "b"}),
        ("c(), .d and ->e have been removed", {"c", "d", "e"}),
        ("The ->f() method was dropped", {"f"}),
        ("->i() no longer exists: call j()", {"i"}),
        ("->k() replaces ->l() and m(), which are removed.", {"l", "m"}),
        ("the lock is gone while ->g() runs", set()),
        ("->h() is called when the inode is gone", set()),
    ],
)
def test_what_an_entry_says_is_gone(text: str, names: set[str]) -> None:
    assert gone_in(text) == names


def test_a_function_needs_no_parentheses() -> None:
    text = "toss no longer exists; drown() is gone, and so is ->shed(). The inode was drained."
    assert functions_gone_in(text) == {"toss", "drown"}


def version(read_version: Read, label: str, op: str, log: str = "") -> VersionState:
    documents = {"Documentation/filesystems/vfs.rst": HEAD + VFS.format(op=op)}
    return read_version(label, documents | ({"Documentation/filesystems/porting.rst": log} if log else {}))


def removals(changes: tuple[Change, ...]) -> list[tuple[str, str, bool]]:
    return [
        (c.kind.value, c.severity.value, "removed from the kernel before, according to v9.1 porting.rst:3" in c.reason)
        for c in changes
        if c.kind in ("op-removed", "op-renamed")
    ]


def test_a_late_document_breaks_nothing(read_version: Read) -> None:
    old, new = version(read_version, "v9.1", "toss_inode", GONE), version(read_version, "v9.2", "count_more", GONE)
    assert removals(diff(old, new)) == [("op-removed", "documentation", True)]
    life = history([old, new], "super_operations", "toss_inode")
    reason = "removed from the kernel before, according to v9.1 porting.rst:3"
    assert about(life).endswith(f"in 9.2 (v9.1..v9.2); {reason}.")
    assert [c.severity.value for event in life.events for c in event.changes] == ["documentation"]


def test_what_goes_with_the_kernel_breaks(read_version: Read) -> None:
    new = version(read_version, "v9.2", "count_more", GONE)
    for old in (
        version(read_version, "v9.1", "toss_inode"),
        version(read_version, "v9.1", "toss_inode", "---\n\n**mandatory**\n\nMore.\n"),
    ):
        assert removals(diff(old, new)) == [("op-removed", "breaking", False)]
        assert history([old, new], "super_operations", "toss_inode").spans[-1].late == ""


@pytest.mark.parametrize(("label", "severity"), [("v5.17", "breaking"), ("v5.19.3", "documentation")])
def test_a_late_rename_breaks_nothing(read_version: Read, label: str, severity: str) -> None:
    table = "struct address_space_operations"
    documents = [
        {"Documentation/filesystems/vfs.rst": (HEAD + VFS).replace("struct super_operations", table).format(op=op)}
        for op in ("readpage", "read_folio")
    ]
    old, new = read_version(label, documents[0]), read_version("v6.4", documents[1])
    assert [(c.kind.value, c.severity.value) for c in diff(old, new)] == [("op-renamed", severity)]


@pytest.fixture(scope="module")
def lag(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder, db = shared / "cases" / "lag", tmp_path_factory.mktemp("lag") / "db"
    build(db, [f"v9.{n}={folder / f'linux-9.{n}'}" for n in (1, 2)], corpus=db / "none")
    with closing(KnowledgeBase.open(db)) as kb:
        yield kb


def test_the_case_of_two_versions(lag: KnowledgeBase) -> None:
    assert [c for c in lag.diff("v9.1", "v9.2") if c.severity == "breaking"] == []


def test_the_real_documents_that_lag(shared: Path, read_version: Read) -> None:
    states = []
    for label in ("v6.3.8", "v6.4.6"):
        folder = shared / "kernels" / label / "Documentation/filesystems"
        files = {f"Documentation/filesystems/{n}": (folder / n).read_text() for n in ("vfs.rst", "porting.rst")}
        states.append(read_version(label, files))
    gone = {c.path: c.severity.value for c in diff(*states) if c.kind == "op-removed"}
    assert gone["super_operations.clear_inode"] == gone["super_operations.delete_inode"] == "documentation"
