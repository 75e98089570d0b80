"""The HTML pages."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    g,
    make_response,
    redirect,
    render_template,
    request,
    send_from_directory,
)

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.pages.route import Route
from kbase.pages.routes import ROUTES
from kbase.pages.search import exact_things
from kbase.text.lines import visible
from kbase.web.csv_tables import SHEETS, as_csv
from kbase.web.error_pages import near_links, problem_of, words_of
from kbase.web.requests import asked_part, elsewhere, make_page, moved, query_part
from kbase.web.theme import THEMES, chosen_theme

YEAR = 365 * 24 * 3600
SHEET = "/table.csv"  # below the address of a page that has a table

blueprint = Blueprint("site", __name__)


def _add(route: Route) -> None:
    def view(**path: str) -> Any:
        kb: KnowledgeBase = g.kb
        if route.name == "search" and (target := _exact(kb)):
            return redirect(request.script_root + target)
        query = request.args.to_dict()
        page = make_page(route, kb, path, query)
        if moved(page, request.path):
            return redirect(request.script_root + page.address + query_part(kb, path))
        chosen = elsewhere(route, page, query)
        return visible(render_template(route.template, page=page, route=route.name, chosen=chosen))

    blueprint.add_url_rule(route.rule, route.name, view, provide_automatic_options=False)


def _add_sheet(route: Route) -> None:
    """The table of a page as a spreadsheet takes it."""

    def view(**path: str) -> Any:
        page = make_page(route, g.kb, path, request.args.to_dict())
        response = Response(visible(as_csv(route.name, page)), mimetype="text/csv")
        name = page.address.partition("?")[0].strip("/").replace("/", "-") or "versions"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        response.headers["Cache-Control"] = "no-cache"
        return response

    rule = f"{route.rule.rstrip('/')}{SHEET}"
    blueprint.add_url_rule(rule, f"{route.name}_sheet", view, provide_automatic_options=False)


for _route in ROUTES:
    _add(_route)
    if _route.name in SHEETS:
        _add_sheet(_route)


def _exact(kb: KnowledgeBase) -> str | None:
    """Where the search box leads at once: to the one thing of exactly that name."""
    query = request.args.get("q", "")
    if set(request.args) != {"q"} or not query.strip():
        return None
    found = exact_things(kb, query)
    return found[0].href if len(found) == 1 else None


@blueprint.get("/static/<path:name>")
def static(name: str) -> Response:
    """A file of the style or the script; its address changes with its content."""
    response = send_from_directory(f"{blueprint.root_path}/static", name, max_age=YEAR)
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """What browsers ask for unasked."""
    return static("favicon.svg")


@blueprint.get("/healthz")
def healthz() -> Response:
    """Whether the site answers, and with which knowledge base."""
    kb: KnowledgeBase = g.kb
    response = make_response({"status": "ok", "hash": kb.hash, "versions": len(kb.versions)})
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/compare")
def chosen_diff() -> Any:
    """Where the form that compares two versions leads."""
    kb: KnowledgeBase = g.kb
    asked = [request.args.get(name, "") for name in ("from", "to")]
    old, new = map(kb.resolve, asked)
    struct = request.args.get("struct", "")
    held = struct in kb.state(old).by_name or struct in kb.state(new).by_name
    address = addresses.diff_address(old, new, struct if held else None)
    return redirect(request.script_root + address + asked_part(kb, "..".join(asked)))


@blueprint.app_context_processor
def _everywhere() -> dict[str, Any]:
    """What every template knows."""
    return {
        "theme": chosen_theme(),
        "themes": THEMES,
        "stamp": g.get("stamp", ""),
        "latest": _latest(),
        "root": request.script_root,
        "sheets": SHEETS,
    }


def _latest() -> str:
    kb: KnowledgeBase | None = g.get("kb")
    return kb.latest() if kb and kb.labels() else ""


def problem(error: Exception) -> Response:
    """The page for what went wrong; what is not the visitor's mistake is logged."""
    found = problem_of(error)
    near = near_links(g.kb, request.path) if found.status == 404 and "kb" in g else ()
    asked = words_of(request.path)[-1:] if found.status == 404 else []
    body = visible(render_template("problem.html", problem=found, near=near, asked=asked, route="problem"))
    response = make_response(body, found.status)
    response.headers["Cache-Control"] = "no-store"
    return response
