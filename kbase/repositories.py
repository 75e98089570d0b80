"""Git repositories, read at their tags straight from the object store: no checkout, no worktree, nothing fetched.

Everything goes through `git`, the one external program of this module, with the repository's and the user's own
configuration kept from running anything.
"""

import os
import shlex
import subprocess
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from kbase.errors import SourceError

REGULAR = (b"100644", b"100755")  # modes of files; links and submodules are passed over
FOLDER = b"40000"
AT_ONCE = 1000  # blobs that are read at once
MAX_FILES = 20_000  # of a tag; a kernel has 200 documents, and trees that hold themselves many times over have no end
FORBIDDEN = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "protocol.allow=never")  # and nothing is fetched
SAFE = (*chain.from_iterable(("-c", setting) for setting in FORBIDDEN), "--no-pager", "--no-replace-objects")
ENVIRONMENT = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
LOCAL = ("GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE")
OF_ANOTHER_USER = "dubious ownership"
NOT_FETCHED = ("lazy fetching disabled", "from promisor remote")


def is_repository(folder: Path) -> bool:
    """Whether the folder is a git repository: with a worktree, a worktree of another one, or bare."""
    return (folder / ".git").exists() or is_bare(folder)


def is_bare(folder: Path) -> bool:
    """Whether the folder is itself an object store, without a worktree."""
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir() and (folder / "refs").is_dir()


def tags_of(repository: Path, pattern: str) -> dict[str, str]:
    """The tags that match a pattern (`v5.*`), each with the hash of its object.

    Raises:
        SourceError: git is not there, or does not read the repository.
    """
    listed = _git(repository, "for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", f"refs/tags/{pattern}")
    found = (line.split(" ", 1) for line in listed.decode("utf-8", "replace").splitlines())
    return {tag: name for name, tag in found}


def refs_of(repository: Path, pattern: str) -> dict[str, str]:
    """The tags and branches that match a pattern (`aufs*`, `origin/aufs*`), each with the hash of its object.

    They are named in full (`refs/remotes/origin/aufs5.4`), and the remotes' branches are among them. Of several with
    the same last part there is one, as git chooses: a tag, else a local branch, else a remote's.

    Raises:
        SourceError: git is not there, or does not read the repository.
    """
    places = ("refs/tags/", "refs/heads/", "refs/remotes/", "refs/remotes/*/")
    patterns = [pattern] if pattern.startswith("refs/") else [place + pattern for place in places]
    found: dict[str, tuple[str, str]] = {}
    for each in patterns:
        listed = _git(repository, "for-each-ref", "--format=%(objectname) %(refname)", each)
        for name, ref in (line.split(" ", 1) for line in listed.decode("utf-8", "replace").splitlines()):
            found.setdefault(ref.rpartition("/")[2], (ref, name))
    return dict(found.values())


def files_at(repository: Path, objects: Collection[str], folder: str) -> dict[str, dict[str, str]]:
    """The files below a folder at each of these tags, by the hash of its object: path -> hash of the blob, by path.

    Raises:
        SourceError: git fails, or the repository lacks objects.
    """
    trees = trees_at(repository, objects, folder)
    for name in objects:
        if name not in trees:
            _git(repository, "ls-tree", name, "--", folder)  # which tells why, unless the tag has no such folder
    entries = _entries(repository, trees.values())
    files = {tree: dict(islice(_files(entries, tree, folder), MAX_FILES)) for tree in dict.fromkeys(trees.values())}
    if any(len(paths) == MAX_FILES for paths in files.values()):
        raise SourceError(f"{MAX_FILES} files or more below {folder}", str(repository), "give a kernel's repository")
    ordered = {tree: dict(sorted(paths.items())) for tree, paths in files.items()}
    return {name: ordered.get(trees.get(name, ""), {}) for name in objects}


def read_blobs(repository: Path, blobs: Sequence[str], limit: int) -> Iterator[tuple[str, bytes | None]]:
    """Hash and bytes of each blob, in their order; of one of more than `limit` bytes, which is not read, None.

    Raises:
        SourceError: git fails, or the repository lacks objects.
    """
    sizes = _sizes(repository, blobs) if blobs else {}
    for start in range(0, len(blobs), AT_ONCE):
        part = blobs[start : start + AT_ONCE]
        found = _read(repository, [blob for blob in part if sizes[blob] <= limit])
        yield from ((blob, found.get(blob)) for blob in part)


def trees_at(repository: Path, objects: Collection[str], folder: str) -> dict[str, str]:
    """The tree of the folder at each of these tags, by the hash of its object, where it can be seen.

    Raises:
        SourceError: git is not there, or does not read the repository.
    """
    names = dict.fromkeys(objects)
    asked = "".join(f"{name}:{folder}\n" for name in names).encode()
    answers = _git(repository, "cat-file", "--batch-check", given=asked).decode("utf-8", "replace").splitlines()
    found = ((name, answer.split()) for name, answer in zip(names, answers, strict=True))
    return {name: words[0] for name, words in found if words[1:2] == ["tree"]}


def _entries(repository: Path, trees: Iterable[str]) -> dict[str, list[tuple[bytes, str, str]]]:
    """Mode, name and object of each entry of the trees and of those below them, by tree."""
    found: dict[str, list[tuple[bytes, str, str]]] = {}
    level = list(dict.fromkeys(trees))
    while level:
        found |= {tree: list(_parsed(data, len(tree) // 2)) for tree, data in _read(repository, level).items()}
        below = (name for tree in level for mode, _, name in found[tree] if mode == FOLDER)
        level = [name for name in dict.fromkeys(below) if name not in found]
    return found


def _parsed(tree: bytes, length: int) -> Iterator[tuple[bytes, str, str]]:
    """The entries of a tree object: `<mode> <name> NUL <hash>`, the hash of `length` bytes, one after the other."""
    start = 0
    while start < len(tree):
        end = tree.index(b"\0", start)
        mode, _, name = tree[start:end].partition(b" ")
        start = end + 1 + length
        yield mode, name.decode("utf-8", "replace"), tree[end + 1 : start].hex()


def _files(entries: dict[str, list[tuple[bytes, str, str]]], tree: str, path: str) -> Iterator[tuple[str, str]]:
    """Path and blob of each file in a tree that stands at a path."""
    below = [(tree, path)]
    while below:
        tree, path = below.pop()
        for mode, name, found in entries[tree]:
            if mode == FOLDER:
                below.append((found, f"{path}/{name}"))
            elif mode in REGULAR:
                yield f"{path}/{name}", found


def _sizes(repository: Path, blobs: Sequence[str]) -> dict[str, int]:
    """How many bytes each blob has."""
    answers = _git(repository, "cat-file", "--batch-check", given="\n".join([*blobs, ""]).encode()).split(b"\n")
    words = [answer.split() for answer in answers[: len(blobs)]]
    if any(len(each) != 3 for each in words):
        raise _incomplete(repository)
    return {blob: int(each[2]) for blob, each in zip(blobs, words, strict=True)}


def _read(repository: Path, objects: list[str]) -> dict[str, bytes]:
    """The bytes of objects, in one go."""
    output, found, start = _git(repository, "cat-file", "--batch", given="\n".join([*objects, ""]).encode()), {}, 0
    for name in objects:
        head, _, _ = output[start : start + 200].partition(b"\n")
        words = head.split()
        if len(words) != 3:
            raise _incomplete(repository)
        start += len(head) + 1
        found[name] = output[start : start + int(words[2])]
        start += int(words[2]) + 1
    return found


def _git(repository: Path, *arguments: str, given: bytes = b"") -> bytes:
    """What git prints; the first line of its complaint is the error."""
    environment = {name: value for name, value in os.environ.items() if name not in LOCAL} | ENVIRONMENT
    command = ["git", *SAFE, "-C", str(repository), *arguments]
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=True, env=environment)
    except FileNotFoundError:
        raise SourceError("git is not installed", str(repository), "install it, or give a folder") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip()
        if any(words in said for words in NOT_FETCHED):
            raise _incomplete(repository) from error
        if OF_ANOTHER_USER in said:
            advice = f"if you trust it: git config --global --add safe.directory {shlex.quote(str(repository))}"
            raise SourceError("belongs to another user, so git does not read it", str(repository), advice) from error
        lines = said.splitlines() or [f"exit status {error.returncode}"]
        raise SourceError(f"git cannot read it: {lines[0]}", str(repository), "check the repository") from error
    return done.stdout


def _incomplete(repository: Path) -> SourceError:
    """What a partial clone, or a damaged one, is answered with."""
    advice = "complete it with `git fetch --refetch --no-filter`, or clone it whole"
    return SourceError("lacks objects that its tags need, and nothing is fetched", str(repository), advice)
