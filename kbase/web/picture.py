"""The life of an op as a picture: SVG made here, a lane a row, a version a column."""

from markupsafe import Markup

from kbase.views.life import Block, HistoryPage, Lane
from kbase.web.typeset import below

LABELS = 150  # width of the lanes' names
ROW = 30
TOP = 24
GAP = 4
LETTER = 7.3  # width of a letter at 12 px, monospace, rounded up
NARROWEST, WIDEST = 64, 156  # of a column
WIDTH = 1380


def life_picture(page: HistoryPage) -> Markup:
    """The picture of an op's life."""
    column = max(NARROWEST, min(WIDEST, (WIDTH - LABELS) // max(1, len(page.versions))))
    width, height = LABELS + column * len(page.versions), TOP + ROW * len(page.lanes) + 2
    body = [*_heads(page, column, height)]
    for row, lane in enumerate(page.lanes):
        body += _lane(lane, row, column)
    return Markup(
        '<svg role="group" aria-labelledby="life-title" width="{w}" height="{h}" viewBox="0 0 {w} {h}">'
        '<title id="life-title">{title}</title>'
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<line class="hatching" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>{body}</svg>'
    ).format(w=width, h=height, title=_told(page), body=Markup("").join(body))


def _told(page: HistoryPage) -> str:
    """The picture in words, for who does not see it."""
    lanes = (
        f"{lane.name}: "
        + ", ".join(f"{block.text} {_versions(block)}" for block in lane.blocks if block.present or block.silent)
        for lane in page.lanes
    )
    return f"{page.title}. " + "; ".join(lanes)


def _versions(block: Block) -> str:
    return block.first if block.first == block.last else f"{block.first} to {block.last}"


def _heads(page: HistoryPage, column: int, height: int) -> list[Markup]:
    heads = []
    for number, version in enumerate(page.versions):
        x = LABELS + number * column
        line = Markup('<line class="grid" x1="{x}" y1="{y}" x2="{x}" y2="{h}"/>').format(x=x, y=TOP - 6, h=height)
        text = Markup('<text class="label" x="{}" y="14">{}</text>').format(x + GAP, short(version, column))
        heads += [line, text]
    return heads


def _lane(lane: Lane, row: int, column: int) -> list[Markup]:
    y = TOP + row * ROW
    name = Markup('<text class="lane" x="0" y="{}">{}</text>').format(y + 19, short(lane.name, LABELS))
    if lane.href:
        name = Markup('<a href="{}">{}</a>').format(below(lane.href), name)
    pieces, x = [name], LABELS
    for block in lane.blocks:
        width = block.columns * column
        pieces.append(_block(block, x, y, width))
        x += width
    return pieces


def _block(block: Block, x: int, y: int, width: int) -> Markup:
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
