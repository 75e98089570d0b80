"""Which rules reach an op: those over its table, those in sentences, those about locks that exist."""

import json
from collections.abc import Callable

from kbase.knowledge.export import op_record
from kbase.model.states import OpState, VersionState

LOCKING = """\
inode_operations
================

prototypes::

	int (*rename)(struct inode *);
	int (*link)(struct inode *);

locking rules:
	all may block

=======  ==============
ops      i_rwsem(inode)
=======  ==============
rename:  exclusive
link:    no
=======  ==============

->link() callers hold ->w_lock on the old name.
"""
VFS = """\
struct inode_operations
-----------------------

.. code-block:: c

	struct inode_operations {
		int (*rename) (struct inode *);
		int (*link) (struct inode *);
		int (*spin) (struct inode *);
		int (*free) (struct inode *);
		int (*wait) (struct inode *);
	};

All methods are called without any locks held, unless otherwise noted.
All methods are called from a process context.

``free``
	this method is called from RCU callback.

``wait``
	This is called with the kernel lock held.  It must call w_wait() to
	wait.
"""
Read = Callable[..., VersionState]


def reaching(op: OpState) -> list[str | None]:
    return [cited.record.lock for cited in op.inherited]


def read(read_version: Read, label: str = "v6.4") -> VersionState:
    return read_version(label, {"locking.rst": LOCKING, "vfs.rst": VFS})


def test_a_rule_over_a_table_reaches_the_ops_that_its_document_lists(read_version: Read) -> None:
    ops = read(read_version).by_name["inode_operations"].by_name
    assert reaching(ops["spin"]) == ["any lock", "process context"]
    assert "may block" in reaching(ops["rename"])
    assert "may block" in reaching(ops["link"])


def test_what_is_noted_goes_before_a_rule_over_the_table(read_version: Read) -> None:
    ops = read(read_version).by_name["inode_operations"].by_name
    assert reaching(ops["rename"]) == ["may block", "process context"]  # a cell
    assert reaching(ops["link"]) == ["may block", "process context"]  # a sentence
    assert reaching(ops["free"]) == ["any lock"]


def test_a_lock_that_the_kernel_has_no_more_has_no_rules(read_version: Read) -> None:
    for label, expected in (("v2.6.38", ["BKL"]), ("v2.6.39", []), ("v6.4", [])):
        wait = read(read_version, label).ops["inode_operations.wait"]
        assert [cited.record.readings[0].subject for cited in wait.prose] == expected


def test_a_sentence_makes_no_op(read_version: Read) -> None:
    log = "---\n\n**mandatory**\n\n->link() callers hold ->i_mutex on it; ->mkdir() is called without i_mutex held.\n"
    state = read_version("v6.4", {"porting.rst": log * 5, "vfs.rst": VFS})
    assert next(cited.record.lock for cited in state.ops["inode_operations.link"].prose) == "->i_mutex"
    assert "inode_operations.mkdir" not in state.ops


def test_the_export_says_where_each_rule_stands(read_version: Read) -> None:
    ops = read(read_version, "v2.6.38").ops
    link = op_record(ops["inode_operations.link"])
    assert [(rule["source"], rule["lock"], rule["held"], rule["line"]) for rule in link["locks"]] == [
        ("table", "i_rwsem(inode)", "no", 16),
        ("prose", "->w_lock", "yes", 19),
        ("blanket", "may block", "yes", 10),
        ("blanket", "process context", "yes", 15),
    ]
    assert link["locks"][1]["cell"] == "->link() callers hold ->w_lock on the old name"
    assert link["locks"][1]["scope"] == "old name"
    (duty,) = op_record(ops["inode_operations.wait"])["obligations"]
    assert json.loads(json.dumps(duty)) == {
        "text": "It must call w_wait() to wait",
        "action": "calls",
        "force": "must",
        "what": "w_wait()",
        "subject": None,
        "condition": None,
        "path": "vfs.rst",
        "line": 21,
    }
