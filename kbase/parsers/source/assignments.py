"""Ops that C code assigns at run time: `inode->i_op->rename = foo_rename`, `ops.open = foo_open`.

The table is known by the member that points to it, or by a declaration of the variable in the same file.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from string import ascii_letters, digits

ASSIGNED = re.compile(r"(?:->|\.)\s*+(\w++)\s*+=(?!=)\s*+([^;{}\n]{1,200})")
BEFORE = 100  # characters before the arrow in which its variable stands
DECLARED = re.compile(r"\bstruct\s++(\w++)[\s*]*+(?:(?:const|__\w++)[\s*]++)?+(\w++)\s*+[=;,)\[]")
ENDS = frozenset(f"{ascii_letters}{digits}_)]")  # of an expression
# Members of the kernel's structs that point to an ops table.
POINTERS = {
    "i_op": "inode_operations", "i_fop": "file_operations", "f_op": "file_operations", "s_op": "super_operations",
    "a_ops": "address_space_operations", "d_op": "dentry_operations", "s_d_op": "dentry_operations",
    "s_export_op": "export_operations", "dq_op": "dquot_operations", "s_qcop": "quotactl_ops",
    "vm_ops": "vm_operations_struct", "fl_ops": "file_lock_operations", "fl_lmops": "lock_manager_operations",
}  # fmt: skip


def assignments(text: str, ops: Mapping[str, Collection[str]]) -> Iterator[tuple[str, str, str, int]]:
    """The assigned ops: table, op, what is assigned, position. `ops` are the names of the ops of each table."""
    names = frozenset(op for each in ops.values() for op in each)
    found = [each for each in ASSIGNED.finditer(text) if each[1] in names]
    if not found:
        return
    declared = defaultdict[str, set[str]](set)
    for struct, name in DECLARED.findall(text):
        if struct in ops:
            declared[name].add(struct)
    for each in found:
        base = _base(text[max(each.start() - BEFORE, 0) : each.start()])
        for struct in sorted(declared.get(base, {POINTERS.get(base, "")})):
            if each[1] in ops.get(struct, ()):
                yield struct, each[1], " ".join(each[2].split()), each.start()


def _base(before: str) -> str:
    """The variable or member at the end of a text; empty for a designator: `.fops.open = ` in an initializer."""
    before = before.rstrip()
    if before.endswith("]"):
        before = before[: max(before.rfind("["), 0)].rstrip()
    start = len(before)
    while start and (before[start - 1].isalnum() or before[start - 1] == "_"):
        start -= 1
    chain = before[:start].rstrip()
    is_designator = chain.endswith(".") and not chain[:-1].rstrip().endswith(tuple(ENDS))
    return "" if is_designator else before[start:]
