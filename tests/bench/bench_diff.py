"""The diff of any two versions beside the pages of one op, and the life of an op over many versions.

    python tests/bench/bench_diff.py DATABASE

The states of all linux versions held are in memory. Every pair of them is compared anew, without the answers that the
knowledge base keeps: once as `diff` takes two states of which nothing is known, once as the knowledge base does it,
which keeps the facts of each version, so that only the comparison is new. What it was asked before costs nothing and is
not counted. A page of an op is made for every op of the newest version, and again as a browser gets it: two of those
are what was promised for a diff of any pair. Then each version is taken many times over, as so many releases between
which nothing changed. Times are processor time of the thread, in milliseconds.
"""

import statistics
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import combinations, pairwise
from pathlib import Path

from ratios import Ratio, record

from kbase.addresses import op_address
from kbase.diff import Side, diff, diff_sides
from kbase.history import history, keeping, lock_history
from kbase.kb import KnowledgeBase
from kbase.views.ops import op_page
from kbase.web import create_app

RELEASES = 400
PAGES = 2  # pages of an op in whose time any two versions are to be compared


def took(call: Callable[[], object]) -> float:
    start = time.thread_time()
    call()
    return (time.thread_time() - start) * 1000


def report(what: str, times: list[float]) -> float:
    """Print what was measured; gives its median."""
    print(f"{what:32} median {statistics.median(times):7.1f}  worst {max(times):7.1f}  of {len(times)}")
    return statistics.median(times)


def main(db: Path) -> None:
    with closing(KnowledgeBase.open(db)) as kb:
        states = [kb.state(label) for label in kb.labels()]
        newest = kb.latest()
        anew = report("diff of two versions", [took(partial(diff, *pair)) for pair in combinations(states, 2)])
        sides = [Side(state) for state in states]
        for side in sides:
            diff_sides(side, side)
        known = [took(partial(diff_sides, *pair)) for pair in combinations(sides, 2)]
        kept = report("  whose facts are known", known)
        report("  of neighbours, as well", [took(partial(diff_sides, *pair)) for pair in pairwise(sides)])
        ops = list(kb.state(newest).ops.values())
        report("page of an op", [took(partial(op_page, kb, newest, op.struct, op.name)) for op in ops])
        browser = create_app(db).test_client()
        addresses = [op_address(newest, op.struct, op.name) for op in ops]
        page = report("  as a browser gets it", [took(partial(browser.get, address)) for address in addresses])
        many = [
            replace(state, label=f"v{number}.{update}")
            for number, state in enumerate(states, 1)
            for update in range(RELEASES // len(states))
        ]
        compare = keeping()
        lives = [took(partial(history, many, op.struct, op.name, compare)) for op in ops]
        life = report(f"an op over {len(many)} versions", lives)
        report(f"a lock over {len(many)} versions", [took(partial(lock_history, many, "i_rwsem"))])
    beside = "the page of an op, uncached"
    rows = [
        Ratio("diff of two versions met for the first time", anew, page, beside=beside),
        Ratio("diff of two versions, each compared before", kept, page, beside=beside, limit=PAGES),
        Ratio("diff of two versions, each compared before, worst pair", max(known), page, beside=beside, limit=PAGES),
        Ratio(f"life of an op over {len(many)} versions", life, page, beside=beside),
    ]
    record(__file__, rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
