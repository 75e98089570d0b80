"""What `kbase port` costs for all file systems of a kernel, beside parsing the same files with tree-sitter.

    python tests/bench/bench_port.py [ARCHIVE]

ARCHIVE is Debian's linux-source-6.1 unless another one is given; where it is not installed, that is said and nothing is
measured. All seconds are of processor time. The bundled corpus is built first and not counted.
"""

import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from clock import spent
from ratios import Ratio, record

from kbase.build.pipeline import build
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.knowledge.port import PortQuestion, port
from kbase.parsers.callers.syntax import parse

ARCHIVE = Path("/usr/src/linux-source-6.1.tar.xz")
OLD, NEW = "v6.1.192", "v6.12.117"


def main(archive: Path = ARCHIVE) -> None:
    """Measure and print."""
    if not archive.is_file():
        print(f"{archive} is not installed (Debian: apt-get install linux-source-6.1): nothing was measured")
        return
    files = dict(unpacked(archive))
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder) / "db")
        with closing(KnowledgeBase.open(Path(folder) / "db")) as kb:
            asked = PortQuestion(source="fs", files=files, old=OLD, new=NEW)
            ours = min(spent(lambda: port(kb, asked)) for _ in range(2))
            slots = len(port(kb, asked).slots)
    parsing = min(spent(lambda: [parse(data) for data in files.values()]) for _ in range(2))
    name = f"kbase port over {slots} slots in {len(files)} files of {archive.name}"
    record(__file__, [Ratio(name, ours, parsing, unit="s", beside="tree-sitter over the same files", limit=2)])


def unpacked(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of the C files of all file systems, which are the folders below `fs`."""
    with tarfile.open(archive) as members:
        for member in members:
            path = member.name.partition("/")[2]
            if member.isfile() and path.startswith("fs/") and path.count("/") > 1 and path.endswith((".c", ".h")):
                opened = members.extractfile(member)
                assert opened is not None
                yield path, opened.read()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
