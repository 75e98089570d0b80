"""What changed between real kernels: the changes that people who lived through them know."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kbase.diff.changes import Change, ChangeKind
from kbase.diff.comparability import describe_gaps
from kbase.diff.compare import diff
from kbase.diff.facts import in_sentence
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.states import Cited, VersionState
from kbase.model.witnesses import DocumentKind
from kbase.store.assembly import assemble
from tests.diff.compared import gaps

Between = Callable[[str, str], tuple[Change, ...]]


@pytest.fixture(scope="module")
def changes(kernels: dict[str, VersionState]) -> Between:
    """The diff of two kernels, computed once."""
    known: dict[tuple[str, str], tuple[Change, ...]] = {}

    def between(old: str, new: str) -> tuple[Change, ...]:
        if (old, new) not in known:
            known[old, new] = diff(kernels[old], kernels[new])
        return known[old, new]

    return between


def told(change: Change) -> str:
    return f"{change.kind} {change.severity} {change.path}: {change.before} -> {change.after}"


FOLIOS = {
    ("readpage", "read_folio"),
    ("set_page_dirty", "dirty_folio"),
    ("invalidatepage", "invalidate_folio"),
    ("releasepage", "release_folio"),
    ("freepage", "free_folio"),
    ("migratepage", "migrate_folio"),
    ("launder_page", "launder_folio"),
}


LEASES = {("fl_compare_owner", "lm_compare_owner"), ("fl_notify", "lm_notify"), ("fl_break", "lm_break")}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("v2.6.12", "v2.6.27", set()),
        (
            "v2.6.27",
            "v3.10.64",
            LEASES | {("write_super_lockfs", "freeze_fs"), ("unlockfs", "unfreeze_fs")},
        ),
        ("v3.10.64", "v4.14.194", {("follow_link", "get_link")}),
        ("v4.14.194", "v5.4", set()),
        ("v5.4", "v5.15.55", set()),
        ("v5.15.55", "v6.4.6", FOLIOS | {("get_acl", "get_inode_acl")}),
        ("v6.4.6", "v6.8.1", {("error_remove_page", "error_remove_folio")}),
    ],
)
def test_renames(changes: Between, old: str, new: str, expected: set[tuple[str, str]]) -> None:
    assert {(c.before, c.after) for c in changes(old, new) if c.kind is ChangeKind.OP_RENAMED} == expected


def test_what_the_porting_log_or_the_history_of_the_kernel_says_is_certain(changes: Between) -> None:
    (follow,) = [c for c in changes("v3.10.64", "v4.14.194") if c.kind is ChangeKind.OP_RENAMED]
    assert not follow.likely
    assert "porting" in follow.reason
    assert follow.porting
    folios = [c for c in changes("v5.15.55", "v6.4.6") if c.kind is ChangeKind.OP_RENAMED]
    assert "get_inode_acl" in [c.after for c in folios]
    assert all(c.reason.startswith("known from the kernel's history") and not c.likely for c in folios)


def test_from_5_15_to_6_4(changes: Between) -> None:
    found = changes("v5.15.55", "v6.4.6")
    idmapped = [c for c in found if c.struct == "inode_operations" and c.after == "struct mnt_idmap *"]
    names = "create symlink mkdir mknod rename permission setattr getattr tmpfile set_acl"
    assert {c.op for c in idmapped} == set(names.split())
    assert {(c.kind, c.severity, c.before) for c in idmapped} == {
        ("parameter-retyped", "breaking", "struct user_namespace *")
    }
    (create,) = [c for c in found if c.op == "create"]
    assert set(create.documents) == {DocumentKind.VFS, DocumentKind.LOCKING}
    lines = {told(c) for c in found}
    assert "parameter-retyped breaking inode_operations.tmpfile: struct dentry * -> struct file *" in lines
    assert "lock-renamed documentation address_space_operations:folio_lock: PageLocked(page) -> folio locked" in lines
    assert [c.kind for c in found if c.op == "get_acl"] == ["op-added"]


def test_from_6_4_to_6_8(changes: Between) -> None:
    found = changes("v6.4.6", "v6.8.1")
    lines = {told(c) for c in found}
    assert ("op-removed", "breaking") in {(c.kind, c.severity) for c in found if c.path == "file_operations.iterate"}
    (huge,) = [c for c in found if c.path == "vm_operations_struct.huge_fault"]
    assert huge.kind is ChangeKind.OP_ADDED
    assert [cited.record.ops for cited in huge.porting] == [("huge_fault",)]
    weaker = (
        "lock-weakened behaviour vm_operations_struct.map_pages:mmap_lock: mmap_lock: read -> mmap_lock: maybe-read"
    )
    assert weaker in lines
    (scope,) = [c for c in found if c.kind is ChangeKind.LOCK_SCOPE_CHANGED]
    assert (scope.path, scope.severity) == ("inode_operations.rename:i_rwsem", "behaviour")
    refined = {c.op: c.after for c in found if c.kind is ChangeKind.LOCK_REFINED and c.subject == "mmap_lock"}
    modes = {"open": "write", "close": "read/write", "fault": "read", "page_mkwrite": "read", "pfn_mkwrite": "read"}
    assert refined == {op: f"mmap_lock: {mode}" for op, mode in {**modes, "access": "read"}.items()}


def test_from_text_to_rst(changes: Between) -> None:
    found = changes("v4.14.194", "v5.4")
    converted = {c.subject for c in found if c.kind is ChangeKind.DOCUMENT_CONVERTED}
    assert converted == {"vfs", "locking", "porting", "directory-locking"}
    (renamed,) = [c for c in found if c.kind is ChangeKind.LOCK_RENAMED and c.struct == "inode_operations"]
    assert (renamed.before, renamed.after) == ("i_mutex(inode)", "i_rwsem(inode)")
    refined = [c for c in found if c.kind is ChangeKind.LOCK_REFINED and not any(map(in_sentence, c.added))]
    cells = {c.op: (c.after, c.severity) for c in refined}
    assert cells["lookup"] == ("i_rwsem(inode): shared", "behaviour")
    assert cells["create"] == ("i_rwsem(inode): exclusive", "documentation")
    assert cells["rename"][0] == "i_rwsem(inode): exclusive (all) (see below)"
    # the remarks right of the rows of super_operations became a column: no change
    assert {c.path for c in found if c.struct == "super_operations"} == {"super_operations.free_inode"}
    assert len(found) < 50


def test_the_big_kernel_lock_goes(changes: Between, kernels: dict[str, VersionState]) -> None:
    had = {table.name for table in kernels["v2.6.27"].tables if "BKL" in table.columns}
    removed = [c for c in changes("v2.6.27", "v3.10.64") if c.kind is ChangeKind.LOCK_REMOVED and c.subject == "BKL"]
    assert len(had) >= 8
    assert {c.struct for c in removed} == had
    assert {c.severity for c in removed} == {"behaviour", "documentation"}


def test_a_version_without_a_locking_document(kernels: dict[str, VersionState]) -> None:
    alone = without(kernels["v4.14.194"], DocumentKind.LOCKING)
    for old, new in ((alone, kernels["v5.4"]), (kernels["v3.10.64"], alone)):
        found = diff(old, new)
        assert found
        assert {kind for c in found for kind in c.documents} == {DocumentKind.VFS}
        assert not [c for c in found if c.kind.startswith("table")]
        assert describe_gaps(gaps(old, new)) == ("v4.14.194: locking, porting, directory-locking: not available",)


def without(state: VersionState, kind: DocumentKind) -> VersionState:
    """The version as if it held only the other of the two documents."""
    documents = [replace(d, source="one file") for d in state.documents if d.kind is DocumentKind.VFS]
    records = [cited for table in state.tables for cited in (*table.tables, *table.members, *table.member_descriptions)]
    records += [cited for op in state.ops.values() for cited in (*op.prototypes, *op.prose, *op.descriptions)]
    records += [cited for table in state.tables for cited in table.blankets]
    kept = [cited for cited in (*records, *state.functions, *state.flags) if cited.document.kind is not kind]
    return assemble(state.label, "given", documents, [Cited(record=c.record, document=documents[0]) for c in kept])


def test_the_bundled_corpus_has_no_prose_to_lose(kernels: dict[str, VersionState], bundled: Path) -> None:
    with closing(KnowledgeBase.open(bundled)) as kb:
        for label in ("v2.6.12", "v5.4", "v6.8.1"):
            assert diff(kb.state(label), kernels[label]) == ()
            assert diff(kernels[label], kb.state(label)) == ()
        alike = told_ops(diff(kb.state("v6.4.6"), kernels["v6.8.1"]))
    assert alike == told_ops(diff(kernels["v6.4.6"], kernels["v6.8.1"]))


def told_ops(changes: tuple[Change, ...]) -> set[tuple[str, ...]]:
    """What is told of ops, sentences aside, but for the severity, which a porting log could raise."""
    found = [change for change in changes if change.kind.startswith(("op", "lock", "param"))]
    lost = [c for c in found if c.kind.startswith("lock") and any(map(in_sentence, (*c.removed, *c.added)))]
    found = [change for change in found if change not in lost]
    found = [change for change in found if not change.kind.startswith("lock-order")]  # stated in sentences only
    return {(change.kind, change.path, change.before or "", change.after or "") for change in found}


def test_follow_link_became_get_link_for_versions_without_a_log_too(bundled: Path) -> None:
    with closing(KnowledgeBase.open(bundled)) as kb:
        (rename,) = [c for c in kb.diff("v3.10.64", "v4.14.194") if c.kind is ChangeKind.OP_RENAMED]
    assert (rename.before, rename.after, rename.likely) == ("follow_link", "get_link", False)
