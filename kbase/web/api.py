"""The JSON API: the data of every page at the page's address below `/api/v1`."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, g, make_response, redirect, request

from kbase.pages.route import PREFIX, Route
from kbase.pages.routes import ROUTES, make_page
from kbase.pages.serialization import json_text
from kbase.web.error_pages import near_links, problem_of
from kbase.web.openapi import document
from kbase.web.redirects import canonical_address

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
SUGGESTIONS = 8


def _json(value: Any) -> Response:
    return Response(json_text(value), mimetype="application/json")


def _add(route: Route) -> None:
    def view(**path: str) -> Any:
        page = make_page(route, g.kb, path, request.args.to_dict())
        address = canonical_address(g.kb, page, request.path.removeprefix(PREFIX), path)
        return redirect(request.script_root + PREFIX + address) if address else _json(page)

    blueprint.add_url_rule(route.rule, route.name, view, provide_automatic_options=False)


for _route in ROUTES:
    _add(_route)


@blueprint.get("/suggest")
def suggest() -> Response:
    """Names that begin with the text in the search box."""
    prefix = request.args.get("q", "").strip()[:80]
    return _json(g.kb.suggest(prefix, SUGGESTIONS) if prefix else [])


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The description of this API, made from the page dataclasses."""
    return _json(document(request.script_root, g.kb))


def problem(error: Exception) -> Response:
    """The one shape of errors: `{"error": {"status", "title", "what", "where", "advice", "near"}}`."""
    found = problem_of(error)
    near = near_links(g.kb, request.path) if found.status == 404 and "kb" in g else ()
    response = make_response(_json({"error": {**asdict(found), "near": near}}), found.status)
    response.headers["Cache-Control"] = "no-store"
    return response
