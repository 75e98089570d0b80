"""Pages as trees, for the tests that look into them."""

from xml.etree.ElementTree import Element

import html5lib


def parsed(body: str) -> Element:
    """The document; a parse error fails the test."""
    parser = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False)
    return parser.parse(body)  # type: ignore[no-any-return]


def text_of(element: Element | None) -> str:
    assert element is not None
    return " ".join("".join(element.itertext()).split())


def by_class(root: Element, name: str) -> list[Element]:
    return [element for element in root.iter() if name in element.get("class", "").split()]
