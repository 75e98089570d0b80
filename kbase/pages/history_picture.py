"""Pictures of histories as SVG: a lane a row, a version or a run of unchanged versions a column.

Pure: lanes in, SVG elements out. The site and the reference put them into a frame with a style of their own, which
addresses the classes: `lane` and `label` (text), `grid` (line), and of each `g` the kind of its block or mark.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from markupsafe import Markup

LETTER = 7.3  # px: width of a letter at 12 px, monospace, rounded up
ROW, TOP, GAP, SECOND_LINE, BAR = 26, 24, 6, 14, 12  # px
NARROWEST, WIDEST = 70, 140  # px: a column
LONGEST_NAME = 28  # letters
ROOM = 1380  # px: width of a picture of many versions
HATCH = Markup(
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line class="hatching" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>'
)
SHAPES = {  # of marks, 10 px wide, around (0, 0)
    "breaking": Markup('<path d="M0-5 5 0 0 5-5 0z"/>'),
    "behaviour": Markup('<path d="M0-5 5 4-5 4z"/>'),
    "documentation": Markup('<path d="M-4-1H4V1H-4z"/>'),
    "cosmetic": Markup('<circle class="ring" r="2.5"/>'),
    "removed": Markup('<path d="M-4-4 4 4M4-4-4 4"/>'),
}


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
    """Something that happened in a version: a change, by its severity, or the removal."""

    version: str
    kind: str  # a key of `SHAPES`
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A row of the picture."""

    name: str
    href: str | None
    blocks: tuple[Block, ...]
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The names of the lanes and the chart beside them, of one height: the names stay when the chart is scrolled.

    `hatch` defines the fill of silent blocks, `url(#hatch)`; `description` has the chart in words.
    """

    names: Markup
    names_width: int
    chart: Markup
    chart_width: int
    height: int
    description: str
    hatch: Markup = HATCH


def blocks_of(versions: Iterable[str], states: Mapping[str, State]) -> tuple[Block, ...]:
    """The blocks of a lane; a version without a state is absent."""
    groups = (list(group) for _, group in groupby(versions, key=lambda version: states.get(version, ABSENT).key))
    return tuple(_block_of(group, states.get(group[0], ABSENT)) for group in groups)


def _block_of(versions: Sequence[str], state: State) -> Block:
    return Block(first=versions[0], last=versions[-1], columns=len(versions), text=state.text, kind=state.kind)


def draw(versions: Sequence[str], lanes: Sequence[Lane], root: str = "", room: int = ROOM) -> Drawing:
    """The drawing, at most about `room` px wide; names of lanes lead to `root` and their address."""
    names_width = round(LETTER * min(LONGEST_NAME, max((len(lane.name) for lane in lanes), default=0))) + 2 * GAP
    turning = {block.first for lane in lanes for block in lane.blocks}
    turning |= {mark.version for lane in lanes for mark in lane.marks}
    columns = runs(versions, turning, (room - names_width) // NARROWEST)
    width = max(NARROWEST, min(WIDEST, (room - names_width) // max(1, len(columns))))
    places = {version: number * width for number, run in enumerate(columns) for version in run}
    top = TOP + (SECOND_LINE if len(columns) < len(versions) else 0)
    height = top + ROW * len(lanes) + GAP
    names, chart = [], [piece for run in columns for piece in _head(run, places[run[0]], width, top, height)]
    for row, lane in enumerate(lanes):
        y = top + ROW * row
        names.append(_name(lane, root, names_width, y))
        chart += [_block(block, places[block.first], places[block.last] + width, y) for block in lane.blocks]
        chart += [_mark(mark, places[mark.version], y) for mark in lane.marks]
    return Drawing(
        names=Markup("").join(names),
        names_width=names_width,
        chart=Markup("").join(chart),
        chart_width=width * len(columns),
        height=height,
        description="; ".join(map(_described, lanes)),
    )


def runs(versions: Sequence[str], turning: Collection[str], most: int) -> tuple[tuple[str, ...], ...]:
    """The versions as columns: one each, or where there are more than `most`, a new one only for those `turning`."""
    if len(versions) <= most:
        return tuple((version,) for version in versions)
    found: list[list[str]] = []
    for version in versions:
        if not found or version in turning:
            found.append([])
        found[-1].append(version)
    return tuple(map(tuple, found))


def _head(run: Sequence[str], x: int, width: int, top: int, height: int) -> Iterator[Markup]:
    """The version over a line down to the last row; of a run the first, and the last below it."""
    yield Markup('<line class="grid" x1="{x}" y1="{}" x2="{x}" y2="{}"/>').format(top - GAP, height, x=x)
    for number, text in enumerate([run[0]] if len(run) == 1 else [run[0], f"…{run[-1]}"]):
        y = 14 + SECOND_LINE * number
        yield Markup('<text class="label" x="{}" y="{}">{}</text>').format(x + 4, y, _short(text, width))


def _name(lane: Lane, root: str, width: int, y: int) -> Markup:
    text = Markup('<text class="lane" x="0" y="{}">{}</text>').format(y + 17, _short(lane.name, width))
    return Markup('<a href="{}{}">{}</a>').format(root, lane.href, text) if lane.href else text


def _block(block: Block, left: int, right: int, y: int) -> Markup:
    """A box with its text; a bar where it has none; a line where there is nothing."""
    title = Markup("<title>{}</title>").format(f"{block.text or block.kind}, {_span(block)}")
    if block.kind == "absent":
        line = Markup('<line x1="{}" y1="{y}" x2="{}" y2="{y}"/>').format(left + 4, right - 4, y=y + ROW // 2)
        return Markup('<g class="absent">{}</g>').format(line)
    height = ROW - 6 if block.text else BAR
    box = Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="2"/>')
    shape = box.format(left + 1, y + (ROW - height) // 2, right - left - 2, height)
    if block.text:
        text = _short(block.text, right - left - 10)
        shape += Markup('<text x="{}" y="{}">{}</text>').format(left + 8, y + 17, text)
    return Markup('<g class="{}">{}{}</g>').format(block.kind, title, shape)


def _mark(mark: Mark, left: int, y: int) -> Markup:
    """A mark at the beginning of its version's column."""
    return Markup('<g class="mark {}" transform="translate({} {})"><title>{}</title>{}</g>').format(
        mark.kind, left + 9, y + ROW // 2, mark.text, SHAPES[mark.kind]
    )


def _described(lane: Lane) -> str:
    """A lane in words, for readers who do not see it."""
    told = [f"{block.text or block.kind} {_span(block)}" for block in lane.blocks if block.kind != "absent"]
    return f"{lane.name}: {', '.join([*told, *(mark.text for mark in lane.marks)])}"


def _span(block: Block) -> str:
    return block.first if block.first == block.last else f"{block.first} to {block.last}"


def _short(text: str, width: int) -> str:
    """The text cut to what fits."""
    letters = int(width / LETTER)
    return text if len(text) <= letters else text[: max(1, letters - 1)] + "…"
