"""The life of an ops table as a picture: SVG made here, an op a row, a version a column.

Two drawings side by side, so that the names stay in view where the bars are scrolled.
"""

from markupsafe import Markup

from kbase.views.table_life import OpLane, Presence, Stretch, TableLifePage, Turn
from kbase.web.picture import short
from kbase.web.typeset import below

ROW = 22
TOP = 26
BAR = 12  # height of a bar
LETTER = 7.3  # width of a letter at 12 px, monospace, rounded up
NARROWEST, WIDEST = 70, 118  # of a column
WIDTH = 1380
LONGEST_NAME = 28  # letters
SHAPES = {  # those of the severities everywhere else, 10 px wide, around (0, 0)
    "breaking": Markup('<path d="M0-5 5 0 0 5-5 0z"/>'),
    "behaviour": Markup('<path d="M0-5 5 4-5 4z"/>'),
    "documentation": Markup('<path d="M-4-1H4V1H-4z"/>'),
    "cosmetic": Markup('<circle class="ring" r="2.5"/>'),
}


def table_picture(page: TableLifePage) -> Markup:
    """The picture of an ops table's life."""
    names = round(LETTER * min(LONGEST_NAME, max((len(lane.op) for lane in page.lanes), default=0))) + 12
    column = max(NARROWEST, min(WIDEST, (WIDTH - names) // max(1, len(page.strip))))
    height = TOP + ROW * len(page.lanes) + 2
    return Markup('<div class="drawings">{}{}</div>').format(
        _names(page.lanes, names, height), _bars(page, column, height)
    )


def _names(lanes: tuple[OpLane, ...], width: int, height: int) -> Markup:
    texts = Markup("").join(
        Markup('<a href="{}"><text class="lane" x="0" y="{}">{}</text></a>').format(
            below(lane.href), TOP + ROW * row + 15, short(lane.op, width)
        )
        for row, lane in enumerate(lanes)
    )
    return Markup(
        '<svg class="names" role="group" aria-label="Ops" width="{w}" height="{h}" viewBox="0 0 {w} {h}">{texts}</svg>'
    ).format(w=width, h=height, texts=texts)


def _bars(page: TableLifePage, column: int, height: int) -> Markup:
    columns = {stop.version: number * column for number, stop in enumerate(page.strip)}
    body = [
        Markup('<line class="grid" x1="{x}" y1="{y}" x2="{x}" y2="{h}"/><text class="label" x="{tx}" y="14">{v}</text>')
        .format(x=x, y=TOP - 6, h=height, tx=x + 3, v=short(version, column))
        for version, x in columns.items()
    ]  # fmt: skip
    for row, lane in enumerate(page.lanes):
        body += _lane(lane, columns, column, TOP + ROW * row)
    return Markup(
        '<svg role="img" aria-labelledby="life-title life-told" width="{w}" height="{h}" viewBox="0 0 {w} {h}">'
        '<title id="life-title">{title}</title><desc id="life-told">{told}</desc>'
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<line class="hatching" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>{body}</svg>'
    ).format(w=column * len(columns) + 12, h=height, title=page.title, told=_told(page), body=Markup("").join(body))


def _told(page: TableLifePage) -> str:
    """The picture in words, for who does not see it."""
    lives = (f"{lane.op}: {lane.since}" + (f", gone {lane.removed}" if lane.removed else "") for lane in page.lanes)
    return f"{page.about} " + "; ".join(lives)


def _lane(lane: OpLane, columns: dict[str, int], column: int, y: int) -> list[Markup]:
    pieces = [
        _stretch(lane, stretch, columns[stretch.first], stretch.columns * column, y)
        for stretch in lane.stretches
        if stretch.presence is not Presence.ABSENT
    ]
    if lane.removed:
        last = next(each for each in reversed(lane.stretches) if each.presence is not Presence.ABSENT)
        x = columns[last.first] + last.columns * column + 7
        pieces.append(
            Markup('<g class="gone" transform="translate({} {})"><title>{}</title><path d="M-4-4 4 4M4-4-4 4"/></g>')
            .format(x, y + ROW // 2, f"{lane.op}: gone {lane.removed}")
        )  # fmt: skip
    return pieces + [_turn(lane, turn, columns[turn.by] + 9, y + ROW // 2) for turn in lane.turns]


def _stretch(lane: OpLane, stretch: Stretch, x: int, width: int, y: int) -> Markup:
    versions = stretch.first if stretch.first == stretch.last else f"{stretch.first} to {stretch.last}"
    told = "stated" if stretch.presence is Presence.STATED else "no document speaks of it"
    return Markup(
        '<g class="{kind}"><title>{op}: {told}, {versions}</title>'
        '<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="3"/></g>'
    ).format(
        kind=stretch.presence, op=lane.op, told=told, versions=versions, x=x, y=y + (ROW - BAR) // 2, w=width, h=BAR
    )


def _turn(lane: OpLane, turn: Turn, x: int, y: int) -> Markup:
    told = f"{lane.op}, {turn.after} to {turn.by}: {', '.join(turn.titles)}"
    return Markup('<g class="turn {}" transform="translate({} {})"><title>{}</title>{}</g>').format(
        turn.severity, x, y, told, SHAPES[turn.severity]
    )
