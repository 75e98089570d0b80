"""Packed files as streams, within bounds of memory, size and time.

gzip, bzip2, xz and zstd, also several streams one after the other, and files that are not packed. The limits count
unpacked bytes and ignore the sizes in headers.
"""

import bz2
import io
import lzma
import sys
import zlib
from collections.abc import Callable
from typing import BinaryIO, Protocol

from kbase.errors import SourceError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

INPUT, OUTPUT = 1 << 16, 1 << 18  # bytes that are read, and unpacked, at once
MAX_UNPACKED = 8 << 30  # bytes; a kernel has 1.6 GB
MAX_RATIO = 200  # unpacked bytes for each packed one, once FREE are unpacked; a kernel has 10, its documents alone 5
FREE = 768 << 20
MAX_STREAMS = 100_000  # in one file; bgzip makes 25,000 of a kernel
MAX_MEMORY = 72 << 20  # bytes that unpacking may take: `xz -9` needs 65 MiB
WINDOW_LOG = 26  # the same for zstd, whose window has this power of two
ERRORS = (EOFError, OSError, lzma.LZMAError, zlib.error, zstd.ZstdError)  # what damaged files raise
PADDING = b"\0"  # xz and tar fill up with it behind the last stream


class _Decompressor(Protocol):
    """What the standard library's decompressors have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """One member of a gzip file, in the form of the other decompressors."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        found = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.needs_input = not self._inner.unconsumed_tail and len(found) < max_length
        return found


def _xz() -> _Decompressor:
    return lzma.LZMADecompressor(memlimit=MAX_MEMORY)


def _zstd() -> _Decompressor:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: WINDOW_LOG})


ZSTD = b"\x28\xb5\x2f\xfd"
PACKERS: dict[bytes, tuple[str, Callable[[], _Decompressor]]] = {
    b"\x1f\x8b": ("gzip", _Gzip),
    b"BZh": ("bzip2", bz2.BZ2Decompressor),
    b"\xfd7zXZ\0": ("xz", _xz),
    ZSTD: ("zstd", _zstd),
}
LONGEST_MAGIC = max(map(len, PACKERS))


def packer_of(data: bytes) -> str | None:
    """The packer of a file that begins with these bytes; None if it is not packed."""
    return next((name for magic, (name, _) in PACKERS.items() if data.startswith(magic)), None)


class Unpacked(io.RawIOBase):
    """The content of a packed file, as a stream; `garbage` says whether other bytes follow its last stream.

    `read` and `readinto` raise one of `ERRORS` where the file is damaged, SourceError where it exceeds the bounds.
    """

    def __init__(self, packed: BinaryIO, where: str) -> None:
        """`packed` is at its beginning; `where` names it in errors."""
        self.garbage = False
        self._packed, self._where = packed, where
        self._taken = self._given = self._streams = 0
        self._pending = self._take()
        self._make = next((make for magic, (_, make) in PACKERS.items() if self._pending.startswith(magic)), None)
        self._magic = next((magic for magic in PACKERS if self._pending.startswith(magic)), b"")
        self._stream: _Decompressor | None = None
        if self._make is None:
            self._packed.seek(0)

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]  # typeshed: any buffer
        """Fill a part of the buffer; return the number of bytes, 0 at the end."""
        found = self._next(min(len(buffer), OUTPUT))
        self._given += len(found)
        if self._given > min(MAX_UNPACKED, FREE + MAX_RATIO * self._taken):
            raise self.too_large()
        buffer[: len(found)] = found
        return len(found)

    def too_large(self) -> SourceError:
        """The error of a file that unpacks to too much."""
        return SourceError("unpacks to far more than a kernel", self._where, "give the archive of a kernel")

    def _take(self, size: int = INPUT) -> bytes:
        found = self._packed.read(size)
        self._taken += len(found)
        return found

    def _next(self, size: int) -> bytes:
        if self._make is None:
            return self._take(size)
        while self._begin():
            assert self._stream is not None
            if self._stream.needs_input and not self._pending:
                self._pending = self._take()
                if not self._pending:
                    raise EOFError("it ends in the middle")
            given, self._pending = self._pending, b""
            try:
                found = self._stream.decompress(given, size)
            except (lzma.LZMAError, zstd.ZstdError) as error:
                raise self._too_hungry() if "memory" in str(error).lower() else error from error
            if found:
                return found
        return b""

    def _too_hungry(self) -> SourceError:
        what = f"needs more than {MAX_MEMORY >> 20} MiB of memory to unpack"
        return SourceError(what, self._where, "unpack it and give the folder")

    def _begin(self) -> bool:
        """Whether a stream is open, which the next one becomes where one has ended; False at the end of the file."""
        if self._stream is not None and not self._stream.eof:
            return True
        rest = self._pending if self._stream is None else self._stream.unused_data
        while not (rest := rest.lstrip(PADDING)) and (more := self._take()):
            rest = more
        if rest and len(rest) < LONGEST_MAGIC:
            rest += self._take()
        self.garbage = self.garbage or (bool(rest) and not rest.startswith(self._magic))
        if not rest or self.garbage or self._make is None:
            return False
        self._streams += 1
        if self._streams > MAX_STREAMS:
            raise self.too_large()
        self._stream, self._pending = self._make(), rest
        return True
