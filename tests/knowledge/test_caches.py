"""Cached states and answers are freed with their knowledge base."""

import gc
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from weakref import ref

import pytest

from kbase.build.pipeline import build
from kbase.diff.comparable import ComparableVersion
from kbase.diff.compare import Comparison, compare
from kbase.knowledge import computed_comparisons
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.web import create_app
from kbase.web.cache import Cache

Thing = TypeVar("Thing")
Put = Callable[[Path, str], Path]
LOCKING = (
    "=======\nLocking\n=======\n\nseed_operations\n===============\n\nprototypes::\n\n\tint (*{}) (struct seed *);\n"
)


def test_a_closed_knowledge_base_leaves_nothing_to_the_garbage_collector(bundled: Path) -> None:
    kb = KnowledgeBase.open(bundled)
    _use(kb)
    watched = [ref(part) for part in (kb, kb._states, kb._store, kb._searcher)]
    gc.collect()
    gc.disable()
    try:
        kb.close()
        del kb
        assert [gone() for gone in watched] == [None] * 4
    finally:
        gc.enable()


def test_what_a_build_replaced_is_gone_with_the_answers_it_gave(tmp_path: Path, tree: Put) -> None:
    source, db = tree(tmp_path / "v6.9", LOCKING.format("sow")), tmp_path / "db"
    build(db, [str(source)])
    gc.collect()  # what other tests left behind
    before = len(_alive(Cache))
    client = create_app(db).test_client()
    for turn in range(1, 4):
        for address in (
            "/",
            "/search?q=what+may+block",
            "/v/v6.9/seed_operations/",
            "/diff/v6.8.1..v6.9/",
            "/locks/i_rwsem/",
        ):
            assert client.get(address).status_code == 200
        tree(tmp_path / "v6.9", LOCKING.format(f"reap{turn}"))
        build(db, [str(source)])
        gc.collect()
        gc.disable()
        try:
            assert f"reap{turn}" in client.get("/v/v6.9/seed_operations/").get_data(as_text=True)
            served = (
                sum(kb._store.folder.is_relative_to(db) for kb in _alive(KnowledgeBase)),
                len(_alive(Cache)) - before,
            )
        finally:
            gc.enable()
        assert served == (1, 1)


def test_threads_that_ask_at_once_get_the_same(bundled: Path) -> None:
    kb, found = KnowledgeBase.open(bundled), list[object]()
    threads = [threading.Thread(target=lambda: found.append(kb.state("latest"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(state == found[0] for state in found)
    kb.close()


def test_the_filters_of_a_comparison_compare_its_versions_once(bundled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = list[tuple[str, str]]()

    def counting(old: ComparableVersion, new: ComparableVersion) -> Comparison:
        compared.append((old.state.label, new.state.label))
        return compare(old, new)

    monkeypatch.setattr(computed_comparisons, "compare", counting)
    client = create_app(bundled).test_client()
    for query in ("", "?severity=breaking", "?severity=breaking&kind=op-removed", "?only=new"):
        for old, new in (("v6.4.6", "v6.8.1"), ("v6.8.1", "v6.4.6")):
            assert client.get(f"/diff/{old}..{new}/{query}").status_code == 200
    assert compared == [("v6.4.6", "v6.8.1"), ("v6.8.1", "v6.4.6")]


def _use(kb: KnowledgeBase) -> None:
    """Ask for everything that is cached."""
    newest = kb.latest()
    kb.diff(kb.labels()[0], newest)
    kb.history("inode_operations", "rename")
    kb.histories("file_operations")
    kb.lock("i_rwsem")
    kb.search("rename lock:i_rwsem")
    kb.suggest("ren")
    kb.op(newest, "inode_operations", "rename")
    document = next(document for document in kb.state(newest).documents if document.path.endswith(".rst"))
    kb.document(newest, document.path)


def _alive(kind: type[Thing]) -> list[Thing]:
    return [each for each in gc.get_objects() if type(each) is kind]  # a weak reference says it is what it refers to
