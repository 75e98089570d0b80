"""Connections of visitors who are slow, greedy or rude: none keeps a thread or a place from others.

waitress reads requests and sends answers without a thread; a thread only makes an answer. Three things would let few
visitors hold up all, and end here: a request that never gets complete, places taken by who waits, and many requests
sent at once whose answers nobody fetches (the thread would wait for room). Its own refusals get our headers, too.
"""

import time
from typing import Any

from waitress.channel import HTTPChannel  # type: ignore[import-untyped]  # it carries no annotations
from waitress.task import ErrorTask  # type: ignore[import-untyped]

from kbase.web.guard import HEADERS

SLOWEST = 20.0  # seconds that a request may take to arrive
AHEAD = 4  # requests of one connection that may wait for the answers before them; browsers send one
CROWDED = 150  # connections; beyond, who was not answered for longest makes room


class _Refusal(ErrorTask):  # type: ignore[misc]  # untyped base
    """What waitress says of a request that it cannot read, with the headers that every answer has."""

    def execute(self) -> None:
        self.response_headers.extend(HEADERS.items())
        super().execute()


class Channel(HTTPChannel):  # type: ignore[misc]  # untyped base
    """A connection that is let go where it would be at the cost of others."""

    error_task_class = _Refusal
    _began = 0.0  # when the request that now arrives began to

    def __init__(self, server: Any, *arguments: Any, **named: Any) -> None:
        """Take a place; where it gets crowded, who was not answered for longest loses theirs."""
        super().__init__(server, *arguments, **named)
        self.answered = time.monotonic()
        others = [other for other in server.active_channels.values() if other is not self and not other.will_close]
        if len(others) >= CROWDED and (waiting := [other for other in others if not other.requests]):
            min(waiting, key=lambda other: other.answered).will_close = True

    def received(self, data: bytes) -> bool:
        """Take what arrived, unless its request began long ago, or too many came at once."""
        now = time.monotonic()
        if self.request is None:
            self._began = now
        taken = bool(super().received(data))
        if (self.request is not None and now - self._began > SLOWEST) or len(self.requests) > AHEAD:
            self.will_close = True
        return taken

    def service(self) -> None:
        """Answer one request."""
        super().service()
        self.answered = time.monotonic()
