"""Tar archives, streamed: the wanted files of one pass, nothing unpacked to disk.

What an archive may do to its reader is refused: absolute names, names with `..`, links and devices are passed over,
and an archive that unpacks to far more than a kernel is given up.
"""

import bz2
import gzip
import lzma
import sys
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import BufferedIOBase, BytesIO
from pathlib import Path, PurePosixPath

from kbase.errors import SourceError
from kbase.mail import begins_mail

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz", ".tbz2", ".tar.zst", ".tzst")
MAX_MEMBERS = 1_000_000  # a kernel has 90,000 files
MAX_UNPACKED = 32 << 30  # and 1.5 GB of them
ZSTD = b"\x28\xb5\x2f\xfd"
PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", ZSTD: "zstd", b"PK\3\4": "zip"}
UNPACKED: dict[bytes, Callable[[BytesIO], BufferedIOBase]] = {
    b"\x1f\x8b": lambda stream: gzip.GzipFile(fileobj=stream),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\0": lzma.LZMAFile,
}
BEGINNING = 1 << 16  # bytes in which a mail shows that it is one
USTAR = slice(257, 262), b"ustar"  # where a tar archive says that it is one


def is_archive(file: Path) -> bool:
    """Whether the file's name is that of a tar archive."""
    return file.name.lower().endswith(SUFFIXES)


def not_a_document(file: Path, data: bytes) -> SourceError:
    """What is said of a binary file that its name does not call an archive; `data` is its beginning or all of it."""
    packer = next((name for magic, name in PACKED.items() if data.startswith(magic)), None)
    place, magic = USTAR
    if data[place] == magic:
        return SourceError("a tar archive without the suffix of one", str(file), "name it like linux-6.8.tar")
    if packer:
        advice = "unpack it, or name it like linux-6.8.tar.xz if it is a tar archive"
        return SourceError(f"packed with {packer}, not a document", str(file), advice)
    return SourceError("a binary file, not a document", str(file), "give a text file or a folder")


def unpacked_mails(data: bytes, limit: int) -> bytes | None:
    """The bytes of a mailbox that was packed alone (`thread.mbox.gz`), None where it has more than `limit` of them.

    What is no packed mailbox stays as it is.
    """
    opener = next((way for magic, way in UNPACKED.items() if data.startswith(magic)), None)
    if opener is None:
        return data
    try:
        with opener(BytesIO(data)) as stream:
            text = stream.read(limit + 1)
    except (EOFError, OSError, lzma.LZMAError, zlib.error):
        return data
    if not begins_mail(text[:BEGINNING]):
        return data
    return text if len(text) <= limit else None


def read_archive(
    archive: Path, wanted: Callable[[str], bool], limit: int
) -> Iterator[tuple[PurePosixPath, bytes | None]]:
    """Name and bytes of the wanted files, in the archive's order; None of one of more than `limit` bytes.

    Raises:
        SourceError: it is no archive, damaged, or too large.
    """
    try:
        with ExitStack() as stack:
            tar, unpacked = _opened(archive, stack), 0
            for count, member in enumerate(tar):
                unpacked += member.size
                if count > MAX_MEMBERS or unpacked > MAX_UNPACKED:
                    raise SourceError("unpacks to far more than a kernel", str(archive), "give a kernel's archive")
                if wanted(member.name) and member.isreg() and _is_inside(member.name):
                    data = tar.extractfile(member) if member.size <= limit else None
                    yield PurePosixPath(member.name), data.read() if data else None
                tar.members.clear()  # type: ignore[attr-defined]  # it would keep all that it has passed
    except (tarfile.TarError, EOFError, OSError, lzma.LZMAError, zlib.error, zstd.ZstdError) as error:
        raise SourceError(f"not a tar archive, or damaged: {error}", str(archive), "fetch it again") from error


def _opened(archive: Path, stack: ExitStack) -> tarfile.TarFile:
    """The archive as a stream, however it is packed; closed with the stack."""
    stream = stack.enter_context(archive.open("rb"))
    packed = stream.read(len(ZSTD)) == ZSTD
    stream.seek(0)
    if not packed:
        return stack.enter_context(tarfile.open(fileobj=stream, mode="r|*"))
    unpacked = stack.enter_context(zstd.ZstdFile(stream))
    return stack.enter_context(tarfile.open(fileobj=unpacked, mode="r|"))


def _is_inside(name: str) -> bool:
    return not name.startswith("/") and ".." not in name.split("/")
