"""A Sphinx extension of the generated reference: a sidebar that shows the way to the present page.

Themes render the whole table of contents on every page, which for hundreds of pages takes four fifths of
the time of a build. Here it holds what stands beside each page on the way from the front page.
"""

from collections.abc import Callable, Iterator
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

BEFORE_THEME = 100  # the theme's own handler, at 500, asks for the table of contents


def way_to(docname: str, parents: dict[str, str]) -> tuple[str, ...]:
    """The pages from below the front page to this one."""
    way: list[str] = []
    while docname in parents and docname not in way:
        way.insert(0, docname)
        docname = parents[docname]
    return tuple(way)


def contents(app: Sphinx, docname: str, parents: dict[str, str]) -> str:
    """The table of contents as a nested HTML list, in the classes that Sphinx's own has."""
    way = way_to(docname, parents)

    def items(parent: str, level: int) -> Iterator[str]:
        for child in app.env.toctree_includes.get(parent, ()):
            on_way = level <= len(way) and way[level - 1] == child
            current = "current " if on_way else ""
            address = "#" if child == docname else app.builder.get_relative_uri(docname, child)
            title = escape(app.env.titles[child].astext().removeprefix(f"{parent}."))
            yield f'<li class="{current}toctree-l{level}">'
            yield f'<a class="{current}reference internal" href="{escape(address)}">{title}</a>'
            yield f"{branch(child, level + 1) if on_way else ''}</li>"

    def branch(parent: str, level: int) -> str:
        found = "".join(items(parent, level))
        return f"<ul>{found}</ul>" if found else ""

    return branch(app.config.root_doc, 1)


class Sidebar:
    """Replaces the `toctree` function of a page's context; finds each page's parent once."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def __call__(
        self, app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _doctree: nodes.document | None
    ) -> None:
        """The handler of `html-page-context`."""
        if not self._parents:
            included = app.env.toctree_includes
            self._parents = {child: parent for parent, children in included.items() for child in children}

        def toctree(**_options: object) -> str:
            return contents(app, pagename, self._parents)

        context["toctree"] = toctree


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls to load the extension."""
    handler: Callable[..., None] = Sidebar()
    app.connect("html-page-context", handler, priority=BEFORE_THEME)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
