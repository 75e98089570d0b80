"""One oddity a case: a short document of our own, and the records that it must give, written by hand.

`cases/<kind>/<name>.txt` is the document, `<name>.json` its file name (`"name"`), whether its lines end in CR LF, and
what is expected: one line a record (see `line_of`), the cells that are blank left out. `"damage"` says why a document
cannot be printed again as it was.
"""

import json
from pathlib import Path

import pytest

from kbase import parsers
from kbase.knowledge.printed_documents import changed, print_document
from kbase.model.records import (
    BlanketRule,
    Description,
    Diagnostic,
    Flag,
    Function,
    LockRule,
    Member,
    Note,
    OpRow,
    OpsTable,
    Prototype,
    Section,
)
from kbase.text.lines import split_lines
from kbase.text.saved_pages import unwrap

CASES = sorted((Path(__file__).parent / "cases").glob("*/*.txt"))
WHOLE = [case for case in CASES if "damage" not in json.loads(case.with_suffix(".json").read_text("utf-8"))]


def line_of(record):
    """`LINES what it is: what it says`; LINES is `7` or `7-9`."""
    first, last = record.evidence.first, record.evidence.last
    return f"{first if first == last else f'{first}-{last}'} {content_of(record)}"


def content_of(record):  # noqa: C901, PLR0911  # one return a kind of record
    match record:
        case OpsTable():
            stamp = f", as of {record.as_of}" if record.as_of else ""
            return f"table {record.name} [{', '.join(record.columns)}]{stamp}"
        case Prototype():
            marks = [record.condition, record.repair and f"repaired: {record.repair}", record.comment]
            return " | ".join(filter(None, [f"prototype {record.struct}: {record.text}", *marks]))
        case Member():
            return f"member {record.struct}: {record.text}"
        case OpRow():
            return f"row {record.struct}.{record.op}"
        case LockRule():
            maybe = f" ambiguous {list(record.candidates)}" if record.candidates else ""
            return f"rule {record.op}, {record.lock}: {record.cell}{maybe}"
        case BlanketRule():
            return f"blanket {record.struct} ({record.lock}, not {list(record.exceptions)}): {record.text}"
        case Note():
            return f"{record.kind} {list(record.ops)}: {record.text}"
        case Description():
            return f"description {record.struct}.{record.op}: {record.text}"
        case Function():
            return f"function {record.name} ({record.group}): {record.text}"
        case Flag():
            return f"flag {record.name} of {record.struct}.{record.op}: {record.text}"
        case Section():
            return f"section {' > '.join(record.titles)}"
        case Diagnostic():
            return f"{record.level} {record.code}: {record.message}"
    return f"{type(record).__name__} {getattr(record, 'text', '')}"


def read(case):
    expected = json.loads(case.with_suffix(".json").read_text("utf-8"))
    data = case.read_bytes()
    if expected.get("crlf"):
        data = data.replace(b"\n", b"\r\n")
    text = unwrap(expected["name"], data)
    return expected, text, parsers.parse(expected["name"], text, "blob")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.stem}")
def test_a_document_gives_just_the_records_expected(case):
    expected, _, parsed = read(case)
    given = [line_of(record) for record in parsed.records if not (isinstance(record, LockRule) and not record.cell)]
    assert sorted(given) == sorted(expected["records"])
    assert (parsed.kind, parsed.format) == (case.parent.name, expected["format"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.stem}")
def test_the_words_of_a_record_stand_on_the_lines_of_its_evidence(case):
    _, text, parsed = read(case)
    for record in parsed.records:
        quoted = text.quote(record.evidence.first, record.evidence.last)
        words = record.cell.split() if isinstance(record, LockRule) else []
        assert quoted
        assert all(word in quoted for word in words)


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: f"{case.parent.name}-{case.stem}")
def test_the_print_of_a_document_reads_back_to_the_same_facts_on_the_same_lines(case):
    expected, text, parsed = read(case)
    again = parsers.parse(expected["name"], split_lines(print_document(text, parsed)), "blob")
    assert changed(parsed.records, again.records) == ((), ())


# --- files that people had, beside the checkout ---

AS_THE_CONTROL = ("numbered-gitweb-with-title-before.txt", "gitiles-as-pipe-rows.txt")
IN_SENTENCES = {"flip", "spin"}  # ops of the control that only sentences tell of


def facts(file):
    parsed = parsers.parse(file.name, unwrap(file.name, file.read_bytes()), "blob")
    return [record for record in parsed.records if not isinstance(record, Section)]


def test_the_control_is_read_in_full(shared):
    records = facts(shared / "cases/control-locking.rst")
    tables = [record.name for record in records if isinstance(record, OpsTable)]
    assert tables == ["dentry_operations", "inode_operations", "file_operations"]
    assert len({record.op for record in records if isinstance(record, Prototype)}) == 8
    assert len([record for record in records if type(record) is LockRule]) == 15
    assert {op for record in records if isinstance(record, Note) for op in record.ops} >= IN_SENTENCES
    assert not [record for record in records if isinstance(record, Diagnostic)]


@pytest.mark.parametrize("name", AS_THE_CONTROL)
def test_a_copy_of_the_control_says_what_it_says(shared, name):
    control, copy = facts(shared / "cases/control-locking.rst"), facts(shared / "cases" / name)
    assert [line_of(record) for record in copy] == [line_of(record) for record in control]


def test_what_lost_its_blank_lines_has_the_tables_of_the_control(shared):
    both = [facts(shared / "cases" / name) for name in ("control-locking.rst", COLLAPSED)]
    for kind in (Prototype, OpRow, LockRule, BlanketRule):
        first, second = ([content_of(record) for record in each if isinstance(record, kind)] for each in both)
        assert first == second


COLLAPSED = "collapsed-no-blank-lines.txt"


def test_an_excerpt_has_the_ops_it_shows(shared):
    records = facts(shared / "cases/notes-excerpt-of-a-table.md")
    ops = [f"{record.struct}.{record.op}" for record in records if isinstance(record, Prototype)]
    assert ops == ["file_operations.llseek", "file_operations.open", "super_operations.put_super"]


def test_functions_below_members_are_no_members(shared):
    """Of 2.4 to 2.6.20 no description is of a name that its table lacks, and none is the second one of a member."""
    found = 0
    for folder in sorted((shared / "kernels").glob("v2.*")):
        file = folder / "Documentation/filesystems/vfs.txt"
        records = facts(file) if file.is_file() and folder.name.partition(".6.")[2] in OLD else []
        members = {(r.struct, r.op) for r in records if isinstance(r, Prototype)}
        members |= {(r.struct, r.name) for r in records if isinstance(r, Member)}
        described = [(r.struct, r.op) for r in records if isinstance(r, Description)]
        assert set(described) <= members, folder
        assert len(set(described)) == len(described), folder
        names = {record.name for record in records if isinstance(record, Function)}
        assert not records or names >= {"dget", "dput", "d_drop", "d_delete", "d_add", "d_instantiate"}, folder
        found += bool(records)
    assert found >= 8


OLD = ("", *map(str, range(12, 21)))  # behind "v2.6."; v2.4.0 has none
