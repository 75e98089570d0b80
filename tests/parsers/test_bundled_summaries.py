"""The summaries that we ship: there is one for every op, short, and none contradicts another."""

import json
from collections import defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from kbase import places
from kbase.model.records import (
    Description,
    Format,
    LockRule,
    OpRow,
    Parsed,
    Prototype,
    Record,
    Summary,
)
from kbase.model.states import Cited, DocumentRef
from kbase.model.versions import parse_version
from kbase.model.witnesses import DocumentKind
from kbase.parsers import parse
from kbase.store.assembly import by_op, fitting_summary
from kbase.text.saved_pages import unwrap

CORPUS = places.corpus()
FILES = sorted((CORPUS / "summaries").glob("*.rst"))
CANONICAL = {"file_system_operations": "file_system_type"}  # how some documents write it
ANY = DocumentRef(
    version="", path="", blob="", kind=DocumentKind.SUMMARY, format=Format.RST, title="", source="bundled", bundled=True
)


def read(path: Path) -> Parsed:
    relative = path.relative_to(CORPUS).as_posix()
    return parse(relative, unwrap(relative, path.read_bytes()), "")


def records(path: Path) -> tuple[Record, ...]:
    return read(path).records


@cache
def all_summaries() -> tuple[Summary, ...]:
    return tuple(record for path in FILES for record in records(path) if isinstance(record, Summary))


def ops_of(found: tuple[Record, ...]) -> set[tuple[str, str]]:
    stated = {(r.struct, r.op) for r in found if isinstance(r, Prototype | OpRow | LockRule)}
    described = {(r.struct, r.op) for r in found if isinstance(r, Description) and r.struct == "xattr_handler"}
    return stated | {(struct, op) for struct, op in described if op not in ("name", "prefix")}


def without_summary(ops: set[tuple[str, str]], version: str) -> list[str]:
    known = by_op(Cited(record=summary, document=ANY) for summary in all_summaries())
    return sorted(".".join(op) for op in ops if fitting_summary(version, known.get(op, ())) is None)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_holds_the_summaries_of_the_table_it_is_named_after(path: Path) -> None:
    found = records(path)
    assert all(isinstance(record, Summary) and record.struct == path.stem for record in found), found
    ops = [record.op for record in found if isinstance(record, Summary)]
    assert ops == sorted(ops)


@pytest.mark.parametrize("summary", all_summaries(), ids=lambda s: f"{s.struct}.{s.op}-{s.first_version}")
def test_a_summary_is_short_and_ends_with_a_full_stop(summary: Summary) -> None:
    assert summary.text[0].isupper() or summary.text[0].isdigit()
    assert summary.text.endswith(".")
    assert 20 <= len(summary.text) <= 200


def test_ranges_of_an_op_follow_one_another() -> None:
    of_op = defaultdict(list)
    for summary in all_summaries():
        of_op[summary.struct, summary.op].append(summary)
    for op, several in of_op.items():
        for one, other in pairwise(several):
            assert one.last_version, op
            assert other.first_version, op
            assert parse_version(one.last_version) < parse_version(other.first_version), op


@pytest.mark.parametrize("document", ["Locking", "locking.rst", "vfs.txt", "vfs.rst"])
def test_every_op_of_the_bundled_corpus_has_one(document: str) -> None:
    for path in sorted(CORPUS.glob(f"linux/*/**/{document}")):
        version = path.relative_to(CORPUS).parts[1]
        assert not without_summary(ops_of(records(path)), version), path


def test_every_op_of_the_real_documents_has_one(shared: Path) -> None:
    for path in sorted((shared / "fidelity" / "truth").glob("*/*.json")):
        truth = json.loads(path.read_text("utf-8"))
        entries = [(t["struct"], r["op"]) for t in truth.get("tables", ()) for r in t["rows"]]
        entries += [(p["struct"], p["op"]) for p in truth.get("prototypes", ())]
        entries += [(s["struct"], m["name"]) for s in truth.get("structs", ()) for m in s["members"] if m["is_op"]]
        ops = {(CANONICAL.get(struct, struct), op) for struct, op in entries}
        assert ops
        assert not without_summary(ops, truth["version"]), path
