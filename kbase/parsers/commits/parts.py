"""What commits of every form have in common: dates, messages with their trailers, diffstats and paths.

Trailers are the last `Key: value` items of the message. Remarks of maintainers (`[who@where: what was changed]`) stay
in the body, wherever they stand: git does not count them among the trailers, either.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from kbase.model.records import Trailer

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


def iso_date(text: str) -> str:
    """`2012-01-10 15:11:23 -0800` as `2012-01-10T15:11:23-08:00`, a day as it is; empty where the text is no date."""
    match = DATE.match(text.strip())
    if match is None:
        return text.strip() if DAY.fullmatch(text.strip()) else ""
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
    return "\n".join(stat), [*_limits(lines[:1]), *_stat_paths(stat), *_diff_paths(lines)]


def _stop(lines: Sequence[str]) -> int:
    """The position below a diffstat that no line about the number of files ends."""
    stop = len(lines) and 1
    while stop < len(lines) and any(pattern.fullmatch(lines[stop][:LONGEST]) for pattern in (STAT, LINKED)):
        stop += 1
    return stop


def _limits(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        match = LIMITED.match(line)
        if match:
            yield match["path"]


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
    """The path that the two lines above a diff's hunks mean, without the folders of the two trees compared."""
    paths = [(name.split("\t")[0].split() or [""])[0] for name in (old, new)]
    named = [path for path in reversed(paths) if path != NO_FILE]
    trees = {path.partition("/")[0] for path in paths}
    for path in named[:1]:
        yield path.partition("/")[2] if len(trees) > 1 and "/" in path else path
