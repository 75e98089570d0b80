"""Changes as a build stores them are those of a comparison, and histories are made of them."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path

import pytest

from kbase.build.pipeline import build
from kbase.diff.changes import Change
from kbase.knowledge import computed_comparisons
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.store.generations import LINK
from tests.diff.histories import history

OF_FACTS = ("removed", "added")  # what a stored change does not have
WriteDocument = Callable[..., dict[str, str]]
CREATE, UNLINK = "int (*create)(struct inode *);", "int (*unlink)(struct inode *);"


def essence(change: Change) -> tuple[object, ...]:
    """Everything that a change says, what is not compared included, but for its facts."""
    return tuple(getattr(change, field.name) for field in fields(change) if field.name not in OF_FACTS)


def test_stored_changes_are_those_of_a_comparison(real: Path) -> None:
    with closing(sqlite3.connect(real / LINK)) as connection:
        pairs = connection.execute("SELECT older, newer FROM neighbours").fetchall()
    assert len(pairs) > 8
    with closing(KnowledgeBase.open(real)) as kb:
        for pair in pairs:
            stored, anew = kb.diff(*pair), kb.compare(*pair).changes
            assert [replace(change, removed=(), added=()) for change in anew] == list(stored)
            assert list(map(essence, stored)) == list(map(essence, anew))


def test_a_page_of_an_op_compares_no_versions(real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*versions: object) -> None:
        raise AssertionError("two versions are compared")

    monkeypatch.setattr(computed_comparisons, "compare", refused)
    with closing(KnowledgeBase.open(real)) as kb:
        found = kb.history("inode_operations", "rename")
    assert len(found.events) > 4


def test_histories_of_a_database_are_those_of_its_states(real: Path) -> None:
    with closing(KnowledgeBase.open(real)) as kb:
        states, made = [kb.state(label) for label in kb.labels("linux")], dict[tuple[str, str], tuple[Change, ...]]()
        for struct in ("inode_operations", "lock_manager_operations"):
            for found in kb.histories(struct):
                expected = history(states, found.struct, found.op, made)
                assert found == expected
                assert [e.changes for e in found.events] == [e.changes for e in expected.events]


def put(folder: Path, documents: dict[str, str]) -> str:
    for path, text in documents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return str(folder)


def test_what_no_build_compared_is_compared_when_a_history_needs_it(
    tmp_path: Path, write_document: WriteDocument
) -> None:
    """Of an op that only stable versions have, and across a truncated document."""
    both, tables = write_document("vfs", CREATE, UNLINK), {f"{name}_operations": [CREATE] for name in "abcdefg"}
    labels = {"v6.1": write_document("vfs", CREATE), "v6.1.5": both, "v6.2": write_document("vfs", CREATE)}
    build(tmp_path / "db", [put(tmp_path / label, each) for label, each in labels.items()], corpus=tmp_path / "none")
    with closing(KnowledgeBase.open(tmp_path / "db")) as kb:
        kinds = [(str(e.range), [c.kind for c in e.changes]) for e in kb.history("inode_operations", "unlink").events]
    assert kinds == [("after v6.1, by v6.1.5", ["op-added"]), ("in 6.2 (v6.1.5..v6.2)", ["op-removed"])]

    whole = write_document("vfs", **tables)
    changed = write_document("vfs", **(tables | {"g_operations": [CREATE.replace("int", "void")]}))
    (path,) = whole
    cut = {path: whole[path][: whole[path].index("c_operations")]}
    labels = {"v7.0": whole, "v7.1": cut, "v7.2": changed}
    build(tmp_path / "cut", [put(tmp_path / label, each) for label, each in labels.items()], corpus=tmp_path / "none")
    with closing(KnowledgeBase.open(tmp_path / "cut")) as kb:
        found = kb.history("g_operations", "create")
    assert [(str(e.range), [c.kind for c in e.changes]) for e in found.events] == [
        ("after v7.0, by v7.2", ["return-type-changed"])
    ]
    assert found.removed is None
