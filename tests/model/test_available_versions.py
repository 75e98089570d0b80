"""Versions that are asked for and not available: what stands for them, in the browser and in the interface."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kbase.build.pipeline import build
from kbase.errors import UnknownName
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.available_versions import Available
from kbase.model.witnesses import DocumentKind
from kbase.web import create_app

NOTE = "6.8 is read as v6.8.1, which represents release v6.8"


@pytest.fixture(scope="module")
def client(bundled: Path) -> FlaskClient:
    return create_app(bundled).test_client()


@pytest.mark.parametrize(
    ("asked", "address", "note"),
    [
        ("/v/6.8/inode_operations/rename/", "/v/v6.8.1/inode_operations/rename/?asked=6.8", NOTE),
        ("/v/v6.1/", "/v/v6.1.192/?asked=v6.1", "v6.1 is read as v6.1.192, which represents release v6.1"),
        ("/v/6.8.4/?x=1", "/v/v6.8.1/?x=1&asked=6.8.4", "6.8.4 is not available: v6.8.1 is used, which represents"),
        ("/v/latest/", "/v/v7.1.5/", ""),
        ("/v/6.8.1/", "/v/v6.8.1/", ""),
        ("/diff/5.4..6.8/", "/diff/v5.4..v6.8.1/?asked=5.4..6.8", NOTE),
        ("/compare?from=5.4&to=6.8", "/diff/v5.4..v6.8.1/?asked=5.4..6.8", NOTE),
        ("/doc/6.8/Documentation/filesystems/vfs.rst", "/doc/v6.8.1/Documentation/filesystems/vfs.rst?asked=6.8", NOTE),
    ],
)
def test_a_release_leads_to_the_version_that_stands_for_it(
    client: FlaskClient, asked: str, address: str, note: str
) -> None:
    for prefix in ("", "/api/v1"):
        if prefix and asked.startswith("/compare"):
            continue
        moved = client.get(prefix + asked)
        assert (moved.status_code, moved.location) == (302, prefix + address)
        found = client.get(moved.location)
        assert found.status_code == 200
        told = "".join(found.get_json()["version_notes"]) if prefix else found.text
        assert note in told
        assert ("which represents release" in told) is bool(note)


def test_a_page_takes_no_note_that_is_not_about_it(client: FlaskClient) -> None:
    for asked in ("v6.1", "<script>", "v6.8.1", "9.9", "..", "v6.1..v6.12"):
        page = client.get("/v/v6.8.1/", query_string={"asked": asked})
        assert (page.status_code, "stands for release" in page.text, "<script>" in page.text) == (200, False, False)


def test_a_release_chosen_in_a_form_is_answered_in_place(client: FlaskClient) -> None:
    page = client.get("/porting/?from=6.1&to=6.8")
    assert (page.status_code, NOTE in page.text) == (200, True)
    assert NOTE in client.get("/search?q=rename&version=6.8").text
    assert client.get("/api/v1/search?q=rename&version=6.8").get_json()["note"] == NOTE
    assert client.get("/search?q=rename&version=5.4..6.8").status_code == 200


def test_an_address_of_a_release_that_is_not_available_names_the_nearest(client: FlaskClient) -> None:
    for address in ("/v/6.15/", "/v/v6.15/inode_operations/rename/", "/diff/6.15..7.0/", "/compare?from=6.15&to=7.0"):
        page = client.get(address)
        assert (page.status_code, "the nearest are v6.14 and v6.17-rc6" in page.text) == (404, True)


DOCUMENTS = (DocumentKind.LOCKING, DocumentKind.VFS)
SOME = Available(
    {
        "v6.1": (DocumentKind.PORTING,),
        "v6.2.9": DOCUMENTS,
        "v6.2.3": (DocumentKind.VFS,),
        "v6.10.1": DOCUMENTS,
        "v6.11-rc2": DOCUMENTS,
        "v6.12": (DocumentKind.PORTING,),
    },
    ("v6.2.9", "v6.2.3", "v6.10.1", "v6.11-rc2"),
)


@pytest.mark.parametrize(
    ("asked", "label"),
    [
        ("6.2", "v6.2.9"),  # it has all documents
        ("6.2.3", "v6.2.3"),
        ("6.2.4", "v6.2.9"),
        ("6.1", "v6.1"),
        ("6.10", "v6.10.1"),
        ("6.11", "v6.11-rc2"),  # a candidate, for want of anything else
        ("latest", "v6.11-rc2"),  # v6.12 has no ops tables
    ],
)
def test_what_stands_for_a_release(asked: str, label: str) -> None:
    assert SOME.interpret(asked).label == label


def test_the_latest_version_has_ops_tables(tmp_path: Path, tree: Callable[[Path, str], Path]) -> None:
    porting = tree(tmp_path / "v9.9", "") / "Documentation/filesystems/porting.rst"
    porting.write_text("Porting\n=======\n\n---\n\n**mandatory**\n\n->sow() takes a spade.\n")
    build(tmp_path / "db", [str(tmp_path / "v9.9")])
    with closing(KnowledgeBase.open(tmp_path / "db")) as kb:
        assert kb.labels()[-1] == "v9.9"
        assert kb.latest() == "v6.12.117"
        assert kb.search("rename version:latest").hits[0].version == "v6.12.117"
        served = create_app(kb).test_client()
        assert served.get("/v/latest/inode_operations/rename/").location == "/v/v6.12.117/inode_operations/rename/"
        assert "Ops in v6.12.117" in served.get("/").text


@pytest.mark.parametrize("asked", ["6.3", "6.1-rc1", "6.2-9.el9", "6", "6.20", "7.0"])
def test_what_nothing_stands_for(asked: str) -> None:
    with pytest.raises(UnknownName, match=r"not available; the nearest are v6\.\S+ and v6\.\S+$"):
        SOME.interpret(asked)


def test_where_no_kernel_is_available_latest_is_of_what_else_there_is() -> None:
    others = Available({"aufs5.4": (), "aufs6.1": ()}, ())
    assert (others.interpret("latest").label, others.interpret("aufs").label) == ("aufs6.1", "aufs6.1")
    with pytest.raises(UnknownName, match=r"version 6\.8 is not available; available: aufs5\.4, aufs6\.1"):
        others.interpret("6.8")
    with pytest.raises(UnknownName, match=r"no version is available$"):
        Available({}, ()).interpret("latest")


def test_a_version_without_such_documents_interrupts_no_range() -> None:
    header, vfs, porting = DocumentKind.HEADER, DocumentKind.VFS, DocumentKind.PORTING
    kinds = {
        "v4.13": (header, vfs),
        "v4.14.194": (vfs,),
        "v4.15": (header, vfs),
        "v4.16": (porting,),
        "v4.17": (header,),
        "v4.18": (header, vfs),
    }
    of_kernel = Available(kinds, kinds)
    assert of_kernel.ranges(("v4.13", "v4.15", "v4.17"), (header,)) == ("4.13 to 4.17",)
    assert of_kernel.ranges(("v4.13", "v4.15", "v4.18"), (header, vfs)) == ("4.13 to 4.15", "4.18")
    assert of_kernel.ranges(("v4.13", "v4.15", "v4.18"), (vfs,)) == ("4.13", "4.15 to 4.18")
    assert of_kernel.ranges(("v4.13", "v4.15", "v4.18"), (vfs,), among=("v4.13", "v4.15", "v4.18")) == ("4.13 to 4.18",)
