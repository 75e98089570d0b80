"""What went wrong, as one value for HTML and JSON, and pages with near names."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import unquote

from werkzeug.exceptions import HTTPException

from kbase import addresses
from kbase.errors import AmbiguousName, KbaseError, StoreError, UnknownName
from kbase.kb import KnowledgeBase
from kbase.views.near import near
from kbase.views.parts import Link

LOG = logging.getLogger("kbase.web")
STATUS = (
    (UnknownName, HTTPStatus.NOT_FOUND),
    (AmbiguousName, HTTPStatus.NOT_FOUND),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
    (KbaseError, HTTPStatus.BAD_REQUEST),
)
WHAT = {
    HTTPStatus.NOT_FOUND: "there is no page at this address",
    HTTPStatus.METHOD_NOT_ALLOWED: "this site only answers GET and HEAD",
    HTTPStatus.REQUEST_URI_TOO_LONG: "the address is too long",
    HTTPStatus.SERVICE_UNAVAILABLE: "the knowledge base cannot be read; the server's log tells why",
    HTTPStatus.INTERNAL_SERVER_ERROR: "something went wrong here; the server's log tells what",
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
    """The problem that an exception is to the visitor.

    What is not the visitor's mistake is logged, and tells nothing of the program's inside.
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
    """Pages whose names are like the last part of an address that leads nowhere."""
    words = [unquote(word) for word in path.split("/") if word]
    if not words:
        return ()
    pages = {text.lower(): Link(text=text, href=href) for text, href in _names(kb)}
    wanted = words[-1].lower()
    found = [pages[name] for name in near(wanted, pages, 8)]
    return tuple(dict.fromkeys(found))


def _names(kb: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """The names of what there are pages of, in the newest kernel that has them."""
    for label in kb.labels():
        yield label, addresses.version_address(label)
        for table in kb.state(label).tables:
            yield table.name, addresses.table_address(label, table.name)
        for op in kb.state(label).ops.values():
            yield op.dotted, addresses.op_address(label, op.struct, op.name)
            yield op.name, addresses.op_address(label, op.struct, op.name)
        for cited in kb.state(label).functions:
            yield cited.record.name, addresses.function_address(label, cited.record.name)
