"""The index folder: only what we wrote is opened."""

import json
import os
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from kbase.errors import StoreError
from kbase.search.index import manifest_hash
from kbase.search.search_document import SearchDocument
from kbase.search.searcher import Searcher
from kbase.search.writing import read_documents, write_index


def document(name: str, text: str) -> SearchDocument:
    return SearchDocument(
        entry=f"function:{name}",
        kind="function",
        name=name,
        title=f"{name}()",
        text=text,
        url=f"/v/v6.4/functions/{name}/",
        version="v6.4",
        versions=("v6.4",),
        keys=(name,),
        names=name,
        since=("v6.4",),
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
    for name in ("catalogue.msgpack", "texts"):
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_control_characters_do_not_reach_snippets(tmp_path: Path) -> None:
    write_index(tmp_path / "index", [document("d_add", "one \x02forged\x03 two")])
    (hit,) = Searcher(tmp_path / "index").search("two").hits
    assert hit.snippet == "one forged \x02two\x03"


def test_a_searcher_may_be_closed_twice(folder: Path) -> None:
    searcher = Searcher(folder)
    searcher.close()
    searcher.close()


def test_no_documents(tmp_path: Path) -> None:
    write_index(tmp_path / "index", [])
    searcher = Searcher(tmp_path / "index")
    assert searcher.search("rename").total == 0
    assert searcher.suggest("ren") == ()


@pytest.mark.parametrize("part", ["catalogue.msgpack", "texts", "whoosh"])
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
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))
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


OLD = [document("d_drop", "takes a dentry out"), document("d_add", "puts a dentry in")]
NEW = [document("d_move", "moves a dentry"), document("d_drop", "takes a dentry out, softly")]


def grown(tmp_path: Path, *parts: list[SearchDocument]) -> Path:
    """An index that grew by these parts, one after the other."""
    folder: Path | None = None
    documents: list[SearchDocument] = []
    for number, part in enumerate(parts):
        documents = [*part, *documents]
        write_index(tmp_path / f"index{number}", documents, (folder, manifest_hash(folder)) if folder else None)
        folder = tmp_path / f"index{number}"
    assert folder
    return folder


def segments(folder: Path) -> set[int]:
    return {path.stat().st_ino for path in (folder / "whoosh").glob("*.seg")}


def test_an_index_grows_by_what_is_new_and_finds_the_same(tmp_path: Path) -> None:
    whole = grown(tmp_path / "whole", [*NEW, *OLD])
    bit_by_bit = grown(tmp_path / "parts", OLD, NEW[1:], NEW[:1])
    assert segments(tmp_path / "parts/index0") < segments(tmp_path / "parts/index1") < segments(bit_by_bit)
    with closing(Searcher(whole)) as one, closing(Searcher(bit_by_bit, manifest_hash(bit_by_bit))) as other:
        for query in (
            "d_drop",
            "dentry",
            "softly",
            "kind:function",
            "dentr*",
            '"a dentry out"',
            "NOT moves",
            "since:v6.4",
        ):
            found = one.search(query)
            assert found.total
            assert other.search(query) == found, query
        assert one.suggest("d_") == other.suggest("d_")


def test_versions_are_no_part_of_what_is_indexed(tmp_path: Path) -> None:
    first = grown(tmp_path / "first", OLD)
    later = [
        replace(each, version="v6.5", versions=("v6.4", "v6.5"), url=each.url.replace("6.4", "6.5")) for each in OLD
    ]
    write_index(tmp_path / "later", later, (first, manifest_hash(first)))
    assert segments(tmp_path / "later") == segments(first)
    with closing(Searcher(tmp_path / "later")) as searcher:
        (hit,) = searcher.search("out").hits
        assert (hit.versions, hit.url) == (("6.4 to 6.5",), "/v/v6.5/functions/d_drop/")


def test_what_is_gone_is_counted_no_more(tmp_path: Path) -> None:
    first = grown(tmp_path / "first", OLD, [document("d_move", "moves a dentry")])
    remaining = [document("d_move", "moves a dentry"), OLD[0]]
    write_index(tmp_path / "later", remaining, (first, manifest_hash(first)))
    write_index(tmp_path / "whole", remaining)
    with closing(Searcher(tmp_path / "later")) as searcher, closing(Searcher(tmp_path / "whole")) as whole:
        assert searcher.catalogue.frequencies == whole.catalogue.frequencies
        for query in ("dentry", "puts", "d_add", "takes", "kind:function", "put*"):
            assert searcher.search(query) == whole.search(query)
        assert (searcher.search("dentry").total, searcher.search("puts").total) == (2, 0)


def test_documents_that_stay_are_written_again_without_their_texts(tmp_path: Path) -> None:
    told = replace(OLD[0], gist="Unhooks it.", ops=("a.drop",), params=("int",), returns=("void",), blocks=("yes",))
    rules = ("d_lock=exclusive", "d_lock=exclusive+yes")
    told = replace(told, rules=rules, locks=("d_lock",), structs=("a",), documents=("vfs.rst",))
    write_index(tmp_path / "first", [told, OLD[1]])
    previous = (tmp_path / "first", manifest_hash(tmp_path / "first"))
    left = [each for each in read_documents(*previous) if each.name == told.name]
    assert left == [replace(told, text="", digest=left[0].digest)]
    write_index(tmp_path / "later", left, previous)
    with closing(Searcher(tmp_path / "later")) as searcher:
        for query in (
            *("unhooks", "takes", '"a dentry out"', "op:a.drop", "param:int", "returns:void", "blocks:yes"),
            *("lock:d_lock held:exclusive", "lock:d_lock held:exclusive held:yes", "struct:a", "document:vfs.rst"),
        ):
            assert [hit.name for hit in searcher.search(query).hits] == ["d_drop"], query
            assert "a dentry out" in searcher.search(query).hits[0].snippet.replace("\x02", "").replace("\x03", "")


def test_an_index_that_was_altered_is_not_taken_over(tmp_path: Path) -> None:
    first = grown(tmp_path / "first", OLD)
    expected = manifest_hash(first)
    (segment,) = (first / "whoosh").glob("*.seg")
    segment.write_bytes(segment.read_bytes()[:-1])
    write_index(tmp_path / "later", OLD, (first, expected))
    assert not segments(tmp_path / "later") & segments(first)
    with closing(Searcher(tmp_path / "later")) as searcher:
        assert searcher.search("dentry").total == 2


def test_file_systems_without_links_get_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    whole = grown(tmp_path / "parts", OLD, NEW[:1])
    assert not segments(whole) & segments(tmp_path / "parts/index0")
    with closing(Searcher(whole)) as searcher:
        assert searcher.search("dentry").total == 3
