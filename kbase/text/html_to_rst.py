"""Converts HTML written by Sphinx to reStructuredText with the same content.

Titles, paragraphs, lists, definition lists, literal blocks, tables and footnotes; links are their text. Good enough
for the parsers of this project, no more.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from itertools import count

from kbase.text.html_tree import BLOCKS, HEADINGS, Element, rows

SKIPPED = frozenset(
    {"script", "style", "head", "nav", "header", "footer", "template", "noscript", "svg", "button", "form", "select"}
)
MOST_COLUMNS = 30
# A page of the kernel's documentation, by its address or as linked from one of a file system's documents.
PAGE = re.compile(r"(?P<site>https?://(?:docs|www)\.kernel\.org/(?:doc/html/[^/]+/)?)?(?P<path>[\w./-]+)\.html")
UNDERLINES = "=-~^\"'"
# What Sphinx makes of quotes, dashes and dots, undone.
PLAIN = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "--",
        "\u2014": "---",
        "\u2026": "...",
    }
)
MARKS = {
    "code": "``",
    "tt": "``",
    "kbd": "``",
    "samp": "``",
    "em": "*",
    "i": "*",
    "cite": "*",
    "strong": "**",
    "b": "**",
}


def to_rst(body: Element) -> Iterator[str]:
    """The lines of the document that `body` holds, without blank lines at either end."""
    lines = list[str]()
    for line in _tidy(_blocks(body)):
        if line.strip() == "::" and len(lines) > 1 and lines[-2].endswith(":") and not lines[-1]:
            lines[-2:] = [f"{lines[-2]}:"]  # `prototypes:` and a literal block: `prototypes::`
        else:
            lines.append(line)
    yield from lines


def _inline(element: Element) -> str:
    """The text of an element, marked up; newlines of the page stay where they are."""
    parts = list[str]()
    for child in element.children:
        if isinstance(child, str):
            parts.append(child.translate(PLAIN))
        elif child.tag == "br":
            parts.append("\n")
        elif child.tag not in SKIPPED and "headerlink" not in child.classes:
            parts.append(_marked(child))
    return "".join(parts)


def _marked(element: Element) -> str:
    classes = element.classes
    mark = "``" if "literal" in classes else MARKS.get(element.tag, "")
    mark = "" if "xref" in classes else mark  # the kernel's pages mark up every `f()`
    if "footnote-reference" in classes:
        return f"{element.text().strip()}_"
    if element.tag == "a" and element.find("class", "doc"):
        return _document(element.attributes.get("href", "")) or _inline(element)
    text = element.text().strip() if mark else _inline(element)
    return f"{mark}{text}{mark}" if text else ""


def _document(address: str) -> str:
    """The path of a linked document, which the kernel's pages show by its title; empty if unknown."""
    page = PAGE.fullmatch(address)
    if page is None:
        return ""
    path = posixpath.normpath(page["path"] if page["site"] else posixpath.join("filesystems", page["path"]))
    return "" if path.startswith(("..", "/")) else f"Documentation/{path}.rst"


def _blocks(element: Element) -> Iterator[str]:
    """The lines of all blocks in an element; loose text between them is a paragraph."""
    loose = Element("p")
    for child in element.children:
        if isinstance(child, str) or not any(inner.tag in BLOCKS for inner in child.walk()):
            if isinstance(child, str) or child.tag not in SKIPPED:
                loose.children.append(child)
            continue
        yield from _paragraph(loose)
        loose = Element("p")
        yield from _block(child)
    yield from _paragraph(loose)


def _paragraph(element: Element) -> Iterator[str]:
    lines = [" ".join(line.split()) for line in _inline(element).strip().splitlines()]
    if any(lines):
        yield from lines
        yield ""


def _block(element: Element) -> Iterator[str]:
    tag = element.tag
    if tag in SKIPPED or element.attributes.get("role") in ("navigation", "search", "banner", "contentinfo"):
        return
    if tag in HEADINGS:
        title = " ".join(_inline(element).split())
        yield from (title, UNDERLINES[HEADINGS.index(tag)] * len(title), "")
    elif tag == "p":
        yield from _paragraph(element)
    elif tag == "pre":
        yield from _literal("::", element)
    elif code := next((name for name in element.classes if name.startswith("highlight-")), None):
        yield from _highlighted(element, code)
    elif tag in ("ul", "ol"):
        yield from _items(element)
    elif tag == "dl":
        yield from _definitions(element)
    elif tag == "table":
        yield from _table(element)
    elif tag == "aside" and "footnote" in element.classes:
        yield from _footnote(element)
    elif tag == "blockquote":
        yield from _indented(_blocks(element), 4)
    elif tag == "hr":
        yield from ("----", "")
    else:
        yield from _blocks(element)


def _literal(mark: str, element: Element) -> Iterator[str]:
    yield from (mark, "", *_indented(element.text().strip("\n").splitlines(), 4), "")


def _highlighted(element: Element, code: str) -> Iterator[str]:
    """A code block; where its lines are numbered, the code is the last `<pre>`."""
    for pre in [inner for inner in element.walk() if inner.tag == "pre"][-1:]:
        yield from _literal(".. code-block:: c" if code.lower() == "highlight-c" else "::", pre)


def _items(element: Element) -> Iterator[str]:
    start = element.attributes.get("start", "")
    numbers = count(int(start) if start.isascii() and start.isdigit() and len(start) < 8 else 1)
    for child in element.children:
        if isinstance(child, Element):
            mark = f"{next(numbers)}. " if element.tag == "ol" else "- "
            lines = list(_indented(_tidy(_blocks(child)), len(mark)))
            yield from (mark + line[len(mark) :] if at == 0 else line for at, line in enumerate(lines))
            yield ""
        else:
            yield from _paragraph(Element("p", {}, [child]))  # no item: a page that is not well formed


def _definitions(element: Element) -> Iterator[str]:
    """A definition list; the label of a footnote goes in front of its text."""
    for child in element.children:
        if isinstance(child, Element) and child.tag == "dt":
            yield " ".join(_inline(child).split())
        elif isinstance(child, Element):
            yield from _indented(_tidy(_blocks(child)), 4)
            yield ""


def _footnote(element: Element) -> Iterator[str]:
    """`.. [1] text`: the label, then everything else."""
    label = element.find("class", "label")
    body = Element("aside", {}, [child for child in element.children if child is not label])
    yield f".. {label.text().strip()}" if label else ".. [#]"
    yield from _indented(_blocks(body), 3)


def _table(element: Element) -> Iterator[str]:
    """A simple table; a cell's words are on one line."""
    cells = [[_cell(cell) for cell in row] for row in rows(element)]
    columns = min(max(map(len, cells), default=0), MOST_COLUMNS)
    cells = [(row + [""] * columns)[:columns] for row in cells]
    widths = [max(1, *(len(row[column]) for row in cells)) for column in range(columns)]
    ruler = " ".join("=" * width for width in widths)
    lines = [" ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    if lines:
        yield from (ruler, lines[0], ruler, *lines[1:], ruler, "")


def _cell(element: Element) -> str:
    """The words of a cell; Sphinx makes a list with one empty item of a lone `-`."""
    words = " ".join(_inline(element).split())
    return words or ("-" if any(inner.tag == "ul" for inner in element.walk()) else "")


def _indented(lines: Iterable[str], columns: int) -> Iterator[str]:
    return (" " * columns + line if line else "" for line in lines)


def _tidy(lines: Iterable[str]) -> Iterator[str]:
    """The lines without blank ones at either end, and never two of them together."""
    blank, begun = False, False
    for line in lines:
        if not line.strip():
            blank = True
            continue
        if blank and begun:
            yield ""
        blank, begun = False, True
        yield line
