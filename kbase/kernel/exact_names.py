"""Exact names: every name of an item in a version's state, and the keys by which a typed name is looked up.

Pure. A symbol is (key, kind, name in full); its key is a name in lower case. Front ends and the search look names up by
the same `spellings` among the symbols that `symbols_of` makes.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum

from kbase.kernel.aliases import TABLES_CALLED, lock_nicknames, nicknames
from kbase.kernel.locks import lock_names, name_under
from kbase.model.records import Commit, DesignNote, PortingEntry
from kbase.model.states import OpState, TableState, VersionState

Symbol = tuple[str, str, str]

ADORNMENT = re.compile(r"^(?:(?:const|struct)\s+)+|\(\)|[`;*&]|^(?:->|\.(?=\w))|(?<![?!.,:;])[?!.,:;]++$|\($")
ARGUMENT = re.compile(r"\(\w*\)$")  # of a lock: `i_mutex(inode)`


class ItemKind(StrEnum):
    """The kinds of items that have pages and search hits; items with the same name are listed in this order."""

    OP = "op"
    LOCK = "lock"
    STRUCT = "struct"
    FUNCTION = "function"
    FLAG = "flag"
    MEMBER = "member"
    NOTE = "note"
    COMMIT = "commit"
    PORTING = "porting"
    SECTION = "section"  # has no exact name


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


def ops_meant(entry: PortingEntry) -> tuple[str, ...]:
    """What a porting entry calls by names of ops; a version's tables decide whether they are ops."""
    return (*entry.ops, *entry.callbacks)


def symbols_of(state: VersionState) -> set[Symbol]:
    """Every name of every item in a state, each once."""
    named = {symbol for table in state.tables for symbol in _table_symbols(table)}
    named |= {(c.record.name.lower(), ItemKind.FUNCTION, c.record.name) for c in state.functions}
    named |= {(c.record.name.lower(), ItemKind.FLAG, c.record.name) for c in state.flags}
    named |= {(key_of(n), ItemKind.PORTING, c.record.slug) for c in state.porting for n in porting_names(c.record)}
    for commit in (c.record for c in state.commits):
        named |= {(key_of(name), ItemKind.COMMIT, commit.key) for name in commit_names(commit)}
    for note in (c.record for c in state.notes):
        named |= {(key_of(name), ItemKind.NOTE, note.slug) for name in note_names(note)}
    return named


def counts_of(state: VersionState) -> Counter[str]:
    """How much of each kind a state holds."""
    ops = list(state.ops.values())
    return Counter(
        tables=len(state.tables),
        ops=len(ops),
        prototypes=sum(len(op.prototypes) for op in ops),
        rules=sum(len(op.rules) + len(op.prose) for op in ops),
        functions=len(state.functions),
        flags=len(state.flags),
        porting=len(state.porting),
        notes=len(state.notes),
        commits=len(state.commits),
        sections=len(state.sections),
        diagnostics=len(state.diagnostics),
    )


def key_of(name: str) -> str:
    """A name as the symbol table has it: in lower case. A name that is not UTF-8 is nobody's."""
    return name.strip().lower().encode("utf-8", "replace").decode()


def spellings(written: str) -> tuple[str, ...]:
    """The keys of the symbol table that a written name may mean, the likeliest first.

    `struct inode_operations`, `->rename()`, `inode_operations::rename` and `inode->i_op->rename` are understood. Of
    another pointer (`inode->i_rwsem`) the member counts; `fops->open` may be an op of two tables.
    """
    bare = written.strip()
    while (stripped := ADORNMENT.sub("", bare).strip()) != bare:
        bare = stripped
    keys = [key_of(written), *_dotted(bare), key_of(ARGUMENT.sub("", bare))]
    if "->" in bare and " " not in bare:
        keys.append(key_of(bare.rsplit("->", 1)[1]))
    return tuple(dict.fromkeys(filter(None, keys)))


def _dotted(bare: str) -> list[str]:
    """The keys of a name of several parts, a pointer to a table spelled out; of any other name its own key."""
    parts = [key_of(part) for part in re.split(r"->|\.|::", bare) if part.strip()]
    if len(parts) < 2 or " " in bare:
        return [key_of(bare)]
    table, member = parts[-2:]
    return [f"{table}.{member}", *(f"{struct}.{member}" for struct in TABLES_CALLED.get(table, ()))]


def is_mention(key: str, kind: str, name: str) -> bool:
    """Whether a symbol's key is a name that a porting entry only mentions; what has the name takes precedence."""
    return kind == ItemKind.PORTING and key != key_of(name)


def is_nickname(key: str, kind: str, name: str) -> bool:
    """Whether a symbol's key is a nickname, not a name from the documents; items with the real name take precedence."""
    names = {ItemKind.STRUCT: nicknames, ItemKind.LOCK: lock_nicknames}.get(ItemKind(kind))
    return names is not None and key in names(name)


def table_names(table: TableState) -> tuple[str, ...]:
    """The names of an ops table: its own, those that documents write, its nicknames."""
    return _unique(table.name, *written_names(table), *nicknames(table.name))


def written_names(table: TableState) -> tuple[str, ...]:
    """The other names that documents write for an ops table."""
    return tuple(dict.fromkeys(c.record.written for c in table.tables if c.record.written != table.name))


def op_names(table: TableState, op: OpState) -> tuple[str, ...]:
    """The names of an op: dotted, under every written name of its table, and alone."""
    return _unique(op.dotted, *(f"{written}.{op.name}" for written in written_names(table)), op.name)


def lock_symbol_names(subject: str, headers: Iterable[str]) -> tuple[str, ...]:
    """The names of a lock: its own, former ones, those under these headers, its nicknames."""
    written = (name_under(header, subject) for header in headers)
    return _unique(subject, *lock_names(subject), *written, *lock_nicknames(subject))


def member_names(struct: str, name: str) -> tuple[str, ...]:
    """The names of a data member."""
    return f"{struct}.{name}", name


def note_names(note: DesignNote) -> tuple[str, ...]:
    """The names of a design note: its title, its slug, what it has steps of."""
    return _unique(note.title, note.slug, *(steps.subject for steps in note.steps))


def porting_names(entry: PortingEntry) -> tuple[str, ...]:
    """The names of an entry of the porting log: its slug, and what it names that need not be documented anywhere."""
    return _unique(entry.slug, *entry.functions, *entry.macros, *entry.locks, *entry.members)


def commit_names(commit: Commit) -> tuple[str, ...]:
    """The names of a commit: its hash, whole and as shown, and its subject."""
    return _unique(commit.key, commit.key[:12], commit.subject)


def _unique(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _table_symbols(table: TableState) -> Iterator[Symbol]:
    yield from ((key_of(name), ItemKind.STRUCT, table.name) for name in table_names(table))
    headers = dict[str, dict[str, None]]()
    for op in table.ops:
        yield from ((key_of(name), ItemKind.OP, op.dotted) for name in op_names(table, op))
        for rule in (*op.rules, *op.prose):
            for reading in rule.record.readings:
                if reading.subject and not reading.context:
                    headers.setdefault(reading.subject, {})[rule.record.lock] = None
    for subject, written in headers.items():
        yield from ((key_of(name), ItemKind.LOCK, subject) for name in lock_symbol_names(subject, written))
    for name in (member.record.name for member in table.members):
        yield from ((key_of(each), ItemKind.MEMBER, f"{table.name}.{name}") for each in member_names(table.name, name))
