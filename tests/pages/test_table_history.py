"""The history of an ops table: when each op is stated, where it changed, and its picture."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from kbase.build.pipeline import build
from kbase.errors import UnknownName
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.table_history import OpLane, TableHistoryPage, table_history_page
from kbase.web import create_app

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
def page(kb: KnowledgeBase) -> TableHistoryPage:
    return table_history_page(kb, "barn_operations")


def lane(page: TableHistoryPage, op: str) -> OpLane:
    return next(lane for lane in page.lanes if lane.op == op)


def kinds(page: TableHistoryPage, op: str, *labels: str) -> list[str]:
    """What each of the versions says about the op."""
    columns = [block.kind for block in lane(page, op).blocks for _ in range(block.columns)]
    by_version = dict(zip([stop.version for stop in page.strip], columns, strict=True))
    return [by_version[label] for label in labels]


def test_a_missing_document_is_silent_and_a_removed_op_is_absent(page: TableHistoryPage) -> None:
    stated, silent, absent = "stated", "silent", "absent"
    assert kinds(page, "sow", *VERSIONS) == [stated, silent, stated, stated]
    assert kinds(page, "reap", *VERSIONS) == [stated, silent, stated, absent]
    assert kinds(page, "thresh", *VERSIONS) == [absent, silent, stated, stated]


def test_ops_are_in_the_order_of_the_newest_version_then_the_removed_ones(page: TableHistoryPage) -> None:
    assert [each.op for each in page.lanes] == ["sow", "thresh", "reap"]
    assert (page.newest, page.ops) == ("v7.4", 2)
    assert (lane(page, "reap").since, lane(page, "reap").removed) == ("after v6.12.117, by v7.1", "in 7.4 (v7.3..v7.4)")
    assert lane(page, "thresh").since == "after v7.1, by v7.3"


def test_a_change_has_its_severity_and_its_page(page: TableHistoryPage) -> None:
    (change,) = lane(page, "sow").changes
    assert (change.after, change.by, change.severity, change.titles) == (
        "v7.1",
        "v7.3",
        "breaking",
        ("parameter retyped",),
    )
    assert change.href == "/diff/v7.1..v7.3/barn_operations/"
    assert lane(page, "thresh").changes == lane(page, "reap").changes == ()


def test_the_changes_of_a_version_are_one_entry(bundled: Path) -> None:
    kb = KnowledgeBase.open(bundled)
    for struct in ("inode_operations", "super_operations", "dentry_operations"):
        for each in table_history_page(kb, struct).lanes:
            versions = [change.by for change in each.changes]
            assert len(versions) == len(set(versions)), each.op
            labels = kb.labels()
            assert all(labels.index(change.after) < labels.index(change.by) for change in each.changes)
    kb.close()


def test_a_table_that_never_was_has_near_names(kb: KnowledgeBase) -> None:
    with pytest.raises(UnknownName, match="barn_operations"):
        table_history_page(kb, "barn_operation")


def test_the_picture_is_svg_with_a_description(kb: KnowledgeBase) -> None:
    page = create_app(kb).test_client().get("/history/barn_operations/").text
    names, chart = [ET.fromstring(svg) for svg in re.findall(r"<svg(?! viewBox).*?</svg>", page, re.DOTALL)]
    assert [text.text for text in names.iter("text")] == ["sow", "thresh", "reap"]
    assert next(link.get("href") for link in names.iter("a")) == "/history/barn_operations.sow/"
    title, desc = chart.find("title"), chart.find("desc")
    assert title is not None
    assert desc is not None
    assert title.text == "History of barn_operations"
    assert "reap: stated v7.1, silent v7.2, stated v7.3, removed in 7.4 (v7.3..v7.4)" in str(desc.text)
    assert chart.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    kinds = [group.get("class") for group in chart.iter("g")]
    assert kinds.count("stated") == 5
    assert kinds.count("silent") == 3
    assert kinds.count("mark removed") == 1
    assert kinds.count("mark breaking") == 1


def test_every_op_ever_has_a_row_on_the_page_and_in_the_sheet(bundled: Path) -> None:
    client = create_app(bundled).test_client()
    page = client.get("/api/v1/history/address_space_operations/").get_json()
    ops = [lane["op"] for lane in page["lanes"]]
    assert len(ops) == len(set(ops)) > page["ops"]
    assert {"readpage", "read_folio"} <= set(ops)
    sheet = client.get("/history/address_space_operations/table.csv").get_data(as_text=True).splitlines()
    assert [line.partition(",")[0] for line in sheet[1:]] == ops
    assert client.get("/v/v6.8.1/address_space_operations/").get_data(as_text=True).count(page["address"]) == 1
