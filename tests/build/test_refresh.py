"""What a build reads again of the sources that it knows: nothing that something cheaper tells to be as it was."""

import gzip
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath

import pytest

from kbase.build import pipeline as builder
from kbase.build.pipeline import BuildReport, build, remove
from kbase.errors import SourceError
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.sources import readers
from kbase.sources.archives import read_archive
from kbase.sources.document_paths import Warn
from kbase.sources.git import Objects
from kbase.sources.trees import DOCUMENTS
from kbase.store import generations
from kbase.store.database import Store
from kbase.store.generations import current

Put = Callable[[Path, str], Path]
Locking = Callable[..., str]
Labels = Callable[[Path], tuple[str, ...]]
Cell = Callable[[Path, str], str]
NOTE = "\nBarn\n----\nIn barn_mmap(),\n- fold the sheet\n"  # what a text needs to state something


def git(repository: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")
    command = ["git", *identity, "-C", str(repository), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def tagged(repository: Path, tag: str, **documents: str) -> None:
    """A commit of these documents and what was there, with a tag that is moved if there is one."""
    for name, text in documents.items():
        (repository / DOCUMENTS / f"{name}.txt").write_text(text + NOTE)
    git(repository, "add", ".")
    git(repository, "commit", "--allow-empty", "-m", tag)
    git(repository, "tag", "-f", tag)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Tags v5.0 to v5.2: one document that stays, one that changes, and a picture."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path / "linux"
    (folder / DOCUMENTS).mkdir(parents=True)
    git(folder, "init")
    (folder / DOCUMENTS / "picture").write_bytes(b"\0")
    for number in range(3):
        tagged(folder, f"v5.{number}", stays="A text that stays.\n", changes=f"Text {number}.\n")
    return folder


@pytest.fixture
def nothing(tmp_path: Path) -> Path:
    """A bundled corpus with nothing in it."""
    (tmp_path / "nothing").mkdir()
    return tmp_path / "nothing"


@pytest.fixture
def asked(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many blobs were asked of the object store since the last time: their contents, not what is listed."""
    wanted: list[str] = []

    def read(objects: Objects, name: str, limit: int) -> bytes | None:
        found = original(objects, name, limit)
        wanted.extend([name] if found is not None else [])
        return found

    def count() -> int:
        found = [name for name in wanted if git(repository, "cat-file", "-t", name) == "blob\n"]
        wanted.clear()
        return len(found)

    original = Objects.read
    monkeypatch.setattr(Objects, "read", read)
    return count


def texts(db: Path) -> dict[str, list[str]]:
    """The first line of each document, by version."""
    with closing(KnowledgeBase.open(db)) as kb, closing(Store(current(db))) as store:
        return {
            label: [store.text(document.blob).quote(1, 1) for document in kb.state(label).documents]
            for label in kb.labels()
        }


def test_each_blob_is_read_once_ever(repository: Path, nothing: Path, tmp_path: Path, asked: Callable[[], int]) -> None:
    db = tmp_path / "db"
    build(db, [str(repository)], tags="v5.*", corpus=nothing)
    assert asked() == 5  # four texts and the picture
    for _ in range(2):
        assert not build(db, corpus=nothing).changed
        assert asked() == 0
    tagged(repository, "v5.3", changes="Text 3.\n", more="More.\n")
    assert build(db, corpus=nothing).parsed == 2
    assert asked() == 2
    assert texts(db)["v5.3"] == ["Text 3.", "More.", "A text that stays."]


def test_tags_that_moved_or_vanished_cost_what_is_new_in_them(
    repository: Path, nothing: Path, tmp_path: Path, asked: Callable[[], int]
) -> None:
    db = tmp_path / "db"
    build(db, [str(repository)], tags="v5.*", corpus=nothing)
    assert asked() == 5
    git(repository, "tag", "-f", "v5.1", "v5.0")
    assert build(db, corpus=nothing).parsed == 0
    assert texts(db)["v5.1"] == texts(db)["v5.0"] == ["Text 0.", "A text that stays."]
    tagged(repository, "v5.2", changes="Text 2, moved.\n")
    build(db, corpus=nothing)
    assert texts(db)["v5.2"] == ["Text 2, moved.", "A text that stays."]
    assert asked() == 1
    git(repository, "tag", "-d", "v5.0", "v5.1")
    build(db, corpus=nothing)
    assert (list(texts(db)), asked()) == (["v5.2"], 0)
    git(repository, "tag", "v5.4", "v5.2~1")  # v5.2 as it was: its text has gone with it
    build(db, corpus=nothing)
    assert (texts(db)["v5.4"], asked()) == (["Text 2.", "A text that stays."], 1)


def test_what_one_pattern_has_read_another_does_not(
    repository: Path, nothing: Path, tmp_path: Path, asked: Callable[[], int]
) -> None:
    db = tmp_path / "db"
    build(db, [str(repository)], tags="v5.0", corpus=nothing)
    assert asked() == 3
    build(db, [str(repository)], tags="v5.1", corpus=nothing)
    assert asked() == 1
    assert texts(db) == {"v5.0": ["Text 0.", "A text that stays."], "v5.1": ["Text 1.", "A text that stays."]}


def test_a_source_that_is_removed_leaves_nothing_known(
    repository: Path, nothing: Path, tmp_path: Path, asked: Callable[[], int]
) -> None:
    db = tmp_path / "db"
    build(db, [str(repository)], tags="v5.*", corpus=nothing)
    remove(db, "v5.1", corpus=nothing)
    asked()
    build(db, corpus=nothing)  # a refresh reads what the repository has, also what was removed
    assert (sorted(texts(db)), asked()) == (["v5.0", "v5.1", "v5.2"], 1)
    remove(db, str(repository), corpus=nothing)
    with closing(Store(current(db))) as store:
        assert (store.git_blobs(), store.fingerprints()) == ({}, {})
    build(db, [str(repository)], tags="v5.*", corpus=nothing)
    assert asked() == 5


def test_another_reader_reads_everything_again(
    repository: Path, nothing: Path, tmp_path: Path, asked: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    db, code = tmp_path / "db", builder._code
    build(db, [str(repository)], tags="v5.*", corpus=nothing)
    asked()
    monkeypatch.setattr(builder, "_code", lambda names: "another" if names == builder.READ_BY else code(names))
    assert build(db, corpus=nothing).changed
    assert asked() == 5
    assert not build(db, corpus=nothing).changed
    assert asked() == 0


def test_a_file_too_large_is_told_at_every_build(
    repository: Path, nothing: Path, tmp_path: Path, asked: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    db = tmp_path / "db"
    monkeypatch.setattr(readers, "MAX_BYTES", len("Text 1.\n" + NOTE))
    for expected in (4, 0, 0):
        report = build(db, [str(repository)], tags="v5.*", corpus=nothing)
        assert len(report.warnings) == 3  # the text that stays, once a tag
        assert asked() == expected
    assert texts(db)["v5.1"] == ["Text 1."]


@pytest.fixture
def archive(tmp_path: Path, put: Put) -> Path:
    put(tmp_path / "v6.8" / DOCUMENTS / "note.txt", f"One.\n{NOTE}")
    return pack(tmp_path / "linux.tar.gz", tmp_path / "v6.8")


def pack(archive: Path, tree: Path) -> Path:
    with gzip.GzipFile(archive, "wb", mtime=0) as stream, tarfile.open(fileobj=stream, mode="w") as tar:
        tar.add(tree, tree.name)
    return archive


def test_an_archive_is_unpacked_again_only_when_it_changed(
    archive: Path, nothing: Path, tmp_path: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    db, opened = tmp_path / "db", list[Path]()

    def read(
        file: Path, wanted: Callable[[str], bool], limit: int, warn: Warn
    ) -> Iterator[tuple[PurePosixPath, bytes | None]]:
        opened.append(file)
        return read_archive(file, wanted, limit, warn)

    monkeypatch.setattr("kbase.sources.tree_archives.read_archive", read)
    build(db, [str(archive)], corpus=nothing)
    assert not build(db, [str(archive)], corpus=nothing).changed
    archive.touch()
    assert not build(db, corpus=nothing).changed
    assert len(opened) == 1
    put(tmp_path / "v6.8" / DOCUMENTS / "note.txt", f"Two.\n{NOTE}")
    pack(archive, tmp_path / "v6.8")
    assert build(db, corpus=nothing).changed
    assert (len(opened), texts(db)) == (2, {"v6.8": ["Two."]})
    build(db, [f"v6.9={archive}"], corpus=nothing)  # another version is another source
    assert (len(opened), list(texts(db))) == (3, ["v6.8", "v6.9"])
    archive.unlink()
    assert "the source is missing" in build(db, corpus=nothing).warnings[0]
    assert list(texts(db)) == ["v6.8", "v6.9"]


def test_an_archive_with_a_file_too_large_is_told_at_every_build(
    archive: Path, nothing: Path, tmp_path: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "v6.8" / DOCUMENTS / "large.txt", f"Large, very large.\n{NOTE}")
    pack(archive, tmp_path / "v6.8")
    monkeypatch.setattr("kbase.sources.tree_archives.MAX_BYTES", len(f"One.\n{NOTE}"))
    for _ in range(2):
        assert "large.txt: larger than" in build(tmp_path / "db", [str(archive)], corpus=nothing).warnings[0]


def test_an_archive_that_cannot_be_read_is_told(archive: Path, nothing: Path, tmp_path: Path) -> None:
    build(tmp_path / "db", [str(archive)], corpus=nothing)
    archive.write_bytes(b"no archive any more")
    with pytest.raises(SourceError, match="not a tar archive, or damaged"):
        build(tmp_path / "db", corpus=nothing)
    assert texts(tmp_path / "db") == {"v6.8": ["One."]}


def test_unchanged_input_is_neither_parsed_nor_written_again(
    db: Path, corpus: Path, tmp_path: Path, tree: Put, locking: Locking
) -> None:
    source = str(tree(tmp_path / "v6.8", locking()))
    build(db, [source], corpus=corpus)
    for sources in ([source], []):
        report = build(db, sources, corpus=corpus)
        assert report == BuildReport(versions=2, documents=3, parsed=0, carried=3, changed=False)
    assert generations.current(db).name == "1"


def test_only_the_named_sources_are_read_again(
    db: Path, corpus: Path, tmp_path: Path, tree: Put, locking: Locking, cell: Cell
) -> None:
    one, two = tree(tmp_path / "v5.4", locking()), tree(tmp_path / "v5.15", locking())
    build(db, [str(one), str(two)], corpus=corpus)
    tree(one, locking("shared"))
    tree(two, locking("none"))
    build(db, [str(one)], corpus=corpus)
    assert (cell(db, "v5.4"), cell(db, "v5.15")) == ("shared", "exclusive")
    build(db, corpus=corpus)
    assert cell(db, "v5.15") == "none"


def test_a_document_that_is_gone_from_its_source_is_gone(
    db: Path, corpus: Path, tmp_path: Path, put: Put, tree: Put, locking: Locking
) -> None:
    source = tree(tmp_path / "v5.4", locking())
    put(source / "Documentation/filesystems/other.txt", "Other\n=====\n\nwords\n")
    assert build(db, [str(source)], corpus=corpus).documents == 4
    (source / "Documentation/filesystems/other.txt").unlink()
    assert build(db, corpus=corpus).documents == 3


def test_a_source_that_is_gone_keeps_its_documents_and_is_told(
    db: Path, corpus: Path, tmp_path: Path, tree: Put, locking: Locking, labels: Labels
) -> None:
    source = tree(tmp_path / "v5.4", locking())
    build(db, [str(source)], corpus=corpus)
    source.rename(tmp_path / "elsewhere")
    report = build(db, corpus=corpus)
    assert "the source is missing" in report.warnings[0]
    assert labels(db) == ("v5.4", "v6.4")


def test_a_tag_that_moved_or_vanished_is_noticed(
    db: Path, corpus: Path, tmp_path: Path, tree: Put, locking: Locking, labels: Labels, cell: Cell
) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tree(tmp_path / "src", locking())

    def git(*words: str) -> None:
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        subprocess.run(["git", *identity, "-C", str(folder), *words], check=True, capture_output=True)

    git("init")
    git("add", ".")
    git("commit", "-m", "one")
    git("tag", "v5.4")
    git("tag", "v5.15")
    build(db, [str(folder)], tags="v5.*", corpus=corpus)
    assert labels(db) == ("v5.4", "v5.15", "v6.4")
    tree(folder, locking("shared"))
    git("commit", "-a", "-m", "two")
    git("tag", "-f", "v5.15")
    git("tag", "-d", "v5.4")
    assert build(db, corpus=corpus).parsed == 1
    assert (labels(db), cell(db, "v5.15")) == (("v5.15", "v6.4"), "shared")
