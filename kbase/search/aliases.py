"""Short ways to write an ops table: the members that point at one in the kernel's objects, and shortened names."""

POINTERS: dict[str, tuple[str, ...]] = {
    "address_space_operations": ("a_ops", "aops"),
    "block_device_operations": ("bd_ops", "fops"),
    "dentry_operations": ("d_op", "s_d_op"),
    "dquot_operations": ("dq_op",),
    "export_operations": ("s_export_op",),
    "file_lock_operations": ("fl_ops",),
    "file_operations": ("f_op", "i_fop", "fops"),
    "file_system_type": ("s_type",),
    "inode_operations": ("i_op", "iops"),
    "lock_manager_operations": ("fl_lmops",),
    "super_operations": ("s_op", "super_block_operations"),
    "vm_operations_struct": ("vm_ops", "vma_operations"),
    "xattr_handler": ("s_xattr",),
}


def nicknames(struct: str) -> tuple[str, ...]:
    """Other ways to write the table: `a_ops`, `address_space_ops`; `vm_operations` where the name ends in `_struct`."""
    plain = struct.removesuffix("_struct")
    short = plain.removesuffix("operations") + "ops" if plain.endswith("_operations") else plain
    return tuple(dict.fromkeys(name for name in (*POINTERS.get(struct, ()), plain, short) if name != struct))


def spelled_out(name: str) -> tuple[str, ...]:
    """What a dotted name in lower case may be in full, the likeliest first: `f_op.mmap` is `file_operations.mmap`."""
    *_, table, member = name.split(".") if "." in name else ("", "", "")
    return tuple(f"{struct}.{member}" for struct in POINTERS if table in nicknames(struct))
