"""Fuzzing of what reads sources: tar archives in every packing, and tree objects of git.

An archive's input is its bytes before packing; the first byte chooses the packing, and the second how many of the
packed bytes are changed. A tree's input is two tree objects, the second of which hangs below the first.
"""

import bz2
import contextlib
import gzip
import io
import lzma
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from kbase.errors import SourceError
from kbase.sources import git as repositories
from kbase.sources.archives import read_archive
from kbase.sources.document_paths import ignore, path_fault
from kbase.sources.git import Objects

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACKERS: tuple[Callable[[bytes], bytes], ...] = (
    bytes,
    partial(gzip.compress, mtime=0),
    bz2.compress,
    partial(lzma.compress, preset=0),
    zstd.compress,
)
LIMIT = 1 << 16  # bytes of a document
FOLDER, OTHER = "1" * 40, "2" * 40  # names of tree objects
FILES = 500  # of a tree, after which it is given up: many small inputs find more than few large ones
SCRATCH = Path(tempfile.mkdtemp(prefix="kbase-fuzz-"))


def read_packed(data: bytes) -> None:
    """Read the bytes as an archive; whatever is read has the path of a document and keeps to the limit."""
    if len(data) < 3:
        return
    packed = bytearray(PACKERS[data[0] % len(PACKERS)](data[2:]))
    for place in range(data[1] % 4):
        packed[data[1] * 7919 * (place + 1) % len(packed)] ^= data[1] | 1
    archive = SCRATCH / "archive.tar"
    archive.write_bytes(packed)
    with contextlib.suppress(SourceError):
        for name, content in read_archive(archive, bool, LIMIT):
            assert path_fault(name.as_posix()) is None, name
            assert content is None or len(content) <= LIMIT


def archives() -> Iterator[bytes]:
    """Small archives in every format and packing."""
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        plain = io.BytesIO()
        with tarfile.open(fileobj=plain, mode="w", format=form) as tar:
            for name in ("v6.4/Documentation/filesystems/vfs.rst", "a" * 90 + "/" + "b" * 90, "\u00e4"):
                info = tarfile.TarInfo(name)
                info.size = 5
                info.pax_headers = {"GNU.sparse.size": "10"} if name[0] == "a" else {}
                tar.addfile(info, io.BytesIO(b"text\n"))
        for packing in range(len(PACKERS)):
            for changes in range(2):
                yield bytes([packing, changes]) + plain.getvalue()[:8000].rstrip(b"\0") + bytes(1024)


repositories.MAX_FILES = FILES


class _Given(Objects):
    """Objects that come from the input instead of git."""

    def __init__(self, trees: dict[str, bytes]) -> None:
        super().__init__(SCRATCH)
        self._trees = trees

    def read(self, name: str, limit: int) -> bytes | None:
        """The object; a name that the input made up is one of the two."""
        return self._trees[name if name in self._trees else OTHER]


def read_trees(data: bytes) -> None:
    """List the files below a tree; all have paths of documents."""
    half = data[0] if data else 0
    objects = _Given({FOLDER: data[1 : half + 1], OTHER: data[half + 1 :]})
    with contextlib.suppress(SourceError):
        for path in objects.files(FOLDER, "Documentation/filesystems", ignore):
            assert path_fault(path) is None, path


def trees() -> Iterator[bytes]:
    """Trees with files, folders, odd names and modes."""
    entries = b"".join(
        mode + b" " + name + b"\0" + bytes.fromhex(OTHER)
        for mode in (b"100644", b"40000", b"120000", b"160000")
        for name in (b"a", b"..", b".git", b"a/b", b"\xff")
    )
    first = entries[:60]
    yield bytes([len(first)]) + first + entries
    yield bytes([0]) + entries
    yield bytes([28]) + b"40000 a\0" + bytes.fromhex(OTHER) + b"100644 a\0" + bytes.fromhex(FOLDER)
