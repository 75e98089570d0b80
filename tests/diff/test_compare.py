"""What changed: a table of (old text, new text, expected), and what a table cannot say."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from kbase.diff.changes import Change, ChangeKind, Severity
from kbase.diff.comparability import describe_gaps
from kbase.diff.comparable import ComparableVersion, VersionFacts
from kbase.diff.compare import diff
from kbase.diff.facts import words
from kbase.diff.renames import find_renames
from kbase.model.records import BlanketRule, Diagnostic, Evidence, Level, LockRule
from kbase.model.states import Cited, VersionState
from kbase.model.witnesses import DocumentKind
from tests.diff.compared import gaps, porting_between

ReadVersion = Callable[..., VersionState]
WriteDocument = Callable[..., dict[str, str]]
FUSE = {"Documentation/filesystems/fuse.rst": "Fuse\n====\n\nNothing.\n"}
CREATE = "int (*create)(struct inode *, struct dentry *);"
UNLINK = "int (*unlink)(struct inode *, struct dentry *);"


@dataclass
class Case:
    """One entry of `diff_cases.txt`."""

    name: str
    sections: dict[str, dict[str, dict[str, list[str]]]] = field(default_factory=lambda: {"old": {}, "new": {}})
    changes: list[str] = field(default_factory=list)


def cases() -> Iterator[Case]:
    """The entries of `diff_cases.txt`."""
    text = (Path(__file__).parent / "diff_cases.txt").read_text("utf-8")
    for entry in text.split("\n# ")[1:]:
        name, *lines = entry.split("\n")
        case = Case(name)
        into = case.changes
        for line in filter(None, lines):
            if line.startswith("@ changes"):
                into = case.changes
            elif line.startswith("@ "):
                side, kind, *struct = line[2:].split()
                tables = case.sections[side].setdefault(kind, {})
                into = tables.setdefault(struct[0] if struct else "inode_operations", [])
            else:
                into.append(line)
        yield case


CASES = list(cases())


def told(change: Change) -> str:
    """A change in one line."""
    return f"{change.kind} {change.severity} {change.path}: {change.before} -> {change.after}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, read_version: ReadVersion, write_document: WriteDocument) -> None:
    states = []
    for label, documents in zip(("v1.0", "v2.0"), case.sections.values(), strict=True):
        files = documents.get("file", {})
        texts = [write_document(kind, **tables) for kind, tables in documents.items() if kind != "file"]
        texts += [{path: "\n".join([*lines, ""])} for path, lines in files.items()]
        states.append(read_version(label, {path: text for one in texts for path, text in one.items()}))
    assert [told(change) for change in diff(*states)] == case.changes


def test_every_kind_has_a_meaning_and_an_opposite() -> None:
    assert all(kind.meaning and kind.severity in Severity for kind in ChangeKind)
    assert all(kind.mirrored.mirrored is kind for kind in ChangeKind)


def test_kinds_that_the_table_shows() -> None:
    shown = {line.split()[0] for case in CASES for line in case.changes}
    elsewhere = {"function", "flag", "steps"}
    assert {kind for kind in ChangeKind if kind not in shown and kind.split("-")[0] not in elsewhere} == {
        ChangeKind.MEMBER_ADDED,
        ChangeKind.MEMBER_REMOVED,
        ChangeKind.DESCRIPTION_ADDED,
        ChangeKind.DESCRIPTION_REMOVED,
    }


def test_members_and_what_is_said_of_them_come_and_go_together(
    read_version: ReadVersion, write_document: WriteDocument
) -> None:
    old = read_version("v1.0", write_document("vfs", CREATE))
    new = read_version("v2.0", write_document("vfs", CREATE, "int fs_flags;", "``fs_flags``\n\tvarious flags\n"))
    assert [told(c) for c in diff(old, new)] == [
        "member-added documentation inode_operations:fs_flags: None -> int fs_flags"
    ]
    assert [c.kind for c in diff(new, old)] == ["member-removed"]


def test_a_description_comes_and_goes(read_version: ReadVersion, write_document: WriteDocument) -> None:
    old = read_version("v1.0", write_document("vfs", CREATE))
    new = read_version("v2.0", write_document("vfs", CREATE, "``create``\n\tmakes a file\n"))
    assert [told(c) for c in diff(old, new)] == [
        "description-added documentation inode_operations.create: None -> makes a file"
    ]
    assert [c.kind for c in diff(new, old)] == ["description-removed"]


def test_a_rename_tells_its_reason_and_that_it_is_likely(
    read_version: ReadVersion, write_document: WriteDocument
) -> None:
    old = read_version("v1.0", write_document("vfs", CREATE, "int (*release_page)(struct page *, gfp_t);"))
    new = read_version("v2.0", write_document("vfs", CREATE, "bool (*release_folio)(struct folio *, gfp_t);"))
    rename = diff(old, new)[0]
    assert rename.likely
    assert rename.renamed == ("inode_operations.release_page", "inode_operations.release_folio")
    assert "the names are alike" in rename.reason
    assert rename.concerns("inode_operations", "release_page")
    assert rename.concerns("inode_operations", "release_folio")
    assert rename.concerns("inode_operations")
    assert not rename.concerns("inode_operations", "create")


def porting(*entries: str) -> dict[str, str]:
    text = "Changes since 2.5.0:\n\n" + "".join(f"---\n\n**mandatory**\n\n{entry}\n\n" for entry in entries)
    return {"Documentation/filesystems/porting.rst": text}


def test_what_the_porting_log_says_is_no_guess_and_is_attached(
    read_version: ReadVersion, write_document: WriteDocument
) -> None:
    plain = write_document("vfs", "void *(*follow)(struct dentry *, struct nameidata *);", UNLINK)
    fresh = write_document("vfs", "const char *(*get_target)(struct dentry *, struct delayed_call *);", UNLINK)
    first = "->unlink() wants care."
    entry = "->follow() is replaced with ->get_target(), which takes something else."
    old, new = read_version("v1.0", plain | porting(first)), read_version("v2.0", fresh | porting(first, entry))
    rename = diff(old, new)[0]
    assert (rename.kind, rename.likely, rename.before, rename.after) == ("op-renamed", False, "follow", "get_target")
    assert [cited.record.text for cited in rename.porting] == [entry]
    assert [cited.record.text for cited in porting_between(old, new)] == [entry]
    without = read_version("v1.0", plain)
    assert porting_between(without, new) == ()
    assert ChangeKind.OP_RENAMED not in {c.kind for c in diff(without, read_version("v2.0", fresh))}


def both(write_document: WriteDocument, vfs: str, locking: str) -> dict[str, str]:
    return write_document("vfs", vfs) | write_document("locking", locking)


def test_two_witnesses_are_named(read_version: ReadVersion, write_document: WriteDocument) -> None:
    before = both(write_document, "int (*a)(struct user_namespace *, struct inode *);", "int (*a)(struct inode *);")
    now = "int (*a)(struct mnt_idmap *, struct inode *);"
    (change,) = diff(read_version("v1.0", before), read_version("v2.0", both(write_document, now, now)))
    assert set(change.documents) == {DocumentKind.VFS, DocumentKind.LOCKING}
    assert change.reason == "parameter 1; locking.rst has nothing before, struct mnt_idmap * after"
    assert [(place.version, place.path[-11:]) for place in change.evidence] == [
        ("v1.0", "ems/vfs.rst"),
        ("v2.0", "ems/vfs.rst"),
        ("v1.0", "locking.rst"),
        ("v2.0", "locking.rst"),
    ]


def test_the_document_that_stays_behind_is_named(read_version: ReadVersion, write_document: WriteDocument) -> None:
    old, new = "int (*flush)(struct file *);", "int (*flush)(struct file *, fl_owner_t);"
    before = read_version("v1.0", both(write_document, old, old))
    (change,) = diff(before, read_version("v2.0", both(write_document, new, old)))
    assert (change.kind, change.severity) == ("parameter-added", "breaking")
    assert change.reason == "parameter 2; locking.rst still has the old one"


def test_a_return_type_that_another_document_had_already_is_no_new_contract(
    read_version: ReadVersion, write_document: WriteDocument
) -> None:
    early, late = CREATE.replace("int", "void").replace("inode *", "inode *dir"), CREATE.replace("int", "void")
    old = read_version("v1.0", write_document("vfs", CREATE) | write_document("locking", early))
    new = read_version("v2.0", write_document("vfs", late) | write_document("locking", early))
    (change,) = diff(old, new)
    assert (change.kind, change.severity) == ("return-type-changed", "documentation")
    assert change.reason == "locking.rst said so already"


def test_a_bare_name_in_the_porting_log_is_an_op_of_a_core_table(
    read_version: ReadVersion, write_document: WriteDocument
) -> None:
    alloc = "struct inode *(*alloc_inode)(struct super_block *);"
    quota = ["int (*alloc_inode)(const struct inode *, unsigned long);", "int (*mark_dirty)(struct dquot *);"]
    stays = ["int (*acquire_dquot)(struct dquot *);", "int (*release_dquot)(struct dquot *);"]
    entry = "->alloc_inode() is to be there; ->mark_dirty() is gone."
    before = write_document("vfs", CREATE, dquot_operations=[*quota, *stays])
    after = write_document("vfs", CREATE, super_operations=[alloc], dquot_operations=stays)
    old = read_version("v1.0", before | porting("->create() wants care."))
    new = read_version("v2.0", after | porting("->create() wants care.", entry))
    assert {f"{c.struct}.{c.op}": bool(c.porting) for c in diff(old, new) if c.op} == {
        "dquot_operations.alloc_inode": False,
        "dquot_operations.mark_dirty": True,
        "super_operations.alloc_inode": True,
    }


def test_a_word_written_twice_is_no_other_step(read_version: ReadVersion) -> None:
    steps = "Title\n=====\n\n1. felling.  Locking rules:\n\n\t* lock the {}\n\t* find the tree\n\nThat is all.\n"
    slip, same, other = (
        read_version(label, {"Documentation/filesystems/directory-locking.rst": steps.format(ground)})
        for label, ground in (("v1.0", "the ground"), ("v2.0", "ground"), ("v3.0", "wood"))
    )
    assert diff(slip, same) == ()
    assert [told(change).split(":")[0] for change in diff(same, other)] == ["steps-changed behaviour felling"]


def test_a_lock_in_place_of_another_says_so(read_version: ReadVersion, write_document: WriteDocument) -> None:
    old, new = (
        read_version(version, write_document("locking", CREATE, f"ops | {lock}", "create | yes"))
        for version, lock in (("v1.0", "bd_mutex"), ("v2.0", "open_mutex"))
    )
    assert {c.reason for c in diff(old, new)} == {"open_mutex in place of bd_mutex"}


def test_not_held_is_no_removal(read_version: ReadVersion, write_document: WriteDocument) -> None:
    rows = [CREATE, UNLINK, "ops | BKL", "unlink | yes"]
    two = read_version("v1.0", write_document("vfs", CREATE) | write_document("locking", *rows))
    one = read_version("v2.0", write_document("vfs", CREATE))
    assert diff(two, one) == ()
    assert diff(one, two) == ()
    assert describe_gaps(gaps(two, one)) == (
        "v1.0: porting, directory-locking: not available",
        "v2.0: locking, porting, directory-locking: not available",
    )
    assert not any(gap.unreadable for gap in gaps(two, one))


def test_an_unreadable_document_is_a_gap_and_no_removal(
    read_version: ReadVersion, write_document: WriteDocument
) -> None:
    good = read_version("v1.0", both(write_document, CREATE, UNLINK))
    torn = {"Documentation/filesystems/locking.rst": "=======\nLocking\n=======\n\nGone.\n"}
    bad = read_version("v2.0", write_document("vfs", CREATE) | torn)
    assert diff(good, bad) == ()
    found = [gap for gap in gaps(good, bad) if gap.document is DocumentKind.LOCKING]
    assert [(gap.version, gap.unreadable) for gap in found] == [("v2.0", True)]
    assert str(found[0]) == "v2.0: Documentation/filesystems/locking.rst: nothing could be read from it"


def test_lost_facts_are_a_gap(read_version: ReadVersion, write_document: WriteDocument) -> None:
    state = read_version("v1.0", both(write_document, CREATE, CREATE))
    document = state.documents[0]
    place = Evidence(blob=document.blob, first=7, last=7)
    lost = Diagnostic(code="broken", level=Level.ERROR, message="a table is lost", excerpt="", evidence=place)
    damaged = replace(state, diagnostics=(Cited(record=lost, document=document),))
    (gap,) = [gap for gap in gaps(state, damaged) if gap.unreadable]
    assert str(gap) == f"v1.0: {document.path}: facts were lost: a table is lost (line 7)"
    assert gap.unreadable


def test_documents_come_go_and_are_converted(read_version: ReadVersion, write_document: WriteDocument) -> None:
    main = both(write_document, CREATE, CREATE)
    old = read_version("v1.0", main | {"Documentation/filesystems/ext4.txt": "Ext4\n====\n\nNothing.\n"})
    new = read_version("v2.0", main | {"Documentation/filesystems/ext4.rst": "Ext4\n====\n\nNothing.\n"} | FUSE)
    assert [c.kind for c in diff(old, new)] == ["document-added", "document-converted"]
    assert [c.kind for c in diff(new, old)] == ["document-removed", "document-converted"]
    assert diff(old, new)[0].after == "Documentation/filesystems/fuse.rst"


def test_a_loose_file_says_nothing_of_other_documents(read_version: ReadVersion, write_document: WriteDocument) -> None:
    vfs = write_document("vfs", CREATE)
    tree = read_version("v2.0", vfs | FUSE)
    assert diff(read_version("v1.0", vfs), tree) == ()
    assert diff(read_version("v1.0", vfs, bundled=True), tree) == ()


def blanketed(state: VersionState, text: str, *exceptions: str, held: LockRule | None = None) -> VersionState:
    """The state with one blanket rule over its table."""
    document = state.documents[0]
    rule = BlanketRule(
        struct="inode_operations",
        text=text,
        exceptions=exceptions,
        lock="may block",
        reading=held.readings[0] if held else None,
        evidence=Evidence(blob=document.blob, first=1, last=1),
    )
    table = replace(state.tables[0], blankets=(Cited(record=rule, document=document),))
    return replace(state, by_name={table.name: table})


def test_blanket_rules(read_version: ReadVersion, write_document: WriteDocument) -> None:
    pages = read_version("v1.0", write_document("locking", CREATE, "int (*mark_page)(struct page *);"))
    folios = read_version("v2.0", write_document("locking", CREATE, "int (*mark_folio)(struct folio *);"))
    old = blanketed(pages, "all except mark_page may block", "mark_page")

    def blanket(new: VersionState) -> list[tuple[str, str]]:
        return [(c.kind, c.severity) for c in diff(old, new) if c.kind.startswith("blanket")]

    follows = blanketed(folios, "all except mark_folio may block", "mark_folio")
    assert blanket(follows) == [("blanket-changed", "cosmetic")]
    assert blanket(blanketed(pages, "all may block but mark_page", "mark_page")) == [
        ("blanket-changed", "documentation")
    ]
    assert blanket(blanketed(pages, "only mark_page may not block, nor create", "mark_page", "create")) == [
        ("blanket-changed", "behaviour")
    ]
    assert blanket(pages) == [("blanket-removed", "behaviour")]


def test_ambiguous_cells_of_a_flattened_page_are_not_compared(
    read_version: ReadVersion, write_document: WriteDocument
) -> None:
    rows = [CREATE, UNLINK, "ops | i_rwsem(inode)", "create | shared"]
    old = read_version("v1.0", write_document("locking", *rows, "unlink | yes"))
    table = old.tables[0]
    create = table.ops[0]
    candidates = ("i_rwsem(inode)", "invalidate_lock")
    vague = tuple(
        replace(c, record=replace(c.record, lock=" or ".join(candidates), candidates=candidates)) for c in create.rules
    )
    flat = replace(
        old, by_name={table.name: replace(table, by_name={**table.by_name, create.name: replace(create, rules=vague)})}
    )
    new = read_version("v2.0", write_document("locking", *rows, "unlink | no"))
    assert [c.path for c in diff(flat, new)] == ["inode_operations.unlink:i_rwsem"]


def facts(state: VersionState) -> VersionFacts:
    """The facts of a version by op."""
    return VersionFacts.of(ComparableVersion.of(state).facts)


def test_matching_is_symmetric_on_kept_names(read_version: ReadVersion, write_document: WriteDocument) -> None:
    kept = "struct posix_acl *(*{})(struct inode *, int, bool);".format
    fresh = "struct posix_acl *(*get_acl)(struct mnt_idmap *, struct dentry *, umode_t);"
    old = facts(read_version("v1.0", write_document("vfs", kept("get_acl"))))
    new = facts(read_version("v2.0", write_document("vfs", kept("get_inode_acl"), fresh)))
    (_, there), (_, back) = find_renames(old, new), find_renames(new, old)
    assert [(r.old[1], r.new[1]) for r in there] == [("get_acl", "get_inode_acl")]
    assert [(r.new[1], r.old[1]) for r in back] == [("get_acl", "get_inode_acl")]


def test_severities_stand_worst_first() -> None:
    assert list(Severity) == ["breaking", "behaviour", "documentation", "cosmetic"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Called by\n  ``open(2)``", "called by open 2"),
        (":c:func:`iput()` drops *it*", "iput drops it"),
        ("yes (see below)", "yes"),
        (".. [1] a footnote [1]_", "a footnote"),
        ("text::\n\n.. code-block:: c\n\n\tint x", "text int x"),
    ],
)
def test_words(text: str, said: str) -> None:
    assert words(text) == said


def test_a_note_in_quite_other_words_is_the_same_note(read_version: ReadVersion, write_document: WriteDocument) -> None:
    texts = ("->create() is a mess, which wants a cleanup.", "->create() keeps the bit; helpers serve most instances.")
    other = "->unlink() may not sleep in there."
    rows = ["ops | i_rwsem", "create | yes", "unlink | yes"]
    old = read_version("v1.0", write_document("locking", CREATE, UNLINK, *rows, texts[0]))
    new = read_version("v2.0", write_document("locking", CREATE, UNLINK, *rows, f"{texts[1]}\n\n{other}"))
    for first, second in ((old, new), (new, old)):
        changes = {c.op: c.kind for c in diff(first, second)}
        assert changes["create"] == "note-changed"
        assert changes["unlink"] in ("note-added", "note-removed")


def test_what_took_the_place_of_a_gone_op_is_told(read_version: ReadVersion, write_document: WriteDocument) -> None:
    aio = "ssize_t (*aio_read)(struct kiocb *, const struct iovec *, unsigned long, loff_t);"
    now = "ssize_t (*read_iter)(struct kiocb *, struct iov_iter *);"
    old, new = (
        read_version(v, write_document("vfs", file_operations=[op])) for v, op in (("v3.2", aio), ("v4.2", now))
    )
    (gone,) = [c for c in diff(old, new) if c.kind is ChangeKind.OP_REMOVED]
    assert gone.reason == "stated by vfs.rst; read_iter replaces it since 3.16"


def test_an_op_that_replaced_two_is_no_rename_of_either(
    read_version: ReadVersion, write_document: WriteDocument
) -> None:
    ops = [f"int (*{name}_file_range)(struct file *, loff_t, struct file *, loff_t);" for name in ("clone", "dedupe")]
    one = "loff_t (*remap_file_range)(struct file *, loff_t, struct file *, loff_t, loff_t, unsigned int);"
    entry = "->clone_file_range() and ->dedupe_file_range have been replaced with ->remap_file_range()."
    old = read_version("v4.18", write_document("vfs", file_operations=ops) | porting("Something."))
    new = read_version("v5.4", write_document("vfs", file_operations=[one]) | porting("Something.", entry))
    assert sorted(c.kind for c in diff(old, new)) == ["op-added", "op-removed", "op-removed"]
    assert all(c.porting for c in diff(old, new))


def test_a_rename_that_only_history_knows(read_version: ReadVersion, write_document: WriteDocument) -> None:
    old = read_version("v3.10", write_document("vfs", CREATE, "int (*get_acl)(struct inode *, int);"))
    now = "struct posix_acl *(*{})({}, int);"
    names = (("get_inode_acl", "struct inode *"), ("get_acl", "struct mnt_idmap *, struct dentry *"))
    new = read_version("v6.8", write_document("vfs", CREATE, *(now.format(*name) for name in names)))
    rename, *rest = [c for c in diff(old, new) if c.op in ("get_inode_acl", "get_acl")]
    assert (rename.kind, rename.before, rename.after, rename.likely) == (
        "op-renamed",
        "get_acl",
        "get_inode_acl",
        False,
    )
    assert rename.reason == "known from the kernel's history, the old name was given to another op"
    assert [(c.kind, c.op) for c in rest] == [("return-type-changed", "get_inode_acl"), ("op-added", "get_acl")]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("BKL | yes", "flc_lock | yes", "flc_lock in place of BKL"),
        ("BKL | no", "rcu-walk | no", "it is not held"),
        ("BKL | yes", "flc_lock | no", ""),
    ],
)
def test_only_a_column_takes_the_place_of_a_column(
    read_version: ReadVersion, write_document: WriteDocument, old: str, new: str, reason: str
) -> None:
    states = []
    for label, column in (("v1.0", old), ("v2.0", new)):
        lock, cell = column.split(" | ")
        states.append(read_version(label, write_document("locking", CREATE, f"ops | {lock}", f"create | {cell}")))
    (removed,) = [c for c in diff(*states) if c.kind is ChangeKind.LOCK_REMOVED]
    assert removed.reason == reason


def test_a_folder_moves_with_all_that_is_in_it(read_version: ReadVersion, write_document: WriteDocument) -> None:
    main = write_document("vfs", CREATE)

    def tree(folder: str, text: str) -> dict[str, str]:
        path = f"Documentation/filesystems/{folder}"
        return main | {f"{path}/index.rst": f"{text}\n====\n", f"{path}/daemon.rst": f"Daemon\n======\n\n{text}\n"}

    old, new = read_version("v1.0", tree("cifs", "Cifs")), read_version("v2.0", tree("smb", "Smb!"))
    assert [(c.kind, c.subject, c.reason) for c in diff(old, new)] == [
        ("document-moved", "Documentation/filesystems/smb/daemon", "likely: the same name in another place"),
        ("document-moved", "Documentation/filesystems/smb/index", "likely: it moved with its folder"),
    ]


def test_paragraphs_put_together_are_not_gone(read_version: ReadVersion, write_document: WriteDocument) -> None:
    first, second = "->create() and ->unlink() have the {} on the parent.", "Elsewhere ->unlink() has the big one."
    ops = [CREATE, UNLINK, "ops | i_rwsem", "create | yes", "unlink | yes"]
    two = f"{first.format('mutex')}\n\n{second}"
    one = f"{first.format('rwsem, held shared,')}\n{second}"
    old, new = (read_version(v, write_document("locking", *ops, text)) for v, text in (("v1.0", two), ("v2.0", one)))
    for before, after in ((old, new), (new, old)):
        (change,) = diff(before, after)
        assert (change.kind, change.subject) == ("note-changed", "create, unlink")
    (there,) = diff(old, new)
    assert there.before is not None
    assert there.before.endswith(second)
    assert len(there.evidence) == 3
