"""Serving for real: waitress, with limits that keep slow or greedy visitors from hurting others."""

import logging
from pathlib import Path

import waitress  # type: ignore[import-untyped]  # it carries no annotations

from kbase.web.application import create_app

LOG = logging.getLogger("kbase.web")
THREADS = 8
CONNECTIONS = 200
LARGEST_HEADER = 16 * 1024
LARGEST_BODY = 1024  # nothing here reads one
IDLE = 60  # seconds until a connection without traffic is closed


def serve(db: Path, host: str, port: int) -> None:
    """Serve the database until interrupted; a new build of it is taken up as soon as it is swapped in.

    Raises:
        StoreError: the folder holds no database.
        OSError: the address cannot be bound.
    """
    server = waitress.create_server(
        create_app(db, log_requests=True),
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
    LOG.info("serving %s on http://%s:%s/", db, host, port)
    try:
        server.run()
    finally:
        server.close()
        LOG.info("stopped")
