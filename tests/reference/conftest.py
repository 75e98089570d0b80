"""The documents and the reference that several test modules of this folder look at."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kbase.build.pipeline import build
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.reference import BUILDERS, write
from tests.conftest import Shared

LOCKING = """\
Locking
=======

inode_operations
================

prototypes::

	int (*rename) (struct inode *, struct dentry *,
			struct inode *, struct dentry *, unsigned int);
	int (*lookup) (struct inode *, struct inode_operations *;
	void (*gone) (struct inode *);

locking rules:
	all may block

=======  ===============================
ops      i_rwsem(inode)
=======  ===============================
rename:  exclusive (both) (see below)
lookup:  maybe[1]_
gone:    no
=======  ===============================

address_space_operations
========================

prototypes::

	int (*writepages)(struct address_space *, struct writeback_control *);
	int (*direct_IO)(struct kiocb *, struct iov_iter *iter);

locking rules:

=============  ======================  ==================
ops            PageLocked(page)        !!!inode->i_lock!!!
=============  ======================  ==================
writepages:    *nr_to_write            yes (`ref-walk`)
direct_IO:                             |no|
=============  ======================  ==================
"""
VFS = """\
Overview of the VFS
===================

struct inode_operations
-----------------------

.. code-block:: c

	struct inode_operations {
		int (*rename) (struct mnt_idmap *, struct inode *, struct dentry *,
				struct inode *, struct dentry *, unsigned int);
		const char *name_of_it;
	};

``rename``
	moves *something_ to `elsewhere`, |see| above::

		or not

``name_of_it``
	1. what it is called
"""
SIX = ("v2.6.12", "v3.10.64", "v4.20", "v5.19", "v6.12.117", "v7.1.5")  # of the bundled corpus; a benchmark builds all
OLD_ROWS = ("rename:  exclusive (both) (see below)", "rename:  yes (all)                    ")


@pytest.fixture(scope="session")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Versions v6.7 and v6.8, next to each other; the older one has fewer documents and ops."""
    folder = tmp_path_factory.mktemp("reference")
    documents = "Documentation/filesystems"
    older = "\n".join(line for line in LOCKING.replace(*OLD_ROWS).splitlines() if "gone" not in line) + "\n"
    texts = {
        f"v6.7/{documents}/locking.rst": older,
        f"v6.8/{documents}/locking.rst": LOCKING,
        f"v6.8/{documents}/vfs.rst": VFS,
    }
    for name, text in texts.items():
        path = folder / "trees" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    build(folder / "db", [str(folder / "trees")], corpus=folder / "no-corpus")
    return folder / "db"


@pytest.fixture(scope="session")
def vfs_document() -> str:
    """A vfs document with a description of `rename`."""
    return VFS


@pytest.fixture(scope="session")
def kb(db: Path) -> Iterator[KnowledgeBase]:
    with closing(KnowledgeBase.open(db)) as opened:
        yield opened


@pytest.fixture(scope="session")
def out(kb: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference in all forms."""
    folder = tmp_path_factory.mktemp("out")
    for builder in BUILDERS:
        assert write(kb, folder, builder=builder).is_relative_to(folder / builder)
    return folder


@pytest.fixture(scope="session")
def whole(bundled: Path, built_once: Shared) -> Path:
    """Six kernels in all forms: every builder ends without a warning, as a warning is an error."""

    def make(folder: Path) -> None:
        with closing(KnowledgeBase.open(bundled)) as kb:
            for builder in BUILDERS:
                write(kb, folder, versions=SIX, builder=builder)

    return built_once("six-kernels-reference", make)
