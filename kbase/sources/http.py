"""Downloads of URLs that the user named; nothing else in kbase uses the network.

Only public hosts are contacted: each host is resolved first, and the connection goes to the address that was checked,
also after a redirect. A redirect may lead from http to https and to no other scheme. Size and time are limited; proxies
of the environment are not used.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from threading import Timer
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from kbase.errors import SourceError

SCHEMES = ("http", "https")
REDIRECTS = (301, 302, 303, 307, 308)
MAX_REDIRECTS = 5
MAX_DOWNLOAD = 512 << 20  # bytes; a kernel's archive has 150 MB
SECONDS_SILENT = 20.0  # without an answer, until the download fails
SECONDS = 900.0  # of a whole download
PIECE = 1 << 16

# The special-purpose ranges of IANA's registries. `is_global` is not enough: its ranges differ between Python versions.
UNICAST = IPv6Network("2000::/3")  # all global addresses; the rest is local, reserved, or maps an IPv4 address
SET_APART = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
            *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
            *("2001::/23", "2001:db8::/32", "3fff::/20"),  # the first with Teredo
        ),
    )
)
NAT64 = IPv6Network("64:ff9b::/96")  # addresses that map IPv4 ones
ISATAP = (0x00005EFE, 0x02005EFE)  # before the IPv4 address that such an interface carries
LAST_32 = 0xFFFFFFFF
Address = IPv4Address | IPv6Address
Permitted = Callable[[Address], bool]


def is_public(address: Address) -> bool:
    """Whether an address is public, and so is the IPv4 address that it embeds, if any."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped or address in NAT64:
            return is_public(IPv4Address(int(address) & LAST_32))
        carried = _carried(address)
        if address not in UNICAST or (carried and not is_public(carried)):
            return False
    return address.is_global and not any(address in network for network in SET_APART)


def _carried(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address to which a router or host forwards packets for an IPv6 one."""
    if int(address) >> 32 & LAST_32 in ISATAP:
        return IPv4Address(int(address) & LAST_32)
    return address.sixtofour


def fetch(
    url: str,
    file: Path,
    *,
    permitted: Permitted = is_public,
    largest: int = MAX_DOWNLOAD,
    silent: float = SECONDS_SILENT,
    seconds: float = SECONDS,
) -> None:
    """Download a URL into a file.

    `permitted` decides to which resolved addresses a connection is made; `largest` is in bytes; `silent` limits a wait,
    `seconds` the whole download.

    Raises:
        SourceError: the download fails or is refused.
    """
    deadline, asked = time.monotonic() + seconds, url
    try:
        for _ in range(MAX_REDIRECTS + 1):
            with _answer(_checked(url, asked), permitted, silent, deadline) as answer:
                if answer.status not in REDIRECTS:
                    return _save(answer, file, asked, largest, deadline)
                url = urljoin(url, quote(answer.headers.get("Location", ""), safe="%/:=&?~#+!$,;'@()*[]"))
        raise SourceError(f"more than {MAX_REDIRECTS} redirects", asked, "give the address that they end at")
    except (OSError, HTTPException, ValueError) as error:
        late = time.monotonic() >= deadline
        what = f"took more than {seconds:g} seconds" if late else f"cannot be fetched: {error or type(error).__name__}"
        raise SourceError(what, asked, "try again, or save it and give the file") from error


def _checked(url: str, asked: str) -> SplitResult:
    """The parts of a URL, `asked` itself or one that it redirects to, if it may be fetched."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or (urlsplit(asked).scheme.lower() == "https" and parts.scheme != "https"):
        raise SourceError(f"redirected to {parts.scheme or 'no'} scheme", asked, "save it and give the file")
    if not parts.hostname or parts.username is not None:
        raise SourceError("not an address that can be fetched", asked, "write it like https://host/path")
    return parts


@contextmanager
def _answer(parts: SplitResult, permitted: Permitted, silent: float, deadline: float) -> Iterator[HTTPResponse]:
    """The server's answer to one request; the connection is closed at the deadline."""
    host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
    wait = max(0.001, min(silent, deadline - time.monotonic()))
    with ExitStack() as stack:
        plain = stack.enter_context(closing(_connected(host, port, permitted, wait)))
        connections: list[socket.socket] = [plain]
        timer = Timer(max(0.0, deadline - time.monotonic()), _cut, [connections])
        timer.daemon = True
        timer.start()
        stack.callback(timer.cancel)
        connection = (HTTPSConnection if parts.scheme == "https" else HTTPConnection)(host, port, timeout=wait)
        connection.sock = plain
        if parts.scheme == "https":
            context = ssl.create_default_context()
            secure = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
            connections.append(stack.enter_context(closing(secure)))
            connection.sock = secure
            secure.do_handshake()
        target = quote(parts.path or "/", safe="%/:=&~+!$,;'@()*") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={"User-Agent": "kbase", "Accept-Encoding": "identity"})
        yield stack.enter_context(closing(connection.getresponse()))


def _connected(host: str, port: int, permitted: Permitted, wait: float) -> socket.socket:
    """A connection to an address of the host, all of which are permitted."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    refused = [address for address in addresses if not permitted(ip_address(address.partition("%")[0]))]
    if refused or not addresses:
        raise SourceError(f"leads to {', '.join(refused)}, which is no public address", host, "save it, give the file")
    for address in addresses[:-1]:
        try:
            return socket.create_connection((address, port), wait)
        except OSError:
            continue  # try the next address
    return socket.create_connection((addresses[-1], port), wait)


def _cut(connections: list[socket.socket]) -> None:
    with suppress(OSError):  # it is closed already
        connections[-1].shutdown(socket.SHUT_RDWR)


def _save(answer: HTTPResponse, file: Path, asked: str, largest: int, deadline: float) -> None:
    if answer.status != 200:
        raise SourceError(f"the server says {answer.status} {answer.reason}", asked, "check the address")
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise SourceError("sent compressed, which was not asked for", asked, "save it and give the file")
    size = 0
    with file.open("wb") as stream:
        while piece := answer.read1(PIECE):
            size += len(piece)
            if size > largest:
                raise SourceError(f"larger than {largest >> 20} MiB", asked, "save it and give the file")
            stream.write(piece)
            if time.monotonic() >= deadline:
                break
    if time.monotonic() >= deadline:  # an answer that was cut at the deadline looks complete
        raise TimeoutError("too slow")
    if answer.length:  # announced bytes are missing
        raise HTTPException("the connection was cut")
