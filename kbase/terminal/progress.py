"""How far a build is, on standard error: a bar on a terminal, a line for each finished stage in a log."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

PATIENCE = 5  # seconds
Step = Callable[[str, int, int, str], None]


@contextmanager
def bar() -> Iterator[Step]:
    """A function that reports stage, done, total (0: not known yet) and the present item."""
    if not sys.stderr.isatty():
        log = Log()
        yield log.step
        log.close()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, highlight=False)
    columns = SpinnerColumn(), TextColumn("{task.description:<8}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, TimeElapsedColumn(), TextColumn("{task.fields[what]}"), console=console) as progress:
        tasks = {}

        def step(stage: str, done: int, total: int, what: str) -> None:
            if stage not in tasks:
                for task in progress.tasks:  # whose total was not known is over as well
                    progress.update(task.id, total=task.completed, what="")
                tasks[stage] = progress.add_task(stage, total=None, what="")
            shown = "" if done == total else what[-60:]
            progress.update(tasks[stage], completed=done, total=total or None, what=shown)

        yield step


class Log:
    """A line a stage; delayed for a moment, so that a build that fails at once prints only its error."""

    def __init__(self) -> None:
        """Nothing is printed before a stage is over."""
        self.started = monotonic()
        self.done: dict[str, int] = {}

    def step(self, stage: str, done: int, _total: int, _what: str) -> None:
        """Take note; print the stages that are over."""
        if stage not in self.done and monotonic() - self.started > PATIENCE:
            self.close()
        self.done[stage] = done

    def close(self) -> None:
        """Print the stages noted and not yet printed."""
        for stage, done in self.done.items():
            print(f"{stage}: {done}", file=sys.stderr, flush=True)
        self.done = {}
