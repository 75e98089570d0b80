"""The design note and the commit that we restate: their facts are the original's, on the original's lines."""

from dataclasses import replace
from pathlib import Path

import pytest

from kbase import places
from kbase.model.records import Commit, DesignNote, Parsed
from kbase.parsers import parse
from kbase.text.saved_pages import unwrap

NOTE, COMMIT = "notes/aufs-mmap.txt", "commits/640708a2cff7.txt"


def read(path: Path) -> Parsed:
    return parse(path.name, unwrap(path.name, path.read_bytes()), "")


def note(path: Path) -> DesignNote:
    (found,) = (record for record in read(path).records if isinstance(record, DesignNote))
    return found


def commit(path: Path) -> Commit:
    (found,) = (record for record in read(path).records if isinstance(record, Commit))
    return found


@pytest.fixture
def seeds(shared: Path) -> dict[str, Path]:
    folder = shared / "corpus" / "seeds"
    return {name: next(folder.glob(f"{number}_*")) for number, name in (("001", NOTE), ("002", COMMIT))}


def test_the_note_lists_the_steps_of_both_functions() -> None:
    ours = note(places.corpus() / NOTE)
    assert ours.title == "mmap(2) -- File Memory Mapping"
    assert [(steps.subject, len(steps.steps)) for steps in ours.steps] == [("aufs_mmap", 2), ("aufs_fault", 5)]
    assert ours.ops == ("vm_operations_struct.fault",)


def test_the_note_names_what_the_original_names_where_it_does(seeds: dict[str, Path]) -> None:
    ours, original = note(places.corpus() / NOTE), note(seeds[NOTE])
    assert (ours.slug, ours.title, ours.ops, ours.functions) == (
        original.slug,
        original.title,
        original.ops,
        original.functions,
    )
    assert [steps.evidence for steps in ours.steps] == [steps.evidence for steps in original.steps]
    assert ours.evidence.first == original.evidence.first


def test_the_commit_is_complete() -> None:
    ours = commit(places.corpus() / COMMIT)
    assert ours.sha == "640708a2cff7f81e246243b0073c66e6ece7e53e"
    assert (ours.author.name, ours.committer.name) == ("Pavel Emelyanov", "Linus Torvalds")
    assert [trailer.key for trailer in ours.trailers].count("Signed-off-by") == 4
    assert "map_files" in ours.body


def test_the_commit_differs_from_the_original_by_its_body_only(seeds: dict[str, Path]) -> None:
    ours, original = commit(places.corpus() / COMMIT), commit(seeds[COMMIT])
    assert replace(ours, body="") == replace(original, body="")
    assert ours.evidence == original.evidence


def nine_words_in_a_row(text: str) -> set[str]:
    words = text.split()
    return {" ".join(words[at : at + 9]) for at in range(len(words) - 8)}


def test_the_sentences_are_our_own(seeds: dict[str, Path]) -> None:
    ours = note(places.corpus() / NOTE).text, commit(places.corpus() / COMMIT).body
    originals = note(seeds[NOTE]).text, commit(seeds[COMMIT]).body
    for one, other in zip(ours, originals, strict=True):
        assert not nine_words_in_a_row(one) & nine_words_in_a_row(other)
