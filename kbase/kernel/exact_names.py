"""Exact names: what a version's state calls by name, and how a name that somebody types is looked up.

Pure. A symbol is (the name in lower case, the kind of thing, the thing's name in full).
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from enum import StrEnum

from kbase.kernel.locks import name_under
from kbase.model.states import OpState, TableState, VersionState

Symbol = tuple[str, str, str]

# How code names the table that a member hangs on: `inode->i_op->rename`.
POINTERS = {
    "i_op": "inode_operations",
    "d_op": "dentry_operations",
    "s_op": "super_operations",
    "f_op": "file_operations",
    "a_ops": "address_space_operations",
    "aops": "address_space_operations",
    "vm_ops": "vm_operations_struct",
    "s_export_op": "export_operations",
    "dq_op": "dquot_operations",
    "fl_ops": "file_lock_operations",
    "fl_lmops": "lock_manager_operations",
    "bd_ops": "block_device_operations",
}
ADORNMENT = re.compile(r"^(?:(?:const|struct)\s+)+|\(\)|[`:;*&]|^->")


class ThingKind(StrEnum):
    """What an exact name can mean."""

    OP = "op"
    STRUCT = "struct"
    LOCK = "lock"
    FUNCTION = "function"
    FLAG = "flag"
    MEMBER = "member"
    NOTE = "note"
    COMMIT = "commit"
    PORTING = "porting"


# What prose calls by a bare `->name()`; the ops of other tables it spells out where one of these has the name, too.
CORE = (
    "inode_operations",
    "super_operations",
    "file_operations",
    "dentry_operations",
    "address_space_operations",
)


def core_ops(state: VersionState) -> frozenset[str]:
    """The names that the ops of those tables have."""
    return frozenset(op.name for struct in CORE if struct in state.by_name for op in state.by_name[struct].ops)


def is_called(name: str, struct: str, op: str, core: Collection[str]) -> bool:
    """Whether prose means the op by a name, dotted or bare; `core` are the names of `core_ops`."""
    return name == f"{struct}.{op}" or (name == op and (struct in CORE or op not in core))


def symbols_of(state: VersionState) -> set[Symbol]:
    """Every name that a state has for something, each once."""
    named = {symbol for table in state.tables for symbol in _table_symbols(table)}
    named |= {(c.record.name.lower(), ThingKind.FUNCTION, c.record.name) for c in state.functions}
    named |= {(c.record.name.lower(), ThingKind.FLAG, c.record.name) for c in state.flags}
    named |= {(c.record.slug.lower(), ThingKind.PORTING, c.record.slug) for c in state.porting}
    named |= {(c.record.key.lower(), ThingKind.COMMIT, c.record.key) for c in state.commits}
    for cited in state.notes:
        for name in (cited.record.slug, cited.record.title, *(steps.subject for steps in cited.record.steps)):
            named.add((fold(name), ThingKind.NOTE, cited.record.slug))
    return named


def counts_of(state: VersionState) -> Counter[str]:
    """How much of each kind a state holds."""
    ops = list(state.ops.values())
    return Counter(
        tables=len(state.tables),
        ops=len(ops),
        prototypes=sum(len(op.prototypes) for op in ops),
        rules=sum(len(op.rules) for op in ops),
        functions=len(state.functions),
        flags=len(state.flags),
        porting=len(state.porting),
        notes=len(state.notes),
        commits=len(state.commits),
        sections=len(state.sections),
        diagnostics=len(state.diagnostics),
    )


def fold(written: str) -> str:
    """A name as it is looked up: `struct inode_operations`, `->rename()` and `inode->i_op->rename` are understood."""
    bare = ADORNMENT.sub("", written.strip()).strip()
    parts = [part.strip() for part in re.split(r"->|\.", bare) if part.strip()]
    if len(parts) > 1 and " " not in bare:
        parts = [POINTERS.get(parts[-2].lower(), parts[-2]), parts[-1]]
    return ".".join(parts).lower().encode("utf-8", "replace").decode()  # a name that is not UTF-8 is nobody's


def _table_symbols(table: TableState) -> Iterator[Symbol]:
    yield table.name.lower(), ThingKind.STRUCT, table.name
    for cited in table.tables:
        yield fold(cited.record.written), ThingKind.STRUCT, table.name
    for op in table.ops:
        yield op.name.lower(), ThingKind.OP, op.dotted
        yield op.dotted.lower(), ThingKind.OP, op.dotted
        yield from _lock_symbols(op)
    for member in table.members:
        dotted = f"{table.name}.{member.record.name}"
        yield member.record.name.lower(), ThingKind.MEMBER, dotted
        yield dotted.lower(), ThingKind.MEMBER, dotted


def _lock_symbols(op: OpState) -> Iterator[Symbol]:
    """The locks that its rules are about, also in remarks: under their canonical names, and as they are written."""
    for rule in op.rules:
        for reading in rule.record.readings:
            if reading.subject and not reading.context:
                yield reading.subject.lower(), ThingKind.LOCK, reading.subject
                yield fold(reading.subject), ThingKind.LOCK, reading.subject
                yield fold(name_under(rule.record.lock, reading.subject)), ThingKind.LOCK, reading.subject
