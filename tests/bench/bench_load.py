"""Twenty visitors at once over all kinds of pages while builds swap in, beside a bare Flask application.

    python tests/bench/bench_load.py [REQUESTS]

The server runs as `kbase serve` does, in a process of its own; every few seconds another process builds a database
that differs in one document. A page that is asked for twice under the same ETag must have the same body, and no
answer may be an error. Prints answers a second, the median and the 99th percentile of their times, and the server's
memory early and late; then the same for an application of one route that answers `hello`.
"""

import hashlib
import http.client
import os
import random
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

from kbase.build import build

REQUESTS, VISITORS = 20_000, 20
PAUSE = 3.0  # seconds between builds
PAGES = (
    *("/", "/search?q=rename", "/search?q=what+may+block", "/v/latest/", "/v/v6.8.1/", "/v/latest/inode_operations/"),
    *("/v/v6.8.1/inode_operations/rename/", "/v/v5.4/super_operations/sync_fs/", "/locks/", "/locks/i_rwsem/"),
    *("/history/inode_operations.create/", "/diff/", "/diff/v5.4..v6.8.1/", "/diff/v5.4..v6.8.1/inode_operations/"),
    *("/porting/", "/notes/", "/commits/", "/doc/v6.8.1/Documentation/filesystems/locking.rst", "/healthz"),
    *("/api/v1/v/v6.8.1/inode_operations/rename/", "/api/v1/search?q=i_rwsem", "/api/v1/openapi.json"),
)
SERVED = """
import sys; from pathlib import Path
from kbase.web.application import create_app; from kbase.web.serving import make_server
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
BUILD = "import sys; from pathlib import Path; from kbase.build import build; build(Path(sys.argv[1]), [sys.argv[2]])"
Table = dict[tuple[str, str], str]


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


@contextmanager
def builds(db: Path, tree: Path) -> Iterator[list[int]]:
    """Builds that swap in one after the other meanwhile; gives a list that gets an entry for each."""
    done, stop = list[int](), threading.Event()

    def run() -> None:
        while not stop.wait(PAUSE):
            write(tree, len(done) + 1)
            subprocess.run([sys.executable, "-c", BUILD, str(db), str(tree)], check=True)
            done.append(len(done))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield done
    finally:
        stop.set()
        thread.join()


def write(tree: Path, turn: int) -> None:
    """The one document of the tree, different each turn."""
    folder = tree / "Documentation/filesystems"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "notes.txt").write_text(f"Turn\n====\n\nThis is turn {turn}.\n")


def memory(process: int) -> float:
    """Resident memory of a process, in MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def visit(port: int, addresses: Sequence[str], times: list[float], seen: Table, wrong: Counter[str]) -> None:
    """One visitor: asks for the addresses one after the other over one connection."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        for address in addresses:
            start = time.monotonic()
            connection.request("GET", address)
            answer = connection.getresponse()
            body = answer.read()
            times.append(time.monotonic() - start)
            if answer.status not in (200, 302):
                wrong[f"{answer.status} {address}"] += 1
            elif tag := answer.getheader("ETag"):
                digest = hashlib.sha256(body).hexdigest()
                if seen.setdefault((address, tag), digest) != digest:
                    wrong[f"mixed {address}"] += 1


def load(port: int, process: int, pages: Sequence[str], requests: int) -> str:
    """All visitors at once; gives the line to print."""
    chance, times, seen, wrong = random.Random(1), list[float](), Table(), Counter[str]()
    shares = [[chance.choice(pages) for _ in range(requests // VISITORS)] for _ in range(VISITORS)]
    threads = [threading.Thread(target=visit, args=(port, share, times, seen, wrong)) for share in shares]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    while len(times) < requests // 4 and any(thread.is_alive() for thread in threads):
        time.sleep(0.1)
    early = memory(process)
    for thread in threads:
        thread.join()
    took = time.monotonic() - start
    asked = sum(map(len, shares))
    times.sort()
    return (
        f"{len(times)} of {asked} answered, {sum(wrong.values())} wrong {dict(wrong.most_common(3)) or ''}; "
        f"{len(times) / took:.0f} a second, median {statistics.median(times) * 1000:.1f} ms, "
        f"p99 {times[int(len(times) * 0.99)] * 1000:.0f} ms; memory {early:.0f} -> {memory(process):.0f} MB; "
        f"{len({tag for _, tag in seen})} states seen"
    )


def main(requests: int = REQUESTS) -> None:
    """Both servers, one after the other."""
    with tempfile.TemporaryDirectory() as scratch:
        db, tree = Path(scratch, "db"), Path(scratch, "v6.9")
        write(tree, 0)
        build(db, [str(tree)])
        with server(SERVED, str(db)) as (process, port), builds(db, tree) as done:
            line = load(port, process, PAGES, requests)
        print(f"kbase: {line}; {len(done)} builds swapped in")
    with server(BARE) as (process, port):
        print(f"bare:  {load(port, process, ['/'], requests)}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
