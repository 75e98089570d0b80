"""Damage costs the block it strikes and nothing else: facts outside stay, nothing is invented, nothing raises."""

import random
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbase import parsers
from kbase.model.records import (
    BlanketRule,
    Description,
    Diagnostic,
    Flag,
    Function,
    LockRule,
    Member,
    Note,
    NoteKind,
    OpRow,
    OpsTable,
    Prototype,
)
from kbase.parsers.headings import blocks
from kbase.text.lines import decode, split_lines

pytestmark = pytest.mark.slow

FACTS = Prototype | Member | OpRow | LockRule | BlanketRule | Description | Function | Flag | Note
BUNDLED = sorted((Path(__file__).parents[2] / "corpus" / "linux").rglob("filesystems/*"))
KINDS = ("cut", "flip", "blank", "language", "join")
WORDS = ("Kein", "Wort", "davon", "versteht", "der", "Leser,", "und", "das", "ist", "auch", "gut", "so")


@cache
def parse(name, content):
    text = split_lines(content)
    return text, parsers.parse(name, text, "blob").records


def read(name, lines):
    return parse(name, "\n".join(lines))


def damaged(lines, start, stop, kind, chance):
    """The lines with those from `start` to `stop` damaged."""
    struck = lines[start:stop]
    if kind == "cut":
        struck = []
    elif kind == "blank":
        struck = [""] * len(struck)
    elif kind == "language":
        struck = [" ".join(chance.choices(WORDS, k=6)) for _ in struck]
    elif kind == "join":
        struck = [" ".join(struck).strip()]
    else:
        struck = ["".join(chance.choice("\x00#\xff`:=") if chance.random() < 0.2 else c for c in s) for s in struck]
    return lines[:start] + struck + lines[stop:]


def struck_block(text, records, start, stop):
    """The lines (first, last) of the block around the damage: up to blank lines, and all of what it cuts into."""
    lines = text.lines
    first, last = min(start, len(lines) - 1), min(stop, len(lines)) - 1  # the end of the last line is no line
    while first > 0 and not lines[first - 1].blank:
        first -= 1
    while last + 1 < len(lines) and not lines[last + 1].blank:
        last += 1
    first, last = lines[first].number, lines[last].number
    for record in records:
        whole = isinstance(record, OpsTable | Description | Note | Prototype | Function)
        if whole and record.evidence.first <= last and record.evidence.last >= first:
            first, last = min(first, record.evidence.first), max(last, record.evidence.last)
    entries = [record.evidence for record in records if isinstance(record, Description | Function)]
    if any(first <= entry.first <= last for entry in entries):  # one that lost its name goes on with the one above it
        first = max((entry.first for entry in entries if entry.first < first), default=first)
    for block in blocks(lines):
        every = [*block.heading, *block.body]
        marks = [
            line for line in every if line in block.heading or line.raw.strip().endswith(("rules:", "types:", "::"))
        ]
        if any(first <= line.number <= last for line in marks):
            first, last = min(first, every[0].number), max(last, every[-1].number)
    return first, last


def outside(records, first, last, shift):
    """The facts that lie wholly outside the block, with their lines as they are before the damage.

    What a fact takes from elsewhere does not count: a function's group is the paragraph over its list, a paragraph that
    names no op may go on about the op of its neighbours.
    """
    found = set()
    for record in records:
        if isinstance(record, Function):
            record = replace(record, group="")  # noqa: PLW2901  # the same record, without what it borrowed
        if isinstance(record, Note) and not any(op in record.text for op in record.ops):
            record = replace(record, ops=(), kind=NoteKind.TABLE)  # noqa: PLW2901
        if isinstance(record, FACTS):
            begin, end = record.evidence.first, record.evidence.last
            if begin > last + shift:
                found.add((record, begin - shift, end - shift))
            elif end < first:
                found.add((record, begin, end))
    return found


def strike(name, lines, seed, kind, size):
    chance = random.Random(seed)
    text, before = read(name, lines)
    start = chance.randrange(len(lines))
    stop = min(len(lines), start + size)
    after_lines = damaged(lines, start, stop, kind, chance)
    struck, after = read(name, after_lines)
    first, last = struck_block(text, before, start, stop)
    shift = len(struck.lines) - len(text.lines)  # what stands behind the last newline is no line
    misspelt = {r.evidence.first for r in before if isinstance(r, Diagnostic) and r.code == "repaired-name"}
    torn = {r.name for r in after if isinstance(r, Function)} & {r.op for r in before if isinstance(r, Description)}
    lists = {fact[1] for fact in outside(before, -1, -1, 0) if getattr(fact[0], "op", None) in torn}
    several = {number for number, line in enumerate(lines, 1) if line.startswith("``") and line.count("``") > 2}
    # What puts a name right, says what a list is of, or which of several names is an op, is its struct's listing.
    elsewhere = misspelt | lists | several
    whole, rest = (
        {fact for fact in facts if fact[1] not in elsewhere}
        for facts in (outside(before, first, last, 0), outside(after, first, last, shift))
    )
    return whole, rest, (first, last, start, stop)


def documents():
    chosen = [path for path in BUNDLED if path.parts[-4] in ("v2.6.27", "v4.14.194", "v6.8.1")]
    assert chosen
    return chosen


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(documents()), st.integers(0, 1 << 32), st.sampled_from(KINDS), st.integers(1, 12))
def test_facts_outside_the_damaged_block_stay_as_they_are(path, seed, kind, size):
    lines = decode(path.read_bytes()).split("\n")
    before, after, where = strike(path.name, lines, seed, kind, size)
    assert before - after == set(), where
    assert after - before == set(), where


@pytest.mark.parametrize("kind", KINDS)
def test_facts_outside_stay_in_real_documents_too(shared, kind):
    tree = shared / "corpus" / "linux"
    for path in sorted(tree.glob("*/Documentation/filesystems/*")):
        if path.name in ("Locking", "locking.rst", "vfs.txt", "vfs.rst"):
            lines = decode(path.read_bytes()).split("\n")
            for seed in range(4):
                before, after, where = strike(path.name, lines, seed, kind, 1 + seed % 7)
                assert before - after == set(), (path, seed, where)
                assert after - before == set(), (path, seed, where)


@given(st.binary(max_size=400), st.sampled_from(["Locking", "locking.rst", "vfs.txt", "vfs.rst", "porting", "x.txt"]))
def test_no_bytes_raise(data, name):
    assert parsers.parse(name, split_lines(decode(data)), "blob").records is not None


def test_a_document_in_another_language_reads_as_nothing_and_says_so():
    _, records = read("locking.rst", ["Sperren", "=======", "", "Hier steht nichts, was wir lesen koennten."])
    assert [r.code for r in records if isinstance(r, Diagnostic)] == ["nothing-read"]
