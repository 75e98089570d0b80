"""Operations that took another's place: who asks for the old name is shown the new one too.

Facts of the kernel's history, an ops table at a time: new name -> names that it had before, newest first.
"""

FORMER_OPS: dict[str, dict[str, tuple[str, ...]]] = {
    "address_space_operations": {
        "read_folio": ("readpage",),  # 5.19
        "readahead": ("readpages",),  # 5.8
        "release_folio": ("releasepage",),  # 5.19
        "invalidate_folio": ("invalidatepage",),  # 5.18
        "launder_folio": ("launder_page",),  # 5.18
        "dirty_folio": ("set_page_dirty",),  # 5.18
        "migrate_folio": ("migratepage",),  # 6.0
        "free_folio": ("freepage",),  # 5.19
        "error_remove_folio": ("error_remove_page",),  # 6.8
        "write_begin": ("prepare_write",),  # 2.6.24
        "write_end": ("commit_write",),  # 2.6.24
    },
    "inode_operations": {
        "get_link": ("follow_link",),  # 4.5
        "get_inode_acl": ("get_acl",),  # 6.2
        "rename": ("rename2",),  # 4.9
    },
    "file_operations": {
        "read_iter": ("aio_read",),  # 4.1
        "write_iter": ("aio_write",),  # 4.1
        "iterate_shared": ("iterate", "readdir"),  # 4.7, 3.11
        "unlocked_ioctl": ("ioctl",),  # 2.6.36
        "splice_read": ("sendfile",),  # 2.6.23
    },
    "super_operations": {
        "evict_inode": ("delete_inode", "clear_inode"),  # 2.6.36
        "freeze_fs": ("write_super_lockfs",),  # 2.6.29
        "unfreeze_fs": ("unlockfs",),  # 2.6.29
    },
    "file_system_type": {
        "init_fs_context": ("mount", "get_sb", "read_super"),  # 5.1, 2.6.37, 2.5.4
        "mount": ("get_sb", "read_super"),
        "get_sb": ("read_super",),
    },
    "vm_operations_struct": {
        "fault": ("nopage", "nopfn", "populate"),  # 2.6.23
    },
    "lock_manager_operations": {
        "lm_notify": ("fl_notify",),  # 3.0
        "lm_grant": ("fl_grant",),
        "lm_break": ("fl_break",),
        "lm_change": ("fl_change",),
        "lm_compare_owner": ("fl_compare_owner",),
    },
}


def former_names(struct: str, op: str) -> tuple[str, ...]:
    """The names that the op's task had before, newest first."""
    return FORMER_OPS.get(struct, {}).get(op, ())
