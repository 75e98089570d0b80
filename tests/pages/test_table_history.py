"""The life of an ops table: when each op is stated, where it changed, and the picture of it."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from kbase.build.pipeline import build
from kbase.errors import UnknownName
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.table_history import OpLane, Presence, TableLifePage, table_life_page
from kbase.web import create_app
from kbase.web.table_picture import table_picture

HEAD = "=======\nLocking\n=======\n\nbarn_operations\n===============\n\nprototypes::\n\n"
RULES = "\nlocking rules:\n\n=======\t====\nops\tgate\n=======\t====\n{}=======\t====\n"
VERSIONS = {
    "v7.1": {"sow": "struct seed *", "reap": "void"},
    "v7.2": None,  # only a document that does not speak of ops
    "v7.3": {"sow": "struct grain *", "reap": "void", "thresh": "int"},
    "v7.4": {"sow": "struct grain *", "thresh": "int"},
}


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    folder = tmp_path_factory.mktemp("barn")
    for version, ops in VERSIONS.items():
        place = folder / "trees" / version / "Documentation" / "filesystems"
        place.mkdir(parents=True)
        if ops is None:
            (place / "porting.rst").write_text("Changes since 2.5.0:\n\n---\n\n**mandatory**\n\n->mow() is gone.\n")
            continue
        prototypes = "".join(f"\tint (*{name})({parameter});\n" for name, parameter in ops.items())
        rows = "".join(f"{name}\tyes\n" for name in ops)
        (place / "locking.rst").write_text(HEAD + prototypes + RULES.format(rows))
    build(folder / "db", [str(folder / "trees")])
    return KnowledgeBase.open(folder / "db")


@pytest.fixture(scope="module")
def page(kb: KnowledgeBase) -> TableLifePage:
    return table_life_page(kb, "barn_operations")


def lane(page: TableLifePage, op: str) -> OpLane:
    return next(lane for lane in page.lanes if lane.op == op)


def told(page: TableLifePage, op: str, *labels: str) -> list[str]:
    """What each of the versions tells of the op, one letter each."""
    columns = [stretch.presence for stretch in lane(page, op).stretches for _ in range(stretch.columns)]
    by_version = dict(zip([stop.version for stop in page.strip], columns, strict=True))
    return [by_version[label] for label in labels]


def test_what_is_not_held_is_silent_and_what_is_gone_is_absent(page: TableLifePage) -> None:
    stated, silent, absent = Presence.STATED, Presence.SILENT, Presence.ABSENT
    assert told(page, "sow", *VERSIONS) == [stated, silent, stated, stated]
    assert told(page, "reap", *VERSIONS) == [stated, silent, stated, absent]
    assert told(page, "thresh", *VERSIONS) == [absent, silent, stated, stated]


def test_ops_come_as_the_newest_version_lists_them_then_those_that_are_gone(page: TableLifePage) -> None:
    assert [each.op for each in page.lanes] == ["sow", "thresh", "reap"]
    assert (page.newest, page.ops) == ("v7.4", 2)
    assert (lane(page, "reap").since, lane(page, "reap").removed) == ("after v6.12.117, by v7.1", "after v7.3, by v7.4")
    assert lane(page, "thresh").since == "after v7.1, by v7.3"


def test_a_change_is_told_with_its_gravity_and_where_it_is_shown(page: TableLifePage) -> None:
    (turn,) = lane(page, "sow").turns
    assert (turn.after, turn.by, turn.severity, turn.titles) == ("v7.1", "v7.3", "breaking", ("parameter retyped",))
    assert turn.href == "/diff/v7.1..v7.3/barn_operations/"
    assert lane(page, "thresh").turns == lane(page, "reap").turns == ()


def test_a_version_has_one_turn(bundled: Path) -> None:
    kb = KnowledgeBase.open(bundled)
    for struct in ("inode_operations", "super_operations", "dentry_operations"):
        for each in table_life_page(kb, struct).lanes:
            turned = [turn.by for turn in each.turns]
            assert len(turned) == len(set(turned)), each.op
            labels = kb.labels()
            assert all(labels.index(turn.after) < labels.index(turn.by) for turn in each.turns)
    kb.close()


def test_a_table_that_never_was_has_near_names(kb: KnowledgeBase) -> None:
    with pytest.raises(UnknownName, match="barn_operations"):
        table_life_page(kb, "barn_operation")


def test_the_picture_is_svg_that_tells_itself(kb: KnowledgeBase, page: TableLifePage) -> None:
    with create_app(kb).test_request_context("/"):
        root = ET.fromstring(str(table_picture(page)))
    names, bars = root.findall("svg")
    assert [text.text for text in names.iter("text")] == ["sow", "thresh", "reap"]
    assert next(link.get("href") for link in names.iter("a")) == "/history/barn_operations.sow/"
    title, desc = bars.find("title"), bars.find("desc")
    assert title is not None
    assert desc is not None
    assert title.text == "Life of barn_operations"
    assert "reap: after v6.12.117, by v7.1, gone after v7.3, by v7.4" in str(desc.text)
    assert bars.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    kinds = [group.get("class") for group in bars.iter("g")]
    assert kinds.count("stated") == 5
    assert kinds.count("silent") == 3
    assert kinds.count("gone") == 1
    assert kinds.count("turn breaking") == 1


def test_every_op_ever_has_a_row_on_the_page_and_in_the_sheet(bundled: Path) -> None:
    client = create_app(bundled).test_client()
    page = client.get("/api/v1/history/address_space_operations/").get_json()
    ops = [lane["op"] for lane in page["lanes"]]
    assert len(ops) == len(set(ops)) > page["ops"]
    assert {"readpage", "read_folio"} <= set(ops)
    sheet = client.get("/history/address_space_operations/table.csv").get_data(as_text=True).splitlines()
    assert [line.partition(",")[0] for line in sheet[1:]] == ops
    assert client.get("/v/v6.8.1/address_space_operations/").get_data(as_text=True).count(page["address"]) == 1
