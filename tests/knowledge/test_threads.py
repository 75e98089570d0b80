"""What threads share: eight of them ask at once, and caches are small, so that all the time something is forgotten."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.search import postings
from kbase.search.postings import Postings

THREADS = 8
QUERIES = ("rename", "lock held by create", "i_rwsem", "writepage folio", "d_revalidate rcu", "sleep", "inode release")


@pytest.fixture(autouse=True)
def eager() -> Iterator[None]:
    """Threads take turns all the time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def together(work: Callable[[int], None]) -> list[BaseException]:
    """What goes wrong in threads that do the work at once, each with its number."""
    failures, ready = list[BaseException](), threading.Barrier(THREADS)

    def run(number: int) -> None:
        ready.wait()
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001  # whatever it is, the test must see it
            failures.append(error)

    threads = [threading.Thread(target=run, args=[number]) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def test_postings_are_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings, "CACHED", 20)
    monkeypatch.setattr(Postings, "_read", lambda self, searcher, terms: {int(terms[0]): 1.0})
    shared = Postings([1])

    def ask(number: int) -> None:
        for turn in range(15_000):
            term = (number * 5 + turn) % 31
            assert shared.of(None, (str(term),)) == {term: 1.0}

    assert together(ask) == []


def test_a_knowledge_base_is_shared(bundled: Path) -> None:
    """Whatever is made when it is first asked for is asked for by all at once."""

    def answers(kb: KnowledgeBase, first: int) -> dict[str, object]:
        labels = kb.labels()
        asked: dict[str, Callable[[], object]] = {query: partial(kb.search, query) for query in QUERIES}
        asked["life"] = lambda: kb.history("inode_operations", "rename")
        asked["diff"] = lambda: kb.diff(labels[-2], labels[-1])
        asked["near"] = lambda: kb.near("renam")
        asked["lock"] = lambda: kb.lock("i_rwsem")
        asked["ops"] = lambda: [op.locks for op in kb.table(labels[-1], "inode_operations").ops]
        names = list(asked)
        return {name: asked[name]() for name in names[first:] + names[:first]}

    with closing(KnowledgeBase.open(bundled)) as alone:
        expected = answers(alone, 0)
    with closing(KnowledgeBase.open(bundled)) as shared:

        def ask(number: int) -> None:
            assert answers(shared, number) == expected

        assert together(ask) == []
