"""From a name to its page, and from a page to the terminal."""

from collections.abc import Callable
from typing import Any

from kbase.errors import UnknownName
from kbase.kernel.exact_names import ThingKind
from kbase.knowledge.knowledge_base import KnowledgeBase, Thing
from kbase.model.versions import newest
from kbase.pages import directory_locking as step_views
from kbase.pages import functions as symbol_views
from kbase.pages import locks as lock_views
from kbase.pages import notes as note_views
from kbase.pages import ops as op_views
from kbase.pages import porting as porting_views
from kbase.pages import tables as table_views
from kbase.pages.near_names import missing
from kbase.pages.parts import Page
from kbase.pages.tables import MemberView
from kbase.terminal import facts, texts
from kbase.terminal.lines import Paper
from kbase.terminal.name_lookup import meant, tell_others


def find_page(kb: KnowledgeBase, name: str, version: str | None = None) -> Page | MemberView:
    """The page of what a name means, at that version or else at the newest that has it.

    Raises:
        UnknownName: nothing has that name; the advice says what looks like it.
        AmbiguousName: several things have it.
    """
    label = kb.resolve(version) if version else None
    things = kb.find(name)
    found = [thing for thing in things if label is None or label in thing.versions or not thing.versions] or things
    steps = step_views.find_steps(kb, name, label) if not found else None
    if steps:
        return steps
    if not found:
        near = ", ".join(kb.near(name))
        raise UnknownName("nothing has that name", repr(name), f"did you mean {near}?" if near else "try kbase search")
    thing = meant(kb, name, found)
    page = _page(kb, thing, label or (newest(thing.versions) if thing.versions else ""))
    tell_others(found, thing)
    return page


def _page(kb: KnowledgeBase, thing: Thing, label: str) -> Page | MemberView:
    struct, _, member = thing.name.partition(".")
    match thing.kind:
        case ThingKind.OP:
            return op_views.op_page(kb, label, struct, member)
        case ThingKind.MEMBER:
            return _member(kb, label, struct, member)
        case ThingKind.LOCK:
            return lock_views.lock_page(kb, thing.name)
        case ThingKind.STRUCT | ThingKind.FUNCTION | ThingKind.FLAG:
            return VERSIONED[thing.kind](kb, label, thing.name)
        case _:
            return UNVERSIONED[thing.kind](kb, thing.name)


def _member(kb: KnowledgeBase, label: str, struct: str, name: str) -> MemberView:
    views = table_views.table_page(kb, label, struct).members
    found = next((view for view in views if view.name == name), None)
    if found is None:
        raise missing(f"member {name} in {struct}", label, name, (view.name for view in views))
    return found


VERSIONED: dict[str, Callable[[KnowledgeBase, str, str], Page]] = {
    ThingKind.STRUCT: table_views.table_page,
    ThingKind.FUNCTION: symbol_views.function_page,
    ThingKind.FLAG: symbol_views.flag_page,
}
UNVERSIONED: dict[str, Callable[[KnowledgeBase, str], Page]] = {
    ThingKind.PORTING: porting_views.porting_entry_page,
    ThingKind.NOTE: note_views.note_page,
    ThingKind.COMMIT: note_views.commit_page,
}


def show_page(page: Page | MemberView, paper: Paper) -> None:
    """Any page that `find_page` finds."""
    SHOWN[type(page)](page, paper)


SHOWN: dict[type, Callable[[Any, Paper], None]] = {
    op_views.OpPage: facts.show_op,
    table_views.TablePage: facts.show_table,
    MemberView: facts.show_member,
    lock_views.LockPage: texts.show_lock,
    symbol_views.FunctionPage: texts.show_function,
    symbol_views.FlagPage: texts.show_flag,
    porting_views.PortingEntryPage: texts.show_porting,
    note_views.NotePage: texts.show_note,
    note_views.CommitPage: texts.show_commit,
    step_views.StepsPage: texts.show_steps,
}
