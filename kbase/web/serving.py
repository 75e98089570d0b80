"""Serving for real: waitress, with limits that keep slow or greedy visitors from hurting others."""

import logging
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import waitress  # type: ignore[import-untyped]  # it carries no annotations
from flask import Flask

from kbase.web.application import create_app

LOG = logging.getLogger("kbase.web")
THREADS = 8
CONNECTIONS = 200
LARGEST_HEADER = 16 * 1024
LARGEST_BODY = 1024  # nothing here reads one
IDLE = 60  # seconds until a connection without traffic is closed


def make_server(app: Flask, host: str, port: int) -> Any:
    """The server, bound and not yet running: `run` runs it, `close` ends it; port 0 is a free one.

    Raises:
        OSError: the address cannot be bound.
    """
    return waitress.create_server(
        app,
        host=host,
        port=port,
        threads=THREADS,
        connection_limit=CONNECTIONS,
        max_request_header_size=LARGEST_HEADER,
        max_request_body_size=LARGEST_BODY,
        channel_timeout=IDLE,
        ident=None,
        clear_untrusted_proxy_headers=True,
    )


def serve(db: Path, host: str, port: int) -> None:
    """Serve the database until interrupted; a new build of it is taken up as soon as it is swapped in.

    Raises:
        StoreError: the folder holds no database.
        OSError: the address cannot be bound.
    """
    if not _is_loopback(host):
        LOG.warning("%s is not a loopback address: whoever reaches it can read everything that is held", host)
    server = make_server(create_app(db, log_requests=True), host, port)
    LOG.info("serving %s on http://%s:%s/", db, server.effective_host, server.effective_port)
    try:
        server.run()
    finally:
        server.close()
        LOG.info("stopped")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
