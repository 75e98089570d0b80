"""Copies of a document with its line numbers, line by line: the lines again, each under the number that is printed.

    12 text   12:text   12 | text   12<tab>text   12text   the number, behind white space or not, then the text
    L12: text   #12 text   [12] text                       the number as that of a line
    12. text   12) text   1. text                                    the items of an ordered list
    | 12 | text |   | Jane Doe | 1da177e | 12 | text |     rows of a Markdown table
    1da177e4c3f4 (Jane Doe 2005-04-16 15:20:36 -0700 12) text    what `git blame` prints
    Locking:12:text                                        what `grep -n` prints
    12<newline>text                                        the number on a line of its own
    1<newline>2<newline>3<newline> ... text                all numbers, then the text

Lines above the first number and below the last one belong to the page. A number may be missing, where blank
lines were dropped. Pure; takes time linear in the size; never raises.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from kbase.text.lines import Line

LEAST_LINES = 8  # of a document; fewer prove nothing
LEAST_WRITTEN = 4  # lines with text
HEAD = 200  # lines above the first number
MOST_BELOW = 200  # lines that are not blank, below the last number
MOST_MISSING = 120  # numbers between two lines
LEAST_SHARE = 4  # of the numbers up to the last one, one of so many is there
MOST_CELLS = 8  # of a row, up to the text
ANY = range(1, 10**7)  # numbers
MOST_TRIED = 3  # possible places of the first number
NUMBER = re.compile(r"[ \t]*(?:L|#|\[)?(\d{1,7})")
FIRST = re.compile(r"[ \t]*1\.(?=\s|$)")
GIT_BLAME = re.compile(r"\^?[0-9a-f]{7,64} .{0,200}?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4} {1,9}(\d{1,7})\)")
GREP = re.compile(r"[^\s:|]{1,200}:(\d{1,7})(?=:)")
BAR = re.compile(r" {0,8}[|\u2502](?: |$)")
SEPARATORS = tuple(map(re.compile, (r"\t", r":", r"\]", r"[.)](?:[ \t]|$)", r" ")))
ITEM = re.compile(r"[.)](?:\s.*)?")  # what follows the number of a list's item
RULER = re.compile(r"([=\-~*])\1{3,}+[\s=\-~]*+")
BARE = re.compile(r"(?<!\\)_")
ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")  # punctuation, as programs that write Markdown protect it

Found = tuple[int, int]  # a number, and where the text behind it begins


@dataclass(slots=True)
class _Numbered:
    """A number with the line that prints it; `more` are the lines below it without a number."""

    number: int
    raw: str
    end: int
    more: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.raw[self.end :]


def numbered_lines(raw: Sequence[str]) -> tuple[Line, ...] | None:
    """The lines of a document that was copied with its line numbers; None for other texts."""
    for read in READERS:
        for at, first in _starts(raw, read):
            texts = _texts(_run(raw, at, first, read), read, alone=at == 0)
            if texts is not None:
                return _filled(texts)
    apart = _numbers_apart(raw) or _all_the_first(raw)
    return tuple(Line(number, text) for number, text in enumerate(apart, 1)) if apart else None


def _filled(texts: Sequence[tuple[int, str]]) -> tuple[Line, ...]:
    """The lines, with blank ones for the numbers that are missing."""
    by_number = dict(texts)
    first, last = texts[0][0], texts[-1][0]
    return tuple(Line(number, by_number.get(number, "")) for number in range(first, last + 1))


# --- where a line prints its number ---

Read = Callable[[str, range], Found | None]


def _behind(line: str, wanted: range) -> Found | None:
    """A number at the beginning; of digits glued to it, those of the first number wanted count."""
    match = NUMBER.match(line)
    if match is None:
        return None
    start, digits = match.start(1), str(wanted.start)
    if line.startswith(digits, start):
        return wanted.start, start + len(digits)
    return (int(match[1]), match.end()) if int(match[1]) in wanted else None


def _in_cell(line: str, wanted: range) -> Found | None:
    """A number alone in one of the first cells of a row."""
    if line.lstrip()[:1] != "|":
        return None
    end = line.index("|") + 1
    for cell in line[end:].split("|", MOST_CELLS)[:-1]:
        end += len(cell) + 1
        number = cell.strip()
        if number.isascii() and number.isdigit() and len(number) < 8 and int(number) in wanted:
            return int(number), end
    return None


def _by_pattern(pattern: re.Pattern[str], line: str, wanted: range) -> Found | None:
    match = pattern.match(line)
    return (int(match[1]), match.end()) if match and int(match[1]) in wanted else None


READERS: tuple[Read, ...] = (_behind, _in_cell, partial(_by_pattern, GIT_BLAME), partial(_by_pattern, GREP))


# --- which lines are numbered ---


def _starts(raw: Sequence[str], read: Read) -> Iterator[tuple[int, int]]:
    """Possible places of the first number, with the number: the next lines go on counting."""
    tried = 0
    for at, line in enumerate(raw[:HEAD]):
        any_number = _by_pattern(NUMBER, line, ANY) if read is _behind else read(line, ANY)
        firsts = dict.fromkeys((any_number[0], 1)) if any_number else ()
        for first in firsts:
            near = _run(raw[: at + 2 * LEAST_LINES], at, first, read)
            if len(near) >= LEAST_LINES and tried < MOST_TRIED:
                tried += 1
                yield at, first


def _run(raw: Sequence[str], at: int, first: int, read: Read) -> list[_Numbered]:
    """The lines from a place on that print the next number, or nearly the next."""
    found, before = list[_Numbered](), first - 1
    for line in raw[at:]:
        printed = read(line, range(before + 1, before + 2 + MOST_MISSING) if found else range(first, first + 1))
        if printed:
            before = printed[0]
            found.append(_Numbered(before, line, printed[1]))
        elif not found:
            break
        elif line.strip():
            found[-1].more.append(line)
    return found


def _texts(found: list[_Numbered], read: Read, *, alone: bool) -> list[tuple[int, str]] | None:
    """Number and text of each line, if nearly every line of the document has its number."""
    if len(found) < LEAST_LINES:
        return None
    if read is _behind and not any(each.text.strip() for each in found):
        return _on_lines_of_their_own(found)
    below, found[-1].more = found[-1].more, []
    unnumbered = sum(len(each.more) for each in found)
    sparse = found[-1].number - found[0].number > LEAST_SHARE * len(found) + MOST_MISSING
    if sparse or 10 * unnumbered > len(found) or len(below) > MOST_BELOW:
        return None
    texts = _without_separators(found, read)
    if sum(bool(text.strip()) for text in texts) < LEAST_WRITTEN:
        return None
    if not _is_document(texts) and (not alone or below or unnumbered or all(ITEM.fullmatch(e.text) for e in found)):
        return None
    whole = (" ".join((text, *each.more)) for text, each in zip(texts, found, strict=True))
    return [(each.number, text) for each, text in zip(found, whole, strict=True)]


def _is_document(texts: Sequence[str]) -> bool:
    """Whether the texts have blank lines or rulers, as documents do and lists do not."""
    return any(not text.strip() or RULER.fullmatch(text) for text in texts)


def _on_lines_of_their_own(found: Sequence[_Numbered]) -> list[tuple[int, str]] | None:
    """Number and text of a document that has each number on a line of its own, above its text."""
    texts = [(each.number, each.more[0] if each.more else "") for each in found]
    most = found[:-1]
    if any(len(each.more) > 1 for each in most) or sum(bool(each.more) for each in most) < LEAST_WRITTEN:
        return None
    return texts


def _without_separators(found: Sequence[_Numbered], read: Read) -> list[str]:
    """The text behind the numbers, without separators."""
    texts = [each.text for each in found]
    if read is _in_cell:
        closed = all(text.rstrip().endswith("|") for text in texts)
        texts = [text.rstrip().removesuffix("|").rstrip() if closed else text for text in texts]
    barred = all(not text or BAR.match(text) for text in texts)
    column = _common_column(found) if read is _behind and not barred else None
    if column is not None:
        return [each.raw[column:] for each in found]
    common = (mark for mark in SEPARATORS if all(not text or mark.match(text) for text in texts))
    mark = BAR if barred else next(common, None)
    texts = [text[match.end() :] if mark and (match := mark.match(text)) else text for text in texts]
    return _without_markdown(texts) if read is _in_cell or mark in SEPARATORS[3:4] else texts


def _common_column(found: Sequence[_Numbered]) -> int | None:
    """The column in which the texts begin; None where they rather begin at one distance from the number."""
    written = [each for each in found if each.text.strip()]
    if not all(each.text[:1] == " " and "\t" not in each.raw[: each.end] for each in written):
        return None
    distances = [len(each.text) - len(each.text.lstrip(" ")) for each in written]
    columns = [each.end + distance for each, distance in zip(written, distances, strict=True)]
    column, nearest = min(columns), min(distances)
    padded = columns.count(column) > distances.count(nearest) and all(each.end < column for each in written)
    return column if padded else None


def _without_markdown(texts: Sequence[str]) -> list[str]:
    """The texts without Markdown's backquotes, where all have them, or its backslashes, where every `_` has one."""
    written = [text.strip() for text in texts if text.strip(" `")]
    if all(len(text) > 1 and text[0] == text[-1] == "`" for text in written):
        return [text.strip().removeprefix("`").removesuffix("`") for text in texts]
    whole = "\n".join(texts)
    if r"\_" not in whole or BARE.search(whole):
        return [text.replace(r"\|", "|") for text in texts]
    return [ESCAPED.sub(r"\1", text) for text in texts]


def _all_the_first(raw: Sequence[str]) -> list[str] | None:
    """The texts of the items of a Markdown list in which all items have the number 1."""
    matches = [FIRST.match(line) for line in raw]
    items = [at for at, match in enumerate(matches) if match]
    if len(items) < LEAST_LINES or items[-1] - items[0] + 1 != len(items) or items[0] > HEAD:
        return None
    texts = [raw[at][match.end() :].removeprefix(" ") for at in items if (match := matches[at])]
    return _without_markdown(texts) if _is_document(texts) and len(raw) - items[-1] <= MOST_BELOW else None


def _numbers_apart(raw: Sequence[str]) -> list[str] | None:
    """The text below a column of numbers, one for each of its lines; a last blank line or two may be missing."""
    start = next((at for at, line in enumerate(raw[:HEAD]) if line.strip() == "1"), len(raw))
    count = 0
    while start + count < len(raw) and raw[start + count].strip() == str(count + 1):
        count += 1
    texts = list(raw[start + count :][:count])
    return texts if count >= LEAST_LINES and len(texts) + 2 >= count and any(map(str.strip, texts)) else None
