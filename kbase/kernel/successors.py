"""Ops that replaced other ops: facts of the kernel's history that the documents do not always state.

A search for an old name finds the new one through them, and a diff knows a rename that nothing else shows, or names
the replacement of a removed op.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Succession:
    """From the release `since` on, `new` does what `old` did.

    `renamed`: it is the same op under another name, in one step. Otherwise another op replaced it; often both exist for
    some releases, or one op replaces several. What a development series (2.5) did is dated by the release after it.
    """

    struct: str
    old: str
    new: str
    since: str
    renamed: bool


def _of(struct: str, *rows: tuple[str, str, str], renamed: bool = False) -> tuple[Succession, ...]:
    return tuple(Succession(struct, old, new, since, renamed) for old, new, since in rows)


SUCCESSIONS = (
    *_of(
        "address_space_operations",
        ("invalidatepage", "invalidate_folio", "5.18"),
        ("launder_page", "launder_folio", "5.18"),
        ("set_page_dirty", "dirty_folio", "5.18"),
        ("readpage", "read_folio", "5.19"),
        ("releasepage", "release_folio", "5.19"),
        ("freepage", "free_folio", "5.19"),
        ("migratepage", "migrate_folio", "6.0"),
        ("error_remove_page", "error_remove_folio", "6.8"),
        renamed=True,
    ),
    *_of(
        "address_space_operations",
        ("prepare_write", "write_begin", "2.6.24"),
        ("commit_write", "write_end", "2.6.24"),
        ("readpages", "readahead", "5.8"),
    ),
    *_of(
        "inode_operations",
        ("follow_link", "get_link", "4.5"),
        ("get_acl", "get_inode_acl", "6.2"),
        renamed=True,
    ),
    *_of(
        "inode_operations",
        ("check_acl", "get_acl", "3.1"),
        ("rename2", "rename", "4.9"),
    ),
    *_of(
        "file_operations",
        ("readv", "aio_read", "2.6.19"),
        ("writev", "aio_write", "2.6.19"),
        ("sendfile", "splice_read", "2.6.23"),
        ("ioctl", "unlocked_ioctl", "2.6.11"),
        ("readdir", "iterate", "3.11"),
        ("aio_read", "read_iter", "3.16"),
        ("aio_write", "write_iter", "3.16"),
        ("iterate", "iterate_shared", "4.7"),
        ("clone_file_range", "remap_file_range", "4.20"),
        ("dedupe_file_range", "remap_file_range", "4.20"),
    ),
    *_of(
        "super_operations",
        ("write_super_lockfs", "freeze_fs", "2.6.29"),
        ("unlockfs", "unfreeze_fs", "2.6.29"),
        renamed=True,
    ),
    *_of(
        "super_operations",
        ("clear_inode", "evict_inode", "2.6.36"),
        ("delete_inode", "evict_inode", "2.6.36"),
    ),
    *_of(
        "dquot_operations",
        ("alloc_block", "alloc_space", "2.6.0"),
        ("free_block", "free_space", "2.6.0"),
        renamed=True,
    ),
    *_of("block_device_operations", ("check_media_change", "media_changed", "2.6.0"), renamed=True),
    *_of(
        "file_system_type",
        ("read_super", "get_sb", "2.6.0"),
        ("get_sb", "mount", "2.6.37"),
        ("mount", "init_fs_context", "5.1"),
    ),
    *_of(
        "vm_operations_struct",
        ("populate", "fault", "2.6.23"),
        ("nopfn", "fault", "2.6.23"),
        ("nopage", "fault", "2.6.23"),
    ),
    *_of(
        "lock_manager_operations",
        ("fl_notify", "lm_notify", "3.1"),
        ("fl_grant", "lm_grant", "3.1"),
        ("fl_break", "lm_break", "3.1"),
        ("fl_change", "lm_change", "3.1"),
        ("fl_compare_owner", "lm_compare_owner", "3.1"),
        ("fl_release_private", "lm_release_private", "3.1"),
        renamed=True,
    ),
)
# Ops that moved to another table and got another prototype: the old place, the new place.
LEASES = ("lm_break", "lm_breaker_owns_lease", "lm_change", "lm_setup")
MOVES = {
    ("inode_operations", "fallocate"): ("file_operations", "fallocate"),
    **{("lock_manager_operations", op): ("lease_manager_operations", op) for op in LEASES},
}
MOVED_SINCE = {"inode_operations": "2.6.38", "lock_manager_operations": "6.9"}  # by the table that they left
_OLD = {(s.struct, s.old) for s in SUCCESSIONS}
_TOOK_OVER = {name: tuple(s for s in SUCCESSIONS if (s.struct, s.old) == name) for name in _OLD}


def renames(struct: str) -> frozenset[tuple[str, str]]:
    """The names of the ops of a table that are one op, in either order."""
    return _pairs(struct, renamed=True)


def replacements(struct: str) -> frozenset[tuple[str, str]]:
    """Pairs of names of ops of a table, in either order: one replaced the other, and is no rename of it."""
    return _pairs(struct, renamed=False)


def _pairs(struct: str, *, renamed: bool) -> frozenset[tuple[str, str]]:
    ours = [s for s in SUCCESSIONS if s.struct == struct and s.renamed is renamed]
    return frozenset(pair for s in ours for pair in ((s.old, s.new), (s.new, s.old)))


def renamed_since(struct: str, op: str) -> str | None:
    """The release from which on an op has another name; None where none is known."""
    return next((s.since for s in _TOOK_OVER.get((struct, op), ()) if s.renamed), None)


def moved(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether one of two ops, by table and name, is the other, moved to another table."""
    return MOVES.get(one) == other or MOVES.get(other) == one


def moved_to(struct: str, op: str) -> tuple[str, str] | None:
    """The dotted name of an op in the table to which it moved, and since which release; None if no move is known."""
    return (".".join(MOVES[struct, op]), MOVED_SINCE[struct]) if (struct, op) in MOVES else None


def successor(struct: str, op: str, available: Collection[str]) -> Succession | None:
    """The replacement of an op: the first of its successors, in order, that is among the `available` ops.

    A name that another op has now, since its own op was renamed, is skipped.
    """

    def goes_on(name: str) -> bool:
        return any(s.renamed and s.new in available for s in _TOOK_OVER.get((struct, name), ()))

    return next((s for s in _successors(struct, op) if s.new in available and not goes_on(s.new)), None)


def _successors(struct: str, op: str) -> tuple[Succession, ...]:
    """The successors of the op, each followed by its own; a chain is a rename only if all its steps are."""
    found = list[Succession]()
    for taker in _TOOK_OVER.get((struct, op), ()):
        own = _successors(struct, taker.new)
        found += (taker, *(replace(each, old=op, renamed=taker.renamed and each.renamed) for each in own))
    return tuple(found)


def former_names(struct: str, op: str) -> tuple[str, ...]:
    """The names that the op's task had before, newest first."""
    before = [s.old for s in reversed(SUCCESSIONS) if (s.struct, s.new) == (struct, op)]
    return tuple(name for old in before for name in (old, *former_names(struct, old)))
