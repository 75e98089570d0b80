"""The bundled corpus: a file that versions share is there once, and exports write it so."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kbase.build.pipeline import build
from kbase.knowledge.corpus_export import write_documents
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.sources.bundled import read_bundled

LOCKING = """\
Locking
=======

--- seq_operations ---
prototypes:
\tint (*show)(struct seq_file *);

locking rules:
\t\tBKL
show:\t\t{}
"""
HEADER = "struct seq_operations {\n\tint (*show)(struct seq_file *);\n};\n"
NAME = "Documentation/filesystems/Locking"
BLOBS = {"v2.6.1": "yes", "v2.6.2": "yes", "v2.6.3": "no", "v2.6.4": "yes"}


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    (tmp_path / "empty").mkdir()
    for label, held in BLOBS.items():
        for path, text in {NAME: LOCKING.format(held), "include/linux/seq_file.h": HEADER}.items():
            file = tmp_path / "trees" / label / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        (tmp_path / "trees" / label / "include/linux/fs.h").write_text("")
    build(tmp_path / "db", [str(tmp_path / "trees")], corpus=tmp_path / "empty")
    with closing(KnowledgeBase.open(tmp_path / "db")) as found:
        yield found


def held_in(corpus: Path) -> dict[str, str]:
    """What the Locking document of each version in the corpus says."""
    documents = [document for document in read_bundled(corpus) if document.path == NAME]
    return {str(d.version): d.data.decode().split()[-1] for d in documents}


def files_of(corpus: Path) -> list[str]:
    return sorted(path.relative_to(corpus).as_posix() for path in corpus.rglob("Locking"))


def test_a_file_that_versions_share_is_written_once(kb: KnowledgeBase, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    assert write_documents(kb, corpus, origin="a tree, commit 1234, verified by two trees").documents == 8
    assert files_of(corpus) == [f"linux/v2.6.1/{NAME}", f"linux/v2.6.3/{NAME}"]
    assert held_in(corpus) == BLOBS
    assert {d.origin for d in read_bundled(corpus)} == {"a tree, commit 1234, verified by two trees"}
    before = (corpus / "manifest.json").read_text()
    write_documents(kb, corpus, origin="a tree, commit 1234, verified by two trees")
    assert (corpus / "manifest.json").read_text() == before


def test_a_version_that_changes_leaves_the_others_as_they_are(kb: KnowledgeBase, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    write_documents(kb, corpus)
    tree = tmp_path / "other" / "v2.6.1" / NAME
    tree.parent.mkdir(parents=True)
    tree.write_text(LOCKING.format("maybe"))
    build(tmp_path / "db2", [str(tmp_path / "other")], corpus=tmp_path / "empty")
    with closing(KnowledgeBase.open(tmp_path / "db2")) as changed:
        write_documents(changed, corpus)
    assert held_in(corpus) == BLOBS | {"v2.6.1": "maybe"}
    assert files_of(corpus) == [f"linux/{label}/{NAME}" for label in ("v2.6.1", "v2.6.2", "v2.6.3")]
    entries = json.loads((corpus / "manifest.json").read_text())["files"]
    assert entries[f"linux/v2.6.4/{NAME}"]["same_as"] == f"linux/v2.6.2/{NAME}"


def test_a_corpus_with_shared_files_is_bundled(kb: KnowledgeBase, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    write_documents(kb, corpus)
    build(tmp_path / "db3", corpus=corpus)
    with closing(KnowledgeBase.open(tmp_path / "db3")) as again:
        assert [info.label for info in again.versions] == list(BLOBS)
        for label, held in BLOBS.items():
            op = again.state(label).ops["seq_operations.show"]
            assert [rule.record.cell for rule in op.rules] == [held]
            assert {cited.path for cited in op.prototypes} == {NAME, "include/linux/seq_file.h"}
