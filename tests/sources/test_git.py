"""Git repositories: whatever their layout, read at their tags; nothing of theirs is run, nothing is fetched."""

import re
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kbase.build.pipeline import build, remove
from kbase.errors import SourceError, UsageError
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.sources.readers import read
from kbase.sources.source import parse_source
from kbase.sources.trees import DOCUMENTS

LOCAL_FILES = ("-c", "protocol.file.allow=always")


def found(argument: object) -> list[tuple[str | None, str]]:
    return [(document.version, document.path) for document in read(parse_source(str(argument)))]


def git(repository: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *identity, "-C", str(repository), *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the tags v5.4, v6.4-rc1, v6.4 (annotated), no-version and, without documents, v1.0."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path / "src"
    folder.mkdir()
    git(folder, "init")
    git(folder, "commit", "--allow-empty", "-m", "nothing")
    git(folder, "tag", "v1.0")
    (folder / DOCUMENTS / "vfs").mkdir(parents=True)
    for name, data in {"Locking": b"old", "vfs/deep": b"same", "picture": b"\0"}.items():
        (folder / DOCUMENTS / name).write_bytes(data)
    (folder / DOCUMENTS / "link").symlink_to("/etc/passwd")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "one")
    git(folder, "tag", "v5.4")
    git(folder, "tag", "no-version")
    (folder / DOCUMENTS / "Locking").write_bytes(b"new")
    git(folder, "commit", "-a", "-m", "two")
    git(folder, "tag", "v6.4-rc1")
    git(folder, "tag", "-a", "-m", "annotated", "v6.4")
    return folder


def at_tags(location: Path, pattern: str, prefix: str = "") -> list[tuple[str | None, str, bytes]]:
    return [(d.version, Path(d.path).name, d.data) for d in read(parse_source(f"{prefix}{location}", pattern))]


def test_a_repository_is_read_at_its_tags(repository: Path) -> None:
    assert at_tags(repository, "v*") == [
        ("v5.4", "Locking", b"old"),
        ("v5.4", "deep", b"same"),
        ("v6.4", "Locking", b"new"),
        ("v6.4", "deep", b"same"),
        ("v6.4-rc1", "Locking", b"new"),
        ("v6.4-rc1", "deep", b"same"),
    ]
    assert {document.label_origin for document in read(parse_source(str(repository), "v5.*"))} == {"tag"}
    assert at_tags(repository, "no-*", "v3.10=")[0] == ("v3.10", "Locking", b"old")


def test_bare_shallow_and_second_worktrees_are_read_too(repository: Path, tmp_path: Path) -> None:
    expected = at_tags(repository, "v6.4")
    git(tmp_path, "clone", "--bare", str(repository), "bare")
    git(tmp_path, "clone", "--depth=1", "--branch=v6.4", f"file://{repository}", "shallow")
    git(repository, "worktree", "add", "--no-checkout", str(tmp_path / "worktree"), "v5.4")
    for name in ("bare", "shallow", "worktree"):
        assert at_tags(tmp_path / name, "v6.4") == expected
    with pytest.raises(SourceError, match=r"bare git repository.*--tags"):
        found(tmp_path / "bare")


def objects(repository: Path) -> set[Path]:
    return {path for path in (repository / "objects").rglob("*") if path.is_file()}


@pytest.mark.parametrize("left_out", ["blob:none", "tree:0"])
def test_a_partial_clone_says_what_is_missing_and_fetches_nothing(
    repository: Path, tmp_path: Path, left_out: str
) -> None:
    git(repository, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--bare", f"--filter={left_out}", f"file://{repository}", "partial")
    before = objects(tmp_path / "partial")
    with pytest.raises(SourceError, match=r"lacks objects .* nothing is fetched; .* `git fetch --refetch"):
        at_tags(tmp_path / "partial", "v6.4")
    assert objects(tmp_path / "partial") == before


def test_a_partial_clone_that_has_the_documents_is_read(repository: Path, tmp_path: Path) -> None:
    (repository / "large.c").write_bytes(b"x" * 100_000)
    git(repository, "add", "large.c")
    git(repository, "commit", "-m", "large")
    git(repository, "tag", "v6.5")
    git(repository, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--bare", "--filter=blob:limit=10k", f"file://{repository}", "partial")
    assert at_tags(tmp_path / "partial", "v6.5") == at_tags(repository, "v6.5")


def test_a_submodule_is_read_and_one_within_a_tree_is_passed_over(repository: Path, tmp_path: Path) -> None:
    above = tmp_path / "above"
    above.mkdir()
    git(above, "init")
    for place in ("kernel", f"{DOCUMENTS}/kernel"):
        git(above, *LOCAL_FILES, "submodule", "add", str(repository), place)
    (above / DOCUMENTS / "vfs.rst").write_text("x")
    git(above, "add", ".")
    git(above, "commit", "-m", "modules")
    git(above, "tag", "v5.0")
    assert (above / "kernel/.git").is_file()
    assert at_tags(above / "kernel", "v6.4") == at_tags(repository, "v6.4")
    assert at_tags(above, "v5.0") == [("v5.0", "vfs.rst", b"x")]


def test_a_worktree_whose_repository_is_gone_is_told(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", str(tmp_path / "worktree"), "v5.4")
    repository.rename(tmp_path / "elsewhere")
    with pytest.raises(SourceError, match="git cannot read it"):
        at_tags(tmp_path / "worktree", "v6.4")


def test_objects_of_another_repository_are_read_and_missed_when_gone(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--bare", "--shared", str(repository), "borrower")
    assert at_tags(tmp_path / "borrower", "v6.4") == at_tags(repository, "v6.4")
    repository.rename(tmp_path / "elsewhere")
    with pytest.raises(SourceError, match=r"git cannot read it|lacks objects"):
        at_tags(tmp_path / "borrower", "v6.4")


def test_packed_tags_and_objects_are_read(repository: Path) -> None:
    before = at_tags(repository, "v*")
    git(repository, "gc", "--aggressive", "--prune=now")
    git(repository, "pack-refs", "--all")
    assert at_tags(repository, "v*") == before


def test_the_environment_of_a_hook_leads_to_no_other_repository(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "--bare", "other")
    for name in ("GIT_DIR", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"):
        monkeypatch.setenv(name, str(tmp_path / "other"))
    assert len(at_tags(repository, "v6.4")) == 2


def test_a_repository_without_tags_is_a_tree(repository: Path) -> None:
    assert [(version, Path(path).name) for version, path in found(f"v6.9={repository}")] == [
        ("v6.9", "Locking"),
        ("v6.9", "deep"),
    ]


def test_tags_that_do_not_fit_are_told(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "broken/objects").mkdir(parents=True)
    (tmp_path / "broken/refs").mkdir()
    (tmp_path / "broken/HEAD").write_text("nonsense")
    for location, pattern, message in (
        (repository, "v9.*", "no tag v9.* is there"),
        (repository, "no-*", "no tag no-* names a version"),
        (repository, "v1.0", f"no {DOCUMENTS} and no ops tables in include/linux at the tags v1.0"),
        (repository, "--help", "no tag --help is there"),
        (tmp_path, "v*", "not a git repository"),
        (tmp_path / "broken", "v*", "git cannot read it"),
    ):
        with pytest.raises(SourceError) as error:
            at_tags(location, pattern)
        assert message in str(error.value)
    with pytest.raises(SourceError, match="2 tags"):
        at_tags(repository, "v6.4*", "v6.4=")


def test_a_repository_of_another_user_is_told_with_what_trusts_it(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own way to try it
    with pytest.raises(SourceError, match="belongs to another user.*safe.directory " + str(repository)):
        at_tags(repository, "v*")


def test_a_repository_runs_nothing(repository: Path, tmp_path: Path) -> None:
    """Whatever a configuration or a hook may run touches the trap; `git status` shows that the trap works."""
    trap = tmp_path / "trap"
    command = f"touch '{trap}';"
    included = tmp_path / "included"
    included.write_text(f'[core]\n\tfsmonitor = "{command}"\n')
    settings = {
        "includeIf.gitdir:**.path": str(included),
        **dict.fromkeys(("core.sshCommand", "core.pager", "core.editor", "core.alternateRefsCommand"), command),
        **dict.fromkeys(("alias.ls-tree", "alias.cat-file", "alias.for-each-ref", "credential.helper"), f"!{command}"),
        **dict.fromkeys(("filter.x.smudge", "filter.x.process", "diff.x.textconv", "diff.x.command"), command),
        **dict.fromkeys(("gpg.program", "uploadpack.packObjectsHook", "remote.origin.uploadpack"), command),
        "pager.for-each-ref": command,
        "remote.origin.url": f"ext::sh -c '{command}'",
        "remote.origin.promisor": "true",
        "protocol.ext.allow": "always",
    }
    for name, value in settings.items():
        git(repository, "config", name, value)
    (repository / ".git/info/attributes").write_text("* filter=x diff=x\n")
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc"):
        (repository / f".git/hooks/{hook}").write_text(f"#!/bin/sh\n{command}\n")
        (repository / f".git/hooks/{hook}").chmod(0o755)
    trap.unlink(missing_ok=True)
    assert len(at_tags(repository, "v6.4")) == 2
    assert not trap.exists()
    subprocess.run(["git", "-C", str(repository), "status"], capture_output=True, check=False)
    assert trap.exists()


def test_a_repository_that_lacks_an_object_does_not_fetch_it(repository: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    git(repository, "config", "remote.origin.url", f"ext::sh -c 'touch {trap}'")
    git(repository, "config", "remote.origin.promisor", "true")
    git(repository, "config", "protocol.ext.allow", "always")
    blob = subprocess.run(
        ["git", "-C", str(repository), "rev-parse", f"v6.4:{DOCUMENTS}/Locking"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout.strip()
    (repository / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(SourceError, match="lacks objects"):
        at_tags(repository, "v6.4")
    assert not trap.exists()


def objects_made(repository: Path, depth: int, names: str, first: str) -> None:
    """Tags v6.6 whose folder of documents holds folders of these names, all the same one, and so on to a depth."""
    run = ["git", "-C", str(repository)]
    mode, held = (
        "100644 blob",
        subprocess.run(
            [*run, "hash-object", "-w", "--stdin"], input=first, capture_output=True, check=True, text=True
        ).stdout.strip(),
    )
    for _ in range(depth):
        entries = "".join(f"{mode} {held}\t{name}\n" for name in names)
        made = subprocess.run([*run, "mktree"], input=entries, capture_output=True, check=True, text=True)
        mode, held = "040000 tree", made.stdout.strip()
    for name in reversed(DOCUMENTS.split("/")):
        entry = f"040000 tree {held}\t{name}\n"
        held = subprocess.run([*run, "mktree"], input=entry, capture_output=True, check=True, text=True).stdout.strip()
    git(repository, "tag", "v6.6", held)


def test_a_tag_of_deep_folders_is_read(repository: Path) -> None:
    objects_made(repository, 300, "d", "deep")
    assert at_tags(repository, "v6.6") == [("v6.6", "d", b"deep")]


def test_a_tag_that_holds_itself_many_times_over_is_given_up(repository: Path) -> None:
    objects_made(repository, 12, "abcdefghij", "bomb")
    with pytest.raises(SourceError, match=r"20000 files or more below Documentation/filesystems"):
        at_tags(repository, "v6.6")


def written(repository: Path, kind: str, data: bytes) -> str:
    """The name of an object made of these bytes, whatever they are."""
    command = ["git", "-C", str(repository), "hash-object", "-w", "-t", kind, "--literally", "--stdin"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode().strip()


def tree_of(repository: Path, *entries: tuple[str, str, str]) -> str:
    """A tree object of entries (mode, name, object), also of ones that git itself would not make."""
    pieces = (f"{mode} {name}\0".encode() + bytes.fromhex(found) for mode, name, found in entries)
    return written(repository, "tree", b"".join(pieces))


def tag_tree(repository: Path, tag: str, documents: str) -> None:
    """A tag of a tree whose folder of documents is that tree object."""
    for name in reversed(DOCUMENTS.split("/")):
        documents = tree_of(repository, ("40000", name, documents))
    git(repository, "update-ref", f"refs/tags/{tag}", documents)


def told(location: Path, pattern: str) -> tuple[list[tuple[str | None, str]], list[str]]:
    """What is read of a repository, and what is warned of."""
    warnings = list[str]()
    documents = read(parse_source(str(location), pattern), warn=warnings.append)
    return [(document.version, Path(document.path).name) for document in documents], warnings


NAMES = (
    *("../../../home/x", "..", ".", "", ".git", ".GiT", "a/b", "a\\b"),
    *("a\nb", "a\x1bb", "a\x85b", "a\u202eb", "a" * 300),
)


@pytest.mark.parametrize("form", ["sha1", "sha256"])
@pytest.mark.parametrize("name", NAMES)
def test_names_that_are_no_document_paths_are_told(name: str, form: str, tmp_path: Path) -> None:
    repository = tmp_path / "src"
    repository.mkdir()
    git(repository, "init", f"--object-format={form}")
    blob = written(repository, "blob", b"text\n")
    below = tree_of(repository, ("100644", "deep", blob))
    tag_tree(repository, "v6.7", tree_of(repository, ("100644", name, blob), ("100644", "good", blob)))
    tag_tree(repository, "v6.8", tree_of(repository, ("40000", name, below), ("100664", "good", blob)))
    found, warnings = told(repository, "v*")
    assert found == [("v6.7", "good"), ("v6.8", "good")]
    assert len(warnings) == 2
    for warning in warnings:
        assert warning.startswith(f"{repository}: {DOCUMENTS}/")
        assert warning.isprintable()


def test_a_damaged_tree_is_told(repository: Path) -> None:
    blob = written(repository, "blob", b"text\n")
    good = b"100644 a\0" + bytes.fromhex(blob)
    for data in (good[:-1], good + b"100644 b", b"1006444 a\0" + good[9:], b"no tree", good + good[:8]):
        tag_tree(repository, "v6.7", written(repository, "tree", data))
        with pytest.raises(SourceError, match=rf"{repository}: \w+: a damaged tree object.*`git fsck`"):
            at_tags(repository, "v6.7")


def test_a_damaged_object_is_told(repository: Path) -> None:
    blob = written(repository, "blob", b"text of a document\n")
    tag_tree(repository, "v6.7", tree_of(repository, ("100644", "a", blob)))
    file = repository / ".git/objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:20])
    with pytest.raises(SourceError, match=f"{repository}: "):
        at_tags(repository, "v6.7")


def test_folders_without_end_are_told(repository: Path) -> None:
    objects_made(repository, 1200, "d", "deep")
    with pytest.raises(
        SourceError,
        match=r"no Documentation/filesystems and no ops tables in include/linux at the tags.*the path is too long",
    ):
        at_tags(repository, "v6.6")


def test_folders_that_hold_only_folders_many_times_over_are_given_up(repository: Path) -> None:
    tree = tree_of(repository)
    for _ in range(12):
        tree = tree_of(repository, *(("40000", name, tree) for name in "abcdefghij"))
    tag_tree(repository, "v6.7", tree)
    with pytest.raises(SourceError, match="20000 files or more"):
        at_tags(repository, "v6.7")


def test_a_tag_of_a_file_costs_only_itself(repository: Path) -> None:
    blob = written(repository, "blob", b"text\n")
    git(repository, "tag", "v6.6", blob)
    git(repository, "tag", "-a", "-m", "tag", "v6.7", blob)
    git(repository, "tag", "-a", "-m", "tag of a tag", "v6.8", "v6.7")
    found, warnings = told(repository, "v6.*")
    assert {version for version, _ in found} == {"v6.4-rc1", "v6.4"}
    assert warnings == [
        f"{repository}: refs/tags/v6.{number}: a tag of a file, not of a commit, skipped" for number in (6, 7, 8)
    ]
    with pytest.raises(SourceError, match=r"at the tags v6.8 \(refs/tags/v6.8: a tag of a file"):
        at_tags(repository, "v6.8")


def test_blobs_are_read_one_at_a_time(repository: Path) -> None:
    for number in range(12):
        (repository / DOCUMENTS / f"large{number}").write_bytes(b"%d words\n" % number * 1_700_000)
    git(repository, "add", ".")
    git(repository, "commit", "-m", "large")
    git(repository, "tag", "v6.9")
    code = (
        "import re, sys; from pathlib import Path\n"
        "from kbase.sources.readers import read; from kbase.sources.source import parse_source\n"
        "size = sum(len(document.data) for document in read(parse_source(*sys.argv[1:])))\n"
        "status = Path('/proc/self/status').read_text()\n"
        "print(size >> 20, int(re.search(r'VmHWM:\\s+(\\d+)', status)[1]) >> 10)"  # getrusage inherits its parent's
    )
    done = subprocess.run([sys.executable, "-c", code, str(repository), "v6.9"], check=True, capture_output=True)
    size, peak = map(int, done.stdout.split())
    assert size >= 150
    assert peak < 130  # with the interpreter


def at_refs(location: Path, pattern: str, prefix: str = "") -> list[tuple[str | None, str, bytes]]:
    found = read(parse_source(f"{prefix}{location}", refs=pattern))
    return [(d.version, d.label_origin, d.data) for d in found if d.path.endswith("Locking")]


@pytest.fixture
def branches(repository: Path, tmp_path: Path) -> Path:
    """A clone of a repository with branches for aufs5.4, aufs6.1, v6.4 and no version; it has an aufs6.1 of its own."""
    for name, data in {
        "aufs5.4": b"of 5.4",
        "aufs6.1": b"of 6.1",
        "stable/6.4": b"of 6.4",
        "aufs6.x-rcN": b"x",
    }.items():
        git(repository, "checkout", "-q", "-b", name, "v5.4")
        (repository / DOCUMENTS / "Locking").write_bytes(data)
        git(repository, "commit", "-a", "-m", name)
    git(tmp_path, "clone", "-q", str(repository), "clone")
    clone = tmp_path / "clone"
    git(clone, "checkout", "-q", "-b", "aufs6.1", "origin/aufs6.1")
    (clone / DOCUMENTS / "Locking").write_bytes(b"own")
    git(clone, "commit", "-a", "-m", "own")
    return clone


def test_branches_are_read_like_tags(branches: Path, repository: Path) -> None:
    assert at_refs(repository, "aufs*") == [("aufs5.4", "branch", b"of 5.4"), ("aufs6.1", "branch", b"of 6.1")]
    assert at_refs(branches, "aufs*") == [("aufs6.1", "branch", b"own"), ("aufs5.4", "branch", b"of 5.4")]
    assert at_refs(branches, "refs/remotes/origin/aufs*") == at_refs(branches, "origin/aufs*")
    assert ("aufs6.1", "branch", b"of 6.1") in at_refs(branches, "origin/aufs*")
    assert at_refs(repository, "stable/*") == [("v6.4", "branch", b"of 6.4")]
    assert at_refs(branches, "v6.4") == [("v6.4", "tag", b"new")]
    assert at_refs(branches, "aufs6.x-rcN", "aufs6.2=") == [("aufs6.2", "given", b"x")]


def test_branches_of_a_bare_repository(branches: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--bare", "-q", str(branches), "bare")
    assert at_refs(tmp_path / "bare", "aufs6*") == [("aufs6.1", "branch", b"own")]
    with pytest.raises(SourceError, match=r"bare git repository; name the tags or branches to read: --tags .* --refs"):
        found(tmp_path / "bare")


@pytest.mark.parametrize("pattern", ["nothing*", "main", "refs/nothing/*"])
def test_refs_that_name_no_version_are_told(branches: Path, pattern: str) -> None:
    with pytest.raises(SourceError, match=f"no branch or tag {re.escape(pattern)} .*git for-each-ref"):
        at_refs(branches, pattern)


def test_a_repository_without_a_kernel_checked_out_names_tags_and_refs(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--no-checkout", "-q", str(repository), "unseen")
    with pytest.raises(SourceError, match=r"no documents in it; .*--tags 'v6\.\*' or --refs"):
        found(tmp_path / "unseen")
    git(tmp_path / "unseen", "checkout", "-q", "v1.0")
    (tmp_path / "unseen/README").write_text("A barn.\n")
    with pytest.raises(SourceError, match=r"README: no fact was read from it; .*--tags 'v6\.\*' or --refs"):
        build(tmp_path / "db", [str(tmp_path / "unseen")])


NOTE = b"Barn\n----\nIn barn_mmap(),\n- fold the sheet\n"  # what a branch needs to give a version


def test_branches_are_refreshed_and_removed(branches: Path, tmp_path: Path) -> None:
    def commit(data: bytes) -> None:
        (branches / DOCUMENTS / "notes").write_bytes(data)
        git(branches, "add", ".")
        git(branches, "commit", "-m", "more")

    def available() -> tuple[str, ...]:
        with closing(KnowledgeBase.open(db)) as kb:
            return kb.labels("aufs")

    db, nothing = tmp_path / "db", tmp_path / "nothing"
    commit(NOTE)
    build(db, [str(branches)], refs="refs/heads/aufs*", corpus=nothing)
    assert available() == ("aufs6.1",)
    assert not build(db, corpus=nothing).changed
    git(branches, "branch", "aufs6.2")
    assert build(db, corpus=nothing).added == ("aufs6.2",)
    commit(NOTE.replace(b"fold", b"unfold"))
    assert build(db, corpus=nothing).parsed == 1
    remove(db, str(branches), corpus=nothing)
    assert available() == ()


def test_tags_and_refs_do_not_go_together(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--refs matches tags and branches"):
        build(tmp_path / "db", [str(repository)], tags="v*", refs="v*")
    for pattern, sources in (("", [str(repository)]), ("aufs*", [])):
        with pytest.raises(UsageError, match="--refs without a"):
            build(tmp_path / "db", sources, refs=pattern)
    with pytest.raises(SourceError, match="on disk"):
        list(read(parse_source("https://example.org/aufs", refs="aufs*")))
