"""The corpus, the document and the looks at a database that the tests of builds share."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kbase.knowledge.knowledge_base import KnowledgeBase

LOCKING = """\
=======
Locking
=======

inode_operations
================

prototypes::

	int (*create) (struct inode *, struct dentry *, umode_t, bool);
	int (*rename) (struct inode *, struct dentry *, struct inode *, struct dentry *);

locking rules:
	all may block

==============	==================
ops		i_rwsem(inode)
==============	==================
create:		exclusive
rename:		exclusive
==============	==================
"""
SUMMARY = "inode_operations\n================\n\ncreate\n    Makes a file.\n"
Put = Callable[[Path, str], Path]
Locking = Callable[..., str]
Labels = Callable[[Path], tuple[str, ...]]
Cell = Callable[[Path, str], str]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Where the database of a test will be."""
    return tmp_path / "db"


@pytest.fixture
def locking() -> Locking:
    """A Locking document of two ops: `locking()`, or with another cell for `create`, `locking("shared")`."""

    def write(cell: str = "exclusive") -> str:
        return LOCKING.replace("create:\t\texclusive", f"create:\t\t{cell}")

    return write


@pytest.fixture
def summary() -> str:
    """A summary of `create`."""
    return SUMMARY


@pytest.fixture
def corpus(tmp_path: Path, put: Put, tree: Put, locking: Locking, summary: str) -> Path:
    """A bundled corpus of one version, with a summary."""
    folder = tmp_path / "corpus"
    tree(folder / "linux/v6.4", locking("bundled"))
    put(folder / "summaries/inode_operations.rst", summary)
    return folder


@pytest.fixture
def cell() -> Cell:
    """What the rule about `create` says at a version: `cell(db, "v6.4")`."""

    def read(db: Path, label: str) -> str:
        with closing(KnowledgeBase.open(db)) as kb:
            return kb.op(label, "inode_operations", "create").locks[0].record.cell

    return read


@pytest.fixture
def labels() -> Labels:
    """The versions that a database holds: `labels(db)`."""

    def read(db: Path) -> tuple[str, ...]:
        with closing(KnowledgeBase.open(db)) as kb:
            return kb.labels()

    return read
