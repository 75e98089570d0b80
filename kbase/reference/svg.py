"""Pictures of histories as SVG files: `kbase.pages.history_picture` places, a template of both front ends draws.

Colours are those of a light page; the style sheet turns them for a dark one. A block about a lock has its words in it,
and the page with the picture says all in words.
"""

from collections.abc import Sequence

from jinja2 import Environment, FileSystemLoader

from kbase import places
from kbase.pages.history_picture import Lane, draw
from kbase.sphinx.rst import printable

ROOM = 1600  # px: a file is shown at the width of the page, or scrolled


def picture(title: str, versions: Sequence[str], lanes: Sequence[Lane]) -> str:
    """The SVG file with a lane a row, and a column a version or a run of versions, in the order given."""
    loader = FileSystemLoader(places.templates("shared"))
    templates = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = templates.get_template("history_picture_file.svg")
    drawn = template.render(title=title, drawing=draw(versions, lanes, ROOM))
    return "\n".join(map(printable, drawn.strip().split("\n"))) + "\n"
