"""Histories follow the releases: stable versions are branches, what was ported back is dated by the later release."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kbase.build.pipeline import build
from kbase.diff.history import OpHistory
from kbase.diff.release_line import first_and_before
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.releases import ported_back
from kbase.model.states import VersionState
from kbase.pages.history import history_page
from kbase.pages.porting import porting_page
from kbase.pages.table_history import table_history_page
from kbase.terminal.history import history_json
from tests.diff.histories import history, lock_history

CREATE = "int (*create)(struct inode *, struct dentry *);"
UNLINK = "int (*unlink)(struct inode *, struct dentry *);"
Versions = Callable[..., list[VersionState]]


@pytest.fixture(scope="session")
def versions(read_version: Callable[..., VersionState], write_document: Callable[..., dict[str, str]]) -> Versions:
    """Versions with a Locking document: label (`v6_1_192`) -> the cell of create, or None for one without a cell."""

    def read(**cells: str) -> list[VersionState]:
        states = []
        for label, cell in cells.items():
            op, _, held = cell.partition(" ")
            lines = [CREATE, UNLINK] if op == "both" else [CREATE]
            document = write_document("locking", *lines, "ops | i_rwsem(inode)", f"create | {held}")
            states.append(read_version(label.replace("_", "."), document))
        return states

    return read


def told(life: OpHistory) -> dict[str, list[tuple[str, str | None, tuple[str, ...]]]]:
    return {str(event.range): [(c.kind, c.after, c.also) for c in event.changes] for event in life.events}


BACK = {"v5_15": "one shared", "v6_1_192": "one exclusive", "v6_4_6": "one shared", "v6_8_1": "one exclusive"}
LATER = [("lock-strengthened", "i_rwsem(inode): exclusive", ("v6.1.192",))]


def test_what_was_ported_back_is_dated_by_the_later_release(versions: Versions) -> None:
    life = history(versions(**BACK), "inode_operations", "create")
    assert told(life) == {"after v6.4.6, by v6.8.1": LATER}
    assert life.branches == ()
    lock = lock_history(versions(**BACK), "i_rwsem")
    assert [(str(e.range), [c.also for c in e.changes]) for e in lock.events] == [
        ("after v6.4.6, by v6.8.1", [("v6.1.192",)])
    ]


def test_a_release_that_takes_something_back_is_told(versions: Versions) -> None:
    taken_back = {label.removesuffix("_192"): cell for label, cell in BACK.items()}
    life = history(versions(**taken_back), "inode_operations", "create")
    assert list(told(life)) == ["after v5.15, by v6.1", "after v6.1, by v6.4.6", "after v6.4.6, by v6.8.1"]


def test_a_stable_version_beside_its_release_is_a_branch(versions: Versions) -> None:
    cells = BACK | {"v6_1": "one shared", "v6_8_1": "one shared"}
    states = sorted(versions(**cells), key=lambda state: [int(part) for part in state.label[1:].split(".")])
    life = history(states, "inode_operations", "create")
    assert told(life) == {}
    assert [(str(event.range), len(event.changes)) for event in life.branches] == [("after v6.1, by v6.1.192", 1)]
    later = history([*states, *versions(v6_9="one exclusive")], "inode_operations", "create")
    assert told(later) == {"in 6.9 (v6.8.1..v6.9)": LATER}
    assert later.branches == ()
    assert lock_history(states, "i_rwsem").branches[0].range.by == "v6.1.192"


def test_an_op_that_was_ported_back_came_with_the_later_release(versions: Versions) -> None:
    states = versions(v5_15="one yes", v6_1_192="both yes", v6_4="one yes", v6_8="both yes", v6_9="both yes")
    life = history(states, "inode_operations", "unlink")
    assert [(str(span.since), span.removed) for span in life.spans] == [("after v6.4, by v6.8", None)]
    assert (life.versions, life.beside) == (("v6.8", "v6.9"), ("v6.1.192",))
    assert history_json(life)["also_in"] == ["v6.1.192"]


def test_an_op_of_stable_versions_only_has_a_life(versions: Versions) -> None:
    life = history(versions(v6_1="one yes", v6_1_192="both yes", v6_4="one yes"), "inode_operations", "unlink")
    assert life.versions == ("v6.1.192",)
    assert life.since is not None


def test_a_value_that_only_a_stable_version_has_early() -> None:
    told = {"v5.15": 1, "v6.1.192": 2, "v6.4": 1, "v6.8": 2}
    assert ported_back(told) == {"v6.1.192"}
    assert ported_back(told | {"v6.8": 1}) == frozenset()
    assert (
        ported_back({"v6.1" if label == "v6.1.192" else label: value for label, value in told.items()}) == frozenset()
    )
    assert first_and_before(list(told), ["v6.1.192", "v6.8"]) == ("v6.4", "v6.8")


LOCKING = """\
Locking
=======

barn_operations
===============

prototypes::

\tint (*hay)(struct inode *);
{more}
locking rules:

=====  ==============
ops    i_rwsem(inode)
=====  ==============
hay    {cell}
=====  ==============
"""
ENTRY = "---\n\n**mandatory**\n\n->hay() sleeps now.\n\n---\n\n**mandatory**\n\n"
ODD = {"v6.1.192", "v6.8"}  # those that have what is new


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    root = tmp_path_factory.mktemp("line")
    for label in ("v5.15", "v6.1.192", "v6.4", "v6.8"):
        folder = root / label / "Documentation/filesystems"
        folder.mkdir(parents=True)
        new = label in ODD
        more = "\tint (*oats)(struct inode *);\n" if new else ""
        (folder / "locking.rst").write_text(LOCKING.format(more=more, cell="exclusive" if new else "shared"))
        (folder / "porting.rst").write_text(ENTRY + ("->oats() is new." if new else "Nothing else."))
    build(root / "db", [str(root)], corpus=root / "none")
    return KnowledgeBase.open(root / "db")


def test_pages_search_and_the_porting_log_follow_the_releases(kb: KnowledgeBase) -> None:
    with closing(kb):
        page = history_page(kb, "barn_operations", "hay")
        assert [(event.title, [c.also for c in event.changes]) for event in page.events][:-1] == [
            ("v6.4 to v6.8", [("v6.1.192",)])
        ]
        (lane,) = [lane for lane in page.lanes if lane.name == "i_rwsem"]
        assert [(block.first, block.last) for block in lane.blocks] == [("v5.15", "v6.4"), ("v6.8", "v6.8")]
        lanes = {lane.op: lane for lane in table_history_page(kb, "barn_operations").lanes}
        assert lanes["oats"].since == "after v6.4, by v6.8"
        assert [block.kind for block in lanes["oats"].blocks] == ["absent", "stated"]
        assert [turn.by for turn in lanes["hay"].changes] == ["v6.8"]
        entries = {e.slug: e.when for group in porting_page(kb).groups for e in group.entries}
        assert entries["oats-is-new"] == "after v6.4, by v6.8"
        since = {name: kb.search(f"oats kind:op since:{name}").total for name in ("v6.1.192", "v6.8")}
        assert since == {"v6.1.192": 0, "v6.8": 1}
        assert kb.search("hay removed:v6.4").total == 0


def test_the_scope_of_rename_changes_once(bundled: Path) -> None:
    with closing(KnowledgeBase.open(bundled)) as opened:
        changes = [
            (str(event.range), change.also)
            for event in opened.history("inode_operations", "rename").events
            for change in event.changes
            if change.kind == "lock-scope-changed"
        ]
    assert changes[1:] == [("in 6.7 (v6.6..v6.7.3)", ("v6.1.192",))]  # the first: of 2.4.0 to 2.6.12
