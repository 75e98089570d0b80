"""The life of an ops table as a picture: SVG made here, an op a row, a version or a run of versions a column."""

from markupsafe import Markup

from kbase.pages.table_history import OpLane, Presence, Stretch, TableLifePage, Turn
from kbase.web.history_picture import LETTER, WIDTH, beside, heads, names_drawing, versions_drawing
from kbase.web.picture_columns import Columns

ROW = 22
TOP = 26
BAR = 12  # height of a bar
NARROWEST, WIDEST = 70, 118  # of a column
LONGEST_NAME = 28  # letters
SHAPES = {  # those of the severities everywhere else, 10 px wide, around (0, 0)
    "breaking": Markup('<path d="M0-5 5 0 0 5-5 0z"/>'),
    "behaviour": Markup('<path d="M0-5 5 4-5 4z"/>'),
    "documentation": Markup('<path d="M-4-1H4V1H-4z"/>'),
    "cosmetic": Markup('<circle class="ring" r="2.5"/>'),
}


def table_picture(page: TableLifePage) -> Markup:
    """The picture of an ops table's life."""
    width = round(LETTER * min(LONGEST_NAME, max((len(lane.op) for lane in page.lanes), default=0))) + 12
    turning = {stretch.first for lane in page.lanes for stretch in lane.stretches}
    turning |= {turn.by for lane in page.lanes for turn in lane.turns}
    versions = [stop.version for stop in page.strip]
    columns = Columns.fitting(versions, turning, WIDTH - width, (NARROWEST, WIDEST))
    top = TOP + columns.top
    height = top + ROW * len(page.lanes) + 2
    body = [heads(columns, top, height)]
    for row, lane in enumerate(page.lanes):
        body += _lane(lane, columns, top + ROW * row)
    names = [(top + ROW * row + 15, lane.op, lane.href) for row, lane in enumerate(page.lanes)]
    drawn = versions_drawing(page.title, _told(page), columns.total + 12, height, body)
    return beside(names_drawing("Ops", names, width, height), drawn)


def _told(page: TableLifePage) -> str:
    """The picture in words, for who does not see it."""
    lives = (f"{lane.op}: {lane.since}" + (f", gone {lane.removed}" if lane.removed else "") for lane in page.lanes)
    return f"{page.about} " + "; ".join(lives)


def _lane(lane: OpLane, columns: Columns, y: int) -> list[Markup]:
    pieces = [
        _stretch(lane, stretch, columns, y) for stretch in lane.stretches if stretch.presence is not Presence.ABSENT
    ]
    if lane.removed:
        last = next(each for each in reversed(lane.stretches) if each.presence is not Presence.ABSENT)
        x = columns.right(last.last) + 7
        pieces.append(
            Markup('<g class="gone" transform="translate({} {})"><title>{}</title><path d="M-4-4 4 4M4-4-4 4"/></g>')
            .format(x, y + ROW // 2, f"{lane.op}: gone {lane.removed}")
        )  # fmt: skip
    return pieces + [_turn(lane, turn, columns.left(turn.by) + 9, y + ROW // 2) for turn in lane.turns]


def _stretch(lane: OpLane, stretch: Stretch, columns: Columns, y: int) -> Markup:
    x = columns.left(stretch.first)
    versions = stretch.first if stretch.first == stretch.last else f"{stretch.first} to {stretch.last}"
    told = "stated" if stretch.presence is Presence.STATED else "no document speaks of it"
    return Markup(
        '<g class="{kind}"><title>{op}: {told}, {versions}</title>'
        '<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="3"/></g>'
    ).format(
        kind=stretch.presence,
        op=lane.op,
        told=told,
        versions=versions,
        x=x,
        y=y + (ROW - BAR) // 2,
        w=columns.right(stretch.last) - x,
        h=BAR,
    )


def _turn(lane: OpLane, turn: Turn, x: int, y: int) -> Markup:
    told = f"{lane.op}, {turn.after} to {turn.by}: {', '.join(turn.titles)}"
    return Markup('<g class="turn {}" transform="translate({} {})"><title>{}</title>{}</g>').format(
        turn.severity, x, y, told, SHAPES[turn.severity]
    )
