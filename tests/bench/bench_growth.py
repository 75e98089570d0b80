"""What a build costs as versions and distinct documents grow.

    python tests/bench/bench_growth.py [FOLDER]

First the same 40 distinct documents at 1, 10, 100 and 400 tags of a git repository: cost should stay where it is.
They are variants of the bundled corpus' own vfs and locking documents. Then 10, 100 and 1000 distinct documents of a
few tables each, two a version: cost should grow with them. Every build starts from nothing, and without the bundled
corpus; then nothing has changed, which stands beside git listing the trees of documents at all tags; then one tag is
new, with one new document; then a version in the middle is removed, and the history of an op is read. Prints a table:
seconds of processor time of each, sizes, median time of a search, and each as a ratio to the first row; and keeps the
ratios that count.
"""

import resource
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
from kbase.build.pipeline import build, remove
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.store.generations import current

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


def stream(tags: Sequence[Tree], first: int = 0) -> Iterator[bytes]:
    """A tag for each tree, as `git fast-import` reads it; `first` is the number of the first one."""
    for number, files in enumerate(tags, first):
        yield b"commit refs/heads/main\ncommitter a <a@b> 0 +0000\ndata 0\ndeleteall\n"
        for name, data in files.items():
            yield f"M 100644 inline Documentation/filesystems/{name}\ndata {len(data)}\n".encode() + data + b"\n"
        yield f"reset refs/tags/v5.{number}\nfrom refs/heads/main\n\n".encode()


def directory_size(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def latency(kb: KnowledgeBase) -> float:
    """Median processor time of a search, in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        for query in QUERIES:
            start = time.thread_time()
            kb.search(query)
            times.append((time.thread_time() - start) * 1000)
    return statistics.median(times)


def spent() -> float:
    """Seconds of processor time so far, of this process and of git."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def measure(scratch: Path, tags: Sequence[Tree]) -> tuple[float, ...]:
    """Processor seconds of builds (all, nothing, one tag), MB of database and index, search in milliseconds.

    Then the processor seconds of git listing the trees at the tags, and of a removal; and the first history of an op of
    a knowledge base, in milliseconds.
    """
    repository, db, corpus = scratch / "linux", scratch / "db", scratch / "corpus"
    corpus.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main", repository], check=True)
    changed = next(iter(tags[-1]))
    new = {**tags[-1], changed: tags[-1][changed] + b"\nOne more line.\n"}
    times = []
    for first, given in ((0, tags), (0, []), (len(tags), [new])):
        imported = b"".join(stream(given, first))
        subprocess.run(["git", "-C", repository, "fast-import", "--quiet", "--force"], input=imported, check=True)
        start = spent()
        build(db, [str(repository)], tags="v*", corpus=corpus)
        times.append(spent() - start)
    with closing(KnowledgeBase.open(db)) as kb:
        searched = latency(kb)
        assert len(kb.versions) == len(tags) + 1
    sizes = ((current(db) / "kbase.sqlite").stat().st_size / 1e6, directory_size(current(db) / "index") / 1e6)
    start = spent()
    listed = listing(repository)
    listing_took, start = spent() - start, spent()
    assert listed.count(b" tree ") == len(tags) + 1
    remove(db, f"v5.{len(tags) // 2}", corpus=corpus)
    removal_took = spent() - start
    return (*times, *sizes, searched, listing_took, removal_took, first_life(db))


def first_life(db: Path) -> float:
    """Processor time of the history of an op, with nothing in memory, in milliseconds."""
    with closing(KnowledgeBase.open(db)) as kb:
        op = next(iter(kb.state(kb.latest()).ops.values()))
    with closing(KnowledgeBase.open(db)) as kb:
        start = time.thread_time()
        kb.history(op.struct, op.name)
        return (time.thread_time() - start) * 1000


def listing(repository: Path) -> bytes:
    """What git says of the trees of documents at all tags: the least that tells whether something has changed."""
    git = ["git", "-C", str(repository)]
    tags = subprocess.run(
        [*git, "for-each-ref", "--format=%(objectname)", "refs/tags"], capture_output=True, check=True
    )
    asked = b"".join(name + b":Documentation/filesystems\n" for name in tags.stdout.split())
    return subprocess.run([*git, "cat-file", "--batch-check"], input=asked, capture_output=True, check=True).stdout


def table(title: str, rows: dict[int, Callable[[], Sequence[Tree]]], folder: Path | None) -> list[tuple[float, ...]]:
    """Measure each row and print it, with its ratios to the first."""
    heads = ("build s", "again s", "new tag s", "db MB", "index MB", "search ms", "git s", "removal s", "history ms")
    print(f"{title:>16}  {'  '.join(f'{head:12}' for head in heads)}")
    found: list[tuple[float, ...]] = []
    for count, tags in rows.items():
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            found.append(measure(Path(scratch), tags()))
        cells = (f"{value:6.2f} {value / base:4.1f}x" for value, base in zip(found[-1], found[0], strict=True))
        print(f"{count:16}  {'  '.join(cells)}", flush=True)
    return found


def main(folder: Path | None = None) -> None:
    """Both tables, and what counts of them."""
    tags = table("tags of 40 blobs", {n: lambda n=n: list(trees(n, SAME, large)) for n in TAGS}, folder)  # type: ignore[misc]
    blobs = table("distinct blobs", {n: lambda n=n: list(trees(n // 2, n, small)) for n in BLOBS}, folder)  # type: ignore[misc]
    most = f"{TAGS[-1]} tags of {SAME} documents"
    names = {0: "build", 3: "database", 4: "index", 5: "search", 8: "first history of an op"}
    units = {0: "s", 3: "MB", 4: "MB", 5: "ms", 8: "ms"}
    rows = [
        Ratio(f"{name} of {most}", tags[-1][at], tags[0][at], unit=units[at], beside="1 tag")
        for at, name in names.items()
    ]
    rows.append(Ratio(f"a refresh of {most}", tags[-1][1], tags[-1][6], unit="s", beside="git listing their trees"))
    rows.append(Ratio(f"a removal from {most}", tags[-1][7], tags[-1][0], unit="s", beside="building all"))
    rows.append(
        Ratio(f"a removal from {BLOBS[-1]} documents", blobs[-1][7], blobs[-1][0], unit="s", beside="building all")
    )
    rows.append(Ratio(f"a new tag beside {most}", tags[-1][2], tags[-1][0], unit="s", beside="building all"))
    times = BLOBS[-1] / BLOBS[-2]
    name = f"build of {BLOBS[-1]} documents"
    rows.append(
        Ratio(name, blobs[-1][0], blobs[-2][0] * times, unit="s", beside=f"{times:g} times that of {BLOBS[-2]}")
    )
    record(__file__, rows)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
