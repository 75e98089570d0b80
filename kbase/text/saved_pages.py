"""Saved pages as text: what a reader saved of a document becomes the document's lines again.

`unwrap` looks at the content, never at the name, and knows these forms:

    gitiles blame    blob: a6c6a8af48a296cf9b7197c8f065370814efd90d [file] [log] [blame]
                     Jane Doe04a40222021-11-25 15:01:52 +08001first line
                     2second line, its number glued to it
    patch            a mail or a mailbox with patches (`kbase.text.mail`), or a diff
    cgit commit      the text of a commit page of cgit, gitiles, gitweb or GitHub (`kbase.text.commit_pages`)
    flattened text   1======= 2Locking 3======= 4 5The text begins here, all on one line
    numbered text    each line with its number: `1first`, `1:first`, `| 1 | first |`, `1. first`
                     (`kbase.text.numbered_copies`)
    margins          of a mail, of quotes, of indentation (`kbase.text.margins`)
    saved HTML       of these pages, of a source file, or of one that Sphinx made (`kbase.text.saved_html`)

Lines get the numbers that the page prints. Everything else is plain text, its lines counted from 1. Pure; takes
time linear in the size; never raises.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kbase.text.commit_pages import commit_rows
from kbase.text.html_tree import HtmlError
from kbase.text.lines import Line, Text, decode, split_lines
from kbase.text.mail import is_diff, read_mails
from kbase.text.margins import plain_characters, without_margins
from kbase.text.numbered_copies import LEAST_LINES, numbered_lines
from kbase.text.saved_html import is_html, read_html

BLOB_LINE = re.compile(r"\s*(?:\S.{0,200})?\bblob: ?[0-9a-f]{40}\b.{0,80}\[(?:file|log|blame)\]")
# Who last changed the lines below: name, commit, time, and links that some renderings have.
BLAME = re.compile(
    r"""
    [^\n]{0,200}?  # the name, which may be anything
    (?P<commit> [0-9a-f]{7,40} [ ]? )?
    (?: (?: Mon|Tue|Wed|Thu|Fri|Sat|Sun ) [ ] )?
    (?: \d{4}-\d\d-\d\d (?: [ T]+ \d\d:\d\d (?: :\d\d )? )?
      | (?: Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec ) [ ] [ \d]\d? [ ] (?: \d\d:\d\d:\d\d [ ] )? \d{4}
      | \d{1,4} [ ] (?: second|minute|hour|day|week|month|year )s? (?: , [ ] \d{1,4} [ ] [a-z]{1,10} )? [ ] ago
    )
    (?: \s*+ (?: [+-]\d{4} | Z | UTC | GMT ) )?
    (?: \s*+ \[ [^\]\n]{1,20} \] )*+
    \s*
    """,
    re.VERBOSE,
)
WIDEST_TITLE = 1000  # characters of a line above a document on one line
HEAD = 60  # lines in which a page shows what it is
MOST_TAGS = 400_000  # of a page; a blame page has ten a line, and the longest document 6,000 lines
FOOTER = re.compile(
    r"\s*(?:Powered by\b.*Gitiles.*|(?:txt|json)(?:\s+(?:txt|json))*|Privacy|Terms)\s*", re.IGNORECASE | re.DOTALL
)


def unwrap(name: str, data: bytes) -> Text:
    """The lines of a document, which may be a saved page; a C header is none."""
    if name.endswith(".h"):
        return split_lines(decode(data))
    text = plain_characters(decode(data))
    mails = read_mails(split_lines(text).lines)
    if mails is not None:
        return mails if mails.page_of else without_margins(mails)
    if not is_html(text):
        return _unwrap_text(text)
    if text.count("<") > MOST_TAGS:
        return replace(split_lines(text), wrapped=True)
    try:
        page = read_html(text)
    except HtmlError:
        return replace(split_lines(text), wrapped=True)
    if page.page_of != "source view":
        return page
    return _listing([line.raw for line in page.lines]) or without_margins(page)


def _unwrap_text(text: str) -> Text:
    plain = split_lines(text)
    head = plain.lines[:HEAD]
    blob = next((at for at, line in enumerate(head[:10]) if BLOB_LINE.match(line.raw)), None)
    if blob is not None:
        return _gitiles([line.raw for line in plain.lines[blob + 1 :]]) or plain
    raw = [line.raw for line in plain.lines]
    if (rows := commit_rows(raw)) is not None:
        return Text(tuple(Line(number, row) for number, row in enumerate(rows, 1)), page_of="cgit commit")
    page = _flattened(text, "flattened text") or _listing(raw)
    page = page or _flattened(_without_title(plain), "flattened text")
    return page or (Text(plain.lines, page_of="patch") if is_diff(plain.lines) else _without_margins(plain))


def _without_margins(plain: Text) -> Text:
    """The document inside of margins, which may be a copy with line numbers, or a mail with a patch that is quoted."""
    inside = without_margins(plain)
    if inside is plain:
        return plain
    mails = read_mails(inside.lines)
    return mails if mails and mails.page_of else _listing([line.raw for line in inside.lines]) or inside


# --- gitiles ---


def _gitiles(raw: list[str]) -> Text | None:
    """The lines of a blame page, below its `blob:` line; None where no numbers are printed."""
    lines = list(_numbered(raw))
    if len(lines) < 2:
        return _flattened("\n".join(raw), "gitiles blame")
    return Text(tuple(lines), page_of="gitiles blame", flattened=_collapsed(lines))


def _collapsed(lines: Iterable[Line]) -> bool:
    """Whether the lines have no tab and no two adjacent spaces."""
    return not any("\t" in line.raw or "  " in line.raw.strip() for line in lines)


def _numbered(raw: list[str]) -> Iterator[Line]:
    """Each line under the number it prints; a piece without a number belongs to the line before it."""
    number, pieces = 0, list[str]()
    for at, text in enumerate(raw):
        found = _printed(text, number + 1) or _resumed(raw, at, number)
        if found is not None:
            if number:
                yield Line(number, " ".join(pieces))
            number, pieces = found[0], [found[1]]
        elif number and text.strip() and not _is_page(text):
            pieces.append(text)
    if number:
        yield Line(number, " ".join(pieces))


def _printed(text: str, number: int) -> tuple[int, str] | None:
    """The number and the text behind it, if the line prints that number, perhaps behind blame metadata."""
    digits = str(number)
    blame = BLAME.match(text)
    behind = blame is not None and text.startswith(digits, blame.end())
    if blame is not None and behind and (blame["commit"] or not text.startswith(digits)):
        return number, text[blame.end() + len(digits) :]
    start = text.find(digits) if text.lstrip().startswith(digits) else -1
    return (number, text[start + len(digits) :]) if start >= 0 else None


def _resumed(raw: list[str], at: int, number: int) -> tuple[int, str] | None:
    """The number and the text of the line after missing lines; the next line must print the next number."""
    match = re.match(r"\d{1,7}", raw[at])
    following = raw[at + 1] if at + 1 < len(raw) else ""
    for size in range(len(match[0]) if match else 0, 0, -1):
        printed = int(raw[at][:size])
        if number and number < printed <= number + 1000 and _printed(following, printed + 1) and raw[at][0] != "0":
            return printed, raw[at][size:]
    return None


def _is_page(text: str) -> bool:
    """Whether the line is of the page and not of the document: metadata alone, or a footer."""
    blame = BLAME.fullmatch(text)
    return blame is not None or FOOTER.fullmatch(text) is not None


# --- numbered text ---


def _listing(raw: Sequence[str]) -> Text | None:
    """The document that was copied with its line numbers; None for other texts."""
    lines = numbered_lines(raw)
    if lines is None:
        return None
    return without_margins(Text(lines, page_of="numbered text", flattened=_collapsed(lines)))


# --- flattened text ---

NUMBER = re.compile(r"(?<!\S)\d{1,6}")
AHEAD = 16  # possible places of the number before, nearest first
MOST_MISSING = 3  # numbers that may be missing between two lines
WIDEST = 100  # characters of a line that cost a chain nothing
LONGEST = 4000  # characters of a line
BEHIND = 5000.0  # a chain 50 lines behind the best one will not become it
MOST_BREAKS = 400
MOST_TITLES = 10  # lines above the text
LARGEST = 1_700_000  # characters; of more text with so few breaks lines are too long for the parsers
# What a place costs by what follows its number. A line has a space behind its number where it is indented; prose has
# one behind any number in it, and prose has `1.` and `2)`, `8k` and `1993`.
COSTS = {"glued": 0.0, "blank": 0.0, "spaced": 6.0, "listed": 40.0, "split": 8.0}
MISSING, CHANGED, EMPTY = 150.0, 2.0, -3.0


@dataclass(slots=True)
class _Place:
    """A possible place of a line number, and the best chain of numbers that ends there."""

    number: int
    start: int
    end: int
    kind: str
    score: float = 0.0
    before: "_Place | None" = None


def _flattened(text: str, page_of: str) -> Text | None:
    """The lines of a document on one line (or few) with its line numbers inline.

    Of all chains of ascending numbers the best one is taken: it has the most lines, leaves out no number, has lines
    of about the same width, and takes numbers of the prose for line numbers only where it must.
    """
    breaks = text.count("\n")
    if len(text) > LARGEST or breaks > MOST_BREAKS or not re.match(r"\s*1(?!\d*[.)]\s)", text):
        return None
    if _greedy(text) < LEAST_LINES:
        return None
    chain = _chain(text)
    if len(chain) < max(LEAST_LINES, 3 * breaks) or len(text) > 150 * len(chain):
        return None
    ends = [place.start for place in chain[1:]] + [len(text)]
    lines = (Line(p.number, _between(text, p.end, end)) for p, end in zip(chain, ends, strict=True))
    return Text(tuple(lines), page_of=page_of, flattened=True)


def _without_title(plain: Text) -> str:
    """The text from its first long line on, if few lines are above it; else nothing."""
    raw = [line.raw for line in plain.lines[:MOST_BREAKS]]
    at = next((at for at, line in enumerate(raw[:MOST_TITLES]) if len(line) > WIDEST_TITLE), 0)
    return "\n".join(raw[at:]) if at else ""


def _between(text: str, start: int, end: int) -> str:
    return text[start:end].replace("\r", "").replace("\n", " ").rstrip()


def _greedy(text: str) -> int:
    """How many numbers follow each other when each is taken at its first place."""
    reached = 0
    for match in NUMBER.finditer(text):
        reached += match[0].startswith(str(reached + 1))
    return reached


def _chain(text: str) -> list[_Place]:
    """The places of the best chain that begins with the first number of the text."""
    by_number = dict[int, list[_Place]]()
    best: _Place | None = None
    for place in _places(text):
        if best is not None and not (_follow(place, by_number) and place.score > best.score - BEHIND):
            continue
        by_number.setdefault(place.number, []).append(place)
        if best is None or place.score > best.score:
            best = place
    chain = list[_Place]()
    while best is not None:
        chain.append(best)
        best = best.before
    return chain[::-1]


def _places(text: str) -> Iterator[_Place]:
    """All possible line numbers, in order; further digits may belong to the line (`8514.1`)."""
    for match in NUMBER.finditer(text):
        start = match.start()
        for end in range(start + 1, match.end() + 1):
            yield _Place(int(text[start:end]), start, end, _kind(text, end))
            if text[start] == "0":
                break


def _kind(text: str, end: int) -> str:
    """How a number and the text behind it go together."""
    following = text[end : end + 2]
    if not following or following[0].isspace():
        return "blank" if following[1:].isdigit() else "spaced"
    if following[0].isdigit():
        return "split"
    return "listed" if following[0] in ".):,;%" else "glued"


def _follow(place: _Place, by_number: dict[int, list[_Place]]) -> bool:
    """Appends the place to the best chain that it continues; returns whether there is one."""
    found = False
    for missing in range(MOST_MISSING + 1):
        for before in reversed(by_number.get(place.number - 1 - missing, [])[-AHEAD:]):
            width = place.start - before.end
            if width > LONGEST:
                break
            if width < 1:
                continue
            score = before.score + 100 - MISSING * missing - _cost(place, before.kind, width)
            if not found or score >= place.score:
                place.score, place.before, found = score, before, True
    return found


def _cost(place: _Place, kind_before: str, width: int) -> float:
    """The cost of a line of that width that ends at the place."""
    cost = COSTS[place.kind] + width * width / 1000 + max(0, width - WIDEST)
    return cost + (EMPTY if width == 1 else CHANGED if place.kind != kind_before else 0)
