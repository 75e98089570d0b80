"""From an address to a page: versions and ranges made canonical, the query parameters checked.

A release, or a patch level that is not available, leads to the address of the version that stands for it, with
`?asked=6.8`: the page there says what was asked for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import unquote, urlencode

from flask import request

from kbase.errors import KbaseError, UnknownName
from kbase.knowledge.knowledge_base import NO_VERSION, KnowledgeBase, Resolution
from kbase.pages.parts import Page
from kbase.pages.route import Route, Words

ASKED = "asked"  # of the query: the version or range in whose place another one is shown


def make_page(route: Route, kb: KnowledgeBase, path: Words, query: Words) -> Page:
    """The page of a route; query parameters that the route does not know are left out.

    Raises:
        UnknownName: no such version, range or thing, with near names.
        UsageError: a query parameter is mistaken.
    """
    words, canonical = known(route, query), _canonical(kb, path)
    page = route.make(kb, words | canonical)
    shown = [canonical[name] for name in ("version", "old", "new") if name in canonical]
    notes = [meant.note for meant in _others(kb, query.get(ASKED, "").split("..")) if meant.label in shown]
    notes += [meant.note for meant in _others(kb, [words[name] for name in ("from", "to") if words.get(name)])]
    return replace(page, version_notes=tuple(dict.fromkeys(notes))) if notes else page


def known(route: Route, query: Words) -> dict[str, str]:
    """The query parameters that the route knows, in its order."""
    return {parameter.name: query[parameter.name] for parameter in route.query if parameter.name in query}


def elsewhere(route: Route, page: Page, query: Words) -> str:
    """The query part for the page in another format: what was chosen, unless the page's own address says it."""
    chosen = known(route, query)
    return f"?{urlencode(chosen)}" if chosen and "?" not in page.address else ""


def _canonical(kb: KnowledgeBase, path: Words) -> dict[str, str]:
    """The parts of a path as pages take them: `latest` and `6.4.6` are ways to write a version, `-` is none."""
    words = dict(path)
    if "version" in path and path["version"] != NO_VERSION:
        words["version"] = kb.resolve(path["version"])
    elif "version" in path:
        if "path" not in path:
            raise UnknownName("only documents can have no version", NO_VERSION, "name one, or `latest`")
        words["version"] = ""
    if "range" in path:
        if ".." not in path["range"].strip("."):
            raise UnknownName("not a range of versions", path["range"], "write it like v5.4..v6.8.1")
        words["old"], words["new"] = kb.range(path["range"])
    return words


def _others(kb: KnowledgeBase, labels: Iterable[str]) -> Iterator[Resolution]:
    """What is meant by labels that another version stands for."""
    for label in labels:
        try:
            meant = kb.interpret(label)
        except KbaseError:
            continue
        if meant.note:
            yield meant


def moved(page: Page, path: str) -> bool:
    """Whether the page's canonical address is another than the path that led to it."""
    return "?" not in page.address and unquote(page.address) != path


def query_part(kb: KnowledgeBase, path: Words) -> str:
    """The query part of the address that a page moved to: as it was written, and what was asked for in the path."""
    written = request.query_string.decode("ascii", "replace")
    added = asked_part(kb, path.get("version") or path.get("range", ""))
    return f"?{written}{added.replace('?', '&')}" if written else added


def asked_part(kb: KnowledgeBase, asked: str) -> str:
    """The query part that tells which version or range was asked for; empty where the page is about just that."""
    return f"?{urlencode({ASKED: asked})}" if any(_others(kb, asked.split(".."))) else ""
