"""Decoded text whose every line knows its number in the source.

Decoding, newlines and tabs, nothing else. A saved page is a `Text` too: `kbase.text.saved_pages` gives its lines the
numbers that the page itself prints.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

REORDERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # marks, embeddings, overrides, isolates
TAB = 8  # columns; what the documents' tables are aligned to


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its newline; `number` counts from 1, or is the number that a saved page prints."""

    number: int
    raw: str

    @property
    def text(self) -> str:
        """The line with tabs expanded to 8 columns and trailing white space cut."""
        return self.raw.expandtabs(TAB).rstrip()

    @property
    def blank(self) -> bool:
        return not self.raw.strip()

    @property
    def indent(self) -> int:
        """Columns of leading white space; 0 for a blank line."""
        text = self.text
        return len(text) - len(text.lstrip())


@dataclass(frozen=True)
class Text:
    """A document's lines. `flattened`: its white space was collapsed, so columns must be inferred.

    `wrapped`: it is a saved page that is too large or too damaged to be converted.
    """

    lines: tuple[Line, ...]
    page_of: str | None = None  # "gitiles blame", "patch", ...: the forms of `kbase.text.saved_pages`
    flattened: bool = False
    wrapped: bool = False

    def quote(self, first: int, last: int) -> str:
        """Lines `first` to `last` unchanged, joined by newlines; lines that do not exist are left out."""
        start = bisect_left(self.lines, first, key=_number)
        return "\n".join(line.raw for line in takewhile(lambda line: line.number <= last, self.lines[start:]))


def _number(line: Line) -> int:
    return line.number


def first_filled(lines: Sequence[Line]) -> int:
    """The position of the first line that is not blank; the number of lines where all are."""
    return next((at for at, line in enumerate(lines) if not line.blank), len(lines))


def trimmed(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines without blank ones at the end."""
    stop = len(lines)
    while stop and lines[stop - 1].blank:
        stop -= 1
    return lines[:stop]


def joined(lines: Iterable[Line]) -> str:
    """The lines as one text, white space collapsed."""
    return " ".join(" ".join(line.raw.split()) for line in lines)


def visible(text: str) -> str:
    r"""The text with characters that reorder other characters written as `\u202e`."""
    return text if text.isascii() else REORDERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def decode(data: bytes) -> str:
    """The bytes as text: a BOM decides, then UTF-8, then Latin-1 (which never fails)."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def is_binary(data: bytes) -> bool:
    """Whether the bytes are not text: a NUL in the first 8 KiB, and no UTF-16 mark."""
    return b"\0" in data[:8192] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))


def split_lines(text: str) -> Text:
    r"""The text as numbered lines; `\n`, `\r\n` and a lone `\r` end a line, nothing else does."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return Text(tuple(Line(number, line) for number, line in enumerate(lines, 1)))
