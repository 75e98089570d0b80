"""The theme: a cookie, set by a form, without script."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, request

THEMES = ("auto", "light", "dark")
COOKIE = "theme"
YEAR = 365 * 24 * 3600

blueprint = Blueprint("theme", __name__)


def chosen_theme() -> str:
    """The theme of the request; "auto" follows the system."""
    theme = request.cookies.get(COOKIE, "")
    return theme if theme in THEMES else "auto"


@blueprint.get("/theme")
def choose() -> Response:
    """Set the cookie and redirect to the page that the form was on, on this site only."""
    theme = request.args.get("to", "auto")
    response = redirect(request.script_root + local_path(request.args.get("back", "/")), 303)
    response.headers["Cache-Control"] = "no-store"
    if theme in THEMES:
        response.set_cookie(COOKIE, theme, max_age=YEAR, samesite="Lax", path=request.script_root or "/")
    return response  # type: ignore[return-value]  # flask.redirect is typed as werkzeug's Response


def local_path(address: str) -> str:
    """The address if it is a path of this site, else the home page."""
    parts = urlsplit(address)
    safe = not parts.scheme and not parts.netloc and address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if safe and address.isprintable() else "/"
