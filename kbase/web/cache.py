"""The cache of rendered responses.

What one database, program and theme make of an address never changes; a cached op page takes a third of the time.
"""

import threading
from collections import OrderedDict

LARGEST = 32 * 1024 * 1024  # bytes of all responses together


class Cache:
    """An LRU cache of responses by key, limited by their size; safe to use from several threads."""

    def __init__(self, largest: int = LARGEST) -> None:
        """An empty cache; `largest` is the bytes of all responses together."""
        self._largest = largest
        self._size = 0
        self._entries: OrderedDict[str, tuple[bytes, str]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> tuple[bytes, str] | None:
        """The body and media type of a response, if it is in the cache."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
            return self._entries.get(key)

    def put(self, key: str, body: bytes, media_type: str) -> None:
        """Add a response; the least recently used ones make room."""
        with self._lock:
            if key in self._entries or len(body) > self._largest // 4:
                return
            self._entries[key] = body, media_type
            self._size += len(body)
            while self._size > self._largest:
                _, (dropped, _) = self._entries.popitem(last=False)
                self._size -= len(dropped)
