"""KnowledgeBase: versions, names, states, locks, documents, over a small database built from our own documents."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kbase.build.pipeline import build
from kbase.errors import StoreError, UnknownName, UsageError
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.records import Note, Section

LOCKING = """\
=======
Locking
=======

inode_operations
================

prototypes::

	int (*create) (struct inode *, struct dentry *, umode_t, bool);
	int (*rename) (struct inode *, struct dentry *, struct inode *, struct dentry *);
	int (*open) (struct inode *);

locking rules:
	all may block

==============	==================
ops		i_mutex(inode)
==============	==================
create:		yes
rename:		yes (both)
open:		no
==============	==================

->rename() wants a quiet parent.

file_operations
===============

prototypes::

	int (*open) (struct inode *, struct file *);

locking rules:
	All may block.
"""
VFS = """\
===
VFS
===

struct inode_operations
-----------------------

.. code-block:: c

	struct inode_operations {
		int (*create) (struct inode *, struct dentry *, umode_t, bool);
		int (*rename) (struct inode *, struct dentry *, struct inode *, struct dentry *);
		int weight;
	};

``create``
	makes a plain thing.

``weight``
	how heavy it is.
"""
Put = Callable[[Path, str], Path]
COMMIT_SHA = "0123456789abcdef0123456789abcdef01234567"
COMMIT = f"""\
path: root/net
authorAda Folder <ada@example.org>2020-01-10 15:11:23 -0800
committerBo Creaser <bo@example.org>2020-01-10 16:30:54 -0800
commit{COMMIT_SHA} (patch)
tree1111111111111111111111111111111111111111 /net
parent2222222222222222222222222222222222222222 (diff)
paper: fold twice
One fold was not enough. Signed-off-by: Ada Folder <ada@example.org>
"""
PATH = "Documentation/filesystems/locking.rst"


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory, put: Put, paper_note: str) -> Path:
    """Versions v5.4 (locking only), v6.4 (locking and vfs), v6.8 (another lock), aufs5.4; a note and a commit."""
    folder = tmp_path_factory.mktemp("kb")
    put(folder / "trees/v5.4" / PATH, LOCKING)
    put(folder / "trees/v6.4" / PATH, LOCKING)
    put(folder / "trees/v6.4/Documentation/filesystems/vfs.rst", VFS)
    put(folder / "trees/v6.8" / PATH, LOCKING.replace("i_mutex(inode)", "i_rwsem(inode)").replace("yes", "exclusive"))
    put(folder / "trees/aufs/aufs5.4/Documentation/filesystems/aufs/paper.txt", paper_note)
    put(folder / "loose/paper.txt", paper_note)
    put(folder / "loose/commit.txt", COMMIT)
    build(folder / "db", [str(folder / "trees"), str(folder / "loose")], corpus=folder / "no-corpus")
    return folder / "db"


@pytest.fixture(scope="module")
def kb(db: Path) -> Iterator[KnowledgeBase]:
    with closing(KnowledgeBase.open(db)) as opened:
        yield opened


def names(kb: KnowledgeBase, name: str) -> list[tuple[str, str]]:
    return [(thing.kind, thing.name) for thing in kb.find(name)]


def test_the_versions_linux_first_oldest_first(kb: KnowledgeBase) -> None:
    assert [info.label for info in kb.versions] == ["v5.4", "v6.4", "v6.8", "aufs5.4"]
    info = kb.versions[1]
    assert (info.family, info.label_origin, info.documents) == ("linux", "folder name", 2)
    assert info.sources[0].endswith("/trees")
    assert (info.counts["tables"], info.counts["ops"]) == (2, 4)
    assert kb.labels("aufs") == ("aufs5.4",)
    assert len(kb.hash) == 64


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("latest", "v6.8"),
        ("6.4", "v6.4"),
        ("v6.4", "v6.4"),
        ("linux-6.4.0", "v6.4"),
        ("aufs5.4", "aufs5.4"),
        ("aufs", "aufs5.4"),
        ("linux", "v6.8"),
        ("V6.4", "v6.4"),
        (" Latest ", "v6.8"),
        ("6.4.6", "v6.4"),
    ],
)
def test_a_version_goes_by_several_names(kb: KnowledgeBase, written: str, label: str) -> None:
    assert kb.resolve(written) == label


@pytest.mark.parametrize("written", ["v6.5", "6.4-rc1", "6.4.6-el9", "6", "6.40", "nonsense", "", "v", "xfs", "xfs6.4"])
def test_a_version_that_is_not_held_is_told_with_those_that_are(kb: KnowledgeBase, written: str) -> None:
    with pytest.raises(UnknownName, match=r"v6\.4"):
        kb.resolve(written)
    with pytest.raises(UnknownName):
        kb.state(written)


def test_ranges(kb: KnowledgeBase) -> None:
    assert kb.range("5.4..latest") == ("v5.4", "v6.8")
    assert kb.range("v6.4..") == ("v6.4", "v6.8")
    assert kb.range("..v6.4") == ("v5.4", "v6.4")
    for mistaken in ("v5.4", "..", "v5.4..aufs5.4", ""):
        with pytest.raises(UsageError):
            kb.range(mistaken)
    with pytest.raises(UnknownName):
        kb.range("v5.4..v9.9")


def test_a_family_that_is_not_held(kb: KnowledgeBase) -> None:
    with pytest.raises(UnknownName, match=r"available: v5\.4, v6\.4, v6\.8, aufs5\.4"):
        kb.latest("bcachefs")


def test_states_tables_and_ops(kb: KnowledgeBase) -> None:
    assert kb.state("latest").label == "v6.8"
    assert kb.state("v6.4") is kb.state("6.4")
    table = kb.table("v6.4", "inode_operations")
    assert [op.name for op in table.ops] == ["create", "rename", "open"]
    op = kb.op("v6.4", "inode_operations", "rename")
    assert [cited.record.cell for cited in op.locks] == ["yes (both)"]
    assert {Path(cited.path).name for cited in op.prototypes} == {"locking.rst", "vfs.rst"}
    assert any(isinstance(cited.record, Note) for cited in op.notes)


def test_sections_are_read_when_they_are_looked_at(kb: KnowledgeBase) -> None:
    state = kb.state("v6.4")
    assert "sections" not in vars(state)
    assert all(isinstance(cited.record, Section) for cited in state.sections)


def test_what_is_not_there_is_told_with_suggestions(kb: KnowledgeBase) -> None:
    with pytest.raises(UnknownName, match="did you mean: inode_operations"):
        kb.table("v6.4", "inode_operation")
    with pytest.raises(UnknownName, match="did you mean: rename"):
        kb.op("v6.4", "inode_operations", "renam")
    with pytest.raises(UnknownName, match="no ops table"):
        kb.op("aufs5.4", "inode_operations", "rename")


def test_documents_without_version(kb: KnowledgeBase) -> None:
    assert kb.loose.label == ""
    assert [cited.record.sha for cited in kb.loose.commits] == [COMMIT_SHA]
    assert [cited.record.title for cited in kb.loose.notes] == ["Layers of paper"]
    assert [cited.record.title for cited in kb.state("aufs5.4").notes] == ["Layers of paper"]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("inode_operations.rename", [("op", "inode_operations.rename")]),
        ("INODE_OPERATIONS.Rename", [("op", "inode_operations.rename")]),
        ("rename", [("op", "inode_operations.rename")]),
        ("->rename()", [("op", "inode_operations.rename")]),
        ("inode->i_op->rename", [("op", "inode_operations.rename")]),
        ("open", [("op", "file_operations.open"), ("op", "inode_operations.open")]),
        ("f_op->open", [("op", "file_operations.open")]),
        ("inode_operations", [("struct", "inode_operations")]),
        ("struct inode_operations", [("struct", "inode_operations")]),
        ("weight", [("member", "inode_operations.weight")]),
        ("i_rwsem", [("lock", "i_rwsem")]),
        ("i_mutex", [("lock", "i_rwsem")]),
        ("i_sem", [("lock", "i_rwsem")]),
        ("i_mutex(inode)", [("lock", "i_rwsem")]),
        ("Layers of paper", [("note", "layers-of-paper")]),
        ("paper_mmap", [("note", "layers-of-paper")]),
        (COMMIT_SHA, [("commit", COMMIT_SHA)]),
        ("0123456789ab", [("commit", COMMIT_SHA)]),
        ("nothing_of_that_name", []),
        ("", []),
    ],
)
def test_exact_names(kb: KnowledgeBase, written: str, found: list[tuple[str, str]]) -> None:
    assert names(kb, written) == found


def test_a_lock_has_the_versions_of_all_its_names(kb: KnowledgeBase) -> None:
    assert kb.find("i_rwsem")[0].versions == kb.find("i_mutex")[0].versions == ("v5.4", "v6.4", "v6.8")


def test_near_names(kb: KnowledgeBase) -> None:
    assert "rename" in kb.near("renmae")
    assert kb.near("inode_operations.renmae")[0] == "inode_operations.rename"
    assert kb.near("file_operations.rename") == ("inode_operations.rename",)
    assert kb.near("inode_operation.rename")[0] == "inode_operations.rename"
    assert kb.near("Layers of papr")[0] == "layers of paper"
    assert kb.near("qqqqqq") == ()


def test_every_table_has_the_versions_that_state_it(kb: KnowledgeBase) -> None:
    labels = [info.label for info in kb.versions]
    told = {label: kb.state(label).by_name for label in labels}
    names = {name for tables in told.values() for name in tables}
    assert kb.tables == {name: tuple(label for label in labels if name in told[label]) for name in sorted(names)}


def test_locks(kb: KnowledgeBase) -> None:
    summary = kb.locks()["i_rwsem"]
    assert summary.versions == ("v5.4", "v6.4", "v6.8")
    assert "inode_operations.rename" in summary.ops
    facts = kb.lock("i_sem")
    assert facts.subject == "i_rwsem"
    assert facts.written == ("i_mutex(inode)", "i_rwsem(inode)")
    cells = {label: [c.record.cell for c in rules] for label, rules in facts.ops["inode_operations.create"].items()}
    assert cells == {"v5.4": ["yes"], "v6.4": ["yes"], "v6.8": ["exclusive"]}
    assert list(cells) == ["v5.4", "v6.4", "v6.8"]
    with pytest.raises(UnknownName, match="no rule is about a lock"):
        kb.lock("d_lokc")


def test_diff_of_everything_of_a_table_and_of_an_op(kb: KnowledgeBase) -> None:
    changes = kb.diff("v6.4", "latest")
    assert changes
    assert kb.diff("v6.4", "v6.4") == ()
    assert all(change.op == "create" for change in kb.diff("v6.4", "v6.8", "inode_operations", "create"))
    assert kb.diff("v6.4", "v6.8", "file_operations") == ()
    with pytest.raises(UnknownName):
        kb.diff("v6.4", "v9.9")


def test_history(kb: KnowledgeBase) -> None:
    life = kb.history("inode_operations", "rename")
    assert life.versions == ("v5.4", "v6.4", "v6.8")
    with pytest.raises(UnknownName, match=r"did you mean: .*inode_operations\.rename"):
        kb.history("inode_operations", "renmae")


def test_search_and_suggestions(kb: KnowledgeBase) -> None:
    results = kb.search("rename", version="v6.4")
    assert results.hits[0].name == "inode_operations.rename"
    assert any(suggestion.text.endswith("rename") for suggestion in kb.suggest("ren"))


def test_a_document_its_lines_and_the_facts_in_it(kb: KnowledgeBase) -> None:
    document, text = kb.document("6.4", PATH)
    assert document.version == "v6.4"
    assert [line.raw for line in text.lines] == LOCKING.rstrip("\n").split("\n")
    facts = kb.facts_of("v6.4", PATH)
    assert [cited.line for cited in facts] == sorted(cited.line for cited in facts)
    assert not any(isinstance(cited.record, Section) for cited in facts)
    rename = next(cited for cited in facts if getattr(cited.record, "cell", "") == "yes (both)")
    assert kb.quote(document.blob, rename.line, rename.evidence.last) == "rename:		yes (both)"
    assert kb.document("-", "commit.txt")[1].page_of == kb.document("", "commit.txt")[0].page_of == "cgit commit"


def test_a_document_that_is_not_there(kb: KnowledgeBase) -> None:
    with pytest.raises(UnknownName, match=PATH):
        kb.document("v6.4", "elsewhere/locking.rst")
    with pytest.raises(UnknownName):
        kb.facts_of("-", PATH)
    with pytest.raises(StoreError, match="no such document"):
        kb.quote("0" * 64, 1, 2)


def test_the_evidence_of_every_fact_is_in_its_document(kb: KnowledgeBase) -> None:
    for label in (*kb.labels(), "aufs5.4"):
        for document in kb.state(label).documents:
            _, text = kb.document(label, document.path)
            for cited in kb.facts_of(label, document.path):
                assert 1 <= cited.evidence.first <= cited.evidence.last <= len(text.lines)


def test_it_says_when_a_build_has_swapped_in_another(kb: KnowledgeBase, db: Path) -> None:
    assert kb.is_current(db)


def test_threads_get_the_same_answers(db: Path) -> None:
    with closing(KnowledgeBase.open(db)) as fresh:
        answers: list[object] = []

        def ask() -> None:
            state = fresh.state("v6.4")
            answers.append((list(state.ops), len(state.sections), fresh.find("open"), fresh.search("create").total))

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(answers) == 6
    assert all(answer == answers[0] for answer in answers)


def test_the_states_of_an_op_are_those_of_its_versions(kb: KnowledgeBase) -> None:
    ops = {dotted for info in kb.versions for dotted in kb.state(info.label).ops}
    for struct, _, op in (dotted.partition(".") for dotted in ops):
        states = {info.label: kb.state(info.label).ops.get(f"{struct}.{op}") for info in kb.versions}
        found = kb.op_states(struct, op)
        assert found.keys() == {label for label, state in states.items() if state}
        for label, state in found.items():
            same = states[label]
            assert same is not None
            assert (state.prototypes, state.rules, state.notes) == (same.prototypes, same.rules, same.notes)
            assert (state.inherited, state.summary) == (same.inherited, same.summary)
