"""Pages of a database with more versions than fit in a row: series, folds, typed versions, ranges of releases."""

from pathlib import Path
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup as Tree
from flask.testing import FlaskClient

from kbase.build.pipeline import build
from kbase.web import create_app

LABELS = (
    *("v2.6.38", "v2.6.39"),
    *(f"v3.{minor}" for minor in range(10)),
    *(f"v4.{minor}" for minor in range(10)),
    *(f"v5.{minor}" for minor in range(6)),
)
STABLE = "v4.5.3"  # beside v4.5, with an older document
DOCUMENT = """\
=======
Locking
=======

barn_operations
===============

prototypes::

{prototypes}
locking rules:

=======\t====
ops\tgate
=======\t====
{rows}=======\t====
"""


def document(label: str) -> str:
    old = label.startswith(("v2", "v3"))
    ops = {"sow": "yes" if old else "no"} | ({} if label in ("v2.6.38", "v2.6.39", STABLE) else {"reap": "yes"})
    prototypes = "".join(f"\tint (*{name})(void);\n" for name in ops)
    rows = "".join(f"{name}\t{cell}\n" for name, cell in ops.items())
    return DOCUMENT.format(prototypes=prototypes, rows=rows)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("many")
    for label in (*LABELS, STABLE):
        place = folder / "trees" / label / "Documentation" / "filesystems"
        place.mkdir(parents=True)
        (place / "locking.rst").write_text(document(label))
    build(folder / "db", [str(folder / "trees")], corpus=folder / "no-corpus")
    return create_app(folder / "db").test_client()


def tree(client: FlaskClient, address: str) -> Tree:
    answer = client.get(address, follow_redirects=True)
    assert answer.status_code == 200
    return Tree(answer.text, "html.parser")


def folds(page: Tree, selector: str) -> dict[str, bool]:
    """The first words of the summaries, and whether each is open."""
    return {
        summary.get_text().split()[0]: "open" in (summary.parent.attrs if summary.parent else {})
        for summary in page.select(f"{selector} > summary")
    }


def outside_closed_folds(page: Tree) -> int:
    closed = sum(len(fold.select("a")) for fold in page.select("details:not([open])"))
    return len(page.select("main a")) - closed


def test_the_versions_of_a_page_are_grouped_by_series(client: FlaskClient) -> None:
    page = tree(client, "/v/v4.3/barn_operations/reap/")
    assert folds(page, ".strip details") == {"2.6": False, "3.x": False, "4.x": True, "5.x": False}
    links = {link.get_text().split()[0]: link for link in page.select(".strip details li a")}
    assert list(links) == [*LABELS[: LABELS.index("v4.6")], STABLE, *LABELS[LABELS.index("v4.6") :]]
    assert [label for label, link in links.items() if link.attrs.get("aria-current")] == ["v4.3"]
    summaries = [summary.get_text() for summary in page.select(".strip summary")]
    assert [text.partition(" ")[2] for text in summaries] == ["(missing)", "", "", ""]
    sow = tree(client, "/v/v5.1/barn_operations/sow/")
    assert [summary.get_text() for summary in sow.select(".strip summary")] == ["2.6", "3.x", "4.x (changed)", "5.x"]


def test_a_short_list_of_versions_is_not_folded(tmp_path: Path) -> None:
    for label in LABELS[:3]:
        place = tmp_path / "trees" / label / "Documentation" / "filesystems"
        place.mkdir(parents=True)
        (place / "locking.rst").write_text(document(label))
    build(tmp_path / "db", [str(tmp_path / "trees")], corpus=tmp_path / "no-corpus")
    few = create_app(tmp_path / "db").test_client()
    for address in ("/", "/diff/", "/v/v3.0/barn_operations/sow/"):
        assert not tree(few, address).select("details"), address


def test_lists_of_versions_are_folded_by_series(client: FlaskClient) -> None:
    home, index = tree(client, "/"), tree(client, "/diff/")
    assert folds(home, "details.series") == {"5.x": True, "4.x": False, "3.x": False, "2.6": False}
    assert folds(index, "details.series") == {"5.x": True, "4.x": False, "3.x": False, "2.6": False}
    assert len(index.select("details.series a")) == len(LABELS)
    assert outside_closed_folds(home) < 40
    assert outside_closed_folds(index) < 10


def test_versions_to_compare_are_typed(client: FlaskClient) -> None:
    for address in ("/", "/diff/", "/diff/v4.0..v5.5/"):
        form = tree(client, address).select_one("form.chooser")
        assert form is not None
        assert [each.attrs["name"] for each in form.select("input[list=available]")] == ["from", "to"]
        assert {STABLE, "v2.6.38", "latest"} <= {each.get_text() for each in form.select("datalist#available option")}
    for typed in (("4.2", "latest"), ("v4.2", "5.5"), ("4.2.9", "v5.5")):
        answer = client.get(f"/compare?from={typed[0]}&to={typed[1]}")
        assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/diff/v4.2..v5.5/")


@pytest.mark.parametrize(
    ("old", "new", "texts"),
    [
        ("5.0", "9.9", ("to", "version 9.9 is not available", "v5.4 and v5.5")),
        ("<b>", "5.0", ("from", "is no version", "write it like 6.8")),
        ("", "5.0", ("from", "no version", "write it like 6.8")),
    ],
)
def test_what_is_wrong_with_a_typed_version_is_said(
    client: FlaskClient, old: str, new: str, texts: tuple[str, ...]
) -> None:
    answer = client.get(f"/compare?from={quote(old)}&to={quote(new)}")
    lead = Tree(answer.text, "html.parser").select_one(".lead")
    assert (answer.status_code, lead is not None) == (404, True)
    assert all(text in (lead.get_text() if lead else "") for text in texts)


def test_ranges_are_of_releases_and_stable_versions_interrupt_none(client: FlaskClient) -> None:
    found = client.get("/api/v1/search?q=barn_operations.reap").get_json()["hits"][0]
    assert found["versions"] == ["3.0 to 5.5"]
    lock = client.get("/api/v1/locks/gate/").get_json()
    assert lock["versions"] == ["2.6.38 to 5.5"]


def test_a_lock_shows_its_newest_rules_and_folds_the_others(client: FlaskClient) -> None:
    page = tree(client, "/locks/gate/")
    (fold,) = page.select(".uses details")
    assert [summary.get_text() for summary in fold.select("summary")] == ["1 earlier"]
    assert "2.6.38 to 3.9" in fold.get_text()
    rows = [row.get_text() for row in page.select(".uses > tbody > tr:not(.more)")]
    assert [("4.0 to 5.5" in row, "3.0 to 5.5" in row) for row in rows if "sow" in row or "reap" in row] in (
        [(True, False), (False, True)],
        [(False, True), (True, False)],
    )
