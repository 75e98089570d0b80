"""The page of the lock order, its picture, and the orders of a single lock."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.documents import document_page
from kbase.pages.lock_order import LockOrderPage, find_lock_order, lock_order_page, orders_of_lock
from kbase.pages.locks import lock_page, locks_page
from kbase.pages.order_picture import OrderDrawing, draw_orders
from kbase.pages.versions import version_page


@pytest.fixture(scope="module")
def kb(ported: Path) -> Iterator[KnowledgeBase]:
    with closing(KnowledgeBase.open(ported)) as opened:
        yield opened


@pytest.fixture(scope="module")
def page(kb: KnowledgeBase) -> LockOrderPage:
    return lock_order_page(kb, "v6.2")


def test_the_orders_in_the_order_of_the_document(page: LockOrderPage) -> None:
    assert [(order.title, order.when) for order in page.orders] == [
        ("s_vfs_rename_mutex (filesystem) before i_rwsem (parents)", "moving"),
        ("i_rwsem (parents) before i_rwsem (non-directories)", "moving"),
        ("i_rwsem (parents): ancestors first", "moving"),
        ("i_rwsem (non-directories): by address", "moving"),
    ]
    assert [order.second.mode for order in page.orders[:2]] == ["exclusive", None]
    assert [order.citation.label for order in page.orders[:2]] == [
        "directory-locking.rst:19",
        "directory-locking.rst:20",
    ]


def test_only_locks_with_a_page_are_links(page: LockOrderPage) -> None:
    first = page.orders[0]
    assert (first.first.href, first.second.href) == ("/locks/s_vfs_rename_mutex/", "/locks/i_rwsem/")


def test_its_table(page: LockOrderPage) -> None:
    head, row, *_ = list(page.as_table())
    assert head == ("first", "second", "order", "operation", "condition", "text", "version", "path", "line")
    assert [str(cell) for cell in row[:4]] == [
        "s_vfs_rename_mutex (filesystem)",
        "i_rwsem (parents)",
        "",
        "moving",
    ]


def test_sentences_that_are_not_available_are_not_silence(kb: KnowledgeBase, page: LockOrderPage) -> None:
    assert page.unread == ("vfs: no document is available", "locking: no document is available")
    bundled = lock_order_page(kb, "v6.8.1")
    assert bundled.orders == ()
    assert bundled.about == "Which locks are taken before which others: not available for v6.8.1."
    assert bundled.unread == (
        "porting: no document is available",
        "directory-locking: no document is available",
    )


def test_other_pages_lead_to_it(kb: KnowledgeBase, page: LockOrderPage) -> None:
    link = version_page(kb, "v6.2").order
    assert link
    assert (link.text, link.href) == ("4 statements", page.address)
    unstated = version_page(kb, "v6.8.1").order
    assert unstated
    assert not unstated.text.startswith("0")
    listed = locks_page(kb).order
    assert listed
    assert (listed.text, listed.href) == ("Lock order in v6.2", page.address)


def test_the_orders_of_a_lock_are_those_of_the_newest_version_that_states_one(kb: KnowledgeBase) -> None:
    found = lock_page(kb, "i_rwsem").orders
    assert found
    assert found.version == "v6.2"
    assert [order.title for order in found.before] == []
    assert [order.title for order in found.after] == ["s_vfs_rename_mutex (filesystem) before i_rwsem (parents)"]
    assert [order.among for order in found.own] == [None, "ancestors first", "by address"]
    assert lock_page(kb, "folio_lock").orders is None
    first = orders_of_lock(kb, "s_vfs_rename_mutex")
    assert first
    assert [len(part) for part in (first.before, first.after, first.own)] == [1, 0, 0]


def test_the_document_names_the_orders_at_their_lines(kb: KnowledgeBase, page: LockOrderPage) -> None:
    document = document_page(kb, "v6.2", "Documentation/filesystems/directory-locking.rst")
    marks = {line.number: [(mark.href, mark.facts) for mark in line.marks] for line in document.lines if line.marks}
    assert marks[19] == [(page.address, ("s_vfs_rename_mutex (filesystem) before i_rwsem (parents)",))]


def test_without_a_version_the_newest_that_states_an_order_is_shown(kb: KnowledgeBase) -> None:
    found = find_lock_order(kb, None)
    assert found
    assert found.version == "v6.2"


@dataclass(frozen=True)
class End:
    subject: str
    scope: str | None = None


@dataclass(frozen=True)
class Ordered:
    first: End
    second: End
    among: str | None = None
    operation: str | None = None


def drawn(*orders: str) -> OrderDrawing:
    """The drawing of "a:x b", of a lock `a` of an object `x` before `b`, or of "a:x" alone, by address."""
    ends = [[End(*end.split(":")) for end in order.split()] for order in orders]
    return draw_orders([Ordered(each[0], each[-1], None if each[1:] else "by address", "felling") for each in ends])


def rows(drawing: OrderDrawing) -> list[str]:
    return [f"{node.lock} {node.scope}".strip() for node in drawing.nodes]


def test_arcs_lead_downwards() -> None:
    drawing = drawn("b c", "a b", "a c", "x y")
    assert rows(drawing) == ["a", "b", "c", "x", "y"]
    assert [node.y for node in drawing.nodes] == sorted({node.y for node in drawing.nodes})


def test_a_circle_is_drawn_too() -> None:
    assert rows(drawn("a b", "b a")) == ["a", "b"]


def test_an_order_of_several_operations_is_one_arc() -> None:
    (arc,) = drawn("a:x b", "a:x b").arcs
    assert arc.title == "a (x) before b (felling)"


def test_the_objects_of_one_lock_are_a_line_below_it() -> None:
    drawing = drawn("a:x", "a:x b", "a:y")
    assert [(node.lock, node.scope, node.among) for node in drawing.nodes] == [
        ("a", "x", "by address"),
        ("b", "", ""),
        ("a", "y", "by address"),
    ]
    assert drawing.description == "a (x) before b (felling). a (x): by address. a (y): by address"


def test_any_object_is_named_where_the_lock_has_others() -> None:
    assert rows(drawn("b a", "a:x a")) == ["b", "a x", "a any"]


def test_no_two_arcs_lie_over_each_other() -> None:
    drawing = drawn("a b", "a c", "a d", "b d")
    places = [arc.line.partition("H")[2].partition("q")[0] for arc in drawing.arcs]
    assert len(set(places)) == len(places) - 1  # a to b and b to d


def test_nothing_to_draw() -> None:
    assert draw_orders([]).nodes == ()
