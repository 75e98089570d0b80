"""A page added with three files: its value, its template, a line of the registry. The rest follows."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kbase import places

VALUE = '''\
"""The page of short ops."""

from dataclasses import dataclass

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.parts import Citation, Link, Page, cite


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortOp:
    """An op with a short prototype."""

    op: Link
    length: int
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortOpsPage(Page):
    """The ops of a table with short prototypes."""

    version: str
    ops: tuple[ShortOp, ...]


def short_ops_page(kb: KnowledgeBase, version: str, struct: str) -> ShortOpsPage:
    ops = [op for op in kb.table(version, struct).ops if op.prototypes]
    return ShortOpsPage(
        title=f"Short ops of {struct} in {version}",
        address=f"/v/{version}/{struct}/short-ops/",
        about="The ops that are declared in few letters.",
        version=version,
        ops=tuple(
            ShortOp(
                op=Link(text=op.name, href="/"),
                length=len(op.prototypes[0].record.text),
                citation=cite(op.prototypes[0]),
            )
            for op in ops
        ),
    )
'''
TEMPLATE = """\
{% extends "base.html" %}
{% block main %}
<h1>{{ page.title }}</h1>
<ul>{% for each in page.ops %}<li>{{ each.op.text }}</li>{% endfor %}</ul>
{% endblock %}
"""
ROUTE = '    _page("short_ops", "/v/<version>/<struct>/short-ops/", short_ops.short_ops_page, "short ops"),\n'
SCRIPT = """
import json, sys
from pathlib import Path
from kbase.web import create_app
client = create_app(Path(sys.argv[1])).test_client()
address = "/v/v6.8.1/inode_operations/short-ops/"
found = {name: client.get(where).text for name, where in {
    "html": address, "json": "/api/v1" + address, "csv": address + "table.csv",
    "openapi": "/api/v1/openapi.json", "moved": "/v/6.8.1/inode_operations/short-ops/", "api": "/api/",
}.items()}
json.dump(found, sys.stdout)
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program with the page added."""
    root = tmp_path_factory.mktemp("program")
    shutil.copytree(places.PACKAGE, root / "kbase", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(places.templates(""), root / "templates")
    (root / "kbase/pages/short_ops.py").write_text(VALUE)
    (root / "templates/web/short_ops.html").write_text(TEMPLATE)
    registry = root / "kbase/pages/routes.py"
    text = registry.read_text().replace("ROUTES: tuple[Route, ...] = (\n", f"ROUTES: tuple[Route, ...] = (\n{ROUTE}")
    registry.write_text(text.replace("    search,\n", "    search,\n    short_ops,\n", 1))
    return root


def run(program: Path, *arguments: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(program)}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=program, env=environment, check=True, capture_output=True, text=True).stdout


def test_a_page_of_three_files_has_all_formats(program: Path, bundled: Path) -> None:
    found = json.loads(run(program, "-c", SCRIPT, str(bundled)))
    assert "<li>rename</li>" in found["html"]
    assert "Download CSV" in found["html"]
    assert found["moved"] == ""  # a redirect to the canonical version
    page = json.loads(found["json"])
    assert {"op", "length", "citation"} == set(page["ops"][0])
    head, first, *_ = found["csv"].splitlines()
    assert head == "op,length,version,path,line"
    assert first.startswith(f"{page['ops'][0]['op']['text']},{page['ops'][0]['length']},v6.8.1,include/linux/fs.h,")
    described = json.loads(found["openapi"])
    operation = described["paths"]["/v/{version}/{struct}/short-ops/"]["get"]
    assert [parameter["name"] for parameter in operation["parameters"]] == ["version", "struct"]
    assert "length" in described["components"]["schemas"]["ShortOp"]["properties"]
    assert "short-ops" in found["api"]


def test_a_page_of_three_files_is_shown_on_the_terminal(program: Path, bundled: Path) -> None:
    address = "/v/latest/inode_operations/short-ops/"
    shown = run(program, "-m", "kbase", "show", "--db", str(bundled), address)
    assert shown.startswith("Short ops of inode_operations in v7.1.5")
    assert any(line.split()[:1] == ["rename"] for line in shown.splitlines())
    assert json.loads(run(program, "-m", "kbase", "show", "--json", "--db", str(bundled), address))["ops"]
