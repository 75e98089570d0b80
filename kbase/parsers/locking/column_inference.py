"""Columns of locking tables whose white space was collapsed, inferred from the words of the cells.

A flattened page keeps the rulers, so the widths of the columns, and the words, one space apart:

    ====================== ======================== ========= ===============
    ops folio locked i_rwsem invalidate_lock
    ====================== ======================== ========= ===============
    write_end: yes, unlocks exclusive
    ====================== ======================== ========= ===============

The words decide that `yes, unlocks` belongs under `folio locked`; `exclusive` may belong under either semaphore, so the
cell has both as candidates and no header. A cell has a header only where every placing that the words and the widths
allow agrees:

- a cell is not wider than its column (the last one may be), and cells keep the order of the columns;
- what a column is about decides which words it takes (`kbase.parsers.locking.vocabulary`).

Tables without rulers are read too: the first line is the header, and a remark may follow the last column.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations

from kbase.parsers.locking.tables import Placed, Row, Table, row_of_cells
from kbase.parsers.locking.vocabulary import (
    NEVER,
    PARENTHESES,
    About,
    Words,
    about,
    atoms,
    reading_cost,
    span_of,
    words_of,
)
from kbase.text.lines import Line

RULER = re.compile(r"=+(?:\s+=+)+")
OP = re.compile(r"(?:->)?(?P<op>[A-Za-z_]\w*)(?:\(\))?(?P<colon>\s?:)?(?=\s|$|(?<=:))")
MOST_COLUMNS = 10  # more is no locking table
MOST_PIECES = 16  # in a row; more is prose
MOST_JOINED = 6  # pieces of one cell
OUT_OF_REACH = 10**6
ASIDE = re.compile(
    r"\((?:see .*|(?=\S*?(?:_|->))\S*)\)"
)  # "(see below)", "(namespace_sem)": beside the table, not in it
LONGEST_CELL = 7  # words, without those in parentheses
LOCK_NAME = re.compile(r"(?=[\w>.-]*?(?:_|->|lock|sem|mutex|BKL))[\w>.-]+(?:\(\w+\))?")
LONGEST_ROW = 400  # characters; the longest met has 90


def is_ruler(line: Line) -> bool:
    """Whether the line rules columns: two runs of `=` or more, and nothing else."""
    return RULER.fullmatch(line.raw.strip()) is not None


def unruled_end(lines: Sequence[Line], start: int, ops: Collection[str]) -> int:
    """Behind the last row of the table without rulers whose header is line `start`; `start` where there is none.

    A header names a lock or says `may block`; rows follow it, each an op of `ops` (or any name with a colon) and
    cells. Blank lines may stand between header and rows, and a row with a remark in words between two other rows.
    """
    words = lines[start].raw.split()
    headers = _headers(words, []) if 0 < len(words) <= 2 * MOST_COLUMNS else ()
    if not headers or words[-1].endswith((":", ".")) or not all(map(_is_header, headers)):
        return start
    end = at = start + 1
    while at < len(lines) and (lines[at].blank or _is_row(lines[at], ops) or _is_between(lines, at, ops)):
        at += 1
        end = end if lines[at - 1].blank else at
    return end if end > start + 1 else start


def _is_between(lines: Sequence[Line], at: int, ops: Collection[str]) -> bool:
    """Whether the line is an op with a colon and a few words, between two rows."""
    match = OP.match(lines[at].raw.strip())
    if match is None or not match["colon"] or match["op"] not in ops or at + 1 == len(lines):
        return False
    few = len(lines[at].raw.split()) <= LONGEST_CELL
    return few and not lines[at].raw.rstrip().endswith(".") and all(_is_row(lines[n], ops) for n in (at - 1, at + 1))


def _is_header(header: str) -> bool:
    return about(header) is not About.LOCK or LOCK_NAME.fullmatch(header) is not None


def _is_row(line: Line, ops: Collection[str]) -> bool:
    """Whether the line is an op and cells, and no prose that begins like one."""
    text = " ".join(line.raw.split())
    match = OP.match(text) if len(text) <= LONGEST_ROW else None
    if match is None or not (match["colon"] or match["op"] in ops):
        return False
    cells = atoms(text[match.end() :])
    known = not cells or words_of(cells[0]) is not Words.FREE
    return known and all(len(PARENTHESES.sub("", cell).split()) <= LONGEST_CELL for cell in cells)


def infer_table(lines: Sequence[Line], start: int, stop: int) -> Table:
    """The table from `start` to `stop`: from ruler to ruler, or a header line and the rows below it.

    Without a header that can be read it has no columns, and every line is unread.
    """
    content = [line for line in lines[start:stop] if not line.blank]
    ruler = next((line for line in content if is_ruler(line)), None)
    widths = [len(run) for run in ruler.raw.split()] if ruler else []
    header, *body = [line for line in content if not is_ruler(line)] or [Line(0, "")]
    columns = _headers(header.raw.split(), widths)
    rows = [infer_row(line, columns, widths[1:]) if columns else None for line in body]
    return Table(
        columns=columns,
        rows=tuple(row for row in rows if row),
        start=start,
        stop=stop,
        unread=tuple(line for line, row in zip(body, rows, strict=True) if row is None),
    )


PHRASES = frozenset(
    (
        "may block",
        "may sleep",
        "fs recursion",
        "held locks when called",
        "held locks",
        "locks held",
        "folio locked",
        "page locked",
        "rcu walk",
        "called from",
    )
)
FIRST_HEADERS = frozenset({"ops", "op", "operation", "method"})


def _headers(words: list[str], widths: list[int]) -> tuple[str, ...]:
    """The headers of the columns without the first, from the words of the header line."""
    if not 0 < len(words) <= 4 * MOST_COLUMNS or len(widths) > MOST_COLUMNS:
        return ()
    if not widths:
        first = 1 if words[0].lower().rstrip(":") in FIRST_HEADERS else 0
        return unruled_headers(words[first:])
    return tuple(_ruled_headers(words[1:], widths[1:]))


def unruled_headers(words: list[str]) -> tuple[str, ...]:
    """One header a word, but for known phrases."""
    headers, at = list[str](), 0
    while at < len(words):
        sizes = (size for size in (4, 2) if " ".join(words[at : at + size]).lower() in PHRASES)
        size = next(sizes, 1)
        headers.append(" ".join(words[at : at + size]))
        at += size
    return tuple(headers) if len(headers) <= MOST_COLUMNS else ()


def _ruled_headers(words: list[str], widths: list[int]) -> list[str]:
    """The words dealt out to the columns: known phrases stay whole, no header is wider than its column."""
    best: dict[int, tuple[int, list[str]]] = {len(words): (0, [])}  # by first word: the headers from a column on
    for column in reversed(range(len(widths))):
        rest, best = best, {}
        for at, stop in combinations(range(len(words) + 1), 2):
            header = " ".join(words[at:stop])
            too_wide = len(header) > widths[column]
            if stop not in rest or (too_wide and column < len(widths) - 1):
                continue
            cost = rest[stop][0] + (0 if header.lower() in PHRASES else 2 * (stop - at - 1)) + 3 * too_wide
            if at not in best or cost < best[at][0]:
                best[at] = cost, [header, *rest[stop][1]]
    return best[0][1] if 0 in best else []


def infer_row(line: Line, columns: Sequence[str], widths: Sequence[int]) -> Row | None:
    """The row that a line is; None where it does not begin with an op. `widths` is empty without a ruler."""
    text = " ".join(line.raw.split())
    match = OP.match(text) if len(text) <= LONGEST_ROW else None
    pieces = atoms(text[match.end() :]) if match else []
    if match is None or len(pieces) > MOST_PIECES:
        return None
    kinds = [about(column) for column in columns]
    remarks = list[str]()
    if not widths:
        kinds.append(About.REMARK)
        remarks = [pieces.pop()] if pieces and ASIDE.fullmatch(pieces[-1]) else []
    placed = list[Placed]()
    for cell, places in _place(pieces, kinds, widths):
        if places == [len(columns)]:
            remarks.insert(0, cell)
        else:
            placed.append(_placed(cell, places, columns))
    return row_of_cells(match["op"], columns, placed, line.number, line.number, " ".join(remarks))


def row_of_words(op: str, columns: Sequence[str], texts: Sequence[str], first: int, last: int) -> Row:
    """The row of whole cells whose blank ones are missing: the words decide to which column each belongs."""
    found = _place(texts, [about(column) for column in columns], ())
    return row_of_cells(op, columns, (_placed(text, places, columns) for text, places in found), first, last)


def _placed(text: str, places: Sequence[int], columns: Sequence[str]) -> Placed:
    """The cell with its header; where it may belong to several columns, also as a remark, with its candidates."""
    names = tuple(columns[place] for place in places if place < len(columns))
    return (text, names[0], ()) if len(places) == 1 else (text, None, names)


Span = tuple[int, int]  # pieces from and to


def _place(pieces: Sequence[str], kinds: Sequence[About], widths: Sequence[int]) -> Iterator[tuple[str, list[int]]]:
    """Each cell and the columns it may belong to, over all the cheapest ways to place the pieces in order.

    Cells whose extent differs between cheapest ways are one cell with all their columns.
    """
    count, costs = len(pieces), _costs(pieces, kinds, widths)
    rest = [[OUT_OF_REACH] * count + [0] for _ in range(len(kinds) + 1)]  # [c][i]: least cost of pieces i... from c on
    for c in reversed(range(len(kinds))):
        rest[c] = list(rest[c + 1])
        for (i, j), cost in costs[c].items():
            rest[c][i] = min(rest[c][i], cost + rest[c + 1][j])
    spans, reached = dict[Span, list[int]](), {0}
    for c, column in enumerate(costs):
        cheapest = [(i, j) for (i, j), cost in column.items() if i in reached and cost + rest[c + 1][j] == rest[c][i]]
        reached = {i for i in reached if rest[c + 1][i] == rest[c][i]} | {j for _, j in cheapest}
        for span in cheapest:
            spans.setdefault(span, []).append(c)
    if rest[0][0] >= OUT_OF_REACH and pieces:
        spans = {(0, count): list(range(len(kinds)))}
    yield from _merged(pieces, spans)


def _costs(pieces: Sequence[str], kinds: Sequence[About], widths: Sequence[int]) -> list[dict[Span, int]]:
    """By column, what each cell that is possible there would cost."""
    stops = {i: range(i + 1, min(len(pieces), i + MOST_JOINED) + 1) for i in range(len(pieces))}
    spans = {(i, j): span_of(pieces[i:j]) for i in stops for j in stops[i]}
    costs = list[dict[Span, int]]()
    for c, kind in enumerate(kinds):
        width, last = widths[c] if c < len(widths) else None, c == len(kinds) - 1
        found = {
            (i, j): reading_cost(span, kind, width, last=last)
            for (i, j), span in spans.items()
            if kind is not About.REMARK or not any(words_of(piece) is Words.DASH for piece in pieces[i:j])
        }  # a dash is a cell, never the end of a remark
        costs.append({span: cost for span, cost in found.items() if cost < NEVER})
    return costs


def _merged(pieces: Sequence[str], spans: dict[Span, list[int]]) -> Iterator[tuple[str, list[int]]]:
    """Spans in order; those that overlap become one, with all their columns."""
    start = stop = 0
    columns = set[int]()
    for (i, j), places in sorted(spans.items()):
        if i >= stop and columns:
            yield " ".join(pieces[start:stop]), sorted(columns)
            columns = set()
        start, stop = (i, j) if not columns else (start, max(stop, j))
        columns.update(places)
    if columns:
        yield " ".join(pieces[start:stop]), sorted(columns)
