"""The parts of a commit, which all forms share: people, dates, the message with its trailers, diffstats and paths.

Trailers are the last `Key: value` items of the message. Remarks of maintainers (`[who@where: what was changed]`) stay
in the body, wherever they are: git does not count them among the trailers, either.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from itertools import pairwise

from kbase.model.records import Commit, Evidence, Person, Trailer
from kbase.parsers.mentions import once

PERSON = re.compile(r"\s*+(?P<name>[^<>]{0,200}?)\s*+<(?P<email>[^<>]{0,200})>\s*+(?P<date>.{0,80})")
SECONDS = re.compile(r"(\d{1,11}) ([+-])(\d\d)(\d\d)")
DATE = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)\s*(?:([+-]\d\d):?(\d\d)|\(?(?:GMT|UTC|Z)\)?)?")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
LIMITED = re.compile(r"\s*Diffstat\s*\(limited to '(?P<path>[^']*)'\)")
CHANGED = re.compile(r"\s*\d+ files? changed\b.*")
STAT = re.compile(
    r"""
    [-dlrwxsStT]{10} (?P<path> \S+? ) \s*+ (?: \( [^()]{0,200} \) \s*+ )?  # of a page
    (?: (?: (?<!\d) | (?<=^[-dlrwxsStT]{10}\d) ) \d++ \W*+ | bin \b .* )
    | \s (?P<plain> \S+ ) \s+ \| \s+ \S .*  # of git
    """,
    re.VERBOSE | re.DOTALL,
)
LINKED = re.compile(r"\s*+(?P<path>[\w.+@/-]{1,1000})\s*+[\[|]?\s*+(?:diff|patch|blob|blobdiff)\b.*")  # gitiles, gitweb
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
REMARK = r"(?:\s*+(?:\[[^\[\]]*\]|\([^()]*\)|\#.*))*+"
SOMEBODY = (
    r"""(?:(?:"[^"]{0,80}"|[^<>",]){0,80}<[^<>]{1,80}>"""
    r"|[^\s<>@,]++@(?:[^\s<>@,]++|[^\s<>@,#(\[]++(?=[#(\[]))"
    r"|[\w.'-]{1,40}(?:\s[\w.'-]{1,40}){0,3})"
)
PERSON_VALUE = re.compile(rf"{SOMEBODY}(?:,\s*+{SOMEBODY})*{REMARK}[,.]?", re.DOTALL)
OTHER_VALUE = re.compile(r"(?:\S+(?:\s+\[.*\])?|[0-9a-f]{7,40}\s+\(.*\)|\S.{0,60})")
MAINTAINER = re.compile(r"(?:\s*+\[[^\[\]:]*+:[^\[\]]*+\])++\s*")

NO_FILE = "/dev/null"
LONGEST = 2000  # characters of a line that is looked at
LONGEST_SUBJECT, SHORTENED = 300, 72  # characters
Header = Mapping[str, Sequence[str]]  # the values of each key, in lower case


def commit_of(
    *,
    sha: str,
    header: Header,
    author: Person,
    committer: Person,
    message: Sequence[str],
    changed: Sequence[str],
    evidence: Evidence,
    limits: Iterable[str] = (),
    message_id: str = "",
) -> Commit:
    """A commit; `header` has the tree and the parents.

    `changed` are the lines of the diffstat from its heading on, then the diff; `limits` the only paths that a page
    shows. A page on one line does not show where the subject ends: a long message is the body, and its first words
    with `...` are the subject.
    """
    first = next((at for at, line in enumerate(message) if line.strip()), len(message))
    subject = message[first].strip() if first < len(message) else ""
    short = len(subject) <= LONGEST_SUBJECT
    body, trailers = read_message(message[first + short :])
    diffstat, paths = changes(changed)
    return Commit(
        sha=sha,
        tree=first_value(header, "tree"),
        parents=tuple(header.get("parent", ())),
        author=author,
        committer=committer,
        subject=subject if short else f"{subject[:SHORTENED].rpartition(' ')[0]} ...",
        body=body,
        trailers=trailers,
        diffstat=diffstat,
        paths=once((*limits, *(path for path in paths if not path.startswith("...")))),  # git shortens long ones
        message_id=message_id,
        evidence=evidence,
    )


def first_value(header: Header, key: str) -> str:
    """The first value of a key; empty without one."""
    return next(iter(header.get(key, ())), "")


def person_of(text: str, date: str = "") -> Person:
    """`Jane Doe <jane@example.org>` and a date in any of git's formats, which may also follow the address."""
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


def iso_date(text: str) -> str:
    """`2012-01-10 15:11:23 -0800` as `2012-01-10T15:11:23-08:00`, a day as it is; empty where the text is no date."""
    match = DATE.match(text.strip())
    if match is None:
        return text.strip() if DAY.fullmatch(text.strip()) else ""
    offset = f"{match[3]}:{match[4]}" if match[3] else "+00:00"
    return f"{match[1]}T{match[2]}{offset}"


def read_message(lines: Sequence[str]) -> tuple[str, tuple[Trailer, ...]]:
    """The body of a commit message (without its subject), and its trailers."""
    body, remarks, trailers = [line.rstrip() for line in lines], list[str](), list[Trailer]()
    while body:
        line = body.pop()
        if not line.strip():
            continue
        if len(line) <= LONGEST and MAINTAINER.fullmatch(line):
            remarks.insert(0, line.strip())
            continue
        prose, found = split_trailers(line)
        trailers[:0] = found
        if prose:
            body.append(prose)
            break
    return "\n".join([*body, *remarks]).strip("\n"), tuple(trailers)


def split_trailers(line: str) -> tuple[str, list[Trailer]]:
    """A line as what comes before its trailers, and the trailers that end it: as many as are well formed."""
    trailers, end = list[Trailer](), len(line)
    for key in reversed(list(KEY.finditer(line))):
        value = line[key.end() : end].strip()
        is_value = PERSON_VALUE.fullmatch if PEOPLE.fullmatch(key["key"]) else OTHER_VALUE.fullmatch
        if not is_value(value):
            break
        trailers.insert(0, Trailer(key=key["key"], value=value))
        end = key.start()
    return line[:end].rstrip(), trailers


def changes(lines: Sequence[str]) -> tuple[str, list[str]]:
    """The diffstat as the page shows it, without its heading, and the paths that it and the diff name."""
    stop = next((at + 1 for at, line in enumerate(lines) if CHANGED.fullmatch(line)), 0) or _stop(lines)
    stat = [line.rstrip() for line in lines[1:stop] if line.strip()]
    limited = LIMITED.match(lines[0]) if lines else None
    return "\n".join(stat), [*([limited["path"]] if limited else []), *_stat_paths(stat), *_diff_paths(lines)]


def _stop(lines: Sequence[str]) -> int:
    """The position below a diffstat that does not end with the number of files."""
    stop = len(lines) and 1
    while stop < len(lines) and any(pattern.fullmatch(lines[stop][:LONGEST]) for pattern in (STAT, LINKED)):
        stop += 1
    return stop


def _stat_paths(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        match = STAT.fullmatch(line) if len(line) <= LONGEST else None
        linked = LINKED.fullmatch(line) if len(line) <= LONGEST and match is None else None
        if match:
            yield match["path"] or match["plain"]
        elif linked:
            yield linked["path"]


def _diff_paths(lines: Sequence[str]) -> Iterator[str]:
    for line, below in pairwise([*lines, ""]):
        yield from (match["path"] for match in DIFF.finditer(line))
        if line.startswith("--- ") and below.startswith("+++ "):
            yield from _file(line[4:], below[4:])


def _file(old: str, new: str) -> Iterator[str]:
    """The path in the two lines above the hunks of a diff, without the names of the two trees."""
    paths = [(name.split("\t")[0].split() or [""])[0] for name in (old, new)]
    named = [path for path in reversed(paths) if path != NO_FILE]
    trees = {path.partition("/")[0] for path in paths}
    for path in named[:1]:
        yield path.partition("/")[2] if len(trees) > 1 and "/" in path else path
