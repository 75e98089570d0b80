"""The programs that kbase starts: none is taken from the folder that kbase is called in, none outlives kbase."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping

PR_SET_PDEATHSIG = 1  # see prctl(2)
PRCTL = ctypes.CDLL(None).prctl


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a program, with some variables more: it finds programs only in folders with a full path.

    Python does not put the current folder on its path, nor do the Pythons that it starts.
    """
    found = {**os.environ, "PYTHONSAFEPATH": "1", **(more or {})}
    folders = [folder for folder in found.pop("PATH", "").split(os.pathsep) if folder.startswith("/")]
    return found | ({"PATH": os.pathsep.join(folders)} if folders else {})  # without one, the system's own is taken


def python(module: str) -> tuple[str, ...]:
    """The command that runs a module in another Python as this one would: see `environment`."""
    return sys.executable, "-P", "-m", module


def python_path() -> dict[str, str]:
    """The variable that gives another Python the modules of this one, but none of the current folder."""
    return {"PYTHONPATH": os.pathsep.join(folder for folder in sys.path if folder.startswith("/"))}


def tied() -> Callable[[], None]:
    """A `preexec_fn` for `subprocess`: the kernel kills the child as soon as the thread that starts it has ended.

    It only makes system calls, so that it is safe where other threads run. Processes that the child forks are not tied.
    """
    parent = os.getpid()
    return lambda: _end_with(parent)


def tie_forks() -> None:
    """Let each process that is forked from this one, or from such a one, end with the one it was forked from."""
    parent = [os.getpid()]

    def note() -> None:
        parent[:] = [os.getpid()]

    os.register_at_fork(before=note, after_in_child=lambda: _end_with(parent[0]))


def _end_with(parent: int) -> None:
    PRCTL(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it ended before that
        os._exit(1)
