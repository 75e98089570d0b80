"""The diff of any two versions beside the pages of one op, and the history of an op over many versions.

    python tests/bench/bench_diff.py DATABASE

The states of all linux versions held are in memory. Every pair of them is compared anew, without the answers that the
knowledge base keeps: once as `diff` takes two states of which nothing is known, once as the knowledge base does it,
which keeps the facts of each version, so that only the comparison is new (the median of some rounds). What it was asked
before costs nothing and is not counted. A page of an op is made for every op of the newest version, and again as a
browser gets it: two of those are what was promised for a diff of any pair. What comes first in a new process is slower:
there the pair that took longest is compared, its versions read from the database and all, and beside it, in another
process, a page of an op is asked for. What comes next is slow as well: after one page of an op, a new process compares
some pairs in a drawn order, and another one makes as many further pages. `kbase diff` is run on every pair, and `kbase
show` on some ops. Then each version is taken many times over, as so many releases between which nothing changed.
Garbage is collected as by the server. Times are processor time of the thread, and of a command in all, in milliseconds.
"""

import gc
import statistics
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import combinations, pairwise
from pathlib import Path
from random import Random

from clock import milliseconds, spent
from ratios import Ratio, record

from kbase.diff import Side, diff, diff_sides
from kbase.diff.history import history, keeping
from kbase.diff.lock_history import lock_history
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.addresses import op_address
from kbase.model.states import VersionState
from kbase.pages.ops import op_page
from kbase.web import create_app
from kbase.web.serving import YOUNG

RELEASES = 400
PAGES = 2  # pages of an op in whose time any two versions are to be compared
ROUNDS = 9  # in which every pair is compared for the first time
PROCESSES = 5  # new ones for each thing that comes first
EARLY = 20  # pairs, and pages, that come next


def report(what: str, times: list[float]) -> float:
    """Print what was measured; gives its median."""
    print(f"{what:32} median {statistics.median(times):7.1f}  worst {max(times):7.1f}  of {len(times)}")
    return statistics.median(times)


def compared(states: list[VersionState]) -> dict[tuple[str, str], float]:
    """What the first comparison of each pair costs, by labels: of so many rounds that each begin with new facts.

    Each goes through the pairs in another order, so that the garbage of all is not always charged to the same one.
    """
    times: dict[tuple[str, str], list[float]] = {}
    for number in range(ROUNDS):
        sides = [Side(state) for state in states]
        for side in sides:
            diff_sides(side, side)
        pairs = list(combinations(sides, 2))
        Random(number).shuffle(pairs)
        for old, new in pairs:
            took = milliseconds(partial(diff_sides, old, new))
            times.setdefault((old.state.label, new.state.label), []).append(took)
    return {pair: statistics.median(each) for pair, each in times.items()}


def first_diff(db: Path, old: str, new: str) -> float:
    """The first diff that a new knowledge base makes."""
    with closing(KnowledgeBase.open(db)) as kb:
        return milliseconds(partial(kb.diff, old, new))


def first_page(db: Path, address: str) -> float:
    """The first page that a browser gets of a server."""
    return milliseconds(partial(create_app(db).test_client().get, address))


def next_ones(db: Path, seed: int, *, pairs: bool) -> float:
    """What the pairs, or pages, cost that come next after the first page of an op; the median of them."""
    draw = Random(seed)
    with closing(KnowledgeBase.open(db)) as kb:
        browser, newest = create_app(kb).test_client(), kb.latest()
        pages = [op_address(newest, op.struct, op.name) for op in kb.state(newest).ops.values()]
        compared = list(combinations(kb.labels(), 2))
        draw.shuffle(pages)
        draw.shuffle(compared)
        browser.get(pages[0])
        if pairs:
            return statistics.median([milliseconds(partial(kb.diff, *pair)) for pair in compared[:EARLY]])
        return statistics.median([milliseconds(partial(browser.get, address)) for address in pages[1 : EARLY + 1]])


def at_first(*arguments: str) -> float:
    """What this program prints in a new process."""
    return float(subprocess.run([sys.executable, __file__, *arguments], check=True, capture_output=True).stdout)


def command(db: Path, *words: str) -> float:
    """Milliseconds of a `kbase` command, from its start to its end."""
    called = [sys.executable, "-m", "kbase", *words, "--db", str(db)]
    return 1000 * spent(partial(subprocess.run, called, check=True, capture_output=True))


def main(db: Path) -> None:
    with closing(KnowledgeBase.open(db)) as kb:
        states = [kb.state(label) for label in kb.labels()]
        newest = kb.latest()
        anew = report("diff of two versions", [milliseconds(partial(diff, *pair)) for pair in combinations(states, 2)])
        known = compared(states)
        kept = report("  whose facts are known", list(known.values()))
        report("  of neighbours, as well", [known[pair] for pair in pairwise(kb.labels())])
        ops = list(kb.state(newest).ops.values())
        report("page of an op", [milliseconds(partial(op_page, kb, newest, op.struct, op.name)) for op in ops])
        browser = create_app(db).test_client()
        addresses = [op_address(newest, op.struct, op.name) for op in ops]
        page = report("  as a browser gets it", [milliseconds(partial(browser.get, address)) for address in addresses])
        distant = max(known, key=known.__getitem__)
        cold = report(f"first of all, {'..'.join(distant)}", [at_first(str(db), *distant) for _ in range(PROCESSES)])
        cold_page = report("a page, first of all", [at_first(str(db), addresses[0]) for _ in range(PROCESSES)])
        early = [
            report(f"the {EARLY} {what} after that", [at_first(str(db), f"--{what}", str(n)) for n in range(PROCESSES)])
            for what in ("pairs", "pages")
        ]
        told = [command(db, "diff", *pair) for pair in known]
        report("kbase diff", told)
        shown = report("kbase show", [command(db, "show", op.dotted) for op in ops[:: len(ops) // PROCESSES]])
        many = [
            replace(state, label=f"v{number}.{update}")
            for number, state in enumerate(states, 1)
            for update in range(RELEASES // len(states))
        ]
        compare = keeping()
        lives = [milliseconds(partial(history, many, op.struct, op.name, compare)) for op in ops]
        life = report(f"an op over {len(many)} versions", lives)
        report(f"a lock over {len(many)} versions", [milliseconds(partial(lock_history, many, "i_rwsem"))])
    beside = "the page of an op, uncached"
    rows = [
        Ratio("diff of two versions met for the first time", anew, page, beside=beside),
        Ratio("diff of two versions, each compared before", kept, page, beside=beside, limit=PAGES),
        Ratio(
            "diff of two versions, each compared before, worst pair",
            max(known.values()),
            page,
            beside=beside,
            limit=PAGES,
        ),
        Ratio(
            "diff of that pair as the first of a new process",
            cold,
            cold_page,
            beside="the page of an op, the first of a new process",
        ),
        Ratio(
            f"diff of two versions, median of the next {EARLY} in a new process",
            early[0],
            early[1],
            beside=f"the page of an op, median of the next {EARLY} in a new process",
            limit=PAGES,
        ),
        Ratio("kbase diff of the pair that takes longest", max(told), shown, beside="kbase show of an op", limit=PAGES),
        Ratio(f"history of an op over {len(many)} versions", life, page, beside=beside),
    ]
    record(__file__, rows)


if __name__ == "__main__":
    gc.set_threshold(YOUNG)
    match sys.argv[1:]:
        case [database]:
            main(Path(database))
        case [database, address]:
            print(first_page(Path(database), address))
        case [database, "--pairs" | "--pages" as what, seed]:
            print(next_ones(Path(database), int(seed), pairs=what == "--pairs"))
        case [database, old, new]:
            print(first_diff(Path(database), old, new))
