"""The JSON interface over the bundled corpus: the same pages as values, one error shape, a description that holds."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, template_rendered
from flask.testing import FlaskClient

from kbase.pages.routes import ROUTES
from kbase.pages.serialization import to_json
from kbase.web import create_app

ADDRESSES = {
    "home": "/",
    "search": "/search?q=rename",
    "version": "/v/v6.8.1/",
    "table": "/v/v6.8.1/inode_operations/",
    "op": "/v/v6.8.1/inode_operations/rename/",
    "function": "/v/v6.8.1/functions/d_instantiate/",
    "flag": "/v/v6.8.1/flags/RENAME_EXCHANGE/",
    "lock_order": "/v/v6.8.1/lock-order/",
    "drift": "/v/v6.8.1/drift/",
    "drift_index": "/drift/",
    "locks": "/locks/",
    "lock": "/locks/i_rwsem/",
    "history": "/history/inode_operations.rename/",
    "lock_history": "/history/lock/i_rwsem/",
    "table_history": "/history/inode_operations/",
    "compare": "/diff/",
    "diff": "/diff/v5.4..v6.8.1/",
    "diff_table": "/diff/v5.4..v6.8.1/inode_operations/",
    "porting": "/porting/",
    "notes": "/notes/",
    "commits": "/commits/",
    "commit": "/commits/640708a2cff7/",
    "document": "/doc/v6.8.1/Documentation/filesystems/locking.rst",
    "interface": "/api/",
}


@pytest.fixture(scope="module")
def client(bundled: Path) -> FlaskClient:
    return create_app(bundled).test_client()


@pytest.fixture(scope="module")
def described(client: FlaskClient) -> dict[str, Any]:
    found = client.get("/api/v1/openapi.json").get_json()
    assert isinstance(found, dict)
    return found


def address_of(client: FlaskClient, name: str) -> str:
    """An address of the route; of a note the first that the list has."""
    if name == "note":
        return str(client.get("/api/v1/notes/").get_json()["notes"][0]["href"])
    return ADDRESSES[name]


def conforms(value: Any, schema: dict[str, Any], schemas: dict[str, Any]) -> str | None:
    """What is wrong with the value, if anything; the parts of JSON Schema that the description uses."""
    if "$ref" in schema:
        return conforms(value, schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema:
        wrong = [conforms(value, option, schemas) for option in schema["anyOf"]]
        return None if None in wrong else f"none of {wrong}"
    if "enum" in schema:
        return None if value in schema["enum"] else f"{value!r} is not in {schema['enum']}"
    kinds: dict[str, Any] = {
        "string": str,
        "integer": int,
        "boolean": bool,
        "null": type(None),
        "array": list,
        "object": dict,
    }
    if value.__class__ is not kinds[schema["type"]]:
        return f"{value!r} is no {schema['type']}"
    if schema["type"] == "array":
        items = schema.get("prefixItems") or [schema["items"]] * len(value)
        wrong = [conforms(item, each, schemas) for item, each in zip(value, items, strict=True)]
        return next((one for one in wrong if one), None)
    if schema["type"] == "object":
        if set(value) != set(schema["required"]):
            return f"{sorted(set(value) ^ set(schema['required']))} too much or missing"
        wrong = [conforms(value[name], each, schemas) for name, each in schema["properties"].items()]
        return next((one for one in wrong if one), None)
    return None


IN_THE_CORPUS = [route for route in ROUTES if route.name not in ("porting_entry", "steps", "table_drift")]


@pytest.mark.parametrize("route", IN_THE_CORPUS, ids=lambda route: route.name)
def test_every_page_is_there_as_json_and_as_described(
    client: FlaskClient, described: dict[str, Any], route: Any
) -> None:
    address = address_of(client, route.name)
    response = client.get(f"/api/v1{address}", follow_redirects=True)
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    schemas = described["components"]["schemas"]
    assert conforms(response.get_json(), schemas[route.page.__name__], schemas) is None
    assert client.get(address).status_code in (200, 302)


def test_the_description_names_every_route(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    operations = [path["get"]["operationId"] for path in described["paths"].values()]
    assert sorted(operations) == sorted([*(route.name for route in ROUTES), "suggest"])
    text = json.dumps(described)
    for name in described["components"]["schemas"]:
        assert f'"#/components/schemas/{name}"' in text, f"{name} is described and never used"


@pytest.mark.parametrize("route", IN_THE_CORPUS, ids=lambda route: route.name)
def test_the_page_and_the_json_are_made_of_the_same_value(client: FlaskClient, bundled: Path, route: Any) -> None:
    app, rendered = create_app(bundled), []

    def keep(_: Flask, template: Any, context: dict[str, Any]) -> None:
        if "page" in context:
            rendered.append(context["page"])

    address = address_of(client, route.name)
    with template_rendered.connected_to(keep, app):
        assert app.test_client().get(address, follow_redirects=True).status_code == 200
    value = json.loads(json.dumps(to_json(rendered[-1])))
    assert client.get(f"/api/v1{value['address']}").get_json() == value


def test_the_facts_of_an_op(client: FlaskClient) -> None:
    op = client.get("/api/v1/v/v6.8.1/inode_operations/rename/").get_json()
    lock, *in_sentences = op["locks"]
    assert [each["lock"] for each in in_sentences] == ["->i_rwsem", "->s_vfs_rename_sem", "->i_rwsem", "->i_rwsem"]
    assert (lock["lock"], lock["subject"]) == ("i_rwsem(inode)", "i_rwsem")
    assert [chip["word"] for chip in lock["chips"]] == ["exclusive"]
    assert lock["citation"]["href"] == "/doc/v6.8.1/Documentation/filesystems/locking.rst#L104"
    assert lock["citation"]["kernel"].endswith("/Documentation/filesystems/locking.rst?h=v6.8.1#n104")
    assert [chip["word"] for chip in op["blocks"]["chips"]] == ["yes"]
    assert op["blocks"]["inherited"]
    assert op["prototypes"][0]["parameters"][0] == {"type": "struct mnt_idmap *", "name": None}


PAGE = (Path(__file__).resolve().parents[2] / "docs/addresses.rst").read_text("utf-8")
EXAMPLES = re.findall(r"^   curl .*http://127\.0\.0\.1:8080(/[^'\s]*)", PAGE, re.MULTILINE)


@pytest.mark.parametrize("address", EXAMPLES)
def test_the_documented_examples_are_answered(client: FlaskClient, address: str) -> None:
    response = client.get(address, follow_redirects=True)
    assert response.status_code == 200
    assert response.mimetype == ("text/csv" if address.endswith(".csv") else "application/json")
    assert len(response.data) > 100


def test_every_route_has_an_example_that_leads_to_it(ported: Path) -> None:
    visitor = create_app(ported).test_client()
    page = visitor.get("/api/v1/api/").get_json()
    assert [each["name"] for each in page["operations"]] == [route.name for route in ROUTES]
    for each in page["operations"]:
        assert visitor.get(each["example"]).status_code == 200, each["example"]
        assert visitor.get(each["page"]).status_code == 200, each["page"]


def test_a_search_comes_in_pages(client: FlaskClient) -> None:
    first = client.get("/api/v1/search?q=kind:op").get_json()
    second = client.get(f"/api/v1{first['next']}").get_json()
    names = [[hit["name"] for hit in page["hits"]] for page in (first, second)]
    assert second["offset"] == len(names[0]) < first["total"]
    assert not set(names[0]) & set(names[1])
    assert client.get(f"/api/v1{second['previous']}").get_json()["hits"] == first["hits"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/v/v6.8.1/inode_operations/renam/", 404),
        ("/api/v1/nothing", 404),
        ("/api/v1/v/v99/", 404),
        ("/api/v1/search?q=x&offset=no", 400),
        ("/api/v1/diff/v5.4..v6.8.1/?severity=dire", 400),
        ("/api/v1/diff/v5.4/", 404),
    ],
)
def test_errors_have_one_shape(client: FlaskClient, described: dict[str, Any], address: str, status: int) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert response.mimetype == "application/json"
    error = response.get_json()
    schemas = described["components"]["schemas"]
    assert conforms(error, schemas["Error"], schemas) is None
    assert error["error"]["status"] == status
    assert error["error"]["what"]


def test_what_is_not_there_has_near_names(client: FlaskClient) -> None:
    error = client.get("/api/v1/v/v6.8.1/inode_operations/renam/").get_json()["error"]
    first = {"text": "inode_operations.rename", "href": "/v/v6.8.1/inode_operations/rename/"}
    assert error["near"][0] == first


def test_other_ways_to_write_a_version_lead_to_the_canonical_address(client: FlaskClient) -> None:
    response = client.get("/api/v1/v/6.8.1/inode_operations/")
    assert response.headers["Location"] == "/api/v1/v/v6.8.1/inode_operations/"
    assert client.get("/api/v1/v/latest/").status_code == 302


@pytest.mark.parametrize("address", ["/", "/api/v1/locks/", "/api/v1/openapi.json", "/api/v1/nowhere", "/healthz"])
def test_no_web_page_from_elsewhere_may_read_it(client: FlaskClient, address: str) -> None:
    for method in ("GET", "OPTIONS", "HEAD"):
        response = client.open(address, method=method, headers={"Origin": "http://evil.example"})
        assert not [name for name, _ in response.headers if name.startswith("Access-Control-")]
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


def test_what_has_not_changed_may_be_kept(client: FlaskClient) -> None:
    response = client.get("/api/v1/locks/")
    again = client.get("/api/v1/locks/", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_suggestions_begin_like_what_is_typed(client: FlaskClient) -> None:
    found = client.get("/api/v1/suggest?q=d_reval").get_json()
    assert any("d_revalidate" in each["text"] for each in found)
    assert client.get("/api/v1/suggest?q=").get_json() == []


def test_a_search_names_things_and_marks_words(client: FlaskClient) -> None:
    page = client.get("/api/v1/search?q=which+lock+is+held+when+rename+is+called").get_json()
    assert page["total"] >= len(page["hits"]) > 0
    assert "inode_operations.rename" in [hit["name"] for hit in page["hits"][:3]]
    texts = [text for hit in page["hits"] for text in (hit["summary"], hit["snippet"]) if text]
    matched = {text["text"][first:last].lower() for text in texts for first, last in text["matches"]}
    assert {"rename", "lock"} & matched
    narrowed = client.get("/api/v1/search?q=rename&kind=op").get_json()
    assert {hit["kind"] for hit in narrowed["hits"]} == {"op"}


def test_the_porting_log_is_dated_by_the_versions_that_carry_an_entry(ported: Path) -> None:
    visitor = create_app(ported).test_client()
    groups = visitor.get("/api/v1/porting/").get_json()["groups"]
    dates = [(entry["after"], entry["since"]) for group in groups for entry in group["entries"]]
    assert dates == [("v6.1", "v6.2"), (None, "v6.1")]
    (new,) = groups[0]["entries"]
    assert (new["tag"], new["text"]) == ("recommended", "Reap in autumn.")
    page = visitor.get(f"/api/v1{new['href']}").get_json()
    assert page["versions"] == ["6.2"]
    assert page["older"]["href"] == groups[1]["entries"][0]["href"]
    for address in ("/porting/", new["href"]):
        assert visitor.get(address).status_code == 200


def test_the_steps_of_directory_locking_have_a_page_that_the_search_leads_to(ported: Path) -> None:
    visitor = create_app(ported).test_client()
    page = visitor.get("/api/v1/v/v6.2/directory-locking/").get_json()
    assert {each["subject"]: each["steps"] for each in page["operations"]} == {
        "looking": ["lock the barn (shared)"],
        "felling": ["lock the barn (exclusive)", "find the tree"],
        "moving": [
            "lock the filesystem",
            'lock the parents "ancestors first" (exclusive)',
            "lock the non-directories, in order of rising address",
        ],
    }
    found = visitor.get("/api/v1/search?q=felling").get_json()["hits"][0]
    assert found["href"] == f"{page['address']}#{page['operations'][1]['anchor']}"
    assert visitor.get("/api/v1/v/v6.2/").get_json()["steps"]["href"] == page["address"]
    assert visitor.get("/v/v6.1/directory-locking/").status_code == 404
