"""Commits as git prints them: `git show`, `git log -p`, `--pretty=raw` or `fuller`.

    shown  = "commit" sha { header } blank { "    " message } [ stat ] [ diff ]
    header = ( "Author:" | "Commit:" ) person | ( "Date:" | "AuthorDate:" | "CommitDate:" ) date
           | ( "author" | "committer" ) person seconds zone | ( "tree" | "parent" ) sha

Several may follow each other. What a form does not tell stays empty: `Merge:` has shortened hashes of parents only.
What `git format-patch` writes is a mail, read by `kbase.parsers.commits.patches`.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from itertools import pairwise

from kbase.model.records import Commit, Evidence, Person
from kbase.parsers.commits.parts import changes, iso_date, read_message
from kbase.parsers.mentions import once
from kbase.text.lines import Line

SHOWN = re.compile(r"commit (?P<sha>[0-9a-f]{40,64})(?: \(.*\))?\s*")
NEXT = ("Author:", "Merge:", "author ", "tree ", "AuthorDate:", "Date:")  # what follows the first line
PERSON = re.compile(r"\s*+(?P<name>[^<>]{0,200}?)\s*+<(?P<email>[^<>]{0,200})>\s*+(?P<date>.{0,80})")
SECONDS = re.compile(r"(\d{1,11}) ([+-])(\d\d)(\d\d)")
HEADER = re.compile(r"(?P<key>[A-Za-z][A-Za-z-]*)(?::\s*|\s+)(?P<value>\S.*)")
INDENT = "    "
LONGEST = 2000  # characters of a header


def is_git_text(lines: Sequence[Line]) -> bool:
    """Whether the first line that is not blank begins a commit."""
    first = next((at for at, line in enumerate(lines) if not line.blank), None)
    return first is not None and _begins(lines, first)


def _begins(lines: Sequence[Line], at: int) -> bool:
    raw = lines[at].raw
    return bool(SHOWN.fullmatch(raw)) and at + 1 < len(lines) and lines[at + 1].raw.startswith(NEXT)


def commits(lines: Sequence[Line], blob: str) -> Iterator[Commit]:
    """Every commit that tells its author, in the order of the text."""
    starts = [at for at in range(len(lines)) if _begins(lines, at)]
    for start, stop in pairwise([*starts, len(lines)]):
        last = next(at for at in range(stop - 1, start - 1, -1) if not lines[at].blank)
        commit = _shown(lines[start : last + 1], blob)
        if commit.author.name or commit.author.email:
            yield commit


def _shown(lines: Sequence[Line], blob: str) -> Commit:
    end = next((at for at, line in enumerate(lines) if line.blank), len(lines))
    header = header_of(line.raw for line in lines[1:end])
    stop = next((at for at in range(end, len(lines)) if not lines[at].blank and not _indented(lines[at])), len(lines))
    message = [line.raw.removeprefix(INDENT) for line in lines[end:stop]]
    author, committer = said(header, "author"), said(header, "committer") or said(header, "commit")
    return commit_of(
        sha=_sha(lines[0]),
        header=header,
        author=person_of(author, said(header, "authordate") or said(header, "date")),
        committer=person_of(committer, said(header, "commitdate")),
        message=message,
        changed=[line.raw for line in lines[stop:]],
        evidence=Evidence(blob=blob, first=lines[0].number, last=lines[-1].number),
    )


def commit_of(
    *,
    sha: str,
    header: dict[str, list[str]],
    author: Person,
    committer: Person,
    message: list[str],
    changed: list[str],
    evidence: Evidence,
    message_id: str = "",
) -> Commit:
    """A commit of what its form tells; `changed` are the lines below the message: the diffstat, the diff."""
    first = next((at for at, line in enumerate(message) if line.strip()), len(message))
    subject = message[first].strip() if first < len(message) else ""
    body, trailers = read_message(message[first + 1 :])
    diffstat, paths = changes(["", *changed[changed[:1] == ["---"] :]])
    return Commit(
        sha=sha,
        tree=said(header, "tree"),
        parents=tuple(header.get("parent", ())),
        author=author,
        committer=committer,
        subject=subject,
        body=body,
        trailers=trailers,
        diffstat=diffstat,
        paths=once([path for path in paths if not path.startswith("...")]),  # git shortens long ones in the middle
        message_id=message_id,
        evidence=evidence,
    )


def _sha(line: Line) -> str:
    found = SHOWN.fullmatch(line.raw)
    return found["sha"] if found else ""


def _indented(line: Line) -> bool:
    return line.raw.startswith(INDENT)


def header_of(lines: Iterator[str]) -> dict[str, list[str]]:
    """The values of each key, lower-cased."""
    values = dict[str, list[str]]()
    for line in lines:
        found = HEADER.fullmatch(line) if len(line) <= LONGEST else None
        if found:
            values.setdefault(found["key"].lower(), []).append(found["value"].strip())
    return values


def said(header: dict[str, list[str]], key: str) -> str:
    """The first value of a key; empty without one."""
    return header.get(key, [""])[0]


def person_of(text: str, date: str) -> Person:
    """`Jane Doe <jane@example.org>` and a date in any of git's formats."""
    found = PERSON.fullmatch(text)
    if found is None:
        return Person(name="", email="")
    return Person(name=found["name"].strip('" '), email=found["email"].strip(), date=_date(date or found["date"]))


def _date(text: str) -> str:
    """A date in any of git's formats as ISO 8601 with offset; empty where it is none."""
    seconds = SECONDS.fullmatch(text.strip())
    try:
        if seconds:
            away = timedelta(hours=int(seconds[3]), minutes=int(seconds[4])) * (-1 if seconds[2] == "-" else 1)
            return datetime.fromtimestamp(int(seconds[1]), UTC).astimezone(timezone(away)).isoformat()
        return iso_date(text) or parsedate_to_datetime(text).isoformat()
    except Exception:  # noqa: BLE001  # whatever email and datetime make of a text that is no date
        return ""
