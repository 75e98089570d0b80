"""What happens when signals ask the program to end, in a process of its own."""

import signal
import subprocess
import sys

import pytest

IN_CHILD = """
import os, signal
from kbase.sources.signals import ENDING
from kbase.terminal.interrupts import Interrupted, interruptible
try:
    with interruptible():
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        for number in ENDING:
            os.kill(os.getpid(), number)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
except Interrupted as ended:
    os.kill(os.getpid(), signal.{later})
    print(ended.status)
"""


@pytest.mark.parametrize("later", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_several_signals_at_once_end_it_once(later: str) -> None:
    """As a service manager sends them (SIGTERM, then SIGHUP), and again while it tidies up."""
    command = [sys.executable, "-c", IN_CHILD.format(later=later)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) - 128 in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
