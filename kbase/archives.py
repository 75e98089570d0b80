"""Tar archives, streamed: the wanted files of one pass, nothing unpacked to disk.

What an archive may do to its reader is refused: absolute names, names with `..`, links and devices are passed over,
and an archive that unpacks to far more than a kernel is given up.
"""

import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from kbase.errors import SourceError

SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tar.zst")
MAX_MEMBERS = 1_000_000  # a kernel has 90,000 files
MAX_UNPACKED = 32 << 30  # and 1.5 GB of them
ZSTD = b"\x28\xb5\x2f\xfd"


def is_archive(file: Path) -> bool:
    """Whether the file's name is that of a tar archive."""
    return file.name.lower().endswith(SUFFIXES)


def read_archive(archive: Path, wanted: Callable[[str], bool], limit: int) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Name and bytes of the wanted files of at most `limit` bytes, in the archive's order.

    Raises:
        SourceError: it is no archive, damaged, too large, or packed as this Python cannot unpack it.
    """
    try:
        with tarfile.open(archive, "r|*") as tar:
            unpacked = 0
            for count, member in enumerate(tar):
                unpacked += member.size
                if count > MAX_MEMBERS or unpacked > MAX_UNPACKED:
                    raise SourceError("unpacks to far more than a kernel", str(archive), "give a kernel's archive")
                if wanted(member.name) and member.isreg() and member.size <= limit and _is_inside(member.name):
                    data = tar.extractfile(member)
                    if data is not None:
                        yield PurePosixPath(member.name), data.read()
                tar.members.clear()  # type: ignore[attr-defined]  # it would keep all that it has passed
    except (tarfile.TarError, EOFError, OSError, lzma.LZMAError, zlib.error) as error:
        raise _damaged(archive, error) from error


def _is_inside(name: str) -> bool:
    return not name.startswith("/") and ".." not in name.split("/")


def _damaged(archive: Path, error: Exception) -> SourceError:
    with archive.open("rb") as stream:
        zstd = stream.read(4) == ZSTD
    if zstd:
        return SourceError("packed with zstd", str(archive), "Python 3.14 unpacks it; before, use `zstd -d` first")
    return SourceError(f"not a tar archive, or damaged: {error}", str(archive), "fetch it again")
