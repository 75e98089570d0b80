"""What can be taken along for a spreadsheet."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from kbase.web import create_app


@pytest.fixture(scope="module")
def client(bundled: Path) -> FlaskClient:
    return create_app(bundled).test_client()


def test_a_table_can_be_taken_along(client: FlaskClient) -> None:
    response = client.get("/v/v6.8.1/inode_operations/table.csv")
    assert response.mimetype == "text/csv"
    rows = {row["op"]: row for row in csv.DictReader(io.StringIO(response.get_data(as_text=True)))}
    assert rows["create"]["i_rwsem(inode)"] == "exclusive"
    assert rows["create"]["may block"] == "yes"
    assert (rows["create"]["version"], rows["create"]["line"]) == ("v6.8.1", "97")
    assert client.get("/v/v6.8.1/no_operations/table.csv").status_code == 404


def rows_of(client: FlaskClient, address: str) -> list[dict[str, str]]:
    response = client.get(address)
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].endswith('.csv"')
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))


def test_every_table_has_the_rows_of_its_page(client: FlaskClient) -> None:
    def page(address: str) -> dict[str, Any]:
        return client.get(f"/api/v1{address}").get_json()  # type: ignore[no-any-return]

    assert [row["version"] for row in rows_of(client, "/table.csv")] == [
        each["version"] for each in page("/")["versions"]
    ]
    tables = [each["name"] for each in page("/v/v6.8.1/")["tables"]]
    assert [row["table"] for row in rows_of(client, "/v/v6.8.1/table.csv")] == tables
    assert [row["lock"] for row in rows_of(client, "/locks/table.csv")] == [
        x["subject"] for x in page("/locks/")["locks"]
    ]
    uses = [use for group in page("/locks/i_rwsem/")["groups"] for use in group["uses"]]
    spans = rows_of(client, "/locks/i_rwsem/table.csv")
    assert len(spans) == sum(len(use["spans"]) for use in uses)
    assert all(row["path"] and int(row["line"]) for row in spans)
    assert len(rows_of(client, "/diff/v5.4..v6.8.1/table.csv")) == page("/diff/v5.4..v6.8.1/")["total"]
    steps = {row["step"] for row in rows_of(client, "/history/inode_operations.tmpfile/table.csv")}
    assert steps == {each["title"] for each in page("/history/inode_operations.tmpfile/")["events"] if each["changes"]}


def test_evidence_can_be_taken_along(client: FlaskClient) -> None:
    op = rows_of(client, "/v/v6.8.1/inode_operations/create/table.csv")
    assert any(row["path"].endswith("locking.rst") and row["line"] == "97" and "exclusive" in row["text"] for row in op)
    assert all(row["facts"] and row["version"] == "v6.8.1" for row in op)
    document = rows_of(client, "/doc/v6.8.1/Documentation/filesystems/locking.rst/table.csv")
    told = {(row["name"], row["fact"], row["line"]) for row in document}
    assert ("create", "i_rwsem(inode): exclusive", "97") in told
    page = client.get("/api/v1/doc/v6.8.1/Documentation/filesystems/locking.rst").get_json()
    assert len([row for row in document if row["name"]]) == page["facts"]
    assert client.get("/doc/v6.8.1/no.rst/table.csv").status_code == 404
