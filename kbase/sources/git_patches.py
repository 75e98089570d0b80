"""The output of `git diff-tree --stdin -p -U0`: for each pair of commits, what differs in which file.

patch = { hash newline { file } }
file  = "diff --git" ... { header } [ "--- " path "+++ " path { hunk } ]
hunk  = "@@ -" start [ "," count ] " +" start [ "," count ] " @@" ... { "-" line } { "+" line }
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

HASH = re.compile(rb"[0-9a-f]{40,64}")
HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
NO_NEWLINE = b"\\"  # "\ No newline at end of file"


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that were replaced; places count from 0, and `new` of a deletion is the line that follows it."""

    old: int
    removed: tuple[str, ...]
    new: int
    added: int


@dataclass(frozen=True, slots=True)
class FileDiff:
    """How a file differs; the path is None on the side that does not have it, `hunks` None if they are not known."""

    old_path: str | None
    new_path: str | None
    hunks: tuple[Hunk, ...] | None


def parse_patches(output: bytes) -> Iterator[tuple[FileDiff, ...]]:
    """The differing files of each pair of commits, in the order of the pairs."""
    lines, at = output.split(b"\n"), 0
    files: list[FileDiff] | None = None
    while at < len(lines):
        if HASH.fullmatch(lines[at]):
            if files is not None:
                yield tuple(files)
            files, at = [], at + 1
        elif files is not None and lines[at].startswith(b"diff --git "):
            file, at = _file(lines, at)
            files.append(file)
        else:
            at += 1
    if files is not None:
        yield tuple(files)


def _file(lines: Sequence[bytes], at: int) -> tuple[FileDiff, int]:
    """The file whose first line is given, and the line after it."""
    both = lines[at][len(b"diff --git ") :]  # "a/PATH b/PATH", unless it was renamed
    old: str | None = _text(both[2 : len(both) // 2])
    new = old
    hunks, known, at = list[Hunk](), True, at + 1
    while at < len(lines) and not lines[at].startswith(b"diff --git ") and not HASH.fullmatch(lines[at]):
        words, _, rest = lines[at].partition(b" ")
        if words == b"@@":
            hunk, at = _hunk(lines, at)
            hunks.append(hunk)
            continue
        match words, rest.partition(b" ")[0]:
            case b"rename", b"from":
                old = _text(rest[len(b"from ") :])
            case b"rename", b"to":
                new = _text(rest[len(b"to ") :])
            case b"new", b"file":
                old = None
            case b"deleted", b"file":
                new = None
            case b"Binary", b"files":
                known = False
        at += 1
    return FileDiff(old, new, tuple(hunks) if known else None), at


def _hunk(lines: Sequence[bytes], at: int) -> tuple[Hunk, int]:
    """The hunk whose first line is given, and the line after it."""
    header = HUNK.match(lines[at])
    assert header, lines[at]
    old, removed, new, added = (1 if number is None else int(number) for number in header.groups())
    texts = tuple(_text(line[1:]) for line in lines[at + 1 : at + 1 + removed])
    at = _after(lines, _after(lines, at + 1 + removed) + added)
    return Hunk(old - bool(removed), texts, new - bool(added), added), at


def _after(lines: Sequence[bytes], at: int) -> int:
    """The same line, or the next one where it says that the file ends without a newline."""
    return at + lines[at].startswith(NO_NEWLINE)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")
