"""What went wrong, as one value for HTML and JSON, and pages with near names."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import unquote
from weakref import WeakKeyDictionary

from werkzeug.exceptions import HTTPException

from kbase.errors import AmbiguousName, KbaseError, StoreError, UnknownName
from kbase.kernel.exact_names import ThingKind
from kbase.kernel.near_names import near_names
from kbase.kernel.successors import successor
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.pages.parts import Link
from kbase.web.hosts import UnknownHost

Named = tuple[str, str, tuple[str, ...]]  # kind of thing, name in full, the versions that have it, oldest first
KNOWN: WeakKeyDictionary[KnowledgeBase, dict[str, list[Named]]] = WeakKeyDictionary()  # as long as it is open

LOG = logging.getLogger("kbase.web")
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
    """Pages whose names are like the last part of an address that leads nowhere; an op's successor before them."""
    words = words_of(path)
    if not words:
        return ()
    known, version = _known(kb), next((word for word in words if word in kb.labels()), "")
    asked = [word.lower() for word in words]
    names = [
        next((f"{word}.{name}" for word in asked if f"{word}.{name}" in known), name)
        for name in near_names(asked[-1], known, 8)
    ]
    return tuple(dict.fromkeys((*_successor(kb, words), *(_link(known[name], version) for name in names))))


def _successor(kb: KnowledgeBase, words: list[str]) -> Iterator[Link]:
    """What does now what the op of an address did, where the version of the address has it."""
    version, struct, op = words[-3:] if len(words) > 2 else ("", "", "")
    table = kb.state(version).by_name.get(struct) if version in kb.labels() else None
    took = successor(struct, op, table.by_name) if table else None
    if took:
        yield PAGES[ThingKind.OP](version, f"{struct}.{took.new}")


def words_of(path: str) -> list[str]:
    """The parts of an address, none of them empty."""
    return [unquote(word) for word in path.split("/") if word]


def _known(kb: KnowledgeBase) -> dict[str, list[Named]]:
    """What has a page, by its names in lower case, what the newest versions have first; gone through once."""
    known = KNOWN.get(kb)
    if known is None:
        labels = {label: place for place, label in enumerate(kb.labels())}
        known = KNOWN[kb] = {label.lower(): [("version", label, (label,))] for label in labels}
        for (folded, kind, name), versions in kb.symbols.items():
            held = tuple(label for label in versions if label in labels)
            if kind in PAGES and held:
                known.setdefault(folded, []).append((kind, name, held))
        for named in known.values():
            named.sort(key=lambda each: -labels[each[2][-1]])
    return known


def _link(named: list[Named], version: str) -> Link:
    """The page of the version, if that has one of these; else that of the newest which has."""
    kind, name, versions = next((each for each in named if version in each[2]), named[0])
    return PAGES[kind](version if version in versions else versions[-1], name)


PAGES: dict[str, Callable[[str, str], Link]] = {
    "version": lambda version, name: Link(text=name, href=addresses.version_address(version)),
    ThingKind.STRUCT: lambda version, name: Link(text=name, href=addresses.table_address(version, name)),
    ThingKind.OP: lambda version, name: Link(text=name, href=addresses.op_address(version, *name.split(".", 1))),
    ThingKind.FUNCTION: lambda version, name: Link(text=f"{name}()", href=addresses.function_address(version, name)),
    ThingKind.LOCK: lambda _, name: Link(text=name, href=addresses.lock_address(name)),
    ThingKind.FLAG: lambda version, name: Link(text=name, href=addresses.flag_address(version, name)),
}
