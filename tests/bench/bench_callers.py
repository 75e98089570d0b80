"""What it costs to find the callers of all ops of a kernel, beside parsing the same files with tree-sitter.

    python tests/bench/bench_callers.py [ARCHIVE]

ARCHIVE is Debian's linux-source-6.12 unless another one is given; where it is not installed, that is said and nothing
is measured. All seconds are of processor time; memory is the peak of the process, beside that before the scan, when it
has all files.
"""

import resource
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

from clock import spent
from ratios import Ratio, record

from kbase.build.callers import ops_of
from kbase.parsers.callers.scanner import scan
from kbase.parsers.callers.syntax import parse
from kbase.sources.code import is_code

ARCHIVE = Path("/usr/src/linux-source-6.12.tar.xz")


def main(archive: Path = ARCHIVE) -> None:
    """Measure and print."""
    if not archive.is_file():
        print(f"{archive} is not installed (Debian: apt-get install linux-source-6.12): nothing was measured")
        return
    files = dict(unpacked(archive))
    ops = ops_of(files)
    before = peak()
    ours = min(spent(lambda: scan(files, ops)) for _ in range(3))
    memory = peak()
    parsing = min(spent(lambda: [parse(data) for data in files.values()]) for _ in range(3))
    name = f"callers of all ops in {len(files)} files of {archive.name}"
    record(
        __file__,
        [
            Ratio(name, ours, parsing, unit="s", beside="tree-sitter over the same files", limit=1.5),
            Ratio(f"memory of that, {len(files)} files", memory, before, unit="MB", beside="the files alone", limit=3),
        ],
    )


def unpacked(archive: Path) -> Iterator[tuple[str, bytes]]:
    """The files of a kernel's archive that the scanner needs."""
    with tarfile.open(archive) as members:
        for member in members:
            path = member.name.partition("/")[2]
            if member.isreg() and is_code(path) and (stream := members.extractfile(member)):
                yield path, stream.read()


def peak() -> float:
    """The largest memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
