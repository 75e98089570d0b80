"""Commits are found by what one has of them: a hash, a part of it, words, a name."""

from pathlib import Path

import pytest

from kbase.model.records import Commit, Evidence, Format, Person
from kbase.model.states import Cited, DocumentRef, VersionState
from kbase.model.witnesses import DocumentKind
from kbase.search import Searcher, search_documents, write_index


def loose_commit() -> VersionState:
    """What is held without a version: one commit page."""
    somebody = Person(name="A. Writer", email="a@example.org", date="2012-01-10T15:11:23-08:00")
    commit = Commit(
        sha="0123456789abcdef0123456789abcdef01234567",
        tree="fedcba98" * 5,
        parents=("11112222" * 5,),
        author=somebody,
        committer=somebody,
        subject="fs: teach the overlay to count",
        body="It counts what it joins.",
        trailers=(),
        evidence=Evidence(blob="0" * 64, first=1, last=9),
    )
    page = DocumentRef(
        version="",
        path="commit.txt",
        blob="0" * 64,
        kind=DocumentKind.COMMIT,
        format=Format.TEXT,
        title=commit.subject,
        source="commit.txt",
    )
    return VersionState(label="", label_origin="", documents=(page,), commits=(Cited(record=commit, document=page),))


@pytest.mark.parametrize(
    "query", ["0123456789abcdef0123456789abcdef01234567", "0123456789ab", "0123456", "overlay count", "a. writer"]
)
def test_a_commit_by_hash_subject_and_author(tmp_path: Path, query: str) -> None:
    write_index(tmp_path / "index", search_documents([loose_commit()]))
    hit = Searcher(tmp_path / "index").search(query).hits[0]
    assert (hit.kind, hit.name, hit.versions) == ("commit", "0123456789ab", ())
    assert hit.url == "/commits/0123456789abcdef0123456789abcdef01234567/"
