"""How far a build is, on standard error: a bar on a terminal, a line for each finished stage in a log."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Step = Callable[[str, int, int, str], None]


@contextmanager
def bar() -> Iterator[Step]:
    """A function to be told stage, done, total (0: not known yet) and what is worked on."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        log = Log(console)
        yield log.step
        log.close()
        return
    columns = SpinnerColumn(), TextColumn("{task.description:<6}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, TimeElapsedColumn(), TextColumn("{task.fields[what]}"), console=console) as progress:
        tasks = {}

        def step(stage: str, done: int, total: int, what: str) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=None, what="")
            shown = "" if done == total else what[-60:]
            progress.update(tasks[stage], completed=done, total=total or None, what=shown)

        yield step


class Log:
    """A line a stage, when the next one begins."""

    def __init__(self, console: Console) -> None:
        """Nothing is printed before a stage is over."""
        self.console = console
        self.stage, self.done = "", 0

    def step(self, stage: str, done: int, _total: int, _what: str) -> None:
        """Take note; print the stage that is over."""
        if stage != self.stage:
            self.close()
        self.stage, self.done = stage, done

    def close(self) -> None:
        """Print the stage that ends here."""
        if self.stage:
            self.console.print(f"{self.stage}: {self.done}", soft_wrap=True)
        self.stage = ""
