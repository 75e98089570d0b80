"""What pages say, made from hand-built records: chips, cells, prototypes, who may block, the strip, links elsewhere."""

from typing import Any

import pytest

from kbase.kernel.near_names import near_names
from kbase.model.records import (
    BlanketRule,
    Evidence,
    Format,
    Held,
    LockRule,
    Note,
    NoteKind,
    Parameter,
    Prototype,
    Reading,
)
from kbase.model.states import Cited, DocumentRef, OpState
from kbase.model.witnesses import DocumentKind
from kbase.model.words import Effect, Mode
from kbase.pages import lock_cells, ops, parts
from kbase.pages import search as find
from kbase.pages import version_strips as strips
from kbase.pages.history import NOT_STATED, whole_lane
from kbase.pages.history_picture import SILENT, State, blocks_of
from kbase.pages.parts import Tone

LOCKING = DocumentRef(
    version="v6.8.1",
    path="Documentation/filesystems/locking.rst",
    blob="0" * 64,
    kind=DocumentKind.LOCKING,
    format=Format.RST,
    title="Locking",
    source="here",
)
SUBJECT = "i_rwsem"


def cited(record: Any) -> Cited[Any]:
    return Cited(record=record, document=LOCKING)


def at(line: int) -> Evidence:
    return Evidence(blob="0" * 64, first=line, last=line)


def reading(held: Held, *modes: Mode, **more: Any) -> Reading:
    return Reading(subject=more.pop("subject", SUBJECT), held=held, modes=modes, **more)


def rule(cell: str, *readings: Reading, lock: str = "i_rwsem(inode)", line: int = 9) -> Cited[LockRule]:
    return cited(LockRule(struct="s", op="o", lock=lock, cell=cell, readings=readings, evidence=at(line)))


@pytest.mark.parametrize(
    ("cell", "given", "chips", "remark"),
    [
        ("exclusive", reading(Held.YES, Mode.EXCLUSIVE), [("exclusive", Tone.EXCLUSIVE)], ""),
        ("shared", reading(Held.YES, Mode.SHARED), [("shared", Tone.SHARED)], ""),
        (
            "exclusive (both)",
            reading(Held.YES, Mode.EXCLUSIVE, scope="both"),
            [("exclusive", Tone.EXCLUSIVE)],
            "(both)",
        ),
        ("write", reading(Held.YES, Mode.EXCLUSIVE), [("exclusive", Tone.EXCLUSIVE)], "write"),
        (
            "read/write",
            reading(Held.YES, Mode.SHARED, Mode.EXCLUSIVE),
            [("shared or exclusive", Tone.EITHER)],
            "read/write",
        ),
        ("yes", reading(Held.YES), [("yes", Tone.YES)], ""),
        ("no", reading(Held.NO), [("no", Tone.NO)], ""),
        ("maybe[1]_", reading(Held.MAYBE), [("maybe", Tone.MAYBE)], "[1]_"),
        ("maybe(read)", reading(Held.MAYBE, Mode.SHARED), [("maybe shared", Tone.MAYBE)], "maybe(read)"),
        (
            "yes, unlocks",
            reading(Held.YES, effect=Effect.UNLOCKS),
            [("yes", Tone.YES), ("unlocks", Tone.EFFECT)],
            "",
        ),
        ("locks the folio", reading(Held.UNKNOWN, effect=Effect.LOCKS), [("locks", Tone.EFFECT)], "the folio"),
        ("", reading(Held.UNKNOWN), [("not stated", Tone.UNKNOWN)], ""),
        ("!!!", reading(Held.UNKNOWN), [("unclear", Tone.UNKNOWN)], "!!!"),
    ],
)
def test_a_cell_is_chips_and_what_they_do_not_say(
    cell: str, given: Reading, chips: list[tuple[str, Tone]], remark: str
) -> None:
    view = lock_cells.cell(rule(cell, given))
    assert [(chip.word, chip.tone) for chip in view.chips] == chips
    assert (view.text, view.remark) == (cell, remark)


def test_a_blank_cell_is_unknown_and_never_no() -> None:
    (chip,) = lock_cells.cell(rule("", reading(Held.UNKNOWN))).chips
    assert chip.tone is Tone.UNKNOWN
    assert lock_cells.cell(rule("")).chips[0].tone is Tone.UNKNOWN


def test_a_cell_that_names_several_locks_names_them_on_its_chips() -> None:
    both = (reading(Held.YES, subject="dqonoff_sem"), reading(Held.YES, subject="dqptr_sem"))
    view = lock_cells.cell(rule("dqonoff_sem or dqptr_sem", *both, lock="Held locks when called"))
    assert [(chip.word, chip.lock) for chip in view.chips] == [("yes", "dqonoff_sem"), ("yes", "dqptr_sem")]


def test_a_context_column_has_no_lock_page() -> None:
    assert lock_cells.cell(rule("maybe", reading(Held.MAYBE, subject="rcu-walk", context=True))).href is None
    assert lock_cells.cell(rule("no", reading(Held.NO))).href == "/locks/i_rwsem/"


def test_a_column_of_remarks_says_neither_yes_nor_no() -> None:
    view = lock_cells.cell(
        rule("called from RCU callback", reading(Held.UNKNOWN, subject="note", context=True), lock="note")
    )
    assert (view.chips, view.remark) == ((), "called from RCU callback")
    locked = reading(Held.YES, subject="i_lock")
    both = rule("!!!inode->i_lock!!!", reading(Held.UNKNOWN, subject="note", context=True), locked, lock="note")
    assert [(chip.word, chip.lock) for chip in lock_cells.cell(both).chips] == [("yes", "i_lock")]
    assert not both.record.is_context


def op(*rules: Cited[LockRule], inherited: tuple[Cited[BlanketRule], ...] = ()) -> OpState:
    return OpState(version="v6.8.1", struct="s", name="o", rules=rules, inherited=inherited)


def blanket(text: str, held: Held | None, *exceptions: str) -> Cited[BlanketRule]:
    said = Reading(subject=None, held=held, context=True) if held else None
    return cited(
        BlanketRule(struct="s", text=text, exceptions=exceptions, lock="may block", reading=said, evidence=at(3))
    )


BLOCKS = Reading(subject=None, held=Held.NO, context=True)


@pytest.mark.parametrize(
    ("state", "word", "inherited"),
    [
        (op(rule("no", BLOCKS, lock="may block")), "no", False),
        (op(inherited=(blanket("all may block", Held.YES),)), "yes", True),
        (op(inherited=(blanket("All except o may block", Held.YES, "o"),)), "no", True),
        (op(rule("no", BLOCKS, lock="may block"), inherited=(blanket("all may block", Held.YES),)), "no", False),
        (op(inherited=(blanket("All may block [not true, see below]", None),)), "unclear", True),
    ],
)
def test_may_it_block(state: OpState, word: str, inherited: bool) -> None:
    answer = ops.block_answer(state)
    assert answer is not None
    assert [chip.word for chip in answer.chips] == [word]
    assert answer.inherited is inherited


def test_where_nothing_says_whether_it_blocks_there_is_no_answer() -> None:
    assert ops.block_answer(op(rule("no", reading(Held.NO)))) is None


def proto(line: int, *parameters: tuple[str, str | None], returns: str = "int") -> Cited[Prototype]:
    return cited(
        Prototype(
            struct="s",
            op="o",
            text=f"{returns} (*o)({', '.join(type_ for type_, _ in parameters)})",
            raw="",
            returns=returns,
            parameters=tuple(Parameter(type=type_, name=name) for type_, name in parameters),
            evidence=at(line),
        )
    )


def test_prototypes_that_differ_in_names_only_are_one() -> None:
    views = ops.prototypes([proto(1, ("int", None)), proto(2, ("int", "count")), proto(3, ("long", None))])
    assert [[citation.line for citation in view.citations] for view in views] == [[1, 2], [3]]
    assert views[0].parameters[0].name == "count"


def test_a_prototype_with_another_return_type_is_another() -> None:
    assert len(ops.prototypes([proto(1, ("int", None)), proto(2, ("int", None), returns="void")])) == 2


@pytest.mark.parametrize(
    ("version", "path", "tree"),
    [
        ("v6.8.1", "Documentation/filesystems/locking.rst", "stable"),
        ("v6.8", "Documentation/filesystems/locking.rst", "torvalds"),
        ("v6.8-rc2", "Documentation/filesystems/locking.rst", "torvalds"),
        ("v2.6.12", "Documentation/filesystems/Locking", "torvalds"),
        ("v2.6.12.3", "Documentation/filesystems/Locking", "stable"),
        ("aufs5.4", "Documentation/filesystems/aufs/design/06mmap.txt", None),
        ("v6.8.1", "saved.txt", None),
        ("", "note.txt", None),
        ("v6.12.9-amd64", "Documentation/filesystems/locking.rst", None),
    ],
)
def test_links_to_the_same_line_elsewhere(version: str, path: str, tree: str | None) -> None:
    elixir, kernel = parts.external(version, path, 96)
    if tree is None:
        assert (elixir, kernel) == (None, None)
        return
    assert elixir == f"https://elixir.bootlin.com/linux/{version}/source/{path}#L96"
    host = "https://git.kernel.org"
    assert kernel == f"{host}/pub/scm/linux/kernel/git/{tree}/linux.git/tree/{path}?h={version}#n96"


def test_what_is_older_than_git_is_on_elixir_only() -> None:
    elixir, kernel = parts.external("v2.4.37", "Documentation/filesystems/Locking", 9)
    assert elixir == "https://elixir.bootlin.com/linux/v2.4.37/source/Documentation/filesystems/Locking#L9"
    assert kernel is None


def test_a_citation_names_its_line() -> None:
    citation = parts.cite(rule("no", reading(Held.NO), line=96))
    assert citation.label == "locking.rst:96"
    assert citation.href == "/doc/v6.8.1/Documentation/filesystems/locking.rst#L96"


def test_the_strip_says_where_the_page_is_missing() -> None:
    stops = strips.version_strip(("v1", "v2", "v3"), "v3", {"v2": "/v2", "v3": "/v3"}, changed=["v2"])
    assert [(stop.present, stop.changed, stop.here) for stop in stops] == [
        (False, False, False),
        (True, True, False),
        (True, False, True),
    ]
    assert stops[0].href == "/v/v1/"


def states(**words: str) -> dict[str, State]:
    return {
        label: NOT_STATED if word == NOT_STATED.text else State(word, word, Tone.YES) for label, word in words.items()
    }


def test_the_blocks_of_a_lane() -> None:
    labels = ("v1", "v2", "v3", "v4", "v5", "v6")
    lane = whole_lane(labels, states(v2="yes", v3=NOT_STATED.text, v5="no", v6=NOT_STATED.text), {"v4"})
    assert [(block.first, block.columns, block.text) for block in blocks_of(labels, lane)] == [
        ("v1", 1, ""),  # before the first version that states it
        ("v2", 1, "yes"),
        ("v3", 1, NOT_STATED.text),
        ("v4", 1, SILENT.text),  # not available is not removed
        ("v5", 1, "no"),
        ("v6", 1, ""),
    ]


def test_the_pieces_of_a_snippet() -> None:
    found = find.without_marks("when \x02rename\x03 is \x02called\x03")
    assert found.text == "when rename is called"
    assert [found.text[first:last] for first, last in found.matches] == ["rename", "called"]
    assert find.without_marks("nothing") == find.Marked(text="nothing", matches=())


def test_search_addresses_leave_out_what_is_empty() -> None:
    assert find.search_address("a b", kind="op", lock=None, offset=0) == "/search?q=a+b&kind=op"


def test_near_names() -> None:
    assert near_names("renam", ["rename", "create", "rename2"])[0] == "rename"
    assert near_names("", ["rename"]) == ()


@pytest.mark.parametrize(
    ("number", "noun", "text"), [(1, "op", "1 op"), (2, "entry", "2 entries"), (1200, "op", "1,200 ops")]
)
def test_plurals(number: int, noun: str, text: str) -> None:
    assert parts.plural(number, noun) == text


def test_a_cell_that_says_see_below_leads_to_the_note_that_it_means() -> None:
    def note(kind: NoteKind) -> Cited[Note]:
        return cited(Note(kind=kind, struct="s", ops=("o",), text="More.", evidence=at(20)))

    below, footnote = rule("exclusive (see below)"), rule("maybe [1]_")
    op = OpState(version="v6.8.1", struct="s", name="o", notes=(note(NoteKind.FOOTNOTE), note(NoteKind.PARAGRAPH)))
    assert lock_cells.cell_of(op, below).note == "/v/v6.8.1/s/o/#note-2"
    assert lock_cells.cell_of(op, footnote).note == "/v/v6.8.1/s/o/#note-1"
    assert lock_cells.cell_of(op, rule("exclusive")).note is None
    assert lock_cells.cell_of(OpState(version="v6.8.1", struct="s", name="o"), below).note is None
