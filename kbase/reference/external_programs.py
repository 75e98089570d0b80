"""Runs external programs: an argument list, a checked status, the program's own words in the error."""

import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from kbase.errors import KbaseError
from kbase.sources.processes import environment as environment_with

REPEATED = 20  # lines of the program's complaints that an error repeats


class ProgramError(KbaseError):
    """An external program failed; `what` holds its status and the end of what it wrote to standard error."""


def run(
    arguments: Sequence[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> str:
    """Runs a program to its end and returns what it wrote to standard output.

    `environment` is added to the present one; `progress` gets each line of standard output as it comes.

    Raises:
        ProgramError: it cannot be started, or its status is not 0.
    """
    with tempfile.TemporaryFile("w+", errors="replace") as complaints:
        return _output(arguments, folder, environment_with(environment), complaints, progress)


def _output(
    arguments: Sequence[str],
    folder: Path | None,
    environment: Mapping[str, str],
    complaints: IO[str],
    progress: Callable[[str], None] | None,
) -> str:
    lines = []
    try:
        process = subprocess.Popen(
            arguments,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise ProgramError(str(error), arguments[0], "is it installed?") from error
    with process:
        assert process.stdout is not None  # it is a pipe
        try:
            for line in process.stdout:
                lines.append(line)
                if progress is not None:
                    progress(line.rstrip("\n"))
        except BaseException:  # an interrupt, too: nothing goes on writing behind the caller's back
            process.terminate()
            process.wait()
            raise
    if process.returncode:
        raise ProgramError(f"exit status {process.returncode}\n{_end(complaints)}", " ".join(arguments[:4]))
    return "".join(lines)


def _end(complaints: IO[str]) -> str:
    complaints.seek(0)
    return "\n".join(complaints.read().strip().splitlines()[-REPEATED:])
