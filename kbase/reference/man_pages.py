"""A Sphinx extension of the generated reference: manual pages of section 9.

Only for the `man` builder: a page is read by itself there, links have no meaning, a line has 78 columns. The
layout is that of man-pages(7).
"""

import re
import textwrap
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.writers.manpage import ManualPageTranslator

COLUMNS = 66  # of a declaration: a line has 78, a block of code is indented by 10
LISTED = {"vfs-ops": "{} ({})", "vfs-rules": "{}: {} ({})"}  # tables printed as lists: what follows the first cell
SPACE_AFTER_HEADING = re.compile(r"^(\.S[HS] .*\n)\.sp\n", re.MULTILINE)  # mandoc skips it, with a warning


class Translator(ManualPageTranslator):
    """Sphinx's own, with the head of man-pages(7): the name unchanged, no date, the version as the source.

    Names are not hyphenated, and lines not stretched.
    """

    def header(self) -> str:
        found = self._docinfo
        head = f'.TH "{found["title"]}" "9" "" "Linux {found["version"]}" "{found["manual_group"]}"\n'
        return f"{head}.nr HY 0\n.ad l\n.SH NAME\n{found['title']} \\- {found['subtitle']}\n"

    def astext(self) -> str:
        return SPACE_AFTER_HEADING.sub(r"\1", super().astext())


def without_toctrees(_app: Sphinx, doctree: nodes.document) -> None:
    """Keeps the pages of ops out of the page of their ops table."""
    for toctree in list(doctree.findall(addnodes.toctree)):
        toctree.parent.remove(toctree)


def as_manual_page(app: Sphinx, doctree: nodes.document, _docname: str) -> None:
    """Lists instead of tables with sentences, declarations in their own lines, names of pages instead of links."""
    for declaration in list(doctree.findall(addnodes.desc)):
        if declaration["domain"] == "c":
            declaration.replace_self(as_code(declaration))
    pages = {page[1] for page in app.config.man_pages}
    for reference in list(doctree.findall(nodes.reference)):
        section = [nodes.Text("(9)")] if reference.astext() in pages else []
        reference.replace_self([*reference.children, *section])
    for table in list(doctree.findall(nodes.table)):
        for name in LISTED.keys() & table["classes"]:
            table.replace_self(as_list(table, LISTED[name]))


def as_list(table: nodes.table, pattern: str) -> nodes.definition_list:
    """The rows as a list: the first cell is the term, the others fill the pattern."""
    found = nodes.definition_list()
    for row in (row for body in table.findall(nodes.tbody) for row in body.findall(nodes.row)):
        first, *others = (", ".join(part.astext() for part in cell.children) for cell in row.children)
        definition = nodes.definition("", nodes.paragraph("", pattern.format(*others).strip()))
        found += nodes.definition_list_item("", nodes.term("", first), definition)
    return found


def as_code(declaration: addnodes.desc) -> list[nodes.Node]:
    """The declaration as code, broken between parameters, and its remarks."""
    signature, content = declaration.children
    text = "\n".join(code_lines(signature.astext()))
    return [nodes.literal_block(text, text), *content.children]


def code_lines(text: str) -> Iterator[str]:
    """A declaration in lines of at most 66 columns where its parameters are short enough, aligned after the bracket."""
    start = text.find(")(") + 2
    if start < 2 or len(text) < COLUMNS:
        yield f"{text};"
        return
    parameters = [word.replace(" ", "\0") for word in text[start:].split(", ")]
    width = max(COLUMNS - start, *map(len, parameters))
    for number, line in enumerate(textwrap.wrap(", ".join(parameters) + ";", width, break_long_words=False)):
        yield (text[:start] if number == 0 else " " * start) + line.replace("\0", " ")


def connect(app: Sphinx) -> None:
    """Called when the builder is known."""
    if app.builder.name == "man":
        app.connect("doctree-read", without_toctrees)
        app.connect("doctree-resolved", as_manual_page)


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls to load the extension."""
    app.connect("builder-inited", connect)
    app.set_translator("man", Translator)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
