"""What a comparison tells and how it says what it leaves out: severities, porting entries, gaps, names, places."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kbase.build.pipeline import build
from kbase.diff.changes import Severity
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.changes import diff_page
from kbase.terminal.change_selection import compare
from kbase.terminal.changes import markdown, put_changes

FOLDER = "Documentation/filesystems"
OLD = """\
Locking
=======

barn_operations
===============

prototypes::

	int (*hay)(struct page *, struct page *, int);
	int (*oats)(struct inode *, int, int);
	int (*sow)(struct inode *);

file_operations
===============

prototypes::

	int (*setlease)(struct file *, int);
	int (*lock)(struct file *, int);
"""
NEW = (
    OLD.replace("(*hay)(struct page *, struct page *, int)", "(*hay)(struct folio *, struct folio *, int)")
    .replace("(*oats)(struct inode *, int, int)", "(*oat_grain)(struct inode *, int, loff_t)")
    .replace("(*lock)(struct file *, int);", "(*lock)(struct file *filp, int);")
)
ENTRIES = {
    "mandatory": [
        "->oats() is renamed to oat_grain().",
        "Struct foo lost a field.",
        "The lock() file_operation sleeps.",
    ],
    "recommended": ["Use bar() instead."],
    "informational": ["Nothing more is needed."],
}


def tree(root: Path, label: str, locking: str, *, log: bool = True, steps: bool = False, new: bool = False) -> None:
    folder = root / label / FOLDER
    folder.mkdir(parents=True)
    (folder / "locking.rst").write_text(locking)
    entries = {"mandatory": ["->sow() takes an inode."]} | (ENTRIES if new else {})
    text = "".join(f"---\n\n**{tag}**\n\n{entry}\n\n" for tag, found in entries.items() for entry in found)
    if log:
        (folder / "porting.rst").write_text(text)
    if steps:
        (folder / "directory-locking.rst").write_text(
            "Directory locking\n=================\n\n1. read access.  Locking rules:\n\n\t* lock the barn (shared)\n"
        )


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """A version with all documents, the next one, and one with a Locking document only."""
    root = tmp_path_factory.mktemp("trees")
    tree(root, "v9.1", OLD, steps=True)
    tree(root, "v9.2", NEW, new=True)
    tree(root, "v9.3", NEW, log=False)
    build(root / "db", [str(root)])
    with closing(KnowledgeBase.open(root / "db")) as opened:
        yield opened


def texts(kb: KnowledgeBase, *arguments: str, **chosen: str) -> list[str]:
    """The porting entries that stand beside the changes."""
    return [cited.record.text for cited in compare(kb, *arguments, **chosen).unattached]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ("breaking", ["Struct foo lost a field.", "The lock() file_operation sleeps."]),
        ("behaviour", ["Struct foo lost a field.", "Use bar() instead."]),
        ("documentation", ["Struct foo lost a field.", "Use bar() instead.", "Nothing more is needed."]),
    ],
)
def test_a_porting_entry_is_as_grave_as_its_tag(kb: KnowledgeBase, severity: str, expected: list[str]) -> None:
    assert texts(kb, "v9.1", "v9.2", severity=severity) == expected
    page = diff_page(kb, "v9.1", "v9.2", None, {"severity": severity})
    assert [entry.headline for entry in page.porting if not entry.attached] == expected


def test_a_mandatory_entry_alone_is_a_finding(kb: KnowledgeBase) -> None:
    told = compare(kb, "v9.1", "v9.2", "file_operations.lock", severity="breaking")
    assert (told.changes, told.exit_status) == ((), 1)


def test_severity_is_the_least_one_in_the_address_too(kb: KnowledgeBase) -> None:
    for least in Severity:
        page = diff_page(kb, "v9.1", "v9.2", None, {"severity": least})
        told = compare(kb, "v9.1", "v9.2", severity=least)
        assert page.shown == len(told.changes)
        assert page.left_out == told.left_out
        links = {link.value: link.count for each in page.filters if each.name == "severity" for link in each.values}
        assert links[least] == page.shown  # the choice that is made is always shown


def test_an_entry_raises_the_change_of_the_op_that_it_names(kb: KnowledgeBase) -> None:
    (change,) = compare(kb, "v9.1", "v9.2", "file_operations.lock").changes
    assert (change.kind, change.severity) == ("parameter-renamed", "behaviour")
    assert [cited.record.text for cited in change.porting] == ["The lock() file_operation sleeps."]
    assert texts(kb, "v9.1", "v9.2", "file_operations.lock") == []


def test_both_names_of_an_op_show_the_same_changes(kb: KnowledgeBase) -> None:
    told = {
        name: compare(kb, "v9.1", "v9.2", f"barn_operations.{name}").changes for name in ("oats", "oat_grain", "hay")
    }
    assert [change.kind for change in told["oats"]] == ["op-renamed", "parameter-retyped"]
    assert told["oats"] == told["oat_grain"] == kb.diff("v9.1", "v9.2", "barn_operations", "oats")
    assert not set(told["hay"]) & set(told["oats"])


def test_a_parameter_has_its_position_and_lines_stand_once(
    kb: KnowledgeBase, capsys: pytest.CaptureFixture[str]
) -> None:
    told = compare(kb, "v9.1", "v9.2", "barn_operations.hay")
    assert [change.reason for change in told.changes] == ["parameter 1", "parameter 2"]
    put_changes(told, "text")
    lines = capsys.readouterr().out.splitlines()
    assert [line.strip() for line in lines].count("v9.1 locking.rst:9, v9.2 locking.rst:9") == 1
    assert "\n".join(markdown(told)).count("locking.rst:9`, v9.2") == 1


def test_what_is_left_out_is_told_in_every_form(kb: KnowledgeBase, capsys: pytest.CaptureFixture[str]) -> None:
    told = compare(kb, "v9.1", "v9.2", lock="i_rwsem")
    assert told.changes == ()
    whole = compare(kb, "v9.1", "v9.2")
    assert told.left_out == len(whole.changes) + len(whole.porting) + len(whole.log)
    for form in ("text", "markdown"):
        put_changes(told, form)
        assert f"0 changes; {told.left_out} left out" in capsys.readouterr().out
    put_changes(told, "json")
    assert json.loads(capsys.readouterr().out)["left_out"] == told.left_out
    assert diff_page(kb, "v9.1", "v9.2", None, {"lock": "i_rwsem"}).left_out == told.left_out


def test_every_kind_that_one_side_lacks_is_not_compared(kb: KnowledgeBase, capsys: pytest.CaptureFixture[str]) -> None:
    told = compare(kb, "v9.1", "v9.3")
    put_changes(told, "json")
    missing = {(gap["version"], gap["document"]) for gap in json.loads(capsys.readouterr().out)["not_compared"]}
    assert missing == {
        ("v9.1", "vfs"),
        ("v9.3", "vfs"),
        ("v9.3", "porting"),
        ("v9.3", "directory-locking"),
    }
    put_changes(told, "text")
    captured = capsys.readouterr()
    assert "not everything could be compared" in captured.out
    assert "not compared: v9.3: vfs, porting, directory-locking: not available" in captured.err
    assert "Not compared: v9.3: vfs, porting, directory-locking: not available" in "\n".join(markdown(told))
    not_compared = diff_page(kb, "v9.1", "v9.3").not_compared
    assert "Not compared: v9.3: vfs, porting, directory-locking: not available" in not_compared


def test_the_bundled_corpus_says_that_it_has_no_descriptions(bundled: Path) -> None:
    with closing(KnowledgeBase.open(bundled)) as kb:
        found = kb.compare("v5.15.55", "v6.12.117").gaps
        missing = {(gap.version, gap.document) for gap in found if not gap.unreadable}
        assert missing == {(version, "descriptions") for version in ("v5.15.55", "v6.12.117")}
        page = diff_page(kb, "v5.15.55", "v6.12.117")
        assert page.not_compared[0] == "Not compared: v5.15.55, v6.12.117: descriptions: not available"


def test_the_ops_that_real_entries_name_carry_them(shared: Path, tmp_path: Path) -> None:
    folders = [shared / "kernels" / label for label in ("v6.19", "v7.1.5")]
    build(tmp_path / "db", [f"{folder.name}={folder}" for folder in folders], corpus=tmp_path / "none")
    with closing(KnowledgeBase.open(tmp_path / "db")) as kb:
        (change,) = compare(kb, "v6.19", "v7.1.5", "file_operations.setlease", severity="behaviour").changes
        assert [cited.record.tag for cited in change.porting] == ["mandatory"]
        assert not [text for text in texts(kb, "v6.19", "v7.1.5") if "setlease" in text]
