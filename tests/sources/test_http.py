"""Files from the net, from a server of our own on this machine, which only `permitted` opens the way to."""

import io
import socket
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest

from kbase.build.pipeline import build
from kbase.errors import SourceError
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.sources import http as net
from kbase.sources.readers import read
from kbase.sources.source import parse_source

LOCKING = b"""\
inode_operations
================

prototypes::

	int (*create) (struct inode *, struct dentry *, umode_t, bool);

locking rules:

=======	==================
ops	i_rwsem(inode)
=======	==================
create:	exclusive
=======	==================
"""
anywhere = partial(net.fetch, permitted=lambda _: True)


class Site(BaseHTTPRequestHandler):
    """What the server answers, by path: a body, or a function that answers itself."""

    pages: dict[str, bytes | Callable[["Site"], None]]

    def do_GET(self) -> None:
        page = self.pages.get(self.path)
        if callable(page):
            page(self)
        elif page is None:
            self.send_error(404)
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

    def log_message(self, *arguments: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Says nothing of visitors who left."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        pass


def redirect(target: str) -> Callable[[Site], None]:
    def answer(site: Site) -> None:
        site.send_response(302)
        site.send_header("Location", target)
        site.end_headers()

    return answer


def endless(site: Site) -> None:
    site.send_response(200)
    site.end_headers()
    for _ in range(10_000):
        site.wfile.write(b"x" * 1000)


def dripping(site: Site) -> None:
    site.send_response(200)
    site.end_headers()
    for _ in range(400):
        site.wfile.write(b"x")
        time.sleep(0.05)


def dripping_headers(site: Site) -> None:
    for letter in b"HTTP/1.0 200 OK\r\nX-Slow: " + b"x" * 400:
        site.wfile.write(bytes([letter]))
        site.wfile.flush()
        time.sleep(0.05)


def silent(site: Site) -> None:
    time.sleep(1)


def shortened(site: Site) -> None:
    site.send_response(200)
    site.send_header("Content-Length", "1000")
    site.end_headers()
    site.wfile.write(b"x")


def compressed(site: Site) -> None:
    site.send_response(200)
    site.send_header("Content-Encoding", "gzip")
    site.end_headers()


def archive() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:xz") as tar:
        member = tarfile.TarInfo("linux-6.9/Documentation/filesystems/locking.rst")
        member.size = len(LOCKING)
        tar.addfile(member, io.BytesIO(LOCKING))
    return stream.getvalue()


@pytest.fixture
def address() -> Iterator[str]:
    Site.pages = {
        "/locking.rst": LOCKING,
        "/linux/plain/Documentation/filesystems/locking.rst?h=v6.8": LOCKING,
        "/linux-6.9.tar.xz": archive(),
        "/moved": redirect("/locking.rst"),
        "/round": redirect("/round"),
        "/to-file": redirect("file:///etc/passwd"),
        "/to-ftp": redirect("ftp://127.0.0.1/locking.rst"),
        "/to-private": redirect("http://10.0.0.1/locking.rst"),
        "/to-nowhere": redirect(""),
        "/endless": endless,
        "/dripping": dripping,
        "/dripping-headers": dripping_headers,
        "/silent": silent,
        "/shortened": shortened,
        "/compressed": compressed,
        "/binary": b"\0\1\2",
        "/..%2f..%2fetc": LOCKING,
    }
    with Server(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.01))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/absent", "the server says 404"),
        ("/round", "more than 5 redirects"),
        ("/to-file", "redirected to file scheme"),
        ("/to-ftp", "redirected to ftp scheme"),
        ("/endless", "larger than 1 MiB"),
        ("/dripping", "took more than 0.5 seconds"),
        ("/dripping-headers", "took more than 0.5 seconds"),
        ("/silent", "timed out"),
        ("/shortened", "the connection was cut"),
        ("/compressed", "sent compressed"),
        ("/with space", "cannot be fetched|404"),
    ],
)
def test_what_a_server_may_not_do(address: str, tmp_path: Path, path: str, message: str) -> None:
    started = time.monotonic()
    with pytest.raises(SourceError, match=message) as raised:
        anywhere(address + path, tmp_path / "file", largest=1 << 20, silent=0.3, seconds=0.5)
    assert raised.value.where == address + path
    assert time.monotonic() - started < 10  # less than all of it would take


def test_private_addresses_are_refused_also_after_a_redirect(address: str, tmp_path: Path) -> None:
    for url in (address + "/locking.rst", address.replace("127.0.0.1", "localhost") + "/locking.rst"):
        with pytest.raises(SourceError, match="which is no public address"):
            net.fetch(url, tmp_path / "file")
    own = ip_address("127.0.0.1")
    with pytest.raises(SourceError, match=r"leads to 10\.0\.0\.1, which is no public address"):
        net.fetch(address + "/to-private", tmp_path / "file", permitted=lambda found: found == own)


@pytest.mark.parametrize("host", ["0x7f.1", "2130706433", "017700000001", "127.1", "0", "[::1]", "[::127.0.0.1]"])
def test_addresses_in_odd_spellings_are_refused(host: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"which is no public address|cannot be fetched"):
        net.fetch(f"http://{host}:9/locking.rst", tmp_path / "file")


@pytest.mark.parametrize("target", ["http://[fec0::1]/a", "http://[64:ff9b:1::7f00:1]/a", "http://0xa.1:9/a"])
def test_every_redirect_is_looked_at(address: str, tmp_path: Path, target: str) -> None:
    Site.pages["/on"] = redirect(target)
    own = ip_address("127.0.0.1")
    with pytest.raises(SourceError, match="which is no public address"):
        net.fetch(f"{address}/on", tmp_path / "file", permitted=lambda found: found == own or net.is_public(found))


def test_the_connection_goes_to_the_address_that_was_looked_at(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])  # a name server that changes its mind
    asked: list[str] = []

    def resolve(host: str, port: int, **_: object) -> list[tuple]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port)) for found in next(answers)]

    reached: list[tuple] = []

    def connect(target: tuple, timeout: float) -> socket.socket:
        reached.append(target)
        raise OSError("unreachable")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(SourceError, match="unreachable"):
        net.fetch("http://example.org/locking.rst", tmp_path / "file")
    assert (asked, reached) == (["example.org"], [("93.184.216.34", 80)])


def test_a_name_with_one_private_address_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 80)) for each in ("93.184.216.34", "192.168.1.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(SourceError, match=r"leads to 192\.168\.1\.1"):
        net.fetch("http://example.org/", tmp_path / "file")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("64:ff9b:1::5db8:d822", False),
        ("64:ff9b:1::7f00:1", False),
        ("::127.0.0.1", False),
        ("::93.184.216.34", False),
        ("::ffff:93.184.216.34", True),
        ("::ffff:0:127.0.0.1", False),
        ("::ffff:0:93.184.216.34", False),
        ("2002:5db8:d822::1", True),
        ("2002:c0a8:1::1", False),
        ("2001:0:5db8:d822::1", False),
        ("2001:0:5db8:d822:0:0:f5ff:fffe", False),
        ("2606:2800:220:1:0:5efe:10.0.0.1", False),
        ("2606:2800:220:1:200:5efe:127.0.0.1", False),
        ("2606:2800:220:1:200:5efe:93.184.216.34", True),
        ("fec0::1", False),
        ("fd12::1", False),
        ("fe80::1%eth0", False),
        ("fe80::5efe:5db8:d822", False),
        ("ff0e::1", False),
        ("2001:2::1", False),
        ("2001:20::1", False),
        ("2001:db8::1", False),
        ("3fff::1", False),
        ("3ffe::1", True),
        ("100::1", False),
        ("5f00::1", False),
        ("4000::1", False),
        ("e000::1", False),
        ("0.1.2.3", False),
        ("192.0.0.9", False),
        ("192.0.2.1", False),
        ("192.88.99.1", False),
        ("198.18.0.1", False),
        ("198.19.255.255", False),
        ("198.20.0.0", True),
        ("239.1.1.1", False),
        ("240.0.0.1", False),
        ("100.63.255.255", True),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert net.is_public(ip_address(address)) is public


@pytest.mark.parametrize(
    "url", ["http://", "http:///path", "http://user:word@host/", "http://host:port/", "https://a b/"]
)
def test_addresses_that_are_none(url: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        net.fetch(url, tmp_path / "file")


def test_https_does_not_lead_back_to_http() -> None:
    with pytest.raises(SourceError, match="redirected to http scheme"):
        net._checked("http://host/", "https://host/")


def test_documents_and_archives_are_sources(address: str) -> None:
    def paths(argument: str) -> list[tuple[str | None, str]]:
        return [(raw.version, raw.path) for raw in read(parse_source(argument), anywhere)]

    inside = "Documentation/filesystems/locking.rst"
    assert paths(f"v6.8={address}/locking.rst") == [("v6.8", "locking.rst")]
    assert paths(f"6.8={address}/linux/plain/{inside}?h=v6.8") == [("v6.8", inside)]
    assert paths(f"{address}/linux-6.9.tar.xz") == [("v6.9", inside)]
    assert paths(f"{address}/..%2f..%2fetc") == [(None, "etc")]


def test_mistakes_name_the_address(address: str) -> None:
    for argument, message in (
        (f"{address}/binary", "a binary file"),
        (f"{address}/moved.tar", "404"),
        (f"x={address}/locking.rst", "is not a version label"),
    ):
        with pytest.raises(SourceError, match=message) as raised:
            list(read(parse_source(argument), anywhere))
        assert address in raised.value.where
    with pytest.raises(SourceError, match="--tags and --refs are for git"):
        parse_source(address, "v5.*")


def test_a_build_asks_the_net_only_for_what_is_named(address: str, tmp_path: Path) -> None:
    db, corpus, asked = tmp_path / "db", tmp_path / "corpus", list[str]()

    def fetch(url: str, file: Path) -> None:
        asked.append(url)
        anywhere(url, file)

    url = f"{address}/moved"
    assert build(db, [f"v6.8={url}"], corpus=corpus, fetch=fetch).parsed == 1
    assert asked == [url]
    assert not build(db, corpus=corpus, fetch=fetch).changed
    assert asked == [url]
    Site.pages["/locking.rst"] = LOCKING.replace(b"exclusive", b"shared")
    assert build(db, [f"v6.8={url}"], corpus=corpus, fetch=fetch).changed
    with closing(KnowledgeBase.open(db)) as kb:
        assert kb.op("v6.8", "inode_operations", "create").locks[0].record.cell == "shared"
        assert kb.versions[0].sources == (f"v6.8={url}",)
    with pytest.raises(SourceError, match="no version, and this document needs one") as raised:
        build(db, [f"{address}/locking.rst"], corpus=corpus, fetch=fetch)
    assert raised.value.where == f"{address}/locking.rst"


def test_without_the_parameter_nothing_private_is_asked(address: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="which is no public address"):
        build(tmp_path / "db", [f"v6.8={address}/locking.rst"], corpus=tmp_path / "corpus")
