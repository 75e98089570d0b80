"""Git repositories, read at their tags straight from the object store: no checkout, no worktree, nothing fetched.

Everything goes through `git`, the one external program of this module; the configuration of the repository and of the
user cannot make it run anything else.
"""

import os
import re
import shlex
import stat
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, suppress
from itertools import chain
from pathlib import Path
from typing import IO, Self

from kbase.errors import SourceError
from kbase.sources.document_paths import Warn, entry_fault
from kbase.sources.processes import environment, start

ENTRY = re.compile(rb"([0-7]{1,6}) ([^\0]*)\0")  # of a tree object, without the hash
MAX_FILES = 20_000  # of a tag; a kernel has 200 documents, and trees that hold themselves many times over have no end
MAX_LISTED = 20_000_000  # of all tags; 2,800 releases of the kernel have 9 million, headers among them
MAX_TREE = 8 << 20  # bytes of a tree object: more than MAX_FILES entries have
KERNEL = "give a kernel's repository"
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


def kinds_of(repository: Path, objects: Collection[str]) -> dict[str, str]:
    """The kind of object that each tag leads to, by the hash of the tag: commit, tree, blob, or missing.

    Raises:
        SourceError: git does not read the repository.
    """
    names = dict.fromkeys(objects)
    answers = _answers(repository, [f"{name}^{{}}" for name in names])
    return {name: words[1] if len(words) == 3 else "missing" for name, words in zip(names, answers, strict=True)}


def commits_of(repository: Path, objects: Collection[str]) -> dict[str, str]:
    """The commit that each tag or branch leads to, by the hash of its object; a tag of a tree leads to none.

    Raises:
        SourceError: git does not read the repository.
    """
    names = dict.fromkeys(objects)
    answers = _answers(repository, [f"{name}^{{commit}}" for name in names])
    return {name: words[0] for name, words in zip(names, answers, strict=True) if words[1:2] == ["commit"]}


def object_store(repository: Path) -> tuple[str, Path]:
    """The kind of hash that a repository uses (sha1), and the folder of its objects.

    Raises:
        SourceError: git is not there, or does not read the repository.
    """
    printed = _git(repository, "rev-parse", "--show-object-format", "--git-path", "objects")
    kind, _, folder = os.fsdecode(printed).removesuffix("\n").partition("\n")
    return kind, repository / folder


def require_tree(repository: Path, name: str, folder: str) -> None:
    """Check that a tag without such a folder has all its objects.

    Raises:
        SourceError: the repository lacks some.
    """
    _git(repository, "ls-tree", name, "--", folder)


def trees_at(repository: Path, objects: Collection[str], folder: str) -> dict[str, str]:
    """The tree of the folder at each of these tags that has one, by the hash of the tag.

    Raises:
        SourceError: git is not there, or does not read the repository.
    """
    names = dict.fromkeys(objects)
    answers = _answers(repository, [f"{name}:{folder}" for name in names])
    return {name: words[0] for name, words in zip(names, answers, strict=True) if words[1:2] == ["tree"]}


def object_at(repository: Path, name: str) -> tuple[str, str] | None:
    """Hash and kind of the object of that name (`v1.2^{tree}`, `HEAD:fs`); None if there is none.

    Raises:
        SourceError: git is not there, or does not read the repository.
    """
    words = next(iter(_answers(repository, [name])), []) if "\n" not in name else []
    return (words[0], words[1]) if len(words) == 3 and words[2].isdecimal() else None


def _answers(repository: Path, objects: Iterable[str]) -> list[list[str]]:
    """The words of git's answer for each object: name, kind and size, or something else if there is no such object."""
    asked = "".join(f"{name}\n" for name in objects).encode()
    found = _git(repository, "cat-file", "--batch-check", given=asked).decode("utf-8", "replace")
    return [line.split() for line in found.splitlines()]


class Objects:
    """The objects of a repository, read one at a time: two git processes, one for sizes and one for contents."""

    def __init__(self, repository: Path) -> None:
        self.repository = repository
        self._listed = 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._sizes = self._stack.enter_context(_Batch(self.repository, "--batch-check"))
        self._contents = self._stack.enter_context(_Batch(self.repository, "--batch"))
        return self

    def __exit__(self, *raised: object) -> None:
        self._stack.close()

    def read(self, name: str, limit: int) -> bytes | None:
        """The bytes of an object; None, without reading it, if it has more than `limit` bytes.

        Raises:
            SourceError: git fails, or the repository lacks the object.
        """
        if self._sizes.ask(name) > limit:
            return None
        return self._contents.content(self._contents.ask(name))

    def files(self, tree: str, folder: str, warn: Warn) -> dict[str, str]:
        """The files below a tree at a path: path -> hash of the blob, by path.

        `warn` is called for entries that are skipped because of their names.

        Raises:
            SourceError: git fails, a tree is damaged, the repository lacks objects, or there are too many.
        """
        found, below, last = dict[str, str](), [(tree, folder)], self._listed + MAX_FILES
        while below:
            tree, parent = below.pop()
            for mode, name, entry in self._entries(tree):
                path = f"{parent}/{name}"
                self._listed += 1
                if fault := entry_fault(parent, name):
                    warn(path, f"{fault}, skipped")
                elif stat.S_ISDIR(mode):
                    below.append((entry, path))
                elif stat.S_ISREG(mode):
                    found[path] = entry
            if self._listed >= min(last, MAX_LISTED):
                raise self._too_many(folder)
        return dict(sorted(found.items()))

    def _entries(self, tree: str) -> Iterator[tuple[int, str, str]]:
        """Mode, name and object of each entry of a tree."""
        data = self.read(tree, MAX_TREE)
        if data is None:
            raise SourceError(f"a tree object of more than {MAX_TREE >> 20} MiB", self._where(tree), KERNEL)
        try:
            yield from parse_tree(data, len(tree) // 2)
        except ValueError as error:
            advice = "check the repository with `git fsck`, and clone it again"
            raise SourceError(f"a damaged tree object: {error}", self._where(tree), advice) from error

    def _where(self, tree: str) -> str:
        return f"{self.repository}: {tree}"

    def _too_many(self, folder: str) -> SourceError:
        many = MAX_FILES if self._listed < MAX_LISTED else MAX_LISTED
        return SourceError(f"{many} files or more below {folder}", str(self.repository), KERNEL)


def parse_tree(data: bytes, length: int) -> Iterator[tuple[int, str, str]]:
    """Mode, name and object of the entries of a tree: `<mode in octal> <name> NUL <hash>`, the hash of `length` bytes.

    Raises:
        ValueError: the tree is damaged.
    """
    start = 0
    while start < len(data):
        entry = ENTRY.match(data, start)
        start = entry.end() + length if entry else 0
        if entry is None or start > len(data):
            raise ValueError("an entry is cut off")
        yield int(entry[1], 8), entry[2].decode("utf-8", "replace"), data[entry.end() : start].hex()


class _Batch:
    """A process of `git cat-file` that answers for one object after another."""

    def __init__(self, repository: Path, mode: str) -> None:
        self._repository, self._mode = repository, mode

    def __enter__(self) -> Self:
        self._errors = tempfile.TemporaryFile()
        self._process = _started(self._repository, "cat-file", self._mode, errors=self._errors)
        return self

    def __exit__(self, *raised: object) -> None:
        self._process.kill()  # it only reads
        self._process.communicate()
        self._errors.close()

    def ask(self, name: str) -> int:
        """The size of an object."""
        assert self._process.stdin
        assert self._process.stdout
        with suppress(BrokenPipeError):  # it has failed
            self._process.stdin.write(f"{name}\n".encode())
            self._process.stdin.flush()
        words = self._process.stdout.readline().split()
        if not words:
            raise self._failure()
        if len(words) != 3:
            raise _incomplete(self._repository)
        return int(words[2])

    def content(self, size: int) -> bytes:
        """The bytes of the object that was asked for last."""
        assert self._process.stdout
        found = self._process.stdout.read(size + 1)
        if len(found) <= size:
            raise self._failure()
        return found[:size]

    def _failure(self) -> SourceError:
        status = self._process.wait()
        self._errors.seek(0)
        return refusal(self._repository, self._errors.read(), status)


def _git(repository: Path, *arguments: str, given: bytes = b"") -> bytes:
    """The output of git; the first line of its standard error becomes the error."""
    with tempfile.TemporaryFile() as errors:
        with _started(repository, *arguments, errors=errors) as process:
            try:
                printed, _ = process.communicate(given)
            except BaseException:  # an interrupt, too: leaving would wait for it
                process.kill()
                raise
        errors.seek(0)
        if process.returncode:
            raise refusal(repository, errors.read(), process.returncode)
    return printed


def _started(repository: Path, *arguments: str, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    command = ["git", *SAFE, "-C", str(repository), *arguments]
    pipe = subprocess.PIPE
    try:
        return start(command, stdin=pipe, stdout=pipe, stderr=errors, env=git_environment())
    except FileNotFoundError:
        raise SourceError("git is not installed", str(repository), "install it, or give a folder") from None


def git_environment() -> dict[str, str]:
    """The environment of git, without the variables that would lead it to another repository."""
    return {name: value for name, value in environment(ENVIRONMENT).items() if name not in LOCAL}


def refusal(repository: Path, errors: bytes, status: int) -> SourceError:
    """The error of a git that failed, from what it printed."""
    said = errors.decode("utf-8", "replace").strip()
    if any(words in said for words in NOT_FETCHED):
        return _incomplete(repository)
    if OF_ANOTHER_USER in said:
        advice = f"if you trust it: git config --global --add safe.directory {shlex.quote(str(repository))}"
        return SourceError("belongs to another user, so git does not read it", str(repository), advice)
    lines = said.splitlines() or [f"exit status {status}"]
    return SourceError(f"git cannot read it: {lines[0]}", str(repository), "check the repository")


def _incomplete(repository: Path) -> SourceError:
    """The error of a partial or damaged clone."""
    advice = "complete it with `git fetch --refetch --no-filter`, or clone it whole"
    return SourceError("lacks objects that its tags need, and nothing is fetched", str(repository), advice)
