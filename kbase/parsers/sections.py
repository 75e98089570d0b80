"""Any document as sections under their titles, for full-text search; the last parser, it takes everything.

`sections_of` serves the parsers of other documents for parts that have no specific record.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import PurePosixPath

from kbase.model.records import Format, Parsed, Section
from kbase.model.witnesses import DocumentKind
from kbase.parsers.evidence import evidence_of
from kbase.parsers.headings import headings
from kbase.text.lines import Line, Text, trimmed

FOLDER = "Documentation/filesystems"
LEAST_TITLES = 3  # of a document that is whole
NEAR = 4  # lines between a title and the text below it
LONGEST = 200  # lines of a section; a longer one is split, at a blank line if there is one in its second half


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


def is_called(name: str, kind: DocumentKind) -> bool:
    """Whether a path, bare or directly in `Documentation/filesystems`, names a file of that kind, in any case."""
    path = PurePosixPath(name.replace("\\", "/"))
    folder = path.parent.as_posix()
    names = [file.lower() for file in kind.traits.files]
    return path.name.lower() in names and (folder in (".", "filesystems") or f"/{folder}".endswith(f"/{FOLDER}"))


def is_another(lines: Sequence[Line]) -> bool:
    """Whether a document has titles enough to be a whole document about something else than its name says."""
    return len(list(islice(headings(lines), LEAST_TITLES))) == LEAST_TITLES


def title_of(name: str, lines: Sequence[Line]) -> str:
    """The document's first title, or its file name."""
    first = next(headings(lines), None)
    return first.title if first else PurePosixPath(name).name


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
    title = evidence_of(lines[above:start], blob)
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
        end = _end(lines, start, stop)
        piece = trimmed(lines[start:end])
        yield Section(titles=titles, text="\n".join(line.raw for line in piece), evidence=evidence_of(piece, blob))
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
