"""Internal links of the web site over the bundled corpus are visited: one page of each kind and version."""

import re
from functools import cached_property
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kbase.pages.routes import ROUTES
from kbase.web import create_app
from tests.web.page_trees import parsed

START = ("/", "/commits/", "/search", "/search?q=which+lock+is+held+when+rename+is+called")
OUTSIDE = ("https://elixir.bootlin.com/", "https://git.kernel.org/")
LIMIT = 6000  # pages: a crawl that finds more has found a trap


@pytest.fixture(scope="module")
def app(bundled: Path) -> Flask:
    return create_app(bundled)


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


TAG = re.compile(r"<([a-z][a-z0-9]*)((?:[^<>\"]|\"[^\"]*\")*)>")
ATTRIBUTE = re.compile(r"([\w:-]+)(?:=\"([^\"]*)\")?")
TITLE = re.compile(r"<title>([^<]*)</title>")


class Outline:
    """What a crawler looks at: every tag with its attributes, and the title.

    Parsers take ten to a hundred times as long, for thousands of pages; that each kind of page is HTML they see below.
    """

    def __init__(self, body: str) -> None:
        found = TITLE.search(body)
        self.title = found[1] if found else ""
        self.tags = [
            (tag, {name: unescape(value) for name, value in ATTRIBUTE.findall(attributes)})
            for tag, attributes in TAG.findall(body)
        ]

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @cached_property
    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]

    @cached_property
    def links(self) -> set[str]:
        return {attributes["href"] for attributes in self.all("a")}


def is_search(address: str) -> bool:
    return address.startswith("/search")


def group(address: str) -> tuple[object, ...] | None:
    """The kind and version of a page, or its ops table for a history; None where a kind has few pages."""
    parts = urlsplit(address)
    first, *names = unquote(parts.path).strip("/").split("/")
    if first in ("v", "doc", "diff") and names:
        fixed = names[1] if len(names) > 1 and names[1] in ("functions", "flags", "drift", "lock-order") else ""
        return first, names[0].rpartition("..")[2], len(names), fixed, bool(parts.query)
    struct, dot, _ = names[0].partition(".") if names else ("", "", "")
    return (first, struct, dot, len(names)) if first == "history" else None


@pytest.fixture(scope="module")
def crawled(client: FlaskClient) -> dict[str, Outline]:
    """Pages that a visitor can reach, by address without anchor; each link that is followed must lead to a page.

    Narrowed searches lead to ever narrower ones, a number without end for who looks at it: those of a page that is no
    search are visited, and those that one choice or one more page of hits makes of the questions in `START`.
    """
    pages: dict[str, Outline] = {}
    visited = set[tuple[object, ...]]()  # of 113 versions there are a hundred thousand pages
    queue = list(START)
    while queue:
        address = queue.pop()
        kind = group(address)
        if address in pages or kind in visited:
            continue
        visited |= {kind} if kind else set()
        assert len(pages) < LIMIT, "the crawl does not end"
        response = client.get(address, follow_redirects=True)
        assert response.status_code == 200, f"{address}: {response.status}"
        if response.mimetype == "text/html":
            pages[address] = outline = Outline(response.get_data(as_text=True))
            targets = {urldefrag(urljoin(address, href))[0] for href in outline.links if not urlsplit(href).scheme}
            deeper = is_search(address) and address not in START
            queue += (target for target in sorted(targets) if not (deeper and is_search(target)))
    return pages


def test_narrowed_searches_are_visited_too(crawled: dict[str, Outline]) -> None:
    searches = [address for address in crawled if is_search(address)]
    for part in ("&kind=", "&struct=", "&lock=", "&version=", "&offset="):
        assert any(part in address for address in searches), part


def test_every_page_kind_is_reached(crawled: dict[str, Outline]) -> None:
    reached = {name for page in crawled.values() for body in page.all("body") for name in body["class"].split()}
    kinds = {f"page-{route.name}".replace("_", "-") for route in ROUTES}
    assert kinds - reached <= {"page-porting-entry", "page-steps"}  # of documents that the bundled corpus does not have


def test_links_lead_to_anchors_that_are_there_or_to_the_same_line_elsewhere(crawled: dict[str, Outline]) -> None:
    dead = []
    anchors = {address: set(page.ids) for address, page in crawled.items()}
    for address, page in crawled.items():
        for href in page.links:
            if urlsplit(href).scheme:
                assert href.startswith(OUTSIDE), href
                continue
            target, anchor = urldefrag(urljoin(address, href))
            if anchor and target in anchors and unquote(anchor) not in anchors[target]:
                dead.append(f"{address}: {href}")
    assert dead == []


def test_titles_are_unique(crawled: dict[str, Outline]) -> None:
    titles: dict[str, set[str]] = {}
    for page in crawled.values():
        canonical = {link["href"] for link in page.all("link") if link.get("rel") == "canonical"}
        titles.setdefault(page.title, set()).update(canonical)
    assert {title: pages for title, pages in titles.items() if len(pages) != 1} == {}


def test_ids_are_unique_and_pages_have_landmarks(crawled: dict[str, Outline]) -> None:
    for address, page in crawled.items():
        assert len(page.ids) == len(set(page.ids)), f"{address}: an id twice"
        assert len(page.all("main")) == len(page.all("h1")) == 1, address
        assert page.all("html")[0]["lang"] == "en"


def test_nothing_is_loaded_from_elsewhere_or_inline(crawled: dict[str, Outline]) -> None:
    for address, page in crawled.items():
        assert not page.all("style")
        assert all("src" in script for script in page.all("script"))
        for tag, attributes in page.tags:
            assert "style" not in attributes, address
            assert not any(name.startswith("on") for name in attributes), address
            loaded = [attributes.get(name, "") for name in ("src", "action", "data")]
            loaded += [attributes.get("href", "")] if tag in ("link", "use") else []
            assert not any(urlsplit(each).scheme or each.startswith("//") for each in loaded), address


def test_inputs_have_labels(crawled: dict[str, Outline]) -> None:
    for address, page in crawled.items():
        labelled = {label.get("for") for label in page.all("label")}
        for attributes in [*page.all("input"), *page.all("select")]:
            assert attributes.get("type") == "hidden" or attributes.get("id") in labelled, address


def test_one_page_of_each_kind_is_valid_html(crawled: dict[str, Outline], client: FlaskClient) -> None:
    kinds = {page.all("body")[0]["class"]: address for address, page in crawled.items()}
    for address in kinds.values():
        parsed(client.get(address, follow_redirects=True).get_data(as_text=True))
