"""Twenty visitors at once over all kinds of pages while builds swap in, beside a bare Flask application.

    python tests/bench/bench_load.py [REQUESTS]

The server runs as `kbase serve` does, in a process of its own; every few seconds another process builds a database
whose documents of v6.99 carry the number of their turn in a rule, a description, a note and an entry of the porting
log. Every answer is looked at:

- it is no error;
- it shows one turn at most, and at least the one that had been swapped in when it was asked for;
- answers with the ETag of one state show one turn, and the same address under the same ETag has the same body;
- 304 comes for the ETag that was asked about, and for no other.

A quarter of the requests ask anew whatever the server has kept. Prints answers a second, the median and the 99th
percentile of their times, and the server's memory at a quarter, at half and at the end of all requests (flat: the end
is within a tenth of the half); then the same for an application of one route that answers `hello`.
"""

import hashlib
import http.client
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from ratios import Ratio, record

from kbase.build.pipeline import build
from kbase.web import create_app

REQUESTS, VISITORS = 20_000, 20
PAUSE = 3.0  # seconds between builds
FLAT = 1.1
OP = "inode_operations/create/"
READ = (
    *("/", "/search?q=rename", "/search?q=what+may+block", "/search?q=turn", "/v/latest/", "/v/v6.99/", "/v/v6.8.1/"),
    *("/v/v6.99/inode_operations/", "/v/v6.99/inode_operations/?sort=op", "/v/v6.99/inode_operations/create/"),
    *("/v/v6.8.1/inode_operations/rename/", "/v/v5.4/super_operations/sync_fs/", "/locks/", "/locks/i_rwsem/"),
    *("/history/inode_operations.create/", "/history/inode_operations/", "/diff/", "/diff/v5.4..v6.8.1/"),
    *("/diff/v6.8.1..v6.99/", "/diff/v6.8.1..v6.99/inode_operations/", "/porting/", "/porting/sow-in-rows/"),
    *("/notes/", "/notes/mmap-2-file-memory-mapping/", "/commits/", "/commits/640708a2cff7/"),
    *(
        "/v/v6.8.1/functions/d_add/",
        "/v/v6.8.1/flags/RENAME_EXCHANGE/",
        "/v/v6.99/directory-locking/",
        "/v/v6.99/lock-order/",
    ),
    *("/doc/v6.99/Documentation/filesystems/locking.rst", "/doc/v6.8.1/Documentation/filesystems/vfs.rst"),
    *("/history/lock/i_rwsem/", "/api/", "/drift/", "/drift/inode_operations/", "/v/v6.99/drift/"),
)
WITHOUT_TABLE = ("/search?", "/diff/", "/commits/", "/porting/sow", "/v/v6.99/inode_operations/?")  # pages' beginnings
SHEETS = (
    *(page for page in READ if not page.startswith(WITHOUT_TABLE)),
    *("/diff/", "/diff/v6.8.1..v6.99/"),
    "/diff/v6.8.1..v6.99/inode_operations/",
)
OTHER = (
    *("/static/site.css", "/static/marks.svg", "/favicon.ico", "/healthz"),
    *("/api/v1/suggest?q=ren", "/api/v1/openapi.json", "/compare?from=v5.4&to=v6.99", "/theme?to=dark"),
)
PAGES = (
    *READ,
    *OTHER,
    "/search/table.csv?q=rename",
    *(f"{page.rstrip('/')}/table.csv" for page in SHEETS),
    *(f"/api/v1{address}" for address in READ),
)
HEADER = "struct inode_operations {\n\tint (*create)(struct inode *, struct dentry *);\n};\n"
TURN = re.compile(rb"turn(\d+)")
SERVED = """
import gc, sys; from pathlib import Path
from kbase.cli.run import YOUNG; from kbase.web.application import create_app; from kbase.web.serving import make_server
gc.set_threshold(YOUNG)
server = make_server(create_app(Path(sys.argv[1])), "127.0.0.1", 0)
print(server.effective_port, flush=True); server.run()
"""
BARE = """
from flask import Flask; from kbase.web.serving import make_server
app = Flask("bare")
app.add_url_rule("/", "hello", lambda: "hello")
server = make_server(app, "127.0.0.1", 0)
print(server.effective_port, flush=True); server.run()
"""
BUILD = "import sys, pathlib, kbase.build.pipeline as p; p.build(pathlib.Path(sys.argv[1]), [sys.argv[2]])"
DOCUMENTS = {
    "locking.rst": """\
inode_operations
================

prototypes::

	int (*create) (struct inode *, struct dentry *, umode_t, bool);

locking rules:

=======	==================
ops	i_rwsem(inode)
=======	==================
create:	exclusive (turn{turn})
=======	==================

create must have turned to turn{turn} first.
""",
    "vfs.rst": """\
struct inode_operations
-----------------------

.. code-block:: c

	struct inode_operations {{
		int (*create) (struct inode *, struct dentry *, umode_t, bool);
	}};

``create``
	called at turn{turn} of the barn.
""",
    "porting.rst": "---\n\n**mandatory**\n\nSow in rows.\n\n---\n\n**mandatory**\n\n->create() is at turn{turn} now.\n",
    "directory-locking.rst": """\
1. looking.  Locking rules:

	* lock the barn (shared) at turn{turn}

2. felling.  Locking rules:

	* lock the barn (exclusive)
	* find the tree

""",
    "barn.txt": "How the barn turns\n==================\n\nIn barn(), this is turn{turn}.\n",
}


@contextmanager
def server(code: str, *arguments: str) -> Iterator[tuple[int, int]]:
    """The process and the port of a server that runs meanwhile."""
    command = [sys.executable, "-c", code, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        port = int(process.stdout.readline())
        try:
            yield process.pid, port
        finally:
            process.send_signal(signal.SIGTERM)


class Builds:
    """Builds that swap in one after the other: `turn` is the last one that is known to serve."""

    def __init__(self, db: Path, tree: Path) -> None:
        """Build turn 0, wait for `running`."""
        self.turn = 0
        self._db, self._tree, self._stop = db, tree, threading.Event()
        self._write(0)
        build(db, [str(tree)])

    @contextmanager
    def running(self) -> Iterator[None]:
        """Build meanwhile, every few seconds."""
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _run(self) -> None:
        while not self._stop.wait(PAUSE):
            self._write(self.turn + 1)
            subprocess.run([sys.executable, "-c", BUILD, str(self._db), str(self._tree)], check=True)
            self.turn += 1

    def _write(self, turn: int) -> None:
        folder = self._tree / "Documentation/filesystems"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in DOCUMENTS.items():
            (folder / name).write_text(text.format(turn=turn))
        (self._tree / "include/linux").mkdir(parents=True, exist_ok=True)
        (self._tree / "include/linux/fs.h").write_text(HEADER)


class Seen:
    """What visitors saw: times in seconds, and whatever was wrong."""

    def __init__(self, builds: Builds | None) -> None:
        """Hold answers to what these builds have swapped in."""
        self.times, self.wrong, self.turns = list[float](), Counter[str](), dict[str, int]()
        self._builds, self._bodies = builds, dict[tuple[str, str], str]()

    def least(self) -> int:
        """The turn that an answer to a question asked now must show, or a later one."""
        return self._builds.turn if self._builds else 0

    def answer(self, address: str, response: http.client.HTTPResponse, body: bytes, asked: str, least: int) -> None:
        """Look at an answer; `asked` is the ETag sent along, if one was."""
        tag = response.getheader("ETag", "")
        if response.status not in (200, 302, 303, 304):
            self.wrong[f"{response.status} {address}"] += 1
        elif response.status == 304:
            self.wrong[f"304 of another state: {address}"] += tag != asked
        elif response.status == 200:
            self._content(address, tag, body, least)

    def _content(self, address: str, tag: str, body: bytes, least: int) -> None:
        turns = {int(turn) for turn in TURN.findall(body)}
        if len(turns) > 1:
            self.wrong[f"mixed turns {turns}: {address}"] += 1
        for turn in turns:
            self.wrong[f"turn {turn} after {least}: {address}"] += turn < least
            if tag:
                self.wrong[f"two turns under one ETag: {address}"] += self.turns.setdefault(tag, turn) != turn
        digest = hashlib.sha256(body).hexdigest()
        if tag and self._bodies.setdefault((address, tag), digest) != digest:
            self.wrong[f"two bodies under one ETag: {address}"] += 1

    @property
    def mistakes(self) -> Counter[str]:
        """What was wrong, and how often."""
        return +self.wrong


def memory(process: int) -> float:
    """Resident memory of a process, in MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def visit(port: int, addresses: Sequence[str], seen: Seen, chance: random.Random) -> None:
    """One visitor: asks for the addresses one after the other over one connection, some with the ETag it has."""
    tags = dict[str, str]()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        for address in addresses:
            asked = tags.get(address, "") if chance.random() < 0.2 else ""
            least, start = seen.least(), time.monotonic()
            connection.request("GET", address, headers={"If-None-Match": asked} if asked else {})
            response = connection.getresponse()
            body = response.read()
            seen.times.append(time.monotonic() - start)
            seen.answer(address, response, body, asked, least)
            tags[address] = response.getheader("ETag", "")


def anew(address: str, chance: random.Random) -> str:
    """The address, one time in four with a parameter that nobody has asked with."""
    if chance.random() < 0.75 or "static" in address:
        return address
    return f"{address}{'&' if urlsplit(address).query else '?'}fresh={chance.random()}"


def load(port: int, process: int, pages: Sequence[str], requests: int, seen: Seen) -> tuple[float, list[float]]:
    """All visitors at once: answers a second, and memory at a quarter, at half and at the end."""
    chance = random.Random(1)
    shares = [[anew(chance.choice(pages), chance) for _ in range(requests // VISITORS)] for _ in range(VISITORS)]
    threads = [
        threading.Thread(target=visit, args=(port, share, seen, random.Random(number)))
        for number, share in enumerate(shares)
    ]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    held = list[float]()
    for part in (4, 2):
        while len(seen.times) < requests // part and any(thread.is_alive() for thread in threads):
            time.sleep(0.1)
        held.append(memory(process))
    for thread in threads:
        thread.join()
    return len(seen.times) / (time.monotonic() - start), [*held, memory(process)]


def report(name: str, requests: int, seen: Seen, speed: float, held: list[float]) -> None:
    """Print what came out."""
    mistakes, times = seen.mistakes, sorted(seen.times)
    print(
        f"{name}: {len(times)} of {requests} answered, {mistakes.total()} wrong; {speed:.0f} a second, "
        f"median {statistics.median(times) * 1000:.1f} ms, p99 {times[int(len(times) * 0.99)] * 1000:.0f} ms; "
        f"memory {' -> '.join(f'{size:.0f}' for size in held)} MB; {len(set(seen.turns.values()))} turns seen"
    )
    for what, count in mistakes.most_common(20):
        print(f"  {count} x {what}")


def covered(db: Path) -> None:
    """Every route of the application is asked for."""
    routes = create_app(db).url_map
    known = {routes.bind("localhost").match(urlsplit(address).path)[0] for address in PAGES}
    missing = {rule.endpoint for rule in routes.iter_rules()} - known
    assert not missing, f"no page asked for of {missing}"


def main(requests: int = REQUESTS) -> int:
    """Both servers, one after the other; the status is 1 if an answer was wrong."""
    with tempfile.TemporaryDirectory() as scratch:
        builds = Builds(Path(scratch, "db"), Path(scratch, "v6.99"))
        covered(Path(scratch, "db"))
        seen = Seen(builds)
        with server(SERVED, f"{scratch}/db") as (process, port), builds.running():
            speed, held = load(port, process, PAGES, requests, seen)
    report(f"kbase, {builds.turn} builds swapped in", requests, seen, speed, held)
    bare = Seen(None)
    with server(BARE) as (process, port):
        bare_speed, bare_held = load(port, process, ["/"], requests, bare)
    report("bare", requests, bare, bare_speed, bare_held)
    ours, theirs = (statistics.median(each.times) * 1000 for each in (seen, bare))
    record(
        __file__,
        [
            Ratio("time of an answer under load, builds meanwhile", ours, theirs, beside="a bare Flask application"),
            Ratio("time for all answers", requests / speed, requests / bare_speed, unit="s", beside="the same"),
            Ratio("memory at the end", held[2], held[1], unit="MB", beside="at half of the requests", limit=FLAT),
            Ratio("wrong answers", seen.mistakes.total(), requests, unit="", beside="all answers", limit=0),
        ],
    )
    return 1 if seen.mistakes else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
