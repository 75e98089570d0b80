"""HTML as a tree of elements, built by the standard library's parser in time linear in the size.

selectolax (0.4) was tried instead: lexbor takes 7 s for 50,000 nested `<div>`, over 60 s for as many `<ul><li>`, and
10 s for a tag with 50,000 attributes, each growing with the square.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
# An element ends these where it begins directly in one.
CLOSES = {
    "li": {"li", "p"},
    "dt": {"dt", "dd", "p"},
    "dd": {"dt", "dd", "p"},
    "tr": {"tr", "td", "th", "p"},
    "td": {"td", "th", "p"},
    "th": {"td", "th", "p"},
}
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BLOCKS = frozenset(
    {"p", "div", "ul", "ol", "dl", "pre", "table", "blockquote", "section", "article", "main", "aside", "figure", "hr"}
    | {*HEADINGS}
)
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
DEEPEST = 60  # elements inside each other; deeper ones are taken as their neighbours


@dataclass
class Element:
    """One element of the page; `children` are elements and text."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Element | str]" = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def nodes(self, closed: Collection[str] = ()) -> "Iterator[Element | str]":
        """The element, all elements and texts below it, in the order of the page; none inside of `closed` tags."""
        below: list[Element | str] = [self]
        while below:
            node = below.pop()
            yield node
            if isinstance(node, Element) and node.tag not in closed:
                below += reversed(node.children)

    def walk(self) -> "Iterator[Element]":
        """The element and all elements below it, in the order of the page."""
        return (node for node in self.nodes() if isinstance(node, Element))

    def find(self, attribute: str, value: str) -> "Element | None":
        """The first element that has the value among those of the attribute."""
        return next((e for e in self.walk() if value in e.attributes.get(attribute, "").split()), None)

    def text(self) -> str:
        """All text in it, with a newline for `<br>`."""
        return "".join(node if isinstance(node, str) else "\n" * (node.tag == "br") for node in self.nodes())


class _Builder(HTMLParser):
    """Builds the tree; unclosed and wrongly closed elements end about where browsers end them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        ended = CLOSES.get(tag) or ({"p"} if tag in BLOCKS else set())
        while self.open[-1].tag in ended:
            self.open.pop()
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID and len(self.open) < DEEPEST:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self.open) - 1, 0, -1):
            if self.open[depth].tag == tag:
                del self.open[depth:]
                return

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """A marked section (`<![if ...]>`) is a comment; the parent class raises on unknown ones."""
        return self.parse_bogus_comment(i, report)


class HtmlError(ValueError):
    """The parser fails on the text."""


def read_tree(text: str) -> Element:
    """The root of the page's tree.

    Raises:
        HtmlError: the parser fails.
    """
    text = COMMENT.sub("", text)
    end = text.rfind(">") + 1
    builder = _Builder()
    try:
        builder.feed(text[:end])  # the parser takes quadratic time over tags and comments that nothing ends
        builder.close()
    except Exception as error:
        raise HtmlError(f"the HTML cannot be read: {type(error).__name__}") from error
    builder.handle_data(text[end:])
    return builder.root


def rows(table: Element) -> Iterator[list[Element]]:
    """The cells of each row."""
    for row in table.walk():
        if row.tag == "tr":
            yield [cell for cell in row.children if isinstance(cell, Element) and cell.tag in ("td", "th")]
