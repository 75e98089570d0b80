"""What went wrong, as one value for HTML and JSON, and pages with near names."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import unquote
from weakref import WeakKeyDictionary

from werkzeug.exceptions import HTTPException

from kbase import addresses
from kbase.errors import AmbiguousName, KbaseError, StoreError, UnknownName
from kbase.kb import KnowledgeBase
from kbase.views.near import near
from kbase.views.parts import Link

KNOWN: WeakKeyDictionary[KnowledgeBase, dict[str, Link]] = WeakKeyDictionary()  # names of pages, as long as it is open

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
    words = words_of(path)
    if not words:
        return ()
    pages = _known(kb) | {name: link for label in words if label in kb.labels() for name, link in _names(kb, label)}
    asked = [word.lower() for word in words]
    found = [
        next((pages[f"{word}.{name}"] for word in asked if f"{word}.{name}" in pages), pages[name])
        for name in near(asked[-1], pages, 8)
    ]
    return tuple(dict.fromkeys(found))


def words_of(path: str) -> list[str]:
    """The parts of an address, none of them empty."""
    return [unquote(word) for word in path.split("/") if word]


def _known(kb: KnowledgeBase) -> dict[str, Link]:
    """Every name of which there is a page, in lower case, in the newest version that has it; gone through once."""
    known = KNOWN.get(kb)
    if known is None:
        known = KNOWN[kb] = dict(pair for label in kb.labels() for pair in _names(kb, label))
    return known


def _names(kb: KnowledgeBase, label: str) -> Iterator[tuple[str, Link]]:
    """The names of what a version has pages of, in lower case, with these pages."""
    state = kb.state(label)
    yield label.lower(), Link(text=label, href=addresses.version_address(label))
    for table in state.tables:
        yield table.name.lower(), Link(text=table.name, href=addresses.table_address(label, table.name))
    for op in state.ops.values():
        link = Link(text=op.dotted, href=addresses.op_address(label, op.struct, op.name))
        yield from ((op.dotted.lower(), link), (op.name.lower(), link))
    for cited in state.functions:
        name = cited.record.name
        yield name.lower(), Link(text=f"{name}()", href=addresses.function_address(label, name))
