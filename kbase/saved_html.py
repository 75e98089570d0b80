"""Saved HTML pages as lines of text: gitiles blame pages, cgit commit pages, views of a source file, Sphinx's pages.

What each page becomes is what its text form would be:

- gitiles: an element of a class `...lineNum` prints the number (its text, its `name` or `data-line-number`), what
  follows it up to the end of its row is the line, white space untouched.
- cgit: the rows of `commit-info` with their words run together, the subject, the message, the diffstat, the diff.
- source view: a page most of which is one `<pre>`, such as cgit's tree, Elixir, or a browser's own view of plain text;
  its lines as they are.
- Sphinx: the reStructuredText it could have been made from (`kbase.html_to_rst`).

Of the last three the lines are counted from 1.

Never raises; a page of another kind becomes text as if Sphinx had made it.
"""

import re
from collections.abc import Iterator
from itertools import count

from kbase.html_to_rst import SKIPPED, to_rst
from kbase.html_tree import Element, read_tree, rows
from kbase.text import Line, Text, split_lines

NUMBERS = re.compile(r"[\d\s]*")
SHA = re.compile(r"[?&]id=([0-9a-f]{40,64})\b")
SHORT_SHA = re.compile(r"[0-9a-f]{7,64}\b")
LEAST_LINES = 8  # of a source view
LEAST_SHARE = 0.6  # of a page's text that a source view's `<pre>` has


def is_html(text: str) -> bool:
    """Whether the text begins like a saved page; Markdown that begins with a `<head>` of its own does not."""
    start = text[:2048].lstrip("\ufeff \t\r\n").lower()
    if start.startswith(("<!doctype html", "<html")):
        return True
    return start.startswith("<") and any(mark in start for mark in ("<html", 'class="blame', "commit-info"))


def read_html(text: str) -> Text:
    """The page's lines; `page_of` is "gitiles blame", "cgit commit", "source view" or "web page"."""
    root = read_tree(text)
    numbered = list(_gitiles(root))
    if len(numbered) > 1:
        return Text(tuple(numbered), page_of="gitiles blame")
    if root.find("class", "commit-info"):
        return _counted(_cgit(root), "cgit commit")
    source = _source(root)
    if source:
        return _counted((line.raw for line in split_lines(source).lines), "source view")
    body = root.find("role", "main") or root.find("class", "body") or root
    return _counted(to_rst(body), "web page")


def _counted(lines: Iterator[str], page_of: str) -> Text:
    numbers = count(1)
    return Text(tuple(Line(next(numbers), line) for line in lines), page_of=page_of)


# --- gitiles ---


def _gitiles(element: Element) -> Iterator[Line]:
    """A line for each numbered element: the number it prints, and the text of its later siblings."""
    for position, child in enumerate(element.children):
        if isinstance(child, str):
            continue
        number = _number(child)
        if number is None:
            yield from _gitiles(child)
            continue
        rest = Element("line", {}, element.children[position + 1 :])
        yield Line(number, " ".join(rest.text().strip("\r\n").splitlines()))
        return


def _number(element: Element) -> int | None:
    """The number that the element prints, if it is there to print one."""
    inner = [child for child in element.children if isinstance(child, Element)]
    if "linenum" not in element.attributes.get("class", "").lower().replace("-", ""):
        alone = element.tag in ("td", "th") and len(inner) == 1
        return _number(inner[0]) if alone and _digits(element.text()) is not None else None
    attributes = element.attributes
    printed = (attributes.get("data-line-number", ""), element.text(), attributes.get("name", ""))
    return next((number for number in map(_digits, printed) if number is not None), None)


def _digits(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else None


# --- source view ---


def _source(root: Element) -> str | None:
    """The text of the longest `<pre>` of lines if most of the page's text stands in it; line numbers do not count."""
    longest, whole = "", 0
    below: list[Element | str] = [root]
    while below:
        node = below.pop()
        if isinstance(node, Element) and node.tag != "pre":
            below += node.children if node.tag not in SKIPPED else []
            continue
        text = node if isinstance(node, str) else node.text()
        if NUMBERS.fullmatch(text):
            continue
        whole += len(text)
        if isinstance(node, Element) and len(text) > len(longest):
            longest = text
    most = longest.count("\n") >= LEAST_LINES and len(longest) >= LEAST_SHARE * whole
    return longest.removeprefix("\n") if most else None


# --- cgit ---


def _cgit(root: Element) -> Iterator[str]:
    """The lines of a commit page, as its text form has them."""
    path = root.find("class", "path")
    if path is not None:
        yield " ".join(path.text().split())
    for element in root.walk():
        classes = element.classes
        if "commit-info" in classes:
            yield from ("".join(map(_told, row)) for row in rows(element))
        elif "commit-subject" in classes:
            yield " ".join(element.text().split())
        elif {"commit-msg", "diffstat-header", "diffstat-summary"} & set(classes):
            yield from element.text().strip("\r\n").splitlines()
        elif "diffstat" in classes:
            yield from ("".join(c.text().strip() for c in row) for row in rows(element))
        elif "diff" in classes and element.tag == "table":
            yield from _diff(element)


def _told(cell: Element) -> str:
    """A cell's words; the hash of a commit that is shown by its subject is in the link."""
    words = " ".join(cell.text().split())
    link = next((inner for inner in cell.walk() if inner.tag == "a"), None)
    linked = SHA.search(link.attributes.get("href", "")) if link else None
    return words if linked is None or SHORT_SHA.match(words) else f"{linked[1]} {words}"


def _diff(table: Element) -> Iterator[str]:
    """The lines of a diff: every innermost `div` is one, or several around `<br>`."""
    for element in table.walk():
        inner = any(isinstance(child, Element) and child.tag in ("div", "table", "tr") for child in element.children)
        if element.tag in ("div", "td") and not inner:
            yield from element.text().splitlines()
