"""A part of a vfs or Locking document states facts; facts that it leaves out are unknown."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kbase.build.pipeline import build
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.states import is_excerpt
from kbase.model.witnesses import DocumentKind

NOTE = """\
# What matters to me

```c
struct file_operations {
    int (*open)(struct inode *, struct file *);
    int (*flush)(struct file *, struct extra *);
    /* and many more */
};
struct super_operations {
    void (*put_super)(struct super_block *);
};
```
"""
RULES = """\
inode_operations
================

prototypes:

\tint (*create)(struct mnt_idmap *, struct inode *, struct dentry *, umode_t, bool);

locking rules:

=======  ==============
ops      i_rwsem(inode)
=======  ==============
create   no
=======  ==============
"""


@pytest.mark.parametrize(
    ("path", "ops", "part"),
    [
        ("my-notes.md", 3, True),
        ("notes-on-locking.rst", 3, True),
        ("saved-page.html", 90, False),
        ("Documentation/filesystems/Locking", 1, False),
        ("vfs.txt", 1, False),
    ],
)
def test_a_part_is_known_by_name_and_extent(path: str, ops: int, part: bool) -> None:
    assert is_excerpt(DocumentKind.VFS, path, ops) is part


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """The bundled corpus with a note about 6.7 and one with a rule about 6.6."""
    folder = tmp_path_factory.mktemp("parts")
    (folder / "my-notes.md").write_text(NOTE)
    (folder / "my-rules.rst").write_text(RULES)
    build(folder / "db", [f"v6.7={folder / 'my-notes.md'}", f"v6.6={folder / 'my-rules.rst'}"])
    with closing(KnowledgeBase.open(folder / "db")) as opened:
        yield opened


def test_what_a_part_leaves_out_neither_goes_nor_comes(kb: KnowledgeBase) -> None:
    assert kb.state("v6.7").excerpts == {DocumentKind.VFS}
    ends = [("v6.4.6", "v6.7"), ("v6.7", "v6.8.1")]
    changes = [[(c.kind.value, c.path) for c in kb.diff(*pair)] for pair in ends]
    changed = [("parameter-retyped", "file_operations.flush")]
    assert changes == [changed, changed]
    rules = [(c.kind.value, c.path) for c in kb.diff("v6.4.6", "v6.6")]
    assert rules == [("lock-weakened", "inode_operations.create:i_rwsem")]
    reasons = {gap.document: gap.reason for gap in kb.compare("v6.4.6", "v6.7").gaps if gap.version == "v6.7"}
    assert reasons["vfs"] == "only a part of one; facts that it leaves out are unknown"


def test_no_op_is_gone_and_back_for_a_part(kb: KnowledgeBase) -> None:
    for name in ("open", "flush", "llseek", "read_iter"):
        life = kb.history("file_operations", name)
        assert [span.removed for span in life.spans] == [None]
        assert not [e for e in life.events if {e.range.after, e.range.by} & {"v6.6", "v6.7"}]
    assert "v6.7" in kb.history("file_operations", "open").versions
    llseek = kb.history("file_operations", "llseek")
    assert ("v6.7" in llseek.versions, len(llseek.releases)) == (False, 1)
    assert kb.search("removed:v6.7").total == 0


def test_what_a_part_states_is_a_fact(kb: KnowledgeBase) -> None:
    assert kb.op("v6.7", "file_operations", "open").prototypes[0].line == 5
    assert kb.find("file_operations.open")[0].versions[-3:] == ("v6.7", "v6.8.1", "v6.12.117")


def test_the_note_of_a_reader(shared: Path, tmp_path: Path) -> None:
    report = build(tmp_path / "db", [f"v6.7={shared / 'cases' / 'notes-excerpt-of-a-table.md'}"])
    assert report.warnings == ()  # of three methods none can say that it is another kernel
    with closing(KnowledgeBase.open(tmp_path / "db")) as kb:
        assert kb.diff("v6.4.6", "v6.7") == kb.diff("v6.7", "v6.8.1") == ()


def test_a_part_casts_no_doubt_on_its_label(kb: KnowledgeBase) -> None:
    assert [info.warnings for info in kb.versions if info.warnings] == []


def test_the_search_dates_ops_beside_a_part_as_their_histories_do(kb: KnowledgeBase) -> None:
    names = {name for label in kb.labels() for name in kb.state(label).ops}
    for label in ("v6.4.6", "v6.6", "v6.7", "v6.8.1"):
        since = {name for name in names if (came := kb.history(*name.split(".")).since) and came.by == label}
        assert {hit.name for hit in kb.search(f"kind:op since:{label}", limit=100).hits} == since


def test_what_is_new_in_a_release_is_found_by_its_label_too(tmp_path: Path) -> None:
    """The version with the release's own label has less than the stable one, which stands for the release."""
    (tmp_path / "locking.rst").write_text(f"Locking\n=======\n\n{RULES}")
    build(tmp_path / "db", [f"v6.4={tmp_path / 'locking.rst'}"])
    with closing(KnowledgeBase.open(tmp_path / "db")) as kb:
        assert kb.available.representatives["v6.4"] == "v6.4.6"
        new = [{hit.name for hit in kb.search(f"kind:op since:{label}", limit=100).hits} for label in ("6.4", "6.4.6")]
        assert new[0] == new[1] >= {"inode_operations.get_inode_acl"}
        assert kb.search("new inode_operations in 6.4").hits[0].name == "inode_operations.get_inode_acl"
