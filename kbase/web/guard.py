"""Limits of every request, headers of every response, and the response cache."""

from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response, abort, g, request

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
    """Apply the limits to an application, add the headers to its responses, cache those that do not change."""
    cache = Cache()

    def cached() -> Response | None:
        found = cache.get(_key())
        return Response(found[0], mimetype=found[1]) if found else None

    def store(response: Response) -> Response:
        if response.status_code == 200 and "Cache-Control" not in response.headers and request.method == "GET":
            cache.put(_key(), response.get_data(), response.mimetype or "text/html")
        return response

    app.before_request(_refuse)
    app.before_request(_unchanged)
    app.before_request(cached)
    app.after_request(_headers)
    app.after_request(store)  # runs first: the last one registered


def _key() -> str:
    """Everything that a response depends on."""
    return f"{g.etag} {request.script_root} {request.path!r} {request.query_string!r}"  # a path may have a `?`


def _refuse() -> None:
    if request.method not in METHODS:
        abort(405)
    if len(request.path) > LONGEST_PATH or len(request.query_string) > LONGEST_QUERY:
        abort(414)


def _unchanged() -> Response | None:
    """304 for a client that has the page as this database, program and theme make it."""
    if not request.if_none_match or request.if_none_match.star_tag:
        return None
    return Response(status=304) if request.if_none_match.contains_weak(g.etag) else None


def _headers(response: Response) -> Response:
    response.headers.extend(HEADERS)
    if "Location" in response.headers:
        response.headers["Location"] = _local(response.headers["Location"])
        response.set_data(b"")  # it would only repeat the address
    if response.status_code == 405:
        response.headers["Allow"] = ", ".join(METHODS)
    revalidated = response.headers.get("Cache-Control", "no-cache") == "no-cache"
    if "etag" in g and response.status_code in (200, 304) and revalidated:
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Vary"] = "Cookie"
        response.set_etag(g.etag, weak=True)
    return response


def _local(address: str) -> str:
    """A redirect's target as a path of this site, whatever host name the request has."""
    parts = urlsplit(address)
    return urlunsplit(("", "", f"/{parts.path.lstrip('/')}", parts.query, parts.fragment))
