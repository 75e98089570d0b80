"""Headers with ops tables are read with the documents of a kernel, and without them, from every kind of source."""

import subprocess
import tarfile
from pathlib import Path

import pytest

from kbase.sources.readers import read
from kbase.sources.source import GitBlobs, parse_source

TABLE = "struct seq_operations {\n\tint (*show)(struct seq_file *);\n};\n"
FILES = {
    "Makefile": "VERSION = 6\nPATCHLEVEL = 8\nSUBLEVEL = 0\n",
    "Documentation/filesystems/locking.rst": "Locking\n",
    "include/linux/fs.h": TABLE,
    "include/linux/deep/er/seq.h": TABLE,
    "include/linux/list.h": "struct list_head;\n",
    "include/linux/Kbuild": TABLE,
    "include/linux/table.txt": TABLE,
    "fs/internal.h": TABLE,
    "tools/include/linux/fs.h": TABLE,
    "include/uapi/linux/fs.h": TABLE,
}
READ = ["Documentation/filesystems/locking.rst", "include/linux/deep/er/seq.h", "include/linux/fs.h"]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "linux"
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def paths(argument: object, tags: str | None = None) -> list[str]:
    found = list(read(parse_source(str(argument), tags)))
    assert {document.version for document in found} == {"v6.8"}
    return [document.path for document in found]


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *identity, "-C", str(folder), *arguments], check=True, capture_output=True)


def test_a_tree(tree: Path) -> None:
    assert paths(tree) == READ


def test_a_tree_without_documents_and_one_without_headers(tree: Path) -> None:
    (tree / READ[0]).unlink()
    assert paths(tree) == READ[1:]
    (tree / "Documentation/filesystems").rmdir()
    assert paths(tree) == READ[1:]
    (tree / READ[0]).parent.mkdir()
    (tree / READ[0]).write_text("Locking\n")
    for name in READ[1:]:
        (tree / name).unlink()
    assert paths(tree) == READ[:1]


def test_a_folder_of_headers_that_is_no_tree(tree: Path) -> None:
    assert paths(f"v6.8={tree / 'include/linux/deep'}") == ["er/seq.h"]


@pytest.mark.parametrize("prefix", ["linux-6.8", "."])
def test_an_archive(tree: Path, tmp_path: Path, prefix: str) -> None:
    archive = tmp_path / "linux.tar"
    with tarfile.open(archive, "w") as tar:
        tar.add(tree, prefix)
    assert paths(archive) == READ
    with tarfile.open(archive, "w") as tar:
        for name in ("Makefile", *READ[1:], "tools/include/linux/fs.h"):
            tar.add(tree / name, f"{prefix}/{name}")
    assert paths(archive) == READ[1:]


def test_a_repository_at_its_tags_reads_each_blob_once(tree: Path) -> None:
    git(tree, "init", "-q")
    git(tree, "add", ".")
    git(tree, "commit", "-q", "-m", "one")
    git(tree, "tag", "v6.8")
    assert paths(tree, "v6.8") == READ
    (tree / "include/linux/fs.h").write_text(TABLE.replace("show", "stop"))
    git(tree, "rm", "-q", "-r", "Documentation")
    git(tree, "commit", "-a", "-q", "-m", "two")
    git(tree, "tag", "v6.9")
    blobs: GitBlobs = {}
    found = {(document.version, document.path) for document in read(parse_source(str(tree), "v*"), blobs=blobs)}
    assert found == {*(("v6.8", path) for path in READ), *(("v6.9", path) for path in READ[1:])}
    assert len(blobs) == 4  # list.h among them, so that it is not read again
    again = list(read(parse_source(str(tree), "v*"), blobs=blobs))
    assert len(again) == len(found)
    assert {document.data for document in again} == {b""}
