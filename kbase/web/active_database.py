"""The knowledge base that serves: opened once, opened anew when a build was swapped in."""

import threading
from collections import Counter
from pathlib import Path

from kbase.errors import StoreError
from kbase.knowledge.knowledge_base import KnowledgeBase


class Current:
    """Hands out the knowledge base of a database folder, always the one that the last build swapped in.

    A request keeps the one that it began with; an old one is closed when its last request is done.
    """

    def __init__(self, source: KnowledgeBase | Path) -> None:
        """Open the database, or take a knowledge base that never changes.

        Raises:
            StoreError: the folder holds no database.
        """
        self._lock = threading.Lock()
        self._db = source if isinstance(source, Path) else None
        self._kb = KnowledgeBase.open(source) if isinstance(source, Path) else source
        self._readers: Counter[KnowledgeBase] = Counter()

    def take(self) -> KnowledgeBase:
        """The knowledge base for one request, which gives it back; asking costs the reading of one small file."""
        with self._lock:
            if self._db is not None:
                self._follow(self._db)
            self._readers[self._kb] += 1
            return self._kb

    def give_back(self, kb: KnowledgeBase) -> None:
        """The request that took it is done."""
        with self._lock:
            self._readers[kb] -= 1
            self._close_unread(kb)

    def _follow(self, db: Path) -> None:
        """Open what a build swapped in; where that fails, the one at hand goes on serving."""
        try:
            if self._kb.is_current(db):
                return
            new = KnowledgeBase.open(db)
        except StoreError:
            return
        old, self._kb = self._kb, new
        self._close_unread(old)

    def _close_unread(self, kb: KnowledgeBase) -> None:
        if kb is not self._kb and self._readers[kb] <= 0:
            del self._readers[kb]
            kb.close()
