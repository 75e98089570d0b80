"""The knowledge base that the server reads: opened once, and again when a build has replaced the database."""

import threading
from collections import Counter
from pathlib import Path

from kbase.errors import StoreError
from kbase.knowledge.knowledge_base import KnowledgeBase


class ActiveDatabase:
    """Hands out the knowledge base of a database folder, always that of the last build.

    A request uses one to its end; a replaced one is closed when its last request is done.
    """

    def __init__(self, source: KnowledgeBase | Path) -> None:
        """Open the database, or take a knowledge base that never changes.

        Raises:
            StoreError: the folder has no database.
        """
        self._lock = threading.Lock()
        self._db = source if isinstance(source, Path) else None
        self._kb = KnowledgeBase.open(source) if isinstance(source, Path) else source
        self._readers: Counter[KnowledgeBase] = Counter()

    def acquire(self) -> KnowledgeBase:
        """The knowledge base for one request, to be released after it. Reads one small file each time."""
        with self._lock:
            if self._db is not None:
                self._follow(self._db)
            self._readers[self._kb] += 1
            return self._kb

    def release(self, kb: KnowledgeBase) -> None:
        """The request that acquired it is done."""
        with self._lock:
            self._readers[kb] -= 1
            self._close_unused(kb)

    def _follow(self, db: Path) -> None:
        """Open the database of a new build; if that fails, the active one remains."""
        try:
            if self._kb.is_current(db):
                return
            new = KnowledgeBase.open(db)
        except StoreError:
            return
        old, self._kb = self._kb, new
        self._close_unused(old)

    def _close_unused(self, kb: KnowledgeBase) -> None:
        if kb is not self._kb and self._readers[kb] <= 0:
            del self._readers[kb]
            kb.close()
