"""The elements of terminal pages: styled lines, aligned columns, wrapped prose, prototypes laid out as C.

A terminal gets colour and its own width; a pipe gets neither, and no line of it is cut. Only a terminal needs rich.
"""

import os
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import IO, TYPE_CHECKING
from unicodedata import combining, east_asian_width

from kbase.model.records import Parameter
from kbase.pages.c_text import split_parameters
from kbase.pages.parts import Cell, Chip, Citation, Tone

if TYPE_CHECKING:
    from rich.console import Console

Styled = tuple[str, str]  # text, and its style in the words of rich: "bold red"
Piece = str | Styled | list["Piece"]

PROSE = 100  # columns; longer lines of prose are hard to read
UNBROKEN = 1 << 20  # columns for code in a pipe, where a prototype stays in one line
MARK_ON, MARK_OFF = "\x02", "\x03"  # around the matched words of a search result
MARKED = re.compile(f"({MARK_ON}[^{MARK_OFF}]*)")
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


class Printer:
    """Prints lines to a stream, by default standard output."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self.stream = stream or sys.stdout
        self.console = _console(self.stream) if self.stream.isatty() or "FORCE_COLOR" in os.environ else None
        self.width, self.code_width = (self.console.width,) * 2 if self.console else (PROSE, UNBROKEN)

    def line(self, *pieces: Piece, indent: int = 0) -> None:
        """One line; trailing white space is cut."""
        parts = [(" " * indent, ""), *flat([*pieces])]
        if self.console is None:
            self.raw("".join(text for text, _ in parts).rstrip())
            return
        from rich.text import Text

        text = Text.assemble(*parts)
        text.rstrip()
        self.console.print(text)

    def raw(self, text: str) -> None:
        """Print text for programs, unchanged."""
        self.stream.write(text + "\n")

    def title(self, text: str, aside: str = "") -> None:
        """The first line of a page, or of an entry in a list."""
        self.line(bold(text), dim(f"  {aside}" if aside else ""))

    def heading(self, text: str, aside: str = "") -> None:
        """The line over a part of a page, with a blank line before it."""
        self.line()
        self.line((text, "underline"), dim(f"  {aside}" if aside else ""))

    def prose(self, text: str, indent: int = 2) -> None:
        """Paragraphs wrapped to a readable width; indented ones (lists, code) are left as they are."""
        for number, paragraph in enumerate(text.split("\n\n")):
            if number:
                self.line()
            for line in wrap(paragraph, min(self.width, PROSE) - indent):
                self.line(line, indent=indent)

    def columns(self, rows: Iterable[Sequence[Piece]], indent: int = 2, gap: int = 2) -> None:
        """Rows with their cells aligned; the last cell may be as long as it likes."""
        table = [[list(flat(cell)) for cell in row] for row in rows]
        widths = [max(map(_width, column)) for column in zip(*table, strict=True)]  # none for no row
        for row in table:
            for cell, width in zip(row, widths, strict=True):
                cell.append((" " * (width - _width(cell) + gap), ""))
            self.line([*chain(*row)], indent=indent)


def _console(stream: IO[str]) -> "Console":
    from rich.console import Console

    class PipeConsole(Console):
        """A console that leaves a broken pipe to the command line: rich would exit with 1, which means findings."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    console = PipeConsole(file=stream, highlight=False, soft_wrap=True, emoji=False, markup=False)
    console.width = max(console.width, 40)  # with COLUMNS=0 nothing would be printed
    return console


def _width(cell: Iterable[Styled]) -> int:
    """The columns that a cell takes; wide characters take two."""
    letters = "".join(text for text, _ in cell)
    return sum(2 if east_asian_width(letter) in ("W", "F") else not combining(letter) for letter in letters)


def bold(text: str) -> Styled:
    return text, "bold"


def dim(text: str) -> Styled:
    return text, "dim"


def flat(piece: Piece) -> Iterator[Styled]:
    """The styled texts of a piece in order, printable."""
    if isinstance(piece, list):
        for each in piece:
            yield from flat(each)
    else:
        text, style = (piece, "") if isinstance(piece, str) else piece
        yield printable(text), style


def printable(text: str) -> str:
    r"""The text with white space as spaces, and other characters that do not print as escapes: `\x1b`, `\u202e`.

    So no character of a document can control the terminal.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c.isspace() else ascii(c)[1:-1] for c in text)


def wrap(paragraph: str, width: int) -> list[str]:
    """A paragraph of prose in lines of at most `width`; text with its own layout as it is."""
    lines = paragraph.split("\n")
    if any(line.startswith((" ", "\t")) for line in lines[1:]):
        return lines
    return textwrap.wrap(" ".join(lines), max(width, 20), break_long_words=False, break_on_hyphens=False) or [""]


def prototype(text: str, name: str, parameters: Sequence[Parameter], width: int) -> Iterator[Piece]:
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


def name_in_bold(text: str, name: str) -> Piece:
    """A prototype, or a line of one, with the name of the pointer in bold where it is declared."""
    before, mark, after = text.partition(f"*{name})(")
    return [before + "*", bold(name), ")(" + after] if mark else text


def chips(values: Sequence[Chip]) -> Piece:
    """The words of a reading, each in its colour: `exclusive`, `yes, unlocks`."""
    words = [(f"{chip.lock}: {chip.word}" if chip.lock else chip.word, STYLES[chip.tone]) for chip in values]
    return [[", " if number else "", word] for number, word in enumerate(words)]


def place(citation: Citation | None) -> Styled:
    """`locking.rst:96`, dim."""
    return dim(citation.label if citation else "")


def cell_row(cell: Cell) -> tuple[Piece, Piece, Piece, Piece]:
    """A lock rule as a row: lock, reading, the document's own words, place; of a sentence, its scope and condition."""
    written = f"“{cell.text}”" if cell.text else "(blank)"
    if cell.sentence:
        written = f"in a sentence: {cell.remark}" if cell.remark else "in a sentence"
    return bold(cell.lock), chips(cell.chips), written, place(cell.citation)


def marked(snippet: str, width: int) -> list[Piece]:
    """A snippet in lines of at most `width`, its matched words in bold."""
    lines: list[str] = [""]
    for word in snippet.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) - longer.count(MARK_ON) - longer.count(MARK_OFF) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return [[_marked(piece) for piece in MARKED.split(line)] for line in lines]


def _marked(piece: str) -> Piece:
    text = piece.replace(MARK_ON, "").replace(MARK_OFF, "")
    return bold(text) if piece.startswith(MARK_ON) else text


def show_sources(citations: Iterable[Citation], out: Printer) -> None:
    """The paths of the documents that a page cites."""
    paths = dict.fromkeys(f"{citation.version or 'no version'} {citation.path}" for citation in citations)
    if paths:
        out.heading("sources")
        for path in paths:
            out.line(dim(path), indent=2)
