"""Child processes end with this process, also where it is killed."""

import ctypes
import os
import signal
from collections.abc import Callable

PR_SET_PDEATHSIG = 1  # see prctl(2)
PRCTL = ctypes.CDLL(None).prctl


def tied() -> Callable[[], None]:
    """A `preexec_fn` for `subprocess`: the kernel kills the child as soon as the thread that starts it has ended.

    It only makes system calls, so that it is safe where other threads run. Processes that the child forks are not tied.
    """
    parent = os.getpid()

    def tie() -> None:
        PRCTL(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:  # it ended before that
            os._exit(1)

    return tie
