"""Records of one version become ops tables with ops."""

from typing import Any

import pytest

from kbase.model.records import (
    BlanketRule,
    Commit,
    Description,
    DesignNote,
    Evidence,
    Flag,
    Format,
    Held,
    LockRule,
    Member,
    Note,
    NoteKind,
    OpRow,
    OpsTable,
    Person,
    Prototype,
    Reading,
    Record,
    Section,
    Summary,
)
from kbase.model.states import Cited, DocumentRef, TableState, VersionState
from kbase.model.witnesses import DocumentKind
from kbase.store.assembly import assemble, by_op, fitting_summary

STRUCT = "inode_operations"
WHERE = Evidence(blob="0" * 64, first=1, last=1)


def document(kind: DocumentKind, path: str, *, bundled: bool = False) -> DocumentRef:
    return DocumentRef(
        version="v6.4",
        path=path,
        blob=path,
        kind=kind,
        format=Format.RST,
        title="",
        source="bundled" if bundled else "tree",
        bundled=bundled,
    )


LOCKING = document(DocumentKind.LOCKING, "locking.rst")
VFS = document(DocumentKind.VFS, "vfs.rst")
BUNDLED = document(DocumentKind.OTHER, "notes/mmap.txt", bundled=True)
OWN = document(DocumentKind.OTHER, "mmap.txt")


def table(*columns: str, struct: str = STRUCT) -> OpsTable:
    return OpsTable(name=struct, written=struct, columns=columns, evidence=WHERE)


def prototype(op: str, struct: str = STRUCT) -> Prototype:
    text = f"int (*{op})(void)"
    return Prototype(struct=struct, op=op, text=text, raw=text, returns="int", parameters=(), evidence=WHERE)


def rule(op: str, cell: str = "exclusive", struct: str = STRUCT) -> LockRule:
    readings = (Reading(subject="i_rwsem", held=Held.YES),)
    return LockRule(struct=struct, op=op, lock="i_rwsem(inode)", cell=cell, readings=readings, evidence=WHERE)


def row(op: str, struct: str = STRUCT) -> OpRow:
    return OpRow(struct=struct, op=op, evidence=WHERE)


def description(op: str, struct: str = STRUCT) -> Description:
    return Description(struct=struct, op=op, text=f"about {op}", evidence=WHERE)


def member(name: str, struct: str = STRUCT) -> Member:
    return Member(struct=struct, name=name, text=f"int {name}", evidence=WHERE)


def note(*ops: str) -> Note:
    return Note(struct=STRUCT, ops=ops, kind=NoteKind.PARAGRAPH, text="mind " + " ".join(ops), evidence=WHERE)


def summary(op: str, first: str | None = None, last: str | None = None, text: str = "") -> Summary:
    return Summary(
        struct=STRUCT, op=op, text=text or f"{first}..{last}", first_version=first, last_version=last, evidence=WHERE
    )


def cite(document: DocumentRef, *records: Record) -> list[Cited[Any]]:
    return [Cited(record=record, document=document) for record in records]


def state_of(*cited: Cited[Any], summaries: tuple[Summary, ...] = (), label: str = "v6.4") -> VersionState:
    return assemble(label, "given", (LOCKING, VFS), cited, summaries=by_op(cite(BUNDLED, *summaries)))


def inode_table(*cited: Cited[Any]) -> TableState:
    return state_of(*cited).by_name[STRUCT]


def test_ops_stand_in_the_order_of_the_struct_then_the_locking_prototypes_then_the_rows() -> None:
    found = inode_table(
        *cite(LOCKING, table("i_rwsem(inode)"), prototype("rename"), prototype("truncate"), row("tmpfile")),
        *cite(VFS, table(), prototype("create"), prototype("rename")),
    )
    assert [op.name for op in found.ops] == ["create", "rename", "truncate", "tmpfile"]
    assert [op.table_position for op in found.ops] == [0, 1, 2, 3]
    assert [op.has_row for op in found.ops] == [False, False, False, True]


def test_an_op_has_the_prototypes_of_all_documents() -> None:
    found = inode_table(*cite(LOCKING, prototype("rename")), *cite(VFS, prototype("rename")))
    assert [cited.path for cited in found.by_name["rename"].prototypes] == ["vfs.rst", "locking.rst"]


def test_tables_stand_in_the_order_of_the_locking_document() -> None:
    found = state_of(
        *cite(VFS, table(struct="file_operations"), table(struct="super_operations")),
        *cite(LOCKING, table(struct="super_operations"), table(struct="inode_operations")),
    )
    assert [each.name for each in found.tables] == ["super_operations", "inode_operations", "file_operations"]


def test_columns_are_those_of_the_locking_table() -> None:
    found = inode_table(*cite(LOCKING, table("i_rwsem(inode)", "may block")), *cite(VFS, table()))
    assert found.columns == ("i_rwsem(inode)", "may block")
    assert [cited.path for cited in found.tables] == ["locking.rst", "vfs.rst"]


def test_rules_and_rows_reach_their_op() -> None:
    found = inode_table(*cite(LOCKING, row("rename"), rule("rename"), row("tmpfile")))
    assert [cited.record.cell for cited in found.by_name["rename"].locks] == ["exclusive"]
    assert found.by_name["tmpfile"].has_row
    assert found.by_name["tmpfile"].rules == ()


def test_a_description_of_a_data_member_is_none_of_an_op() -> None:
    found = inode_table(*cite(VFS, prototype("rename"), member("flags"), description("rename"), description("flags")))
    assert [op.name for op in found.ops] == ["rename"]
    assert [cited.record.op for cited in found.by_name["rename"].descriptions] == ["rename"]
    assert [cited.record.op for cited in found.member_descriptions] == ["flags"]


def test_a_misspelt_description_makes_no_op_where_the_struct_is_listed() -> None:
    found = inode_table(*cite(VFS, prototype("rename"), description("renme")))
    assert [op.name for op in found.ops] == ["rename"]
    assert [cited.record.op for cited in found.member_descriptions] == ["renme"]


def test_descriptions_make_ops_where_the_document_lists_no_members() -> None:
    found = inode_table(*cite(VFS, description("rename"), description("create")))
    assert [op.name for op in found.ops] == ["rename", "create"]


def test_xattr_handler_has_its_three_ops_and_no_others() -> None:
    names = ("name", "prefix", "list", "get", "set")
    found = state_of(*cite(VFS, *(description(op, "xattr_handler") for op in names))).by_name["xattr_handler"]
    assert [op.name for op in found.ops] == ["list", "get", "set"]
    assert [cited.record.op for cited in found.member_descriptions] == ["name", "prefix"]


def test_a_note_reaches_each_op_that_it_names_and_else_the_table() -> None:
    found = inode_table(
        *cite(LOCKING, prototype("rename"), prototype("link"), note("rename", "link"), note(), note("unheard_of"))
    )
    assert [cited.record.ops for cited in found.by_name["rename"].notes] == [("rename", "link")]
    assert [cited.record.ops for cited in found.by_name["link"].notes] == [("rename", "link")]
    assert [cited.record.ops for cited in found.notes] == [(), ("unheard_of",)]


def test_a_blanket_rule_is_inherited_by_every_op_also_by_its_exceptions() -> None:
    blanket = BlanketRule(struct=STRUCT, text="all but link may block", exceptions=("link",), evidence=WHERE)
    found = inode_table(*cite(LOCKING, prototype("rename"), prototype("link"), blanket))
    assert [op.inherited[0].record for op in found.ops] == [blanket, blanket]
    assert found.blankets[0].record == blanket


def test_a_flag_belongs_to_its_op_and_to_the_version() -> None:
    flag = Flag(name="RENAME_EXCHANGE", struct=STRUCT, op="rename", text="swap", evidence=WHERE)
    alone = Flag(name="SB_RDONLY", struct=None, op=None, text="read only", evidence=WHERE)
    found = state_of(*cite(VFS, prototype("rename"), flag, alone))
    assert [cited.record.name for cited in found.ops["inode_operations.rename"].flags] == ["RENAME_EXCHANGE"]
    assert [cited.record.name for cited in found.flags] == ["RENAME_EXCHANGE", "SB_RDONLY"]
    assert [each.name for each in found.tables] == [STRUCT]


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("v3.10", "..v4.8"),
        ("v4.8", "..v4.8"),
        ("v4.8.17", "..v4.8"),
        ("v4.9-rc1", "v4.9.."),
        ("v4.9", "v4.9.."),
        ("v6.8.1", "v4.9.."),
        ("", "..v4.8"),
    ],
)
def test_the_summary_whose_range_holds_the_version_is_taken(label: str, text: str) -> None:
    candidates = cite(BUNDLED, summary("rename", None, "v4.8", "..v4.8"), summary("rename", "v4.9", None, "v4.9.."))
    found = fitting_summary(label, candidates)
    assert found is not None
    assert found.record.text == text


def test_no_summary_fits_a_version_out_of_all_ranges() -> None:
    candidates = cite(BUNDLED, summary("rename", "v4.9", "v5.4"))
    assert fitting_summary("v6.4", candidates) is None
    assert fitting_summary("aufs5.4", candidates) is None


def test_a_narrower_range_beats_a_wider_one() -> None:
    candidates = cite(BUNDLED, summary("rename"), summary("rename", "v4.9", "v6.8"))
    found = fitting_summary("v6.4", candidates)
    assert found is not None
    assert found.record.first_version == "v4.9"


def test_summaries_reach_their_ops_and_are_nobodys_descriptions() -> None:
    found = state_of(*cite(VFS, prototype("rename")), summaries=(summary("rename", text="Moves it."), summary("gone")))
    op = found.ops["inode_operations.rename"]
    assert op.summary is not None
    assert op.summary.record.text == "Moves it."
    assert op.descriptions == ()
    assert set(found.ops) == {"inode_operations.rename"}


def test_the_users_own_note_and_commit_stand_for_the_bundled_ones() -> None:
    person = Person(name="A", email="a@example.org")
    commit = Commit(
        sha="1" * 40,
        tree="2" * 40,
        parents=(),
        author=person,
        committer=person,
        subject="s",
        body="",
        trailers=(),
        evidence=WHERE,
    )
    mmap = DesignNote(slug="mmap", title="mmap", text="t", evidence=WHERE)
    other = DesignNote(slug="other", title="other", text="t", evidence=WHERE)
    found = state_of(*cite(OWN, mmap, commit), *cite(BUNDLED, mmap, other, commit))
    assert [(cited.record.slug, cited.document) for cited in found.notes] == [("mmap", OWN), ("other", BUNDLED)]
    assert [cited.document for cited in found.commits] == [OWN]


def test_sections_may_be_given_apart() -> None:
    section = Section(titles=("A",), text="t", evidence=WHERE)
    cited = cite(VFS, section)
    assert list(state_of(*cited).sections) == cited
    assert list(assemble("v6.4", "given", (VFS,), (), load_sections=lambda: cited).sections) == cited


def test_a_state_without_records_is_empty() -> None:
    found = state_of()
    assert (found.label, found.label_origin, found.tables) == ("v6.4", "given", ())
    assert found.has(DocumentKind.LOCKING)
