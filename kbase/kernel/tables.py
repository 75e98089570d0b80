"""The ops tables that are read from the kernel's headers: those of the VFS and of the layers beside it.

A struct that is not listed is known from the documents only. From 2.4 to 7.1 no release has all of them.
"""

import re

# Those that a vfs or Locking document of some release describes: a bare name such as `rename` means an op of one.
DOCUMENTED_TABLES = frozenset(
    {
        "address_space_operations", "block_device_operations", "dentry_operations", "dquot_operations",
        "file_lock_operations", "file_operations", "file_system_type", "inode_operations", "lock_manager_operations",
        "super_operations", "vm_operations_struct", "xattr_handler",
    }
)  # fmt: skip
# The ops that a porting log names without their table, each in the one documented table that has ever had it.
PORTED_OPS: dict[str, str] = {
    op: struct
    for struct, ops in {
        "address_space_operations": "direct_IO write_begin",
        "dentry_operations": (
            "d_automount d_compare d_delete d_hash d_iput d_manage d_prune d_release d_revalidate d_weak_revalidate"
        ),
        "file_operations": (
            "aio_read aio_write clone_file_range dedupe_file_range fsync iterate iterate_shared llseek read read_iter"
            " readdir remap_file_range setlease write write_iter"
        ),
        "file_system_type": "get_sb kill_sb mount read_super",
        "inode_operations": (
            "atomic_open create follow_link get_link getattr getxattr link lookup mkdir mknod permission put_link"
            " readlink rename rmdir setattr setxattr symlink tmpfile truncate unlink"
        ),
        "super_operations": (
            "clear_inode delete_inode destroy_inode drop_inode evict_inode read_inode statfs write_inode write_super"
        ),
        "vm_operations_struct": "huge_fault",
    }.items()
    for op in ops.split()
}
HEADER_TABLES = DOCUMENTED_TABLES | {
    "blk_holder_ops", "configfs_group_operations", "configfs_item_operations", "dax_holder_operations",
    "dax_operations", "export_operations", "fs_context_operations", "fscache_cache_ops", "fscrypt_operations",
    "fsnotify_ops", "fsverity_operations", "iomap_dio_ops", "iomap_folio_ops", "iomap_ops", "iomap_page_ops",
    "iomap_read_ops", "iomap_write_ops", "iomap_writeback_ops", "kernfs_ops", "kernfs_syscall_ops",
    "lease_manager_operations", "mm_walk_ops", "mmu_notifier_ops", "movable_operations", "netfs_cache_ops",
    "netfs_read_request_ops", "netfs_request_ops", "pipe_buf_operations", "proc_ns_operations", "proc_ops",
    "quota_format_ops", "quotactl_ops", "seq_operations", "sysfs_ops",
}  # fmt: skip
TABLE = re.compile(rf"\bstruct\s+(?:{'|'.join(sorted(HEADER_TABLES))})\b[^;{{}}*=,()]{{0,200}}\{{".encode())
NOT_SEARCHED = "not-searched"  # the code of the diagnostic about facts that say nothing of some tables
UNKNOWN_TABLES = re.compile(r"/\* not searched: ([\w ]{1,2000}) \*/")


def is_documented(struct: str) -> bool:
    """Whether a document describes the table; those that are not read from headers are known from documents alone."""
    return struct in DOCUMENTED_TABLES or struct not in HEADER_TABLES


def has_tables(header: bytes) -> bool:
    """Whether the bytes of a header define one of the tables; comments count as code."""
    return TABLE.search(header) is not None
