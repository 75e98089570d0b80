"""The JSON interface: every page's data at the page's address below `/api/v1`."""

from typing import Any

from flask import Blueprint, Response, g, jsonify, make_response, redirect, request

from kbase.pages.route import PREFIX, Route
from kbase.pages.routes import ROUTES
from kbase.pages.serialization import to_json
from kbase.web.error_pages import near_links, problem_of
from kbase.web.openapi import document
from kbase.web.requests import make_page, moved, query_part

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
SUGGESTIONS = 8


def _add(route: Route) -> None:
    def view(**path: str) -> Any:
        page = make_page(route, g.kb, path, request.args.to_dict())
        if moved(page, request.path.removeprefix(PREFIX)):
            return redirect(request.script_root + PREFIX + page.address + query_part(g.kb, path))
        return jsonify(to_json(page))

    blueprint.add_url_rule(route.rule, route.name, view, provide_automatic_options=False)


for _route in ROUTES:
    _add(_route)


@blueprint.get("/suggest")
def suggest() -> Response:
    """Names that begin like what is being typed."""
    prefix = request.args.get("q", "").strip()[:80]
    return jsonify(to_json(g.kb.suggest(prefix, SUGGESTIONS)) if prefix else [])


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The description of this interface, made from the page dataclasses."""
    return jsonify(document(request.script_root, g.kb))


def problem(error: Exception) -> Response:
    """The one shape of errors: `{"error": {"status", "title", "what", "where", "advice", "near"}}`."""
    found = problem_of(error)
    near = near_links(g.kb, request.path) if found.status == 404 and "kb" in g else ()
    response = make_response(jsonify({"error": {**to_json(found), "near": to_json(near)}}), found.status)
    response.headers["Cache-Control"] = "no-store"
    return response
