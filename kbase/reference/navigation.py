"""A Sphinx extension of the generated reference: a sidebar that shows the path to the current page.

Themes render the whole table of contents on every page, which for hundreds of pages takes four fifths of
the time of a build. This one has only the siblings of each page on the path from the front page.
"""

from collections.abc import Iterator
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

BEFORE_THEME, AFTER_THEME = 100, 900  # the theme's own handler, at 500, asks for the table of contents
FOLD = (
    '<input aria-label="Toggle navigation of {title}" checked="" class="toctree-checkbox" '
    'id="toctree-checkbox-{level}" name="toctree-checkbox-{level}" role="switch" type="checkbox"/>'
    '<label for="toctree-checkbox-{level}">'
    '<span class="icon"><svg><use href="#svg-arrow-right"></use></svg></span></label>'
)
Tree = nodes.document | None


def path_to(docname: str, parents: dict[str, str]) -> tuple[str, ...]:
    """The pages on the path from the front page, without it, to this one."""
    path: list[str] = []
    while docname in parents and docname not in path:
        path.insert(0, docname)
        docname = parents[docname]
    return tuple(path)


def contents(app: Sphinx, docname: str, parents: dict[str, str]) -> str:
    """The table of contents as a nested HTML list, marked up as furo does it, which parses HTML for that."""
    path = path_to(docname, parents)

    def items(parent: str, level: int) -> Iterator[str]:
        for child in app.env.toctree_includes.get(parent, ()):
            on_path = level <= len(path) and path[level - 1] == child
            address = "#" if child == docname else app.builder.get_relative_uri(docname, child)
            title = app.env.titles[child].astext().removeprefix(f"{parent}.")
            inner = branch(child, level + 1) if on_path else ""
            classes = [f"toctree-l{level}", *["current"] * on_path, *["has-children"] * bool(inner)]
            classes += ["current-page"] * (child == docname)
            link = f'<a class="{"current " * on_path}reference internal" href="{escape(address)}">{escape(title)}</a>'
            fold = FOLD.format(level=level, title=escape(title)) if inner else ""
            yield f'<li class="{" ".join(classes)}">{link}{fold}{inner}</li>'

    def branch(parent: str, level: int) -> str:
        found = "".join(items(parent, level))
        return f"<ul>{found}</ul>" if found else ""

    return branch(app.config.root_doc, 1)


class Sidebar:
    """Replaces furo's table of contents in a page's context; finds each page's parent once."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def before_theme(self, _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: Tree) -> None:
        """The first handler of `html-page-context`: the theme has nothing to render."""
        context["toctree"] = lambda **_options: ""

    def after_theme(self, app: Sphinx, page: str, _template: str, context: dict[str, Any], _tree: Tree) -> None:
        """The last handler of `html-page-context`."""
        if not self._parents:
            included = app.env.toctree_includes
            self._parents = {child: parent for parent, children in included.items() for child in children}
        context["furo_navigation_tree"] = contents(app, page, self._parents)


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls to load the extension."""
    sidebar = Sidebar()
    app.connect("html-page-context", sidebar.before_theme, priority=BEFORE_THEME)
    app.connect("html-page-context", sidebar.after_theme, priority=AFTER_THEME)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
