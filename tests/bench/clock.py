"""What a call costs in processor time, which other work on the machine lengthens less than the time of a clock."""

import os
import time
from collections.abc import Callable


def spent(work: Callable[[], object]) -> float:
    """Seconds of a call, of this process and of those that it starts and waits for."""
    before = sum(os.times()[:4])
    work()
    return sum(os.times()[:4]) - before


def milliseconds(work: Callable[[], object]) -> float:
    """Milliseconds of a call, of this thread alone."""
    start = time.thread_time()
    work()
    return (time.thread_time() - start) * 1000
