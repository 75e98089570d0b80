"""Limits of connections: no client can block threads or connections for others.

waitress reads requests and sends responses without a thread; a thread only makes a response. Three things would let a
few clients block all others: requests that never get complete, idle connections up to the limit, and many requests sent
at once whose responses are not read (the thread would wait for room). waitress's own errors get our headers, too.
"""

import time
from typing import Any

from waitress.channel import HTTPChannel  # type: ignore[import-untyped]  # it carries no annotations
from waitress.task import ErrorTask  # type: ignore[import-untyped]

from kbase.web.guard import HEADERS

SLOWEST = 20.0  # seconds that a request may take to arrive
PIPELINED = 4  # requests of one connection that may wait for the responses before them; browsers send one
CROWDED = 150  # connections; beyond, the one idle for longest is closed


class _Refusal(ErrorTask):  # type: ignore[misc]  # untyped base
    """The response of waitress to a request that it cannot read, with the headers of every response."""

    def execute(self) -> None:
        self.response_headers.extend(HEADERS.items())
        super().execute()


class Channel(HTTPChannel):  # type: ignore[misc]  # untyped base
    """A connection that is closed where it would block others."""

    error_task_class = _Refusal
    _began = 0.0  # when the current request began to arrive

    def __init__(self, server: Any, *arguments: Any, **named: Any) -> None:
        """Open the connection; beyond the limit, close the one that has been idle for longest."""
        super().__init__(server, *arguments, **named)
        self.answered = time.monotonic()
        others = [other for other in server.active_channels.values() if other is not self and not other.will_close]
        if len(others) >= CROWDED and (waiting := [other for other in others if not other.requests]):
            min(waiting, key=lambda other: other.answered).will_close = True

    def received(self, data: bytes) -> bool:
        """Receive data, unless its request began too long ago, or too many requests wait."""
        now = time.monotonic()
        if self.request is None:
            self._began = now
        taken = bool(super().received(data))
        if (self.request is not None and now - self._began > SLOWEST) or len(self.requests) > PIPELINED:
            self.will_close = True
        return taken

    def service(self) -> None:
        """Respond to one request."""
        super().service()
        self.answered = time.monotonic()
