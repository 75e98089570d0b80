"""The summaries that we ship: there is one for every op, short, and none contradicts another."""

import json
from itertools import combinations
from pathlib import Path

import pytest

from kbase import places
from kbase.parsers import parse
from kbase.records import Description, LockRule, OpRow, Prototype, Record, Summary
from kbase.text import decode, split_lines
from kbase.versions import within

FILES = sorted((places.corpus() / "summaries").glob("*.rst"))
CANONICAL = {"file_system_operations": "file_system_type"}  # how some documents write it
OLDEST, NEWEST = "v0.0", "v999.0"


def records(path: Path) -> tuple[Record, ...]:
    relative = path.relative_to(places.corpus()).as_posix()
    return parse(relative, split_lines(decode(path.read_bytes())), "").records


def all_summaries() -> list[Summary]:
    return [record for path in FILES for record in records(path) if isinstance(record, Summary)]


def ops_of(found: tuple[Record, ...]) -> set[tuple[str, str]]:
    stated = {(r.struct, r.op) for r in found if isinstance(r, Prototype | OpRow | LockRule)}
    described = {(r.struct, r.op) for r in found if isinstance(r, Description) and r.struct == "xattr_handler"}
    return stated | {(struct, op) for struct, op in described if op not in ("name", "prefix")}


def without_summary(ops: set[tuple[str, str]], version: str) -> list[str]:
    known = {(s.struct, s.op) for s in all_summaries() if within(version, s.first_version, s.last_version)}
    return sorted(f"{struct}.{op}" for struct, op in ops - known)


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


def test_ranges_of_an_op_do_not_overlap() -> None:
    for one, other in combinations(all_summaries(), 2):
        if (one.struct, one.op) == (other.struct, other.op):
            edges = (s.first_version or OLDEST for s in (one, other))
            last = (s.last_version or NEWEST for s in (one, other))
            shared = [
                version
                for version in (*edges, *last)
                if all(within(version, s.first_version, s.last_version) for s in (one, other))
            ]
            assert not shared, f"{one.struct}.{one.op}: {shared}"


@pytest.mark.parametrize("document", ["Locking", "locking.rst", "vfs.txt", "vfs.rst"])
def test_every_op_of_the_bundled_corpus_has_one(document: str) -> None:
    for path in sorted(places.corpus().glob(f"linux/*/**/{document}")):
        version = path.relative_to(places.corpus()).parts[1]
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
