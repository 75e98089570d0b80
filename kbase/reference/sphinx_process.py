"""Runs Sphinx as a program of its own: `sphinx-build` that ends with the process that started it."""

import os
import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from kbase.errors import KbaseError
from kbase.sources.processes import environment, python, python_path

REPEATED = 20  # lines of Sphinx's complaints that an error repeats
STEP = re.compile(r"(reading sources|writing output)\.\.\. +\[ *(\d+)%\]")  # how Sphinx's lines of progress begin
EPOCH = "315532800"  # 1980-01-01, the first day that a zip archive can hold
Progress = Callable[[str], None]


class ProgramError(KbaseError):
    """Sphinx failed; `what` has its status and the end of what it wrote to standard error."""


def build(sources: Path, work: Path, builder: str, jobs: int | None, progress: Progress) -> None:
    """Have Sphinx build `sources` into `work`; `progress` is called after every tenth of a step.

    Warnings are errors, and every reference must lead somewhere. Manual pages are parsed
    differently from the other pages, so they have separate doctrees.

    Raises:
        ProgramError: Sphinx cannot be started, or it failed or warned.
    """
    doctrees = work.with_name("doctrees-man" if builder == "man" else "doctrees")
    options = ("-W", "-n", "--keep-going", "-j", str(jobs or "auto"), "-b", builder, "-d", str(doctrees))
    command = [*python("kbase.reference.sphinx_build"), str(os.getpid()), "--no-color", *options]
    run([*command, str(sources), str(work)], sources, _tenths(progress))


def run(command: list[str], folder: Path, progress: Progress) -> None:
    """Run a program in a folder to its end; `progress` gets each line of its standard output.

    Raises:
        ProgramError: it cannot be started, or its status is not 0.
    """
    with tempfile.TemporaryFile("w+", errors="replace") as complaints:
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise ProgramError(str(error), command[0], "is it installed?") from error
        with process:
            try:
                for line in process.stdout or ():
                    progress(line.rstrip("\n"))
            except BaseException:  # also after an interrupt: no process may continue to write
                process.terminate()
                process.wait()
                raise
        if process.returncode:
            complaints.seek(0)
            end = "\n".join(complaints.read().strip().splitlines()[-REPEATED:])
            raise ProgramError(f"exit status {process.returncode}\n{end}", " ".join(command[:4]))


def _environment() -> dict[str, str]:
    """Nothing of the day or the machine goes into the output; progress comes in lines, whatever the terminal."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", EPOCH)
    fixed = {"SOURCE_DATE_EPOCH": epoch, "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
    return environment(fixed | python_path())


def _tenths(progress: Progress) -> Progress:
    """A reader of Sphinx's lines that reports progress a tenth at a time."""
    reported = set[tuple[str, int]]()

    def read(line: str) -> None:
        if (match := STEP.match(line)) and (step := (match[1], int(match[2]) // 10)) not in reported:
            reported.add(step)
            progress(f"{match[1]}: {match[2]} %")

    return read
