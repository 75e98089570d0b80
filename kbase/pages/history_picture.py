"""The geometry of pictures of histories: a lane a row, a version or a run of unchanged versions a column.

Pure: lanes in, places in pixels out. `templates/shared/history_picture.svg` draws them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

LETTER = 7.3  # px: width of a letter at 12 px, monospace, rounded up
ROW, TOP, GAP, SECOND_LINE, BAR = 26, 24, 6, 14, 12  # px
NARROWEST, WIDEST = 70, 140  # px: a column
LONGEST_NAME = 48  # letters
ROOM = 1380  # px: width of a picture of many versions


class State(NamedTuple):
    """What one version says in a lane: neighbouring versions of equal `key` become one block."""

    key: object
    text: str
    kind: str


STATED = State("stated", "", "stated")
SILENT = State("silent", "no document", "silent")  # no document of the version speaks of it: not the same as absent
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

    A head is where a column begins, and its version, of a run the first and the last; `description` has the chart in
    words.
    """

    heads: tuple[tuple[int, tuple[str, ...]], ...]
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
    columns = runs(versions, changed, (room - names_width) // NARROWEST)
    width = max(NARROWEST, min(WIDEST, (room - names_width) // max(1, len(columns))))
    places = {version: number * width for number, run in enumerate(columns) for version in run}
    top = TOP + (SECOND_LINE if len(columns) < len(versions) else 0)
    rows = []
    for number, lane in enumerate(lanes):
        y = top + ROW * number + ROW // 2
        boxes = tuple(_box(block, places[block.first], places[block.last] + width, y) for block in lane.blocks)
        marks = tuple((places[mark.version] + 9, mark) for mark in lane.marks)
        rows.append(Row(y, _short(lane.name, names_width), lane.href, boxes, marks))
    ends = [(run[0], f"…{run[-1]}") if len(run) > 1 else run for run in columns]
    return Drawing(
        heads=tuple((places[run[0]], tuple(_short(text, width) for text in run)) for run in ends),
        rows=tuple(rows),
        top=top,
        names_width=names_width,
        chart_width=width * len(columns),
        height=top + ROW * len(lanes) + GAP,
        description="; ".join(map(_described, lanes)),
    )


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
    return block.first if block.first == block.last else f"{block.first} to {block.last}"


def _short(text: str, width: int) -> str:
    """The text cut to what fits."""
    letters = int(width / LETTER)
    return text if len(text) <= letters else text[: max(1, letters - 1)] + "…"
