"""Mails and mailboxes as lines of text: encoded headers and bodies decoded, the text of all parts below each other.

    mail    = [ "From " separator ] { header } blank body
    body    = lines | { "--" boundary newline { header } blank body } "--" boundary "--"

The headers that say what, who and when come first, each on one line. What is no text is left out,
and so is HTML where there is plain text. Lines have their own numbers, also those of quoted-printable; with base64
they are counted anew. Nesting, parts and headers beyond what mails have are not looked into.

The library `email` reads the single headers; it does not read whole mails here, since it takes a level of recursion for
each level of nesting, and has no line numbers.
"""

import binascii
import re
from collections.abc import Iterable, Iterator, Sequence
from email.header import decode_header, make_header
from email.message import Message
from email.utils import collapse_rfc2231_value
from itertools import count, pairwise

from kbase.text.html_tree import HtmlError, read_tree
from kbase.text.lines import Line, Text, decode, first_filled, is_binary, split_lines

SHOWN = ("From", "Date", "Subject", "Message-ID")
MIME = ("Content-Type", "Content-Transfer-Encoding")
SEPARATOR = re.compile(r"From \S{1,200} .{0,60}\d\d:\d\d.{0,60}")  # a mailbox's, before each mail
HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,60}):(?:[ \t]++(.*)|$)")
HUNK = re.compile(r"(?P<quoted>[> ]{0,20})(?:diff --git \S|@@ -\d{1,9}(?:,\d{1,9})? \+\d{1,9}(?:,\d{1,9})? @@)")
ABOUT = re.compile(r"Subject: (?:Re: )?\[[^\]]{0,40}(?:PATCH|RFC)\b")  # also a letter without one
DIFF = re.compile(r"diff -|Index: \S|--- \S")  # at the margin: a diff begins
LONGEST = 2000  # characters of a header
MOST_HEADERS = 1000  # lines
MOST_NESTED, MOST_PARTS = 10, 200
SEEN = 30  # lines above the first diff of a patch without a mail's headers


def read_mails(lines: Sequence[Line]) -> Text | None:
    """The lines of a mail or a mailbox; None for other texts; `page_of` is "patch" for patches."""
    first = first_filled(lines)
    if not _begins(lines, first):
        return None
    starts = [at for at in range(first, len(lines)) if at == first or _separates(lines, at)]
    read = [_mail(lines[start:stop]) for start, stop in pairwise([*starts, len(lines)])]
    mails = [line for mail in read for line in mail]
    if any(after.number <= before.number for before, after in pairwise(mails)):
        mails = [Line(number, line.raw) for number, line in enumerate(mails, 1)]
    about_patches = any(ABOUT.match(line.raw) for line in mails)
    return Text(tuple(mails), page_of="patch" if about_patches or has_patch(mails) else None)


def begins_mail(data: bytes) -> bool:
    """Whether the bytes are the beginning of a mail or a mailbox."""
    lines: Sequence[Line] = () if is_binary(data) else split_lines(decode(data)).lines
    return _begins(lines, first_filled(lines))


def has_patch(lines: Iterable[Line]) -> bool:
    """Whether there is a diff in the lines, quoted or not."""
    return any(HUNK.match(line.raw) for line in lines)


def is_diff(lines: Sequence[Line]) -> bool:
    """Whether a text is a diff, perhaps below a few lines of description."""
    begins = next((at for at, line in enumerate(lines[:SEEN]) if DIFF.match(line.raw)), len(lines))
    return has_patch(line for line in lines[begins : begins + SEEN] if line.raw[:1] == "@")


# --- mailboxes ---


def _separates(lines: Sequence[Line], at: int) -> bool:
    """Whether a mail begins at a position: the separator of a mailbox, behind a blank line, and a header below it."""
    if not lines[at].raw.startswith("From ") or not SEPARATOR.fullmatch(lines[at].raw[:LONGEST]):
        return False
    apart = at == 0 or lines[at - 1].blank or "Mon Sep 17 00:00:00 2001" in lines[at].raw  # git's own
    return apart and _begins(lines, at + 1)


def _begins(lines: Sequence[Line], at: int) -> bool:
    """Whether the headers of a mail, or of a patch, begin at a position."""
    if at < len(lines) and SEPARATOR.fullmatch(lines[at].raw[:LONGEST]):
        at += 1
    names = set[str]()
    for line in lines[at : at + MOST_HEADERS]:
        header = HEADER.fullmatch(line.raw[:LONGEST])
        if header:
            names.add(header[1].lower())
        elif not line.raw[:1].isspace() or line.blank or not names:
            break
    return {"subject", "from"} <= names


def _mail(lines: Sequence[Line]) -> Iterator[Line]:
    """The separator, the headers that are shown, a blank line, and the text of the body."""
    start = 1 if SEPARATOR.fullmatch(lines[0].raw[:LONGEST]) else 0
    yield from lines[:start]
    headers, stop = _headers(lines, start, len(lines))
    yield from sorted((Line(n, f"{key}: {decoded(v)}") for key, (n, v) in headers.items() if key in SHOWN), key=_place)
    left = count(1)
    parts = list(_parts(headers, lines[stop:], 0, left))
    plain = [part for kind, part in parts if kind != "text/html"]
    for part in plain or [list(_without_tags(part)) for _, part in parts]:
        if part and not part[0].blank:
            yield Line(part[0].number, "")
        yield from part


def _place(line: Line) -> int:
    return line.number


Headers = dict[str, tuple[int, str]]  # by name, as written in SHOWN and MIME: the line's number, and the value
NAMES = {name.lower(): name for name in (*SHOWN, *MIME)}


def _headers(lines: Sequence[Line], start: int, stop: int) -> tuple[Headers, int]:
    """The headers from a position on, those of several lines being one, and the position of the line below them."""
    headers, last, at = Headers(), "", start
    while at < stop and not lines[at].blank:
        raw = lines[at].raw[:LONGEST]
        header = HEADER.fullmatch(raw)
        if header:
            last = NAMES.get(header[1].lower(), "")
            if last and last not in headers:
                headers[last] = lines[at].number, header[2] or ""
        elif not raw[:1].isspace():
            break
        elif last and len(headers[last][1]) < LONGEST:
            headers[last] = headers[last][0], f"{headers[last][1]} {raw.strip()}"
        at += 1
    return headers, at


def decoded(value: str) -> str:
    """A header's words, encoded (`=?UTF-8?q?...?=`) or not."""
    try:
        return str(make_header(decode_header(value[:LONGEST])))
    except Exception:  # noqa: BLE001  # the decoder may fail on any header, which then stays as it is
        return value


# --- bodies ---

Part = tuple[str, list[Line]]  # its type, its lines


def _parts(headers: Headers, lines: Sequence[Line], depth: int, left: Iterator[int]) -> Iterator[Part]:
    """(type, lines) of every part that is text; `left` counts them."""
    message = Message()
    for name in MIME:
        if name in headers:
            message[name] = headers[name][1][:LONGEST]
    kind = message.get_content_type()
    boundary = _parameter(message, "boundary") if kind.startswith("multipart/") else ""
    if not boundary or depth >= MOST_NESTED:
        yield from _leaf(message, kind, lines)
        return
    marks = [at for at, line in enumerate(lines) if line.raw.rstrip() in (f"--{boundary}", f"--{boundary}--")]
    for start, stop in pairwise([*marks, len(lines)]):
        if lines[start].raw.rstrip().endswith(f"{boundary}--") or next(left) > MOST_PARTS:
            break
        inner, below = _headers(lines, start + 1, stop)
        yield from _parts(inner, lines[below:stop], depth + 1, left)


def _parameter(message: Message, name: str) -> str:
    """A parameter of the type; empty if it is missing or the library cannot read it."""
    try:
        return collapse_rfc2231_value(message.get_param(name) or "")
    except Exception:  # noqa: BLE001  # as of a header's words
        return ""


def _leaf(message: Message, kind: str, lines: Sequence[Line]) -> Iterator[Part]:
    """The lines of a part without parts of its own, if it is text or a patch."""
    encoding = str(message.get("Content-Transfer-Encoding", "")).strip().lower()
    charset = _parameter(message, "charset") or "utf-8"
    if encoding == "base64":
        text = _from_base64(lines, charset)
        read = list(split_lines(text or "").lines)
        numbers = count(lines[0].number if lines else 1)
        read = [Line(next(numbers), line.raw) for line in read]
    elif encoding == "quoted-printable":
        read = list(_from_quoted_printable(lines, charset))
    else:
        read = list(lines)
    if kind.startswith(("text/", "message/", "multipart/")) or has_patch(read):
        yield kind, read


def _from_base64(lines: Sequence[Line], charset: str) -> str | None:
    try:
        data = binascii.a2b_base64("".join(line.raw for line in lines).encode("ascii", "ignore"))
    except binascii.Error:
        return None
    return None if is_binary(data) else _text(data, charset)


def _from_quoted_printable(lines: Sequence[Line], charset: str) -> Iterator[Line]:
    """The decoded lines, each under the number of the first one that it was broken into."""
    number, pieces = 0, list[str]()
    for line in lines:
        number = number or line.number
        raw = line.raw.rstrip()
        pieces.append(raw.removesuffix("="))
        if not raw.endswith("="):
            yield _quoted(number, pieces, charset)
            number, pieces = 0, []
    if pieces:
        yield _quoted(number, pieces, charset)


def _quoted(number: int, pieces: Sequence[str], charset: str) -> Line:
    whole = "".join(pieces)
    text = _text(binascii.a2b_qp(whole), charset) if whole.isascii() else whole
    return Line(number, " ".join(text.splitlines()))


def _text(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset)
    except (LookupError, UnicodeError, ValueError):
        return decode(data)


def _without_tags(lines: Sequence[Line]) -> Iterator[Line]:
    """The text of a part in HTML, its lines counted from the part's first line."""
    numbers = count(lines[0].number if lines else 1)
    try:
        text = read_tree("\n".join(line.raw for line in lines)).text()
    except HtmlError:  # text that cannot be parsed as HTML remains unchanged
        yield from lines
        return
    for line in split_lines(text).lines:
        yield Line(next(numbers), line.raw)
