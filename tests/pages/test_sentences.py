"""Rules in sentences, rules over tables and obligations on the pages of ops, tables and locks, and on the terminal."""

from collections.abc import Iterator
from contextlib import closing
from io import StringIO

import pytest

from kbase.build.pipeline import build
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.locks import lock_page
from kbase.pages.ops import op_page
from kbase.pages.tables import table_page
from kbase.terminal.ops import show_op
from kbase.terminal.printer import Printer

LOCKING = """\
inode_operations
================

prototypes::

	int (*rename)(struct inode *);
	int (*link)(struct inode *);
	int (*spin)(struct inode *);
	int (*wait)(struct inode *);

locking rules:

=======  ==============  ========
ops      i_rwsem(inode)  rcu-walk
=======  ==============  ========
rename:  exclusive       maybe
link:    shared          no
=======  ==============  ========

->rename() has ->i_rwsem on victim.

->wait() is good with some lock.
"""
VFS = """\
struct inode_operations
-----------------------

.. code-block:: c

	struct inode_operations {
		int (*rename) (struct inode *);
		int (*link) (struct inode *);
		int (*spin) (struct inode *);
	};

All methods are called without any locks held, unless otherwise noted.

``rename``
	moves a name.  The filesystem must return -EINVAL for any
	unknown flags.
"""


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("sentences")
    documents = folder / "v9.1" / "Documentation" / "filesystems"
    documents.mkdir(parents=True)
    (documents / "locking.rst").write_text(LOCKING, "utf-8")
    (documents / "vfs.rst").write_text(VFS, "utf-8")
    build(folder / "db", [f"v9.1={folder / 'v9.1'}"], bundled=False)
    with closing(KnowledgeBase.open(folder / "db")) as opened:
        yield opened


def shown(kb: KnowledgeBase, op: str) -> str:
    stream = StringIO()
    show_op(op_page(kb, "v9.1", "inode_operations", op), Printer(stream))
    return stream.getvalue()


def test_an_op_has_its_cells_its_sentences_and_what_it_must_do(kb: KnowledgeBase) -> None:
    page = op_page(kb, "v9.1", "inode_operations", "rename")
    cell, sentence = page.locks
    assert (cell.sentence, cell.text) == (False, "exclusive")
    assert (sentence.sentence, sentence.lock, sentence.remark) == (True, "->i_rwsem", "on victim")
    assert sentence.citation is not None
    assert sentence.citation.line == LOCKING.splitlines().index("->rename() has ->i_rwsem on victim.") + 1
    (duty,) = page.obligations
    assert str(duty) == "must return -EINVAL, for any unknown flags"
    assert [each.text for each in page.rcu_walk] == ["maybe"]
    assert page.context == ()


def test_no_locks_held_is_an_answer(kb: KnowledgeBase) -> None:
    page = op_page(kb, "v9.1", "inode_operations", "spin")
    assert [(rule.lock, rule.says) for rule in page.table_rules] == [("any lock", "no locks held, unless noted")]
    assert "any lock  no  no locks held, unless noted  vfs.rst:12" in shown(kb, "spin")


def test_an_op_with_notes_alone_is_not_without_a_rule(kb: KnowledgeBase) -> None:
    page = op_page(kb, "v9.1", "inode_operations", "wait")
    assert (page.locks, page.without_locks) == ((), "no table row; see the notes")
    assert "not stated: no table row; see the notes" in shown(kb, "wait")


def test_a_table_marks_what_stands_in_sentences(kb: KnowledgeBase) -> None:
    page = table_page(kb, "v9.1", "inode_operations")
    assert [[str(each) for each in row.sentences] for row in page.rows[:2]] == [["->i_rwsem yes (on victim)"], []]
    heads, first, *_ = page.as_table()
    assert dict(zip(heads, first, strict=True))["in sentences"] == "->i_rwsem yes (on victim)"


def test_a_lock_is_held_as_the_row_says_and_the_sentence_is_beside_it(kb: KnowledgeBase) -> None:
    page = lock_page(kb, "i_rwsem")
    groups = {group.chip.word if group.chip else "": [use.name for use in group.uses] for group in page.groups}
    assert groups == {"exclusive": ["rename"], "shared": ["link"]}
    spans = page.groups[0].uses[0].spans
    assert [(span.sentence, span.lock) for span in spans] == [(False, "i_rwsem(inode)"), (True, "->i_rwsem")]
