"""A Sphinx extension of the generated reference: what makes its pages read well as manual pages.

Only the `man` builder is concerned: a page stands by itself there, and links have no meaning.
"""

from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx


def without_toctrees(_app: Sphinx, doctree: nodes.document) -> None:
    """Keeps the pages of ops out of the page of their ops table."""
    for toctree in list(doctree.findall(addnodes.toctree)):
        toctree.parent.remove(toctree)


def without_links(_app: Sphinx, doctree: nodes.document, _docname: str) -> None:
    """Leaves the text of each link."""
    for reference in list(doctree.findall(nodes.reference)):
        reference.replace_self(reference.children)


def connect(app: Sphinx) -> None:
    """Called when the builder is known."""
    if app.builder.name == "man":
        app.connect("doctree-read", without_toctrees)
        app.connect("doctree-resolved", without_links)


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls to load the extension."""
    app.connect("builder-inited", connect)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
