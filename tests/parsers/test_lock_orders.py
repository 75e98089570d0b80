"""The order of locks in documents: its lines, and how many orders each kernel's documents state."""

from functools import cache
from pathlib import Path

import pytest

from kbase import parsers
from kbase.model.records import LockOrder
from kbase.text.lines import decode, split_lines

GOLDEN = Path(__file__).with_name("lock_order_counts.tsv")
DIRECTORIES = """\
The barn has two
kinds of locks: per-inode (->i_sem) and per-filesystem (->f_sem).

1) felling.  Locking rules: caller locks the parent, finds it,
locks the victim and calls the method.  Locks are exclusive.

2) moving.  Locking rules:
	* lock the filesystem
	* lock the parents "ancestors
		first".
	* find both
	* call the method.

The rest is easy.

(3) locks of non-directories are taken only after locks of
    directories, and are taken in order of rising address.
    (Proof: none.)
"""
PORTING = """\
---

**mandatory**

Doors are blue now.

---

**mandatory**

Lock ordering has changed so that a_lock ranks above b_lock.
All places where a_lock was acquired under b_lock have been changed.
"""


def orders(name: str, text: str) -> list[LockOrder]:
    found = parsers.parse(name, split_lines(text), "blob").records
    return [record for record in found if isinstance(record, LockOrder)]


def test_orders_of_a_document_with_their_lines() -> None:
    found = orders("directory-locking", DIRECTORIES)
    assert [(str(order), order.evidence.first, order.evidence.last) for order in found] == [
        ("i_rwsem (parent) before i_rwsem (victim)", 4, 5),
        ("i_rwsem (parents): ancestors first", 9, 10),
        ("f_sem (filesystem) before i_rwsem (parents)", 8, 10),
        ("i_rwsem (directories) before i_rwsem (non-directories)", 16, 17),
        ("i_rwsem (non-directories): by address", 16, 17),
    ]  # fmt: skip


def test_the_steps_name_their_operation_and_sentences_have_no_number() -> None:
    found = orders("directory-locking", DIRECTORIES)
    assert [order.operation for order in found] == ["felling", "moving", "moving", None, None]
    assert found[-1].text.startswith("locks of non-directories")


def test_without_the_kinds_of_locks_nothing_is_read() -> None:
    assert orders("directory-locking", DIRECTORIES.replace("per-filesystem", "other")) == []


def test_an_entry_of_the_porting_log() -> None:
    (order,) = orders("porting", PORTING)
    assert (str(order), order.evidence.first, order.evidence.last) == ("a_lock before b_lock", 11, 12)


def test_other_documents_state_no_order_of_the_interface() -> None:
    assert orders("barn.txt", PORTING) == []


@cache
def golden() -> dict[str, int]:
    _, *rows = GOLDEN.read_text("utf-8").splitlines()
    return {version: int(count) for version, count in (row.split("\t") for row in rows)}


@pytest.mark.slow
def test_how_many_orders_each_kernel_states(shared: Path) -> None:
    found = {}
    for kernel in sorted((shared / "kernels").glob("v*")):
        documents = sorted((kernel / "Documentation/filesystems").iterdir())
        found[kernel.name] = sum(len(orders(path.name, decode(path.read_bytes()))) for path in documents)
    assert found == golden()
