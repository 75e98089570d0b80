"""Addresses of porting entries: one for each entry, the same in all versions, whatever is loaded later."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from kbase.build.pipeline import build
from kbase.build.porting_addresses import slugs
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.porting import porting_entry_page, porting_page

FIRST = "The barn method must now be called with"
SLUG = "the-barn-method-must-now-be-called-with"
GATE = f"{FIRST} the gate lock that farmers own, and never from under a hayloft."
TRACTOR = f"{FIRST} a second argument naming the tractor; returning early leaks oil."
OTHER = "->sow() is gone; nothing took its place."
TYPO = TRACTOR.replace("leaks oil", "leaks the oil")


def test_an_entry_keeps_its_address_when_one_that_begins_alike_goes() -> None:
    assert slugs([[GATE, OTHER, TRACTOR], [OTHER, TYPO]]) == [
        [SLUG, "sow-is-gone-nothing-took-its-place", f"{SLUG}-2"],
        ["sow-is-gone-nothing-took-its-place", f"{SLUG}-2"],
    ]


def test_an_entry_keeps_its_address_when_the_order_changes() -> None:
    assert slugs([[GATE, TRACTOR], [TRACTOR, GATE]]) == [[SLUG, f"{SLUG}-2"], [f"{SLUG}-2", SLUG]]


def test_an_entry_that_is_edited_keeps_its_address() -> None:
    assert slugs([[TRACTOR], [TYPO]]) == [[SLUG], [SLUG]]


def test_an_entry_that_replaces_one_that_begins_alike_has_its_own_address() -> None:
    other = f"{FIRST} nobody watching: inode, dentry and mount were each dropped from both argument lists in turn."
    assert slugs([[GATE], [other], [GATE]]) == [[SLUG], [f"{SLUG}-2"], [SLUG]]


def write(folder: Path, version: str, entries: list[str]) -> str:
    file = folder / version / "porting.rst"
    file.parent.mkdir(parents=True)
    file.write_text("".join(f"---\n\n**mandatory**\n\n{entry}\n\n" for entry in entries), "utf-8")
    return f"{version}={file}"


@contextmanager
def opened(db: Path) -> Iterator[KnowledgeBase]:
    with closing(KnowledgeBase.open(db)) as kb:
        yield kb


def test_the_log_shows_what_only_an_older_version_has(tmp_path: Path) -> None:
    db, corpus = tmp_path / "db", tmp_path / "no-corpus"
    old, new = write(tmp_path, "v9.1", [GATE, TRACTOR]), write(tmp_path, "v9.2", [TRACTOR])
    build(db, [new], corpus=corpus)
    build(db, [old], corpus=corpus)
    with opened(db) as kb:
        listed = {entry.slug: entry.text for group in porting_page(kb).groups for entry in group.entries}
        assert listed == {SLUG: GATE, f"{SLUG}-2": TRACTOR}
        assert porting_entry_page(kb, SLUG).versions == ("9.1",)
        assert porting_entry_page(kb, f"{SLUG}-2").versions == ("9.1 to 9.2",)
        assert [c.record.slug for c in kb.state("v9.2").porting] == [f"{SLUG}-2"]
        found = {hit.url: hit.title for hit in kb.search("tractor kind:porting").hits}
        assert list(found) == [f"/porting/{SLUG}-2/"]
        assert kb.find(SLUG)[0].versions == ("v9.1",)
