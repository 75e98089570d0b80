"""The porting log: what entries name leads to them; when they were edited, and when they left the log."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kbase.build.pipeline import build
from kbase.cli import main
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.functions import function_page
from kbase.pages.porting import porting_entry_page, porting_page
from kbase.pages.search import exact_items
from kbase.web.application import create_app

LOCKING = """\
inode_operations
================

prototypes::

	int (*lookup)(struct inode *);
	int (*create)(struct inode *);

locking rules:

======= ==============
ops     i_mutex(inode)
======= ==============
lookup: yes
create: yes
======= ==============
"""
VFS = """\
Directory Entry Cache API
-------------------------

``d_adorn``
	adorns a dentry
"""
LOOKUP = "->lookup() is called with ->i_mutex held; call d_adorn() or d_adorn_all() there. See barn_prepare too."
CREATE = "->create() wants barn_prepare() before it looks at ->d_hay, and FS_BARN set."
GONE = "->mknod() is to be left NULL."


def log(*entries: tuple[str, str]) -> str:
    texts = (f"\n---\n\n**{tag}**\n\n{text}\n" if tag else f"\n---\n\n{text}\n" for tag, text in entries)
    return "Changes\n=======\n" + "".join(texts)


LOGS = {
    "v9.1": log(("recommended", LOOKUP), ("mandatory", GONE)),
    "v9.2": log(("recommended", LOOKUP.replace("See barn", "Look at barn")), ("mandatory", GONE), ("", CREATE)),
    "v9.3": log(("mandatory", LOOKUP.replace("See barn", "Look at barn")), ("", CREATE)),
}


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("logs")
    for label, text in LOGS.items():
        folder = root / label / "Documentation/filesystems"
        folder.mkdir(parents=True)
        (folder / "locking.rst").write_text(LOCKING)
        (folder / "vfs.rst").write_text(VFS)
        (folder / "porting.rst").write_text(text)
    build(root / "db", [str(root / label) for label in LOGS], corpus=root / "no-corpus")
    return root / "db"


@pytest.fixture(scope="module")
def kb(db: Path) -> Iterator[KnowledgeBase]:
    with closing(KnowledgeBase.open(db)) as opened:
        yield opened


def test_what_entries_name_leads_to_them(kb: KnowledgeBase) -> None:
    names = ("d_hay", "fs_barn", "d_adorn_all", "barn_prepare()")
    assert [[item.kind for item in kb.find(name)] for name in names] == [["porting"]] * 3 + [["porting"] * 2]
    assert [item.kind for item in kb.find("i_mutex")] == ["lock"]  # which has rules
    assert [item.kind for item in kb.find("lookup")] == ["op"]
    assert len(kb.mentioning("i_mutex")) == 1
    assert kb.mentioning("lookup") == ()
    assert kb.near("barn_prepar")[0] == "barn_prepare"


def test_the_log_of_a_name(kb: KnowledgeBase) -> None:
    page = porting_page(kb, name="barn_prepare")
    assert page.title == "Porting log: entries that name barn_prepare"
    assert [(group.when, [entry.tag for entry in group.entries]) for group in page.groups] == [
        ("in 9.2 (v9.1..v9.2)", ["untagged"]),
        ("by v9.1", ["mandatory"]),
    ]
    assert [porting_page(kb, name=name).count for name in ("i_rwsem", "I_MUTEX", "nothing", "d_hay", "(" * 9999)] == [
        1,
        1,
        0,
        1,
        0,
    ]
    assert porting_page(kb, "v9.1", "v9.2", "barn_prepare").count == 1


def test_an_entry_says_what_became_of_it(kb: KnowledgeBase) -> None:
    entries = {entry.tag: entry for group in porting_page(kb).groups for entry in group.entries}
    assert len(entries) == 2
    slugs = {entry.text: entry.slug for group in porting_page(kb).groups for entry in group.entries}
    page = porting_entry_page(kb, slugs[GONE])
    assert (page.entry.removed, page.edits, page.versions) == ("in 9.3 (v9.2..v9.3)", (), ("9.1 to 9.2",))
    page = porting_entry_page(kb, slugs[LOOKUP.replace("See barn", "Look at barn")])
    assert page.entry.removed is None
    assert page.edits == ("in 9.2 (v9.1..v9.2)", "in 9.3 (v9.2..v9.3): mandatory, was recommended")
    assert [(link.text, link.href.partition("?")[0]) for link in page.mentions] == [
        ("d_adorn", "/v/v9.3/functions/d_adorn/"),
        ("d_adorn_all", "/porting/"),
        ("barn_prepare", "/porting/"),
        ("i_mutex", "/porting/"),
    ]


def test_the_page_of_a_function_has_its_entries(kb: KnowledgeBase) -> None:
    link = function_page(kb, "v9.3", "d_adorn").porting
    assert link
    assert (link.text, link.href) == ("1 entry of the porting log", "/porting/?name=d_adorn")


def test_search_leads_to_the_entries(db: Path, kb: KnowledgeBase) -> None:
    assert [link.href for link in exact_items(kb, "barn_prepare")] == ["/porting/?name=barn_prepare"]
    browser = create_app(db).test_client()
    assert browser.get("/search?q=barn_prepare").location == "/porting/?name=barn_prepare"
    (only,) = kb.mentioning("d_hay")
    assert browser.get("/search?q=d_hay").location == f"/porting/{only.name}/"
    assert browser.get("/search?q=i_mutex").location == "/locks/i_rwsem/"
    assert "entries that name" in browser.get("/porting/?name=barn_prepare").text
    assert "No entry names it" in browser.get("/porting/?name=%00").text
    hits = kb.search("barn_prepare kind:porting").hits
    assert len(hits) == 2
    assert len(kb.suggest("barn_pre")) == 2


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    with pytest.raises(SystemExit) as done:
        main([*arguments])
    captured = capsys.readouterr()
    assert done.value.code == 0
    return captured.out, captured.err


def test_show(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = run(capsys, "show", "barn_prepare", "--db", str(db))
    assert out.startswith("Porting log: entries that name barn_prepare  1 mandatory, 1 untagged\n")
    assert "untagged: ->create()" in out
    assert err == ""
    out, err = run(capsys, "show", "d_hay", "--db", str(db))
    assert "untagged, in 9.2" in out
    out, err = run(capsys, "show", "i_mutex", "--db", str(db))
    assert out.startswith("i_rwsem")
    assert err == "named in the porting log: kbase show '/porting/?name=i_mutex' (1)\n"
    out, err = run(capsys, "show", "barn_prepare", "--json", "--db", str(db))
    assert json.loads(out)["count"] == 2


def test_a_diff_names_reworded_and_removed_entries(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capsys, "diff", "v9.1", "v9.3", "--json", "--db", str(db))[0])
    assert [entry["tag"] for entry in found["porting"]] == ["untagged"]
    assert [(each["reason"], each["after"] is None) for each in found["porting_changed"]] == [
        ("mandatory, was recommended", False),
        ("removed from the porting log", True),
    ]
    out, _ = run(capsys, "diff", "v9.1", "v9.3", "--db", str(db))
    assert "2 porting entries reworded or removed" in out
    assert "removed from the porting log: ->mknod()" in out
    assert "left out" in run(capsys, "diff", "v9.1", "v9.3", "--severity", "behaviour", "--db", str(db))[0]
    assert (
        "removed from the porting log: "
        in run(capsys, "diff", "v9.1", "v9.3", "--format", "markdown", "--db", str(db))[0]
    )
    text = create_app(db).test_client().get("/diff/v9.1..v9.3/").text
    assert "removed from the porting log" in text
