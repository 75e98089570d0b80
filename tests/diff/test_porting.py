"""The porting log between two versions: which entries are new, be it in other words, and what they say was replaced."""

from dataclasses import replace
from itertools import chain, pairwise, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbase.build.porting_addresses import slugs
from kbase.diff.porting import compare_logs
from kbase.diff.porting_identity import EDITED, REWRITTEN, EntryText, same_entries
from kbase.diff.texts import shared_words
from kbase.kernel.exact_names import ops_meant
from kbase.model.records import Evidence, Format, PortingEntry
from kbase.model.states import Cited, DocumentRef, VersionState
from kbase.model.versions import version_key
from kbase.model.witnesses import DocumentKind
from kbase.parsers import porting
from kbase.parsers.mentions import slug_of
from kbase.parsers.porting import SLUG_WORDS
from kbase.parsers.porting_names import names_in
from kbase.store.assembly import assemble
from kbase.text.lines import split_lines
from tests.diff.compared import compared, porting_between


def log(label: str, *texts: str, tag: str = "mandatory") -> VersionState:
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
    entries = [
        PortingEntry(
            slug=slug_of(text, SLUG_WORDS), tag=tag, text=text, callbacks=names_in(text).callbacks, evidence=evidence
        )
        for text in texts
    ]
    return assemble(label, "given", (document,), tuple(Cited(record=entry, document=document) for entry in entries))


WORDS = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=6).map(" ".join)
LOGS = st.lists(WORDS.map(lambda text: EntryText.of(text, ())), max_size=6)


@given(LOGS, LOGS)
def test_an_entry_is_one_of_the_other_log_at_most(old: list[EntryText], new: list[EntryText]) -> None:
    pairs = same_entries(old, new)
    assert len(set(pairs.values())) == len(pairs)
    assert all(shared_words(old[i].set, new[j].set) >= REWRITTEN for i, j in pairs.items())
    left = [i for i in range(len(old)) if i not in pairs], [j for j in range(len(new)) if j not in pairs.values()]
    assert all(shared_words(old[i].set, new[j].set) < EDITED for i, j in product(*left))
    assert same_entries(old, old) == {i: i for i in range(len(old))}


SOW = "->sow() takes a spade, and may be called by several farmers at once; it must not wait for rain."
SOW_WITH_A_FORK = SOW.replace("a spade", "a fork")
REAP = "->reap() takes a spade, and may be called by several farmers at once; it must not wait for rain."
MOW = "->mow() may be called in winter."
MOW_AGAIN = "->mow() may be called in any season, be it winter or summer, and with the barn closed."
DIG = "Use dig() instead of delve()."


@pytest.mark.parametrize(
    ("old", "new", "come", "changed"),
    [
        ([SOW, MOW], [SOW_WITH_A_FORK, MOW], [], [(SOW, SOW_WITH_A_FORK, "reworded")]),
        ([MOW, SOW], [SOW_WITH_A_FORK, MOW], [], [(SOW, SOW_WITH_A_FORK, "reworded")]),  # wherever it is
        ([SOW, MOW, DIG], [SOW, MOW_AGAIN, DIG], [], [(MOW, MOW_AGAIN, "reworded")]),
        ([SOW, MOW, DIG], [SOW, DIG, MOW_AGAIN], [MOW_AGAIN], [(MOW, None, "removed from the porting log")]),
        ([SOW, DIG], [DIG], [], [(SOW, None, "removed from the porting log")]),
        ([SOW], [REAP], [REAP], [(SOW, None, "removed from the porting log")]),  # about another op
        ([SOW], [SOW.replace(", ", ",\n  ")], [], []),
    ],
)
def test_what_became_of_the_entries(
    old: list[str], new: list[str], come: list[str], changed: list[tuple[str, str | None, str]]
) -> None:
    found = compare_logs(log("v5.1", *old), log("v5.2", *new))
    assert [entry.cited.record.text for entry in found.come] == come
    assert [
        (each.before.record.text, each.after and each.after.record.text, each.reason) for each in found.changed
    ] == changed


def test_an_entry_with_one_address_is_one_whatever_its_words() -> None:
    """The build gives an entry of a kernel's own log the address of the bundled one, which is in our words."""
    old, new = log("v5.1", SOW), log("v5.2", DIG)
    same = replace(new.porting[0], record=replace(new.porting[0].record, slug=old.porting[0].record.slug))
    found = compare_logs(old, replace(new, porting=(same,)))
    assert (found.come, [change.reason for change in found.changed]) == ((), ["reworded"])
    bundled = replace(same, document=replace(same.document, bundled=True))
    assert compare_logs(old, replace(new, porting=(bundled,))).changed == ()


def test_another_tag_is_a_change() -> None:
    (change,) = compare_logs(log("v5.1", SOW), log("v5.2", SOW, tag="recommended")).changed
    assert change.reason == "recommended, was mandatory"


def test_a_version_without_a_log_says_nothing_of_its_entries() -> None:
    assert compared(log("v5.1", SOW), log("v5.2")).log == ()
    assert [change.reason for change in compared(log("v5.1", SOW, DIG), log("v5.2", DIG)).log] == [
        "removed from the porting log"
    ]


@pytest.fixture(scope="module")
def logs(shared: Path) -> dict[str, list[PortingEntry]]:
    """The entries of the real logs, oldest first; equal logs once."""
    found: dict[str, list[PortingEntry]] = {}
    for label in sorted((p.name for p in (shared / "kernels").glob("v*")), key=version_key):
        for path in (shared / "kernels" / label / "Documentation/filesystems").glob("porting*"):
            records = porting.parse(path.name, split_lines(path.read_text("utf-8")), label).records
            entries = [record for record in records if isinstance(record, PortingEntry)]
            if entries not in found.values():
                found[label] = entries
    return found


ENTRIES = 125  # that ever were in a log
GONE = {
    ("v4.14.194", "v4.15"): [504, 610],
    ("v4.19.304", "v4.20"): [626, 631],
    ("v6.1.192", "v6.2"): [949, 958],
    ("v6.19", "v7.0"): [449],
}


def test_real_entries_are_the_same_in_any_two_logs(logs: dict[str, list[PortingEntry]]) -> None:
    """Whether two logs are compared directly or over all between them, the same entries are the same."""
    addresses = dict(zip(logs, slugs([entry.text for entry in of] for of in logs.values()), strict=True))
    texts = {label: [EntryText.of(entry.text, ops_meant(entry)) for entry in of] for label, of in logs.items()}
    for old, new in product(list(logs)[::5], logs):
        pairs = same_entries(texts[old], texts[new])
        known = {address: place for place, address in enumerate(addresses[new])}
        assert pairs == {i: known[address] for i, address in enumerate(addresses[old]) if address in known}, (old, new)
    assert len(set(chain.from_iterable(addresses.values()))) == ENTRIES


def test_entries_that_left_real_logs(logs: dict[str, list[PortingEntry]]) -> None:
    """By their line in the older log: those that stable versions had first, and the one about the mount API."""
    found = {}
    for (old, before), (new, after) in pairwise(logs.items()):
        texts = [[EntryText.of(entry.text, ops_meant(entry)) for entry in of] for of in (before, after)]
        pairs = same_entries(*texts)
        if gone := [entry.evidence.first for i, entry in enumerate(before) if i not in pairs]:
            found[old, new] = gone
    assert found == GONE


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
    (entry,) = compare_logs(log("v5.0"), log("v5.1", text)).come
    assert entry.replaces("old_name", "new_name") is entry.replaces("new_name", "old_name") is expected


def test_entries_between_are_those_of_versions_that_hold_a_log() -> None:
    one, other = log("v5.1", "a b c"), log("v5.2", "a b c", "d e f")
    assert [cited.record.text for cited in porting_between(one, other)] == ["d e f"]
    assert porting_between(other, one) == ()
    assert porting_between(log("v5.0"), other) == ()
