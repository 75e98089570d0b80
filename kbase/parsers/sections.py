"""Any document as sections under their titles, for full-text search; the last parser, it takes everything.

    =====            overlined and underlined
    Title            underlined: Title
    =====                        -----

A title's level is the order in which its style (overlined or not, and with which character) first appears, as in
reStructuredText; plain text documents use the same styles. `sections_of` serves the parsers of other documents for
what they have no better record for.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import PurePosixPath

from kbase.model.records import DocumentKind, Evidence, Format, Parsed, Section
from kbase.parsers.headings import MARKUP
from kbase.text.lines import Line, Text

RULE = re.compile(r"""([=\-~^"'`#*+.:_<>])\1{2,}""")
FOLDER = "Documentation/filesystems"
LEAST_TITLES = 3  # of a document that is whole
WIDEST_TITLE = 120
NEAR = 4  # lines between a title and the text below it
LONGEST = 200  # lines of a section; a longer one is split, at a blank line if there is one in its second half


@dataclass(frozen=True, slots=True)
class Heading:
    """A title, its style, and the positions of its first line and of the first line below it."""

    title: str
    style: str
    start: int
    stop: int


def matches(name: str, text: Text) -> bool:  # noqa: ARG001  # every text is one
    """Every text."""
    return True


def parse(name: str, text: Text, blob: str) -> Parsed:
    """The sections of any document."""
    return Parsed(
        kind=DocumentKind.OTHER,
        format=format_of(name),
        title=title_of(name, text.lines),
        records=tuple(sections_of(text.lines, blob)),
    )


def format_of(name: str) -> Format:
    """By the file's name."""
    return Format.RST if name.endswith(".rst") else Format.TEXT


def is_called(name: str, *names: str) -> bool:
    """Whether a path has one of these names, bare or directly in `Documentation/filesystems`; in lower case."""
    path = PurePosixPath(name.replace("\\", "/"))
    folder = path.parent.as_posix()
    return path.name.lower() in names and (folder in (".", "filesystems") or f"/{folder}".endswith(f"/{FOLDER}"))


def is_another(lines: Sequence[Line]) -> bool:
    """Whether a document that has nothing of those of its name is whole, and so about something else: by its titles."""
    return len(list(islice(headings(lines), LEAST_TITLES))) == LEAST_TITLES


def title_of(name: str, lines: Sequence[Line]) -> str:
    """The document's first title, or its file name."""
    first = next(headings(lines), None)
    return first.title if first else PurePosixPath(name).name


def headings(lines: Sequence[Line]) -> Iterator[Heading]:
    """Every heading of the lines, in order."""
    position = 0
    while position < len(lines):
        heading = heading_at(lines, position)
        if heading:
            yield heading
        position = heading.stop if heading else position + 1


def heading_at(lines: Sequence[Line], start: int) -> Heading | None:
    """The heading that begins at a position, if one does."""
    over = _rule(lines, start)
    stop = start + 2 + bool(over)
    if stop > len(lines) or lines[stop - 1].number - lines[start].number != stop - 1 - start:
        return None
    title, under = lines[stop - 2].text, _rule(lines, stop - 1)
    words = MARKUP.sub("", title.strip())
    if not under or not words or RULE.fullmatch(words) or len(words) > WIDEST_TITLE:
        return None
    before = start == 0 or lines[start - 1].blank or lines[start - 1].number + 1 != lines[start].number
    if over:
        return Heading(words, "over" + over[0], start, stop) if over[0] == under[0] else None
    indented = title[:1].isspace() and abs(len(under) - len(title.strip())) > 3
    if not before or indented or len(under) < min(len(words), 4):
        return None
    return Heading(words, under[0], start, stop)


def _rule(lines: Sequence[Line], position: int) -> str:
    """The rule that a line is: three or more of one punctuation character; empty for another line."""
    rule = lines[position].raw.strip() if position < len(lines) else ""
    return rule if RULE.fullmatch(rule) else ""


def sections_of(lines: Sequence[Line], blob: str) -> Iterator[Section]:
    """The lines as sections with their title paths; a gap in the numbers ends a section, too.

    A section's evidence begins with its title, and a title with nothing below it is a section without text.
    """
    styles, path = list[str](), list[tuple[int, str]]()
    start = above = 0
    for heading in headings(lines):
        yield from _section(lines, (above, start, heading.start), path, blob)
        if heading.style not in styles:
            styles.append(heading.style)
        level = styles.index(heading.style)
        path = [*(entry for entry in path if entry[0] < level), (level, heading.title)]
        above, start = heading.start, heading.stop
    yield from _section(lines, (above, start, len(lines)), path, blob)


def _section(
    lines: Sequence[Line], bounds: tuple[int, int, int], path: list[tuple[int, str]], blob: str
) -> Iterator[Section]:
    """One section, `bounds` being where its title, its text and the next section begin."""
    above, start, stop = bounds
    pieces = list(_pieces(lines, start, stop, path, blob))
    if above == start:
        yield from pieces
        return
    title = Evidence(blob=blob, first=lines[above].number, last=lines[start - 1].number)
    if not pieces or pieces[0].evidence.first - title.last > NEAR:
        titles = tuple(title for _, title in path)
        yield Section(titles=titles, text="", heading=start - above, evidence=title)
        yield from pieces
        return
    first = pieces[0]
    evidence = replace(first.evidence, first=title.first)
    yield replace(first, heading=start - above, evidence=evidence)
    yield from pieces[1:]


def _pieces(lines: Sequence[Line], start: int, stop: int, path: list[tuple[int, str]], blob: str) -> Iterator[Section]:
    """The lines between two headings, without blank ones at either end, in pieces that are not too long."""
    titles = tuple(title for _, title in path)
    while start < stop:
        if lines[start].blank:
            start += 1
            continue
        end = last = _end(lines, start, stop)
        while lines[last - 1].blank:
            last -= 1
        yield Section(
            titles=titles,
            text="\n".join(line.raw for line in lines[start:last]),
            evidence=Evidence(blob=blob, first=lines[start].number, last=lines[last - 1].number),
        )
        start = end


def _end(lines: Sequence[Line], start: int, stop: int) -> int:
    """Where the piece that begins at `start` ends."""
    blank = None
    for position in range(start + 1, min(stop, start + LONGEST)):
        if lines[position].number != lines[position - 1].number + 1:
            return position
        if lines[position].blank and position - start >= LONGEST // 2:
            blank = position
    end = min(stop, start + LONGEST)
    return blank if blank is not None and end < stop else end
