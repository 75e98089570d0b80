"""Removes what mails, editors and browsers add around the lines of a document.

    mail         `From:`, `Subject:` and so on above the document, a signature (`-- `) below it
    quoted       > > marks of a quoted mail; lines with fewer marks are the reply and not part of the document
    indented     every line begins with the same white space
    piped        `| ` before every line, and mostly ` |` behind it, as of a Markdown table with one column
    fenced       lines of ``` around code, or around the whole document
    spaced       a blank line between any two lines
    printed      form feeds, and the lines that each page has at its top or at its bottom
    characters   no-break spaces, zero-width spaces, ligatures

The forms are removed in this order. Lines keep their numbers, except in a spaced document, where blank lines are not
counted. Pure; takes time linear in the size; never raises.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from os.path import commonprefix

from kbase.text.lines import Line, Text, first_filled

LEAST_LINES = 8  # of a document; fewer prove nothing
LEAST_PAGE = 20  # lines of a printed page; what has more form feeds divides its parts by them
MOST_ABOVE = 200  # lines of a mail's head
PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u2007\u202f", " "),
        **dict.fromkeys("\u200b\u2060\ufeff\u00ad"),
        "\ufb00": "ff",
        "\ufb01": "fi",
        "\ufb02": "fl",
        "\ufb03": "ffi",
        "\ufb04": "ffl",
    }
)
ODD = re.compile("[" + re.escape("".join(map(chr, PLAIN))) + "]")
MARKS = re.compile(r"(?:>[ ]?)*>")
# A line behind which a paragraph or a block may end, and that is no row of a table.
ENDED = re.compile(r" {0,3}(?:\S(?:(?!\t| {2}).)*[.;)}]|([=~-])\1+)\s*")
HEAD = re.compile(r"(?:From (?![0-9a-f]{40} )|[A-Z][A-Za-z0-9-]*:(?:\s|$)|\s+\S|$)")
MOST_BESIDE = 60  # lines above the first row and below the last one
FENCE = re.compile(r" {0,3}(?:`{3,}|~{3,}) {0,3}[\w+-]{0,20}\s*")
HEADERS = ("From:", "Subject:", "Date:")  # that every mail has


def plain_characters(text: str) -> str:
    """The text with plain characters for special spaces, for invisible characters and for ligatures."""
    return text.translate(PLAIN) if ODD.search(text) else text


def without_margins(text: Text) -> Text:
    """The document inside of margins, which its `page_of` names; the text itself where there are none."""
    lines, page_of = text.lines, text.page_of
    for form, strip in MARGINS:
        stripped = strip(lines)
        if stripped is not None:
            lines, page_of = tuple(stripped), text.page_of or form
    return text if lines is text.lines else Text(lines, page_of=page_of)


def _printed(lines: Sequence[Line]) -> Sequence[Line] | None:
    """The lines of all pages, without the lines that most pages have at the top or at the bottom."""
    starts = [at for at, line in enumerate(lines) if line.raw.startswith("\f")]
    if not any(lines[at].raw.strip() for at in starts):
        return None
    lines = [Line(line.number, line.raw.replace("\f", "")) for line in lines]
    if len(lines) < LEAST_PAGE * len(starts):
        return lines
    pages = [lines[start:stop] for start, stop in pairwise([0, *starts, len(lines)])]
    written = [[line for line in page if not line.blank] for page in pages]
    edges = Counter(edge for page in written for edge in {_edge(line) for line in (*page[:1], *page[-1:])})
    common = {edge for edge, count in edges.items() if count > 2 and 2 * count > len(pages)}
    joined = list[Line]()
    for page in pages if common else ():
        shown = [at for at, line in enumerate(page) if not line.blank and _edge(line) not in common]
        if joined and shown and ENDED.fullmatch(joined[-1].raw):
            joined.append(Line(page[0].number, ""))
        joined += page[shown[0] : shown[-1] + 1] if shown else []
    return joined or lines


def _edge(line: Line) -> str:
    """The line as every page has it: digits and white space apart."""
    return re.sub(r"[\d\s]+", " ", line.raw)


def _mail(lines: Sequence[Line]) -> Sequence[Line] | None:
    """The body of a mail without its signature."""
    head = lines[:MOST_ABOVE]
    stop = next((at for at, line in enumerate(head) if line.blank), 0)
    named = [line.raw for line in head[:stop]]
    if not all(map(HEAD.match, named)) or not all(any(raw.startswith(name) for raw in named) for name in HEADERS):
        return None
    end = next((at for at in range(len(lines) - 1, max(stop, len(lines) - 20), -1) if lines[at].raw == "-- "), None)
    return lines[stop:end]


def _unquoted(lines: Sequence[Line]) -> Sequence[Line] | None:
    """The lines of the most common depth of quoting, without their marks, if most lines are quoted."""
    marks = [MARKS.match(line.raw) for line in lines]
    depths = Counter(mark[0].count(">") for mark in marks if mark)
    written = sum(not line.blank for line in lines)
    if depths.total() < LEAST_LINES or 2 * depths.total() < written:
        return None
    depth = max(depths, key=lambda each: (depths[each], each))
    mark = _mark(depth)
    inside = [(line.number, line.raw[found.end() :]) for line in lines if (found := mark.match(line.raw))]
    spaced = sum(raw.startswith(" ") for _, raw in inside) * 4 >= 3 * sum(bool(raw) for _, raw in inside)
    return [Line(number, raw.removeprefix(" ") if spaced else raw) for number, raw in inside]


def _mark(depth: int) -> re.Pattern[str]:
    """The pattern of the marks of that depth."""
    return re.compile(rf"(?:>[ ]?){{{depth - 1}}}>")


def _dedented(lines: Sequence[Line]) -> Sequence[Line] | None:
    """The lines without the white space that all of them begin with."""
    written = [line.raw for line in lines if not line.blank]
    if len(written) < LEAST_LINES:
        return None
    common = commonprefix(written)  # noqa: RUF071  # of texts, not of paths
    common = common[: len(common) - len(common.lstrip(" \t"))]
    if not common:
        return None
    return [Line(line.number, line.raw[len(common) :] if not line.blank else "") for line in lines]


def _piped(lines: Sequence[Line]) -> Sequence[Line] | None:
    """The texts of the rows, if there is little else; lines above the first row or below the last one are dropped."""
    rows = [at for at, line in enumerate(lines) if line.raw.lstrip()[:1] == "|"]
    if len(rows) < LEAST_LINES or any(not line.blank for line in lines[rows[0] : rows[-1]] if "|" not in line.raw):
        return None
    if rows[0] > MOST_BESIDE or len(lines) - rows[-1] > MOST_BESIDE:
        return None
    texts = {at: lines[at].raw.strip().removeprefix("|") for at in rows}
    written = [text for text in texts.values() if text.strip(" |")]
    if all(text.endswith("|") for text in texts.values()):
        texts = {at: text[:-1].rstrip() for at, text in texts.items()}
    apart = all(text[:1] == " " for text in written)
    return [Line(lines[at].number, text[apart:]) for at, text in texts.items()]


def _fenced(lines: Sequence[Line]) -> Sequence[Line] | None:
    """The lines with Markdown's code fences replaced by blank lines."""
    fences = {at for at, line in enumerate(lines) if FENCE.fullmatch(line.raw)}
    if not fences or len(fences) % 2:
        return None
    return [Line(line.number, "") if at in fences else line for at, line in enumerate(lines)]


def _single(lines: Sequence[Line]) -> Sequence[Line] | None:
    """The lines of a double-spaced document without every second line, numbered anew."""
    first = first_filled(lines)
    if sum(not line.blank for line in lines) < LEAST_LINES or not all(line.blank for line in lines[first + 1 :: 2]):
        return None
    return [Line(number, line.raw) for number, line in enumerate(lines[first::2], 1)]


MARGINS = (
    ("printed text", _printed),
    ("mail", _mail),
    ("quoted mail", _unquoted),
    ("indented text", _dedented),
    ("piped text", _piped),
    ("fenced text", _fenced),
    ("spaced text", _single),
)
