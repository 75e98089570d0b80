"""Compatibility data: the schema, dates that are known, and a program of ten lines that reads them."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.knowledge.since import since_data

HERE = Path(__file__).parent
SCHEMA = json.loads((HERE.parent.parent / "docs/static/since.schema.json").read_text())


@pytest.fixture(scope="module")
def data(bundled: Path) -> Iterator[dict[str, Any]]:
    with closing(KnowledgeBase.open(bundled)) as kb:
        yield since_data(kb)


def test_it_is_what_the_schema_says(data: dict[str, Any]) -> None:
    jsonschema_rs.validator_for(SCHEMA).validate(data)


def test_the_schema_refuses_what_is_no_date(data: dict[str, Any]) -> None:
    broken = {**data, "ops": {"a": {"b": {**data["ops"]["inode_operations"]["rename"], "header": [{"since": "4.9"}]}}}}
    assert not jsonschema_rs.validator_for(SCHEMA).is_valid(broken)


def test_headers_and_documents_are_dated_apart(data: dict[str, Any]) -> None:
    op = data["ops"]["file_operations"]["iterate_shared"]
    assert [period["since"]["release"] for period in op["header"]] == ["4.7"]
    assert [period["since"]["release"] for period in op["documented"]] == ["4.18"]


def test_a_gap_is_a_range_and_the_oldest_version_no_date(data: dict[str, Any]) -> None:
    ops = data["ops"]["inode_operations"]
    (retyped,) = (c for c in ops["mkdir"]["changed"] if c["kind"] == "return-type-changed")
    assert retyped["date"] == {"release": None, "after": "v6.14", "by": "v6.17-rc6"}
    assert ops["mkdir"]["header"] == [{"since": {"release": None, "after": None, "by": "v2.4.0"}, "removed": None}]


def test_dates_are_counted(data: dict[str, Any]) -> None:
    assert 0.8 * data["dates"]["of"] < data["dates"]["exact"] < data["dates"]["of"]


def test_a_program_of_ten_lines_reads_it(data: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "since.json"
    file.write_text(json.dumps(data))
    program = HERE / "since_consumer.mjs"
    assert len(program.read_text().splitlines()) <= 10
    done = subprocess.run(["node", program, file, "2.6.34", "2.6.36"], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert "2.6.36 removed super_operations.delete_inode" in lines
    assert "2.6.36 added super_operations.evict_inode" in lines
    assert all(line.split()[0] in ("2.6.35", "2.6.36") for line in lines)
