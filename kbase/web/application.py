"""The application factory: routes, limits, templates. There is no module-level state."""

import logging
from collections.abc import Collection
from pathlib import Path
from typing import Any

from flask import Flask, g, request
from jinja2 import FileSystemLoader, StrictUndefined

from kbase import places
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.store.fingerprint import fingerprint
from kbase.web import api, guard, site, theme
from kbase.web.active_database import ActiveDatabase
from kbase.web.hosts import check_host, known_hosts
from kbase.web.side_by_side import side
from kbase.web.typeset import FILTERS

LOG = logging.getLogger("kbase.web")


def create_app(source: KnowledgeBase | Path, *, log_requests: bool = False, host_names: Collection[str] = ()) -> Flask:
    """The web application over a knowledge base, or over the database in a folder, followed as builds replace it.

    It answers to IP addresses, `localhost` and `host_names` (`*`: to any name).

    Raises:
        UsageError: one of the names is no host name.
        StoreError: the folder has no database.
    """
    templates = [places.templates(part) for part in ("web", "shared")]
    app = Flask(__name__, static_folder=None)
    app.jinja_loader = FileSystemLoader(templates)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(FILTERS, side=side)
    hosts = known_hosts(host_names)
    active = ActiveDatabase(source)
    program = fingerprint((*templates, places.PACKAGE))[:12]  # of the templates, program and libraries

    @app.before_request
    def refuse_other_hosts() -> None:
        check_host(request, hosts)

    @app.before_request
    def acquire_knowledge_base() -> None:
        g.kb = active.acquire()
        g.fingerprint = program
        g.etag = f"{g.kb.hash[:16]}-{program}-{theme.chosen_theme()}"

    @app.teardown_request
    def release_knowledge_base(_: BaseException | None) -> None:
        if kb := g.pop("kb", None):
            active.release(kb)

    guard.guard(app)
    app.register_blueprint(site.blueprint)
    app.register_blueprint(theme.blueprint)
    app.register_blueprint(api.blueprint)
    app.register_error_handler(Exception, _problem)
    if log_requests:
        app.after_request(_log)
    return app


def _problem(error: Exception) -> Any:
    """Every error in one shape: as JSON below `/api/`, as a page elsewhere."""
    return api.problem(error) if request.path.startswith("/api/") else site.problem(error)


def _log(response: Any) -> Any:
    address = request.full_path.rstrip("?").encode("unicode_escape").decode()  # one request, one line
    LOG.info("%s %s %s %s", request.remote_addr, request.method, address, response.status_code)
    return response
