"""What a kernel's archive costs, beside listing it and building from a folder with its documents.

    python tests/bench/bench_archive.py [ARCHIVE]

ARCHIVE is Debian's linux-source-6.12 unless another one is given; where it is not installed, that is said and nothing
is measured. All seconds are of processor time, those of programs that are started included: of `tar --list`, of a build
from the unpacked documents, and of one from the archive. Both builds have to hold the same.
"""

import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from clock import spent
from ratios import Ratio, record

from kbase.build.pipeline import build
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.sources.trees import DOCUMENTS

ARCHIVE = Path("/usr/src/linux-source-6.12.tar.xz")
CODE = (
    "block", "fs", "fs/iomap", "fs/quota", "fs/crypto", "fs/verity", "fs/exportfs", "ipc", "kernel", "mm",
)  # fmt: skip


def main(archive: Path = ARCHIVE) -> None:
    """Measure and print."""
    if not archive.is_file():
        print(f"{archive} is not installed (Debian: apt-get install linux-source-6.12): nothing was measured")
        return
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        members = ["--wildcards", f"*/{DOCUMENTS}/*", "*/include/linux/*.h", "*/fs/notify/*.[ch]"]
        members += ["--no-wildcards-match-slash", "*/Makefile", *(f"*/{folder}/*.[ch]" for folder in CODE)]
        subprocess.run(["tar", "-C", scratch, "-xf", archive, *members], check=True)
        listing = spent(lambda: subprocess.run(["tar", "-tf", archive], check=True, stdout=subprocess.DEVNULL))
        unpacked = spent(lambda: build(scratch / "db1", [str(next(scratch.glob("linux*")))], corpus=scratch / "none"))
        packed = spent(lambda: build(scratch / "db2", [str(archive)], corpus=scratch / "none"))
        with closing(KnowledgeBase.open(scratch / "db1")) as one, closing(KnowledgeBase.open(scratch / "db2")) as other:
            held = [[(info.label, info.documents, info.counts) for info in kb.versions] for kb in (one, other)]
    assert held[0] == held[1], held
    ((label, documents, _),) = held[0]
    beside = f"listing it ({listing:.1f} s) and a build from its folder ({unpacked:.1f} s)"
    name = f"build from {archive.name}: {label}, {documents} documents"
    record(__file__, [Ratio(name, packed, listing + unpacked, unit="s", beside=beside, limit=1.3)])


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
