"""What terminal pages are made of: styled lines, aligned columns, wrapped prose, prototypes laid out as C.

A terminal gets colour and its own width; a pipe gets neither, and no line of it is ever cut.
"""

import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from rich.console import Console
from rich.text import Text

from kbase.model.records import Parameter
from kbase.pages.parts import Cell, Chip, Citation, Tone

PROSE = 100  # columns; longer lines of prose are hard to read
UNBROKEN = 1 << 20  # columns for code in a pipe, where a prototype stays in one line
MARK_ON, MARK_OFF = "\x02", "\x03"  # around the matched words of a search result
STYLES = {
    Tone.YES: "green",
    Tone.NO: "dim",
    Tone.MAYBE: "yellow",
    Tone.SHARED: "cyan",
    Tone.EXCLUSIVE: "bold magenta",
    Tone.EITHER: "magenta",
    Tone.EFFECT: "blue",
    Tone.UNKNOWN: "italic dim",
}


class _Console(Console):
    """A console that leaves a broken pipe to the command line."""

    def on_broken_pipe(self) -> None:
        """Rich would exit with 1, which means findings here."""
        raise BrokenPipeError


class Paper:
    """Where lines go: a stream, its width, and whether it shows colour."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self.console = _Console(file=stream or sys.stdout, highlight=False, soft_wrap=True, emoji=False, markup=False)
        self.console.width = wide = max(self.console.width, 40)  # with COLUMNS=0 nothing would be printed
        self.width, self.code_width = (wide, wide) if self.console.is_terminal else (PROSE, UNBROKEN)

    def line(self, *pieces: str | Text, indent: int = 0) -> None:
        """One line; trailing white space is cut."""
        text = Text.assemble(" " * indent, *(clean(piece) for piece in pieces))
        text.rstrip()
        if self.console.is_terminal:
            self.console.print(text)
        else:  # nothing to style or to fold, and a comparison has thousands of lines
            self.raw(text.plain)

    def raw(self, text: str) -> None:
        """Text for programs, as it is."""
        self.console.file.write(text + "\n")

    def title(self, text: str, aside: str = "") -> None:
        """The first line of a page, or of an entry in a list."""
        self.line(Text(text, "bold"), Text(f"  {aside}" if aside else "", "dim"))

    def heading(self, text: str, aside: str = "") -> None:
        """The line over a part of a page, with a blank line before it."""
        self.line()
        self.line(Text(text, "underline"), Text(f"  {aside}" if aside else "", "dim"))

    def prose(self, text: str, indent: int = 2) -> None:
        """Paragraphs wrapped to a readable width; indented ones (lists, code) are left as they are."""
        for number, paragraph in enumerate(text.split("\n\n")):
            if number:
                self.line()
            for line in wrap(paragraph, min(self.width, PROSE) - indent):
                self.line(line, indent=indent)

    def columns(self, rows: Iterable[Sequence[str | Text]], indent: int = 2, gap: int = 2) -> None:
        """Rows with their cells aligned; the last cell may be as long as it likes."""
        table = [[clean(cell) for cell in row] for row in rows]
        widths = [max(cell.cell_len for cell in column) for column in zip(*table, strict=True)]  # none for no row
        for row in table:
            padded = (cell + Text(" " * (width - cell.cell_len + gap)) for cell, width in zip(row, widths, strict=True))
            self.line(*padded, indent=indent)


def clean(text: str | Text) -> Text:
    """Text in which no character of a document can steer the terminal: see `printable`."""
    if not isinstance(text, Text):
        return Text(printable(text))
    if text.plain.isprintable():
        return text
    shown = text.blank_copy()
    for place, letter in enumerate(text.plain):
        shown.append(text[place] if letter.isprintable() else printable(letter))
    return shown


def printable(text: str) -> str:
    r"""The text with white space as spaces, and characters that are not to be seen as escapes: `\x1b`, `\u202e`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c.isspace() else ascii(c)[1:-1] for c in text)


def wrap(paragraph: str, width: int) -> list[str]:
    """A paragraph of prose in lines of at most `width`; text with its own layout as it is."""
    lines = paragraph.split("\n")
    if any(line.startswith((" ", "\t")) for line in lines[1:]):
        return lines
    return textwrap.wrap(" ".join(lines), max(width, 20), break_long_words=False, break_on_hyphens=False) or [""]


def prototype(text: str, name: str, parameters: Sequence[Parameter], width: int) -> Iterator[Text]:
    """A prototype as C, broken after commas and aligned below the first parameter where it is too wide."""
    head, mark, tail = text.partition(f"*{name})(")
    if len(text) < width or not mark or len(parameters) < 2:
        yield name_in_bold(text + ";", name)
        return
    line = head + mark
    indent = " " * min(len(line), width // 2)
    for part in split_parameters(tail):
        if len(line) + len(part) >= width and line.strip():
            yield name_in_bold(line.rstrip(), name)
            line = indent
        line += part + " "
    yield name_in_bold(line.rstrip() + ";", name)


def split_parameters(text: str) -> list[str]:
    """The pieces of a parameter list, each with its comma: only commas outside parentheses separate."""
    pieces, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            pieces.append(text[start : position + 1].strip())
            start = position + 1
    return [*pieces, text[start:].strip()]


def name_in_bold(text: str, name: str) -> Text:
    styled = Text(text)
    styled.highlight_regex(_pointed(name), "bold")
    return styled


def _pointed(name: str) -> re.Pattern[str]:
    """The name of a pointer to a function, where it is declared."""
    return re.compile(rf"(?<=\*){re.escape(name)}(?=\)\()")


def chips(values: Sequence[Chip]) -> Text:
    """The words of a reading, each in its colour: `exclusive`, `yes, unlocks`."""
    return Text(", ").join(
        Text(f"{chip.lock}: {chip.word}" if chip.lock else chip.word, STYLES[chip.tone]) for chip in values
    )


def place(citation: Citation | None) -> Text:
    """`locking.rst:96`, dim."""
    return Text(citation.label if citation else "", "dim")


def places(citations: Sequence[Citation]) -> Text:
    return Text(", ").join(place(citation) for citation in citations)


def cell_row(cell: Cell) -> tuple[Text, Text, str, Text]:
    """A lock rule as a row: lock, reading, the document's own words, place."""
    written = f"“{cell.text}”" if cell.text else "(blank)"
    return Text(cell.lock, "bold"), chips(cell.chips), written, place(cell.citation)


def marked(text: str) -> Text:
    """A snippet with its matched words in bold."""
    styled = Text()
    for number, piece in enumerate(text.replace(MARK_OFF, MARK_ON).split(MARK_ON)):
        styled.append(piece, "bold" if number % 2 else "")
    return styled
