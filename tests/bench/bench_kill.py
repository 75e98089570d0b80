"""Builds ended at random moments: whatever the moment, the database is entirely the old or entirely the new one.

    python tests/bench/bench_kill.py [TIMES] [SEED]

A build of four jobs that switches between two contents of 40 versions is started TIMES times (200 unless said
otherwise) and ended, by SIGKILL and SIGTERM in turn, in each of its stages in turn, at a random moment of it. After
each time no process of the build may be left, SIGTERM may leave no file either, and the database is opened and asked;
the next build must start at once. Prints how often each stage was struck, and what the database was then.
"""

import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.store import generations

TIMES, SEED, JOBS, VERSIONS = 200, 1, 4, 40
STAGES = ("start", "read", "parse", "assemble", "compare", "index", "swap")
PATIENCE = 5  # seconds until a process of a build that was ended counts as left
DOCUMENT = """\
inode_operations
================

prototypes::

	int (*create) (struct inode *, struct dentry *, umode_t, bool);

locking rules:

=======	==================
ops	i_rwsem(inode)
=======	==================
create:	{cell} {version}
=======	==================
"""
# The program, which writes each stage of a build and its time into a file as it begins.
BUILD = """
import sys, time
from contextlib import contextmanager
from pathlib import Path
import kbase.cli, kbase.places, kbase.terminal.progress

kbase.places.corpus = lambda: Path(sys.argv[1], "none")
stages = open(Path(sys.argv[1], "stages"), "w")
told = []

def begin(stage, *_):
    if stage not in told:
        told.append(stage)
        print(stage, time.monotonic(), file=stages, flush=True)

@contextmanager
def bar():
    yield begin

kbase.terminal.progress.bar = bar
begin("start")
kbase.cli.main(sys.argv[2:])
"""


def write(trees: Path, cell: str) -> None:
    """The documents of all versions, with that rule."""
    for minor in range(VERSIONS):
        folder = trees / f"v5.{minor}/Documentation/filesystems"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "locking.rst").write_text(DOCUMENT.format(cell=cell, version=minor))


def held(db: Path) -> str:
    """The rule that the database has in all versions; it must agree with what its index finds."""
    with closing(KnowledgeBase.open(db)) as kb:
        assert kb.search("create").total, "the index does not answer"
        cells = [kb.op(label, "inode_operations", "create").locks[0].record.cell for label in kb.labels()]
    assert len(cells) == VERSIONS
    [cell] = {cell.rpartition(" ")[0] for cell in cells}
    return cell


def files(db: Path) -> set[str]:
    """What lies in the database folder, and the names of its generations."""
    return {path.name for path in (*db.iterdir(), *(db / "generations").iterdir())}


def begun(scratch: Path) -> dict[str, float]:
    """When each stage of the build began."""
    with suppress(OSError):
        lines = [line.split() for line in (scratch / "stages").read_text().splitlines()]
        return {line[0]: float(line[1]) for line in lines if len(line) == 2}
    return {}


def processes(session: int) -> set[int]:
    """The processes of a build, which has a session of its own."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, _, its_session = stat.read_text().rpartition(")")[2].split()[:4]
            if int(its_session) == session and state != "Z":
                found.add(int(stat.parent.name))
    return found


def strike(command: list[str], scratch: Path, stage: str, wait: float, number: signal.Signals) -> tuple[str, int]:
    """Start a build and end it so many seconds after a stage began; gives the stage that it was in, and its status."""
    (scratch / "stages").unlink(missing_ok=True)
    with subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL) as process:
        while stage not in begun(scratch) and process.poll() is None:
            time.sleep(0.001)
        time.sleep(wait)
        struck = list(begun(scratch))[-1]
        process.send_signal(number)
        status = process.wait()
        deadline = time.monotonic() + PATIENCE
        while left := processes(process.pid):
            assert time.monotonic() < deadline, f"processes left in {struck}: {left}"
    return struck, status


def main(times: int, seed: int) -> None:
    """End, look, repeat."""
    chance, outcomes = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        db, trees = scratch / "db", scratch / "trees"
        write(trees, "cell")
        command = [sys.executable, "-c", BUILD, folder, "build", str(trees), "--jobs", str(JOBS), "--db", str(db)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        moments = [*begun(scratch).values(), time.monotonic()]
        lasts = dict(zip(STAGES, (after - before for before, after in pairwise(moments)), strict=True))
        for turn in range(times):
            stage, number = STAGES[turn // 2 % len(STAGES)], (signal.SIGKILL, signal.SIGTERM)[turn % 2]
            before, after, there = held(db), f"cell {turn}", files(db)
            write(trees, after)
            struck, status = strike(command, scratch, stage, chance.uniform(0, lasts[stage]), number)
            now = held(db)
            assert now in (before, after), f"neither the old nor the new: {now}"
            assert status in (0, -number, 128 + number), f"status {status}"  # -SIGTERM: before it handles signals
            if number == signal.SIGTERM:
                assert files(db) <= there | {generations.current(db).name}, f"files left in {struck}"
            outcomes[f"{struck} {number.name}: {'old' if now == before else 'new'}"] += 1
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        left = sorted(files(db))
    print(*(f"{outcome}: {count}" for outcome, count in sorted(outcomes.items())), sep="\n")
    print(f"{times} builds ended; in the folder afterwards: {', '.join(left)}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]), *(TIMES, SEED)[len(sys.argv) - 1 :])
