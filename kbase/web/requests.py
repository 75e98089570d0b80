"""From an address to a page: versions and ranges made canonical, the query parameters checked."""

from urllib.parse import unquote, urlencode

from flask import request

from kbase.errors import UnknownName
from kbase.kb import NO_VERSION, KnowledgeBase
from kbase.views.parts import Page
from kbase.web.route import Route, Words


def make_page(route: Route, kb: KnowledgeBase, path: Words, query: Words) -> Page:
    """The page of a route; query parameters that the route does not know are left out.

    Raises:
        UnknownName: no such version, range or thing, with near names.
        UsageError: a query parameter is mistaken.
    """
    return route.make(kb, known(route, query) | _canonical(kb, path))


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


def moved(page: Page, path: str) -> bool:
    """Whether the page's canonical address is another than the path that led to it."""
    return "?" not in page.address and unquote(page.address) != path


def query_part() -> str:
    """The query part of the request's address, as it was written."""
    return "?" + request.query_string.decode("ascii", "replace") if request.query_string else ""
