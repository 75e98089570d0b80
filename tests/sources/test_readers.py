"""What a source gives: which files, at which version, and which errors."""

import bz2
import gzip
import io
import json
import lzma
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from kbase.errors import SourceError
from kbase.sources.raw_documents import RawDocument
from kbase.sources.readers import read
from kbase.sources.source import BUNDLED, Source, parse_source, source_name
from kbase.sources.trees import DOCUMENTS, folder_version, makefile_version, tree_version

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAKEFILE = "# SPDX\nVERSION = 6\nPATCHLEVEL = 4\nSUBLEVEL = 6\nEXTRAVERSION =\nNAME = Hurr\n"


def make_tree(tree: Path, makefile: str = "", **documents: str | bytes) -> Path:
    """A kernel tree with these documents below Documentation/filesystems (`__` stands for a slash)."""
    for name, content in (documents or {"locking.rst": "Locking\n"}).items():
        file = tree / "Documentation/filesystems" / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    if makefile:
        (tree / "Makefile").write_text(makefile)
    return tree


def found(argument: object) -> list[tuple[str | None, str]]:
    return [(document.version, document.path) for document in read(parse_source(str(argument)))]


def test_a_tree_takes_its_version_from_the_makefile_before_its_name(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "v5.4", MAKEFILE)
    [document] = read(parse_source(str(tree)))
    assert document == RawDocument(
        version="v6.4.6",
        label_origin="Makefile",
        path="Documentation/filesystems/locking.rst",
        data=b"Locking\n",
    )


def test_a_version_that_is_given_beats_the_makefile(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "v5.4", MAKEFILE)
    [document] = read(parse_source(f"6.8.1={tree}"))
    assert (document.version, document.label_origin) == ("v6.8.1", "given")


def test_a_tree_without_a_makefile_takes_its_folders_name(tmp_path: Path) -> None:
    [document] = read(parse_source(str(make_tree(tmp_path / "linux-6.8.1"))))
    assert (document.version, document.label_origin) == ("v6.8.1", "folder name")


def test_a_tree_without_a_version_says_how_to_give_one(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "src")
    with pytest.raises(SourceError) as error:
        found(tree)
    assert f"v6.4.6={tree}" in str(error.value)


@pytest.mark.parametrize(
    ("makefile", "label"),
    [
        (MAKEFILE, "v6.4.6"),
        (MAKEFILE.replace("SUBLEVEL = 6", "SUBLEVEL = 0"), "v6.4"),
        (MAKEFILE.replace("EXTRAVERSION =", "EXTRAVERSION = -rc2"), "v6.4.6-rc2"),
        (MAKEFILE.replace("EXTRAVERSION =", "EXTRAVERSION = $(shell date)"), "v6.4.6"),
        ("VERSION = 2\nPATCHLEVEL = 6\nSUBLEVEL = 27\nEXTRAVERSION = .5\n", "v2.6.27.5"),
        ("VERSION = 2\nPATCHLEVEL = 4\nSUBLEVEL = 0\n", "v2.4.0"),
        ("all:\n\techo\n", None),
        ("VERSION = 1.2.3\n", None),
    ],
)
def test_makefile_version(makefile: str, label: str | None) -> None:
    assert makefile_version(makefile) == label


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("v6.4.6", "v6.4.6"),
        ("linux-2.6.12-rc2", "v2.6.12-rc2"),
        ("6.19", "v6.19"),
        ("aufs5.4", "aufs5.4"),
        ("ext4", None),
        ("filesystems", None),
    ],
)
def test_folder_version(name: str, label: str | None) -> None:
    assert folder_version(name) == label


def test_only_text_below_documentation_filesystems_is_read(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "v6.4", Locking="x", nfs__Exporting="x", picture=b"\x89PNG\0", **{".hidden": "x"})
    (tree / "Documentation/admin-guide").mkdir()
    (tree / "Documentation/admin-guide/x.rst").write_text("x")
    (tree / "README").write_text("x")
    assert [path for _, path in found(tree)] == [
        "Documentation/filesystems/Locking",
        "Documentation/filesystems/nfs/Exporting",
    ]


def test_links_out_of_the_tree_are_not_followed(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "v6.4", vfs="x")
    folder = tree / "Documentation/filesystems"
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/key").write_text("secret")
    (folder / "out").symlink_to(tmp_path / "secret/key")
    (folder / "folder").symlink_to(tmp_path / "secret")
    (folder / "dangling").symlink_to(tmp_path / "nothing")
    (folder / "inside").symlink_to(folder / "vfs")
    assert [Path(path).name for _, path in found(tree)] == ["inside", "vfs"]


def told(argument: object) -> tuple[list[tuple[str | None, str]], list[str]]:
    """The last components of what is read of a source, with their versions, and what is warned of."""
    warnings = list[str]()
    documents = read(parse_source(str(argument)), warn=warnings.append)
    return [(document.version, Path(document.path).name) for document in documents], warnings


def test_links_out_of_a_tree_are_told(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "v6.4", vfs="x")
    make_tree(tmp_path / "elsewhere", key="secret")
    for name, target in {"file": f"elsewhere/{DOCUMENTS}/key", "folder": "elsewhere", "above": ""}.items():
        (tree / DOCUMENTS / name).symlink_to(tmp_path / target)
    (tree / DOCUMENTS / "round").symlink_to("round")
    found, warnings = told(tree)
    assert found == [("v6.4", "vfs")]
    assert warnings == [
        f"{tree}: {DOCUMENTS}/{name}: a link that leads out of the folder, skipped"
        for name in ("above", "file", "folder")
    ]


@pytest.mark.parametrize("link", ["Documentation", DOCUMENTS])
def test_documents_behind_a_link_out_of_the_tree_are_refused(tmp_path: Path, link: str) -> None:
    elsewhere = make_tree(tmp_path / "elsewhere", key="secret")
    tree = tmp_path / "v6.4"
    (tree / link).parent.mkdir(parents=True)
    (tree / link).symlink_to(elsewhere / link)
    with pytest.raises(SourceError, match=f"{tree}/{DOCUMENTS}: a link that leads out of the folder; give"):
        found(tree)
    make_tree(tmp_path / "trees/v6.5", vfs="x")
    tree.rename(tmp_path / "trees/v6.4")
    warning = f"{tmp_path}/trees: v6.4/{DOCUMENTS}: a link that leads out of the folder, skipped"
    assert told(tmp_path / "trees") == ([("v6.5", "vfs")], [warning])


def test_documents_behind_a_link_within_the_tree_are_read(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "v6.4", vfs="x")
    (tree / DOCUMENTS).rename(tree / "fs")
    (tree / DOCUMENTS).symlink_to(tree / "fs")
    (tmp_path / "link").symlink_to(tmp_path)
    assert found(tree) == found(tmp_path / "link/v6.4") == [("v6.4", f"{DOCUMENTS}/vfs")]


def test_a_link_to_a_tree_elsewhere_is_not_one_of_a_folders_trees(tmp_path: Path) -> None:
    folder, tree = tmp_path / "trees", make_tree(tmp_path / "v6.4", vfs="x")
    folder.mkdir()
    (folder / "v6.4").symlink_to(tree)
    with pytest.raises(SourceError, match=r"no documents in it \(v6.4: a link that leads out of the folder"):
        found(folder)
    make_tree(folder / "v6.5", vfs="x")
    warning = f"{folder}: v6.4: a link that leads out of the folder, not followed"
    assert told(folder) == ([("v6.5", "vfs")], [warning])
    assert found(folder / "v6.4") == [("v6.4", f"{DOCUMENTS}/vfs")]  # which the user names


def test_a_makefile_elsewhere_tells_no_version(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(MAKEFILE)
    tree = make_tree(tmp_path / "v5.4", vfs="x")
    (tree / "Makefile").symlink_to(tmp_path / "Makefile")
    assert found(tree)[0][0] == "v5.4"


def test_a_makefile_of_any_size_is_read_at_its_head(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "src", MAKEFILE, vfs="x")
    os.truncate(tree / "Makefile", 1 << 40)
    assert found(tree)[0][0] == "v6.4.6"


@pytest.mark.parametrize("name", ["a\nb", "a\x1bb", "a\x9bb", "a\u202eb", "a\\b"])
def test_names_that_are_no_document_paths_are_told(tmp_path: Path, name: str) -> None:
    tree = make_tree(tmp_path / "v6.4", **{"good": "x", name: "x", f"{name}d__deep": "x"})
    shown, warnings = told(tree)
    assert shown == [("v6.4", "good")]
    assert len(warnings) == 2
    assert "".join(warnings).isprintable()
    with pytest.raises(SourceError, match="not a document"):
        found(tree / DOCUMENTS / name)


def test_folders_without_end_are_told(tmp_path: Path) -> None:
    tree, here = make_tree(tmp_path / "v6.4", vfs="x"), Path.cwd()
    os.chdir(tree / DOCUMENTS)
    for _ in range(1200):
        Path("d").mkdir()
        os.chdir("d")
    Path("deep").write_text("x")
    os.chdir(here)
    for source in (tree, f"v6.4={tree / DOCUMENTS}"):
        shown, [warning] = told(source)
        assert shown == [("v6.4", "vfs")]
        assert "the path is too long, skipped" in warning
    subprocess.run(["rm", "-r", tree], check=True)  # which Python cannot


def test_a_file_that_vanishes_is_told_with_its_name(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "v6.4", a="x", b="x")
    documents = read(parse_source(str(tree)))
    next(documents)
    (tree / DOCUMENTS / "b").unlink()
    with pytest.raises(SourceError, match=f"{tree}/{DOCUMENTS}/b: it was deleted .*; run the command again"):
        next(documents)


@pytest.mark.parametrize("name", ["../../../etc/x", "a%2f..%2f..%2f..%2fx", ".git", "a%0ab", "a%e2%80%aeb", "a%5cb"])
def test_addresses_of_no_document_are_told(name: str) -> None:
    def save(_: str, file: Path) -> None:
        file.write_text("x")

    with pytest.raises(SourceError, match="not the address of a document"):
        list(read(parse_source(f"https://example.org/{DOCUMENTS}/{name}"), save))


def test_a_pipe_in_a_tree_does_not_stop_the_build(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "v6.4", vfs="x")
    os.mkfifo(tree / "Documentation/filesystems/pipe")
    assert len(found(tree)) == 1


def test_a_folder_of_trees_also_nested(tmp_path: Path) -> None:
    make_tree(tmp_path / "v5.4", vfs="x")
    make_tree(tmp_path / "some-name", MAKEFILE, vfs="x")
    make_tree(tmp_path / "aufs/aufs5.4", mmap="x")
    (tmp_path / "notes").mkdir()
    assert [version for version, _ in found(tmp_path)] == ["aufs5.4", "v6.4.6", "v5.4"]


def test_one_version_cannot_stand_for_several_trees(tmp_path: Path) -> None:
    make_tree(tmp_path / "v5.4")
    make_tree(tmp_path / "v6.4")
    with pytest.raises(SourceError, match="2 kernel trees"):
        found(f"v6.4={tmp_path}")


def test_loose_documents_have_the_folders_version_or_none(tmp_path: Path) -> None:
    for name in ("v6.4.6", "papers"):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "deep/locking.rst").write_text("x")
        (tmp_path / name / "image").write_bytes(b"\0")
    assert found(tmp_path / "v6.4.6") == [("v6.4.6", "deep/locking.rst")]
    assert found(tmp_path / "papers") == [(None, "deep/locking.rst")]
    assert found(f"v6.8={tmp_path}/papers") == [("v6.8", "deep/locking.rst")]


def test_a_single_file_keeps_its_name_and_has_the_version_that_is_given(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("x")
    assert found(tmp_path / "page.txt") == [(None, "page.txt")]
    assert found(f"v4.19={tmp_path}/page.txt") == [("v4.19", "page.txt")]


def test_paths_with_an_equals_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a=b").write_text("x")
    monkeypatch.chdir(tmp_path)
    assert found("a=b") == [(None, "a=b")]
    assert found("v6.4=a=b") == [("v6.4", "a=b")]


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("nothing-here", "no such file or folder"),
        ("v6.4=nothing-here", "no such file or folder"),
        ("v6.4=", "no such file or folder"),
        ("", "no such file or folder"),
        ("\0", "no such file or folder"),
        ("x" * 5000, "no such file or folder"),
        ("latest=page.txt", "not a version label"),
        ("binary", "binary file"),
        ("v6.4=binary", "binary file"),
        ("locking.rst.gz", "packed with gzip, not a document.*unpack it"),
        ("linux.zip", "packed with zip"),
        ("linux", "a tar archive without the suffix of one; name it like"),
        ("empty", "no documents"),
        ("pipe", "neither a file nor a folder"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argument: str, message: str) -> None:
    (tmp_path / "page.txt").write_text("x")
    (tmp_path / "binary").write_bytes(b"\x7fELF\0\0")
    (tmp_path / "locking.rst.gz").write_bytes(gzip.compress(b"x"))
    (tmp_path / "empty").mkdir()
    with tarfile.open(tmp_path / "linux", "w") as tar, ZipFile(tmp_path / "linux.zip", "w") as packed:
        tar.add(tmp_path / "page.txt", "page.txt")
        packed.writestr("page.txt", "x")
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match=message) as error:
        found(argument)
    assert "\n" not in str(error.value)


def test_a_tree_without_documents_is_told(tmp_path: Path) -> None:
    (tmp_path / "v6.4/Documentation/filesystems").mkdir(parents=True)
    with pytest.raises(SourceError, match="no text file"):
        found(tmp_path / "v6.4")


def test_a_source_is_the_same_however_its_path_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(tmp_path / "v6.4")
    monkeypatch.chdir(tmp_path)
    keys = {parse_source(argument).key for argument in ("v6.4", "./v6.4/", f"{tmp_path}/v6.4", "v6.4/../v6.4")}
    assert len(keys) == 1
    assert parse_source("v6.4=v6.4").key not in keys


def test_the_bundled_corpus(tmp_path: Path) -> None:
    make_tree(tmp_path / "linux/v6.4.6")
    make_tree(tmp_path / "aufs/aufs5.4", mmap="x")
    for path in ("notes/mmap.txt", "commits/map_files.txt", "summaries/inode_operations.rst"):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text("x")
    origin = {"linux/v6.4.6/Documentation/filesystems/locking.rst": {"origin": "linux v6.4.6", "sha256": "0"}}
    (tmp_path / "manifest.json").write_text(json.dumps({"files": origin}))
    documents = list(read(Source(argument=BUNDLED, location=tmp_path)))
    assert [(document.version, document.path, document.origin) for document in documents] == [
        ("v6.4.6", "Documentation/filesystems/locking.rst", "linux v6.4.6"),
        ("aufs5.4", "Documentation/filesystems/mmap", None),
        (None, "notes/mmap.txt", None),
        (None, "commits/map_files.txt", None),
        (None, "summaries/inode_operations.rst", None),
    ]
    assert all(document.bundled for document in documents)


def test_a_corpus_that_is_not_there_has_no_documents(tmp_path: Path) -> None:
    assert list(read(Source(argument=BUNDLED, location=tmp_path / "nothing"))) == []


def test_tree_version_of_a_folder_that_is_no_tree(tmp_path: Path) -> None:
    assert tree_version(tmp_path) is None


def test_the_real_folders(shared: Path) -> None:
    documents = list(read(parse_source(str(shared / "corpus/linux"))))
    assert len({document.version for document in documents}) == 8
    assert {document.label_origin for document in documents} == {"folder name"}
    assert {document.version for document in read(parse_source(str(shared / "corpus/aufs")))} == {
        "aufs5.4",
        "aufs5.15",
        "aufs6.1",
    }


def pack(archive: Path, mode: Any, *members: tuple[str, bytes | tarfile.TarInfo]) -> Path:
    """A tar archive of these members, in this order."""
    with tarfile.open(archive, mode) as tar:
        for name, content in members:
            if isinstance(content, tarfile.TarInfo):
                tar.addfile(content)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return archive


def squeeze_zstd(data: bytes) -> bytes:
    """As `zstd -19` packs it, with a checksum."""
    return zstd.compress(data, options={zstd.CompressionParameter.compression_level: 19,
                                        zstd.CompressionParameter.checksum_flag: 1})  # fmt: skip


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "tar": bytes,
    "tar.gz": gzip.compress,
    "tar.bz2": bz2.compress,
    "tar.xz": lzma.compress,
    "tar.zst": squeeze_zstd,
    "tzst": squeeze_zstd,
}


@pytest.mark.parametrize("suffix", PACKED)
def test_an_archive_gives_what_its_tree_gives(tmp_path: Path, suffix: str) -> None:
    tree = make_tree(tmp_path / "linux-src", MAKEFILE, Locking="x" * 100_000, nfs__Exporting="y", picture=b"\0")
    with tarfile.open(tmp_path / "plain", "w") as tar:
        tar.add(tree, "linux-src")
    (tmp_path / f"linux.{suffix}").write_bytes(PACKED[suffix]((tmp_path / "plain").read_bytes()))
    of_tree = list(read(parse_source(str(tree))))
    of_archive = list(read(parse_source(f"{tmp_path}/linux.{suffix}")))
    assert of_archive == of_tree
    assert {document.version for document in of_archive} == {"v6.4.6"}


def test_the_version_of_an_archives_tree(tmp_path: Path) -> None:
    document = f"{DOCUMENTS}/Locking"
    named = pack(tmp_path / "a.tar", "w", (f"linux-6.8.1/{document}", b"x"))
    assert found(named) == [("v6.8.1", document)]
    bare = pack(tmp_path / "linux-5.4.tar", "w", (f"./{document}", b"x"))
    assert found(bare) == [("v5.4", document)]
    unknown = pack(tmp_path / "b.tar", "w", (f"src/{document}", b"x"))
    assert found(f"v6.4={unknown}") == [("v6.4", document)]
    with pytest.raises(SourceError, match=f"as in v6.4.6={unknown}"):
        found(unknown)


def test_an_archive_of_several_trees(tmp_path: Path) -> None:
    names = [f"{version}/{DOCUMENTS}/Locking" for version in ("v5.4", "v6.4")]
    archive = pack(tmp_path / "trees.tar", "w", *((name, b"x") for name in names))
    assert [version for version, _ in found(archive)] == ["v5.4", "v6.4"]
    with pytest.raises(SourceError, match="2 kernel trees"):
        found(f"v6.4={archive}")


def test_hostile_members_are_passed_over(tmp_path: Path) -> None:
    link, device = tarfile.TarInfo(f"v6.4/{DOCUMENTS}/link"), tarfile.TarInfo(f"v6.4/{DOCUMENTS}/device")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    device.type = tarfile.CHRTYPE
    archive = pack(
        tmp_path / "hostile.tar",
        "w",
        ("", link),
        ("", device),
        (f"/v6.4/{DOCUMENTS}/absolute", b"x"),
        (f"../v6.4/{DOCUMENTS}/outside", b"x"),
        (f"v6.4/{DOCUMENTS}/../../up", b"x"),
        (f"v6.4/{DOCUMENTS}/good", b"x"),
    )
    assert [path for _, path in found(archive)] == [f"{DOCUMENTS}/good"]


def test_archives_that_are_none(tmp_path: Path) -> None:
    whole = pack(tmp_path / "whole.tar.gz", "w:gz", (f"v6.4/{DOCUMENTS}/Locking", os.urandom(5000))).read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[:2000])
    (tmp_path / "text.tar.xz").write_text("no archive")
    (tmp_path / "empty.tar").write_bytes(b"")
    packed = squeeze_zstd(whole)
    (tmp_path / "cut.tar.zst").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "broken.tar.zst").write_bytes(packed[:100] + bytes(100) + packed[200:])
    (tmp_path / "text.tar.zst").write_bytes(squeeze_zstd(b"no archive" * 1000))
    pack(tmp_path / "other.tar", "w", ("readme", b"x"))
    for name, message in {
        "cut.tar.gz": "damaged",
        "text.tar.xz": "damaged",
        "empty.tar": "damaged",
        "cut.tar.zst": "damaged",
        "broken.tar.zst": "damaged",
        "text.tar.zst": "damaged",
        "other.tar": f"no {DOCUMENTS} and no ops tables",
    }.items():
        with pytest.raises(SourceError, match=message):
            found(tmp_path / name)


@pytest.mark.parametrize(
    ("argument", "name"),
    [
        ("/home/jane/src/linux-6.8", "linux-6.8"),
        ("/home/jane/src/linux-6.8/", "linux-6.8"),
        ("/home/jane/src/linux-6.8/.", "linux-6.8"),
        ("/home/jane/secret/..", "jane"),
        ("v6.8=/home/jane/src/linux", "v6.8=linux"),
        ("/home/jane/v6.8=x/linux.tar.xz", "linux.tar.xz"),
        ("~/src/linux", "linux"),
        ("~jane/linux", "linux"),
        ("/", "/"),
        ("linux-6.8", "linux-6.8"),
        ("src/linux-6.8", "src/linux-6.8"),
        ("6.8=../linux", "6.8=../linux"),
        ("v6.8=https://example.org/a/locking.rst", "v6.8=https://example.org/a/locking.rst"),
        ("https://example.org/linux-6.9.tar.xz", "https://example.org/linux-6.9.tar.xz"),
        ("bundled", "bundled"),
    ],
)
def test_pages_do_not_tell_where_a_source_lies(argument: str, name: str) -> None:
    assert source_name(argument) == name
