"""What comparisons keep for the next one, and what they do in a quicker way, changes no answer."""

from dataclasses import fields, replace
from difflib import SequenceMatcher
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbase.diff import (
    Change,
    ChangeKind,
    Severity,
    Side,
    diff,
    diff_sides,
    matching,
    normalise,
    porting,
    porting_between,
    texts,
    witnesses,
)
from kbase.diff.facts import OpFact, Place, TextFact
from kbase.diff.matching import _letters_shared
from kbase.diff.normal import Names
from kbase.diff.porting import EDITED, come_and_gone, logged
from kbase.model.records import Evidence, Format, PortingEntry
from kbase.model.states import Cited, DocumentRef, VersionState
from kbase.model.witnesses import DocumentKind
from kbase.store.assembly import assemble

LETTERS = st.text("abc_", max_size=12)
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


def told(change: Change) -> tuple[object, ...]:
    """Everything that a change says, what is not compared included."""
    return tuple(getattr(change, field.name) for field in fields(change))


def test_versions_compared_before_give_the_answers_of_new_ones(kernels: dict[str, VersionState]) -> None:
    labels = ("v2.6.27", "v4.14.194", "v6.4.6")
    sides = {label: Side(kernels[label]) for label in labels}
    for _ in range(2):
        for old, new in permutations(labels, 2):
            known = diff_sides(sides[old], sides[new])
            assert list(map(told, known)) == list(map(told, diff(kernels[old], kernels[new])))


def test_what_other_versions_showed_is_told_with_the_lines_of_these(kernels: dict[str, VersionState]) -> None:
    sides = {label: Side(state) for label, state in kernels.items()}
    pairs = list(permutations(sides, 2))
    before = [list(map(told, diff_sides(sides[old], sides[new]))) for old, new in pairs]
    for (old, new), changes in zip(pairs, before, strict=True):
        for remembered in (witnesses._told, matching._found, texts._partners, porting._alike):
            remembered.cache_clear()
        alone = diff(kernels[old], kernels[new])
        assert changes == list(map(told, alone))
        assert {place.version for change in alone for place in change.evidence} <= {old, new}


def test_ops_under_the_same_new_names_are_the_same_objects(kernels: dict[str, VersionState]) -> None:
    state = normalise(kernels["v5.15.55"])
    names = Names({("address_space_operations", "readpage"): ("address_space_operations", "read_folio")})
    once, again = state.loose_under(names), state.loose_under(names)
    assert {fact for fact in once if id(fact) not in set(map(id, state.loose))}
    assert set(map(id, once)) == set(map(id, again))
    assert once == frozenset(map(names.applied, state.loose))


def test_ops_that_lose_nothing_are_not_built_again(kernels: dict[str, VersionState]) -> None:
    state = normalise(kernels["v5.4"])
    said = state.by_op
    left = state.kept(lambda fact: None if isinstance(fact, TextFact) and fact.struct == "inode_operations" else fact)
    assert left.facts < state.facts
    assert {name for name in said if left.by_op[name] is not said[name]} == {
        name for name, one in said.items() if name[0] == "inode_operations" and one.texts
    }
    without = state.kept(lambda fact: None if isinstance(fact, OpFact) else fact)
    assert not without.by_op
    assert without.loose == without.facts


@given(LETTERS, LETTERS)
def test_shared_letters_are_those_of_difflib(a: str, b: str) -> None:
    blocks = SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
    assert _letters_shared(a, b) == sum(block.size for block in blocks)


@given(TEXTS, TEXTS)
def test_an_entry_is_the_edited_one_exactly_by_its_share_of_words(old: list[str], new: list[str]) -> None:
    come, gone = come_and_gone(logged(log("v5.1", *old)), logged(log("v5.2", *new)))
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
    (entry,) = logged(log("v5.1", text)).values()
    assert entry.replaces("old_name", "new_name") is entry.replaces("new_name", "old_name") is expected


def test_entries_between_are_those_of_versions_that_hold_a_log() -> None:
    one, other = log("v5.1", "a b c"), log("v5.2", "a b c", "d e f")
    assert [cited.record.text for cited in porting_between(one, other)] == ["d e f"]
    assert porting_between(other, one) == ()
    assert porting_between(log("v5.0"), other) == ()


def test_facts_are_dataclasses_all_the_same() -> None:
    change = Change(kind=ChangeKind.OP_ADDED, severity=Severity.DOCUMENTATION, op="create")
    assert (change.struct, change.statements, change.likely) == (None, (), False)
    assert replace(change, op="mkdir") == Change(kind=change.kind, severity=change.severity, op="mkdir") != change
    with pytest.raises(TypeError):
        Place(version="v5.4", path="vfs.rst")  # type: ignore[call-arg]  # that is what is refused
    with pytest.raises(AttributeError):
        change.name = "mkdir"  # type: ignore[attr-defined]  # that, too
    here = Place(version="v5.4", path="vfs.rst", line=3)
    assert hash(here) == hash(replace(here))
    assert hash(here) != hash(replace(here, line=4))


def test_setting_a_field_of_a_fact_is_refused_by_mypy() -> None:
    here = Place(version="v5.4", path="vfs.rst", line=3)
    here.line = 4  # type: ignore[misc]  # mypy tells where a comment of this kind is not needed
    assert here.line == 4
