"""Builds killed at random moments: whatever the moment, the database is entirely the old or entirely the new one.

    python tests/bench/bench_kill.py [TIMES] [SEED]

A build that switches between two contents of one version is started TIMES times (200 unless said otherwise) and killed
with SIGKILL after 0.2 to 1.6 times the time that it takes when nobody kills it. After each kill the database is
opened and asked; prints how often it was the old one, how often the new one, and the leftovers after a last build.
"""

import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from kbase.build import build
from kbase.kb import KnowledgeBase

TIMES, SEED = 200, 1
DOCUMENT = """\
inode_operations
================

prototypes::

	int (*create) (struct inode *, struct dentry *, umode_t, bool);

locking rules:

=======	==================
ops	i_rwsem(inode)
=======	==================
create:	{cell}
=======	==================
"""
BUILD = (
    "import sys; from pathlib import Path; from kbase.build import build;"
    " build(Path(sys.argv[1]), [sys.argv[2]], corpus=Path(sys.argv[3]))"
)


def write(tree: Path, cell: str) -> None:
    """The one document of the tree, with that rule."""
    folder = tree / "Documentation/filesystems"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "locking.rst").write_text(DOCUMENT.format(cell=cell))


def held(db: Path) -> str:
    """The rule that the database has; it must agree with what its index finds."""
    with closing(KnowledgeBase.open(db)) as kb:
        assert kb.search("create").total, "the index does not answer"
        return kb.op("v6.4", "inode_operations", "create").locks[0].record.cell


def main(times: int, seed: int) -> None:
    """Kill, look, repeat."""
    chance, outcomes = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory() as scratch:
        db, tree, corpus = Path(scratch, "db"), Path(scratch, "v6.4"), Path(scratch, "corpus")
        write(tree, "exclusive")
        command = [sys.executable, "-c", BUILD, str(db), str(tree), str(corpus)]
        started = time.monotonic()
        subprocess.run(command, check=True)
        duration = time.monotonic() - started
        for turn in range(times):
            before, after = held(db), f"cell {turn}"
            write(tree, after)
            with subprocess.Popen(command) as process:
                time.sleep(chance.uniform(0.2, 1.6) * duration)
                process.send_signal(signal.SIGKILL)
            now = held(db)
            assert now in (before, after), f"neither the old nor the new: {now}"
            outcomes["old" if now == before else "new"] += 1
        build(db, [str(tree)], corpus=corpus)
        left = sorted(path.name for path in (db / "generations").iterdir())
    print(f"{times} kills: {outcomes['old']} times the old, {outcomes['new']} times the new; generations left: {left}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]), *(TIMES, SEED)[len(sys.argv) - 1 :])
