"""Drift of documents and headers is marked wherever the prototype is shown, and has pages of its own."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from kbase.build.pipeline import build
from kbase.cli import cli
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.drift import table_drift_page
from kbase.pages.routes import page_at
from kbase.sphinx.facts import op_facts
from kbase.sphinx.matrix import matrix
from kbase.sphinx.render import render
from kbase.web import create_app
from tests.web.page_trees import by_class, parsed, text_of
from tests.web.test_api import conforms

VFS = """\
Overview of the Linux Virtual File System
=========================================

struct file_operations
----------------------

.. code-block:: c

	struct file_operations {
		int (*open)(struct inode *, struct file *);
		int (*flush)(struct file *);
	};
"""
LOCKING = """\
Locking
=======

file_operations
===============

prototypes::

	int (*open)(struct inode *, struct file *);
	int (*flush)(struct file *);

locking rules:
	All may block.
"""
HEADER = """\
struct file_operations {
	int (*open)(struct inode *, struct file *);
	int (*flush)(struct file *, long);
};
"""
OP, TABLE = "/v/v9.1/file_operations/flush/", "/v/v9.1/file_operations/"
STATEMENT = "flush has an undocumented parameter 2, long"


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three kernels: both documents drift in v9.1 and one in v9.2; v9.3 has no headers."""
    folder = tmp_path_factory.mktemp("drift")
    fixed = VFS.replace("(*flush)(struct file *)", "(*flush)(struct file *, long)")
    for version, vfs in (("v9.1", VFS), ("v9.2", fixed), ("v9.3", fixed)):
        files = {"Documentation/filesystems/vfs.rst": vfs, "Documentation/filesystems/locking.rst": LOCKING}
        files |= {"include/linux/fs.h": HEADER} if version != "v9.3" else {}
        for path, text in files.items():
            (folder / version / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / version / path).write_text(text)
    (folder / "corpus").mkdir()
    versions = [f"{version}={folder / version}" for version in ("v9.1", "v9.2", "v9.3")]
    build(folder / "db", versions, corpus=folder / "corpus")
    return folder / "db"


@pytest.fixture(scope="module")
def client(db: Path) -> FlaskClient:
    return create_app(db).test_client()


@pytest.fixture
def kb(db: Path) -> Iterator[KnowledgeBase]:
    with closing(KnowledgeBase.open(db)) as kb:
        yield kb


def test_the_page_of_an_op_has_one_sentence_below_the_prototypes(client: FlaskClient) -> None:
    (prototypes,) = by_class(parsed(client.get(OP).text), "prototypes")
    sentence = f"Drift: {STATEMENT} locking.rst:10 vfs.rst:11 against fs.h:3 wrong for 1 release, since 9.1 or earlier"
    assert sentence in " ".join(text_of(prototypes).split())
    assert len(by_class(prototypes, "drift")) == 1
    assert not by_class(parsed(client.get(OP.replace("flush", "open")).text), "drift")
    assert not by_class(parsed(client.get(OP.replace("v9.1", "v9.3")).text), "drift")


def test_the_matrix_marks_the_row(client: FlaskClient) -> None:
    marked = [row for row in parsed(client.get(TABLE).text).iter("tr") if by_class(row, "drift")]
    assert [text_of(row.find("th")).split()[0] for row in marked] == ["flush"]


def test_the_page_of_a_version_leads_to_its_drift(client: FlaskClient) -> None:
    assert 'href="/v/v9.1/drift/">2 disagreements<' in client.get("/v/v9.1/").text
    assert "/v/v9.3/drift/" not in client.get("/v/v9.3/").text
    page = client.get("/api/v1/v/v9.1/drift/").get_json()
    ((table,), agreeing) = page["tables"], page["agreeing"]
    assert (table["struct"], [found["document"] for found in table["found"]]) == ("file_operations", ["locking", "vfs"])
    assert agreeing == []
    assert [found["citation"]["line"] for found in table["found"]] == [10, 11]
    assert {found["header_citation"]["line"] for found in table["found"]} == {3}


def test_a_version_without_headers_is_not_said_to_agree(client: FlaskClient) -> None:
    text = text_of(parsed(client.get("/v/v9.3/drift/").text))
    assert "v9.3 has no headers" in text
    assert "kbase build v9.3=TREE" in text
    assert "disagreements in" not in text


def test_versions_and_tables(client: FlaskClient) -> None:
    page = client.get("/api/v1/drift/").get_json()
    assert [(each["version"], each["total"], each["counts"]) for each in page["versions"]] == [
        ("v9.2", 1, [1]),
        ("v9.1", 2, [2]),
    ]
    assert page["without_headers"] == ["v9.3"]
    assert client.get("/drift/table.csv").text.split() == ["version,all,file_operations", "v9.2,1,1", "v9.1,2,2"]


def test_what_is_wrong_for_the_longest_time_comes_first(client: FlaskClient) -> None:
    (longest,) = client.get("/api/v1/drift/").get_json()["longest"]
    assert (longest["citation"]["version"], longest["document"], longest["releases"]) == ("v9.2", "locking", 2)
    assert "wrong for 2 releases, since 9.1 or earlier" in text_of(parsed(client.get("/drift/").text))


def test_a_table_in_all_versions(client: FlaskClient, kb: KnowledgeBase) -> None:
    lasting = table_drift_page(kb, "file_operations").lasting
    assert [(each.found.document, each.found.since, each.last, each.found.releases) for each in lasting] == [
        ("locking", "9.1", "v9.2", 2),
        ("vfs", "9.1", "v9.1", 1),
    ]
    assert [each.stands for each in lasting] == [True, False]
    rows = [row for row in parsed(client.get("/drift/file_operations/").text).iter("tr") if row.find("td") is not None]
    cells = [[" ".join(text_of(cell).split()) for cell in row.iter("td")] for row in rows]
    assert [row[:3] for row in cells] == [["2", "9.1 or earlier", "still"], ["1", "9.1 or earlier", "v9.1"]]
    assert "has an undocumented parameter 2, long locking.rst:10" in cells[0][3]
    missing = client.get("/drift/file_operation/")
    assert (missing.status_code, "did you mean file_operations?" in missing.text) == (404, True)


@pytest.mark.parametrize("address", ["/v/v9.1/drift/", "/drift/", "/drift/file_operations/", OP, TABLE])
def test_json_is_as_described(client: FlaskClient, kb: KnowledgeBase, address: str) -> None:
    schemas = client.get("/api/v1/openapi.json").get_json()["components"]["schemas"]
    page = type(page_at(kb, address)).__name__
    assert conforms(client.get(f"/api/v1{address}").get_json(), schemas[page], schemas) is None


def test_json_of_the_op(client: FlaskClient) -> None:
    locking, vfs = client.get(f"/api/v1{OP}").get_json()["drift"]
    assert (locking["document"], vfs["document"], vfs["kind"]) == ("locking", "vfs", "differs")
    assert vfs["header"] == "int (*flush)(struct file *, long)"
    rows = client.get(f"/api/v1{TABLE}").get_json()["rows"]
    assert [row["op"] for row in rows if row["drift"]] == ["flush"]


@pytest.mark.parametrize("name", ["file_operations.flush", "file_operations"])
def test_the_terminal_prints_it(db: Path, name: str) -> None:
    done = CliRunner().invoke(cli, ["show", name, "--version", "v9.1", "--db", str(db)])
    printed = " ".join(done.output.split())
    assert f"Drift: {STATEMENT} (locking.rst:10, vfs.rst:11 against fs.h:3); wrong for 1 release, since 9.1" in printed


def test_the_reference_has_it(kb: KnowledgeBase) -> None:
    drift = kb.drift.of_version("v9.1", "file_operations", "flush")
    facts = op_facts(kb.op("v9.1", "file_operations", "flush"), kb.state("v9.1"), drift)
    prototypes = render("prototypes.rst", {"facts": facts, "declare": True})
    page, others = matrix(kb, "v9.1", "file_operations")
    table = render("matrix.rst", {"matrix": page, "others": others})
    assert "**Drift**: ``flush`` has an undocumented parameter 2, long (" in prototypes
    assert table.count("Δ") == 1  # what it means; the op has no row
