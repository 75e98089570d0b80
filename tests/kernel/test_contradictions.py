"""Statements about locks and blocking that cannot all be true, and those that can."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kbase.kernel.contradictions import contradictions, contradictions_of
from kbase.model.records import Evidence, Format, Summary
from kbase.model.states import Cited, DocumentRef, VersionState
from kbase.model.witnesses import DocumentKind
from kbase.store.assembly import assemble, by_op

LOCKING = """\
widget_operations
=================

prototypes::

	int (*turn)(struct widget *);
	int (*stop)(struct widget *);

locking rules:
	{over}

=====  ===============  ==================================================
ops    may block        w_lock
=====  ===============  ==================================================
turn:  {block:<15}  {lock}
stop:                   yes
=====  ===============  ==================================================

{note}
"""
VFS = """\
The Widget
==========

struct widget_operations {{
	int (*turn)(struct widget *);
	int (*stop)(struct widget *);
}};

  turn: turns a widget. {sentence}

  stop: stops a widget.
"""

Read = Callable[..., VersionState]


def kinds(state: VersionState) -> list[str]:
    return [f"{found.op} {found.kind} {found.subject}" for found in contradictions_of(state)]


def version(read_version: Read, **stated: str) -> VersionState:
    """A version with these statements: over the table, in the cells of `turn`, in a note, in its description."""
    words = dict.fromkeys(("over", "lock", "block", "note", "sentence"), "") | stated
    return read_version("v9.1", {"locking.rst": LOCKING.format(**words), "vfs.txt": VFS.format(**words)})


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"lock": "no", "sentence": "Called with w_lock held."}, "turn held w_lock"),
        ({"lock": "yes", "sentence": "Called without w_lock held."}, "turn held w_lock"),
        ({"lock": "yes", "sentence": "Called with no locks held."}, "turn held w_lock"),
        ({"lock": "no", "note": "->turn() has the w_lock held."}, "turn held w_lock"),
        ({"lock": "shared", "sentence": "Callers hold w_lock exclusive."}, "turn mode w_lock"),
        ({"over": "none have BKL", "sentence": "Called with the kernel lock held."}, "turn held BKL"),
        (
            {"over": "No VFS locks held on entry except for ->stop.", "sentence": "Called with v_lock held."},
            "turn held v_lock",
        ),
        ({"block": "yes", "sentence": "It must not sleep."}, "turn blocking may block"),
        ({"block": "no", "sentence": "It may sleep."}, "turn blocking may block"),
        ({"over": "All may block", "note": "->turn() must not block."}, "turn blocking may block"),
        ({"over": "All except turn may block", "sentence": "It may block."}, "turn blocking may block"),
        ({"over": "All may block", "lock": "no (must not sleep)"}, "turn blocking may block"),
        ({"block": "yes", "sentence": "With rcu set it must not sleep."}, "turn rcu may block"),
        (
            {
                "note": "->turn has the v_lock held and must not sleep.",
                "sentence": "turn has the u_lock held and must not sleep.",
            },
            "turn lock v_lock",
        ),
    ],
)
def test_two_statements_that_cannot_both_be_true(read_version: Read, stated: dict[str, str], expected: str) -> None:
    assert kinds(version(read_version, **stated)) == [expected]


@pytest.mark.parametrize(
    "stated",
    [
        {"lock": "yes", "sentence": "Called with w_lock held."},
        {"lock": "shared", "sentence": "Called with w_lock held."},
        {"lock": "", "sentence": "Called with w_lock held."},  # a blank cell is unknown, not no
        {"lock": "maybe", "sentence": "Called with w_lock held."},
        {"lock": "no", "sentence": "Called with v_lock held."},
        {"lock": "no", "sentence": "Called with w_lock held if the widget is new."},
        {"lock": "shared (exclusive if W_NEW is set)", "sentence": "Called with w_lock held exclusive."},
        {"lock": "no", "note": "->turn() has ->w_lock exclusive on victim."},
        {"lock": "yes", "sentence": "Called with v_lock held.", "note": "->turn() has the u_lock held."},
        {"block": "yes (ref-walk)", "sentence": "With rcu set it must not sleep."},
        {"over": "All may block", "lock": "no (may not block if called in rcu-walk mode)"},
        {
            "over": "All may block",
            "lock": "no (may not block if called in rcu-walk mode)",
            "sentence": "May be called in rcu-walk mode.",
        },
        {"over": "All may block [not true, see below]", "sentence": "It must not sleep."},
        {"over": "All except turn may block", "sentence": "It must not sleep."},
        {"block": "yes", "sentence": "It must not sleep if W_FAST is set."},
    ],
)
def test_statements_that_agree_or_are_narrower(read_version: Read, stated: dict[str, str]) -> None:
    assert kinds(version(read_version, **stated)) == []


def test_two_columns_about_one_lock_are_about_two_objects(read_version: Read) -> None:
    text = """\
--- widget_operations ---
prototypes:
	int (*turn)(struct widget *);

locking rules:
		i_sem(inode)	i_sem(victim)
turn:		yes		no
"""
    assert kinds(read_version("v9.1", {"Locking": text})) == []


def test_the_message_has_both_statements_with_their_lines(read_version: Read) -> None:
    state = version(read_version, lock="no", sentence="Called with w_lock held.")
    (found,) = contradictions(state.ops["widget_operations.turn"])
    assert found.message == (
        "contradiction about whether w_lock is held: “w_lock: no” (locking.rst:15), "
        "but “Called with w_lock held” (vfs.txt:9)"
    )


def test_our_own_summary_is_a_statement_too(read_version: Read) -> None:
    state = version(read_version, over="All may block")
    records: list[Cited[Any]] = [cited for op in state.ops.values() for cited in (*op.prototypes, *op.rules)]
    records += [rule for table in state.tables for rule in table.blankets]
    ours = DocumentRef(
        version="",
        path="summaries/widget_operations.rst",
        blob="s",
        kind=DocumentKind.OTHER,
        format=Format.RST,
        title="",
        source="bundled",
    )
    summary = Summary(
        struct="widget_operations",
        op="turn",
        text="Turns a widget. With rcu set it must not sleep.",
        evidence=Evidence(blob="s", first=4, last=5),
    )
    summaries = by_op([Cited(record=summary, document=ours)])
    (found,) = contradictions_of(assemble("v9.1", "given", state.documents, records, summaries=summaries))
    assert "our summary, summaries/widget_operations.rst:4" in found.message


# Each was read by eye in the documents; a new one is to be read before it is added.
REAL = {
    "v2.6.12": ["super_operations.dirty_inode", "super_operations.remount_fs", "super_operations.statfs"],
    "v2.6.29": ["super_operations.dirty_inode", "super_operations.statfs"],
    "v2.6.36": ["super_operations.remount_fs"],
    "v2.6.39": [],
    "v3.6": ["file_operations.setlease"],
    "v4.4": [],
    "v4.14.5": ["inode_operations.get_link"],
    "v6.12": ["inode_operations.get_link"],
    "v7.1.5": ["inode_operations.get_link"],
}


@pytest.mark.parametrize("label", REAL)
def test_the_contradictions_of_real_documents(shared: Path, read_version: Read, label: str) -> None:
    folder = shared / "kernels" / label / "Documentation/filesystems"
    texts = {file.name: file.read_text("utf-8", "replace") for file in folder.iterdir() if file.is_file()}
    found = contradictions_of(read_version(label, texts))
    assert sorted(f"{each.struct}.{each.op}" for each in found) == REAL[label]
