"""Commits behind changes, from the build of a git repository to what histories show."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kbase.build import pipeline
from kbase.build.pipeline import BuildReport, build
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.store import generations
from kbase.terminal.history import find_history, history_json, show_history
from kbase.terminal.printer import Printer
from kbase.web import create_app
from tests.git_repository import DOCUMENT, FS_H, LOCKING, Repository, small_kernel
from tests.web.page_trees import by_class, parsed, text_of

pytestmark = pytest.mark.slow
SUBJECT = "fs: <b>rename</b> takes flags"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Version 5.1 changes a prototype in two commits, and removes an op; the document follows for one of them."""
    made = small_kernel(tmp_path / "linux")
    made.change("fs: mkdir takes a mode", FS_H, "dentry *, int);\n\tint (*f", "dentry *, umode_t);\n\tint (*f")
    made.change("docs: mkdir takes a mode", LOCKING, "dentry *, int);\n\tint (*f", "dentry *, umode_t);\n\tint (*f")
    made.change(SUBJECT, FS_H, "inode *, struct dentry *);\n\tint (*m", "inode *, struct dentry *, int);\n\tint (*m")
    made.change("fs: flags are unsigned", FS_H, "dentry *, int);\n\tint (*m", "dentry *, unsigned int);\n\tint (*m")
    made.change("fs: remove readdir", FS_H, "\tint (*readdir) (struct file *, void *);\n", "", tag="v5.1")
    return made


def built(repository: Repository, db: Path, tags: str = "v5.*") -> BuildReport:
    return build(db, [str(repository.folder)], tags=tags, bundled=False)


@pytest.fixture
def db(repository: Repository, tmp_path: Path) -> Path:
    built(repository, tmp_path / "db")
    return tmp_path / "db"


@pytest.fixture
def kb(db: Path) -> Iterator[KnowledgeBase]:
    with closing(KnowledgeBase.open(db)) as opened:
        yield opened


def subjects(db: Path, op: str) -> list[list[str]]:
    """The subjects of the commits of each change in the history of an op."""
    with closing(KnowledgeBase.open(db)) as kb:
        changes = [change for event in history_json(find_history(kb, op))["events"] for change in event["changes"]]
    return [[commit["subject"] for commit in change["commits"]] for change in changes]


def test_each_change_names_the_commits_that_made_it(db: Path) -> None:
    assert subjects(db, "rename") == [["fs: flags are unsigned", SUBJECT]]
    assert subjects(db, "mkdir") == [["docs: mkdir takes a mode", "fs: mkdir takes a mode"]]
    assert subjects(db, "readdir") == [["fs: remove readdir"]]
    assert subjects(db, "follow_link") == []


def test_json_has_hash_date_subject_and_address(kb: KnowledgeBase, repository: Repository) -> None:
    name = repository.name("v5.1~2")
    (event,) = history_json(find_history(kb, "rename"))["events"]
    assert event["changes"][0]["commits"][1] == {
        "commit": name,
        "date": "2020-09-17",
        "subject": SUBJECT,
        "url": f"https://git.kernel.org/linus/{name}",
    }


def test_the_terminal_has_a_line_for_each(
    kb: KnowledgeBase, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    show_history(kb, find_history(kb, "readdir"), Printer())
    name = repository.name("v5.1")[:12]
    expected = f"    commit {name} 2020-09-19 fs: remove readdir  https://git.kernel.org/linus/{name}"
    assert expected in capsys.readouterr().out.splitlines()


def test_pages_show_them_and_take_no_markup_from_a_subject(kb: KnowledgeBase, db: Path, repository: Repository) -> None:
    client = create_app(db).test_client()
    name = repository.name("v5.1~2")
    for address in ("/history/inode_operations.rename/", "/diff/v5.0..v5.1/", "/diff/v5.0..v5.1/inode_operations/"):
        lines = by_class(parsed(client.get(address).text), "why")
        (line,) = (each for each in lines if SUBJECT in text_of(each))
        assert text_of(line) == f"commit {name[:12]} 2020-09-17 {SUBJECT} git.kernel.org"
        assert [link.get("href") for link in line.iter("a")] == [f"https://git.kernel.org/linus/{name}"]
    (event, _) = client.get("/api/v1/history/inode_operations.rename/").get_json()["events"]
    assert [commit["commit"] for commit in event["changes"][0]["commits"]] == [repository.name("v5.1~1"), name]
    assert event["changes"][0]["commits"][1]["subject"] == SUBJECT


def test_a_commit_that_is_a_document_links_to_its_page(repository: Repository, tmp_path: Path) -> None:
    db, page = tmp_path / "db", tmp_path / "show.txt"
    page.write_text(repository.git("show", "--format=medium", "v5.1"))
    build(db, [str(page)], bundled=False)
    built(repository, db)
    text = create_app(db).test_client().get("/history/file_operations.readdir/").text
    links = [link.get("href") for line in by_class(parsed(text), "why") for link in line.iter("a")]
    name = repository.name("v5.1")
    assert links[-2:] == [f"/commits/{name}/", f"https://git.kernel.org/linus/{name}"]


def test_stable_versions_lead_to_the_stable_tree_and_vendors_nowhere(repository: Repository, tmp_path: Path) -> None:
    repository.change("stable: mkdir", FS_H, "dentry *, umode_t);", "dentry *, unsigned);", tag="v5.1.7")
    repository.git("tag", "acme5.0", "v5.0")
    repository.git("tag", "acme5.1", "v5.1")
    built(repository, tmp_path / "db", "*5.*")
    with closing(KnowledgeBase.open(tmp_path / "db")) as kb:
        (branch,) = history_json(find_history(kb, "mkdir"))["branches"]
        (commit,) = branch["changes"][0]["commits"]
        assert commit["url"] == f"https://git.kernel.org/stable/c/{repository.name('v5.1.7')}"
        (event,) = history_json(kb.history("file_operations", "readdir", "acme"))["events"]
        (commit,) = event["changes"][0]["commits"]
        assert (commit["subject"], commit["url"]) == ("fs: remove readdir", None)


def test_a_version_that_is_no_ancestor_names_nothing(repository: Repository, tmp_path: Path) -> None:
    repository.git("checkout", "-q", "-b", "stable", "v5.0")
    repository.change("stable: rename", FS_H, "/* inodes */", "/* inode */", tag="v5.0.9")
    repository.git("tag", "-d", "v5.0")
    built(repository, tmp_path / "db")
    assert subjects(tmp_path / "db", "readdir") == [[]]


def test_what_another_source_states_names_nothing(repository: Repository, tmp_path: Path) -> None:
    tree = tmp_path / "v5.0"
    repository.git("worktree", "add", "-q", str(tree), "v5.0")
    build(tmp_path / "db", [f"v5.0={tree}"], bundled=False)
    built(repository, tmp_path / "db", "v5.1")
    assert subjects(tmp_path / "db", "readdir") == [[]]


def test_a_shallow_clone_has_no_commits(repository: Repository, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    repository.git("clone", "-q", "--depth=1", "--branch=v5.1", f"file://{repository.folder}", str(clone))
    repository.git("-C", str(clone), "fetch", "-q", "--depth=1", "origin", "refs/tags/v5.0:refs/tags/v5.0")
    report = build(tmp_path / "db", [str(clone)], tags="v5.*", bundled=False)
    assert (report.versions, report.warnings) == (2, ())
    assert subjects(tmp_path / "db", "readdir") == [[]]


def test_a_build_that_changes_nothing_writes_nothing(repository: Repository, db: Path) -> None:
    before = generations.current(db)
    assert not built(repository, db).changed
    assert not build(db).changed
    assert generations.current(db) == before


def test_a_moved_tag_is_looked_at_again(repository: Repository, db: Path) -> None:
    """Also where the documents at the tag are the same: the commit that is named has another hash."""
    repository.git("commit", "-q", "--amend", "-m", "fs: readdir is gone")
    repository.git("tag", "-f", "v5.1")
    assert built(repository, db).changed
    assert subjects(db, "readdir") == [["fs: readdir is gone"]]
    assert subjects(db, "rename") == [["fs: flags are unsigned", SUBJECT]]


def test_a_new_version_leaves_the_others_as_they_are(repository: Repository, db: Path) -> None:
    repository.change(
        "fs: remove follow_link", FS_H, "\tint (*follow_link) (struct dentry *, void *);\n", "", tag="v5.2"
    )
    assert built(repository, db).changed
    assert subjects(db, "follow_link") == [["fs: remove follow_link"]]
    assert subjects(db, "readdir") == [["fs: remove readdir"]]


@pytest.mark.parametrize("upgraded", [False, True])
def test_what_was_stored_stays_when_the_repository_is_gone(
    repository: Repository, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, upgraded: bool
) -> None:
    shutil.rmtree(repository.folder)
    note = tmp_path / "v4.0" / LOCKING
    note.parent.mkdir(parents=True)
    note.write_text(DOCUMENT)
    if upgraded:
        monkeypatch.setattr(pipeline, "_code", lambda names: f"new {names}")
    report = build(db, [str(tmp_path / "v4.0")], bundled=False)
    assert report.changed
    assert subjects(db, "readdir") == [["fs: remove readdir"]]
    assert not build(db).changed
    assert subjects(db, "mkdir")[0] == ["docs: mkdir takes a mode", "fs: mkdir takes a mode"]


def test_the_history_of_a_lock_names_them_too(repository: Repository, tmp_path: Path) -> None:
    repository.change("docs: rename holds nothing", LOCKING, "rename:\t\tyes", "rename:\t\tno", tag="v5.2")
    built(repository, tmp_path / "db")
    with closing(KnowledgeBase.open(tmp_path / "db")) as kb:
        (event,) = history_json(find_history(kb, "i_rwsem"))["events"]
    assert [commit["subject"] for commit in event["changes"][0]["commits"]] == ["docs: rename holds nothing"]
    assert json.dumps(event)
