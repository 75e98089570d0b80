"""The start of the command line beside `python -c pass`, in the same run, on the bundled corpus.

    python tests/bench/bench_cli.py [ROUNDS]

Processor time of whole processes, the median of the rounds; the commands take turns, so that all see the same machine.
Bytecode is cached, as an installation has it.
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from ratios import Ratio, record

from kbase.build.pipeline import build

KBASE = ["-m", "kbase"]
BARE = "`python -c pass`"
COMMANDS = {
    BARE: ["-c", "pass"],
    "kbase --help": [*KBASE, "--help"],
    "kbase show OP": [*KBASE, "show", "inode_operations.rename"],
    "kbase history OP": [*KBASE, "history", "inode_operations.rename"],
    "kbase search WORDS": [*KBASE, "search", "rename"],
    "completion of a version": [*KBASE],
}
LIMITS = {"kbase --help": 8, "kbase show OP": 20}
COMPLETE = {"_KBASE_COMPLETE": "bash_complete", "COMP_WORDS": "kbase diff v6", "COMP_CWORD": "2"}


def main(db: Path, rounds: int) -> None:
    """Measure every command so often, and record the medians."""
    build(db)
    cached = {"KBASE_DB": str(db), "PYTHONPYCACHEPREFIX": str(db.parent / "cache"), "PYTHONDONTWRITEBYTECODE": ""}
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, words in COMMANDS.items():
            environment = os.environ | cached | (COMPLETE if name.startswith("completion") else {})
            times[name].append(run(words, environment))
    bare = median(times.pop(BARE))
    record(__file__, [Ratio(name, median(each), bare, "ms", BARE, LIMITS.get(name)) for name, each in times.items()])


def run(words: list[str], environment: dict[str, str]) -> float:
    """Run Python with these arguments; its processor time in milliseconds."""
    before = spent()
    subprocess.run([sys.executable, *words], env=environment, capture_output=True, check=True)
    return (spent() - before) * 1000


def spent() -> float:
    """The processor time of the processes that have ended, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(Path(temporary, "db"), int(sys.argv[1]) if sys.argv[1:] else 15)
