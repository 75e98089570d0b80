"""Commits as git prints them: `git show`, `git log -p`, `--pretty=raw` or `fuller`.

    shown  = "commit" sha { header } blank { "    " message } [ stat ] [ diff ]
    header = ( "Author:" | "Commit:" ) person | ( "Date:" | "AuthorDate:" | "CommitDate:" ) date
           | ( "author" | "committer" ) person seconds zone | ( "tree" | "parent" ) sha

Several may follow each other. What a form does not have stays empty: `Merge:` has shortened hashes of parents only.
What `git format-patch` writes is a mail (`kbase.parsers.commits.patches`).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from kbase.model.records import Commit
from kbase.parsers.commits.parts import commit_of, first_value, person_of
from kbase.parsers.evidence import evidence_of
from kbase.text.lines import Line, first_filled, trimmed

SHOWN = re.compile(r"commit (?P<sha>[0-9a-f]{40,64})(?: \(.*\))?\s*")
NEXT = ("Author:", "Merge:", "author ", "tree ", "AuthorDate:", "Date:")  # what follows the first line
HEADER = re.compile(r"(?P<key>[A-Za-z][A-Za-z-]*)(?::\s*|\s+)(?P<value>\S.*)")
INDENT = "    "
LONGEST = 2000  # characters of a header


def is_git_text(lines: Sequence[Line]) -> bool:
    """Whether the first line that is not blank begins a commit."""
    return _begins(lines, first_filled(lines))


def _begins(lines: Sequence[Line], at: int) -> bool:
    return at + 1 < len(lines) and bool(SHOWN.fullmatch(lines[at].raw)) and lines[at + 1].raw.startswith(NEXT)


def commits(lines: Sequence[Line], blob: str) -> Iterator[Commit]:
    """Every commit that has an author, in the order of the text."""
    starts = [at for at in range(len(lines)) if _begins(lines, at)]
    for start, stop in pairwise([*starts, len(lines)]):
        commit = _shown(trimmed(lines[start:stop]), blob)
        if commit.author.name or commit.author.email:
            yield commit


def _shown(lines: Sequence[Line], blob: str) -> Commit:
    end = next((at for at, line in enumerate(lines) if line.blank), len(lines))
    header = header_of(line.raw for line in lines[1:end])
    below = (at for at in range(end, len(lines)) if not lines[at].blank and not lines[at].raw.startswith(INDENT))
    stop = next(below, len(lines))
    committer = first_value(header, "committer") or first_value(header, "commit")
    date = first_value(header, "authordate") or first_value(header, "date")
    return commit_of(
        sha=lines[0].raw.split()[1],
        header=header,
        author=person_of(first_value(header, "author"), date),
        committer=person_of(committer, first_value(header, "commitdate")),
        message=[line.raw.removeprefix(INDENT) for line in lines[end:stop]],
        changed=["", *(line.raw for line in lines[stop:] if line.raw != "---")],
        evidence=evidence_of(lines, blob),
    )


def header_of(lines: Iterator[str]) -> dict[str, list[str]]:
    """The values of each key, lower-cased."""
    values = dict[str, list[str]]()
    for line in lines:
        found = HEADER.fullmatch(line) if len(line) <= LONGEST else None
        if found:
            values.setdefault(found["key"].lower(), []).append(found["value"].strip())
    return values
