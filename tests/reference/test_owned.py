"""A reference's folder that somebody else may have written into: what is executed or unpickled there is refused."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kbase.errors import UsageError
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.reference import write
from kbase.reference.ownership import write_file

OTHER = 12345  # a user
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")


@pytest.fixture(scope="module")
def built(kb: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reference as plain text."""
    folder = tmp_path_factory.mktemp("owned") / "out"
    write(kb, folder, versions=["v6.8"], builder="text", jobs=1)
    return folder


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "out"))


PICKLES = (".build/doctrees/index.doctree", ".build/doctrees/environment.pickle")
PARTS = ("", "source", "source/conf.py", ".build", ".build/doctrees", *PICKLES, ".build/text", "text", "text/index.txt")


def give_away(path: Path) -> None:
    os.chown(path, OTHER, OTHER)


def let_all_write(path: Path) -> None:
    path.chmod(path.stat().st_mode | 0o002)


def let_a_group_write(path: Path) -> None:
    os.chown(path, -1, OTHER)
    path.chmod(path.stat().st_mode | 0o020)


def link_elsewhere(path: Path) -> None:
    elsewhere = path.with_name("elsewhere")
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


CASES = [
    pytest.param(give_away, "belongs to another user", marks=as_root),
    pytest.param(let_a_group_write, "other users can write", marks=as_root),
    (let_all_write, "other users can write"),
    (link_elsewhere, "is a link"),
]


def assert_refused(kb: KnowledgeBase, out: Path, named: Path, said: str) -> None:
    before = {path: path.lstat().st_mtime_ns for path in out.rglob("*")}
    with pytest.raises(UsageError, match=said) as refused:
        write(kb, out, versions=["v6.8"], builder="text", jobs=1)
    assert refused.value.where == str(named)
    assert refused.value.advice
    assert {path: path.lstat().st_mtime_ns for path in out.rglob("*")} == before


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(("change", "said"), CASES)
def test_what_others_may_have_written_is_refused(
    kb: KnowledgeBase, copy: Path, part: str, change: Callable[[Path], None], said: str
) -> None:
    change(copy / part)
    if change is link_elsewhere and not part:
        return  # the user's own link to a folder of the user's own is where the user wants it
    assert_refused(kb, copy, copy / part, said)


@as_root
def test_the_link_of_another_user_is_refused(kb: KnowledgeBase, copy: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(copy)
    os.chown(link, OTHER, OTHER, follow_symlinks=False)
    assert_refused(kb, link, link, "belongs to another user")


def test_a_folder_that_all_can_exchange_is_refused(kb: KnowledgeBase, copy: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    assert_refused(kb, copy, tmp_path, "every user can exchange")
    tmp_path.chmod(0o1777)
    write(kb, copy, versions=["v6.8"], builder="text", jobs=1)


def test_files_are_written_in_the_place_of_links(kb: KnowledgeBase, copy: Path, tmp_path: Path) -> None:
    """One that was planted after the look, or by a program of the user's own."""
    mine = tmp_path / "mine"
    mine.write_text("mine")
    for name in ("index.txt", ".index.txt.new"):
        (copy / "text" / name).unlink(missing_ok=True)
        (copy / "text" / name).symlink_to(mine)
    write_file(copy / "text/index.txt", b"theirs")
    assert mine.read_text() == "mine"
    assert (copy / "text/index.txt").read_bytes() == b"theirs"
    assert not (copy / "text/index.txt").is_symlink()


@pytest.mark.parametrize(("umask", "builder"), [(0o000, "docset"), (0o002, "epub"), (0o077, "man")])
def test_what_kbase_writes_it_takes_again(db: Path, tmp_path: Path, umask: int, builder: str) -> None:
    command = [sys.executable, "-m", "kbase", "reference", str(tmp_path / "out"), "--db", str(db), "--jobs", "1"]
    for form in (builder, "text"):
        subprocess.run([*command, "--builder", form, "--version", "v6.8"], check=True, umask=umask)
    for path in (tmp_path / "out/source", tmp_path / "out/.build"):
        assert path.stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "out/text/index.txt").stat().st_mode & 0o777 == 0o644 & ~umask


def test_what_a_killed_build_left_is_not_taken_for_read(kb: KnowledgeBase, copy: Path) -> None:
    (copy / ".build/unfinished").touch()
    told: list[str] = []
    write(kb, copy, versions=["v6.8"], builder="text", jobs=1, progress=told.append)
    assert any("reading sources" in line for line in told)
    assert not (copy / ".build/unfinished").exists()
