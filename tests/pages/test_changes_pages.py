"""Pages about what changed: filters of a diff, the porting log by range, the share of exact dates."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from kbase.build.pipeline import build
from kbase.errors import UnknownName, UsageError
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.changes import DiffPage, diff_page
from kbase.pages.history import history_page
from kbase.pages.porting import porting_page
from kbase.terminal.change_selection import compare
from kbase.web import create_app

FOLDER = "Documentation/filesystems"
LOG = {
    "v8.1": ["->create() gets an owner."],
    "v8.2": ["->create() gets an owner.", "->unlink() may sleep now.", "Names in struct foo changed; bar() is gone."],
    "v8.4": ["->create() gets an owner.", "->unlink() may sleep now.", "Names in struct foo changed; bar() is gone.",
             "->link() is called with both locks."],
}  # fmt: skip
CELLS = {"v8.1": ("yes", "yes"), "v8.2": ("shared", "no"), "v8.4": ("shared", "no")}


def locking(label: str) -> str:
    create, unlink = CELLS[label]
    lines = ["Locking", "=======", "", "inode_operations", "================", "", "prototypes::", ""]
    lines += [f"\tint (*{op}) (struct inode *);" for op in ("create", "unlink", *(["link"] if label == "v8.4" else []))]
    lines += ["", "locking rules:", "", "======  ==============", "ops     i_rwsem(inode)", "======  =============="]
    return "\n".join([*lines, f"create  {create}", f"unlink  {unlink}", "======  ==============", ""])


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """Three versions of our own, two of which a release lies between."""
    root = tmp_path_factory.mktemp("trees")
    for label, entries in LOG.items():
        folder = root / label / FOLDER
        folder.mkdir(parents=True)
        (folder / "locking.rst").write_text(locking(label))
        log = "".join(f"---\n\n**mandatory**\n\n{entry}\n\n" for entry in entries)
        (folder / "porting.rst").write_text(f"Changes since 2.5.0:\n\n{log}")
    build(root / "db", [str(root)])
    with closing(KnowledgeBase.open(root / "db")) as opened:
        yield opened


def kinds(page: DiffPage) -> list[tuple[str, str | None]]:
    return [(view.kind, view.op) for table in page.tables for group in table.groups for view in group.changes]


def test_filters(kb: KnowledgeBase) -> None:
    everything = diff_page(kb, "v8.1", "v8.4")
    assert kinds(everything) == [
        ("lock-refined", "create"),
        ("lock-weakened", "unlink"),
        ("op-added", "link"),
    ]
    filters = {each.name: {link.value: link.count for link in each.values} for each in everything.filters}
    assert filters["severity"] == {"all": 3, "behaviour": 2}  # at least
    assert filters["kind"] == {"all": 3, "op-added": 1, "lock-weakened": 1, "lock-refined": 1}
    assert "lock" not in filters  # one lock is no choice
    weakened = diff_page(kb, "v8.1", "v8.4", None, {"kind": "lock-weakened"})
    assert kinds(weakened) == [("lock-weakened", "unlink")]
    assert [each.name for each in weakened.filters] == ["kind"]
    quiet = diff_page(kb, "v8.1", "v8.4", None, {"severity": "documentation"})
    links = {link.value: link.href for each in quiet.filters for link in each.values if each.name == "kind"}
    assert links["op-added"] == "/diff/v8.1..v8.4/?severity=documentation&kind=op-added"
    assert links["all"] == "/diff/v8.1..v8.4/?severity=documentation"
    assert kinds(diff_page(kb, "v8.1", "v8.4", "inode_operations", {"only": "new"})) == [("op-added", "link")]
    assert kinds(diff_page(kb, "v8.1", "v8.4", None, {"lock": "i_rwsem"})) == kinds(everything)[:2]
    assert kinds(diff_page(kb, "v8.1", "v8.4", None, {"lock": "i_mutex"})) == kinds(everything)[:2]
    with pytest.raises(UnknownName, match="no rule is about a lock i_nothing"):
        diff_page(kb, "v8.1", "v8.4", None, {"lock": "i_nothing"})
    with pytest.raises(UsageError, match="no kind 'surprise'"):
        diff_page(kb, "v8.1", "v8.4", None, {"kind": "surprise"})


def test_porting_entries_stand_with_what_they_explain(kb: KnowledgeBase) -> None:
    page = diff_page(kb, "v8.1", "v8.4")
    assert [(entry.headline.split()[0], entry.attached) for entry in page.porting] == [
        ("->unlink()", True),
        ("Names", False),
        ("->link()", True),
    ]
    told = compare(kb, "v8.1", "v8.4")
    assert [cited.record.text.split()[0] for cited in told.unattached] == ["Names"]
    assert compare(kb, "v8.1", "v8.4", "inode_operations.create").unattached == ()


def test_the_porting_log_by_range(kb: KnowledgeBase) -> None:
    page = porting_page(kb)
    assert [(group.when, len(group.entries)) for group in page.groups][:3] == [
        ("after v8.2, by v8.4", 1),
        ("in 8.2 (v8.1..v8.2)", 2),
        ("after v6.12.117, by v8.1", 1),
    ]
    part = porting_page(kb, "v8.2", "v8.4")
    assert [(group.when, len(group.entries)) for group in part.groups] == [("after v8.2, by v8.4", 1)]
    assert porting_page(kb, "v8.2").count == 1
    with pytest.raises(UnknownName):
        porting_page(kb, "v7.9", "v8.4")
    browser = create_app(kb).test_client()
    assert "after v8.2, by v8.4" in browser.get("/porting/?from=v8.2&to=v8.4").text
    assert browser.get("/porting/?from=v7.9").status_code == 404
    assert "Porting log" in browser.get("/diff/v8.1..v8.4/").text


def test_the_share_of_exact_dates(kb: KnowledgeBase) -> None:
    exact, dates = history_page(kb, "inode_operations", "unlink").exact
    assert exact == 1  # v8.1 to v8.2
    browser = create_app(kb).test_client()
    assert f"1 of {dates} dates names a single release" in browser.get("/history/inode_operations.unlink/").text
