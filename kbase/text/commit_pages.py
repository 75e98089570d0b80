"""Pages about one commit, of cgit, gitiles, gitweb and GitHub, as the lines that cgit's page of the commit would have.

    cgit      author Jane Doe <mail> DATE, committer, commit, tree, parent: a line each, or all on one line
              message, diffstat, diff

    gitiles   commit<tab>SHA<tab>[log] [tgz]          gitweb   author<tab>Jane Doe <jane@example.org>
              author<tab>Jane <mail><tab>DATE                  <tab>DATE in UTC (time and zone where she was)
              committer, tree, parent                          committer, commit, tree, parent, likewise
              message, `path[diff]`, diff                      message, `path<tab>diff | blob | history`, diff

    GitHub    [ message ] who "committed" "on" DATE [ message ] "1 parent" SHA "commit" SHA, paths, hunks

Cells may be on lines of their own. Lines are counted from 1. What a page does not have stays empty: GitHub has no
mail addresses. Pure; takes time linear in the size; never raises.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from textwrap import wrap

CGIT_HEAD = 60  # lines
LONGEST_LINE = 500  # characters
HEAD = 200  # lines that have the header, and the message of a page of GitHub
LONGEST = 2000  # characters of a line of the header
KEYS = ("author", "committer", "commit", "tree", "parent")
PERSON = re.compile(r"\s*(author|committer)\s*(?P<name>[^<>]{0,200})<(?P<mail>[^<>\s]{0,200})>\s*(?P<date>.{0,120})")
HASH = re.compile(r"\s*(commit|tree|parent)\s*(?P<sha>[0-9a-f]{40,64})(?![0-9a-f])(?P<rest>.*)")
THERE = re.compile(r"\(\d\d:\d\d ([+-])(\d\d)(\d\d)\)")  # gitweb: the time and the zone of who wrote it
PATH_ROW = re.compile(r"\s*+[\w.+@-]{1,200}(?:/[\w.+@-]{1,200}){0,30}\s*+\[?\|?\s*+(?:diff|patch|blob|blobdiff)\b.*")
ISO = re.compile(r"\d{4}-\d\d-\d\d")
ZONE = re.compile(r" ([+-]\d\d):?(\d\d)$")
CHANGED = re.compile(r"\s*\d+ files? changed\b.*")
ENDS = ("diff --git ", "Diffstat")

# A line of each kind that cgit's header has.
CGIT_LINES = (
    re.compile(r"\s*author\s*+[^<]+<[^>]*>.*\d{4}-\d\d-\d\d"),
    re.compile(r"\s*commit\s*[0-9a-f]{40}"),
    re.compile(r"\s*(?:tree|parent)\s*[0-9a-f]{40}"),
)
# The same header where its words are not one row a line: all on one line, or each on its own.
CGIT_HEADER = re.compile(
    r"""
    \b author    \s*+ (?P<author> [^<>\n]{0,200} < [^<>\n]{0,200} > \s*+ \d{4}-\d\d-\d\d [ ] [\d:]+ [ ] [+-]\d{4} )
    \s*+ committer \s*+ (?P<committer> [^<>\n]{0,200} < [^<>\n]{0,200} > \s*+ \d{4}-\d\d-\d\d [ ] [\d:]+ [ ] [+-]\d{4} )
    \s*+ commit   \s*+ (?P<commit> [0-9a-f]{40} ) (?: \s*+ \( patch \) )?
    (?: \s*+ tree \s*+ (?P<tree> [0-9a-f]{40} (?: \s++ / \S* )? ) )?
    (?P<parents> (?: \s*+ parent \s*+ [0-9a-f]{40} (?: \s*+ \( diff \) )? )*+ )
    \s*
    """,
    re.VERBOSE,
)
CGIT_PART = re.compile(r"\s(?=Diffstat(?: \(|\s*$)|diff --git a/|\d+ files? changed,)")  # before a line of its own
TRAILER = re.compile(r"\s(?=(?:[A-Z][a-z]+(?:-[a-z]+)*-by|Cc|Link|Fixes): )")
MOST_ABOVE = 5000  # characters above a commit's header
WIDEST_MESSAGE = 1000  # characters of a line; the message of a page on one line is longer

COMMITTED = re.compile(
    r"(?:(?P<author>\S.{0,80}?) authored(?: and|,)? )?(?P<who>\S.{0,80}? )?committed(?: on)?(?: (?P<date>\S.{0,40}))?"
)
PARENTS = re.compile(r"\d+ parents?((?:[ +]+[0-9a-f]{7,64}){0,30}) +commit +([0-9a-f]{7,64})")
AGO = re.compile(r"(?:\d{1,4}|an?) [a-z]{3,7} ago|last (?:week|month|year)|yesterday|now")
DAYS = ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y")
TAG = re.compile(r"(?:[\w-]{1,40}/)?v\d[\w.-]*|@[\w-]{1,40}")
BRANCHES = ("main", "master", "\u00b7", "\u2026")
COUNTED = re.compile(r"\d{1,3} parents?\b")
SHORT = re.compile(r"[0-9a-f]{7,64}")
PATH = re.compile(r"[\w.+@-]{1,200}(?:/[\w.+@-]{1,200}){1,30}")
COUNT = re.compile(r"\s*(\d+ changes?: \d+ additions? & \d+ deletions?)")


def commit_rows(raw: Sequence[str]) -> list[str] | None:
    """The lines of a page about a commit; None for other pages."""
    if all(any(pattern.match(line[:LONGEST_LINE]) for line in raw[:CGIT_HEAD]) for pattern in CGIT_LINES):
        return list(raw)
    return _run_together(raw) or _with_header(raw) or _of_github(raw)


# --- cgit ---


def _run_together(raw: Sequence[str]) -> list[str] | None:
    """The lines of a page of cgit whose header is not one row a line."""
    text = "\n".join(raw)
    header = CGIT_HEADER.search(text, 0, MOST_ABOVE)
    if header is None:
        return None
    path = re.search(r"path:\s*(root\S*)", text[: header.start()])
    rows = [f"path: {path[1]}"] if path else []
    rows += [
        f"{key} {' '.join(header[key].split())}" for key in ("author", "committer", "commit", "tree") if header[key]
    ]
    rows += [f"parent {sha}" for sha in re.findall(r"[0-9a-f]{40}", header["parents"])]
    for line in CGIT_PART.sub("\n", text[header.end() :]).splitlines():
        if len(line) <= WIDEST_MESSAGE:
            rows.append(line)
            continue
        for part in TRAILER.split(line):  # each trailer on its own
            rows += wrap(part, WIDEST_MESSAGE, break_long_words=False, break_on_hyphens=False)
    return rows


# --- gitiles, gitweb ---


def _with_header(raw: Sequence[str]) -> list[str] | None:
    lines = list(_joined(raw[:HEAD]))
    rows, end = dict[str, list[str]](), 0
    for at, (text, below) in enumerate(lines):
        key, row = _row(text, lines[at + 1][0] if at + 1 < len(lines) else "")
        if key and not (key in rows and key != "parent"):
            rows.setdefault(key, []).append(row)
            end = below
        elif rows.keys() >= {"author", "commit"} and not when(text):
            break
    if not rows.keys() >= {"author", "committer", "commit"} or rows["author"][0].endswith(">"):
        return None  # what git prints has seconds for a date
    while end < len(raw) and (when(raw[end]) or not raw[end].strip()):
        end += 1
    ends = (
        at
        for at, line in enumerate(raw[end:], end)
        if line.startswith(ENDS) or PATH_ROW.fullmatch(line[:LONGEST]) or CHANGED.fullmatch(line)
    )
    stop = next(ends, len(raw))
    header = [row for key in KEYS for row in rows.get(key, [])]
    return [*header, "", *raw[end:stop], "Diffstat", *raw[stop:]]


def _joined(raw: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The lines that are not blank, each with the position below it; a lone key is joined to the next line."""
    at = 0
    while at < len(raw):
        if not raw[at].strip():
            at += 1
            continue
        alone = raw[at].strip().lower() in KEYS and at + 1 < len(raw)
        text = f"{raw[at].strip()} {raw[at + 1].strip()}" if alone else raw[at]
        at += 1 + alone
        yield text[:LONGEST], at


def _row(text: str, below: str) -> tuple[str, str]:
    """The key of a header line, and the line in the form of cgit; "" for other lines."""
    if found := HASH.fullmatch(text):
        return found[1], f"{found[1]} {found['sha']}"
    if found := PERSON.fullmatch(text):
        date = when(found["date"]) or when(below)
        return found[1], f"{found[1]} {found['name'].strip()} <{found['mail']}> {date}".rstrip()
    return "", ""


def when(text: str) -> str:
    """The date in a text of any of these pages as `2012-01-10 15:11:23 -0800`; empty if it has none."""
    text = " ".join(text[:LONGEST].split())
    if not 6 < len(text) < 120 or not any(map(str.isdigit, text)):
        return ""
    there = THERE.search(text)
    try:
        if ISO.match(text):
            date = datetime.fromisoformat(ZONE.sub(r"\1:\2", text))
        else:
            date = parsedate_to_datetime(text[: there.start()] if there else text)
        if there:
            away = timedelta(hours=int(there[2]), minutes=int(there[3]))
            date = date.astimezone(timezone(-away if there[1] == "-" else away))
        return date.strftime("%Y-%m-%d %H:%M:%S %z").strip()
    except Exception:  # noqa: BLE001  # whatever email and datetime make of a text that is no date
        return ""


# --- GitHub ---


def _of_github(raw: Sequence[str]) -> list[str] | None:
    head = [" ".join(line.split()) for line in raw[:HEAD]]
    who, parents = _committed(head), _parents(head)
    if who is None or parents is None:
        return None
    first, last, author, committer, date = who
    message = raw[last : parents[0]] if any(line.strip() for line in _without_branches(raw[last : parents[0]])) else []
    if not message:
        start = next((at + 1 for at in range(first - 1, -1, -1) if head[at] == "Browse files"), None)
        message = raw[start:first] if start is not None else []
    message = _without_branches(message)
    if not message:
        return None
    people = [f"author {author} <> {date}".rstrip(), f"committer {committer} <>"]
    hashes = [f"commit {parents[3]}", *(f"parent {sha}" for sha in parents[2] if len(sha) >= 40)]
    return [*people, *hashes, "", *message, "Diffstat", *_changes(raw[parents[1] :])]


def _committed(head: Sequence[str]) -> tuple[int, int, str, str, str] | None:
    """Author, committer and date of a page of GitHub, with the positions of their first line and the line below."""
    for at, line in enumerate(head):
        if "committed" not in line.split():
            continue
        names = _names_above(head, at) if line == "committed" or line.startswith("committed ") else []
        first = at - len(names)
        for stop in range(at + 1, min(at + 3, len(head)) + 1):
            found = COMMITTED.fullmatch(" ".join([*names[-1:], *head[at:stop]]))
            date = _day(found["date"] or "") if found else None
            if found and found["who"] and date is not None:
                author = found["author"] or found["who"].strip()
                return first, stop, author.removeprefix("@"), found["who"].strip() if found["author"] else "", date
    return None


def _names_above(head: Sequence[str], at: int) -> list[str]:
    """The login, which a page shows once or twice, on the lines above `committed`."""
    names = [line for line in head[max(0, at - 2) : at] if line]
    return names if len(set(names)) == 1 else names[-1:]


def _parents(head: Sequence[str]) -> tuple[int, int, list[str], str] | None:
    """The positions of the first line with hashes and of the line below, the parents' hashes, the commit's hash."""
    for at, line in enumerate(head):
        if not COUNTED.match(line):
            continue
        for stop in range(at + 1, min(at + 12, len(head)) + 1):
            found = PARENTS.fullmatch(" ".join(filter(None, head[at:stop])))
            if found:
                return at, stop, SHORT.findall(found[1]), found[2]
    return None


def _day(text: str) -> str | None:
    """A date as `2011-01-07`, or with the time where the page has it; empty for `2 years ago`, None for no date."""
    if exact := when(text):
        return exact
    for form in DAYS:
        try:
            return datetime.strptime(text.strip(" .\u00b7"), form).strftime("%Y-%m-%d")  # noqa: DTZ007  # a day only
        except ValueError:
            continue
    return "" if AGO.fullmatch(text.strip(" .\u00b7")) else None


def _without_branches(lines: Sequence[str]) -> list[str]:
    """The lines without blank ones at either end, and without branches and tags at the end."""
    start, stop = 0, len(lines)
    while start < stop and all(word in BRANCHES or TAG.fullmatch(word) for word in lines[stop - 1][:LONGEST].split()):
        stop -= 1
    while start < stop and not lines[start].strip(" \u00b7\t"):
        start += 1
    return list(lines[start:stop])


def _changes(raw: Sequence[str]) -> Iterator[str]:
    """A line of a diffstat for each path above a hunk, then the lines themselves."""
    for at, line in enumerate(raw):
        if PATH.fullmatch(line.strip()) and any(below.lstrip().startswith("@@") for below in raw[at + 1 : at + 4]):
            counted = COUNT.match(raw[at - 1]) if at else None
            yield f" {line.strip()} | {counted[1] if counted else 'changed'}"
    yield ""
    yield from raw
