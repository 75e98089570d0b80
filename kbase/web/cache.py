"""Rendered answers kept in memory: what one knowledge base, template set and theme make of an address never changes."""

import threading
from collections import OrderedDict

LARGEST = 32 * 1024 * 1024  # bytes of all answers together


class Cache:
    """The answers used last, by key, up to a size."""

    def __init__(self, largest: int = LARGEST) -> None:
        """Hold nothing yet; `largest` is the bytes of all answers together."""
        self._largest = largest
        self._size = 0
        self._held: OrderedDict[str, tuple[bytes, str]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> tuple[bytes, str] | None:
        """The answer's body and media type, if it is held."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def put(self, key: str, body: bytes, media_type: str) -> None:
        """Hold an answer; the ones not used for longest make room."""
        with self._lock:
            if key in self._held or len(body) > self._largest // 4:
                return
            self._held[key] = body, media_type
            self._size += len(body)
            while self._size > self._largest:
                _, (dropped, _) = self._held.popitem(last=False)
                self._size -= len(dropped)
