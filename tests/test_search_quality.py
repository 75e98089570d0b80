"""Questions that people ask, each with the answers that belong among the first three hits."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kbase.search import FIELDS, Searcher
from kbase.store import Store

FIRST = 3

# Beside those of ../shared/queries.tsv: names, old names, typos, word order, plain questions.
QUESTIONS = {
    "what is held during ->create": "op:inode_operations.create",
    "is i_rwsem held in setattr": "op:inode_operations.setattr|lock:i_rwsem",
    "can writepages sleep": "op:address_space_operations.writepages",
    "does d_compare run in rcu-walk": "op:dentry_operations.d_compare",
    "page fault": "op:vm_operations_struct.fault",
    "i_mutex": "lock:i_rwsem",
    "big kernel lock": "lock:BKL",
    "readpage": "op:address_space_operations.readpage",
    "set_page_dirty": "op:address_space_operations.set_page_dirty",
    "follow_link": "op:inode_operations.follow_link",
    "fl_grant": "op:lock_manager_operations.lm_grant",
    "address_space_operation.write_begin": "op:address_space_operations.write_begin",
    "fallocte": "op:file_operations.fallocate",
    "mkdri": "op:inode_operations.mkdir",
    "release page": "op:address_space_operations.releasepage",
    "sync fs": "op:super_operations.sync_fs",
    "freeze a filesystem": "op:super_operations.freeze_fs|op:super_operations.freeze_super",
    "drop inode": "op:super_operations.drop_inode",
    "struct file_operations": "struct:file_operations",
    "file_operations.mmap": "op:file_operations.mmap",
    "list extended attributes": "op:inode_operations.listxattr",
    "splice read": "op:file_operations.splice_read",
    "mmap_lock fault": "op:vm_operations_struct.fault|lock:mmap_lock",
}


def asked(tsv: Path) -> dict[str, str]:
    lines = tsv.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines if line.strip() and not line.startswith("#"))


def opened(db: Path) -> Searcher:
    store = Store.open(db)
    try:
        return Searcher(store.folder / "index")
    finally:
        store.close()


@pytest.fixture(scope="module")
def over_real(real: Path) -> Iterator[Searcher]:
    searcher = opened(real)
    yield searcher
    searcher.close()


@pytest.fixture(scope="module")
def over_bundled(bundled: Path) -> Iterator[Searcher]:
    searcher = opened(bundled)
    yield searcher
    searcher.close()


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
    assert failed(over_real, QUESTIONS) == {}


def test_more_questions_over_the_bundled_corpus(over_bundled: Searcher) -> None:
    assert failed(over_bundled, QUESTIONS) == {}


@pytest.mark.parametrize("field", FIELDS)
def test_the_example_of_a_field_finds_something(over_bundled: Searcher, field: str) -> None:
    _, example = FIELDS[field]
    assert field in example
    assert over_bundled.search(example).total


def test_every_symbol_is_the_first_hit_of_its_name(over_bundled: Searcher) -> None:
    """Where several things have the name (`d_delete` is an op and a function), they are the first hits."""
    for entry in over_bundled.catalogue.entries:
        if entry.kind in ("op", "struct", "lock", "function", "flag"):
            symbol = over_bundled.symbols.get(entry.name)
            assert symbol
            hits = over_bundled.search(entry.name, limit=len(symbol.things)).hits
            assert entry.name in [hit.name for hit in hits]
