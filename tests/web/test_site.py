"""The web site over the bundled corpus: pages are parsed, never searched."""

import csv
import io
import random
import re
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urldefrag, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kbase.build.pipeline import build
from kbase.pages.routes import ROUTES
from kbase.web import create_app
from kbase.web.cache import Cache
from kbase.web.theme import local_path
from tests.web.page_trees import by_class, parsed, text_of

Served = Callable[[Flask], AbstractContextManager[str]]


@pytest.fixture(scope="module")
def app(bundled: Path) -> Flask:
    return create_app(bundled)


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_an_op_answers_in_its_first_section(client: FlaskClient) -> None:
    root = parsed(client.get("/v/v6.8.1/inode_operations/rename/").get_data(as_text=True))
    assert text_of(root.find(".//h1")) == "inode_operations.rename v6.8.1"
    held, blocks, changed = by_class(root, "answer")
    assert "i_rwsem(inode) exclusive" in text_of(held)
    assert "locking.rst:104" in text_of(held)
    assert "yes" in text_of(blocks)
    assert "v6.6 to v6.7.3" in text_of(changed)
    assert text_of(by_class(root, "c")[0]).startswith("int (*rename)(struct mnt_idmap *, struct inode *,")


def test_a_removed_op_leads_to_its_successor(client: FlaskClient) -> None:
    address, newest = "/v/v5.4/address_space_operations/readpage/", "/v/v7.1.5/address_space_operations/read_folio/"
    (notice,) = by_class(parsed(client.get(address).text), "notice")
    assert text_of(notice).startswith("Removed in 5.19 (v5.18.12..v5.19): address_space_operations.read_folio")
    assert [link.get("href") for link in notice.iter("a")] == [newest]
    assert client.get(newest).status_code == 200
    assert client.get(f"/api/v1{address}").get_json()["removal"]["successor"]["href"] == newest
    assert client.get(f"/api/v1{newest}").get_json()["removal"] is None
    lost = client.get(address.replace("v5.4", "v6.8.1"))
    assert lost.status_code == 404
    assert "read_folio replaces it since 5.19" in text_of(parsed(lost.text))
    near = client.get(f"/api/v1{address.replace('v5.4', 'v6.8.1')}").get_json()["error"]["near"]
    assert near[0]["href"] == newest.replace("v7.1.5", "v6.8.1")


def test_what_is_only_likely_is_called_so_once(client: FlaskClient) -> None:
    changes = by_class(parsed(client.get("/diff/v6.14..v6.17-rc6/iomap_write_ops/").text), "change")
    counts = [text_of(change).count("likely") for change in changes]
    assert max(counts) == 1


def test_unknown_is_not_no(client: FlaskClient) -> None:
    root = parsed(client.get("/v/v6.8.1/address_space_operations/").get_data(as_text=True))
    (table,) = by_class(root, "matrix")
    rows = {text_of(row.find("th")): row for row in table.iter("tr") if row.find("td") is not None}
    assert [chip.get("class") for chip in by_class(rows["bmap"], "chip")][:3] == ["chip unknown"] * 3
    assert by_class(rows["swap_activate"], "no")
    assert not by_class(rows["bmap"], "no")


def test_the_matrix_is_sorted_by_a_column_the_strongest_first(client: FlaskClient) -> None:
    def words(address: str) -> list[str]:
        (table,) = by_class(parsed(client.get(address).get_data(as_text=True)), "matrix")
        cells = [row.find("td") for row in table.iter("tr") if row.find("td") is not None]
        return [text_of(cell).split()[0] for cell in cells]

    listed = words("/v/v6.8.1/inode_operations/")
    by_lock = words("/v/v6.8.1/inode_operations/?sort=i_rwsem(inode)")
    assert sorted(listed) == sorted(by_lock)
    assert listed != by_lock
    assert list(dict.fromkeys(by_lock)) == ["exclusive", "shared", "maybe", "no"]
    assert client.get("/v/v6.8.1/inode_operations/?sort=colour").status_code == 404


def test_what_was_chosen_is_kept_in_other_formats(client: FlaskClient) -> None:
    address = "/diff/v5.4..v6.8.1/inode_operations/?severity=breaking&nonsense=1"
    root = parsed(client.get(address).get_data(as_text=True))
    (foot,) = by_class(root, "foot")
    links = [link.get("href", "") for link in foot.iter("a")]
    assert links[:2] == [
        "/api/v1/diff/v5.4..v6.8.1/inode_operations/?severity=breaking",
        "/diff/v5.4..v6.8.1/inode_operations/table.csv?severity=breaking",
    ]
    rows = list(csv.DictReader(io.StringIO(client.get(links[1]).get_data(as_text=True))))
    assert {row["severity"] for row in rows} == {"breaking"}
    assert len(rows) == client.get(links[0]).get_json()["shown"]


def test_evidence_leads_to_its_line(client: FlaskClient) -> None:
    root = parsed(client.get("/v/v6.8.1/inode_operations/create/").get_data(as_text=True))
    (held, *_) = by_class(root, "answer")
    address, anchor = urldefrag(by_class(held, "cite")[0].get("href", ""))
    source = parsed(client.get(address).get_data(as_text=True))
    (line,) = [element for element in source.iter("div") if element.get("id") == anchor]
    assert "cited" in line.get("class", "")
    assert "exclusive" in text_of(line.find("code"))
    assert "/v/v6.8.1/inode_operations/create/" in [mark.get("href") for mark in line.iter("a")]


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("/v/latest/", None),
        ("/v/6.8.1/inode_operations/rename/", "/v/v6.8.1/inode_operations/rename/"),
        ("/diff/v5.4..6.8.1/", "/diff/v5.4..v6.8.1/"),
        (
            "/diff/5.4..6.8.1/inode_operations/?severity=breaking",
            "/diff/v5.4..v6.8.1/inode_operations/?severity=breaking",
        ),
        ("/locks/i_mutex/", "/locks/i_rwsem/"),
        ("/locks", "/locks/"),
        ("/search?q=inode_operations.rename", None),
        ("/compare?from=5.4&to=6.8.1", "/diff/v5.4..v6.8.1/"),
    ],
)
def test_other_ways_to_write_an_address_lead_to_the_canonical_one(
    client: FlaskClient, address: str, canonical: str | None
) -> None:
    response = client.get(address)
    assert response.status_code in (302, 308)
    target = urlsplit(response.headers["Location"])
    if canonical is not None:
        assert target.path + (f"?{target.query}" if target.query else "") == canonical
    assert client.get(response.headers["Location"]).status_code == 200


def test_an_exact_name_goes_to_its_page_and_a_question_does_not(client: FlaskClient) -> None:
    location = client.get("/search?q=inode_operations.rename").headers["Location"]
    assert location.endswith("/inode_operations/rename/")
    assert client.get("/search?q=i_rwsem").headers["Location"] == "/locks/i_rwsem/"
    assert client.get("/search?q=may+d_revalidate+block").status_code == 200
    assert client.get("/search?q=open").status_code == 200  # inode_operations.open is not the only one


def test_an_invalid_query_is_explained(client: FlaskClient) -> None:
    root = parsed(client.get("/search?q=nosuchfield:x").get_data(as_text=True))
    (alert,) = [element for element in root.iter("div") if element.get("role") == "alert"]
    assert "there is no field `nosuchfield:`" in text_of(alert)
    assert [text_of(element) for element in alert.iter("mark")] == ["nosuchfield:"]


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("/v/v6.8.1/inode_operations/renam/", "rename"),
        ("/v/v6.8.1/inode_operation/", "inode_operations"),
        ("/i_rwsm", "i_rwsem"),
        ("/nothing/at/all", None),
        ("/doc/v6.8.1/../../../etc/passwd", None),
        ("/doc/-/..%2f..%2fetc%2fpasswd", None),
        ("/v/-/inode_operations/rename/", None),
        ("/v/v99.1/", None),
        ("/diff/nothing/", None),
    ],
)
def test_what_is_not_there_is_a_page_with_near_names(client: FlaskClient, address: str, near: str | None) -> None:
    response = client.get(address)
    assert response.status_code == 404
    root = parsed(response.get_data(as_text=True))
    assert text_of(root.find(".//h1")) == "Not Found"
    if near:
        assert near in [text_of(link).rpartition(".")[2] for link in root.find(".//main").iter("a")]  # type: ignore[union-attr]


@pytest.mark.parametrize("address", ["/", "/v/v6.8.1/", "/nothing", "/api/v1/", "/healthz", "/search?q=nosuchfield:x"])
def test_every_answer_carries_the_security_headers(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_only_get_and_head_are_answered(client: FlaskClient, method: str) -> None:
    for address in ("/", "/api/v1/", "/nothing"):
        response = client.open(address, method=method)
        assert response.status_code == 405
        assert response.headers["Allow"] == "GET, HEAD"
    assert client.head("/").status_code == 200


def test_long_addresses_are_refused(client: FlaskClient) -> None:
    assert client.get("/v/" + "x" * 2000).status_code == 414
    assert client.get("/search?q=" + "x" * 3000).status_code == 414


ODD = (
    "\0",
    "..",
    "%",
    "<b>",
    "x" * 300,
    "v" + "9" * 60,
    "v6.8.1..v5.4",
    "..",
    "é\u202e",
    " ",
    "\n",
    '"',
    "(((",
    "\x02x\x03",
    "-",
)
USUAL = ("v6.8.1", "latest", "inode_operations", "rename", "v5.4..v6.8.1", "i_rwsem", "640708a2cff7")


def test_odd_addresses_are_no_failures(client: FlaskClient) -> None:
    chance = random.Random(7)
    names = ("q", "version", "kind", "held", "offset", "severity", "sort")
    for _ in range(300):
        rule = chance.choice(ROUTES).rule
        path = re.sub(r"<[^>]*>", lambda _: quote(chance.choice(ODD + USUAL), safe=""), rule)
        query = "&".join(f"{name}={quote(chance.choice(ODD + USUAL), safe='')}" for name in chance.sample(names, 2))
        address = chance.choice(("", "/api/v1")) + path + chance.choice(("", f"?{query}"))
        assert client.get(address).status_code < 500, address


def test_what_is_asked_is_escaped(client: FlaskClient) -> None:
    for address in ("/search?q=%3Cscript%3Ealert(1)%3C/script%3E", "/v/%3Cscript%3E/", "/%22%3E%3Cscript%3E"):
        root = parsed(client.get(address).get_data(as_text=True))
        assert all(script.get("src") for script in root.iter("script"))


def test_a_page_is_sent_once(client: FlaskClient) -> None:
    first = client.get("/v/v6.8.1/inode_operations/")
    tag = first.headers["ETag"]
    again = client.get("/v/v6.8.1/inode_operations/", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.data == b""
    client.set_cookie("theme", "dark")
    dark = client.get("/v/v6.8.1/inode_operations/", headers={"If-None-Match": tag})
    client.delete_cookie("theme")
    assert dark.status_code == 200


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_the_theme_is_chosen_without_script(app: Flask, theme: str) -> None:
    visitor = app.test_client()
    response = visitor.get(f"/theme?to={theme}&back=/locks/")
    assert response.status_code == 303
    assert response.headers["Location"] == "/locks/"
    root = parsed(visitor.get("/locks/").get_data(as_text=True))
    assert root.get("data-theme") == theme
    pressed = [button.get("value") for button in root.iter("button") if button.get("aria-pressed") == "true"]
    assert pressed == [theme]


ELSEWHERE = ["//evil.example", "/\\evil.example", "https://evil.example/", "javascript:x", "", "/a\nb"]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nobody_is_sent_elsewhere(address: str) -> None:
    assert local_path(address) == "/"


def test_a_failure_tells_nothing_of_the_inside(bundled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(bundled)

    def fails(*_: Any) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("kbase.knowledge.knowledge_base.KnowledgeBase.table", fails)
    client = app.test_client()
    for address in ("/v/v6.8.1/inode_operations/", "/api/v1/v/v6.8.1/inode_operations/"):
        response = client.get(address)
        assert response.status_code == 500
        assert b"secret" not in response.data
        assert b"Traceback" not in response.data


def test_below_a_prefix_every_link_stays_below_it(app: Flask) -> None:
    body = app.test_client().get("/v/v6.8.1/inode_operations/rename/", environ_overrides={"SCRIPT_NAME": "/kb"})
    root = parsed(body.get_data(as_text=True))
    for element in root.iter():
        for name in ("href", "src", "action"):
            value = element.get(name) or ""
            assert not value.startswith("/") or value.startswith("/kb/"), value


def test_a_new_build_is_served_and_the_old_one_closed(tmp_path: Path) -> None:
    folder = tmp_path / "tree" / "Documentation" / "filesystems"
    folder.mkdir(parents=True)
    document = folder / "locking.rst"
    head = "=======\nLocking\n=======\n\nseed_operations\n===============\n\n"
    text = head + "prototypes::\n\n\tint (*{}) (struct seed *);\n"
    document.write_text(text.format("sow"))
    db = tmp_path / "db"
    build(db, [f"v6.9={tmp_path / 'tree'}"])
    client = create_app(db).test_client()
    assert client.get("/v/v6.9/seed_operations/sow/").status_code == 200
    before = client.get("/healthz").get_json()["hash"]
    document.write_text(text.format("reap"))
    build(db, [f"v6.9={tmp_path / 'tree'}"])
    assert client.get("/v/v6.9/seed_operations/reap/").status_code == 200
    assert client.get("/v/v6.9/seed_operations/sow/").status_code == 404
    assert client.get("/healthz").get_json()["hash"] != before


def test_waitress_serves_it(app: Flask, served: Served) -> None:
    with served(app) as address, urllib.request.urlopen(f"{address}/healthz") as answer:
        assert answer.status == 200


def test_the_cache_makes_room() -> None:
    cache = Cache(largest=100)
    for number in range(10):
        cache.put(str(number), b"x" * 20, "text/html")
    assert cache.get("0") is None
    assert cache.get("9") == (b"x" * 20, "text/html")
    cache.put("large", b"x" * 60, "text/html")
    assert cache.get("large") is None


def test_hits_that_do_not_meet_the_condition_stand_below_a_divider(client: FlaskClient) -> None:
    found = parsed(client.get("/search?q=which+ops+unlock+the+folio&kind=op").get_data(as_text=True))
    (divider,) = by_class(found, "divider")
    above, below = by_class(found, "hits")
    assert text_of(divider) == "Other hits, not known to meet the condition"
    assert below.get("start") == str(len(above) + 1)
    effects = [text_of(hit) for hit in above]
    assert all("unlocks" in text for text in effects)
    assert not by_class(parsed(client.get("/search?q=rename+whiteout").get_data(as_text=True)), "divider")


def test_the_present_name_of_a_former_one_is_a_link(client: FlaskClient) -> None:
    found = parsed(client.get("/search?q=readpage").get_data(as_text=True))
    (link,) = [a for notice in by_class(found, "notice") for a in notice.iter("a") if "read_folio" in text_of(a)]
    assert text_of(link) == "address_space_operations.read_folio"
    assert client.get(link.get("href", "")).status_code == 200
    former = parsed(client.get("/search?q=i_mutex+rename").get_data(as_text=True))
    assert any(a.get("href") == "/locks/i_rwsem/" for n in by_class(former, "notice") for a in n.iter("a"))


def test_pages_with_nothing_to_show_lead_somewhere(client: FlaskClient) -> None:
    empty = ("/porting/?name=nosuchname", "/v/v6.8.1/inode_operations/nosuchop/", "/commits/nosuchcommit/")
    for path in (*empty, "/nosuchpage"):
        found = parsed(client.get(path).get_data(as_text=True))
        (onward,) = [nav for nav in found.iter("nav") if nav.get("aria-label") == "Continue"]
        links = [link.get("href", "") for link in onward.iter("a")]
        assert len(links) >= 4
        assert all(client.get(link).status_code == 200 for link in links), path


def test_evidence_beyond_the_first_lines_is_folded(client: FlaskClient) -> None:
    path = "/v/v6.8.1/inode_operations/rename/"
    found = parsed(client.get(path).get_data(as_text=True))
    shown, folded = by_class(found, "evidence")
    (details,) = [element for element in found.iter("details") if folded in list(element.iter())]
    assert text_of(details.find("summary")) == "10 more"
    lines = [len(list(table.iter("pre"))) for table in (shown, folded)]
    assert lines == [4, 10]
    assert sum(lines) == len(client.get(f"/api/v1{path}").get_json()["evidence"])
