"""Rules in sentences compared: they come, go, change, or move into a table or another document."""

from collections.abc import Callable

import pytest

from kbase.diff.compare import diff
from kbase.model.states import VersionState

LOCKING = """\
widget_operations
=================

prototypes::

	int (*turn)(struct widget *);
	int (*stop)(struct widget *);

locking rules:

=====  ========  =================
ops    w_lock    note
=====  ========  =================
turn:  {cell:<8}  {note}
stop:  no
=====  ========  =================

{sentence}
"""
VFS = """\
struct widget_operations
------------------------

.. code-block:: c

	struct widget_operations {{
		int (*turn)(struct widget *);
		int (*stop)(struct widget *);
	}};

{over}

``turn``
	turns a widget.  {described}
"""
Read = Callable[..., VersionState]


def version(read: Read, label: str, **stated: str) -> VersionState:
    words = dict.fromkeys(("cell", "note", "sentence", "described", "over"), "") | stated
    documents = {"locking.rst": LOCKING.format(**words), "vfs.rst": VFS.format(**words)}
    return read(label, documents, bundled="bundled" in stated)


def told(old: VersionState, new: VersionState) -> list[tuple[str, ...]]:
    """The changes that are not about texts."""
    found = [change for change in diff(old, new) if not change.kind.startswith(("note", "description"))]
    return [(change.kind, change.severity, change.subject or "", change.reason) for change in found]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            {"sentence": "->turn() has v_lock on widget."},
            {},
            ("lock-removed", "behaviour", "v_lock", "stated in a sentence"),
        ),
        (
            {},
            {"sentence": "->turn() has v_lock on widget."},
            ("lock-added", "behaviour", "v_lock", "stated in a sentence"),
        ),
        (
            {"sentence": "->turn() is called with v_lock held for reading."},
            {"sentence": "->turn() is called with v_lock held exclusively."},
            ("lock-strengthened", "behaviour", "v_lock", ""),
        ),
        (
            {"sentence": "->turn() is called with v_lock held."},
            {"sentence": "->turn() is called with u_lock held."},
            ("lock-added", "behaviour", "u_lock", "u_lock in place of v_lock"),
        ),
        (
            {"sentence": "->turn() is called without v_lock held."},
            {},
            ("lock-removed", "documentation", "v_lock", "it is not held"),
        ),
        (
            {"described": "It is called with v_lock held."},
            {"sentence": "->turn() is called with v_lock held."},
            ("lock-changed", "documentation", "v_lock", "another document says it now"),
        ),
        (
            {"sentence": "->turn() is called with w_lock held.", "cell": "yes"},
            {"cell": "yes"},
            ("lock-removed", "documentation", "w_lock", "locking.rst says: yes"),
        ),
        (
            {"sentence": "->turn() has ->i_sem on victim."},
            {"sentence": "->turn() has ->i_mutex on victim."},
            ("lock-renamed", "documentation", "i_rwsem", "the same lock, i_rwsem; 1 op"),
        ),
        (
            {"sentence": "->turn() must not block."},
            {},
            ("blocking-changed", "behaviour", "may block", "stated in a sentence"),
        ),
        ({"note": "(must not sleep)"}, {}, ("blocking-changed", "behaviour", "may block", "")),
        ({}, {"note": "!!!v_lock!!!"}, ("lock-added", "behaviour", "v_lock", "")),
    ],
)
def test_what_becomes_of_a_rule(
    read_version: Read, before: dict[str, str], after: dict[str, str], expected: tuple[str, ...]
) -> None:
    assert expected in told(version(read_version, "v9.1", **before), version(read_version, "v9.2", **after))


def test_other_words_for_the_same_rule_are_documentation(read_version: Read) -> None:
    old = version(read_version, "v9.1", sentence="->turn() is called with v_lock held.")
    new = version(read_version, "v9.2", sentence="->turn() has v_lock held.")
    assert told(old, new) == []
    assert {change.severity for change in diff(old, new)} == {"documentation"}


def test_a_remark_about_blocking_says_nothing_of_the_lock(read_version: Read) -> None:
    old = version(read_version, "v9.1", cell="no")
    new = version(read_version, "v9.2", cell="no (may not block if called in a hurry)")
    assert [(kind, subject) for kind, _, subject, _ in told(old, new)] == [("blocking-changed", "may block")]


def test_the_second_reading_of_a_cell_is_a_condition_of_the_first(read_version: Read) -> None:
    old = version(read_version, "v9.1", cell="shared")
    new = version(read_version, "v9.2", cell="shared (exclusive if W_NEW is set)")
    assert [(kind, subject) for kind, _, subject, _ in told(old, new)] == [("lock-condition-changed", "w_lock")]


def test_bundled_documents_have_no_sentences_to_lose(read_version: Read) -> None:
    over = "All methods are called without any locks held, unless otherwise noted."
    own = version(read_version, "v9.1", sentence="->turn() is called with v_lock held.", over=over)
    bundled = version(read_version, "v9.2", bundled="")
    assert told(own, bundled) == told(bundled, own) == []
