"""Removes the C declarations of a document that is read again.

A struct may be declared by one document and its members by others, as in the generated reference. Sphinx (9.0) forgets
a struct together with everything below it, and does not look below what it forgot; so a build after a change lost
members or retained removed ones. Here each declaration is removed with its own document, before Sphinx does it.
"""

from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def forget(symbol: Any, docname: str) -> None:
    """Removes the declarations of a document below a C symbol; a scope in which others declare stays, undeclared."""
    for child in list(symbol.children):
        forget(child, docname)
        if child.docname == docname:
            _undeclare(child)
            _regroup(symbol, child)


def forget_document(_app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """The handler of `env-purge-doc`; a document that was never read has nothing to forget."""
    if docname in env.all_docs:
        forget(env.domains["c"].data["root_symbol"], docname)


def _undeclare(symbol: Any) -> None:
    above, below = symbol.siblingAbove, symbol.siblingBelow
    if above is not None:
        above.siblingBelow = below
    if below is not None:
        below.siblingAbove = above
    symbol.siblingAbove = symbol.siblingBelow = symbol.declaration = symbol.docname = symbol.line = None


def _regroup(parent: Any, child: Any) -> None:
    """Keeps the parent's groups of children by document: where others declare below it, the child stays in none's."""
    name = child.ident.name
    for group in parent._children_by_docname.values():  # noqa: SLF001 - Sphinx has no method that keeps grandchildren
        group.pop(name, None)
    parent._remove_child(child)  # noqa: SLF001
    if any(child.children):
        parent._add_child(child)  # noqa: SLF001
