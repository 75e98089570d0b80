"""Errors as one value for HTML and JSON, and links to pages with similar names."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import unquote

from werkzeug.exceptions import HTTPException

from kbase.errors import AmbiguousName, KbaseError, StoreError, UnknownName
from kbase.kernel.successors import successor
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.pages.parts import Link
from kbase.pages.search import item_address
from kbase.web.hosts import UnknownHost

LOG = logging.getLogger("kbase.web")
NEAR = 8  # names
STATUS = (
    (UnknownName, HTTPStatus.NOT_FOUND),
    (AmbiguousName, HTTPStatus.NOT_FOUND),
    (UnknownHost, HTTPStatus.MISDIRECTED_REQUEST),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
    (KbaseError, HTTPStatus.BAD_REQUEST),
)
WHAT = {
    HTTPStatus.NOT_FOUND: "there is no page at this address",
    HTTPStatus.METHOD_NOT_ALLOWED: "this site only answers GET and HEAD",
    HTTPStatus.REQUEST_URI_TOO_LONG: "the address is too long",
    HTTPStatus.SERVICE_UNAVAILABLE: "the knowledge base cannot be read; the server's log has the reason",
    HTTPStatus.INTERNAL_SERVER_ERROR: "internal error; the server's log has the details",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A request that could not be answered."""

    status: int
    title: str
    what: str
    where: str
    advice: str


def problem_of(error: Exception) -> Problem:
    """An exception as the visitor sees it.

    Errors of the server are logged, and say nothing about its internals.
    """
    if isinstance(error, KbaseError):
        status = next(status for kind, status in STATUS if isinstance(error, kind))
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            LOG.error("%s", error)
            return Problem(status=status, title=status.phrase, what=WHAT[status], where="", advice="")
        return Problem(status=status, title=status.phrase, what=error.what, where=error.where, advice=error.advice)
    if not isinstance(error, HTTPException):
        LOG.error("%s: %s", type(error).__name__, error, exc_info=error)
    code = (error.code or 500) if isinstance(error, HTTPException) else 500
    status = HTTPStatus(code)
    what = WHAT.get(status, status.description or status.phrase)
    return Problem(status=code, title=status.phrase, what=what, where="", advice="")


def near_links(kb: KnowledgeBase, path: str) -> tuple[Link, ...]:
    """Pages with names similar to the last parts of an address without a page; an op's successor before them."""
    words = words_of(path)
    if not words:
        return ()
    version = next((word for word in words if word in kb.labels()), "")
    name = ".".join(words[-2:]) if words[-2:-1] and words[-2] in kb.tables else words[-1]
    found = [item for each in (name, *kb.near(name, NEAR)) for item in kb.find(each)]
    links = (Link(text=item.name, href=item_address(item, version)) for item in found)
    return tuple(dict.fromkeys((*_successor(kb, words), *links)))[:NEAR]


def _successor(kb: KnowledgeBase, words: list[str]) -> Iterator[Link]:
    """The op that replaces the op of an address, where the version of the address has it."""
    version, struct, op = words[-3:] if len(words) > 2 else ("", "", "")
    table = kb.state(version).by_name.get(struct) if version in kb.labels() else None
    found = successor(struct, op, table.by_name) if table else None
    if found:
        yield Link(text=f"{struct}.{found.new}", href=addresses.op_address(version, struct, found.new))


def words_of(path: str) -> list[str]:
    """The parts of an address, none of them empty."""
    return [unquote(word) for word in path.split("/") if word]
