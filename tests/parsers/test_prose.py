"""Rules and obligations in the sentences of documents: their ops, their lines, and how many each kernel has."""

from collections import Counter
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from kbase import parsers
from kbase.model.records import BlanketRule, Diagnostic, Held, Obligation, ProseRule, Record
from kbase.text.lines import split_lines
from kbase.text.saved_pages import unwrap

GOLDEN = Path(__file__).with_name("prose_counts.tsv")
DOCUMENTS = ("Locking", "locking.rst", "vfs.txt", "vfs.rst", "porting", "porting.rst")
MOST_UNREAD = 10  # of the documents of 6.12

LOCKING = """\
widget_operations
=================

prototypes::

	int (*turn)(struct widget *);
	int (*stop)(struct widget *);

locking rules:

=====  =========
ops    w_lock
=====  =========
turn:  no
stop:
=====  =========

->turn() is quick.  It is called with the v_lock
held.  Usually w_lock is good for that.

->stop() must not block.
"""
VFS = """\
struct inode_operations
-----------------------

.. code-block:: c

	struct inode_operations {
		int (*rename) (struct inode *);
		int (*link) (struct inode *);
	};

Again, all methods are called without any locks held, unless
otherwise noted.  All methods are called from a process context.

``rename``
	moves a name.  The filesystem must return -EINVAL for any
	unknown flags.

``link``
	called by link(2).  Callers hold i_rwsem exclusive
	on the old inode.
"""
PORTING = """\
---

**mandatory**

->link() callers hold ->i_mutex on the object; ->rename() is called
without BKL now.  ->weird() is called with w_lock held.

---

**mandatory**

v_lock is gone.
"""


def prose(name: str, text: str) -> list[Record]:
    parsed = parsers.parse(name, split_lines(text), "blob")
    return [each for each in parsed.records if isinstance(each, ProseRule | Obligation | Diagnostic | BlanketRule)]


def lines(record: Record) -> tuple[int, int]:
    return record.evidence.first, record.evidence.last


def test_rules_of_notes_have_the_lines_of_their_sentences() -> None:
    rule, unread, blocking = prose("locking.rst", LOCKING)
    assert isinstance(rule, ProseRule)
    assert (rule.struct, rule.op, rule.lock, rule.cell) == (
        "widget_operations",
        "turn",
        "v_lock",
        "It is called with the v_lock held",
    )
    assert lines(rule) == (18, 19)
    assert isinstance(unread, Diagnostic)
    assert (unread.code, unread.excerpt, lines(unread)) == ("unread-rule", "Usually w_lock is good for that", (19, 19))
    assert isinstance(blocking, ProseRule)
    assert (blocking.op, blocking.lock, blocking.readings[0].held, lines(blocking)) == (
        "stop",
        "may block",
        Held.NO,
        (21, 21),
    )


def test_rules_over_a_table_of_the_vfs_document() -> None:
    found = [each for each in prose("vfs.rst", VFS) if isinstance(each, BlanketRule)]
    assert [(each.struct, each.lock, each.unless_noted, lines(each)) for each in found] == [
        ("inode_operations", "any lock", True, (11, 12)),
        ("inode_operations", "process context", False, (12, 12)),
    ]
    assert [each.reading.held for each in found if each.reading] == [Held.NO, Held.YES]


def test_rules_over_a_table_in_other_words() -> None:
    said = "Again, all methods are called without any locks held, unless\notherwise noted.  All methods are called from"
    assert said in VFS
    text = VFS.replace(
        said + " a process context.",
        """\
No locks are held when a method is called, unless a note says
otherwise. Each method runs in process context only (never in an interrupt).""",
    )
    found = [each for each in prose("vfs.rst", text) if isinstance(each, BlanketRule)]
    assert [(each.lock, each.unless_noted, lines(each)) for each in found] == [
        ("any lock", True, (11, 12)),
        ("process context", False, (12, 12)),
    ]
    assert found[1].text == "Each method runs in process context only (never in an interrupt)"


def test_rules_and_obligations_of_descriptions() -> None:
    obligation, rule = (each for each in prose("vfs.rst", VFS) if not isinstance(each, BlanketRule))
    assert isinstance(obligation, Obligation)
    assert (obligation.op, obligation.action, obligation.force, obligation.what) == (
        "rename",
        "returns",
        "must",
        "-EINVAL",
    )
    assert lines(obligation) == (15, 16)
    assert isinstance(rule, ProseRule)
    assert (rule.op, rule.readings[0].subject, rule.readings[0].scope) == ("link", "i_rwsem", "old inode")
    assert lines(rule) == (19, 20)


def test_a_porting_log_names_ops_without_their_table() -> None:
    found = prose("porting.rst", PORTING)
    assert [(each.struct, each.op, each.lock, lines(each)) for each in found if isinstance(each, ProseRule)] == [
        ("inode_operations", "link", "->i_mutex", (5, 5)),
        ("inode_operations", "rename", "BKL", (5, 6)),
    ]
    assert not any(isinstance(each, Diagnostic) for each in found)


@cache
def counted(name: str, blob: str) -> tuple[int, int, int]:  # the blob is the key
    """Rules, obligations and unread sentences of a document, which many kernels share."""
    text = unwrap(name, PATHS[name, blob].read_bytes())
    records = parsers.parse(name, text, "blob").records
    unread = [each for each in records if isinstance(each, Diagnostic) and each.code == "unread-rule"]
    kinds = Counter(type(each) for each in records)
    return kinds[ProseRule], kinds[Obligation], len(unread)


PATHS: dict[tuple[str, str], Path] = {}


def counts_of(kernel: Path) -> list[int]:
    found = [0, 0, 0]
    for path in sorted((kernel / "Documentation" / "filesystems").iterdir()):
        if path.name in DOCUMENTS:
            key = f"Documentation/filesystems/{path.name}", sha256(path.read_bytes()).hexdigest()
            PATHS[key] = path
            found = [one + other for one, other in zip(found, counted(*key), strict=True)]
    return found


@pytest.mark.slow
def test_counts_of_every_kernel(shared: Path) -> None:
    kernels = sorted(path for path in (shared / "kernels").iterdir() if (path / "Documentation").is_dir())
    rows = ["\t".join([kernel.name, *map(str, counts_of(kernel))]) for kernel in kernels]
    assert "\n".join(["version\trules\tobligations\tunread", *rows, ""]) == GOLDEN.read_text("utf-8")
    unread = {row.split("\t")[0]: int(row.split("\t")[3]) for row in rows}
    assert unread["v6.12"] <= MOST_UNREAD
