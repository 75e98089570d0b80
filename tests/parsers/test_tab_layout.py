"""Locking tables whose tabs became spaces: the same rules, or no certain ones, but never others."""

import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from kbase.model.records import Diagnostic, Held, LockRule
from kbase.parsers import parse
from kbase.parsers.locking.tab_layout import Layout, Tabs, layout_of
from kbase.text.lines import decode, split_lines

VERSIONS = ("v2.6.12", "v3.10.64", "v4.14.194", "v5.15.55", "v6.8.1")
REMARK = re.compile(r"\s?\([^()]*\)|!!!.*!!!")
TABLE = """\
--- barn_operations ---
prototypes:
\tint (*sow)(int);
\tint (*reap)(int);
\tint (*rake)(int);
locking rules:
\t\tsoil_lock\tmay block
sow:\t\tyes\t\tno
reap:\t\t\t\tyes
rake:\t\tno
"""
RULES = {
    ("sow", "soil_lock"): "yes",
    ("sow", "may block"): "no",
    ("reap", "may block"): "yes",
    ("rake", "soil_lock"): "no",
}


def rules(name: str, content: str) -> dict[tuple[str, str, str], str]:
    """Cell by ops table, op and header, remarks apart; those of no certain header are left out."""
    found = [rule for rule in parse(name, split_lines(content), "blob").records if type(rule) is LockRule]
    found = [rule for rule in found if rule.lock == "note" or any(r.held is not Held.UNKNOWN for r in rule.readings)]
    said = {(r.struct, r.op, r.lock): REMARK.sub("", r.cell) for r in found if not r.candidates and r.lock != "note"}
    return {key: cell for key, cell in said.items() if cell}


def lines(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "\n".join(map(change, text.split("\n")))


CHANGES: dict[str, tuple[Callable[[str], str], float]] = {
    "expanded to 8": (lines(lambda line: line.expandtabs(8)), 1),
    "expanded to 4": (lines(lambda line: line.expandtabs(4)), 0.995),
    "expanded to 2": (lines(lambda line: line.expandtabs(2)), 0.9),
    "eight spaces": (lambda text: text.replace("\t", " " * 8), 0.995),
    "four spaces": (lambda text: text.replace("\t", " " * 4), 0.995),
    "one space": (lambda text: text.replace("\t", " "), 0.7),
    "filled": (lambda text: "\n\n".join(textwrap.fill(part, 75) for part in text.split("\n\n")), 0),
    "folded": (lines(lambda line: re.sub(r"(.{72})(?=.)", r"\1\n", line.expandtabs(8))), 0.6),
    "without margin": (lines(str.lstrip), 0.7),
    "only words": (lines(lambda line: " ".join(line.split())), 0.7),
    "collapsed": (lambda text: re.sub(r"[ \t]+", " ", text), 0.7),
}


@pytest.mark.parametrize("change", CHANGES)
def test_real_documents_keep_their_rules_and_gain_none(shared: Path, change: str) -> None:
    changed, least = CHANGES[change]
    kept = whole = 0
    for version in VERSIONS:
        folder = shared / "corpus/linux" / version / "Documentation/filesystems"
        name = "Locking" if (folder / "Locking").is_file() else "locking.rst"
        content = decode((folder / name).read_bytes())
        before, after = rules(name, content), rules(name, changed(content))
        assert {key: cell for key, cell in after.items() if before.get(key) != cell} == {}, version
        kept, whole = kept + len(after), whole + len(before)
    assert kept >= least * whole


@pytest.mark.parametrize("change", ["expanded to 8", "expanded to 4", "expanded to 2", "eight spaces", "four spaces"])
def test_a_legacy_table(change: str) -> None:
    found = rules("Locking", CHANGES[change][0](TABLE))
    assert {(op, lock): cell for (_, op, lock), cell in found.items()} == RULES


def test_without_any_columns_only_words_decide() -> None:
    records = parse("Locking", split_lines(CHANGES["one space"][0](TABLE)), "blob").records
    read = {(r.op, r.lock): r for r in records if type(r) is LockRule and r.cell}
    assert read["sow", "soil_lock"].cell == "yes"
    assert read["reap", "soil_lock or may block"].readings[0].held is Held.UNKNOWN


def test_spaces_that_were_no_tabs_stay() -> None:
    aligned = TABLE.replace("\t\tsoil_lock\tmay", "          soil_lock  may").replace("\tint", "    int")
    aligned = aligned.replace("sow:\t\tyes\t\tno", "sow:      yes        no")
    aligned = aligned.replace("reap:\t\t\t\tyes", "reap:                yes").replace("rake:\t\t", "rake:     ")
    found = rules("Locking", aligned)
    assert {(op, lock): cell for (_, op, lock), cell in found.items()} == RULES


@pytest.mark.parametrize(
    ("change", "layout"),
    [
        ("expanded to 8", Layout(Tabs.PRESENT)),
        ("expanded to 4", Layout(Tabs.EXPANDED, 4)),
        ("four spaces", Layout(Tabs.LITERAL, 4)),
        ("one space", Layout(Tabs.LOST)),
    ],
)
def test_what_became_of_the_tabs(change: str, layout: Layout) -> None:
    changed = CHANGES[change][0](TABLE)
    assert layout_of(split_lines(changed).lines).tabs is layout.tabs


def test_rows_that_a_folded_line_cut_off_are_told() -> None:
    folded = TABLE.replace("locking rules:\n", "locking rules:\n\nhay lock\n========\n")
    records = parse("Locking", split_lines(folded), "blob").records
    assert [r.excerpt for r in records if isinstance(r, Diagnostic)] == [
        "sow:\t\tyes\t\tno",
        "reap:\t\t\t\tyes",
        "rake:\t\tno",
    ]
    assert not any(isinstance(record, LockRule) for record in records)
