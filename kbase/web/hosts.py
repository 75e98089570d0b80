"""The host names that the site answers to: IP addresses, `localhost`, and those given to `kbase serve`.

A page of another site may have its own name resolve to this machine (DNS rebinding), and could then read this site as
if it were its own. The host name in the request reveals it.
"""

import re
from collections.abc import Collection, Iterable
from ipaddress import ip_address

from flask import Request

from kbase.errors import KbaseError, UsageError

ANY = "*"
AUTHORITY = re.compile(r"(?:\[(?P<six>[^\[\]]+)\]|(?P<name>[^\[\]:@/\\\s]+))(?::\d*)?")
ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")
NAME = re.compile(r"(?!-)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")


class UnknownHost(KbaseError):
    """A request for another host name."""


def known_hosts(names: Iterable[str]) -> frozenset[str]:
    """The names, normalised for comparison with requests; `*` matches all.

    Raises:
        UsageError: one of them is no host name.
    """
    return frozenset(_known(name) for name in (*names, "localhost"))


def _known(name: str) -> str:
    try:
        plain = ANY if name == ANY else _plain(name).encode("idna").decode()
    except UnicodeError:
        plain = ""
    if plain != ANY and not NAME.fullmatch(plain):
        raise UsageError("not a host name", repr(name), "write it like kbase.example.org, without a port")
    return plain


def check_host(request: Request, known: Collection[str]) -> None:
    """Check the host names in the address and in the `Host` header of a request; one without any passes.

    Raises:
        UnknownHost: it is for another host.
    """
    absolute = ABSOLUTE.match(request.environ.get("REQUEST_URI", ""))
    asked = [request.environ.get("HTTP_HOST", ""), absolute[1] if absolute else ""]
    if ANY not in known and not all(_is_known(authority, known) for authority in asked if authority):
        advice = "use the IP address of the machine, or start it with `kbase serve --host-name NAME`"
        raise UnknownHost("this site does not answer to the host name of the request", advice=advice)


def _is_known(authority: str, known: Collection[str]) -> bool:
    parts = AUTHORITY.fullmatch(authority)
    if parts is None:
        return False
    if parts["six"]:
        return _is_address(parts["six"], 6)
    name = _plain(parts["name"])
    return name in known or _is_address(name, 4)


def _plain(name: str) -> str:
    """A name in lower case, without a dot at the end, which means the DNS root."""
    return name.lower().removesuffix(".")


def _is_address(text: str, version: int) -> bool:
    try:
        return ip_address(text).version == version
    except ValueError:
        return False
