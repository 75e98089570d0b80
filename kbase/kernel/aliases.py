"""Other words for things: members that point at an ops table, shortened names, calls that take a lock, system calls.

All of it is the kernel's own usage, which the documents do not always spell out.
"""

POINTERS: dict[str, tuple[str, ...]] = {
    "address_space_operations": ("a_ops", "aops"),
    "block_device_operations": ("bd_ops", "block_ops", "fops"),
    "dentry_operations": ("d_op", "s_d_op"),
    "dquot_operations": ("dq_op",),
    "export_operations": ("s_export_op",),
    "file_lock_operations": ("fl_ops",),
    "file_operations": ("f_op", "i_fop", "fops"),
    "file_system_type": ("s_type", "fs_type", "filesystem_type"),
    "inode_operations": ("i_op", "iops"),
    "lock_manager_operations": ("fl_lmops",),
    "super_operations": ("s_op",),
    "vm_operations_struct": ("vm_ops",),
    "xattr_handler": ("s_xattr",),
}

# What the ops of a table are about, in the words that people have for it: "sb ops", "quota operations".
OBJECTS: dict[str, tuple[str, ...]] = {
    "address_space_operations": ("addr_space", "mapping", "page_cache", "pagecache"),
    "block_device_operations": ("bdev", "blkdev", "block_dev"),
    "dentry_operations": ("dcache",),
    "dquot_operations": ("quota",),
    "lock_manager_operations": ("lock_mgr", "lockmgr"),
    "super_operations": ("sb", "super_block", "superblock"),
    "vm_operations_struct": ("vma",),
    "xattr_handler": ("xattr",),
}

# The calls that take a lock or drop it.
CALLS: dict[str, tuple[str, ...]] = {
    "BKL": ("lock_kernel", "unlock_kernel"),
    "file_lock_lock": ("lock_flocks", "unlock_flocks"),
    "folio_lock": ("lock_page", "unlock_page", "trylock_page", "folio_unlock", "folio_trylock", "folio_test_locked"),
    "i_rwsem": (
        "inode_lock",
        "inode_unlock",
        "inode_trylock",
        "inode_is_locked",
        "inode_lock_shared",
        "inode_unlock_shared",
    ),
    "invalidate_lock": (
        "filemap_invalidate_lock",
        "filemap_invalidate_unlock",
        "filemap_invalidate_lock_shared",
        "filemap_invalidate_unlock_shared",
    ),
    "mmap_lock": ("mmap_read_lock", "mmap_read_unlock", "mmap_read_trylock", "mmap_write_lock", "mmap_write_unlock"),
    "s_lock": ("lock_super", "unlock_super"),
}

# What system calls, their flags and common speech call what an op does, where the documents have another word.
SPOKEN = {
    "async": ("asynchronous",),
    "bdev": ("block_device",),
    "chown": ("setattr",),
    "constructor": ("alloc", "init"),
    "ctor": ("alloc", "init"),
    "dedup": ("dedupe", "remap_file_range"),
    "destructor": ("release", "free", "destroy"),
    "dir": ("directory",),
    "dirent": ("iterate_shared", "readdir"),
    "dtor": ("release", "free", "destroy"),
    "excl": ("exclusive",),
    "faccessat": ("permission",),
    "fchmod": ("setattr",),
    "fchown": ("setattr",),
    "fdatasync": ("fsync",),
    "ficlone": ("remap_file_range",),
    "fideduperange": ("remap_file_range",),
    "fstat": ("getattr",),
    "fstatfs": ("statfs",),
    "ftruncate": ("setattr", "truncate"),
    "f_getlk": ("lock",),
    "f_setlease": ("setlease",),
    "f_setlk": ("lock",),
    "getdents": ("iterate_shared", "readdir"),
    "getdents64": ("iterate_shared", "readdir"),
    "hardlink": ("link",),
    "hwpoison": ("error_remove_page", "error_remove_folio"),
    "irq": ("interrupt", "interrupts"),
    "lseek": ("llseek",),
    "lstat": ("getattr",),
    "mkfifo": ("mknod",),
    "munmap": ("close",),
    "o_direct": ("direct_io",),
    "pread": ("read_iter", "read"),
    "preadv": ("read_iter",),
    "pwrite": ("write_iter", "write"),
    "pwritev": ("write_iter",),
    "reflink": ("remap_file_range", "clone_file_range"),
    "remount": ("remount_fs",),
    "renameat2": ("rename",),
    "refcnt": ("refcount", "reference"),
    "refcount": ("reference", "usage"),
    "sb": ("super", "superblock"),
    "statx": ("getattr",),
    "swapoff": ("swap_deactivate",),
    "swapon": ("swap_activate",),
    "syncfs": ("sync_fs",),
    "teardown": ("put", "kill", "destroy"),
    "umount": ("umount_begin", "kill_sb"),
    "unlinkat": ("unlink", "rmdir"),
    "unmounted": ("umount_begin", "kill_sb", "put_super"),
    "unmount": ("umount_begin", "kill_sb"),
    "unmounts": ("umount_begin", "kill_sb", "put_super"),
    "utimensat": ("setattr",),
    "utimes": ("setattr",),
}


def spoken(word: str) -> tuple[str, ...]:
    """What the documents call what the word, or the one of which it is the plural, is common speech for."""
    return SPOKEN.get(word) or SPOKEN.get(word.removesuffix("s"), ())


def nicknames(struct: str) -> tuple[str, ...]:
    """Other ways to write the table: `a_ops`, `address_space_ops`, `dops`; `vm_operations` without its `_struct`."""
    plain = struct.removesuffix("_struct")
    short: tuple[str, ...] = ()
    if plain.endswith("_operations"):
        said = plain.removesuffix("_operations").split("_")
        short = ("_".join((*said, "ops")), "".join((*said, "ops")), "".join((*(word[0] for word in said), "ops")))
    spoken = (f"{each}_{ops}" for each in OBJECTS.get(struct, ()) for ops in ("ops", "operations"))
    return tuple(dict.fromkeys(name for name in (*POINTERS.get(struct, ()), plain, *short, *spoken) if name != struct))


def spelled_out(name: str) -> tuple[str, ...]:
    """What a dotted name in lower case may be in full, the likeliest first: `f_op.mmap` is `file_operations.mmap`."""
    *_, table, member = name.split(".") if "." in name else ("", "", "")
    return tuple(f"{struct}.{member}" for struct in POINTERS if table in nicknames(struct))
