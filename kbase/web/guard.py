"""What every request must keep to, and what every answer carries: methods, sizes, security headers, caching."""

from urllib.parse import urlsplit, urlunsplit
from weakref import WeakKeyDictionary

from flask import Flask, Response, abort, g, request

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.web.cache import Cache

LONGEST_PATH = 1000
LONGEST_QUERY = 2000
METHODS = ("GET", "HEAD")

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def guard(app: Flask) -> None:
    """Hold the application to the limits, give its answers their headers, keep those that do not change."""
    caches = WeakKeyDictionary[KnowledgeBase, Cache]()  # the answers of one go with it

    def held() -> Response | None:
        found = caches.setdefault(g.kb, Cache()).get(_key())
        return Response(found[0], mimetype=found[1]) if found else None

    def keep(response: Response) -> Response:
        if response.status_code == 200 and "Cache-Control" not in response.headers and request.method == "GET":
            caches.setdefault(g.kb, Cache()).put(_key(), response.get_data(), response.mimetype or "text/html")
        return response

    app.before_request(_refuse)
    app.before_request(_unchanged)
    app.before_request(held)
    app.after_request(_headers)
    app.after_request(keep)  # runs first: the last one registered


def _key() -> str:
    """What an answer depends on."""
    return f"{g.etag} {request.script_root} {request.path!r} {request.query_string!r}"  # a path may hold a `?`


def _refuse() -> None:
    if request.method not in METHODS:
        abort(405)
    if len(request.path) > LONGEST_PATH or len(request.query_string) > LONGEST_QUERY:
        abort(414)


def _unchanged() -> Response | None:
    """304 for who holds the page as this knowledge base, these templates and this theme make it."""
    if not request.if_none_match or request.if_none_match.star_tag:
        return None
    return Response(status=304) if request.if_none_match.contains_weak(g.etag) else None


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "Location" in response.headers:
        response.headers["Location"] = _local(response.headers["Location"])
        response.set_data(b"")  # it would only say so again
    if response.status_code == 405:
        response.headers["Allow"] = ", ".join(METHODS)
    revalidated = response.headers.get("Cache-Control", "no-cache") == "no-cache"
    if "etag" in g and response.status_code in (200, 304) and revalidated:
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Vary"] = "Cookie"
        response.set_etag(g.etag, weak=True)
    return response


def _local(address: str) -> str:
    """A redirect's target as a path of this site: what the visitor says of the site's name decides nothing."""
    parts = urlsplit(address)
    return urlunsplit(("", "", f"/{parts.path.lstrip('/')}", parts.query, parts.fragment))
