"""Tar archives, streamed: the wanted files of one pass, nothing unpacked to disk.

A hostile archive is harmless: illegal names and sparse files are skipped and reported, links and devices are skipped,
and an archive that unpacks to far more than a kernel is refused.

Format: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block"; GNU tar manual, "Basic Tar Format".
"""

import io
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tarfile import BLOCKSIZE, TarInfo

from kbase.errors import SourceError, unreadable
from kbase.sources import decompress
from kbase.sources.decompress import OUTPUT, Unpacked, packer_of
from kbase.sources.document_paths import Warn, ignore, path_fault
from kbase.text.mail import begins_mail

SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz", ".tbz2", ".tar.zst", ".tzst")
MAX_MEMBERS = 400_000  # headers; a kernel has 90,000 files
MAX_EXTENDED = 1 << 20  # bytes of an extended header
MAX_RECORDS = 10 * MAX_MEMBERS  # of all extended headers
ZIP = b"PK\3\4"
BEGINNING = 1 << 16  # bytes in which a mail shows that it is one
USTAR = slice(257, 262), b"ustar"  # where a tar archive says that it is one
PAX = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.XGLTYPE)
LONG = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
WITHOUT_DATA = (tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE)
SPARSE = ("GNU.sparse.", "SCHILY.realsize")  # records of pax headers: of GNU tar 0.0, 0.1 and 1.0, and of star
SPARSE_NAME = "GNU.sparse.name"
GNU_IS_EXTENDED, GNU_IS_EXTENDED_MORE = 482, 504  # offsets: whether a block of an old sparse map follows
DIGITS = 19  # of a size: 2**63 has as many
Fields = dict[str, bytes]  # of extended headers: those that matter here


def is_archive(file: Path) -> bool:
    """Whether the file's name is that of a tar archive."""
    return file.name.lower().endswith(SUFFIXES)


def not_a_document(file: Path, data: bytes) -> SourceError:
    """The error of a binary file without the suffix of an archive; `data` is its beginning or all of it."""
    packer = _packer(data)
    place, magic = USTAR
    if data[place] == magic:
        return SourceError("a tar archive without the suffix of one", str(file), "name it like linux-6.8.tar")
    if packer:
        advice = "unpack it, or name it like linux-6.8.tar.xz if it is a tar archive"
        return SourceError(f"packed with {packer}, not a document", str(file), advice)
    return SourceError("a binary file, not a document", str(file), "give a text file or a folder")


def check_size(archive: Path) -> None:
    """Refuse an archive that is too large to be read.

    Raises:
        SourceError: it has more bytes than may be unpacked, or is missing.
    """
    try:
        size = archive.stat().st_size
    except OSError as error:
        raise unreadable(archive, error) from error
    if size > decompress.MAX_UNPACKED:
        raise SourceError("larger than an archive of kernels", str(archive), "give the archive of a kernel")


def unpacked_mails(data: bytes, limit: int) -> bytes | None:
    """The bytes of a packed mailbox (`thread.mbox.gz`), None if it has more than `limit` of them.

    Other files are returned as they are.
    """
    if packer_of(data) is None:
        return data
    try:
        with io.BufferedReader(Unpacked(io.BytesIO(data), "")) as stream:
            text = stream.read(limit + 1)
    except (*decompress.ERRORS, SourceError):
        return data
    if not begins_mail(text[:BEGINNING]):
        return data
    return text if len(text) <= limit else None


def read_archive(
    archive: Path, wanted: Callable[[str], bool], limit: int, warn: Warn = ignore
) -> Iterator[tuple[PurePosixPath, bytes | None]]:
    """Name and bytes of each wanted file, in archive order; the bytes are None if there are more than `limit`.

    `warn` is called for wanted files that are skipped, and for an unexpected end.

    Raises:
        SourceError: it is no archive, damaged, or too large.
    """
    check_size(archive)
    try:
        with archive.open("rb") as packed:
            tar = _Tar(packed, str(archive))
            for member in tar.members():
                if wanted(member.name) and member.regular:
                    fault = "a sparse file" if member.sparse else path_fault(member.name)
                    if fault:
                        warn(member.name, f"{fault}, skipped")
                    else:
                        yield PurePosixPath(member.name), tar.data(member) if member.size <= limit else None
            if remark := tar.remark_at_end():
                warn("", remark)
    except (tarfile.TarError, *decompress.ERRORS) as error:
        raise SourceError(f"not a tar archive, or damaged: {error}", str(archive), "fetch it again") from error


def _packer(data: bytes) -> str | None:
    return "zip" if data.startswith(ZIP) else packer_of(data)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """A member of an archive; `size` is in bytes, those of the archive."""

    name: str
    size: int
    regular: bool
    sparse: bool


class _Tar:
    """A tar archive, read from front to end."""

    def __init__(self, packed: io.BufferedReader, where: str) -> None:
        self._where = where
        self._unpacked = Unpacked(packed, where)
        self._stream = io.BufferedReader(self._unpacked, OUTPUT)
        self._left = self._records = 0  # bytes up to the next header, records of pax headers so far
        self._first, self._marked = True, False  # whether no header was read yet, and whether the end mark was

    def members(self) -> Iterator[_Member]:
        """All members, whatever they are."""
        common, own = Fields(), Fields()  # of global extended headers, and of those for the next member
        for _ in range(MAX_MEMBERS):
            if (block := self._header()) is None:
                return
            header = TarInfo.frombuf(block, "utf-8", "replace")
            if header.type in LONG:
                own |= _long_name(header, self._extended(header))
            elif header.type in PAX:
                fields = common if header.type == tarfile.XGLTYPE else own
                fields |= self._fields(self._extended(header))
            else:
                yield self._member(header, block, common | own)
                own = Fields()
        raise self._unpacked.too_large()

    def data(self, member: _Member) -> bytes:
        """The bytes of the member that `members` gave last."""
        found = self._stream.read(member.size)
        self._left -= len(found)
        if len(found) < member.size:
            raise tarfile.ReadError("it ends in the middle of a file")
        return found

    def remark_at_end(self) -> str | None:
        """The warning about an unexpected end, which may have bytes of a damaged file."""
        if not self._marked:
            return "the archive has no end mark; it may be truncated"
        more = False
        while piece := self._stream.read(OUTPUT):
            more = more or bool(piece.strip(b"\0"))
        return "bytes after the end of the archive, skipped" if more or self._unpacked.garbage else None

    def _header(self) -> bytes | None:
        """The next header; None at the end."""
        self._skip()
        block = self._stream.read(BLOCKSIZE)
        if self._first and (packer := _packer(block)):
            what = f"not a tar archive, or damaged: packed with {packer}"
            raise SourceError(what, self._where, "unpack it first")
        if block.count(0) == len(block) and not (self._first and not block):
            self._marked = bool(block)
            return None
        self._first = False
        return block

    def _skip(self) -> None:
        if self._left > decompress.MAX_UNPACKED:
            raise self._unpacked.too_large()
        while self._left > 0:
            piece = self._stream.read(min(self._left, OUTPUT))
            self._left -= len(piece)
            if not piece:
                raise tarfile.ReadError("it ends in the middle of a file")

    def _extended(self, header: TarInfo) -> bytes:
        """The content of an extended header."""
        if not 0 <= header.size <= MAX_EXTENDED:
            raise tarfile.ReadError(f"an extended header of {header.size} bytes")
        body = self._stream.read(header.size)
        self._left = -header.size % BLOCKSIZE
        if len(body) < header.size:
            raise tarfile.ReadError("it ends in the middle of an extended header")
        return body

    def _fields(self, body: bytes) -> Fields:
        """The records of a pax header that matter here."""
        found = Fields()
        for keyword, value in _records(body):
            self._records += 1
            if self._records > MAX_RECORDS:
                raise self._unpacked.too_large()
            if keyword in ("path", "size", SPARSE_NAME):
                found[keyword] = value
            elif keyword.startswith(SPARSE):
                found[SPARSE[0]] = b""  # one for all of them: there may be any number
        return found

    def _member(self, header: TarInfo, block: bytes, fields: Fields) -> _Member:
        sparse = header.type == tarfile.GNUTYPE_SPARSE or any(name.startswith(SPARSE) for name in fields)
        if header.type == tarfile.GNUTYPE_SPARSE and block[GNU_IS_EXTENDED]:
            self._skip_sparse_map()
        size = _number(fields["size"]) if "size" in fields else header.size
        if size < 0:
            raise tarfile.ReadError("a file of a negative size")
        self._left = 0 if header.type in WITHOUT_DATA else size + -size % BLOCKSIZE
        name = fields.get(SPARSE_NAME, fields.get("path"))
        path = header.name if name is None else name.decode("utf-8", "replace")
        while path.startswith("./"):
            path = path[2:]
        return _Member(name=path, size=size, regular=header.isreg(), sparse=sparse)

    def _skip_sparse_map(self) -> None:
        while len(block := self._stream.read(BLOCKSIZE)) == BLOCKSIZE and block[GNU_IS_EXTENDED_MORE]:
            pass


def _long_name(header: TarInfo, body: bytes) -> Fields:
    """The name that GNU tar writes before a member with a long one; long targets of links are ignored."""
    return {"path": body.partition(b"\0")[0]} if header.type == tarfile.GNUTYPE_LONGNAME else {}


def _records(body: bytes) -> Iterator[tuple[str, bytes]]:
    """The records of a pax header: `<length> <keyword>=<value>` and a newline, the length that of the whole."""
    start = 0
    while start < len(body) and body[start]:
        length, _, _ = body[start : start + DIGITS + 1].partition(b" ")
        end = start + _number(length)
        keyword, equals, value = body[start + len(length) + 1 : end - 1].partition(b"=")
        if not equals or end > len(body):
            raise tarfile.ReadError("a damaged extended header")
        yield keyword.decode("utf-8", "replace"), value
        start = end


def _number(digits: bytes) -> int:
    if not digits.isdigit() or len(digits) > DIGITS:
        raise tarfile.ReadError("a damaged extended header")
    return int(digits)
