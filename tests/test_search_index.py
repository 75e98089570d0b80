"""The index folder: only what we wrote is opened."""

import json
import os
from pathlib import Path

import pytest

from kbase.errors import StoreError
from kbase.search import SearchDocument, Searcher, manifest_hash, write_index


def document(name: str, text: str) -> SearchDocument:
    return SearchDocument(
        thing=f"function:{name}",
        kind="function",
        name=name,
        title=f"{name}()",
        text=text,
        url=f"/v/v6.4/functions/{name}/",
        version="v6.4",
        versions=("v6.4",),
        keys=(name,),
        names=name,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_index(tmp_path / "index", [document("d_drop", "takes a dentry out"), document("d_add", "puts a dentry in")])
    return tmp_path / "index"


def test_what_was_written_is_found(folder: Path) -> None:
    searcher = Searcher(folder, manifest_hash(folder))
    assert [hit.name for hit in searcher.search("d_add").hits] == ["d_add"]
    assert {hit.name for hit in searcher.search("dentry").hits} == {"d_add", "d_drop"}
    searcher.close()


def test_two_writings_of_the_same_have_the_same_catalogue(folder: Path, tmp_path: Path) -> None:
    write_index(tmp_path / "again", [document("d_drop", "takes a dentry out"), document("d_add", "puts a dentry in")])
    for name in ("catalogue.json", "texts"):
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_control_characters_do_not_reach_snippets(tmp_path: Path) -> None:
    write_index(tmp_path / "index", [document("d_add", "one \x02forged\x03 two")])
    (hit,) = Searcher(tmp_path / "index").search("two").hits
    assert hit.snippet == "one forged \x02two\x03"


def test_no_documents(tmp_path: Path) -> None:
    write_index(tmp_path / "index", [])
    searcher = Searcher(tmp_path / "index")
    assert searcher.search("rename").total == 0
    assert searcher.suggest("ren") == ()


@pytest.mark.parametrize("part", ["catalogue.json", "texts", "whoosh"])
def test_an_altered_file_is_refused(folder: Path, part: str) -> None:
    path = folder / part
    file = next(path.glob("*.toc")) if path.is_dir() else path
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(StoreError, match="altered"):
        Searcher(folder)


def test_a_file_too_many_is_refused(folder: Path) -> None:
    (folder / "whoosh" / "_MAIN_99.toc").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(StoreError, match="not built"):
        Searcher(folder)


def test_another_manifest_is_refused(folder: Path) -> None:
    kept = manifest_hash(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(StoreError, match="not the one that was built"):
        Searcher(folder, kept)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 0, "files": {}}', '{"format": 1}'])
def test_a_broken_manifest_is_refused(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content)
    with pytest.raises(StoreError):
        Searcher(folder)


def test_no_index(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Searcher(tmp_path)
    with pytest.raises(StoreError, match="no search index"):
        manifest_hash(tmp_path)


def test_another_users_files_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if folder.stat().st_uid == 0:
        if os.geteuid() != 0:
            pytest.skip("the files are root's, which everybody trusts")
        os.chown(folder / "texts", 12345, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(StoreError, match="another user"):
        Searcher(folder)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be written"):
        write_index(tmp_path / "file", [])
