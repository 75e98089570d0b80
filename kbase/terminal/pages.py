"""From a name to its page, and to the function that prints it; only the modules of that kind of page are imported."""

from collections.abc import Callable
from typing import Any

from kbase.kernel.exact_names import ItemKind
from kbase.knowledge.answers import NamedItem
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.versions import newest
from kbase.terminal.lookup import chosen_item, report_mentions, report_others, unknown
from kbase.terminal.printer import Printer

Shown = tuple[Any, Callable[[Any, Printer], None]]  # a page, and the function that prints it


def find_page(kb: KnowledgeBase, name: str, version: str | None = None) -> Shown:
    """The page of a named item, at that version or else at the newest that has it; or the page at an address.

    Raises:
        UnknownName: no item has this name; the advice lists similar names.
        AmbiguousName: several items have this name.
    """
    if name.startswith("/"):
        from kbase.pages.routes import page_at
        from kbase.terminal.any_page import show_any

        return page_at(kb, name), show_any
    label = kb.resolve(version) if version else None
    items = kb.find(name)
    found = [item for item in items if label is None or label in item.versions or not item.versions] or items
    if not found:
        return _unnamed(kb, name, label)
    if len(found) > 1 and all(item.kind == ItemKind.PORTING for item in found):
        return _porting_log(kb, name)
    item = chosen_item(kb, name, found)
    page = _page(kb, item, label or (newest(item.versions) if item.versions else ""))
    report_others(found, item)
    report_mentions(name, kb.mentioning(name), item)
    return page


def _porting_log(kb: KnowledgeBase, name: str) -> Shown:
    from kbase.pages.porting import porting_page
    from kbase.terminal.documents import show_porting_log

    return porting_page(kb, name=name), show_porting_log


def _unnamed(kb: KnowledgeBase, name: str, label: str | None) -> Shown:
    """The order of locks, or the steps of directory-locking."""
    if name.strip().lower() == "lock-order":
        from kbase.pages.lock_order import find_lock_order
        from kbase.terminal.locks import show_lock_order

        if order := find_lock_order(kb, label):
            return order, show_lock_order
    from kbase.pages.directory_locking import find_steps
    from kbase.terminal.documents import show_steps

    steps = find_steps(kb, name, label)
    if steps is None:
        raise unknown(kb, name, "nothing")
    return steps, show_steps


def _page(kb: KnowledgeBase, item: NamedItem, label: str) -> Shown:
    struct, _, member = item.name.partition(".")
    match item.kind:
        case ItemKind.OP:
            from kbase.pages.ops import op_page
            from kbase.terminal.ops import show_op

            return op_page(kb, label, struct, member), show_op
        case ItemKind.STRUCT:
            from kbase.pages.tables import table_page
            from kbase.terminal.tables import show_table

            return table_page(kb, label, struct), show_table
        case ItemKind.MEMBER:
            from kbase.terminal.tables import member_view, show_member

            return member_view(kb, label, struct, member), show_member
        case ItemKind.LOCK:
            from kbase.pages.locks import lock_page
            from kbase.terminal.locks import show_lock

            return lock_page(kb, item.name), show_lock
        case _:
            return _documented(kb, item, label)


def _documented(kb: KnowledgeBase, item: NamedItem, label: str) -> Shown:
    """What a document is about, or a part of one."""
    from kbase.pages import functions, notes, porting
    from kbase.terminal import documents

    match item.kind:
        case ItemKind.FUNCTION:
            return functions.function_page(kb, label, item.name), documents.show_function
        case ItemKind.FLAG:
            return functions.flag_page(kb, label, item.name), documents.show_flag
        case ItemKind.PORTING:
            return porting.porting_entry_page(kb, item.name), documents.show_porting
        case ItemKind.NOTE:
            return notes.note_page(kb, item.name), documents.show_note
        case _:
            return notes.commit_page(kb, item.name), documents.show_commit
