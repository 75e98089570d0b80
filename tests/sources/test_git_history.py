"""The history of a repository: what it has, what it lacks, and that nothing of it is run."""

import subprocess
from pathlib import Path

import pytest

from kbase.errors import SourceError
from kbase.model.git_commits import GitCommit
from kbase.sources import git_history
from kbase.sources.git_history import FileHistory, GitHistory
from kbase.sources.git_patches import FileDiff, Hunk
from tests.git_repository import FS_H, LOCKING, Repository, small_kernel


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return small_kernel(tmp_path / "linux")


def between(repository: Repository, old: str, new: str, *paths: str, of: Path | None = None) -> FileHistory | None:
    """What is between two refs of a repository, as it is read from there or from a copy `of` it."""
    with GitHistory(of or repository.folder) as history:
        return history.between(repository.name(old), repository.name(new), paths or (FS_H, LOCKING))


def commits(repository: Path, *names: str) -> dict[str, GitCommit]:
    with GitHistory(repository) as history:
        return history.commits(names)


def diffed(history: FileHistory | None) -> list[tuple[FileDiff, ...]]:
    assert history
    return list(history.diffs.values())


def test_the_commits_that_touch_the_files_come_with_their_differences(repository: Repository) -> None:
    first = repository.name("HEAD")
    one = repository.change("one", FS_H, "/* inodes */", "/* inode */")
    repository.commit("elsewhere", {"Makefile": "x"})
    two = repository.change("two", FS_H, "/* files */\n", "", tag="v5.1")
    found = between(repository, "v5.0", "v5.1")
    assert found
    assert found.parents == {two: (one,), one: (first,)}
    top, below = Hunk(0, ("/* inodes */",), 0, 1), Hunk(9, ("/* files */",), 9, 0)
    assert found.diffs == {(two, one): (FileDiff(FS_H, FS_H, (below,)),), (one, first): (FileDiff(FS_H, FS_H, (top,)),)}
    assert found.whole == (FileDiff(FS_H, FS_H, (top, below)),)
    assert commits(repository.folder, two, one)[two] == GitCommit(two, "2020-09-17", "two")


def test_a_merge_differs_from_each_parent_and_is_not_named(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "topic")
    side = repository.change("side", FS_H, "/* inodes */", "/* inode */")
    repository.git("checkout", "-q", "main")
    main = repository.change("main", FS_H, "/* files */", "/* file */")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    merge = repository.name("HEAD")
    found = between(repository, "v5.0", "main")
    assert found
    assert found.parents[merge] == (main, side)
    assert [found.diffs[merge, parent][0].hunks for parent in (main, side)] == [
        (Hunk(0, ("/* inodes */",), 0, 1),),
        (Hunk(9, ("/* files */",), 9, 1),),
    ]
    assert set(commits(repository.folder, *found.parents)) == {main, side}


def test_a_document_that_was_converted_is_one_file(repository: Repository) -> None:
    text = (repository.folder / LOCKING).read_text("utf-8").replace("rename:\t\tyes", "rename:\t\tno")
    repository.commit("move", {LOCKING: None, "Documentation/filesystems/locking.txt": text}, "v5.1")
    found = between(repository, "v5.0", "v5.1", LOCKING, "Documentation/filesystems/locking.txt")
    assert found
    assert found.whole == diffed(found)[0]
    assert [(each.old_path, each.new_path) for each in found.whole] == [
        (LOCKING, "Documentation/filesystems/locking.txt")
    ]


def test_versions_of_which_none_follows_the_other_have_no_commits_in_between(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "stable")
    repository.change("fix", FS_H, "/* inodes */", "/* inode */", tag="v5.0.1")
    repository.git("checkout", "-q", "main")
    repository.change("next", FS_H, "/* files */", "/* file */", tag="v5.1")
    assert between(repository, "v5.0.1", "v5.1") is None
    assert between(repository, "v5.1", "v5.0") is None
    assert between(repository, "v5.0", "v5.0.1") is not None


def test_a_history_that_begins_in_between_is_not_whole(repository: Repository) -> None:
    text = (repository.folder / FS_H).read_text("utf-8")
    repository.git("checkout", "-q", "--orphan", "other")
    repository.commit("another beginning", {FS_H: f"/* other */\n{text}"})
    repository.git("merge", "-q", "-X", "ours", "--allow-unrelated-histories", "-m", "join", "v5.0")
    assert between(repository, "v5.0", "other") is None


def test_without_files_there_is_nothing(repository: Repository) -> None:
    repository.commit("elsewhere", {"Makefile": "x"}, "v5.1")
    assert between(repository, "v5.0", "v5.1") is None
    assert between(repository, "v5.0", "v5.1", 'include/linux/a "b".h') is None


@pytest.mark.parametrize("options", [["--depth=1"], ["--filter=blob:none"], ["--filter=tree:0"]])
def test_a_clone_without_the_history_is_an_error_and_fetches_nothing(
    repository: Repository, tmp_path: Path, options: list[str]
) -> None:
    repository.change("one", FS_H, "/* inodes */", "/* inode */")
    repository.change("two", FS_H, "/* inode */", "/* an inode */", tag="v5.1")
    repository.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    repository.git("clone", "-q", "--bare", *options, f"file://{repository.folder}", str(clone))
    if "--depth=1" in options:
        for tag in ("v5.0", "v5.1"):
            command = [
                "git",
                "-C",
                str(clone),
                "fetch",
                "-q",
                "--depth=1",
                "origin",
                f"refs/tags/{tag}:refs/tags/{tag}",
            ]
            subprocess.run(command, check=True)
    before = sorted((clone / "objects").rglob("*"))
    with pytest.raises(SourceError):
        between(repository, "v5.0", "v5.1", of=clone)
    assert sorted((clone / "objects").rglob("*")) == before


def test_nothing_of_a_repository_is_run_and_none_of_its_settings_counts(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor those of the user, which may change what git prints."""
    repository.change("one", FS_H, "/* inodes */", "/* inode */")
    repository.change("two", FS_H, "/* files */", "/* file */", tag="v5.1")
    expected = between(repository, "v5.0", "v5.1")
    marker, program = tmp_path / "was-run", tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {marker}\ncat\n")
    program.chmod(0o755)
    hostile = {
        "diff.external": program, "diff.evil.command": program, "diff.evil.textconv": program,
        "filter.evil.smudge": program, "filter.evil.clean": program, "core.fsmonitor": program,
        "core.pager": program, "pager.log": program, "pager.diff-tree": program, "core.sshCommand": program,
        "alias.log": f"!{program}", "core.hooksPath": tmp_path, "diff.evil.xfuncname": "^((a*)*)*\\\\2$",
        "core.attributesFile": repository.folder / "attributes", "log.showSignature": "true", "gpg.program": program,
        "diff.noprefix": "true", "diff.algorithm": "patience", "diff.renames": "false", "diff.context": "7",
        "color.ui": "always", "format.pretty": "fuller", "log.date": "raw",
    }  # fmt: skip
    for name, value in hostile.items():
        repository.git("config", name, str(value))
    for file in (".gitattributes", "attributes", ".git/info/attributes"):
        (repository.folder / file).write_text("* diff=evil filter=evil\n*.h -diff\n")
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_bytes((repository.folder / ".git/config").read_bytes())
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(program))
    monkeypatch.setenv("GIT_DIFF_OPTS", "--unified=5")
    assert between(repository, "v5.0", "v5.1") == expected
    assert expected
    assert [each.subject for each in commits(repository.folder, *expected.parents).values()] == ["two", "one"]
    assert not marker.exists()


def test_a_subject_is_one_line_of_text(repository: Repository) -> None:
    subjects = {
        b"fs: \x1b[31mred\x07 \xe2\x80\xaetxt": "fs: [31mred txt",
        b"<script>alert(1)</script> & [x](http://x)": "<script>alert(1)</script> & [x](http://x)",
        b"caf\xe9": "caf\N{REPLACEMENT CHARACTER}",
        b"a" * 1_000_000: "a" * 199 + "…",
        b"two\nlines": "two lines",
    }
    made, raw = {}, repository.folder.parent / "raw"
    who = "Ada <ada@example.org> 1600000000 +0000"
    header = f"tree {repository.git('write-tree')}\nauthor {who}\ncommitter {who}\n\n"
    for text, expected in subjects.items():
        raw.write_bytes(header.encode() + text)  # `git commit` would convert it
        made[repository.git("hash-object", "-w", "-t", "commit", str(raw))] = expected
    found = commits(repository.folder, *made)
    assert {name: each.subject for name, each in found.items()} == made


def test_a_subject_in_another_encoding_is_converted(repository: Repository) -> None:
    message = repository.folder.parent / "message"
    message.write_bytes(b"caf\xe9")
    repository.git("-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "--allow-empty", "-F", str(message))
    name = repository.name("HEAD")
    assert commits(repository.folder, name)[name].subject == "café"


@pytest.mark.parametrize(("limit", "most"), [("MAX_COMMITS", 1), ("MAX_OUTPUT", 300)])
def test_too_much_is_given_up(repository: Repository, monkeypatch: pytest.MonkeyPatch, limit: str, most: int) -> None:
    repository.change("one", FS_H, "/* inodes */", f"/* {'x' * 200} */")
    repository.change("two", FS_H, "/* files */", "/* file */", tag="v5.1")
    monkeypatch.setattr(git_history, limit, most)
    with pytest.raises(SourceError, match="more than"):
        between(repository, "v5.0", "v5.1")


def test_a_huge_file_is_not_compared(repository: Repository) -> None:
    repository.commit("huge", {FS_H: "int x;\n" * 200_000}, "v5.1")
    assert [file.hunks for file in diffed(between(repository, "v5.0", "v5.1"))[0]] == [None]


def test_other_layouts_are_read(tmp_path: Path, repository: Repository) -> None:
    repository.change("one", FS_H, "/* inodes */", "/* inode */", tag="v5.1")
    expected = between(repository, "v5.0", "v5.1")
    repository.git("worktree", "add", "-q", str(tmp_path / "worktree"), "v5.0")
    repository.git("clone", "-q", "--bare", "--shared", str(repository.folder), str(tmp_path / "bare"))
    for name in ("worktree", "bare"):
        assert between(repository, "v5.0", "v5.1", of=tmp_path / name) == expected
    with pytest.raises(SourceError, match="cannot read it"):
        between(repository, "v5.0", "v5.1", of=tmp_path / "gone")


def test_hashes_may_be_longer(tmp_path: Path) -> None:
    repository = small_kernel(tmp_path / "linux", "--object-format=sha256")
    name = repository.change("one", FS_H, "/* inodes */", "/* inode */", tag="v5.1")
    found = between(repository, "v5.0", "v5.1")
    assert found
    assert list(found.parents) == [name]
    assert len(name) == 64
