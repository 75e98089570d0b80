"""What changed between two versions in the order in which one reads it, and the overview above it."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import render_template_string
from flask.testing import FlaskClient

from kbase.diff.changes import ChangeKind, Severity
from kbase.pages.change_views import ChangeView
from kbase.pages.changes import ChangeGroup, TableChanges
from kbase.pages.parts import Link
from kbase.web import create_app
from kbase.web.overview import anchor, reading_order

SEVERITY = {
    ChangeKind.NOTE_CHANGED: Severity.DOCUMENTATION,
    ChangeKind.BLANKET_CHANGED: Severity.BEHAVIOUR,
    ChangeKind.LOCK_WEAKENED: Severity.BEHAVIOUR,
    ChangeKind.PARAMETER_RETYPED: Severity.BREAKING,
    ChangeKind.OP_REMOVED: Severity.BREAKING,
    ChangeKind.FUNCTION_ADDED: Severity.DOCUMENTATION,
    ChangeKind.FLAG_ADDED: Severity.BEHAVIOUR,
}


def view(kind: ChangeKind, struct: str | None, op: str | None) -> ChangeView:
    return ChangeView(
        kind=kind, severity=SEVERITY[kind], struct=struct, op=op, subject=None, href=None, before=None,
        after=None, reason="", likely=False, also=(), porting=(), commits=(), evidence=(),
    )  # fmt: skip


def table(struct: str | None, groups: dict[str, list[ChangeKind]]) -> TableChanges:
    made = tuple(
        ChangeGroup(
            title=name,
            href=None,
            history=None,
            changes=tuple(view(kind, struct, name if struct and name != struct else None) for kind in kinds),
        )
        for name, kinds in groups.items()
    )
    return TableChanges(struct=struct, href=None, count=sum(map(len, groups.values())), groups=made)


def test_the_most_severe_come_first_and_the_notes_of_the_table_last() -> None:
    changed = table(
        "inode_operations",
        {
            "inode_operations": [ChangeKind.NOTE_CHANGED, ChangeKind.BLANKET_CHANGED],
            "create": [ChangeKind.NOTE_CHANGED],
            "link": [ChangeKind.NOTE_CHANGED, ChangeKind.LOCK_WEAKENED],
            "rename": [ChangeKind.LOCK_WEAKENED, ChangeKind.PARAMETER_RETYPED],
            "truncate": [ChangeKind.OP_REMOVED],
        },
    )
    groups = reading_order(changed)
    assert [(group.title, [change.kind for change in group.changes]) for group in groups] == [
        ("the table itself", ["blanket-changed"]),
        ("rename", ["parameter-retyped", "lock-weakened"]),
        ("truncate", ["op-removed"]),
        ("link", ["lock-weakened", "note-changed"]),
        ("create", ["note-changed"]),
        ("about the table", ["note-changed"]),
    ]
    assert [anchor(group) for group in groups][::5] == [None, None]
    assert anchor(groups[1]) == "inode_operations.rename"


def test_what_belongs_to_no_table_keeps_its_names() -> None:
    groups = reading_order(table(None, {"d_add": [ChangeKind.FUNCTION_ADDED], "RENAME_X": [ChangeKind.FLAG_ADDED]}))
    assert [group.title for group in groups] == ["RENAME_X", "d_add"]
    assert [anchor(group) for group in groups] == [None, None]


@pytest.fixture(scope="module")
def client(bundled: Path) -> FlaskClient:
    """A browser of the bundled corpus."""
    return create_app(bundled).test_client()


def test_an_entry_of_the_porting_log_is_shown_with_the_first_change_that_it_explains(bundled: Path) -> None:
    entry = Link(text="mandatory: ->rename() gets <flags>", href="/porting/rename/")
    change = replace(view(ChangeKind.PARAMETER_RETYPED, "inode_operations", "rename"), porting=(entry,))
    template = '{% from "change_list.html" import change_list with context %}{{ change_list([change, change]) }}'
    with create_app(bundled).test_request_context():
        page = render_template_string(template, change=change, root="/kbase")
    link = 'porting, <a href="/kbase/porting/rename/">mandatory: -&gt;rename() gets &lt;flags&gt;</a>'
    assert page.count(link) == page.count("/porting/") == 1
    assert page.index(link) < page.rindex('<li class="change breaking">')


class Overview(HTMLParser):
    """The numbers of the overview, the widths drawn, the ids of the page and the places that it leads to."""

    def __init__(self) -> None:
        """Nothing read yet."""
        super().__init__()
        self.ids: list[str] = []
        self.places: list[str] = []
        self.numbers: list[str] = []
        self.widths: list[int] = []
        self.inside = self.number = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what the tag tells."""
        told = {name: value or "" for name, value in attrs}
        self.ids += [told["id"]] if "id" in told else []
        self.inside = (self.inside or "overview" in told.get("class", "").split()) and tag != "section"
        self.number = self.inside and told.get("class") == "number"
        if self.inside and tag == "a":
            self.places.append(told["href"])
        if self.inside and tag == "rect":
            self.widths.append(int(told["width"]))

    def handle_data(self, data: str) -> None:
        """A number of changes."""
        if self.number:
            self.numbers.append(data)


def read(client: FlaskClient, address: str) -> Overview:
    parser = Overview()
    parser.feed(client.get(address).text)
    return parser


@pytest.mark.parametrize("query", ["", "?severity=breaking", "?only=gone"])
def test_the_overview_counts_every_change_and_leads_to_it(client: FlaskClient, query: str) -> None:
    address = "/diff/v2.6.12..v6.8.1/"
    page = client.get(f"/api/v1{address}{query}").get_json()
    found = read(client, f"{address}{query}")
    assert sum(map(int, found.numbers)) == page["shown"]
    assert {place.removeprefix("#") for place in found.places} <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))
    assert max(found.widths) <= 160 < sum(found.widths)
    grave = {
        f"#{change['struct']}.{change['op']}"
        for table in page["tables"]
        for group in table["groups"]
        for change in group["changes"]
        if change["op"] and change["severity"] in ("breaking", "behaviour")
    }
    assert {place for place in found.places if "." in place} == grave


def test_one_table_needs_no_overview(client: FlaskClient) -> None:
    assert read(client, "/diff/v2.6.12..v6.8.1/inode_operations/").places == []
