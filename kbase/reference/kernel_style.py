"""A Sphinx extension of the generated reference: declarations spaced in kernel style, `struct inode *`."""

from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx


def space_pointers(_app: Sphinx, domain: str, _objtype: str, content: addnodes.desc_content) -> None:
    """Puts a space before the first asterisk after a type; the C domain prints `struct inode*`."""
    if domain != "c" or content.parent is None:
        return
    for star in list(content.parent.findall(addnodes.desc_sig_punctuation)):
        if star.astext() == "*" and _follows_type(star):
            star.parent.insert(star.parent.index(star), addnodes.desc_sig_space())


def _follows_type(star: nodes.Node) -> bool:
    position = star.parent.index(star)
    before = star.parent[position - 1] if position else None
    return before is not None and not isinstance(before, addnodes.desc_sig_punctuation | addnodes.desc_sig_space)


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls to load the extension."""
    app.connect("object-description-transform", space_pointers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
