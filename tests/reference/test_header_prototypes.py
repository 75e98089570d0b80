"""The reference of a kernel whose headers have other prototypes than its documents."""

from contextlib import closing
from pathlib import Path

import pytest

from kbase.build.pipeline import build
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.reference import write

VFS = """\
Overview of the Linux Virtual File System
=========================================

struct xattr_handler
--------------------

.. code-block:: c

	struct xattr_handler {
		int (*get)(struct xattr_handler *handler, int flags);
	};
"""
HEADER = "struct xattr_handler {\n\tint (*get)(const struct xattr_handler *, int);\n};\n"


def test_both_prototypes_are_shown_and_the_name_of_the_struct_resolves_in_them(tmp_path: Path) -> None:
    """Warnings, as of a name that leads nowhere, are errors of the builder."""
    (tmp_path / "corpus").mkdir()
    for path, text in {"Documentation/filesystems/vfs.rst": VFS, "include/linux/xattr.h": HEADER}.items():
        (tmp_path / "tree" / path).parent.mkdir(parents=True)
        (tmp_path / "tree" / path).write_text(text)
    build(tmp_path / "db", [f"v6.8={tmp_path / 'tree'}"], corpus=tmp_path / "corpus")
    with closing(KnowledgeBase.open(tmp_path / "db")) as kb:
        folder = write(kb, tmp_path / "out", builder="text")
    (page,) = folder.rglob("xattr_handler.get.txt")
    text = " ".join(page.read_text("utf-8").split())
    assert "int (*get)(const struct xattr_handler *, int)" in text
    assert "int (*get)(struct xattr_handler *handler, int flags)" in text
    assert '**Drift**: "get" takes const struct xattr_handler * as parameter 1, not struct xattr_handler *' in text


RENAMED = """\
struct {name} {{
	void (*init_request)(struct netfs_io_request *rreq);
	void (*free_request)(struct netfs_io_request *rreq);
	long (*direct_access)(void {attribute} **at);
	void (*done)(struct netfs_io_request *rreq) __must_hold(rreq);
	{more}
}};
"""


@pytest.mark.parametrize("attribute", ["__pmem", "__far"])
def test_attributes_and_a_renamed_table_are_no_warning(tmp_path: Path, attribute: str) -> None:
    """An op that is gone with the old name of its table leads to its page."""
    gone = "bool (*is_cache_enabled)(struct inode *inode);"
    for label, name, more in (("v6.7", "netfs_read_request_ops", gone), ("v6.8", "netfs_request_ops", "")):
        (tmp_path / label / "include/linux").mkdir(parents=True)
        header = RENAMED.format(name=name, attribute=attribute, more=more)
        (tmp_path / label / "include/linux/netfs.h").write_text(header)
    build(tmp_path / "db", [str(tmp_path / "v6.7"), str(tmp_path / "v6.8")], corpus=tmp_path / "corpus")
    with closing(KnowledgeBase.open(tmp_path / "db")) as kb:
        html = write(kb, tmp_path / "out")
    changes = (html / "changes/v6.7..v6.8.html").read_text("utf-8")
    assert 'href="../netfs_read_request_ops.is_cache_enabled.html#' in changes
    page = (html / "netfs_request_ops.direct_access.html").read_text("utf-8")
    assert ('id="c.v6_8.netfs_request_ops.direct_access"' in page) == (attribute == "__pmem")
