"""The page of the order in which locks are taken at one version, and the orders of a single lock."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.lock_orders import Among, OrderedLock
from kbase.model.records import LockOrder
from kbase.model.states import Cited, VersionState
from kbase.model.versions import parse_version
from kbase.model.witnesses import SINGLE
from kbase.model.words import Mode
from kbase.pages.parts import Citation, Link, Shown, cite, plural
from kbase.pages.version_strips import PageOfVersion, related_versions, version_strip


@dataclass(frozen=True, slots=True, kw_only=True)
class LockEnd(Shown):
    """A lock of an order, and its page, if it has one."""

    subject: str
    scope: str | None  # the object that is locked; None: any
    mode: Mode | None
    href: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order: of two locks, or with `among` of the objects of one; the sentence or the steps that state it."""

    first: LockEnd
    second: LockEnd
    among: Among | None
    operation: str | None
    condition: str | None
    text: str
    citation: Citation

    @property
    def title(self) -> str:
        """The order in words, without when it holds."""
        return f"{self.first}: {self.among}" if self.among else f"{self.first} before {self.second}"

    @property
    def when(self) -> str:
        """The operation and the condition."""
        return ", ".join(filter(None, (self.operation, self.condition)))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersOfLock:
    """What the newest version that speaks of a lock's order says: what it is taken before, after, and in which order.

    `before` are the orders in which it is the first of two locks, `after` those in which it is the second, `own` those
    between its objects.
    """

    version: str
    href: str
    before: tuple[OrderView, ...]
    after: tuple[OrderView, ...]
    own: tuple[OrderView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOrderPage(PageOfVersion):
    """The order in which locks are taken at one version."""

    TABLE: ClassVar[str | None] = "orders first second order=among operation condition text citation"

    orders: tuple[OrderView, ...]
    unread: tuple[str, ...]  # which documents' sentences are not available, and why
    steps: Link | None  # the page of directory-locking


def lock_order_page(kb: KnowledgeBase, version: str) -> LockOrderPage:
    """What the documents of a version say of the order of locks."""
    state, labels = kb.state(version), related_versions(kb, version)
    pages = {label: addresses.lock_order_address(label) for label in labels}
    stating = {label for label, orders in kb.records(LockOrder).items() if orders}
    unread = tuple(_unread(state))
    count = plural(len(state.orders), "statement")
    found = f"{count} of {version}" if state.orders or not unread else f"not available for {version}"
    return LockOrderPage(
        title=f"Lock order in {version}",
        address=addresses.lock_order_address(version),
        about=f"Which locks are taken before which others: {found}.",
        version=version,
        orders=tuple(_views(kb, state.orders)),
        unread=unread,
        steps=Link(text="Directory locking", href=addresses.steps_address(version)) if state.steps else None,
        strip=version_strip(
            labels,
            version,
            {label: href for label, href in pages.items() if label in stating or label == version},
            otherwise=addresses.lock_order_address,
        ),
    )


def _views(kb: KnowledgeBase, orders: Iterable[Cited[LockOrder]]) -> Iterator[OrderView]:
    with_page = {subject for subject, lock in kb.locks().items() if lock.ops}

    def end(lock: OrderedLock) -> LockEnd:
        href = addresses.lock_address(lock.subject) if lock.subject in with_page else None
        return LockEnd(text=str(lock), subject=lock.subject, scope=lock.scope, mode=lock.mode, href=href)

    for cited in sorted(orders, key=lambda each: (each.path, each.line, each.record.among is not None)):
        order = cited.record
        yield OrderView(
            first=end(order.first),
            second=end(order.second),
            among=order.among,
            operation=order.operation,
            condition=order.condition,
            text=order.text,
            citation=cite(cited),
        )


def _unread(state: VersionState) -> Iterator[str]:
    """The kinds of document that are not available."""
    if parse_version(state.label).family != "linux":
        return
    for kind in SINGLE:
        if not state.has(kind):
            yield f"{kind}: no document is available"


def orders_of_lock(kb: KnowledgeBase, subject: str) -> OrdersOfLock | None:
    """What the newest version that speaks of the order of a lock says, of linux before others."""
    records = kb.records(LockOrder)
    for label in kb.newest_first:
        orders = [
            cited
            for cited in records.get(label, ())
            if subject in (cited.record.first.subject, cited.record.second.subject)
        ]
        if orders:
            views = tuple(_views(kb, orders))
            return OrdersOfLock(
                version=label,
                href=addresses.lock_order_address(label),
                before=tuple(view for view in views if view.second.subject != subject),
                after=tuple(view for view in views if view.first.subject != subject),
                own=tuple(view for view in views if view.first.subject == view.second.subject),
            )
    return None


def find_lock_order(kb: KnowledgeBase, version: str | None) -> LockOrderPage | None:
    """The page of a version; without one, of the newest that states an order, or else of the newest."""
    records = kb.records(LockOrder)
    labels = [version] if version else [*(label for label in kb.newest_first if label in records), *kb.newest_first]
    return lock_order_page(kb, labels[0]) if labels else None
