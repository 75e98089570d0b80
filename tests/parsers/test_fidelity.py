"""The readings against the hand-checked truth, and every line of the real documents accounted for."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from kbase import parsers
from kbase.knowledge.export import export_lines
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.knowledge.printed_documents import changed, print_document
from kbase.model.records import (
    Description,
    Diagnostic,
    Function,
    LockRule,
    Member,
    OpRow,
    OpsTable,
    Prototype,
    Section,
)
from kbase.text.lines import split_lines
from kbase.text.saved_pages import unwrap

CORPUS = Path(__file__).parents[2] / "corpus"
NAMES = ("Locking", "locking.rst", "vfs.txt", "vfs.rst")
UNDESCRIBED = {
    ("file_operations", "mmap_capabilities"),
    ("file_operations", "sendpage"),
    ("file_operations", "show_fdinfo"),
    ("inode_operations", "get_acl"),
}
GOLDEN = Path(__file__).with_name("golden_counts.tsv")


def read(path, name=None):
    text = unwrap(path.name, path.read_bytes())
    return text, parsers.parse(name or path.name, text, "blob")


def of_kind(records, *kinds):
    return [record for record in records if isinstance(record, kinds)]


@pytest.fixture(scope="module")
def documents(shared):
    """The eight kernels' Locking and vfs documents: (path, text, parsed)."""
    paths = sorted(p for p in (shared / "corpus" / "linux").glob("*/Documentation/filesystems/*") if p.name in NAMES)
    assert len(paths) == 16
    return [(path, *read(path)) for path in paths]


def test_every_metric_is_whole_for_every_kernel(shared, real, tmp_path):
    kb = KnowledgeBase.open(real)
    export = tmp_path / "export.jsonl"
    export.write_text("\n".join(export_lines([kb.state(label) for label in kb.labels()])), "utf-8")
    script = shared / "fidelity" / "score.py"
    done = subprocess.run([sys.executable, script, export], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 mismatches" in done.stdout


def test_no_line_of_a_document_is_unexplained(documents):
    lost = ("unclaimed-line", "unread-row", "unread-declaration", "unread-entry", "bad-declaration", "lost-heading")
    lost_lines = [
        (path, record.evidence.first, record.excerpt)
        for path, _, parsed in documents
        for record in of_kind(parsed.records, Diagnostic)
        if record.code in lost
    ]
    assert lost_lines == []


def test_sections_claim_nothing_of_tables_and_blocks(documents):
    for path, _, parsed in documents:
        prose = {
            number
            for record in of_kind(parsed.records, Section)
            for number in range(record.evidence.first, record.evidence.last + 1)
        }
        for record in of_kind(parsed.records, Prototype, OpRow, LockRule, Member, Description, Function):
            assert record.evidence.first not in prose, (path, record)


def test_a_quote_of_the_evidence_holds_the_fact_word_for_word(documents):
    for path, text, parsed in documents:
        for record in parsed.records:
            quoted = text.quote(record.evidence.first, record.evidence.last)
            said = {
                Prototype: lambda r: r.raw.split(),
                LockRule: lambda r: r.cell.split(),
                Section: lambda r: r.text.split(),
                OpsTable: lambda r: [r.written],
                Member: lambda r: [r.name],
            }.get(type(record), lambda _: [])(record)
            assert [word for word in said if word not in quoted] == [], (path, record)


def test_a_sections_text_is_its_lines_below_the_title(documents):
    for _, text, parsed in documents:
        for record in of_kind(parsed.records, Section):
            count = record.text.count("\n") + 1
            if record.text:
                assert text.quote(record.evidence.last - count + 1, record.evidence.last) == record.text


def test_a_print_reads_back_to_equal_facts_on_equal_lines(documents):
    for path, text, parsed in documents:
        again = parsers.parse(path.name, split_lines(print_document(text, parsed)), "blob")
        assert changed(parsed.records, again.records) == ((), ()), path


def test_the_flattened_page_says_what_the_document_says_where_words_decide(shared, documents):
    page = next((shared / "corpus" / "seeds").glob("004*"))
    real = next(parsed for path, _, parsed in documents if path.parts[-4] == "v6.4.6" and path.name == "locking.rst")
    _, parsed = read(page)
    rules, truth = ({_cell(r): r.cell for r in p.records if type(r) is LockRule} for p in (parsed, real))
    unclear = {(r.struct, r.op) for r in of_kind(parsed.records, LockRule) if r.candidates}
    decided = {key: cell for key, cell in rules.items() if key[:2] not in unclear}
    assert decided == {key: cell for key, cell in truth.items() if key[:2] not in unclear}
    assert len(decided) > 190
    for record in of_kind(parsed.records, LockRule):
        if record.candidates:
            cells = {truth[record.struct, record.op, header] for header in record.candidates}
            assert record.cell in cells or (record.op, record.cell) == ("map_pages", "yes")  # read in v6.4.6
    facts, expected = (
        {(type(r).__name__, r.struct, r.op, r.evidence.first) for r in of_kind(p.records, Prototype, OpRow)}
        for p in (parsed, real)
    )
    assert facts == expected


def _cell(rule):
    return rule.struct, rule.op, rule.lock


def test_the_blame_page_gives_all_its_structs_members_and_descriptions(shared):
    _, parsed = read(next((shared / "corpus" / "seeds").glob("003*")))
    counts = Counter(type(record) for record in parsed.records)
    assert (counts[OpsTable], counts[Prototype], counts[Member], counts[Function]) == (6, 104, 8, 10)
    described = {(r.struct, r.op) for r in of_kind(parsed.records, Description)}
    listed = {(r.struct, r.op) for r in of_kind(parsed.records, Prototype)}
    assert listed - described == UNDESCRIBED
    assert {op for struct, op in described - listed if struct == "xattr_handler"} == {
        "name", "prefix", "list", "get", "set",
    }  # fmt: skip


def test_the_counts_of_the_bundled_corpus_are_the_golden_ones():
    assert counts_of_the_bundled_corpus() == GOLDEN.read_text("utf-8").splitlines()


def counts_of_the_bundled_corpus():
    """The lines of the golden file: what a change of a parser does shows in review."""
    rows = ["# version\tdocument\tops\tprototypes\tcells\tdiagnostics by code"]
    for path in sorted(CORPUS.glob("linux/*/Documentation/filesystems/*")):
        _, parsed = read(path)
        ops = {(r.struct, r.op) for r in of_kind(parsed.records, Prototype, OpRow)}
        codes = Counter(r.code for r in of_kind(parsed.records, Diagnostic))
        cells = sum(bool(r.cell) for r in of_kind(parsed.records, LockRule))
        prototypes = len(of_kind(parsed.records, Prototype))
        by_code = json.dumps(dict(sorted(codes.items())))
        rows.append("\t".join(map(str, (path.parts[-4], path.name, len(ops), prototypes, cells, by_code))))
    return rows


if __name__ == "__main__":
    GOLDEN.write_text("\n".join(counts_of_the_bundled_corpus()) + "\n", "utf-8")
