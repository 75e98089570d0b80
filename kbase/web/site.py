"""The HTML pages, and their tables as CSV."""

from typing import Any
from urllib.parse import urlencode

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

from kbase.errors import UnknownName
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.pages.parts import Page
from kbase.pages.route import Route, Words
from kbase.pages.routes import ROUTES, known, make_page
from kbase.pages.rows import as_csv
from kbase.pages.search import exact_items
from kbase.text.lines import visible
from kbase.web.error_pages import near_links, problem_of, words_of
from kbase.web.redirects import asked_part, canonical_address
from kbase.web.theme import THEMES, chosen_theme

YEAR = 365 * 24 * 3600
CSV = "/table.csv"  # below the address of a page that has a table

blueprint = Blueprint("site", __name__)


def _add(route: Route) -> None:
    has_table = route.has_table

    def view(**path: str) -> Any:
        if route.name == "search" and (target := _exact(g.kb)):
            return redirect(request.script_root + target)
        query = request.args.to_dict()
        page = make_page(route, g.kb, path, query)
        if address := canonical_address(g.kb, page, request.path, path):
            return redirect(request.script_root + address)
        return visible(
            render_template(
                route.template,
                page=page,
                route=route.name,
                chosen=_chosen(route, page, query),
                has_table=has_table,
            )
        )

    blueprint.add_url_rule(route.rule, route.name, view, provide_automatic_options=False)


def _chosen(route: Route, page: Page, query: Words) -> str:
    """The query part for the page in another format, unless the page's own address has it."""
    chosen = known(route, query)
    return f"?{urlencode(chosen)}" if chosen and "?" not in page.address else ""


def _add_csv(route: Route) -> None:
    def view(**path: str) -> Any:
        page = make_page(route, g.kb, path, request.args.to_dict())
        response = Response(visible(as_csv(page.as_table())), mimetype="text/csv")
        name = page.address.partition("?")[0].strip("/").replace("/", "-") or "versions"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        response.headers["Cache-Control"] = "no-cache"
        return response

    rule = f"{route.rule.rstrip('/')}{CSV}"
    blueprint.add_url_rule(rule, f"{route.name}_csv", view, provide_automatic_options=False)


for _route in ROUTES:
    _add(_route)
    if _route.has_table:
        _add_csv(_route)


def _exact(kb: KnowledgeBase) -> str | None:
    """The address of the only item whose name is exactly the query; None if there is none or several."""
    found = exact_items(kb, request.args.get("q", "")) if set(request.args) == {"q"} else ()
    return found[0].href if len(found) == 1 else None


@blueprint.get("/static/<path:name>")
def static(name: str) -> Response:
    """A file of the style or the script; its address changes with its content."""
    response = send_from_directory(f"{blueprint.root_path}/static", name, max_age=YEAR)
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """The icon, at the address where browsers expect it."""
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
    """The page that the form for comparing two versions leads to."""
    kb: KnowledgeBase = g.kb
    asked = [request.args.get(name, "") for name in ("from", "to")]
    old, new = (_typed_version(kb, name, text) for name, text in zip(("from", "to"), asked, strict=True))
    struct = request.args.get("struct", "")
    present = struct in kb.state(old).by_name or struct in kb.state(new).by_name
    address = addresses.diff_address(old, new, struct if present else None)
    return redirect(request.script_root + address + asked_part(kb, "..".join(asked)))


def _typed_version(kb: KnowledgeBase, name: str, text: str) -> str:
    """The version that was typed into a field of the form.

    Raises:
        UnknownName: it is not available; the error names the field.
    """
    try:
        return kb.resolve(text)
    except UnknownName as error:
        raise UnknownName(error.what, name, error.advice) from error


@blueprint.app_context_processor
def _context() -> dict[str, Any]:
    """The variables of every template."""
    kb: KnowledgeBase | None = g.get("kb")
    return {
        "theme": chosen_theme(),
        "themes": THEMES,
        "fingerprint": g.get("fingerprint", ""),
        "latest": kb.latest() if kb and kb.labels() else "",
        "root": request.script_root,
    }


def problem(error: Exception) -> Response:
    """The page for an error; errors of the server are logged."""
    found = problem_of(error)
    near = near_links(g.kb, request.path) if found.status == 404 and "kb" in g else ()
    asked = words_of(request.path)[-1:] if found.status == 404 else []
    body = visible(render_template("problem.html", problem=found, near=near, asked=asked, route="problem"))
    response = make_response(body, found.status)
    response.headers["Cache-Control"] = "no-store"
    return response
