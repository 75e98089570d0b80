"""The headers of two whole kernels, Debian's packages, against what a compiler and a careful reading found in them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from kbase.kernel.tables import HEADER_TABLES
from kbase.model.records import Diagnostic, OpsTable, Prototype
from kbase.parsers import headers
from kbase.sources.raw_documents import RawDocument
from kbase.sources.readers import read
from kbase.sources.source import parse_source
from kbase.text.saved_pages import unwrap
from tests.header_files import header_facts, header_files

TOKEN = re.compile(r"\w+|[^\w\s]")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["6.1", "6.12"])
def kernel(request: pytest.FixtureRequest) -> list[RawDocument]:
    """The headers with ops tables in Debian's archive of a kernel."""
    archive = Path(f"/usr/src/linux-source-{request.param}.tar.xz")
    if not archive.is_file():
        pytest.skip(f"the Debian package linux-source-{request.param} is not installed")
    return [document for document in read(parse_source(str(archive))) if document.path.endswith(".h")]


def truth(shared: Path, version: str | None) -> tuple[dict[str, Any], bool]:
    """The header facts of that version, or of another one of its release; and whether they are of that very version."""
    exact = shared / "kernels" / str(version) / "headers.json"
    release = ".".join(str(version).split(".")[:2])
    file = exact if exact.is_file() else next(shared.glob(f"kernels/{release}.*/headers.json"))
    return json.loads(file.read_text("utf-8")), file == exact


def tokens(declaration: str) -> list[str]:
    return TOKEN.findall(declaration.rstrip(";"))


def test_every_op_and_nothing_more(kernel: list[RawDocument], shared: Path) -> None:
    expected, exact = truth(shared, kernel[0].version)
    found: dict[tuple[str, str], list[tuple[str, Prototype]]] = {}
    for document in kernel:
        parsed = headers.parse(document.path, unwrap(document.path, document.data), "blob")
        assert not any(isinstance(record, Diagnostic) for record in parsed.records), document.path
        for record in parsed.records:
            if isinstance(record, Prototype):
                found.setdefault((record.struct, record.op), []).append((document.path, record))
            if isinstance(record, OpsTable) and exact:
                assert record.evidence.first == expected[record.name]["line"], record
    assert set(found) == {(struct, op) for struct, table in expected.items() for op in table["ops"]}
    for (struct, op), prototypes in found.items():
        fact = expected[struct]["ops"][op]
        for path, prototype in prototypes:
            assert tokens(prototype.text) == tokens(fact["declaration"])
            assert path == f"include/{fact['file']}"
            assert prototype.condition == condition(fact["conditions"])
            if exact:
                assert prototype.evidence.first == fact["line"]


def condition(directives: list[str]) -> str | None:
    """The condition that directives make: `CONFIG_A`, `!CONFIG_A`."""
    words = {"#ifdef": "", "#ifndef": "!", "#if": ""}
    pairs = (directive.split(" ", 1) for directive in directives)
    return " && ".join(words[word] + rest for word, rest in pairs) or None


def test_the_tables_are_those_of_every_release(shared: Path) -> None:
    rows = (shared / "kernels/structs.tsv").read_text("utf-8").splitlines()[1:]
    assert {row.split("\t")[0] for row in rows} == HEADER_TABLES


def test_the_facts_of_every_release_are_read(shared: Path) -> None:
    for file in sorted(shared.glob("kernels/*/headers.json")):
        facts = header_facts(shared, file.parent.name)
        found = {}
        for path, text in header_files(facts).items():
            for record in headers.parse(path, unwrap(path, text.encode()), "blob").records:
                assert not isinstance(record, Diagnostic), (file, record)
                if isinstance(record, Prototype):
                    key = (record.struct, record.op)
                    found[key] = tokens(record.text), record.evidence.first, record.condition
        assert found == {
            (struct, op): (tokens(fact["declaration"]), fact["line"], condition(fact["conditions"]))
            for struct, table in facts.items()
            for op, fact in table["ops"].items()
        }, file
