"""The porting log between two versions: which entries are new, be it in other words, and what they say was replaced."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbase.diff.porting import EDITED, come_and_gone
from kbase.model.records import Evidence, Format, PortingEntry
from kbase.model.states import Cited, DocumentRef, VersionState
from kbase.model.witnesses import DocumentKind
from kbase.store.assembly import assemble
from tests.diff.compared import porting_between

TEXTS = st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=6).map(" ".join), unique=True, max_size=6)


def log(label: str, *texts: str) -> VersionState:
    path = "Documentation/filesystems/porting.rst"
    document = DocumentRef(
        version=label,
        path=path,
        blob=label,
        kind=DocumentKind.PORTING,
        format=Format.RST,
        title="",
        source="test",
    )
    evidence = Evidence(blob=label, first=1, last=1)
    entries = [PortingEntry(slug=str(n), tag="mandatory", text=text, evidence=evidence) for n, text in enumerate(texts)]
    return assemble(label, "given", (document,), tuple(Cited(record=entry, document=document) for entry in entries))


@given(TEXTS, TEXTS)
def test_an_entry_is_the_edited_one_exactly_by_its_share_of_words(old: list[str], new: list[str]) -> None:
    come, gone = come_and_gone(log("v5.1", *old), log("v5.2", *new))
    assert [entry.cited.record.text for entry in come] == fresh(old, new)
    assert [entry.cited.record.text for entry in gone] == fresh(new, old)


def fresh(old: list[str], new: list[str]) -> list[str]:
    """The texts of `new` that none of `old` says, be it in other words; texts that both have are none of these."""
    others = [set(text.split()) for text in old if text not in new]
    mine = [(text, set(text.split())) for text in new if text not in old]
    return [text for text, words in mine if all(len(words & o) / len(words | o) < EDITED for o in others)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("->old_name() is gone; it was replaced by ->new_name().", True),
        ("new_name has become what old_name was", True),
        ("Nothing was replaced. There is old_name and there is new_name.", False),
        ("old_name is not what it was. It was renamed new_name.", False),
        ("old_name, new_name: both take another argument", False),
        (f"old_name {'x ' * 40} was renamed new_name", False),
        (f"old_name was renamed {'x ' * 30} new_name", False),
        ("very_old_name was renamed new_name_too", False),
    ],
)
def test_what_an_entry_says_was_replaced(text: str, *, expected: bool) -> None:
    (entry,), _ = come_and_gone(log("v5.0"), log("v5.1", text))
    assert entry.replaces("old_name", "new_name") is entry.replaces("new_name", "old_name") is expected


def test_entries_between_are_those_of_versions_that_hold_a_log() -> None:
    one, other = log("v5.1", "a b c"), log("v5.2", "a b c", "d e f")
    assert [cited.record.text for cited in porting_between(one, other)] == ["d e f"]
    assert porting_between(other, one) == ()
    assert porting_between(log("v5.0"), other) == ()
