"""Child processes: no program of the current folder is run, and all end with this process."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from kbase.sources.signals import ENDING

PR_SET_PDEATHSIG = 1  # see prctl(2)
PRCTL = ctypes.CDLL(None).prctl


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a program, with additional variables: PATH has absolute folders only.

    Neither a Python nor the Pythons that it starts put the current folder on their module path.
    """
    found = {**os.environ, "PYTHONSAFEPATH": "1", **(more or {})}
    folders = [folder for folder in found.pop("PATH", "").split(os.pathsep) if folder.startswith("/")]
    return found | ({"PATH": os.pathsep.join(folders)} if folders else {})  # without one, the system's default applies


def python(module: str) -> tuple[str, ...]:
    """The command that runs a module in another Python, which needs `python_path`."""
    return sys.executable, "-P", "-m", module


def python_path() -> dict[str, str]:
    """The variable that gives another Python the modules of this one, without those of the current folder."""
    return {"PYTHONPATH": os.pathsep.join(folder for folder in sys.path if folder.startswith("/"))}


def start(command: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
    """A new program, tied to this process: see `tie_to`; `options` are those of `subprocess.Popen`.

    Signals that end kbase are blocked meanwhile: an exception that they raise in a `preexec_fn` would be lost.
    """
    parent, before = os.getpid(), signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)

    def tie() -> None:  # it takes no lock
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        tie_to(parent)

    try:
        return subprocess.Popen(command, **options, preexec_fn=tie)  # noqa: PLW1509
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def tie_to(parent: int) -> None:
    """Ties this process to its parent, the process of this number: the kernel kills it as soon as that has ended.

    More exactly, as the thread that started it has. Processes that are forked from this one are not tied: `tie_forks`.
    A program does this itself: with a `preexec_fn`, Python runs hooks in which an interrupt is lost.
    """
    PRCTL(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it ended before that
        os._exit(1)


def tie_forks() -> None:
    """Ties every process that is forked from this one, or from such a one, to the one it is forked from."""
    parent = [os.getpid()]

    def note() -> None:
        parent[0] = os.getpid()

    os.register_at_fork(before=note, after_in_child=lambda: tie_to(parent[0]))
