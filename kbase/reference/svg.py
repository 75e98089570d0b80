"""Pictures of lives as SVG files: a row an op, a column a version or several, a block a stretch that says the same.

Pure: lanes in, the text of a file out; versions come newest first. Colours are those of a light page; the style sheet
turns them for a dark one. A block about a lock has its words in it, and the page with the picture says all in words.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from markupsafe import Markup

from kbase.pages.history_picture import runs
from kbase.sphinx.rst import printable

LETTER = 7.3  # px: width of a letter at 12 px, monospace, rounded up
COLUMN, ROW, TOP, GAP, SECOND = 78, 24, 26, 6, 14  # px
MOST = 24  # versions that have a column each
LONGEST_NAME = 48  # letters
STYLE = Markup(
    "text{font:12px monospace;fill:#1a1a1a}.head{fill:#555}.grid{stroke:#e2e2e2}rect{stroke:#8a8a8a;stroke-width:.5}"
    ".plain rect,.held rect{fill:#c9def5}.exclusive rect{fill:#8fbcec}.shared rect{fill:#cfe9cf}"
    ".maybe rect{fill:#f7e2b0}.no rect{fill:#fff}.silent rect{fill:url(#hatch);stroke:none}"
)
HATCH = Markup(
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path d="M0 0V6" stroke="#b0b0b0" stroke-width="2"/></pattern></defs>'
)


class Tone(StrEnum):
    """The colour of a block."""

    PLAIN = "plain"  # the op is there
    EXCLUSIVE = "exclusive"
    SHARED = "shared"
    HELD = "held"
    MAYBE = "maybe"
    NO = "no"
    SILENT = "silent"  # no document held speaks of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What one version says in a lane; neighbours that are equal become one block, which shows `text`."""

    key: object
    text: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A row: its name, and what it says by version; a version that is missing says nothing."""

    name: str
    told: Mapping[str, Moment]


def picture(title: str, versions: Sequence[str], lanes: Sequence[Lane]) -> str:
    """The SVG file with a lane a row, and a column a version: of many, one for all between which no lane turns."""
    turning = {block[0] for lane in lanes for _, block in _stretches(lane, versions)}
    columns = runs(versions, turning, MOST)
    top = TOP + (SECOND if len(columns) < len(versions) else 0)
    names = round(LETTER * min(LONGEST_NAME, max((len(lane.name) for lane in lanes), default=0))) + 2 * GAP
    width, height = names + COLUMN * len(columns), top + ROW * len(lanes) + GAP
    places = {version: names + number * COLUMN for number, run in enumerate(columns) for version in run}
    body = [piece for run in columns for piece in _head(run, places[run[0]], top, height)]
    for row, lane in enumerate(lanes):
        body += _lane(lane, places, names, top + row * ROW)
    drawn = (
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{w}" height="{h}" viewBox="0 0 {w} {h}">\n'
            "<title>{title}</title>\n<desc>{told}</desc>\n<style>{style}</style>{hatch}\n"
            '<rect width="{w}" height="{h}" style="fill:#fff;stroke:none"/>\n{body}\n</svg>\n'
        )
        .format(w=width, h=height, title=title, told=_words(versions, lanes), style=STYLE, hatch=HATCH,
                body=Markup("\n").join(body))
    )  # fmt: skip
    return "\n".join(map(printable, drawn.split("\n")))


def _head(run: tuple[str, ...], x: int, top: int, height: int) -> Iterator[Markup]:
    yield Markup('<path class="grid" d="M{} {}V{}"/>').format(x, top - GAP, height)
    for line, text in enumerate([run[0]] if len(run) == 1 else [run[0], f"…{run[-1]}"]):
        yield Markup('<text class="head" x="{}" y="{}">{}</text>').format(
            x + 3, 15 + SECOND * line, _short(text, COLUMN)
        )


def _lane(lane: Lane, places: Mapping[str, int], left: int, y: int) -> Iterator[Markup]:
    yield Markup('<text x="{}" y="{}">{}</text>').format(GAP, y + 16, _short(lane.name, left - GAP))
    for moment, block in _blocks(lane, places):
        x = places[block[0]]
        width = places[block[-1]] + COLUMN - x
        yield Markup(
            '<g class="{tone}"><rect x="{x}" y="{y}" width="{w}" height="{h}" rx="2"/>'
            '<text x="{tx}" y="{ty}">{text}</text></g>'
        ).format(
            tone=moment.tone,
            x=x + 1,
            y=y + 2,
            w=width - 2,
            h=ROW - 4,
            tx=x + GAP,
            ty=y + 16,
            text=_short(moment.text, width - 2 * GAP),
        )


def _stretches(lane: Lane, versions: Iterable[str]) -> Iterator[tuple[Moment | None, list[str]]]:
    """The stretches of versions that say the same in a lane, or nothing."""
    return ((moment, list(group)) for moment, group in groupby(versions, key=lane.told.get))


def _blocks(lane: Lane, versions: Iterable[str]) -> Iterator[tuple[Moment, list[str]]]:
    """Those that say something."""
    return ((moment, block) for moment, block in _stretches(lane, versions) if moment is not None)


def _words(versions: Sequence[str], lanes: Sequence[Lane]) -> str:
    """The picture in words, for who does not see it."""
    return "; ".join(f"{lane.name}: {', '.join(_told(*each) for each in _blocks(lane, versions))}" for lane in lanes)


def _told(moment: Moment, block: list[str]) -> str:
    span = block[0] if len(block) == 1 else f"{block[-1]} to {block[0]}"
    return f"{span} {moment.text or ('no document speaks of it' if moment.tone is Tone.SILENT else 'there')}"


def _short(text: str, width: float) -> str:
    """The text cut to what fits."""
    letters = int(width / LETTER)
    return text if len(text) <= letters else text[: max(1, letters - 1)] + "…"
