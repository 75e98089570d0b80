"""`kbase serve` as a process: below a prefix behind a proxy, its log, and how it ends."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from kbase.errors import UsageError
from kbase.web import create_app
from kbase.web.serving import make_server

LINK = re.compile(r'(?:href|src|action)="([^"#]*)')


@contextmanager
def serving(db: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`kbase serve` over a database, and its port."""
    command = [sys.executable, "-m", "kbase", "serve", "--db", str(db), "--port", "0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            found = re.search(r"http://127\.0\.0\.1:(\d+)", process.stderr.readline())
            assert found
            yield process, int(found[1])
        finally:
            process.kill()


def fetch(port: int, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path)
    response = connection.getresponse()
    found = response.status, dict(response.getheaders()), response.read()
    connection.close()
    return found


@contextmanager
def proxy(port: int, strip: str) -> Iterator[int]:
    """A reverse proxy of everything below `/kb/`; what it strips of the path is not handed on."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith("/kb/"):
                self.send_error(418)
                return
            status, headers, body = fetch(port, self.path.removeprefix(strip))
            self.send_response(status)
            for name in ("Content-Type", "Location", "ETag", "Set-Cookie"):
                if name in headers:
                    self.send_header(name, headers[name])
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the tests look at our log, not at this one."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("strip", ["", "/kb"], ids=["handed on", "stripped"])
def test_behind_a_proxy_every_link_leads_somewhere(bundled: Path, strip: str) -> None:
    with serving(bundled, "--prefix", "/kb") as (_, behind), proxy(behind, strip) as port:
        for start in (
            "/kb/",
            "/kb/v/v6.8.1/inode_operations/",
            "/kb/search?q=rename+block",
            "/kb/history/xattr_handler/",
        ):
            status, _, body = fetch(port, start)
            assert status == 200
            links = {urljoin(start, link) for link in LINK.findall(body.decode()) if not urlsplit(link).scheme}
            assert len(links) > 20
            for link in sorted(links)[::7]:
                status, headers, _ = fetch(port, link.replace("&amp;", "&"))
                assert status in (200, 302, 303), link
                assert headers.get("Location", "/kb/").startswith("/kb/"), link
        status, headers, _ = fetch(port, "/kb/v/latest/")
        assert (status, headers["Location"]) == (302, "/kb/v/v7.1.5/")
        assert "Path=/kb" in fetch(port, "/kb/theme?to=dark&back=/locks/")[1]["Set-Cookie"]
        described = json.loads(fetch(port, "/kb/api/v1/openapi.json")[2])
        assert described["servers"] == [{"url": "/kb/api/v1"}]


def test_an_index_that_cannot_be_opened_is_told_at_once(bundled: Path, tmp_path: Path) -> None:
    db = tmp_path / "db"
    shutil.copytree(bundled, db, symlinks=True)
    for manifest in db.glob("generations/*/index/manifest.json"):
        manifest.write_text('{"format": 0}')
    command = [sys.executable, "-m", "kbase", "serve", "--db", str(db), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            told, serving = process.stderr.readline(), process.stderr.readline()
        finally:
            process.kill()
    assert told.startswith("kbase: search is not available: ")
    assert "`kbase build`" in told
    assert serving.startswith("serving ")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_cleanly_and_has_logged_each_request(bundled: Path, number: signal.Signals) -> None:
    with serving(bundled) as (process, port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
            assert answer.status == 200
        assert fetch(port, "/v/nothing/?a=b")[0] == 404
        os.kill(process.pid, number)
        _, log = process.communicate(timeout=30)
    assert process.returncode == 0
    lines = log.splitlines()
    assert lines[0].startswith("127.0.0.1 GET /healthz 200")
    assert lines[1].startswith("127.0.0.1 GET /v/nothing/?a=b 404")
    assert lines[-1] == "stopped"
    assert "Traceback" not in log


@pytest.mark.parametrize("prefix", ["kb", "/", "/kb/", "/a b", "//evil.example", '/"'])
def test_a_prefix_that_is_none_is_refused(bundled: Path, prefix: str) -> None:
    with pytest.raises(UsageError, match="prefix"):
        make_server(create_app(bundled), "127.0.0.1", 0, prefix)
