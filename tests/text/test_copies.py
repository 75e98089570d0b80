"""Copies of documents say what the documents say, on the same lines: numbers, bars, lists, pages around them.

Whatever a copy lost, no op is read into another table than that of the document, and what is not read is reported.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbase.model.records import (
    Diagnostic,
    LockRule,
    Member,
    Note,
    OpRow,
    OpsTable,
    Prototype,
    Record,
    Section,
)
from kbase.parsers import parse
from kbase.text.lines import decode
from kbase.text.numbered_copies import numbered_lines
from kbase.text.saved_pages import unwrap

pytestmark = pytest.mark.slow

CORPUS = Path(__file__).resolve().parents[2] / "corpus/linux"
NAMES = ("Locking", "locking.rst", "vfs.txt", "vfs.rst", "porting", "porting.rst")
VERSIONS = ("v2.6.12", "v3.10.64", "v5.4", "v6.8.1")
FILES = [
    file
    for version in VERSIONS
    for name in NAMES
    if (file := CORPUS / version / "Documentation/filesystems" / name).is_file()
]
Copy = Callable[[list[str]], list[str]]


def numbered(form: str) -> Copy:
    return lambda lines: [form.format(n=number, line=line) for number, line in enumerate(lines, 1)]


def around(above: list[str], copy: Copy, below: list[str]) -> Copy:
    return lambda lines: [*above, *copy(lines), *below]


def blame_rows(lines: list[str]) -> list[str]:
    who = ("Jane Doe | 1da177e 2005-04-16", " | ")
    return [f"| {who[number % 3 > 0]} | {number} | {line} |" for number, line in enumerate(lines, 1)]


def on_own_lines(lines: list[str]) -> list[str]:
    return [each for number, line in enumerate(lines, 1) for each in ((str(number), line) if line else (str(number),))]


SAME_LINES: dict[str, Copy] = {
    "a title above": around(["Merge tag 'x' of git://example.org/y"], numbered("{n} {line}"), []),
    "titles above, a footer below": around(
        ["y.git / Documentation", "blame | history | raw", ""], numbered("{n:4d} {line}"), ["", "RSS Atom", "Terms"]
    ),
    "tabs": around(["blame"], numbered("{n:6d}\t{line}"), []),
    "colons": around([], numbered("{n}:{line}"), ["made by a program"]),
    "glued": around(["a page", ""], numbered("{n}{line}"), []),
    "left-aligned": numbered("{n:<5}{line}"),
    "two spaces": numbered("  {n}  {line}"),
    "bars": numbered("{n:4d} | {line}"),
    "rows": numbered("| {line} |"),
    "rows without an end": numbered("| {line}"),
    "rows with numbers": around(["| Line | Text |", "|-----:|------|"], numbered("| {n} | {line} |"), []),
    "rows with who changed them": blame_rows,
    "a list": numbered("{n}. {line}"),
    "a list below a title": around(["# Locking", ""], numbered("{n}.  {line}"), []),
    "a list with parentheses": numbered(" {n}) {line}"),
    "a list of first items": numbered("1. {line}"),
    "a list of code": lambda lines: [f"{n}. `{line}`" if line else f"{n}." for n, line in enumerate(lines, 1)],
    "rows of code": numbered("| {n} | `{line}` |"),
    "a list with blank lines between": lambda lines: [
        x for n, each in enumerate(lines, 1) for x in (f"{n}. {each}", "")
    ],
    "numbers of lines": numbered("L{n}: {line}"),
    "numbers in brackets": numbered("[{n}] {line}"),
    "a frame": around(["\u2500\u252c\u2500"], numbered("{n:4d}   \u2502 {line}"), ["\u2500\u2534\u2500"]),
    "quoted": numbered("> {n:4d} {line}"),
    "much around it": around(
        [f"menu {n}" for n in range(90)], numbered("{n} {line}"), [f"menu x{n}" for n in range(90)]
    ),
    "git blame": numbered("^1da177e4c3f (Jane (JD) Doe 2005-04-16 15:20:36 -0700 {n:4d}) {line}"),
    "grep": numbered("Documentation/x:{n}:{line}"),
    "numbers on lines of their own": around(["x", "y"], on_own_lines, []),
    "CRLF": numbered("{n}\t{line}\r"),
    "indented": lambda lines: [f"   {line}" if line else "" for line in lines],
    "a number": numbered("{n} {line}"),
}


def without_blank_lines(lines: list[str]) -> list[tuple[str, int]]:
    return [(line, number) for number, line in enumerate(lines, 1) if line.strip()]


def with_braces_below(lines: list[str]) -> list[tuple[str, int]]:
    found = list[tuple[str, int]]()
    for number, line in enumerate(lines, 1):
        struct = re.fullmatch(r"(\s*)(struct \w+) \{\s*", line)
        found += [(struct[1] + struct[2], number), (struct[1] + "{", number)] if struct else [(line, number)]
    return found


def with_marked_titles(lines: list[str]) -> list[tuple[str, int]]:
    """The titles as Markdown has them; a blank line stands for the ruler, so that all lines keep their numbers."""
    found = [(line, number) for number, line in enumerate(lines, 1)]
    for at in range(len(lines) - 1):
        if re.fullmatch(r"([=~-])\1{3,}", lines[at + 1].rstrip()) and re.match(r"\w", lines[at]):
            found[at : at + 2] = [(f"## {lines[at]}", at + 1), ("", at + 2)]
    return found


def with_barred_tables(lines: list[str]) -> list[tuple[str, int]]:
    """The simple tables as Markdown's, the last ruler blank."""
    found, ends = [(line, number) for number, line in enumerate(lines, 1)], list[int]()
    rulers = [at for at, line in enumerate(lines) if re.fullmatch(r"=+(\s+=+)+\s*", line)]
    for first, second, last in zip(rulers[::3], rulers[1::3], rulers[2::3], strict=False):
        starts = [match.start() for match in re.finditer("=+", lines[first].expandtabs(8))]
        for at in range(first + 1, last):
            text = lines[at].expandtabs(8)
            cells = [text[a:b].strip() for a, b in zip(starts, [*starts[1:], None], strict=True)]
            found[at] = (f"| {' | '.join(cells)} |", at + 1)
        found[second] = ("|" + "---|" * len(starts), second + 1)
        ends += [first, last]
    return [("", number) if number - 1 in ends else (line, number) for line, number in found]


OTHER_LINES: dict[str, Callable[[list[str]], list[tuple[str, int]]]] = {
    "no blank lines": without_blank_lines,
    "braces below": with_braces_below,
    "Markdown titles": with_marked_titles,
    "Markdown tables": with_barred_tables,
    "a fence": lambda lines: [("```", 0), *((line, n) for n, line in enumerate(lines, 1)), ("```", 0)],
    "a title": lambda lines: [("A title", 0), ("raw", 0), *((line, n) for n, line in enumerate(lines, 1))],
}

IN_TABLES = (OpsTable, Prototype, Member, OpRow, LockRule)


@cache
def original(file: Path) -> tuple[tuple[str, ...], frozenset[tuple[Record, int, int]]]:
    content = decode(file.read_bytes()).rstrip("\n")
    return tuple(content.split("\n")), facts(file.name, content)


def facts(name: str, content: str, numbers: dict[int, int] | None = None) -> frozenset[tuple[Record, int, int]]:
    """The facts with their first and last line; `numbers` says which line of the document a line of a copy is."""
    numbers = numbers or {}
    records = parse(name, unwrap(name, content.encode()), "blob").records
    plain = (replace(r, structure=()) if isinstance(r, OpsTable) else r for r in records)
    return frozenset(
        (record, numbers.get(record.evidence.first, record.evidence.first), numbers.get(record.evidence.last, 0))
        if numbers
        else (record, record.evidence.first, record.evidence.last)
        for record in plain
        if not isinstance(record, Section | Diagnostic)
    )


@pytest.mark.parametrize("form", SAME_LINES)
def test_a_copy_says_the_same_on_the_same_lines(form: str) -> None:
    for file in FILES:
        lines, before = original(file)
        assert facts(file.name, "\n".join(SAME_LINES[form](list(lines)))) == before, file


@pytest.mark.parametrize("form", SAME_LINES)
def test_a_copy_is_known_by_its_content_not_by_its_name(form: str) -> None:
    for file in FILES:
        lines, before = original(file)
        if file.name in ("locking.rst", "Locking"):
            assert facts("page.txt", "\n".join(SAME_LINES[form](list(lines)))) == before, file


@pytest.mark.parametrize("form", OTHER_LINES)
def test_a_document_in_another_form_says_the_same(form: str) -> None:
    for file in FILES:
        lines, before = original(file)
        copied = OTHER_LINES[form](list(lines))
        numbers = {at: number for at, (_, number) in enumerate(copied, 1)}
        after = facts(file.name, "\n".join(line for line, _ in copied), numbers)
        paragraphs = form != "no blank lines"  # without them nothing ends the paragraphs that are notes and sentences
        stated, again = (
            {(record, first) for record, first, _ in each if paragraphs or type(record) in IN_TABLES}
            for each in (before, after)
        )
        assert again == stated, file


def test_columns_are_expanded_tabs() -> None:
    for file in FILES:
        lines, _ = original(file)
        plain = "\n".join(line.expandtabs(8) for line in lines)
        copied = ["a page", *(f"{n} {line.expandtabs(8)}".rstrip() for n, line in enumerate(lines, 1))]
        assert facts(file.name, "\n".join(copied)) == facts(file.name, plain), file


def test_numbers_may_be_missing_where_lines_were_blank(shared: Path) -> None:
    for version in ("v2.6.12", "v6.8.1"):
        for name in ("Locking", "locking.rst", "vfs.txt", "vfs.rst"):
            file = shared / "corpus/linux" / version / "Documentation/filesystems" / name
            if file.is_file():
                lines, before = original(file)
                copied = [f"{n} {line}" for n, line in enumerate(lines, 1) if line.strip()]
                assert facts(name, "\n".join(copied)) == before, file


# --- no wrong table ---


def collapsed(lines: list[str]) -> list[str]:
    return [" ".join(line.split()) for line in lines]


def with_prose(lines: list[str]) -> list[str]:
    """A sentence on each line that is blank between blank ones: where the real documents have their prose."""
    near = zip(["x", *lines], lines, [*lines[1:], "x"], strict=False)
    return [line if any(map(str.strip, (above, line, below))) else "Words stand here." for above, line, below in near]


LOSSES: dict[str, Copy] = {
    "prose": with_prose,
    "collapsed": collapsed,
    "blank lines": lambda lines: [line for line in lines if line.strip()],
    "rulers": lambda lines: [line for line in lines if not re.fullmatch(r"([=~-])\1{3,}", line.strip())],
    "indentation": lambda lines: [line.lstrip() for line in lines],
    "tabs": lambda lines: [line.expandtabs(8) for line in lines],
    "double space": lambda lines: [each for line in lines for each in (line, "")],
    "titles": lambda lines: [line for line in lines if not re.fullmatch(r"(?:struct )?\w+_\w+", line.strip())],
    **{form: copy for form, copy in SAME_LINES.items() if form not in ("CRLF", "glued")},
}
IN_A_TABLE = (Prototype, Member, OpRow, LockRule, Note)


def tables(records: list[Record]) -> dict[str, set[str]]:
    """The ops tables in which a document has an op."""
    found = dict[str, set[str]]()
    for record in records:
        if isinstance(record, Prototype | OpRow | LockRule):
            found.setdefault(record.op, set()).add(record.struct)
    return found


@cache
def tables_of(file: Path) -> dict[str, set[str]]:
    content = "\n".join(original(file)[0])
    return tables([*parse(file.name, unwrap(file.name, content.encode()), "blob").records])


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([f for f in FILES if "porting" not in f.name]), st.lists(st.sampled_from(list(LOSSES)), max_size=3)
)
def test_no_op_comes_out_in_another_table(file: Path, losses: list[str]) -> None:
    lines = list(original(file)[0])
    for loss in losses:
        lines = LOSSES[loss](lines)
    records = parse(file.name, unwrap(file.name, "\n".join(lines).encode()), "blob").records
    before, after = tables_of(file), tables([*records])
    wrong = {op: structs for op, structs in after.items() if op in before and not structs <= before[op]}
    assert wrong == {}, losses
    if not before.keys() <= after.keys():
        assert any(isinstance(record, Diagnostic) for record in records), losses


# --- what is no copy ---


@pytest.mark.parametrize(
    "lines",
    [
        [f"{number}. item" for number in range(1, 30)],
        ["A list:", "", *(f"{number}. item" for number in range(1, 30))],
        [f"{number} apples" if number % 5 else "and pears" for number in range(1, 60)],
        [*(f"{number}: text" for number in range(1, 20)), *["prose goes on"] * 40],
        ["| a | b |", "| 1 | 2 |"],
        [str(number) for number in range(1, 40)],
    ],
)
def test_lists_and_tables_of_a_document_are_no_copies(lines: list[str]) -> None:
    assert numbered_lines(lines) is None
    assert [line.raw for line in unwrap("x", "\n".join(lines).encode()).lines] == lines


def test_punctuation_that_markdown_protects() -> None:
    lines = [r"a\_lock", "=======", "", r"\->turn\(\) takes a\_lock.", *["text"] * 9]
    copied = numbered_lines([f"{number}. {line}" for number, line in enumerate(lines, 1)])
    assert copied is not None
    assert [line.raw for line in copied[:4]] == ["a_lock", "=======", "", "->turn() takes a_lock."]


def test_a_copy_that_begins_in_the_middle_keeps_the_numbers_it_prints() -> None:
    copied = numbered_lines(["a page", *(f"{number} {'' if number % 3 else 'text'}" for number in range(96, 130))])
    assert copied is not None
    assert [(line.number, line.raw) for line in copied[:2]] == [(96, "text"), (97, "")]
