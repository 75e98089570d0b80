"""Patches in mails, as `kbase.text.mail` gives their lines: of `git format-patch`, of a mailbox, of quilt, in replies.

    patch = [ "From" sha date ] { header } blank { header } message ( "---" | diff ) [ stat ] [ diff ] [ "-- " ]

The author is in a `From:` at the beginning of the body, else in the header. In a reply the patch is quoted, and its
author is named in the line above (`On Friday, Jane Doe wrote:`); a reply to a patch of the same mailbox is none.
Several patches may follow each other. A mail has no hash, but what git wrote does.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from kbase.model.records import Commit, Person
from kbase.parsers.commits.git_text import header_of
from kbase.parsers.commits.parts import commit_of, first_value, person_of
from kbase.parsers.evidence import evidence_of
from kbase.text.lines import Line, first_filled, trimmed
from kbase.text.mail import HUNK, SEPARATOR, decoded

BY_GIT = re.compile(r"From (?P<sha>[0-9a-f]{40,64}) Mon Sep 17 00:00:00 2001\s*")
NAMES = ("From:", "Date:", "Subject:", "Message-ID:")  # of headers, one of which follows a separator
IN_BODY = re.compile(r"(From|Date|Subject): \S.*")
PREFIX = re.compile(r"\A(?:\s*+(?:(?:re|aw|sv|fwd?):|\[[^\[\]]{0,80}\]))*+\s*+", re.IGNORECASE)
SCISSORS = re.compile(r"[- ]{0,20}(?:>8|8<|>%|%<)[- ]{1,60}\s*")
DIFF = re.compile(r"---\s*|diff -.*|Index: \S+\s*|--- \S.*")  # ends the message
WHEN = re.compile(r".{0,120}\d\d?:\d\d(?::\d\d)?(?: ?[AP]M)?(?: [+-]\d{4})?(?: \([A-Z]{2,5}\))?,? ", re.IGNORECASE)
WROTE = re.compile(r"(?:On )?(?P<who>.{1,300}?),? (?:wrote|writes):?")
NAME = re.compile(r"[^\d<>,:;]{2,60}")
MOST_ABOVE = 3  # lines of `On ..., Jane wrote:`


def patches(lines: Sequence[Line], blob: str) -> Iterator[Commit]:
    """Every patch with an author, in the order of the text."""
    first = first_filled(lines)
    starts = [at for at in range(first, len(lines)) if at == first or _separates(lines, at)]
    originals = set[str]()
    for start, stop in pairwise([*starts, len(lines)]):
        commit, reply = _patch(trimmed(lines[start:stop]), blob)
        if commit is None or (reply and commit.subject in originals):
            continue
        if not reply:
            originals.add(commit.subject)
        yield commit


def _separates(lines: Sequence[Line], at: int) -> bool:
    separator = lines[at].raw.startswith("From ") and SEPARATOR.fullmatch(lines[at].raw)
    return bool(separator) and at + 1 < len(lines) and lines[at + 1].raw.startswith(NAMES)


def _patch(lines: Sequence[Line], blob: str) -> tuple[Commit | None, bool]:
    """The patch of a mail, None without a patch or an author; and whether a reply quotes it."""
    by_git = BY_GIT.fullmatch(lines[0].raw)
    end = next((at for at, line in enumerate(lines) if line.blank), len(lines))
    start = 1 if SEPARATOR.fullmatch(lines[0].raw) else 0
    header = header_of(line.raw for line in lines[start:end])
    body = [line.raw for line in lines[end + 1 :]]
    subject = first_value(header, "subject")
    hunks = [hunk["quoted"].count(">") for raw in body if (hunk := HUNK.match(raw))]
    reply = bool(hunks) and min(hunks) > 0
    author = person_of(first_value(header, "from"), first_value(header, "date"))
    if reply:
        author, body = _quoted(body, min(hunks))
    message, changed = _divided(body)
    own, message = _headers_in_body(message)
    author = person_of(own["From"], own.get("Date", author.date)) if "From" in own else author
    if not (author.name or author.email) or not (hunks or by_git):
        return None, reply
    commit = commit_of(
        sha=by_git["sha"] if by_git else "",
        header={},
        author=author,
        committer=Person(name="", email=""),
        message=[PREFIX.sub("", own.get("Subject", subject), count=1), *message],
        changed=["", *changed],
        evidence=evidence_of(lines, blob),
        message_id=first_value(header, "message-id").strip("<> "),
    )
    return commit, reply


def _divided(body: Sequence[str]) -> tuple[list[str], list[str]]:
    """The message and what follows it, without the `---` between the two; lines above scissors are no message."""
    stop = next((at for at, raw in enumerate(body) if DIFF.fullmatch(raw)), len(body))
    start = next((at + 1 for at in range(stop - 1, -1, -1) if SCISSORS.fullmatch(body[at])), 0)
    below = stop + (stop < len(body) and body[stop].strip() == "---")
    return list(body[start:stop]), list(body[below:])


def _headers_in_body(message: list[str]) -> tuple[dict[str, str], list[str]]:
    """The headers at the beginning of the message, and the rest of it."""
    start = next((at for at, raw in enumerate(message) if raw.strip()), len(message))
    found = dict[str, str]()
    at = start
    while at < len(message) and (header := IN_BODY.fullmatch(message[at])):
        found[header[1]] = decoded(message[at].partition(":")[2].strip())
        at += 1
    if "From" not in found and "Subject" not in found:
        return {}, message[start:]
    return found, message[at:]


# --- replies ---


def _quoted(body: Sequence[str], depth: int) -> tuple[Person, list[str]]:
    """The author of what is quoted `depth` times, and its lines."""
    unmarked = [_unmarked(raw, depth) for raw in body]
    first = next((at for at, raw in enumerate(unmarked) if raw is not None), len(body))
    inside = [raw for raw in unmarked if raw is not None]
    spaced = sum(raw[:1] == " " for raw in inside) * 4 >= 3 * sum(bool(raw) for raw in inside)
    return _author(body[:first]), [raw.removeprefix(" ") if spaced else raw for raw in inside]


def _unmarked(raw: str, depth: int) -> str | None:
    """The line without `depth` marks; None where it has fewer."""
    for more in range(depth - 1, -1, -1):
        if not raw.startswith(">"):
            return None
        raw = raw[1:].removeprefix(" ") if more else raw[1:]
    return raw


def _author(above: Sequence[str]) -> Person:
    """Who wrote what is quoted below these lines; an empty person where they name nobody."""
    written = [raw.strip("> \t") for raw in above if raw.strip("> \t")][-MOST_ABOVE:]
    for start in range(len(written) - 1, -1, -1):
        found = WROTE.fullmatch(" ".join(written[start:]))
        if found and (start == 0 or written[start].startswith("On ") or start == len(written) - 1):
            who, when = found["who"], WHEN.match(found["who"])
            if when:
                who = who[when.end() :]
            elif "<" not in who:
                who = who.rpartition(", ")[2]
            person = person_of(who, "")
            name = who.strip('" ')
            if person.email or not NAME.fullmatch(name):
                return person if NAME.fullmatch(person.name) or not person.name else Person(name="", email=person.email)
            return Person(name=name, email="")
    return Person(name="", email="")
