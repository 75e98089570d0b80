"""Git repositories, read at their tags straight from the object store: no checkout, no worktree, nothing fetched.

Everything goes through `git`, the one external program of this module, with the repository's and the user's own
configuration kept from running anything.
"""

import os
import subprocess
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from kbase.errors import SourceError

REGULAR = (b"100644", b"100755")  # modes of files; links and submodules are passed over
FORBIDDEN = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "protocol.allow=never")  # and nothing is fetched
SAFE = (*chain.from_iterable(("-c", setting) for setting in FORBIDDEN), "--no-pager", "--no-replace-objects")
ENVIRONMENT = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
LOCAL = ("GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE")
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


def read_tags(
    repository: Path, tags: dict[str, str], folder: str, limit: int
) -> Iterator[tuple[str, str, bytes | None]]:
    """Tag, path and bytes of the files below a folder at each tag; a blob is read once, at the first tag that has it.

    Files of more than `limit` bytes are not read: None stands for their bytes.

    Raises:
        SourceError: git fails, or the repository lacks objects.
    """
    known: dict[bytes, bytes] = {}
    trees = _trees(repository, list(tags.values()), folder)
    listed: dict[str, dict[str, tuple[bytes, int]]] = {}
    for tag, name in tags.items():
        tree = trees.get(name, name)  # without a tree that can be seen: git tells why, or lists nothing
        if tree not in listed:
            listed[tree] = _list(repository, tree, folder, whole=tree == name)
        files = listed[tree]
        new = [blob for blob, size in dict(files.values()).items() if blob not in known and size <= limit]
        known.update(_read(repository, new))
        for path, (blob, _) in sorted(files.items()):
            yield tag, path, known.get(blob)


def _trees(repository: Path, names: list[str], folder: str) -> dict[str, str]:
    """The tree of the folder at each of these objects, where it can be seen: many tags have the same one."""
    asked = "".join(f"{name}:{folder}\n" for name in names).encode()
    answers = _git(repository, "cat-file", "--batch-check", given=asked).decode("utf-8", "replace").splitlines()
    found = ((name, answer.split()) for name, answer in zip(names, answers, strict=True))
    return {name: words[0] for name, words in found if words[1:2] == ["tree"]}


def _list(repository: Path, name: str, folder: str, *, whole: bool) -> dict[str, tuple[bytes, int]]:
    """Blob and size of each file below a folder, by path, of a `whole` tree or of the folder's own."""
    below = ("--", folder) if whole else ()
    listed = _git(repository, "ls-tree", "-r", "-z", "-l", "--full-tree", name, *below)
    prefix, found = "" if whole else f"{folder}/", {}
    for entry in listed.split(b"\0"):
        words, _, path = entry.partition(b"\t")
        mode, _, blob, size = words.split() if words else (b"", b"", b"", b"")
        if mode in REGULAR:
            if not size.isdigit():  # "BAD": the object is not there
                raise _incomplete(repository)
            found[prefix + path.decode("utf-8", "replace")] = (blob, int(size))
    return found


def _read(repository: Path, blobs: list[bytes]) -> dict[bytes, bytes]:
    """The bytes of blobs, in one go."""
    if not blobs:
        return {}
    output, found, start = _git(repository, "cat-file", "--batch", given=b"\n".join(blobs) + b"\n"), {}, 0
    for blob in blobs:
        head, _, _ = output[start : start + 200].partition(b"\n")
        words = head.split()
        if len(words) != 3:
            raise _incomplete(repository)
        start += len(head) + 1
        found[blob] = output[start : start + int(words[2])]
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
        lines = said.splitlines() or [f"exit status {error.returncode}"]
        raise SourceError(f"git cannot read it: {lines[0]}", str(repository), "check the repository") from error
    return done.stdout


def _incomplete(repository: Path) -> SourceError:
    """What a partial clone, or a damaged one, is answered with."""
    advice = "complete it with `git fetch --refetch --no-filter`, or clone it whole"
    return SourceError("lacks objects that its tags need, and nothing is fetched", str(repository), advice)
