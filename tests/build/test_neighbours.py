"""The changes between neighbours that a build writes: only what changed is compared, and they are what a diff tells."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kbase.build import neighbour_changes as neighbours
from kbase.build.pipeline import build, remove
from kbase.diff.comparable import ComparableVersion
from kbase.diff.compare import Comparison, compare
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.store.generations import LINK

Put = Callable[[Path, str], Path]
Locking = Callable[..., str]
Pairs = list[tuple[str, str]]


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Pairs:
    """The versions that a build compares."""
    found: Pairs = []

    def noted(old: ComparableVersion, new: ComparableVersion) -> Comparison:
        found.append((old.state.label, new.state.label))
        return compare(old, new)

    monkeypatch.setattr(neighbours, "compare", noted)
    return found


def kinds(db: Path, old: str, new: str) -> list[str]:
    """The kinds of the changes between two neighbours, which are those of a diff."""
    with closing(sqlite3.connect(db / LINK)) as connection:
        query = "SELECT kind FROM change WHERE from_version = ? AND to_version = ?"
        found = [kind for (kind,) in connection.execute(query, (old, new))]
    with closing(KnowledgeBase.open(db)) as kb:
        assert found == [change.kind for change in kb.diff(old, new)]
    return found


def test_only_neighbours_that_changed_are_compared(
    db: Path, corpus: Path, tmp_path: Path, tree: Put, locking: Locking, compared: Pairs
) -> None:
    cells = {"v5.0": "no", "v5.1": "shared", "v5.2": "shared", "v5.3": "exclusive"}
    build(db, [str(tree(tmp_path / label, locking(cell))) for label, cell in cells.items()], corpus=corpus)
    assert compared == [("v5.0", "v5.1"), ("v5.2", "v5.3"), ("v5.3", "v6.4")]  # v5.1 and v5.2 are alike
    assert kinds(db, "v5.0", "v5.1") == ["lock-strengthened"]
    assert kinds(db, "v5.1", "v5.2") == []
    compared.clear()
    build(db, [str(tree(tmp_path / "v5.4", locking("no")))], corpus=corpus)
    assert compared == [("v5.3", "v5.4"), ("v5.4", "v6.4")]
    assert kinds(db, "v5.3", "v5.4") == ["lock-weakened"]
    compared.clear()
    build(db, [str(tree(tmp_path / "v5.1", locking("no")))], corpus=corpus)
    assert compared == [("v5.1", "v5.2")]
    assert kinds(db, "v5.0", "v5.1") == []
    assert kinds(db, "v5.1", "v5.2") == ["lock-strengthened"]
    compared.clear()
    remove(db, "v5.3", corpus=corpus)
    assert compared == [("v5.2", "v5.4")]
    assert kinds(db, "v5.2", "v5.4") == ["lock-weakened"]


def test_another_version_that_stands_for_a_release_is_the_neighbour(
    db: Path, corpus: Path, tmp_path: Path, tree: Put, locking: Locking, compared: Pairs
) -> None:
    labels = ("v5.4.2", "v5.5-rc1", "aufs5.4")
    build(db, [str(tree(tmp_path / label, locking(label))) for label in labels], corpus=corpus)
    assert compared == [("v5.4.2", "v5.5-rc1"), ("v5.5-rc1", "v6.4")]  # and no version of another family
    compared.clear()
    build(db, [str(tree(tmp_path / label, locking(label))) for label in ("v5.4", "v5.5")], corpus=corpus)
    steps = [("v5.4", "v5.5"), ("v5.5", "v6.4")]
    assert compared == [("v5.4", "v5.4.2"), *steps]  # a history tells what v5.4.2 has before v5.5
    with closing(sqlite3.connect(db / LINK)) as connection:
        assert connection.execute("SELECT older, newer FROM neighbours WHERE step").fetchall() == steps


def test_what_changes_the_diff_but_no_document_is_noticed(
    db: Path, corpus: Path, tmp_path: Path, put: Put, locking: Locking
) -> None:
    """A folder that lacks a document lacks it; two that have one document each say nothing of others."""
    text = {"locking.rst": locking(), "porting.rst": "---\n\n**mandatory**\n\n->create() takes a mode.\n"}
    for folder, names in (("a", ["locking.rst"]), ("b", ["porting.rst"]), ("whole", [*text]), ("v5.4", [*text])):
        for name in names:
            put(tmp_path / folder / name, text[name])
    put(tmp_path / "v5.4/mill.rst", "Mill\n====\n\nWhat the mill grinds.\n")
    sources = [f"v5.4={tmp_path / 'v5.4'}", f"v5.5={tmp_path / 'a'}", f"v5.5={tmp_path / 'b'}"]
    build(db, sources, corpus=corpus)
    assert kinds(db, "v5.4", "v5.5") == []
    build(db, [f"v5.5={tmp_path / 'whole'}"], corpus=corpus)
    assert kinds(db, "v5.4", "v5.5") == ["document-removed"]


def test_another_program_compares_again(
    db: Path,
    corpus: Path,
    tmp_path: Path,
    tree: Put,
    locking: Locking,
    compared: Pairs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build(db, [str(tree(tmp_path / "v5.0", locking("no")))], corpus=corpus)
    compared.clear()
    monkeypatch.setattr("kbase.build.pipeline._code", lambda names: str(len(names)))
    assert build(db, corpus=corpus).changed
    assert compared == [("v5.0", "v6.4")]
