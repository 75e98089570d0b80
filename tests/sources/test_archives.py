"""Archives that mean no good, or are odd: what they cost to read, what is read of them, and what is said."""

import bz2
import gzip
import io
import lzma
import subprocess
import sys
import tarfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from kbase.errors import SourceError
from kbase.sources import archives, readers
from kbase.sources.archives import read_archive
from kbase.sources.readers import read
from kbase.sources.source import parse_source
from kbase.sources.trees import DOCUMENTS

pytestmark = pytest.mark.slow

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

END = bytes(1024)  # of a tar archive


def header(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, **records: str) -> bytes:
    """A header; with records a pax header before it."""
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    info.pax_headers = {key.replace("__", "."): value for key, value in records.items()}
    return info.tobuf(tarfile.PAX_FORMAT if records else tarfile.GNU_FORMAT)


def member(name: str, data: bytes, **records: str) -> bytes:
    return header(name, len(data), tarfile.REGTYPE, **records) + data + bytes(-len(data) % 512)


GOOD = member(f"v6.4/{DOCUMENTS}/good", b"good")


def told(archive: Path) -> tuple[list[str], list[str]]:
    """The names of the documents that are read of an archive, and what is warned of."""
    warnings = list[str]()
    found = [document.path for document in read(parse_source(str(archive)), warn=warnings.append)]
    return [path.removeprefix(f"{DOCUMENTS}/") for path in found], warnings


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": partial(lzma.compress, preset=0),
    "zst": zstd.compress,
}
IN_CHILD = """
import re, resource, sys
from pathlib import Path
from kbase.errors import SourceError
from kbase.sources.readers import read
from kbase.sources.source import parse_source
from kbase.sources.trees import DOCUMENTS


def peak():  # of this program, in KB: that of getrusage begins at its parent's
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])


resource.setrlimit(resource.RLIMIT_CPU, (120, 120))  # against a hang
list(read(parse_source(sys.argv[1])))
before = peak()
try:
    print(sum(len(document.data) for document in read(parse_source(sys.argv[2], *sys.argv[3:]))))
except SourceError as error:
    print(error)
print(peak() - before)
"""


def cost(tmp_path: Path, *source: str) -> tuple[str, int]:
    """What reading a source ends with in a process of its own, and the memory that it took, in MB."""
    empty = tmp_path / "empty.tar.xz"
    empty.write_bytes(lzma.compress(GOOD + END))
    command = [sys.executable, "-c", IN_CHILD, str(empty), *source]
    said, taken = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return said, int(taken) >> 10


@pytest.mark.parametrize(
    ("first", "message"),
    [
        (header("v6.4/vmlinux", 3 << 30), "unpacks to far more than a kernel"),
        (header(f"v6.4/{DOCUMENTS}/a", 3 << 30), "unpacks to far more than a kernel"),
        (header("v6.4/x", 3 << 30, tarfile.GNUTYPE_LONGNAME), "an extended header of 3221225472 bytes"),
        (header("v6.4/x", 3 << 30, tarfile.XHDTYPE), "an extended header of 3221225472 bytes"),
        (header("v6.4/x", 3 << 30, tarfile.XGLTYPE), "an extended header of 3221225472 bytes"),
        (GOOD + END, "unpacks to far more than a kernel"),
    ],
    ids=["file", "document", "long name", "pax", "global", "after the end"],
)
def test_a_bomb_ends_with_a_message_and_takes_little_memory(first: bytes, message: str, tmp_path: Path) -> None:
    said, taken = cost(tmp_path, str(bomb(tmp_path, "zst", first)))
    assert message in said
    assert taken < 100


@pytest.mark.parametrize("packing", PACKERS)
def test_every_packing_is_bounded(packing: str, tmp_path: Path) -> None:
    said, taken = cost(tmp_path, str(bomb(tmp_path, packing, header("v6.4/vmlinux", 3 << 30))))
    assert "unpacks to far more than a kernel" in said
    assert taken < 100


def bomb(folder: Path, packing: str, first: bytes) -> Path:
    """An archive of few bytes that begins with these and goes on for a gigabyte, in streams of 50 MiB."""
    pack, file = PACKERS[packing], folder / f"bomb.tar.{packing}"
    file.write_bytes(pack(first) + pack(bytes(50 << 20)) * 20)
    return file


def test_headers_without_end_are_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 50)
    monkeypatch.setattr(archives, "MAX_RECORDS", 500)
    records = b"6 a=b\n" * 80
    extended = header("x", len(records), tarfile.XHDTYPE) + records + bytes(-len(records) % 512)
    for many in (header("v6.4/a") * 60, extended * 10, header("x", 0, tarfile.GNUTYPE_LONGNAME) * 60):
        (tmp_path / "v6.4.tar").write_bytes(many + GOOD + END)
        with pytest.raises(SourceError, match="unpacks to far more"):
            told(tmp_path / "v6.4.tar")


def test_the_sparse_records_of_headers_take_little_memory(tmp_path: Path) -> None:
    """Those of a global header hold for all members that follow."""
    with gzip.open(tmp_path / "v6.4.tar.gz", "wb", 1) as stream:
        for number in range(50):
            records = b"".join(b"30 GNU.sparse.%014d=\n" % (number * 30_000 + place) for place in range(30_000))
            stream.write(header("x", len(records), tarfile.XGLTYPE) + records + bytes(-len(records) % 512))
        stream.write(GOOD + END)
    said, taken = cost(tmp_path, str(tmp_path / "v6.4.tar.gz"))
    assert "a sparse file" in said
    assert taken < 100


def test_the_names_of_an_archive_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kbase.sources.tree_archives.MAX_ARCHIVED", 50)
    (tmp_path / "v6.4.tar").write_bytes(b"".join(header(f"v6.4/{DOCUMENTS}/{n}") for n in range(51)) + END)
    with pytest.raises(SourceError, match="more than 50 documents"):
        told(tmp_path / "v6.4.tar")


def test_documents_wait_for_their_makefile_without_taking_memory(tmp_path: Path) -> None:
    document = b"words of a document\n" * 786_432
    with gzip.open(tmp_path / "v6.4.tar.gz", "wb", 1) as stream:
        for number in range(20):
            stream.write(member(f"v6.4/{DOCUMENTS}/{number}", document))
        stream.write(END)
    said, taken = cost(tmp_path, str(tmp_path / "v6.4.tar.gz"))
    assert int(said) == 20 * len(document)
    assert taken < 100


NAMES = ("a\nb", "a\x9bb", "a\u202eb", "a\u2066b", ".git/a", ".GIT/a", "a/../../../b", "a//b", "a\\b", "/a/../b")


def old_sparse(name: str, more: int) -> bytes:
    """A sparse file as old GNU tar writes it: 8 GiB long, with as many blocks of its map behind the header."""
    block = bytearray(header(name, 512, tarfile.GNUTYPE_SPARSE))
    block[386:410] = b"00000000000\0" + b"00000001000\0"
    block[482] = bool(more)
    block[483:495] = b"77777777777\0"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    maps = b"".join(bytes(504) + bytes([number < more - 1]) + bytes(7) for number in range(more))
    return bytes(block) + maps + b"x" * 512


SPARSE = f"v6.4/{DOCUMENTS}/sparse"


@pytest.mark.parametrize(
    "sparse",
    [
        old_sparse(SPARSE, 0),
        old_sparse(SPARSE, 3),
        member(SPARSE, b"x", GNU__sparse__size="8589934592", GNU__sparse__numblocks="1"),
        member("x", b"x", GNU__sparse__map="0,1", GNU__sparse__size="8589934592", GNU__sparse__name=SPARSE),
        member("x", b"1\n0\n1\n", GNU__sparse__major="1", GNU__sparse__minor="0", GNU__sparse__realsize="8589934592",
               GNU__sparse__name=SPARSE),
        member(SPARSE, b"x", SCHILY__realsize="8589934592"),
    ],
    ids=["old", "old with more maps", "0.0", "0.1", "1.0", "star"],
)  # fmt: skip
def test_sparse_files_are_passed_over_and_told(sparse: bytes, tmp_path: Path) -> None:
    archive = tmp_path / "v6.4.tar"
    archive.write_bytes(sparse + GOOD + END)
    assert told(archive) == (["good"], [f"{archive}: {SPARSE}: a sparse file, skipped"])
    archive.write_bytes(sparse + END)
    with pytest.raises(
        SourceError, match=r"no Documentation/filesystems and no ops tables in include/linux \(.*a sparse file"
    ):
        told(archive)


@pytest.mark.parametrize(
    "name", ["a\nb", "a\x9bb", "a\u202eb", "a\u2066b", ".git/a", ".GIT/a", "a/../../../b", "a//b", "a\\b"]
)
def test_names_that_are_no_document_paths_are_told(name: str, tmp_path: Path) -> None:
    archive = tmp_path / "v6.4.tar"
    with tarfile.open(archive, "w") as tar:
        info = tarfile.TarInfo(f"v6.4/{DOCUMENTS}/{name}")
        info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))
        info.name = f"./v6.4/{DOCUMENTS}/good"
        tar.addfile(info, io.BytesIO(b"x"))
    found, [warning] = told(archive)
    assert found == ["good"]
    assert warning.startswith(f"{archive}: v6.4/{DOCUMENTS}/")
    assert warning.isprintable()


def test_warnings_are_counted_where_there_are_many(tmp_path: Path) -> None:
    archive = tmp_path / "v6.4.tar"
    archive.write_bytes(b"".join(member(f"v6.4/{DOCUMENTS}/../{n}", b"x") for n in range(100)) + GOOD + END)
    found, warnings = told(archive)
    assert (found, len(warnings)) == (["good"], 21)
    assert warnings[-1] == f"{archive}: 80 more entries like these"


def test_streams_one_after_the_other_are_one_archive(tmp_path: Path) -> None:
    content = GOOD + member(f"v6.4/{DOCUMENTS}/more", b"x" * 5000) + END
    for packing, pack in PACKERS.items():
        archive = tmp_path / f"v6.4.tar.{packing}"
        archive.write_bytes(pack(content[:700]) + pack(b"") + pack(content[700:]) + bytes(512))
        assert told(archive) == (["good", "more"], []), packing


@pytest.mark.parametrize(
    ("content", "warning"),
    [
        (GOOD, "the archive has no end mark; it may be truncated"),
        (GOOD + END + b"more", "bytes after the end of the archive, skipped"),
        (GOOD + END + GOOD + END, "bytes after the end of the archive, skipped"),
    ],
)
def test_an_odd_end_is_told(content: bytes, warning: str, tmp_path: Path) -> None:
    for name, data in {"v6.4.tar": content, "v6.4.tar.gz": gzip.compress(content)}.items():
        (tmp_path / name).write_bytes(data)
        assert told(tmp_path / name) == (["good"], [f"{tmp_path / name}: {warning}"])
    (tmp_path / "v6.4.tar.gz").write_bytes(gzip.compress(GOOD + END) + b"garbage")
    assert "bytes after the end" in told(tmp_path / "v6.4.tar.gz")[1][0]


def huge_dictionary() -> bytes:
    """An xz file whose header asks for a dictionary of 512 MiB."""
    return lzma.compress(GOOD + END, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 512 << 20}])


def damaged_in_the_end() -> bytes:
    """A gzip file whose last bytes, the checksum, are wrong."""
    return gzip.compress(GOOD + END)[:-8] + bytes(8)


@pytest.mark.parametrize(
    ("suffix", "content", "message"),
    [
        ("tar", lambda: GOOD[:100], "damaged: truncated header"),
        ("tar", lambda: header(f"v6.4/{DOCUMENTS}/a", 5000) + b"x" * 600, "damaged: it ends in the middle of a file"),
        ("tar", lambda: header("v6.4/a", 5000) + b"x" * 600, "damaged: it ends in the middle of a file"),
        ("tar", lambda: header("x", 600, tarfile.XHDTYPE) + b"6 a=b\n", "damaged: it ends in the middle of an ext"),
        ("tar", lambda: GOOD + b"garbage" * 100 + END, "damaged"),
        (
            "tar",
            lambda: header("x", 39, tarfile.XHDTYPE) + b"39 size=".ljust(38, b"1") + b"\n" + bytes(473) + GOOD,
            "damaged: a damaged extended header",
        ),
        ("tar", lambda: header("x", 4, tarfile.XHDTYPE) + b"9 a\n" + bytes(508), "damaged: a damaged extended header"),
        ("tar", lambda: header("x", -512), "damaged: a file of a negative size"),
        ("tar.gz", lambda: gzip.compress(gzip.compress(GOOD + END)), "packed with gzip; unpack it first"),
        ("tar.gz", lambda: b"PK\3\4" + bytes(1000), "packed with zip; unpack it first"),
        ("tar.gz", lambda: gzip.compress(GOOD + END)[:-10], "damaged: it ends in the middle"),
        ("tar.gz", damaged_in_the_end, "damaged"),
        ("tar.xz", huge_dictionary, "needs more than 72 MiB of memory to unpack"),
        ("tar.bz2", lambda: bz2.compress(b"") * 200_000, "unpacks to far more"),
    ],
)
def test_what_cannot_be_unpacked_is_told(
    suffix: str, content: Callable[[], bytes], message: str, tmp_path: Path
) -> None:
    archive = tmp_path / f"v6.4.{suffix}"
    archive.write_bytes(content())
    with pytest.raises(SourceError, match=message):
        told(archive)


def test_an_archive_within_an_archive_is_no_tree(tmp_path: Path) -> None:
    archive = tmp_path / "v6.4.tar"
    archive.write_bytes(member("v6.4.tar", GOOD + END) + END)
    with pytest.raises(SourceError, match="no Documentation/filesystems and no ops tables"):
        told(archive)


def test_a_source_of_too_many_bytes_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = tmp_path / "v6.4" / DOCUMENTS
    tree.mkdir(parents=True)
    for name in "abc":
        (tree / name).write_text("x" * 600)
    with tarfile.open(tmp_path / "v6.4.tar", "w") as tar:
        tar.add(tmp_path / "v6.4", "v6.4")
    monkeypatch.setattr(readers, "MAX_SOURCE", 1000)
    for source in (tmp_path / "v6.4", tmp_path / "v6.4.tar"):
        with pytest.raises(SourceError, match=f"{source}: more than .* GiB of them"):
            told(source)


def test_long_and_prefixed_names_are_whole(tmp_path: Path) -> None:
    names = [f"v6.4/{DOCUMENTS}/{'d' * 90}/{'f' * length}" for length in (20, 90, 200)]
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        with tarfile.open(tmp_path / "v6.4.tar", "w", format=form) as tar:
            for name in names:
                tar.addfile(tarfile.TarInfo(name))
        assert [str(name) for name, _ in read_archive(tmp_path / "v6.4.tar", bool, 1)] == names
