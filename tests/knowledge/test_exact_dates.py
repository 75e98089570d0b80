"""How many dates of changes are exact to one release."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kbase.build.pipeline import build
from kbase.diff.history import OpHistory
from kbase.diff.release_line import Range, Witness, witness_of
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.versions import version_key
from kbase.pages.home import home_page

Put = Callable[[Path, str], Path]
LEAST = 0.90  # of the dates that headers give after 2.6.12


@pytest.fixture(scope="module")
def kb(bundled: Path) -> Iterator[KnowledgeBase]:
    with closing(KnowledgeBase.open(bundled)) as opened:
        yield opened


def test_most_dates_of_the_bundled_corpus_are_exact(kb: KnowledgeBase) -> None:
    dates = kb.exact_dates
    assert dates
    assert dates.header_exact >= LEAST * dates.header_dates
    assert dates.header_dates > 700


def test_so_are_most_dates_in_histories(kb: KnowledgeBase) -> None:
    found = [when.exact for struct in kb.tables for op in kb.histories(struct) for when in _dates_of_headers(op)]
    assert sum(found) >= LEAST * len(found)
    assert len(found) > 700


def _dates_of_headers(history: OpHistory) -> set[Range]:
    """The dates after 2.6.12 that headers give."""
    ends = (when for span in history.spans for when in (span.since, span.removed))
    dates = {when for when in ends if when and when.witness is Witness.HEADER}
    for event in history.events:
        if any(witness_of(change) is Witness.HEADER for change in event.changes):
            dates.add(event.range)
    return {when for when in dates if when.after and version_key(when.after) >= version_key("v2.6.12")}


def test_a_date_over_a_missing_release_is_not_exact(tmp_path: Path, put: Put) -> None:
    declared = {"v5.1": "int", "v5.2": "long", "v5.4": "char *", "v5.5": "char *"}
    for label, kind in declared.items():
        put(tmp_path / label / "include/linux/fs.h", f"struct inode_operations {{\n\tint (*create)({kind});\n}};\n")
    build(tmp_path / "db", [str(tmp_path / label) for label in declared], bundled=False)
    with closing(KnowledgeBase.open(tmp_path / "db")) as opened:
        dates = "1 of 2 dates of changes are exact to one release (50 %)"
        assert str(opened.exact_dates) == f"{dates}; of those that headers give after 2.6.12: 1 of 2 (50 %)"
        assert home_page(opened).dates == opened.exact_dates


def test_a_single_version_has_no_dates(tmp_path: Path, put: Put) -> None:
    put(tmp_path / "v5.1/include/linux/fs.h", "struct inode_operations {\n\tint (*create)(int);\n};\n")
    build(tmp_path / "db", [str(tmp_path / "v5.1")], bundled=False)
    with closing(KnowledgeBase.open(tmp_path / "db")) as opened:
        assert opened.exact_dates is None
