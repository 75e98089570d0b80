"""The geometry of pictures of histories: a lane a row, a version or a run of unchanged versions a column.

Pure: lanes in, places in pixels out. `templates/shared/history_picture.svg` draws them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from kbase.model.releases import series_of

LETTER = 7.3  # px: width of a letter at 12 px, monospace, rounded up
ROW, TOP, GAP, SECOND_LINE, BAR = 26, 24, 6, 14, 12  # px
NARROWEST, WIDEST = 70, 140  # px: a column
LONGEST_NAME = 48  # letters
ROOM = 1380  # px: width of a picture of many versions
THINNEST = 10  # px: a column of one version where so many change something that not all can have a label
LAST_LABEL = 70  # px: where there are such columns, beside them for the label of the last
SHORTEST = 3  # letters of a text that is cut


class State(NamedTuple):
    """What one version says in a lane: neighbouring versions of equal `key` become one block."""

    key: object
    text: str
    kind: str


STATED = State("stated", "", "stated")
SILENT = State("silent", "no document", "silent")  # no document could state it: not the same as absent
ABSENT = State("absent", "", "absent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Neighbouring versions that say the same; `kind`: the tone of a lock, `plain`, `stated`, `silent` or `absent`."""

    first: str
    last: str
    columns: int
    text: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that happened in a version: `kind` is the severity of a change, or `removed`."""

    version: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A row of the picture."""

    name: str
    href: str | None
    blocks: tuple[Block, ...]
    marks: tuple[Mark, ...] = ()


class Box(NamedTuple):
    """A block: its place, the text that fits, and the text in full."""

    kind: str
    x: int
    y: int
    width: int
    height: int
    text: str
    title: str


class Row(NamedTuple):
    """A lane: its middle, its name as far as it fits, its boxes, and its marks with their places."""

    y: int
    name: str
    href: str | None
    boxes: tuple[Box, ...]
    marks: tuple[tuple[int, Mark], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The rows below the heads; the names of the lanes are beside the chart, which begins at x 0.

    A head is where a column begins, and its version, of a run the first and the last; of thin columns only some have
    one, with the series of kernels that begins there, if one does. `columns` has the place and the version of each,
    and `column_width` is theirs; `description` has the chart in words.
    """

    heads: tuple[tuple[int, tuple[str, ...]], ...]
    columns: tuple[tuple[int, str], ...]
    column_width: int
    rows: tuple[Row, ...]
    top: int
    names_width: int
    chart_width: int
    height: int
    description: str


def blocks_of(versions: Iterable[str], states: Mapping[str, State]) -> tuple[Block, ...]:
    """The blocks of a lane; a version without a state is absent."""
    groups = (list(group) for _, group in groupby(versions, key=lambda version: states.get(version, ABSENT).key))
    return tuple(_block_of(group, states.get(group[0], ABSENT)) for group in groups)


def _block_of(versions: Sequence[str], state: State) -> Block:
    return Block(first=versions[0], last=versions[-1], columns=len(versions), text=state.text, kind=state.kind)


def draw(versions: Sequence[str], lanes: Sequence[Lane], room: int = ROOM) -> Drawing:
    """The drawing, at most about `room` px wide."""
    names_width = round(LETTER * min(LONGEST_NAME, max((len(lane.name) for lane in lanes), default=0))) + 2 * GAP
    changed = {block.first for lane in lanes for block in lane.blocks}
    changed |= {mark.version for lane in lanes for mark in lane.marks}
    most = (room - names_width) // NARROWEST
    columns = runs(versions, changed, most)
    if thin := len(columns) > most:
        columns = tuple((version,) for version in versions)
        width = max(THINNEST, (room - names_width - LAST_LABEL) // len(columns))
    else:
        width = max(NARROWEST, min(WIDEST, (room - names_width) // max(1, len(columns))))
    places = {version: number * width for number, run in enumerate(columns) for version in run}
    top = TOP + (SECOND_LINE if thin or len(columns) < len(versions) else 0)
    rows = []
    for number, lane in enumerate(lanes):
        y = top + ROW * number + ROW // 2
        boxes = tuple(_box(block, places[block.first], places[block.last] + width, y) for block in lane.blocks)
        marks = tuple((places[mark.version] + min(9, width // 2), mark) for mark in lane.marks)
        rows.append(Row(y, _short(lane.name, names_width), lane.href, boxes, marks))
    return Drawing(
        heads=_thin_heads(versions, width) if thin else _heads(columns, width),
        columns=tuple((places[run[0]], _between(run[0], run[-1])) for run in columns),
        column_width=width,
        rows=tuple(rows),
        top=top,
        names_width=names_width,
        chart_width=width * len(columns) + (LAST_LABEL if thin else 0),
        height=top + ROW * len(lanes) + GAP,
        description="; ".join(map(_described, lanes)),
    )


def _heads(columns: Sequence[Sequence[str]], width: int) -> tuple[tuple[int, tuple[str, ...]], ...]:
    ends = [(run[0], f"…{run[-1]}") if len(run) > 1 else run for run in columns]
    return tuple((width * number, tuple(_short(text, width) for text in run)) for number, run in enumerate(ends))


def _thin_heads(versions: Sequence[str], width: int) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """The series where one begins, and below them as many versions as fit: the first, the last, those of new series."""
    series = list(map(series_of, versions))
    starts = [place for place, name in enumerate(series) if place == 0 or series[place - 1] != name]
    longest = sorted(starts, key=lambda place: -series.count(series[place]))
    every = (0, len(versions) - 1, *starts, *range(len(versions)))
    names = _without_overlap((place * width, series[place]) for place in longest)
    labels = _without_overlap((place * width, versions[place]) for place in every)
    return tuple((x, (names.get(x, ""), labels.get(x, ""))) for x in sorted({*names, *labels}))


def _without_overlap(texts: Iterable[tuple[int, str]]) -> dict[int, str]:
    """The texts by place, those that come first first, without those that would lie over another one."""
    found: dict[int, str] = {}
    for x, text in texts:
        ends = x + _width(text)
        if all(ends <= other or other + _width(found[other]) <= x for other in found):
            found[x] = text
    return found


def _width(text: str) -> float:
    """Px, with the gap after it."""
    return LETTER * (len(text) + 1)


def _box(block: Block, left: int, right: int, middle: int) -> Box:
    """A box for a block with a text, a bar for one without."""
    height, title = ROW - 6 if block.text else BAR, f"{block.text or block.kind}, {_span(block)}"
    text = _short(block.text, right - left - 10)
    return Box(block.kind, left + 1, middle - height // 2, right - left - 2, height, text, title)


def runs(versions: Sequence[str], changed: Collection[str], most: int) -> tuple[tuple[str, ...], ...]:
    """The versions as columns: one each, or where there are more than `most`, a new one only for those `changed`."""
    if len(versions) <= most:
        return tuple((version,) for version in versions)
    found: list[list[str]] = []
    for version in versions:
        if not found or version in changed:
            found.append([])
        found[-1].append(version)
    return tuple(map(tuple, found))


def _described(lane: Lane) -> str:
    """A lane in words, for readers who do not see it."""
    pieces = [f"{block.text or block.kind} {_span(block)}" for block in lane.blocks if block.kind != "absent"]
    return f"{lane.name}: {', '.join([*pieces, *(mark.text for mark in lane.marks)])}"


def _span(block: Block) -> str:
    return _between(block.first, block.last)


def _between(first: str, last: str) -> str:
    return first if first == last else f"{first} to {last}"


def _short(text: str, width: int) -> str:
    """The text cut to what fits, or nothing where that would be no word."""
    letters = int(width / LETTER)
    if len(text) <= letters:
        return text
    return f"{text[: letters - 1]}…" if letters > SHORTEST else ""
