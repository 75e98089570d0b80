"""The production server: waitress, with limits on slow and greedy clients."""

import errno
import logging
import re
import signal
from collections.abc import Collection
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import waitress  # type: ignore[import-untyped]  # it carries no annotations
from flask import Flask
from waitress.wasyncore import close_all  # type: ignore[import-untyped]

from kbase.errors import UsageError
from kbase.web.application import create_app
from kbase.web.connections import Channel
from kbase.web.hosts import NAME

LOG = logging.getLogger("kbase.web")
THREADS = 8
CONNECTIONS = 200
LARGEST_HEADER = 16 * 1024
LARGEST_BODY = 1024  # bytes; no request needs one
IDLE = 60  # seconds until a connection without traffic is closed
PREFIX = re.compile(r"(/[\w.~-]+)*", re.ASCII)
NEVER = 1 << 50  # bytes: threads never wait for a client to read, `Channel` limits that
ADVICE = {
    errno.EADDRINUSE: "the port is in use: give another with --port",
    errno.EACCES: "ports below 1024 need root: give another with --port",
    errno.EADDRNOTAVAIL: "this machine has no such address: give another with --host",
}


def make_server(app: Flask, host: str, port: int, prefix: str = "") -> Any:
    """The server, bound and not yet running: `run` runs it, `close` ends it; port 0 means any free port.

    With a prefix (`/kbase`) every address begins with it; a reverse proxy may keep or strip it.

    Raises:
        UsageError: the address cannot be bound, or the prefix is invalid.
    """
    if not PREFIX.fullmatch(prefix):
        raise UsageError("not a prefix of addresses", repr(prefix), "write it like /kbase")
    sockets: dict[int, Any] = {}
    try:
        server = waitress.create_server(
            app,
            map=sockets,
            host=host,
            port=port,
            threads=THREADS,
            connection_limit=CONNECTIONS,
            max_request_header_size=LARGEST_HEADER,
            max_request_body_size=LARGEST_BODY,
            outbuf_high_watermark=NEVER,
            channel_timeout=IDLE,
            ident=None,
            url_prefix=prefix,
            clear_untrusted_proxy_headers=True,
        )
    except OSError as error:
        close_all(sockets, ignore_all=True)
        advice = ADVICE.get(error.errno or 0, "give another with --host or --port")
        raise UsageError(f"cannot listen: {error.strerror}", f"{host}:{port}", advice) from error
    except ValueError as error:
        raise UsageError("not an address to listen on", repr(host), "give a name or an address with --host") from error
    for listener in sockets.values():
        listener.channel_class = Channel
    return server


def serve(db: Path, host: str, port: int, prefix: str = "", host_names: Collection[str] = ()) -> None:
    """Serve the database until SIGINT, SIGTERM or SIGHUP; a new build of it becomes active at once.

    Running requests then have five seconds to finish; `prefix` is that of `make_server`, `host_names` those of
    `create_app`, in addition to the host that it listens on.

    Raises:
        StoreError: the folder has no database.
        UsageError: see `make_server`.
    """
    if not _is_loopback(host):
        LOG.warning("%s is not a loopback address: everyone who can reach it can read the whole database", host)
    named = [host] if NAME.fullmatch(host.lower()) else []
    app = create_app(db, log_requests=True, host_names=(*host_names, *named))
    logging.getLogger("waitress").setLevel(logging.ERROR)  # it logs every client that disconnects
    server = make_server(app, host, port, prefix)
    for name in (signal.SIGINT, signal.SIGTERM):  # background jobs of a shell ignore SIGINT
        signal.signal(name, _end)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under `nohup`
        signal.signal(signal.SIGHUP, _end)
    for address, number in _listening(server):
        LOG.info("serving %s on http://%s:%s%s/", db, f"[{address}]" if ":" in address else address, number, prefix)
    try:
        server.run()
    finally:
        server.close()
        LOG.info("stopped")


def _end(*_: Any) -> None:
    raise SystemExit(0)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listening(server: Any) -> list[tuple[str, int]]:
    """The addresses that a server listens on: a name may have several."""
    several = getattr(server, "effective_listen", None)
    return several or [(server.effective_host, server.effective_port)]
