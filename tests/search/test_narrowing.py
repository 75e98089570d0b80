"""Searches that are narrowed more than once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kbase.web import create_app


@pytest.fixture(scope="module")
def client(bundled: Path) -> FlaskClient:
    return create_app(bundled).test_client()


def narrowed(client: FlaskClient, address: str) -> Iterator[tuple[str, str, int]]:
    """A search narrowed by the first value of one facet, then of another, and so on: facet, address, hits promised."""
    used = set[str]()
    while True:
        facets = client.get(f"/api/v1{address}").get_json()["facets"]
        free = ((f["name"], value) for f in facets for value in f["values"] if not value["chosen"])
        name, value = next(((name, value) for name, value in free if name not in used), ("", None))
        if value is None:
            return
        used.add(name)
        address = value["href"]
        yield name, address, value["count"]


@pytest.mark.parametrize(
    "start",
    [
        "/search?q=which+lock+is+held+when+rename+is+called",
        "/search?q=lock%3Ai_rwsem",
        "/search?q=which+dentry+ops+cannot+sleep",
        "/search?q=ops+in+5.4",
    ],
)
def test_searches_narrowed_more_than_once_have_the_hits_they_promise(client: FlaskClient, start: str) -> None:
    steps = list(narrowed(client, start))
    for _, address, count in steps:
        assert client.get(address).status_code == 200, address
        assert client.get(f"/api/v1{address}").get_json()["total"] == count, address
    assert len(steps) > 2
    assert [count for *_, count in steps] == sorted((count for *_, count in steps), reverse=True)
