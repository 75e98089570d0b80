"""The callers of ops: made of the code of trees and archives, stored, carried over, and not searched for twice."""

import tarfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from kbase.build import collect
from kbase.build.callers import callers_document, ops_of
from kbase.build.pipeline import build, remove
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.call_sites import LockCall, OpCall, Via
from kbase.sources import code as limits
from kbase.sources.readers import read
from kbase.sources.source import parse_source

HEADER = """
struct inode_operations {
	int (*rename)(struct inode *);
	int (*create)(struct inode *);
};
struct inode {
	const struct inode_operations *i_op;
};
"""
NAMEI = """
int vfs_rename(struct inode *inode)
{
	inode_lock(inode);
	return inode->i_op->rename(inode);
}
"""
FILES = {
    "Makefile": "VERSION = 9\nPATCHLEVEL = 1\n",
    "include/linux/fs.h": HEADER,
    "fs/namei.c": NAMEI,
    "fs/ext4/namei.c": NAMEI.replace("vfs_", "ext4_"),
    "drivers/barn.c": NAMEI.replace("vfs_", "barn_"),
}
RENAME = [("vfs_rename", "fs/namei.c", 5, Via.MEMBER)]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        file = tmp_path / "linux" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "linux"


@pytest.fixture
def scanned(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, bytes]]:
    """The code that was searched for callers, a kernel at a time."""
    found: list[Mapping[str, bytes]] = []

    def scan(code: Mapping[str, bytes], report: Callable[[int, str], None]) -> bytes:
        found.append(code)
        return callers_document(code, report)

    monkeypatch.setattr(collect, "callers_document", scan)
    return found


def callers(db: Path, op: str = "rename", version: str = "v9.1") -> tuple[OpCall, ...] | None:
    with closing(KnowledgeBase.open(db)) as kb:
        return kb.callers(version, "inode_operations", op)


def places(found: tuple[OpCall, ...] | None) -> list[tuple[str, str, int, Via]]:
    return [(each.function, each.path, each.line, each.via) for each in found or ()]


def packed(tree: Path, name: str = "linux-9.1") -> Path:
    archive = tree.parent / "linux.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tree, name)
    return archive


def test_a_tree_and_its_archive_have_the_same_callers(tree: Path, tmp_path: Path) -> None:
    for number, source in enumerate((tree, packed(tree))):
        build(tmp_path / f"db{number}", [str(source)], corpus=tmp_path / "none")
        found = callers(tmp_path / f"db{number}")
        assert places(found) == RENAME
        assert found
        assert found[0].text == "return inode->i_op->rename(inode);"
        assert found[0].locks == (LockCall(line=4, name="inode_lock", argument="inode", text="inode_lock(inode);"),)
        assert callers(tmp_path / f"db{number}", "create") == ()


def test_a_tree_without_code_and_a_version_of_documents_have_no_callers(tree: Path, tmp_path: Path) -> None:
    (tree / "fs/namei.c").unlink()
    build(tmp_path / "db", [str(tree)], corpus=tmp_path / "none")
    assert callers(tmp_path / "db") is None


def test_unchanged_code_is_not_searched_again(tree: Path, tmp_path: Path, scanned: list[Mapping[str, bytes]]) -> None:
    db = tmp_path / "db"
    build(db, [str(tree)], corpus=tmp_path / "none")
    (code,) = scanned
    assert sorted(code) == ["fs/namei.c", "include/linux/fs.h"]
    assert not build(db, corpus=tmp_path / "none").changed
    build(db, [f"v9.2={packed(tree)}"], corpus=tmp_path / "none")
    assert len(scanned) == 1
    assert places(callers(db, version="v9.2")) == RENAME
    (tree / "fs/namei.c").write_text(f"\n{NAMEI}")
    build(db, [str(tree)], corpus=tmp_path / "none")
    assert len(scanned) == 2
    assert places(callers(db)) == [("vfs_rename", "fs/namei.c", 6, Via.MEMBER)]
    assert places(callers(db, version="v9.2")) == RENAME
    remove(db, "v9.2", corpus=tmp_path / "none")
    assert len(scanned) == 2


def test_progress_is_reported(tree: Path, tmp_path: Path) -> None:
    said: list[str] = []
    build(tmp_path / "db", [str(tree)], corpus=tmp_path / "none", progress=lambda *step: said.append(step[3]))
    assert "callers in fs/namei.c" in said


def test_nothing_is_searched_where_no_callers_are_wanted(tree: Path) -> None:
    for source in (tree, packed(tree)):
        assert [raw.path for raw in read(parse_source(str(source)))] == ["include/linux/fs.h"]


def test_links_are_not_followed(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.c").write_text(NAMEI)
    (tree / "fs/open.c").symlink_to(tmp_path / "outside.c")
    (tree / "mm").symlink_to(tree / "fs")
    build(tmp_path / "db", [str(tree)], corpus=tmp_path / "none")
    assert places(callers(tmp_path / "db")) == RENAME


def test_large_code_is_reported_and_left_out(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_FILE", 1000)
    (tree / "fs/open.c").write_text(NAMEI + "/*" + "x" * 1000 + "*/")
    report = build(tmp_path / "db1", [str(tree)], corpus=tmp_path / "none")
    assert any("fs/open.c: larger than" in warning for warning in report.warnings)
    assert places(callers(tmp_path / "db1")) == RENAME
    monkeypatch.setattr(limits, "MAX_CODE", 100)
    report = build(tmp_path / "db2", [str(tree)], corpus=tmp_path / "none")
    assert any("of code, not searched for callers" in warning for warning in report.warnings)
    assert callers(tmp_path / "db2") is None


def test_the_ops_are_those_of_the_headers() -> None:
    code = {"include/linux/fs.h": HEADER.encode(), "fs/namei.c": HEADER.replace("rename", "spawn").encode()}
    assert ops_of(code) == {"inode_operations": {"rename", "create"}}
