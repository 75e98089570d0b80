"""The bundled corpus alone dates the changes that kernel developers know by their release."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kbase.diff.changes import ChangeKind, Severity
from kbase.diff.history import OpHistory
from kbase.diff.release_line import Range
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.releases import release_of

PROTOTYPE = {
    ChangeKind.PARAMETER_ADDED,
    ChangeKind.PARAMETER_REMOVED,
    ChangeKind.PARAMETER_RETYPED,
    ChangeKind.RETURN_TYPE_CHANGED,
}


@pytest.fixture(scope="module")
def kb(bundled: Path) -> Iterator[KnowledgeBase]:
    with closing(KnowledgeBase.open(bundled)) as opened:
        yield opened


def release(when: Range | None) -> str:
    """The release that a range leaves, or its ends."""
    assert when
    ends = [release_of(end).removeprefix("v") for end in (when.after, when.by) if end]
    return ends[-1] if when.exact else " to ".join(ends)


def changed_in(history: OpHistory) -> list[str]:
    """The releases in which the kernel's prototype changed; what only documents change is no change of it."""
    return [
        release(event.range)
        for event in history.events
        if any(each.kind in PROTOTYPE and each.severity is not Severity.DOCUMENTATION for each in event.changes)
    ]


@pytest.mark.parametrize(
    ("struct", "op", "since"),
    [
        ("file_operations", "iterate_shared", "4.7"),
        ("inode_operations", "set_acl", "3.14"),
        ("file_operations", "read_iter", "3.16"),
        ("file_operations", "remap_file_range", "4.20"),
        ("inode_operations", "get_inode_acl", "6.2"),
        ("inode_operations", "fileattr_get", "5.13"),
        ("address_space_operations", "read_folio", "5.19"),
        ("super_operations", "evict_inode", "2.6.36"),
    ],
)
def test_an_op_is_there_since_its_release(kb: KnowledgeBase, struct: str, op: str, since: str) -> None:
    assert release(kb.history(struct, op).since) == since


@pytest.mark.parametrize(
    ("struct", "op", "removed"),
    [
        ("super_operations", "delete_inode", "2.6.36"),
        ("file_operations", "iterate", "6.5"),
        ("address_space_operations", "readpages", "5.18"),
        ("address_space_operations", "writepage", "6.14 to 6.17"),
    ],
)
def test_an_op_is_gone_since_its_release(kb: KnowledgeBase, struct: str, op: str, removed: str) -> None:
    assert release(kb.history(struct, op).removed) == removed


@pytest.mark.parametrize(
    ("struct", "op", "changed"),
    [
        ("super_operations", "nr_cached_objects", ["3.12", "4.0"]),
        ("inode_operations", "rename", ["4.9", "5.12", "6.3"]),
    ],
)
def test_every_change_of_a_prototype_is_dated(kb: KnowledgeBase, struct: str, op: str, changed: list[str]) -> None:
    assert changed_in(kb.history(struct, op)) == changed


@pytest.mark.parametrize(
    ("op", "before", "after", "when"),
    [
        ("update_time", "struct timespec64 *", None, "6.6"),
        ("mkdir", "int", "struct dentry *", "6.14 to 6.17"),
        ("getattr", "struct vfsmount *mnt", None, "4.11"),
    ],
)
def test_a_change_is_dated_by_its_text(kb: KnowledgeBase, op: str, before: str, after: str | None, when: str) -> None:
    events = kb.history("inode_operations", op).events
    found = [
        event.range
        for event in events
        for each in event.changes
        if (each.before, each.after or None) == (before, after)
    ]
    assert [*map(release, found)] == [when]


def test_a_backport_is_a_branch(kb: KnowledgeBase) -> None:
    """The rule about parents came with 6.7; the stable 6.1.192 has it, and 6.2 to 6.6 do not."""
    backported = [
        (release_of(event.range.by), change.kind)
        for event in kb.history("inode_operations", "rename").events
        for change in event.changes
        if "v6.1.192" in change.also
    ]
    kinds = {ChangeKind.LOCK_SCOPE_CHANGED, ChangeKind.LOCK_ADDED, ChangeKind.NOTE_ADDED}
    assert set(backported) == {("v6.7", kind) for kind in kinds}
