"""Other names that people and code use: pointers to ops tables, nicknames of tables and locks, calls that take a lock.

All of it is the kernel's own usage, which the documents do not always spell out. No other module has such a table.
"""

# The members and variables that point at an ops table, those of the likelier table first where two share a name.
POINTERS: dict[str, tuple[str, ...]] = {
    "address_space_operations": ("a_ops", "aops"),
    "file_operations": ("f_op", "i_fop", "fops"),
    "block_device_operations": ("bd_ops", "block_ops", "fops"),
    "dentry_operations": ("d_op", "s_d_op"),
    "dquot_operations": ("dq_op",),
    "export_operations": ("s_export_op",),
    "file_lock_operations": ("fl_ops",),
    "file_system_type": ("s_type", "fs_type", "filesystem_type"),
    "inode_operations": ("i_op", "iops"),
    "lock_manager_operations": ("fl_lmops",),
    "super_operations": ("s_op",),
    "vm_operations_struct": ("vm_ops",),
    "xattr_handler": ("s_xattr",),
}

POINTED_AT = {pointer: struct for struct, names in reversed(POINTERS.items()) for pointer in names}

# What people call the object that a table's ops belong to: "sb ops", "quota operations".
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

# What a lock protects, and what kind of lock it is or was: "inode semaphore", "dentry spinlock".
LOCKED_OBJECTS: dict[str, tuple[str, str]] = {
    "bd_mutex": ("bdev", "mutex sem semaphore"),
    "d_lock": ("dentry", "lock spinlock"),
    "i_lock": ("inode", "spinlock"),
    "i_rwsem": ("inode", "mutex rwsem sem semaphore"),
    "mmap_lock": ("mm mmap", "mutex rwsem sem semaphore"),
    "open_mutex": ("bdev", "mutex"),
    "rename_lock": ("rename", "seqlock"),
    "s_umount": ("sb superblock umount", "rwsem sem semaphore"),
}

# The calls that take or release a lock, and those that check it.
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

# What system calls, their flags and common speech call an op, where the documents have another word for it.
SPOKEN = {
    "chown": ("setattr",),
    "constructor": ("alloc", "init"),
    "destructor": ("release", "free", "destroy"),
    "dir": ("directory",),
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
    "refcount": ("reference", "usage"),
    "sb": ("super", "superblock"),
    "statx": ("getattr",),
    "swapoff": ("swap_deactivate",),
    "swapon": ("swap_activate",),
    "syncfs": ("sync_fs",),
    "teardown": ("put", "kill", "destroy"),
    "umount": ("umount_begin", "kill_sb"),
    "unlinkat": ("unlink", "rmdir"),
    "unmount": ("umount_begin", "kill_sb"),
    "utimensat": ("setattr",),
    "utimes": ("setattr",),
}


def spoken(word: str) -> tuple[str, ...]:
    """What the documents call what the word, or the one of which it is the plural, is common speech for."""
    return SPOKEN.get(word) or SPOKEN.get(word.removesuffix("s"), ())


# What names have for a word of English: `getattr`, `mkdir`, `listxattr`, `d_release`.
SHORT = {
    "attribute": "attr",
    "attributes": "attr",
    "dentry": "d",
    "directories": "dir",
    "directory": "dir",
    "extended": "x",
    "filesystem": "fs",
    "make": "mk",
    "node": "nod",
    "pages": "page",
    "remove": "rm",
    "superblock": "super",
    "symbolic": "sym",
}


def nicknames(struct: str) -> tuple[str, ...]:
    """Other ways to write a table: `a_ops`, `address_space_ops`, `dops`; `vm_operations` without its `_struct`."""
    plain = struct.removesuffix("_struct")
    short: tuple[str, ...] = ()
    if plain.endswith("_operations"):
        parts = plain.removesuffix("_operations").split("_")
        letters = "".join(part[0] for part in parts)
        initials = (f"{letters}ops",) if struct in POINTERS else ()  # `fops` does not mean fscrypt_operations
        short = ("_".join((*parts, "ops")), "".join((*parts, "ops")), *initials)
    objects = (f"{each}_{ops}" for each in OBJECTS.get(struct, ()) for ops in ("ops", "operations"))
    return tuple(dict.fromkeys(name for name in (*POINTERS.get(struct, ()), plain, *short, *objects) if name != struct))


def lock_nicknames(subject: str) -> tuple[str, ...]:
    """The calls that take a lock, and its object with its kind: `inode_lock_shared`, `inode_semaphore`."""
    objects, kinds = LOCKED_OBJECTS.get(subject, ("", ""))
    return (*CALLS.get(subject, ()), *(f"{each}_{kind}" for each in objects.split() for kind in kinds.split()))


def _tables_called() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for struct in POINTERS:
        for name in nicknames(struct):
            found[name] = (*found.get(name, ()), struct)
    return found


TABLES_CALLED = _tables_called()  # pointer or nickname -> the tables that it may mean, the likeliest first
