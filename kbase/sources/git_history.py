"""The commits between two versions of a git repository, and what each of them changed in some files.

Git reads the objects through an empty repository of ours: the configuration, attributes, grafts and hooks of the real
one have no effect, and neither has the configuration of the user. Where objects are missing, as in a shallow or partial
clone, git fails.
"""

import re
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kbase.errors import SourceError
from kbase.model.git_commits import GitCommit
from kbase.sources.document_paths import CONTROL
from kbase.sources.git import SAFE, git_environment, object_store, refusal
from kbase.sources.git_patches import FileDiff, parse_patches
from kbase.sources.processes import start

MAX_COMMITS = 10_000  # between two versions, that touch the files; a release of the kernel has a hundred
MAX_OUTPUT = 64 << 20  # bytes that git prints
MAX_SUBJECT = 200  # characters
LARGE_FILE = "1m"  # what git does not compare line by line; the longest header has 150 KB
RENAMED = "--find-renames=20%"  # the conversion of vfs.txt to vfs.rst changed three lines of four
PLAIN = re.compile(r"[\w./+-]+", re.ASCII)  # paths that git does not quote
NEUTRAL = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_DIFF_OPTS": "",
}
SETTINGS = ("-c", "core.attributesFile=/dev/null", "-c", f"core.bigFileThreshold={LARGE_FILE}")
DIFF = ("-r", "-p", "-U0", "--always", "--no-color", "--no-ext-diff", "--no-textconv", RENAMED)

Pair = tuple[str, str]  # a commit and a parent, or the newer and the older version
Diffs = Mapping[Pair, tuple[FileDiff, ...]]


@dataclass(frozen=True, slots=True)
class FileHistory:
    """The commits that touch some files between two versions, children before parents, and the differences.

    `parents` has the parents of each of them that touch the files, or are not between the versions. `whole` is the
    difference of the two versions.
    """

    parents: Mapping[str, tuple[str, ...]]
    diffs: Diffs
    whole: tuple[FileDiff, ...]


class GitHistory:
    """Reads the history of a repository; it is only looked at."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Make the empty repository.

        Raises:
            SourceError: git does not read the repository.
        """
        kind, objects = object_store(self._repository)
        self._folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="kbase-"))
        own = {"GIT_DIR": self._folder, "GIT_OBJECT_DIRECTORY": str(objects)}
        self._environment = git_environment() | NEUTRAL | own
        try:
            self._git("init", "--quiet", "--bare", "--template=", f"--object-format={kind}")
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        self._stack.close()

    def between(self, old: str, new: str, paths: Iterable[str]) -> FileHistory | None:
        """The commits after `old`, up to `new`, that touch files; None where they are not all that lies in between.

        That is where `old` is no ancestor of `new`, and where history begins in between.

        Raises:
            SourceError: objects are missing, or there is too much.
        """
        watched = ("--", *sorted(filter(PLAIN.fullmatch, paths)))
        if len(watched) == 1:
            return None
        listing = ("rev-list", "--topo-order", "--parents", f"--max-count={MAX_COMMITS + 1}", new, f"^{old}", *watched)
        parents = {name: tuple(others) for name, *others in map(str.split, self._lines(*listing))}
        if not parents or not all(parents.values()) or self._lines("rev-list", "--max-count=1", old, f"^{new}"):
            return None
        if len(parents) > MAX_COMMITS:
            raise SourceError(f"more than {MAX_COMMITS} commits between two versions", str(self._repository))
        pairs = [(new, old), *((name, parent) for name, others in parents.items() for parent in others)]
        asked = "".join(f"{name} {parent}\n" for name, parent in pairs).encode()
        printed = self._git("diff-tree", "--stdin", *DIFF, *watched, given=asked)
        whole, *diffs = parse_patches(printed)
        return FileHistory(parents, dict(zip(pairs[1:], diffs, strict=True)), whole)

    def commits(self, names: Collection[str]) -> dict[str, GitCommit]:
        """The commits of these hashes, by hash, without merges.

        Raises:
            SourceError: objects are missing, or there is too much.
        """
        form = ("--no-walk=unsorted", "--no-merges", "--date=short", "--format=%H %ad %s", "--encoding=UTF-8")
        given = "".join(f"{name}\n" for name in names).encode()
        found = (line.split(" ", 2) for line in self._lines("log", "--stdin", *form, given=given)) if names else ()
        return {name: GitCommit(name, date, _subject(subject)) for name, date, subject in found}

    def _lines(self, *arguments: str, given: bytes = b"") -> Sequence[str]:
        return [line.decode("utf-8", "replace") for line in self._git(*arguments, given=given).split(b"\n") if line]

    def _git(self, *arguments: str, given: bytes = b"") -> bytes:
        """The output of git."""
        with tempfile.TemporaryFile() as input_file, tempfile.TemporaryFile() as errors:
            input_file.write(given)
            input_file.seek(0)
            command = ["git", *SAFE, *SETTINGS, *arguments]
            pipe, surroundings = subprocess.PIPE, self._environment
            with start(command, stdin=input_file, stdout=pipe, stderr=errors, env=surroundings) as process:
                assert process.stdout
                try:
                    printed: bytes = process.stdout.read(MAX_OUTPUT + 1)
                    if len(printed) > MAX_OUTPUT:
                        raise SourceError(f"more than {MAX_OUTPUT >> 20} MiB of changes", str(self._repository))
                except BaseException:  # an interrupt, too: leaving would wait for it
                    process.kill()
                    raise
            errors.seek(0)
            if process.returncode:
                raise refusal(self._repository, errors.read(), process.returncode)
        return printed


def _subject(text: str) -> str:
    """A subject without control characters and characters that reorder others, cut where it is very long."""
    text = " ".join(CONTROL.sub(" ", text[: 2 * MAX_SUBJECT]).split())
    return text if len(text) <= MAX_SUBJECT else f"{text[: MAX_SUBJECT - 1]}…"
