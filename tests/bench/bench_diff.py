"""The diff of any two versions beside the pages of one op, and the histories of ops.

    python tests/bench/bench_diff.py DATABASE

The states of all linux versions are in memory, as in a server that has run for a while; nothing else is. Every pair of
them is compared, and a page of an op is made for every op of the newest version, and again as a browser gets it. What
comes first in a new process is slower: there the pair that took longest is compared, its versions read from the
database and all, and beside it, in another process, a page of an op is asked for. What comes next is slow as well:
after one page of an op, a new process compares some pairs in a drawn order, and another one makes as many pages.
`kbase diff` is run on some pairs, and `kbase show` on some ops. Garbage is collected as by the server. Times are
processor time of the thread, and of a command in all, in milliseconds.
"""

import gc
import statistics
import subprocess
import sys
from contextlib import closing
from functools import partial
from itertools import combinations
from pathlib import Path
from random import Random

from clock import milliseconds, spent
from ratios import Ratio, record

from kbase.cli.run import YOUNG
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.addresses import op_address
from kbase.pages.ops import op_page
from kbase.web import create_app

LIMIT = 150  # milliseconds in which any two versions are to be compared
FIRST = 250  # milliseconds in which the first page of an op of a new process is to be made
COMMANDS = 12  # pairs that `kbase diff` is run on
PROCESSES = 5  # new ones for each thing that comes first
EARLY = 20  # pairs, and pages, that come next


def report(what: str, times: list[float]) -> float:
    """Print what was measured; gives its median."""
    print(f"{what:32} median {statistics.median(times):7.1f}  worst {max(times):7.1f}  of {len(times)}")
    return statistics.median(times)


def first_diff(db: Path, old: str, new: str) -> float:
    """The first diff that a new knowledge base makes."""
    with closing(KnowledgeBase.open(db)) as kb:
        return milliseconds(partial(kb.compare, old, new))


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
            return statistics.median([milliseconds(partial(kb.compare, *pair)) for pair in compared[:EARLY]])
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
        for label in kb.labels():
            kb.state(label)
        newest, pairs = kb.latest(), list(combinations(kb.labels(), 2))
        times = {pair: milliseconds(partial(kb.compare, *pair)) for pair in pairs}
        middle = report("diff of two versions", list(times.values()))
        ops = list(kb.state(newest).ops.values())
        report("page of an op", [milliseconds(partial(op_page, kb, newest, op.struct, op.name)) for op in ops])
        browser = create_app(db).test_client()
        addresses = [op_address(newest, op.struct, op.name) for op in ops]
        page = report("  as a browser gets it", [milliseconds(partial(browser.get, address)) for address in addresses])
        distant = max(times, key=times.__getitem__)
        cold = report(f"first of all, {'..'.join(distant)}", [at_first(str(db), *distant) for _ in range(PROCESSES)])
        cold_page = report("a page, first of all", [at_first(str(db), addresses[0]) for _ in range(PROCESSES)])
        early = [
            report(f"the {EARLY} {what} after that", [at_first(str(db), f"--{what}", str(n)) for n in range(PROCESSES)])
            for what in ("pairs", "pages")
        ]
        told = report("kbase diff", [command(db, "diff", *pair) for pair in Random(0).sample(pairs, COMMANDS)])
        shown = report("kbase show", [command(db, "show", op.dotted) for op in ops[:: len(ops) // PROCESSES]])
        tables = report("histories of a table", [milliseconds(partial(kb.histories, struct)) for struct in kb.tables])
    beside = "the page of an op, uncached"
    rows = [
        Ratio("diff of two versions", middle, page, beside=beside),
        Ratio("diff of two versions, worst pair", max(times.values()), LIMIT, beside=f"{LIMIT} ms", limit=1),
        Ratio("diff of that pair as the first of a new process", cold, cold_page, beside="a page of an op as that"),
        Ratio("page of an op as the first of a new process", cold_page, FIRST, beside=f"{FIRST} ms", limit=1),
        Ratio(f"the next {EARLY} diffs in a new process", early[0], early[1], beside="as many pages of ops"),
        Ratio("kbase diff", told, shown, beside="kbase show of an op"),
        Ratio("histories of all ops of a table", tables, page, beside=beside),
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
