"""The names that the site answers to: addresses, `localhost`, and those that whoever serves it names.

A web page elsewhere may have its own name lead to this machine (DNS rebinding), and would then be taken for a page of
this site; the name that a visitor's browser asks under tells it.
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
    """A request under a name that is not ours."""


def known_hosts(names: Iterable[str]) -> frozenset[str]:
    """The names as requests are compared with them; `*` stands for all.

    Raises:
        UsageError: one of them is no name of a host.
    """
    return frozenset(_known(name) for name in (*names, "localhost"))


def _known(name: str) -> str:
    try:
        plain = ANY if name == ANY else _plain(name).encode("idna").decode()
    except UnicodeError:
        plain = ""
    if plain != ANY and not NAME.fullmatch(plain):
        raise UsageError("no name of a host", repr(name), "write it like kbase.example.org, without a port")
    return plain


def check_host(request: Request, known: Collection[str]) -> None:
    """Whether the request is for this site, by the names in its address and in its `Host`; without either it is.

    Raises:
        UnknownHost: it is for another one.
    """
    absolute = ABSOLUTE.match(request.environ.get("REQUEST_URI", ""))
    asked = [request.environ.get("HTTP_HOST", ""), absolute[1] if absolute else ""]
    if ANY not in known and not all(_is_known(authority, known) for authority in asked if authority):
        advice = "ask for it by the machine's IP address, or start it with `kbase serve --host-name NAME`"
        raise UnknownHost("this site does not answer to the name that it was asked under", advice=advice)


def _is_known(authority: str, known: Collection[str]) -> bool:
    parts = AUTHORITY.fullmatch(authority)
    if parts is None:
        return False
    if parts["six"]:
        return _is_address(parts["six"], 6)
    name = _plain(parts["name"])
    return name in known or _is_address(name, 4)


def _plain(name: str) -> str:
    """A name without regard to case; one dot at the end is that of the root of all names."""
    return name.lower().removesuffix(".")


def _is_address(text: str, version: int) -> bool:
    try:
        return ip_address(text).version == version
    except ValueError:
        return False
