"""Orders of locks compared: what is a change, what is none, and what cannot be compared."""

from collections.abc import Callable
from dataclasses import replace

from kbase.diff.change_filter import ChangeFilter
from kbase.diff.changes import Change
from kbase.diff.compare import diff
from kbase.model.states import Cited, VersionState

ReadVersion = Callable[..., VersionState]
PATH = "Documentation/filesystems/directory-locking"
BARN = """\
The barn has two kinds of locks: per-inode (->i_mutex) and per-filesystem (->f_mutex).

1) felling.  Locking rules: caller locks the parent, finds it, {first}

2) moving.  Locking rules:
\t* {second}
\t* find both
{third}
"""
FIRST, SECOND = "locks the victim.", 'lock the parents "ancestors first"'
LAST = "(1) locks of non-directories are taken only after locks of directories, and are taken in inode pointer order."


def barn(
    read_version: ReadVersion, label: str, first: str = FIRST, second: str = SECOND, third: str = ""
) -> VersionState:
    return read_version(label, {PATH: BARN.format(first=first, second=second, third=third)})


def orders(old: VersionState, new: VersionState) -> list[Change]:
    return [change for change in diff(old, new) if change.kind.startswith("lock-order-")]


def told(old: VersionState, new: VersionState) -> list[str]:
    return [f"{change.kind}: {change.before} -> {change.after}" for change in orders(old, new)]


def test_another_object(read_version: ReadVersion) -> None:
    old, new = barn(read_version, "v1.0"), barn(read_version, "v2.0", first="locks source.")
    assert told(old, new) == [
        "lock-order-added: None -> i_rwsem (parent) before i_rwsem (source)",
        "lock-order-removed: i_rwsem (parent) before i_rwsem (victim) -> None",
    ]
    assert [change.subject for change in orders(old, new)] == [
        "i_rwsem (parent), i_rwsem (source): felling",
        "i_rwsem (parent), i_rwsem (victim): felling",
    ]
    assert [place.line for change in orders(old, new) for place in change.evidence] == [3, 3]


def test_another_order_of_the_objects_of_one_lock(read_version: ReadVersion) -> None:
    tail = ". Where neither is an ancestor of the other, "
    old = barn(read_version, "v1.0", second=f"{SECOND}{tail}lock the parent of the source first")
    new = barn(read_version, "v2.0", second=f"{SECOND}{tail}take them in inode pointer order")
    when = "if neither is an ancestor of the other"
    assert told(old, new) == [
        f"lock-order-changed: i_rwsem (parents): source first, {when} -> i_rwsem (parents): by address, {when}"
    ]


def test_a_mode_is_no_order(read_version: ReadVersion) -> None:
    old, new = barn(read_version, "v1.0"), barn(read_version, "v2.0", first="locks the victim (exclusive).")
    assert told(old, new) == []


def test_what_holds_in_general_has_not_come_for_one_operation(read_version: ReadVersion) -> None:
    more = f"{SECOND}\n\t* lock the non-directories, in inode pointer order"
    old = barn(read_version, "v1.0", third=f"\nThe end.\n\n{LAST}")
    new = barn(read_version, "v2.0", second=more, third=f"\nThe end.\n\n{LAST}")
    assert told(old, new) == ["lock-order-added: None -> i_rwsem (parents) before i_rwsem (non-directories)"]


def test_the_filter_of_locks_finds_the_lock_that_is_taken_first(read_version: ReadVersion) -> None:
    changes = diff(barn(read_version, "v1.0"), barn(read_version, "v2.0", first="locks source."))
    assert len(ChangeFilter.of({"lock": "i_rwsem"}).changes(changes)) == 2


def bundled(state: VersionState) -> VersionState:
    """The version as the bundled corpus has it: without sentences, and so without orders."""
    documents = tuple(replace(document, bundled=True) for document in state.documents)
    steps = [Cited(record=cited.record, document=replace(cited.document, bundled=True)) for cited in state.steps]
    return replace(state, documents=documents, steps=tuple(steps), orders=())


def test_bundled_documents_have_no_orders_to_compare(read_version: ReadVersion) -> None:
    old, new = barn(read_version, "v1.0"), barn(read_version, "v2.0")
    assert told(bundled(old), new) == []
    assert told(old, bundled(new)) == []


def test_without_the_document_nothing_is_removed(read_version: ReadVersion) -> None:
    old, new = barn(read_version, "v1.0"), read_version("v2.0", {"Documentation/filesystems/fuse.rst": "Fuse\n====\n"})
    assert told(old, new) == []
    assert told(new, old) == []
