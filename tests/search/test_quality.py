"""Questions that people ask, each with the answers that belong among the first three hits."""

from pathlib import Path

import pytest

from kbase.search.query_syntax import FIELDS
from kbase.search.searcher import Searcher

FIRST = 3

QUESTIONS = Path(__file__).with_name("questions.tsv")  # ours, beside those of ../shared/queries.tsv
RELEASES = Path(__file__).with_name("questions_releases.tsv")
NOTHING = {  # what no op did in that release: the first hits answer something else, and the note says so
    "ops removed in v5.15": "nothing of it was removed after v5.14.2, by v5.15.16",
    "fops removed in 6.8": "nothing of it was removed after v6.7.3, by v6.8.1",
    "iops added in 5.15": "nothing of it was added after v5.14.2, by v5.15.16",
    "new inode_operations in 6.4": "nothing of it was added after v6.3.8, by v6.4.6",
}
PROSE = Path(__file__).with_name("questions_prose.tsv")  # answered by sections, design notes and the porting log


def asked(tsv: Path) -> dict[str, str]:
    lines = tsv.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines if line.strip() and not line.startswith("#"))


def failed(searcher: Searcher, questions: dict[str, str]) -> dict[str, list[str]]:
    """The questions whose first hits have no right answer, with those hits."""
    wrong = {}
    for question, answers in questions.items():
        first = [f"{hit.kind}:{hit.name}" for hit in searcher.search(question, limit=FIRST).hits]
        if not set(first) & set(answers.split("|")):
            wrong[question] = first
    return wrong


def test_the_given_questions_over_the_real_documents(shared: Path, over_real: Searcher) -> None:
    assert failed(over_real, asked(shared / "queries.tsv")) == {}


def test_the_given_questions_over_the_bundled_corpus(shared: Path, over_bundled: Searcher) -> None:
    assert failed(over_bundled, asked(shared / "queries.tsv")) == {}


def test_more_questions_over_the_real_documents(over_real: Searcher) -> None:
    assert failed(over_real, asked(QUESTIONS)) == {}


def test_questions_about_prose_over_the_real_documents(over_real: Searcher) -> None:
    assert failed(over_real, asked(PROSE)) == {}


def test_more_questions_over_the_bundled_corpus(over_bundled: Searcher) -> None:
    questions = asked(QUESTIONS) | asked(RELEASES)
    assert failed(over_bundled, {each: answers for each, answers in questions.items() if each not in NOTHING}) == {}
    assert {question: over_bundled.search(question).note for question in NOTHING} == NOTHING


@pytest.mark.parametrize("field", FIELDS)
def test_the_example_of_a_field_finds_something(over_bundled: Searcher, field: str) -> None:
    _, example = FIELDS[field]
    assert field in example
    assert over_bundled.search(example).total


def test_every_symbol_is_the_first_hit_of_its_name(over_bundled: Searcher) -> None:
    """Where several entries have the name (`d_delete` is an op and a function), they are the first hits."""
    for document in over_bundled.catalogue.documents:
        if document.kind in ("op", "struct", "lock", "function", "flag"):
            symbol = over_bundled.symbols.get(document.name)
            assert symbol
            hits = over_bundled.search(document.name, limit=len(symbol.entries)).hits
            assert document.name in [hit.name for hit in hits]
