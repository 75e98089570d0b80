"""Ops of tables that no document describes: found by their names, after those that documents describe."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from kbase.build.pipeline import build
from kbase.errors import AmbiguousName
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.terminal.lookup import chosen_item

HEADER = """\
struct inode_operations {
	int (*rename)(struct inode *, struct dentry *);
	int (*lookup)(struct inode *);
};
struct file_operations {
	int (*write)(struct file *);
	int (*open)(struct file *);
};
struct block_device_operations {
	int (*open)(struct gendisk *);
};
struct kernfs_ops {
	int (*write)(struct kernfs_open_file *);
	int (*open)(struct kernfs_open_file *);
};
struct kernfs_syscall_ops {
	int (*rename)(struct kernfs_node *);
	int (*show_path)(struct seq_file *);
};
struct fscrypt_operations {
	int (*get_context)(struct inode *);
};
"""


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("tables")
    header = folder / "v6.8/include/linux/fs.h"
    header.parent.mkdir(parents=True)
    header.write_text(HEADER)
    (folder / "empty").mkdir()
    build(folder / "db", [str(folder / "v6.8")], corpus=folder / "empty")
    with closing(KnowledgeBase.open(folder / "db")) as found:
        yield found


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("rename", "inode_operations.rename"),
        ("write", "file_operations.write"),
        ("show_path", "kernfs_syscall_ops.show_path"),
        ("kernfs_ops.write", "kernfs_ops.write"),
    ],
)
def test_what_a_name_finds_first(kb: KnowledgeBase, query: str, first: str) -> None:
    assert kb.search(query).hits[0].name == first


def test_an_abbreviation_means_no_such_table(kb: KnowledgeBase) -> None:
    assert {hit.name for hit in kb.search("fops").hits[:2]} == {"file_operations", "block_device_operations"}


def test_a_bare_name_means_the_op_that_documents_describe(kb: KnowledgeBase) -> None:
    assert chosen_item(kb, "rename", kb.find("rename")).name == "inode_operations.rename"
    with pytest.raises(AmbiguousName):
        chosen_item(kb, "open", kb.find("open"))
    assert [item.name for item in kb.find("open")][-1] == "kernfs_ops.open"
