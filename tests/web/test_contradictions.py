"""A contradiction about an op's rules is marked wherever the rules are shown."""

from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from kbase.cli import cli
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.sphinx.facts import merged, op_facts
from kbase.sphinx.matrix import matrix
from kbase.sphinx.render import render
from kbase.web import create_app
from tests.web.page_trees import by_class, parsed, text_of

OP, TABLE = "/v/v6.8.1/inode_operations/get_inode_acl/", "/v/v6.8.1/inode_operations/"
BOTH = ("all may block", "With rcu set it must not sleep")


@pytest.fixture(scope="module")
def client(bundled: Path) -> FlaskClient:
    return create_app(bundled).test_client()


def test_the_page_of_an_op_has_both_statements_beside_the_rule(client: FlaskClient) -> None:
    _, blocks, _ = by_class(parsed(client.get(OP).text), "answer")
    assert "Contradiction about whether it may block" in text_of(blocks)
    assert all(words in text_of(blocks) for words in BOTH)
    assert "locking.rst:91" in text_of(blocks)
    assert "inode_operations.rst:" in text_of(blocks)
    assert not by_class(parsed(client.get(OP.replace("get_inode_acl", "permission")).text), "contradiction")


def test_the_matrix_marks_the_row(client: FlaskClient) -> None:
    rows = list(parsed(client.get(TABLE).text).iter("tr"))
    marked = [row for row in rows if by_class(row, "contradiction")]
    assert [text_of(row.find("th")).split()[0] for row in marked] == ["get_link", "get_inode_acl"]


def test_the_page_of_a_version_lists_it(client: FlaskClient) -> None:
    found = by_class(parsed(client.get("/v/v6.8.1/").text), "contradiction")
    words = "Contradiction about whether it may block (in RCU mode nothing may):"
    assert [text_of(each) for each in found] == [words] * 2


def test_json_has_it(client: FlaskClient) -> None:
    (found,) = client.get(f"/api/v1{OP}").get_json()["contradictions"]
    assert (found["kind"], found["lock"]) == ("rcu", None)
    assert [found[side]["ours"] for side in ("first", "second")] == [False, True]
    assert found["first"]["citation"]["line"] == 91
    rows = client.get(f"/api/v1{TABLE}").get_json()["rows"]
    assert [row["op"] for row in rows if row["contradictions"]] == ["get_link", "get_inode_acl"]


@pytest.mark.parametrize(
    "command", [("show", "inode_operations.get_inode_acl"), ("show", "inode_operations"), ("check",)]
)
def test_the_terminal_prints_it(bundled: Path, command: tuple[str, ...]) -> None:
    done = CliRunner().invoke(cli, [*command, "--version", "v6.8.1", "--db", str(bundled)])
    assert done.exit_code == 0
    printed = " ".join(done.output.split())
    assert "ontradiction about whether it may block" in printed
    assert all(words in printed for words in BOTH)


def test_the_reference_has_it(bundled: Path) -> None:
    with closing(KnowledgeBase.open(bundled)) as kb:
        (facts,) = merged(
            op_facts(kb.op(label, "inode_operations", "get_inode_acl"), kb.state(label)) for label in ("v6.8.1",)
        )
        rules = render("rules.rst", {"facts": facts})
        page, others = matrix(kb, "v6.8.1", "inode_operations")
        table = render("matrix.rst", {"matrix": page, "others": others})
    assert "**Contradiction** about whether it may block" in rules
    assert all(words in rules for words in BOTH)
    assert table.count("≠") == 4  # a mark for each of two ops, and what each means
