"""The text of a cgit commit page as a commit.

    page: root/net/tipc is its path; the header's words run together:

    authorJane Doe <jane@example.org>2012-01-10 15:11:23 -0800
    committerJohn Roe <john@example.org>2012-01-10 16:30:54 -0800
    commit640708a2cff7f81e246243b0073c66e6ece7e53e (patch)
    tree8cc00ae2b374bf6750ad9ca20da3566e28cfc9ff /net/tipc
    parent7773fbc54182a90cd248656619c7d33859e5f91d (diff)         one for each parent
    the subject
    the message, on one line or several, its trailers inside it
    Diffstat (limited to 'net/tipc')
    ...
    diff --git a/net/tipc/msg.c b/net/tipc/msg.cindex 1e42..9c57 100644

Trailers are the last `Key: value` items of the message. Remarks of maintainers (`[who@where: what was changed]`) stay
in the body, wherever they stand: git does not count them among the trailers, either.
"""

import re
from collections.abc import Iterator, Sequence

from kbase.parsers.mentions import once
from kbase.parsers.sections import sections_of
from kbase.records import Commit, DocumentKind, Evidence, Format, Parsed, Person, Trailer
from kbase.text import Line, Text

PERSON = r"\s*(?P<name>[^<>]{0,200}?)\s*<(?P<email>[^<>]*)>\s*(?P<date>\d{4}-.*)?"
DATE = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)\s*(?:([+-]\d\d):?(\d\d)|\(?(?:GMT|UTC|Z)\)?)?")
HEADER = {
    "author": re.compile(rf"\s*author{PERSON}\s*"),
    "committer": re.compile(rf"\s*committer{PERSON}\s*"),
    "commit": re.compile(r"\s*commit\s*(?P<sha>[0-9a-f]{40,64})\b.*"),
    "tree": re.compile(r"\s*tree\s*(?P<sha>[0-9a-f]{40,64})\b(?:\s+/?(?P<path>\S+))?.*"),
    "parent": re.compile(r"\s*parent\s*(?P<sha>[0-9a-f]{40,64})\b.*"),
    "path": re.compile(r"\s*path:\s*root/?(?P<path>\S*)\s*"),
    "download": re.compile(r"\s*download\s*\S+\.(?:tar\.\w+|zip)\b.*"),
}
DIFFSTAT = re.compile(r"\s*Diffstat(?:\s*\(.*)?")
LIMITED = re.compile(r"\s*Diffstat\s*\(limited to '(?P<path>[^']*)'\)")
CHANGED = re.compile(r"\s*\d+ files? changed\b.*")
STAT = re.compile(r"[-dlrwxsStT]{10}(?P<path>\S+?)\s*(?:\(.*\))?\s*(?:\d+|bin\b.*)\W*|\s(?P<plain>\S+)\s+\|\s+\S.*")
DIFF = re.compile(
    r"""
    diff\ --git\ a/\S+\ b/(?P<path>\S+?)
    (?= index\ [0-9a-f]+\.\. | (?: new | deleted )\ file\ mode | old\ mode | similarity\ index | \s | $ )
    """,
    re.VERBOSE,
)

KEYS = (
    r"(?:[A-Z][a-z]+(?:-[A-Za-z]+)*-by|Cc|CC|Link|Fixes|Closes|Bugzilla|BugLink|Bug|References?|Message-I[dD]|Change-Id"
    r"|LKML-Reference|To|From|Depends-on|Upstream|Patchwork|Cherry-picked-from|[A-Z][A-Za-z]+(?:-[A-Za-z]+)+)"
)
KEY = re.compile(rf"(?:^|(?<=\s))(?P<key>{KEYS}):(?=\s)")
PEOPLE = re.compile(r"Cc|CC|To|From|.*-by")
REMARK = r"(?:\s*(?:\[[^\[\]]*\]|\([^()]*\)|\#.*))*"
SOMEBODY = (
    r"""(?:(?:"[^"]{0,80}"|[^<>",]){0,80}<[^<>]{1,80}>|[^\s<>@,]+@[^\s<>@,]+|[\w.'-]{1,40}(?:\s[\w.'-]{1,40}){0,3})"""
)
PERSON_VALUE = re.compile(rf"{SOMEBODY}(?:,\s*{SOMEBODY})*{REMARK}[,.]?")
OTHER_VALUE = re.compile(r"(?:\S+(?:\s+\[.*\])?|[0-9a-f]{7,40}\s+\(.*\)|\S.{0,60})")
MAINTAINER = re.compile(r"(?:\s*\[[^\[\]]*:[^\[\]]*\])+\s*")

HEAD = 120  # lines that a header may take: a merge has a parent a line
LONGEST = 2000  # characters of a line of the header, of a remark, of a path
ONCE = ("author", "committer", "commit", "tree")


def matches(name: str, text: Text) -> bool:  # noqa: ARG001  # a saved page may have any name
    """Whether the text is that of a commit page."""
    return text.page_of == "cgit commit"


def parse(name: str, text: Text, blob: str) -> Parsed:  # noqa: ARG001  # a saved page may have any name
    """The commit; a page that lacks author, committer or hash becomes sections."""
    commit = _commit(text.lines, blob)
    records = (commit,) if commit else tuple(sections_of(text.lines, blob))
    title = commit.subject if commit else ""
    return Parsed(kind=DocumentKind.COMMIT, format=Format.TEXT, title=title, records=records)


def _commit(lines: Sequence[Line], blob: str) -> Commit | None:
    header, at = _header(lines)
    if not all(header.get(key) for key in ("author", "committer", "commit")):
        return None
    message = next((i for i in range(at, len(lines)) if not lines[i].blank), len(lines))
    stat = next((i for i in range(message + 1, len(lines)) if DIFFSTAT.fullmatch(lines[i].raw)), len(lines))
    body, trailers = read_message([line.raw for line in lines[message + 1 : stat]])
    diffstat, paths = _changes([line.raw for line in lines[stat:]])
    limits = [m["path"] for key in ("path", "tree") for m in header.get(key, []) if m["path"]]
    return Commit(
        sha=header["commit"][0]["sha"],
        tree=header["tree"][0]["sha"] if header.get("tree") else "",
        parents=tuple(match["sha"] for match in header.get("parent", [])),
        author=_person(header["author"][0]),
        committer=_person(header["committer"][0]),
        subject=lines[message].raw.strip() if message < len(lines) else "",
        body=body,
        trailers=trailers,
        diffstat=diffstat,
        paths=once([*limits, *paths]),
        evidence=Evidence(blob=blob, first=lines[0].number, last=lines[-1].number),
    )


def _header(lines: Sequence[Line]) -> tuple[dict[str, list[re.Match[str]]], int]:
    """The header's lines by what they tell, and the position behind the last of them."""
    header, end = dict[str, list[re.Match[str]]](), 0
    for at, line in enumerate(lines[: HEAD + 1]):
        for key, pattern in HEADER.items():
            match = pattern.fullmatch(line.raw) if len(line.raw) <= LONGEST else None
            if match and not (key in ONCE and key in header):
                header.setdefault(key, []).append(match)
                end = at + 1
                break
        else:
            if not line.blank and "commit" in header and "author" in header and at == end:
                break
    return header, end


def _person(match: re.Match[str]) -> Person:
    return Person(name=match["name"], email=match["email"].strip(), date=iso_date(match["date"] or ""))


def iso_date(text: str) -> str:
    """`2012-01-10 15:11:23 -0800` as `2012-01-10T15:11:23-08:00`; empty where the text is no date."""
    match = DATE.match(text.strip())
    if match is None:
        return ""
    offset = f"{match[3]}:{match[4]}" if match[3] else "+00:00"
    return f"{match[1]}T{match[2]}{offset}"


def read_message(lines: Sequence[str]) -> tuple[str, tuple[Trailer, ...]]:
    """The body of a commit message (without its subject), and its trailers."""
    kept, remarks, trailers = [line.rstrip() for line in lines], list[str](), list[Trailer]()
    while kept:
        line = kept.pop()
        if not line.strip():
            continue
        if len(line) <= LONGEST and MAINTAINER.fullmatch(line):
            remarks.insert(0, line.strip())
            continue
        prose, found = split_trailers(line)
        trailers[:0] = found
        if prose:
            kept.append(prose)
            break
    return "\n".join([*kept, *remarks]).strip("\n"), tuple(trailers)


def split_trailers(line: str) -> tuple[str, list[Trailer]]:
    """A line as what comes before its trailers, and the trailers that end it: as many as are well formed."""
    trailers, end = list[Trailer](), len(line)
    for key in reversed(list(KEY.finditer(line))):
        value = line[key.end() : end].strip()
        grammar = PERSON_VALUE if PEOPLE.fullmatch(key["key"]) else OTHER_VALUE
        if not grammar.fullmatch(value):
            break
        trailers.insert(0, Trailer(key=key["key"], value=value))
        end = key.start()
    return line[:end].rstrip(), trailers


def _changes(lines: Sequence[str]) -> tuple[str, list[str]]:
    """The diffstat as the page shows it, without its heading, and the paths that it and the diff name."""
    stop = next((at + 1 for at, line in enumerate(lines) if CHANGED.fullmatch(line)), len(lines) and 1)
    stat = [line.rstrip() for line in lines[1:stop] if line.strip()]
    return "\n".join(stat), [*_limits(lines[:1]), *_stat_paths(stat), *_diff_paths(lines)]


def _limits(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        match = LIMITED.match(line)
        if match:
            yield match["path"]


def _stat_paths(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        match = STAT.fullmatch(line) if len(line) <= LONGEST else None
        if match:
            yield match["path"] or match["plain"]


def _diff_paths(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield from (match["path"] for match in DIFF.finditer(line))
