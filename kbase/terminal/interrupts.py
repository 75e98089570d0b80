"""Signals that ask the program to end: they raise an exception, so that it cleans up and reports it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from kbase.sources.signals import ENDING


class Interrupted(KeyboardInterrupt):
    """A signal asked the program to end; `status` is what a shell reports for it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.status = 128 + number


@contextmanager
def interruptible() -> Iterator[None]:
    """Within, the first of the signals raises `Interrupted`, and further ones do not disturb its handling.

    A signal that is ignored stays so: `nohup` ignores SIGHUP, and a shell SIGINT for its background jobs.
    """
    before = {number: signal.getsignal(number) for number in ENDING}
    handled = [number for number, handler in before.items() if handler is not signal.SIG_IGN]

    ended = False

    def interrupt(number: int, _frame: FrameType | None) -> None:
        nonlocal ended
        if not ended:  # ignoring signals from here on would print a traceback for one that is pending already
            ended = True
            raise Interrupted(number)

    for number in handled:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in () if ended else handled:
            signal.signal(number, before[number])
