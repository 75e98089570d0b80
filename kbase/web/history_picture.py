"""The life of an op as a picture: SVG made here, a lane a row, a version or a run of versions a column.

Two drawings side by side, so that the names stay in view where the versions are scrolled.
"""

from collections.abc import Iterable

from markupsafe import Markup

from kbase.pages.history import Block, HistoryPage
from kbase.web.picture_columns import SECOND, Columns
from kbase.web.typeset import below

LABELS = 150  # largest width of the lanes' names
ROW = 30
TOP = 24
GAP = 4
LETTER = 7.3  # width of a letter at 12 px, monospace, rounded up
NARROWEST, WIDEST = 64, 156  # of a column
WIDTH = 1380


def life_picture(page: HistoryPage) -> Markup:
    """The picture of an op's life."""
    width = min(LABELS, round(LETTER * max((len(lane.name) for lane in page.lanes), default=0)) + 12)
    turning = {block.first for lane in page.lanes for block in lane.blocks}
    columns = Columns.fitting(page.versions, turning, WIDTH - width, (NARROWEST, WIDEST))
    top = TOP + columns.top
    height = top + ROW * len(page.lanes) + 2
    names = [(top + ROW * row + 19, lane.name, lane.href) for row, lane in enumerate(page.lanes)]
    body = [heads(columns, top, height)]
    for row, lane in enumerate(page.lanes):
        body += [_block(block, columns, top + row * ROW) for block in lane.blocks]
    drawn = versions_drawing(page.title, _told(page), columns.total, height, body)
    return beside(names_drawing("Lanes", names, width, height), drawn)


def beside(names: Markup, drawn: Markup) -> Markup:
    """The names and what is drawn of them; where that is scrolled the names stay."""
    return Markup('<div class="drawings">{}{}</div>').format(names, drawn)


def names_drawing(label: str, names: Iterable[tuple[int, str, str | None]], width: int, height: int) -> Markup:
    """The names of the rows: the base line of each, its text, and where it leads."""
    texts = []
    for y, name, href in names:
        text = Markup('<text class="lane" x="0" y="{}">{}</text>').format(y, short(name, width))
        texts.append(Markup('<a href="{}">{}</a>').format(below(href), text) if href else text)
    return Markup(
        '<svg class="names" role="group" aria-label="{}" width="{w}" height="{h}" viewBox="0 0 {w} {h}">{}</svg>'
    ).format(label, Markup("").join(texts), w=width, h=height)


def versions_drawing(title: str, told: str, width: int, height: int, body: Iterable[Markup]) -> Markup:
    """What is drawn below the versions, and the same in words for who does not see it."""
    return Markup(
        '<svg role="img" aria-labelledby="life-title life-told" width="{w}" height="{h}" viewBox="0 0 {w} {h}">'
        '<title id="life-title">{title}</title><desc id="life-told">{told}</desc>'
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<line class="hatching" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>{body}</svg>'
    ).format(w=width, h=height, title=title, told=told, body=Markup("").join(body))


def heads(columns: Columns, top: int, height: int) -> Markup:
    """The versions, each over a line down to the last row; of a run the first, and the last below it."""
    pieces = list[Markup]()
    for run in columns.runs:
        x = columns.left(run[0])
        pieces.append(Markup('<line class="grid" x1="{x}" y1="{}" x2="{x}" y2="{}"/>').format(top - 6, height, x=x))
        lines = [run[0]] if len(run) == 1 else [run[0], f"…{run[-1]}"]
        for line, text in enumerate(lines):
            label = Markup('<text class="label" x="{}" y="{}">{}</text>')
            pieces.append(label.format(x + GAP, 14 + SECOND * line, short(text, columns.width)))
    return Markup("").join(pieces)


def _told(page: HistoryPage) -> str:
    """The picture in words, for who does not see it."""
    lanes = (
        f"{lane.name}: "
        + ", ".join(f"{block.text} {_versions(block)}" for block in lane.blocks if block.present or block.silent)
        for lane in page.lanes
    )
    return "; ".join(lanes)


def _versions(block: Block) -> str:
    return block.first if block.first == block.last else f"{block.first} to {block.last}"


def _block(block: Block, columns: Columns, y: int) -> Markup:
    x = columns.left(block.first)
    width = columns.right(block.last) - x
    kind = "silent" if block.silent else "absent" if not block.present else block.tone or "plain"
    if kind == "absent":
        return Markup('<g class="absent"><line x1="{}" y1="{y}" x2="{}" y2="{y}"/></g>').format(
            x + GAP, x + width - GAP, y=y + ROW // 2
        )
    return Markup(
        '<g class="{kind}"><rect x="{x}" y="{y}" width="{w}" height="{h}" rx="2"/>'
        '<text x="{tx}" y="{ty}">{text}</text></g>'
    ).format(
        kind=kind, x=x + 1, y=y + 3, w=width - 2, h=ROW - 6, tx=x + 8, ty=y + 19, text=short(block.text, width - 8)
    )


def short(text: str, width: int) -> str:
    """The text cut to what fits."""
    letters = int(width / LETTER)
    return text if len(text) <= letters else text[: max(1, letters - 1)] + "…"
