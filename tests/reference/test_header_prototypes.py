"""The reference of a kernel whose headers have other prototypes than its documents."""

from contextlib import closing
from pathlib import Path

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
