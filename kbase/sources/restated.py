"""Our own words for what documents say in sentences: `corpus/restated/*.rst`.

    porting
    =======

    Checked on 2026-12-01 against the documents of 2.4.0 to 7.1.5.

    v6.12 porting.rst:1127-1131  3f2a91c04b7e
        Set the slot to NULL. [2] A file that cannot seek needs no method.

    entry = place {fingerprint} newline body        body = [text] { "[" first ["-" last] "]" text }

An entry restates a paragraph, a description, a porting entry, or the steps of an operation: the fingerprints are of its
text in all its spellings, the place is one of its first spelling, for the reader. A number in brackets names the
sentence, or step, of the original that the words behind it restate, from 1; words before any number restate all.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from kbase.errors import SourceError
from kbase.sources.trees import MAX_BYTES, read_file
from kbase.text.lines import Line, decode, split_lines

FOLDER = "restated"
FINGERPRINT = re.compile(r"[0-9a-f]{12}")
TERM = re.compile(r"\S+ \S+:\d+(?:-\d+)?(?: +[0-9a-f]{12})+")
MARKER = re.compile(r"\[(\d{1,2})(?:-(\d{1,2}))?\]\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of ours, and the first and last sentence or step that they restate, from 1; None: all."""

    text: str
    first: int | None = None
    last: int | None = None


Restatements = Mapping[str, tuple[Piece, ...]]  # by fingerprint
NONE: Restatements = MappingProxyType({})


def fingerprint(text: str) -> str:
    """12 hexadecimal digits of a text, whatever its line breaks and indentation."""
    return sha256(" ".join(text.split()).encode()).hexdigest()[:12]


def read_restatements(corpus: Path) -> Restatements:
    """All that is restated; empty where the corpus has no such folder.

    Raises:
        SourceError: an entry is malformed, or a fingerprint stands twice.
    """
    found = dict[str, tuple[Piece, ...]]()
    for file in sorted((corpus / FOLDER).glob("*.rst")):
        for line, keys, pieces in _entries(split_lines(decode(read_file(file, MAX_BYTES))).lines, file):
            for key in keys:
                if key in found:
                    raise _bad(file, line, f"{key} is restated twice")
                found[key] = pieces
    return found


def _entries(lines: Sequence[Line], file: Path) -> Iterator[tuple[Line, list[str], tuple[Piece, ...]]]:
    terms = [at for at, line in enumerate(lines) if TERM.fullmatch(line.text.rstrip())]
    for at, stop in zip(terms, [*terms[1:], len(lines)], strict=True):
        body = " ".join(" ".join(line.text.split()) for line in lines[at + 1 : stop] if line.indent)
        outside = next((line for line in lines[at + 1 : stop] if not line.blank and not line.indent), None)
        if outside is not None or not body:
            raise _bad(file, outside or lines[at], "a place, fingerprints, and an indented text are expected")
        yield lines[at], FINGERPRINT.findall(lines[at].text.partition(":")[2]), tuple(_pieces(body))


def _pieces(body: str) -> Iterator[Piece]:
    start, *rest = MARKER.split(body)
    if start.strip():
        yield Piece(start.strip(), *((1, 1) if rest else ()))
    for first, last, text in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        yield Piece(text.strip(), int(first), int(last or first))


def _bad(file: Path, line: Line, message: str) -> SourceError:
    return SourceError(f"line {line.number}: {message}", str(file), "mend the entry")


def in_own_words(text: str, restatements: Restatements) -> str:
    """All that we say of a text; the text itself where it is not restated."""
    pieces = restatements.get(fingerprint(text))
    return " ".join(piece.text for piece in pieces) if pieces else text
