"""Facts of the bundled corpus, drawn at random, stand on the same lines of the real documents and headers."""

import json
import re
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from kbase.knowledge.export import ExportKind, export_lines
from kbase.knowledge.knowledge_base import KnowledgeBase
from tests.header_files import header_facts

VERSIONS, FACTS = 40, 500
SEED = 18
MISSPELLED = {"permission": "perm", "wppage": "wpppage"}  # rows of 2.4.0
NAMELESS = ("read_super",)  # in 2.4.0 the only op of its table
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
pytestmark = pytest.mark.slow


def packed(text: str) -> str:
    """Code without comments and white space."""
    return "".join(COMMENT.sub("", text).split())


def real_lines(shared: Path, version: str, path: str, line: int) -> str:
    """The line that is cited, and what may go on from it."""
    text = (shared / "kernels" / version / path).read_text("utf-8", "replace")
    return "\n".join(text.split("\n")[line - 1 : line + 7])


def prototype_fault(shared: Path, op: dict, fact: dict) -> str:
    """Why the real document or header does not state the prototype; empty if it does."""
    if fact["document"] == "header":
        stated = header_facts(shared, op["version"])[op["struct"]]["ops"][op["name"]]
        if (f"include/{stated['file']}", stated["line"]) != (fact["path"], fact["line"]):
            return f"stands in {stated['file']}:{stated['line']}"
        return "" if packed(stated["declaration"]).rstrip(";") == packed(fact["text"]) else stated["declaration"]
    lines = real_lines(shared, op["version"], fact["path"], fact["line"])
    if fact.get("repair") or fact["malformed"]:
        return "" if op["name"] in lines.partition("\n")[0] else lines
    return "" if packed(lines).startswith(packed(fact["text"])) else lines


def rule_fault(shared: Path, op: dict, fact: dict) -> str:
    """Why the row of the real table does not have the cell; empty if it does.

    What sentences state is in our own words: tests/knowledge/test_restated.py compares all of it.
    """
    before, row, *after = real_lines(shared, op["version"], fact["path"], fact["line"] - 1).split("\n")
    words, name = " ".join([row, *after]), MISSPELLED.get(op["name"], op["name"])
    named = name in row or name in before or name in NAMELESS  # a long name has a line of its own
    return "" if named and all(word in words for word in fact["cell"].split()) else row


def test_random_facts_stand_where_the_corpus_says(bundled: Path, shared: Path) -> None:
    draw = Random(SEED)
    with closing(KnowledgeBase.open(bundled)) as kb:
        labels = draw.sample(kb.labels("linux"), VERSIONS)
        ops = [json.loads(line) for label in labels for line in export_lines([kb.state(label)], [ExportKind.OP])]
    facts = [(prototype_fault, op, fact) for op in ops for fact in op["prototypes"]]
    facts += [(rule_fault, op, fact) for op in ops for fact in op["locks"] if fact["source"] == "table"]
    drawn = draw.sample(facts, FACTS)
    assert {check for check, *_ in drawn} == {prototype_fault, rule_fault}
    faults = [
        (op["version"], op["name"], fact, fault) for check, op, fact in drawn if (fault := check(shared, op, fact))
    ]
    assert not faults
