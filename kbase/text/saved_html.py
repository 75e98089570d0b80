"""Saved HTML pages as lines of text: gitiles blame pages, cgit commit pages, views of a source file, Sphinx's pages.

What each page becomes is what its text form would be:

- gitiles: an element of a class `...lineNum` prints the number (its text, its `name` or `data-line-number`), what
  follows it up to the end of its row is the line, white space untouched.
- cgit: the rows of `commit-info` with their words run together, the subject, the message, the diffstat, the diff.
- source view: a page most of which is one `<pre>`, such as cgit's tree, Elixir, or a browser's own view of plain text,
  or one element a line, such as gitweb and GitHub; its lines as they are.
- Sphinx: the reStructuredText it could have been made from (`kbase.text.html_to_rst`).

Of the last three the lines are counted from 1.

A page of another kind becomes text as if Sphinx had made it.
"""

import re
from collections.abc import Iterator
from itertools import count, islice, pairwise

from kbase.text.commit_pages import commit_rows
from kbase.text.html_to_rst import SKIPPED, to_rst
from kbase.text.html_tree import BLOCKS, Element, read_tree, rows
from kbase.text.lines import Line, Text, split_lines
from kbase.text.margins import plain_characters

NUMBERS = re.compile(r"[\d\s]*")
SHA = re.compile(r"[?&]id=([0-9a-f]{40,64})\b")
SHORT_SHA = re.compile(r"[0-9a-f]{7,64}\b")
LEAST_LINES = 8  # of a source view
LEAST_TYPED = 0.3  # of a page's text that a `<textarea>` with the source has
NUMBERED_BY, NUMBERED = ("id", "data-line-number"), re.compile(r"[A-Za-z_-]{0,12}([0-9]{1,7})")
MOST_INSIDE = 12  # elements of a row that are asked for its number
SPACE = re.compile(r"[ \t\r\n]+")
TIMES = ("time", "relative-time", "time-ago", "local-time")
HIDDEN = frozenset({"script", "style", "head", "template", "noscript", "svg"})
LINES = BLOCKS | {"tr", "li", "header", "footer", "nav", "form", "dt", "dd"}
LEAST_SHARE = 0.6  # of a page's text that a source view's `<pre>` has


def is_html(text: str) -> bool:
    """Whether the text begins like a saved page; Markdown that begins with a `<head>` of its own does not."""
    start = text[:2048].lstrip("\ufeff \t\r\n").lower()
    if start.startswith(("<!doctype html", "<html")):
        return True
    return start.startswith("<") and any(mark in start for mark in ("<html", 'class="blame', "commit-info"))


def read_html(text: str) -> Text:
    """The page's lines; `page_of` is "gitiles blame", "cgit commit", "source view" or "web page".

    Raises:
        HtmlError: the page cannot be read.
    """
    root = read_tree(text)
    numbered = list(_gitiles(root))
    if any(after.number <= before.number for before, after in pairwise(numbered)):  # they prove no line
        return _counted((line.raw for line in numbered), "gitiles blame")
    if len(numbered) > 1:
        return Text(tuple(numbered), page_of="gitiles blame")
    if root.find("class", "commit-info"):
        return _counted(_cgit(root), "cgit commit")
    rows_of_commit = commit_rows(list(_shown_lines(root)))
    if rows_of_commit is not None:
        return _counted(iter(rows_of_commit), "cgit commit")
    source = _source(root) or _rows_of_lines(root)
    if source:
        return _counted((line.raw for line in split_lines(plain_characters(source)).lines), "source view")
    places = (("class", "markdown-body"), ("role", "main"), ("class", "body"))
    body = next(filter(None, (root.find(*place) for place in places)), root)
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
    """The line number that the element prints, if it is a line number."""
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
    """The text of the longest `<pre>` of lines if it has most of the page's text; line numbers do not count.

    A `<textarea>` that has a good part of the text has all of the source: the page shows it once more, line by line.
    """
    typed = max((element.text() for element in root.walk() if element.tag == "textarea"), key=len, default="")
    if typed.count("\n") >= LEAST_LINES and len(typed) >= LEAST_TYPED * len(root.text()):
        return typed.removeprefix("\n")
    longest, whole = "", 0
    for node in root.nodes(closed={*SKIPPED, "pre"}):
        if isinstance(node, Element) and node.tag != "pre":
            continue
        text = node if isinstance(node, str) else node.text()
        if NUMBERS.fullmatch(text):
            continue
        whole += len(text)
        if isinstance(node, Element) and len(text) > len(longest):
            longest = text
    most = longest.count("\n") >= LEAST_LINES and len(longest) >= LEAST_SHARE * whole
    return longest.removeprefix("\n") if most else None


def _rows_of_lines(root: Element) -> str | None:
    """The text of elements side by side that are numbered from 1, a line each, if they have most of the page's text."""
    whole = sum(len(node) for node in root.nodes(closed=SKIPPED) if isinstance(node, str))
    for element in root.walk():
        rows = [child for child in element.children if isinstance(child, Element)]
        if len(rows) < LEAST_LINES or not all(_is_numbered(row, number) for number, row in enumerate(rows, 1)):
            continue
        texts = [row.text().strip("\r\n") for row in rows]
        if all(map(NUMBERS.fullmatch, texts)):
            continue
        if sum(map(len, texts)) >= LEAST_SHARE * whole:
            return "\n".join(" ".join(text.splitlines()) for text in texts)
    return None


def _is_numbered(row: Element, number: int) -> bool:
    """Whether a row begins with its number, or has it in an attribute of one of its first elements."""
    if row.text().lstrip(" \u00a0\r\n").startswith(str(number)):
        return True
    values = (e.attributes.get(key, "") for e in islice(row.walk(), MOST_INSIDE) for key in NUMBERED_BY)
    return any(found and int(found[1]) == number for found in map(NUMBERED.fullmatch, values))


def _shown_lines(root: Element) -> Iterator[str]:
    """The lines that a browser would copy: a block begins one, cells have tabs between them."""
    pieces = list[str]()
    _add_pieces(root, pieces, preformatted=False)
    yield from (line.rstrip("\t ") for line in plain_characters("".join(pieces)).split("\n"))


def _add_pieces(element: Element, pieces: list[str], *, preformatted: bool) -> None:
    """Adds the text of an element with its line breaks; white space stays where it is preformatted."""
    for child in element.children:
        if isinstance(child, str):
            text = child if preformatted else SPACE.sub(" ", child)
            pieces.append(text if preformatted or not pieces or pieces[-1] != "\n" else text.removeprefix(" "))
        elif child.tag == "br":
            pieces.append("\n")
        elif child.tag in TIMES and child.attributes.get("datetime"):
            pieces.append(child.attributes["datetime"])
        elif child.tag not in HIDDEN:
            edge = "\n" if child.tag in LINES else "\t" if child.tag in ("td", "th") else ""
            pieces += ["\n"] if edge == "\n" else []
            _add_pieces(child, pieces, preformatted=preformatted or child.tag == "pre")
            pieces += [edge] if edge else []


# --- cgit ---


def _cgit(root: Element) -> Iterator[str]:
    """The lines of a commit page, as its text form has them."""
    path = root.find("class", "path")
    if path is not None:
        yield " ".join(path.text().split())
    for element in root.walk():
        classes = element.classes
        if "commit-info" in classes:
            yield from ("".join(map(_with_hash, row)) for row in rows(element))
        elif "commit-subject" in classes:
            yield " ".join(element.text().split())
        elif {"commit-msg", "diffstat-header", "diffstat-summary"} & set(classes):
            yield from element.text().strip("\r\n").splitlines()
        elif "diffstat" in classes:
            yield from ("".join(c.text().strip() for c in row) for row in rows(element))
        elif "diff" in classes and element.tag == "table":
            yield from _diff(element)


def _with_hash(cell: Element) -> str:
    """The words of a cell, after the hash in its link where the cell shows a commit by its subject."""
    words = " ".join(cell.text().split())
    link = next((inner for inner in cell.walk() if inner.tag == "a"), None)
    linked = SHA.search(link.attributes.get("href", "")) if link else None
    return words if linked is None or SHORT_SHA.match(words) else f"{linked[1]} {words}"


def _diff(table: Element) -> Iterator[str]:
    """The lines of a diff: an innermost `div` is one line, or several with `<br>` between them."""
    for element in table.walk():
        inner = any(isinstance(child, Element) and child.tag in ("div", "table", "tr") for child in element.children)
        if element.tag in ("div", "td") and not inner:
            yield from element.text().splitlines()
