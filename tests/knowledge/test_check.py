"""What `kbase check` lists of ops that have a prototype and no row."""

from collections.abc import Callable

import pytest

from kbase.knowledge.check import check
from kbase.model.states import VersionState

DOCUMENT = """\
widget_operations
=================

prototypes::

	int (*turn)(struct widget *, int);
	int (*mark_it)(struct widget *);

locking rules:
	{rule}

=======  ======
ops      {column}
=======  ======
turn:    yes
=======  ======
"""


@pytest.mark.parametrize(
    ("rule", "column", "listed"),
    [
        ("all may block", "w_lock", ["mark_it"]),  # which says nothing about the lock
        ("", "w_lock", ["mark_it"]),
        ("all may block", "may block", []),
        ("All except mark_it may block", "may block", ["mark_it"]),
        ("none have w_lock", "w_lock", []),
    ],
)
def test_an_op_without_a_row_is_listed_unless_a_rule_over_the_table_covers_it(
    read_version: Callable[..., VersionState], rule: str, column: str, listed: list[str]
) -> None:
    text = DOCUMENT.format(rule=rule, column=column)
    state = read_version("v6.7", {"Documentation/filesystems/locking.rst": text})
    found = [finding for finding in check([state]) if finding.code == "no-rule"]
    assert [finding.message.split()[0] for finding in found] == [f"widget_operations.{op}" for op in listed]
    assert all(finding.line == 7 for finding in found)


def test_contradicting_rules_are_listed_with_both_lines(read_version: Callable[..., VersionState]) -> None:
    note = "\n->turn() is called without w_lock held.\n"
    text = DOCUMENT.format(rule="all may block", column="w_lock") + note
    state = read_version("v6.7", {"Documentation/filesystems/locking.rst": text})
    (found,) = [finding for finding in check([state]) if finding.code == "rules-disagree"]
    assert (found.path, found.line) == ("Documentation/filesystems/locking.rst", 15)
    assert found.message.startswith("widget_operations.turn: contradiction about whether w_lock is held: ")
    assert "Documentation/filesystems/locking.rst:18" in found.message


def test_a_header_is_no_document_that_disagrees(read_version: Callable[..., VersionState]) -> None:
    """How documents and headers differ is another question."""
    locking = DOCUMENT.replace("widget_operations", "seq_operations").format(rule="all may block", column="w_lock")
    header = "struct seq_operations {\n\tint (*turn)(long);\n\tint (*fresh)(void);\n};\n"
    state = read_version("v6.7", {"Documentation/filesystems/locking.rst": locking, "include/linux/seq_file.h": header})
    assert "seq_operations.fresh" in state.ops
    assert {finding.code for finding in check([state])} == {"no-rule"}  # of mark_it
