"""Hostile visitors: what they send, how slowly, and what they must not get back."""

import http.client
import logging
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from kbase.errors import UsageError
from kbase.pages.rows import FORMULA
from kbase.web import connections as channels
from kbase.web import serving
from kbase.web.application import create_app
from kbase.web.guard import HEADERS
from kbase.web.serving import LARGEST_HEADER, make_server

Served = Callable[[Flask], AbstractContextManager[str]]
PAGES = (
    *("/", "/search?q=may+block", "/v/v6.8.1/", "/v/v6.8.1/inode_operations/", "/v/v6.8.1/inode_operations/rename/"),
    *("/locks/", "/locks/i_rwsem/", "/history/inode_operations.create/", "/diff/", "/diff/v5.4..v6.8.1/", "/nowhere"),
    *("/porting/", "/notes/", "/commits/", "/doc/v6.8.1/Documentation/filesystems/locking.rst", "/static/site.css"),
    *("/v/v6.8.1/inode_operations/table.csv", "/healthz", "/favicon.ico", "/theme?to=dark", "/locks", "/v/latest/"),
    *("/api/v1/", "/api/v1/openapi.json", "/api/v1/v/v6.8.1/inode_operations/rename/", "/api/v1/nowhere"),
)
RUDE = {
    "no method": b"get / HTTP/1.1\r\nHost: x",
    "no path": b"GET /a b HTTP/1.1\r\nHost: x",
    "raw bytes": b"GET /\xc3\xa9 HTTP/1.1\r\nHost: x",
    "of TLS": b"\x16\x03\x01\x02\x00\x01\x00",
    "two lengths": b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2",
    "negative length": b"POST / HTTP/1.1\r\nContent-Length: -1",
    "odd encoding": b"POST / HTTP/1.1\r\nTransfer-Encoding: xchunked",
    "NUL": b"GET / HTTP/1.1\r\nX: a\0b",
}


def raw(port: int, request: bytes) -> bytes:
    """The bytes that come back for a request, until the server ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as visitor:
        visitor.sendall(request)
        return b"".join(iter(lambda: visitor.recv(65536), b""))


@pytest.fixture(scope="module")
def port(bundled: Path, served: Served) -> Iterator[int]:
    with served(create_app(bundled)) as address:
        yield int(address.rpartition(":")[2])


def answer(port: int, method: str, address: str, headers: dict[str, str] | None = None) -> http.client.HTTPResponse:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request(method, address, headers=headers or {})
        response = connection.getresponse()
        response.read()
        return response


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_has_the_headers_and_nothing_of_the_name_that_the_visitor_gives_us(port: int, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n"
    found = raw(port, request.encode())
    head = found.partition(b"\r\n\r\n")[0].decode()
    assert head.split()[1] in ("200", "302", "303", "308", "404")
    assert not {f"{name}: {value}" for name, value in HEADERS.items()} - set(head.split("\r\n"))
    assert b"evil.example" not in found


@pytest.mark.parametrize("request_", RUDE)
def test_what_cannot_be_read_is_refused_with_the_headers(port: int, request_: str) -> None:
    head = raw(port, RUDE[request_] + b"\r\n\r\n").partition(b"\r\n\r\n")[0].decode()
    assert head.split()[1] in ("400", "405", "431", "501")
    assert not {f"{name}: {value}" for name, value in HEADERS.items()} - set(head.split("\r\n"))


OURS = ("localhost", "LocalHost.:8080", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:8080", "192.0.2.7", "",
        "kb.example", "KB.Example.:80", "[2001:DB8::7]:8080", "localhost:")  # fmt: skip
OTHERS = ("evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "a b", 'x"><script>',
          "a@localhost:99999", "localhost@evil.example", "localhost, evil.example", "127.1", "2130706433", "0x7f.1",
          "[::1", "::1", "[localhost]", "[::1].evil.example", "[127.0.0.1]", "*", "kb.example.org", "localhost..", ".",
          "localhost:80:80", "localhost/", "localhost\\", "xn--kb.example", "127.0.0.1 evil.example")  # fmt: skip


@pytest.fixture(scope="module")
def named(bundled: Path, served: Served) -> Iterator[int]:
    """The port of a server that answers to a name, too."""
    with served(create_app(bundled, host_names=["kb.Example"])) as address:
        yield int(address.rpartition(":")[2])


def status(port: int, request: str) -> int:
    return int(raw(port, f"{request}\r\nConnection: close\r\n\r\n".encode()).split()[1])


@pytest.mark.parametrize("path", ["/", "/api/v1/locks/", "/healthz", "/static/site.css", "/nowhere", "/locks"])
def test_who_asks_for_another_site_gets_nothing_of_this_one(named: int, path: str) -> None:
    """A page elsewhere that has its own name lead here (DNS rebinding)."""
    request = f"GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    head, _, body = raw(named, request.encode()).decode().partition("\r\n\r\n")
    assert head.split()[1] == "421"
    assert not {f"{name}: {value}" for name, value in HEADERS.items()} - set(head.split("\r\n"))
    assert "--host-name" in body
    assert "v6." not in body
    assert "evil.example" not in head + body
    assert (path.startswith("/api/")) is ('"status":421' in body)


@pytest.mark.parametrize("host", OURS)
def test_names_that_are_ours(named: int, host: str) -> None:
    assert status(named, f"GET /healthz HTTP/1.1\r\nHost: {host}") == 200
    assert status(named, f"GET http://{host or 'localhost'}/healthz HTTP/1.1\r\nHost: localhost") == 200


@pytest.mark.parametrize("host", OTHERS)
def test_names_that_are_not_ours(named: int, host: str) -> None:
    assert status(named, f"GET /healthz HTTP/1.1\r\nHost: {host}") in (400, 421)


def test_names_in_other_places(named: int) -> None:
    assert status(named, "GET /healthz HTTP/1.0") == 200
    assert status(named, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example") in (400, 421)
    assert status(named, "GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost") == 421
    assert status(named, "GET http://localhost/healthz HTTP/1.1\r\nHost: evil.example") == 421
    for forwarded in ("X-Forwarded-Host: localhost", "Forwarded: host=localhost", "X-Forwarded-For: 127.0.0.1"):
        assert status(named, f"GET /healthz HTTP/1.1\r\nHost: evil.example\r\n{forwarded}") == 421


def test_any_name_is_a_choice_of_its_own(bundled: Path) -> None:
    anybody = create_app(bundled, host_names=["*"]).test_client()
    assert anybody.get("/healthz", headers={"Host": "evil.example"}).status_code == 200


@pytest.mark.parametrize(
    "name", ["", "a b", "kb.example:80", "http://kb.example", "*.example", "-kb", "kb..example", "a/b"]
)
def test_a_name_that_is_none_is_a_mistake_of_the_call(bundled: Path, name: str) -> None:
    with pytest.raises(UsageError, match="without a port"):
        create_app(bundled, host_names=[name])


def test_the_name_that_is_listened_at_is_ours(bundled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    apps: list[Flask] = []

    def bind(app: Flask, *_: Any) -> Any:
        apps.append(app)
        raise OSError("bound")

    monkeypatch.setattr(serving, "make_server", bind)
    for host, names in (("kb.example", ()), ("127.0.0.1", ("kb.example",))):
        with pytest.raises(OSError, match="bound"):
            serving.serve(bundled, host, 0, "", names)
        client = apps.pop().test_client()
        assert client.get("/healthz", headers={"Host": "kb.example:8080"}).status_code == 200
        assert client.get("/healthz", headers={"Host": "other.example"}).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "", "127.0.0.1:1", "[::1]"])
@pytest.mark.parametrize("path", ["/locks", "/v//latest//", "/v/latest/%0d%0aSet-Cookie:a=b", "/static//evil.example"])
def test_redirects_stay_here_whatever_the_visitor_calls_us(port: int, host: str, path: str) -> None:
    found = raw(port, f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    headers = dict(line.split(": ", 1) for line in found.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:])
    assert headers["Location"].startswith("/")
    assert not headers["Location"].startswith("//")
    assert "Set-Cookie" not in headers


def test_headers_and_bodies_are_limited(port: int) -> None:
    assert answer(port, "GET", "/healthz", {"X-Long": "x" * LARGEST_HEADER}).status == 431
    assert answer(port, "POST", "/", {"Content-Length": "1000000000"}).status in (405, 413)
    assert answer(port, "GET", "/" + "x" * 5000).status == 414


@pytest.mark.parametrize(
    "path",
    [
        "../../../../etc/passwd",
        "..%2f..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "....//....//etc/passwd",
        "..%5c..%5cetc%5cpasswd",
        "%00/etc/passwd",
        "Documentation/filesystems/../../../../etc/passwd",
    ],
)
def test_a_document_is_one_that_is_held(port: int, path: str) -> None:
    for prefix in ("/doc/v6.8.1/", "/doc/-/", "/api/v1/doc/v6.8.1/", "/static/"):
        assert answer(port, "GET", prefix + path).status in (301, 302, 308, 400, 404)


def test_visitors_who_are_slow_do_not_hold_up_others(port: int) -> None:
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(3 * serving.THREADS)]
    try:
        for each in slow:
            each.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        time.sleep(0.2)
        assert answer(port, "GET", "/healthz").status == 200
    finally:
        for each in slow:
            each.close()


def test_who_does_not_fetch_answers_holds_no_thread(port: int) -> None:
    """Answers of 19 MB for each of more visitors than there are threads, and nobody reads."""
    once = b"GET /api/v1/doc/v6.8.1/Documentation/filesystems/vfs.rst HTTP/1.1\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(serving.THREADS + 2):
            visitor = stack.enter_context(closing(socket.socket()))
            visitor.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            visitor.connect(("127.0.0.1", port))
            visitor.sendall(once * 100)
        time.sleep(0.5)
        assert answer(port, "GET", "/healthz").status == 200


def test_where_it_is_crowded_who_waits_longest_makes_room(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "CROWDED", 20)
    with ExitStack() as stack:
        slow = [stack.enter_context(closing(socket.create_connection(("127.0.0.1", port)))) for _ in range(60)]
        assert answer(port, "GET", "/healthz").status == 200
        assert slow[0].recv(1) == b""
        slow[-1].sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert slow[-1].recv(12) == b"HTTP/1.0 200"


def test_a_request_must_arrive_in_time(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "SLOWEST", 0.2)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nX: ")
        time.sleep(0.4)
        slow.sendall(b"x")
        assert slow.recv(1) == b""


def test_without_its_folder_the_site_tells_nothing_of_where_it_was(bundled: Path, tmp_path: Path) -> None:
    db = tmp_path / "held-here"
    shutil.copytree(bundled, db)
    visitor = create_app(db).test_client()
    assert visitor.get("/v/v6.8.1/").status_code == 200
    shutil.rmtree(db)
    for page in PAGES:
        with closing(visitor.get(page)) as found:
            assert found.status_code in (200, 302, 303, 308, 404, 503), page
            assert b"held-here" not in found.data
    assert visitor.get("/search?q=nobody+asked+this").status_code == 503


@pytest.mark.parametrize(
    ("cell", "inert"),
    [
        ("=HYPERLINK(1)", False),
        ("@SUM(A1)", False),
        ("-2+3+cmd|' /C x'!A0", False),
        ("+A1(", False),
        ("\tx", False),
        ("-", True),
        ("->open() may block", True),
        ("-EINVAL", True),
        ("yes", True),
        ("", True),
    ],
)
def test_a_spreadsheet_computes_nothing_that_a_document_says(cell: str, inert: bool) -> None:
    assert bool(FORMULA.match(cell)) is not inert


def test_the_parts_of_an_address_are_not_taken_for_each_other(port: int) -> None:
    """A path that holds a question mark is not the path before it."""
    assert answer(port, "GET", "/search?q=may+block").status == 200
    assert answer(port, "GET", "/search%3Fq=may+block").status == 404
    assert answer(port, "GET", "/search%3Fq=may+block?").status == 404


@pytest.mark.parametrize("host", ["", "nowhere.invalid", "127.0.0.1,evil", "192.0.2.1"])
def test_an_address_that_is_none_is_a_mistake_of_the_call(host: str, bundled: Path) -> None:
    with pytest.raises(UsageError, match=r"--host"):
        make_server(create_app(bundled), host, 0)


def test_a_port_that_is_taken_is_told_with_advice(port: int, bundled: Path) -> None:
    with pytest.raises(UsageError, match=rf"127\.0\.0\.1:{port}: .*Address already in use; .*--port"):
        make_server(create_app(bundled), "127.0.0.1", port)


@pytest.mark.parametrize(("host", "warned"), [("127.0.0.1", False), ("::1", False), ("0.0.0.0", True)])
def test_a_public_address_is_warned_of_before_it_is_bound(
    host: str, warned: bool, bundled: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []

    def bind(*_: Any) -> Any:
        told.extend(record.levelname for record in caplog.records)
        raise OSError("bound")

    monkeypatch.setattr(serving, "make_server", bind)
    with caplog.at_level(logging.INFO, "kbase.web"), pytest.raises(OSError, match="bound"):
        serving.serve(bundled, host, 0)
    assert ("WARNING" in told) is warned
