"""What a build costs as versions and distinct documents grow.

    python tests/bench/bench_growth.py [FOLDER]

First the same 40 distinct documents at 1, 10, 100 and 400 tags of a git repository: cost should stay where it is.
They are variants of the bundled corpus' own vfs and locking documents. Then 10, 100 and 1000 distinct documents of a
few tables each, two a version: cost should grow with them. Every build starts from nothing, and without the bundled
corpus. Prints a table: seconds of processor time, sizes, median time of a search, and each as a ratio to the first row.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from ratios import Ratio, record

from kbase import places
from kbase.build import build
from kbase.generations import current
from kbase.kb import KnowledgeBase

TAGS = (1, 10, 100, 400)
BLOBS = (10, 100, 1000)
SAME = 40
FILES = ("vfs.rst", "locking.rst")
QUERIES = ("rename", "lock:i_rwsem held:exclusive", "what is held when create is called", "inode_operations.rename")
ROUNDS = 5
SMALL = """\
table_{number}_operations
========================

prototypes::

	int (*create_{number}) (struct inode *, struct dentry *, umode_t, bool);
	int (*rename_{number}) (struct inode *, struct dentry *, struct inode *, struct dentry *, unsigned int);

locking rules:

==============	==================
ops	i_rwsem(inode)
==============	==================
create_{number}:	exclusive
rename_{number}:	exclusive
==============	==================
"""
Tree = dict[str, bytes]


def large(number: int) -> bytes:
    """A variant of one of the corpus' two long documents."""
    name = FILES[number % 2]
    file = max((places.corpus() / "linux").glob(f"v6.12*/Documentation/filesystems/{name}"))
    return file.read_bytes() + f"\n\nVariant\n=======\n\nThis is variant {number} of the document.\n".encode()


def small(number: int) -> bytes:
    """A short document, unlike all others."""
    return SMALL.replace("{number}", str(number)).encode()


def trees(tags: int, blobs: int, document: Callable[[int], bytes]) -> Iterator[Tree]:
    """The documents of each tag, in two files if there are enough tags; all blobs are in some tree."""
    each = max(2, -(-blobs // tags))
    for tag in range(tags):
        first = tag * (blobs - each) // max(1, tags - 1) // 2 * 2
        yield {FILES[n % 2] if each == 2 else f"{n}/{FILES[n % 2]}": document(first + n) for n in range(each)}


def stream(tags: Sequence[Tree]) -> Iterator[bytes]:
    """A repository with a tag for each tree, as `git fast-import` reads it."""
    for number, files in enumerate(tags):
        yield b"commit refs/heads/main\ncommitter a <a@b> 0 +0000\ndata 0\ndeleteall\n"
        for name, data in files.items():
            yield f"M 100644 inline Documentation/filesystems/{name}\ndata {len(data)}\n".encode() + data + b"\n"
        yield f"reset refs/tags/v5.{number}\nfrom refs/heads/main\n\n".encode()


def directory_size(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def latency(kb: KnowledgeBase) -> float:
    """Median processor time of a search, in milliseconds, nothing kept of earlier ones."""
    times = []
    for _ in range(ROUNDS):
        for query in QUERIES:
            kb._searcher.answers.cache_clear()  # otherwise only the first round would search
            start = time.thread_time()
            kb.search(query)
            times.append((time.thread_time() - start) * 1000)
    return statistics.median(times)


def spent() -> float:
    """Seconds of processor time so far, of this process and of git."""
    return sum(os.times()[:4])


def measure(scratch: Path, tags: Sequence[Tree]) -> tuple[float, ...]:
    """Build: processor seconds, of a second build, MB of database and of index, search in milliseconds."""
    repository, db, corpus = scratch / "linux", scratch / "db", scratch / "corpus"
    corpus.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main", repository], check=True)
    subprocess.run(["git", "-C", repository, "fast-import", "--quiet"], input=b"".join(stream(tags)), check=True)
    times = []
    for _ in range(2):
        start = spent()
        build(db, [str(repository)], tags="v*", corpus=corpus)
        times.append(spent() - start)
    with closing(KnowledgeBase.open(db)) as kb:
        searched = latency(kb)
        assert len(kb.versions) == len(tags)
    folder = current(db)
    return (*times, (folder / "kbase.sqlite").stat().st_size / 1e6, directory_size(folder / "index") / 1e6, searched)


def table(title: str, rows: dict[int, Callable[[], Sequence[Tree]]], folder: Path | None) -> list[tuple[float, ...]]:
    """Measure each row and print it, with its ratios to the first; gives what was measured."""
    print(f"{title:>16}   build s      again s      database MB  index MB     search ms")
    measured = list[tuple[float, ...]]()
    for count, tags in rows.items():
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            measured.append(measure(Path(scratch), tags()))
        cells = (f"{value:6.2f} {value / base:4.1f}x" for value, base in zip(measured[-1], measured[0], strict=True))
        print(f"{count:16}  {'  '.join(cells)}", flush=True)
    return measured


def main(folder: Path | None = None) -> None:
    """Both tables."""
    tags = table("tags of 40 blobs", {n: lambda n=n: list(trees(n, SAME, large)) for n in TAGS}, folder)  # type: ignore[misc]
    blobs = table("distinct blobs", {n: lambda n=n: list(trees(n // 2, n, small)) for n in BLOBS}, folder)  # type: ignore[misc]
    units = ("s", "s", "MB", "MB", "ms")
    kinds = ("build", "build again", "database", "index", "search")
    rows = [
        Ratio(f"{kind}, the same {SAME} documents at {TAGS[-1]} tags", ours, one, unit=unit, beside=f"at {TAGS[0]} tag")
        for kind, unit, ours, one in zip(kinds, units, tags[-1], tags[0], strict=True)
    ]
    factor = BLOBS[-1] / BLOBS[-2]
    rows += [
        Ratio(f"{kind}, {BLOBS[-1]} documents", ours, ten * factor, unit=unit, beside=f"{factor:g} times {BLOBS[-2]}")
        for kind, unit, ours, ten in zip(kinds[:4], units, blobs[-1], blobs[-2], strict=False)
    ]
    record(__file__, rows)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
