"""The document of callers: what the scanner found in the code of one kernel, as text; written and read here.

    callers of ops
    function	fs/namei.c	vfs_create
    lock	3340	inode_lock	dir	inode_lock(dir);
    call	3357	inode_operations	create	member	error = dir->i_op->create(idmap, dir, dentry, mode, want_excl);

The columns are separated by tabs: of a function its path and name, of the others the line of the file first, and last
the source text, empty where it is not to be shown. The locks of a call are those above it in the same function, at
most the 64 nearest.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from kbase.model.call_sites import LockCall, Via
from kbase.model.records import Caller, Diagnostic, Format, Parsed
from kbase.model.witnesses import DocumentKind
from kbase.parsers.evidence import error, evidence_of
from kbase.text.lines import Line, Text

TITLE = "callers of ops"
MOST_LOCKS = 64
VIAS = frozenset(Via)


class CallSite(NamedTuple):
    """A place where an op is called, or the pointer to it copied to where it is called through."""

    line: int
    struct: str
    op: str
    via: Via
    text: str


class CallingFunction(NamedTuple):
    """A function that calls ops: these calls, and its calls about locks before the last of them, in their order."""

    path: str
    name: str
    lines: tuple[CallSite | LockCall, ...]


def write(functions: Iterable[CallingFunction]) -> str:
    """The document."""
    lines: list[tuple[str, ...]] = [(TITLE,)]
    for function in functions:
        lines.append(("function", function.path, function.name))
        lines += map(_cells, function.lines)
    return "".join("\t".join(cells) + "\n" for cells in lines)


def _cells(line: CallSite | LockCall) -> tuple[str, ...]:
    if isinstance(line, LockCall):
        return "lock", str(line.line), line.name, line.argument, line.text
    return "call", str(line.line), line.struct, line.op, line.via.value, line.text


def without_source(text: Text) -> str:
    """The document without the lines of the source: its facts alone."""
    return "".join(f"{_without_source(line.raw)}\n" for line in text.lines)


def _without_source(line: str) -> str:
    facts, tab, _ = line.rpartition("\t")
    return facts + tab if line.startswith(("lock\t", "call\t")) else line


def matches(name: str, text: Text) -> bool:  # noqa: ARG001  parsers are all called alike
    """Whether the first line is that of such a document."""
    return bool(text.lines) and text.lines[0].raw == TITLE


def parse(name: str, text: Text, blob: str) -> Parsed:  # noqa: ARG001  parsers are all called alike
    """The callers in the order of the document; `bad-caller` diagnostics for malformed lines."""
    records = tuple(_records(text.lines[1:], blob))
    return Parsed(kind=DocumentKind.CALLERS, format=Format.TEXT, title="Callers of ops", records=records)


def _records(lines: Sequence[Line], blob: str) -> Iterator[Caller | Diagnostic]:
    path = function = ""
    locks: list[LockCall] = []
    for line in lines:
        match line.raw.split("\t"):
            case ["function", path, function]:
                locks = []
            case ["lock", number, name, argument, shown] if function and _is_number(number):
                locks.append(LockCall(line=int(number), name=name, argument=argument, text=shown))
            case ["call", number, struct, op, via, shown] if function and _is_number(number) and via in VIAS:
                yield Caller(
                    struct=struct, op=op, function=function, path=path, line=int(number), via=Via(via), text=shown,
                    locks=tuple(locks[-MOST_LOCKS:]), evidence=evidence_of([line], blob),
                )  # fmt: skip
            case _ if not line.blank:
                yield error("bad-caller", "neither a function nor a lock or a call of it; not read", [line], blob)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 9
