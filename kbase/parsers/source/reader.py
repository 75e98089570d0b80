"""A user's source: all files together, as the comparison of two kernels asks for it.

Slots are found in all branches of conditions, functions in those that the new kernel compiles. A function is looked
for in all files: the file of a slot first, then the nearest folder.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice, takewhile

from kbase.model.source_code import FunctionHead, Macro, SourceSlot, Unread
from kbase.parsers.callers.branches import one_branch
from kbase.parsers.callers.declarations import Declarations
from kbase.parsers.source.assignments import assignments
from kbase.parsers.source.expansions import MOST, expanded, expansions, makers
from kbase.parsers.source.functions import Calls, calls_in, calls_of, heads
from kbase.parsers.source.initializers import (
    Entry,
    Initializer,
    MemberTypes,
    Problem,
    entries,
    function_of,
    initializers,
)
from kbase.parsers.source.text import CodeText
from kbase.parsers.source.typedefs import typedefs_in

STRUCT = re.compile(r"(?:const\s+)?struct\s+(\w+)(?:\s+const)?")
MEMBER = re.compile(r"\.\w+\s*=")
WORD = re.compile(r"\w+")
BINARY = b"\0"
SAME_FILE = 1000
FUNCTIONS_CACHED = 100_000
MOST_HEADS = 20  # of one function, in branches of conditions
# Macros of the kernel that define a function: its name, what it returns, its parameters.
KERNEL_MACROS = {"WRAP_DIR_ITER": ("shared_{}", "int", "struct file *file, struct dir_context *ctx")}


@dataclass(frozen=True)
class SourceCode:
    """The files of a source by path, read for a kernel of that LINUX_VERSION_CODE."""

    files: Mapping[str, bytes]
    version_code: int
    _heads: dict[str, tuple[FunctionHead, ...]] = field(default_factory=dict)

    @cached_property
    def _codes(self) -> list[CodeText]:
        return [CodeText(path, data) for path, data in sorted(self.files.items()) if BINARY not in data]

    @cached_property
    def binary(self) -> tuple[Unread, ...]:
        """The files that are no text."""
        paths = sorted(path for path, data in self.files.items() if BINARY in data)
        return tuple(Unread(path=path, line=1, why="binary data, no C code") for path in paths)

    @property
    def not_expanded(self) -> Iterator[Unread]:
        """The first calls of macros that were not expanded, as there are too many in a file."""
        for code, _, calls in self._calls:
            if code.at is None and len(places := makers(calls, self.macros)) > MOST:
                position, name = places[MOST]
                why = f"{name} and {len(places) - MOST - 1} more calls of macros that make code were not read"
                yield Unread(path=code.path, line=code.line(position), why=why)

    @cached_property
    def macros(self) -> dict[str, Macro]:
        """The macros that the source defines; of several of one name the last, that is not empty if there is one."""
        every = [macro for code in self._codes for macro in code.macros]
        return {macro.name: macro for macro in sorted(every, key=lambda macro: bool(macro.text))}

    @cached_property
    def typedefs(self) -> dict[str, str]:
        """The types that the source's typedefs stand for, by name."""
        found: dict[str, str] = {}
        for code in self._codes:
            if b"typedef" in code.data:
                found |= typedefs_in(code.text)
        return found

    @cached_property
    def _calls(self) -> list[tuple[CodeText, str, Calls]]:
        """Each file, and each expansion of a macro that makes code, with its compiled text and the calls in it."""
        found = list[tuple[CodeText, str, Calls]]()
        for code in self._codes:
            text = code.compiled(self.version_code)
            calls = calls_in(text)
            found.append((code, text, calls))
            found += ((each, each.text, calls_in(each.text)) for each in expansions(code, calls, self.macros))
        return found

    @cached_property
    def _entries(self) -> list[tuple[CodeText, Entry | Problem]]:
        """What all initializers set, and what could not be read of them."""
        structs = {name: kind[1] for name, text in self.typedefs.items() if (kind := STRUCT.fullmatch(text))}
        types = Declarations("\n".join(code.text for code in self._codes)).members
        found = list[tuple[CodeText, Entry | Problem]]()
        for code, _, _ in self._calls:
            for each in initializers(code, structs):
                if isinstance(each, Problem):
                    found.append((code, each))
                else:
                    found += ((code, entry) for entry in self._entries_of(code, each, types))
        return found

    def _entries_of(self, code: CodeText, found: Initializer, types: MemberTypes) -> Iterator[Entry | Problem]:
        """The entries of an initializer, those of macros for members too, which need no comma: `COMPAT_OPS`."""
        words = WORD.finditer(code.text, found.start, found.end) if self._for_members else ()
        places = [(word[0], word.start()) for word in words if word[0] in self._for_members]
        hidden = {name for name, _ in places}
        yield from self._with_macros(code, entries(code, found, types, hidden), types)
        for name, position in places:
            inner = CodeText(code.path, f"{{{self.macros[name].text}}}".encode("latin-1", "replace"))
            whole = Initializer(found.struct, found.table, 0, len(inner.text))
            for entry in entries(inner, whole, types):
                yield _at(entry, position)

    @cached_property
    def _for_members(self) -> frozenset[str]:
        """The macros without parameters that stand for members of an initializer: `.open = foo_open,`."""
        each = (macro for macro in self.macros.values() if macro.parameters is None)
        return frozenset(macro.name for macro in each if MEMBER.match(macro.text))

    def _with_macros(
        self, code: CodeText, found: Iterable[Entry | Problem], types: MemberTypes, *, again: bool = True
    ) -> Iterator[Entry | Problem]:
        """The entries, those of macros in an initializer too: `#define OPS .open = foo_open, .read = foo_read`."""
        for each in found:
            macro = self.macros.get(each.macro.partition("(")[0].strip()) if isinstance(each, Problem) else None
            text = expanded(macro, each.macro) if macro and again and isinstance(each, Problem) else ""
            if text and isinstance(each, Problem):
                inner = CodeText(code.path, f"{{{text}}}".encode("latin-1", "replace"))
                whole = Initializer(each.struct, each.table, 0, len(inner.text))
                for entry in self._with_macros(inner, entries(inner, whole, types), types, again=False):
                    yield _at(entry, each.position)
            else:
                yield each

    @cached_property
    def structs(self) -> frozenset[str]:
        """The structs that are initialised somewhere."""
        return frozenset(each.struct for _, each in self._entries)

    def slots(self, structs: Collection[str]) -> list[SourceSlot]:
        """The slots of these structs, each place once, by path and line."""
        found: dict[tuple[str, int, str, str, str, str], tuple[int, SourceSlot]] = {}
        for code, each in self._entries:
            if isinstance(each, Entry) and each.struct in structs:
                slot = self._slot(code, each)
                place = slot.path, slot.line, slot.struct, slot.op, slot.value, slot.table
                found.setdefault(place, (each.position, slot))
        placed = sorted(found.values(), key=lambda each: (each[1].path, each[1].line, each[0]))
        return [slot for _, slot in placed]

    def _slot(self, code: CodeText, entry: Entry) -> SourceSlot:
        return SourceSlot(
            struct=entry.struct, op=entry.member, table=entry.table, value=entry.value, path=code.path,
            function=self._function(entry), line=code.line(entry.position), branches=code.branches(entry.position),
        )  # fmt: skip

    def _function(self, entry: Entry) -> str:
        """The function that a slot names; a call of the source's own macro is expanded: `OP(open)`."""
        macro = self.macros.get(entry.value.partition("(")[0].strip())
        text = expanded(macro, entry.value) if macro and macro.parameters is not None else ""
        return (function_of(text) if text else "") or entry.function

    def problems(self, structs: Collection[str]) -> list[Unread]:
        """What could not be read of the initializers of these structs: of each the first, and how many more."""
        found: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
        for code, each in self._entries:
            if isinstance(each, Problem) and each.struct in structs:
                key = code.path, each.struct, each.table
                found.setdefault(key, []).append((code.line(each.position), each.why))
        return [_unread(path, struct, min(lines), len(lines)) for (path, struct, _), lines in found.items()]

    def assigned(self, ops: Mapping[str, Collection[str]]) -> list[Unread]:
        """Where ops of ops tables are assigned at run time; `ops` are the names of the ops of each table."""
        return [
            Unread(path=code.path, line=code.line(position), why=f"{struct}.{op} is assigned at run time: {value}")
            for code in self._codes
            for struct, op, value, position in assignments(code.text, ops)
        ]

    def read_functions(self, names: Collection[str]) -> None:
        """Find the heads of these functions; where a function's head is no C because of `#if`, of its branches."""
        found = defaultdict[str, list[FunctionHead]](list)
        for code, text, calls in self._calls:
            for head in heads(code, text, names, calls):
                found[head.name].append(head)
            for head in _of_kernel_macros(code, text, calls):
                found[head.name].append(head)
        known = {(head.path, head.line) for each in found.values() for head in each}
        for head in self._in_branches(names, known):
            found[head.name].append(head)
        self._heads.update({name: tuple(each) for name, each in found.items()})
        self.__dict__.pop("functions", None)

    def _in_branches(self, names: Collection[str], known: Collection[tuple[str, int]]) -> Iterator[FunctionHead]:
        """Functions whose heads have `#if` inside, read with the first branch only, and with the last."""
        for code, _, calls in self._calls:
            split = {name for name in calls.keys() & names if _is_split(code, calls[name], known)}
            for last in (False, True) if split else ():
                text = CodeText(code.path, one_branch(code.data, last=last)).compiled(self.version_code)
                for head in heads(code, text, split, calls_of(text, split)):
                    if (head.path, head.line) not in known:
                        yield head

    @cached_property
    def functions(self) -> Callable[[str, str], tuple[FunctionHead, ...]]:
        """Finds the heads of a function, given by its name and the path of the file where it is named.

        Of those that `read_functions` found: definitions, of these the nearest to the file.
        """
        return lru_cache(FUNCTIONS_CACHED)(self._functions)

    def _functions(self, name: str, path: str) -> tuple[FunctionHead, ...]:
        known = self._heads.get(name, ())
        best = [head for head in known if head.is_definition] or list(known)
        nearest = max((_common(head.path, path) for head in best), default=0)
        return tuple(islice((head for head in best if _common(head.path, path) == nearest), MOST_HEADS))

    @cached_property
    def called(self) -> frozenset[str]:
        """The names that stand before parentheses."""
        return frozenset(name for _, _, calls in self._calls for name in calls)

    def places(self, name: str) -> list[tuple[str, int]]:
        """Path and line of each call of a function, not of a member of that name."""
        return [
            (code.path, code.line(position))
            for code, text, calls in self._calls
            for position in calls.get(name, ())
            if not text[max(position - 40, 0) : position].rstrip().endswith((".", "->"))
        ]


def _is_split(code: CodeText, positions: Iterable[int], known: Collection[tuple[str, int]]) -> bool:
    """Whether a name stands in several branches of one condition, and one of these places was not read as a head."""
    found = defaultdict[int, list[tuple[int, int]]](list)  # the branches and places, by condition
    for position in positions:
        for branch in code.branches(position):
            found[branch.start].append((branch.number, position))
    several = (places for places in found.values() if len({number for number, _ in places}) > 1)
    return any((code.path, code.line(position)) not in known for places in several for _, position in places)


def _unread(path: str, struct: str, first: tuple[int, str], number: int) -> Unread:
    line, why = first
    more = f", and {number - 1} more" if number > 1 else ""
    return Unread(path=path, line=line, why=f"struct {struct}: {why}{more}")


def _at(each: Entry | Problem, position: int) -> Entry | Problem:
    """The same at the place where the macro stands."""
    if isinstance(each, Problem):
        return Problem(each.struct, position, each.why)
    return Entry(each.struct, each.member, each.table, each.function, each.value, position)


def _of_kernel_macros(code: CodeText, text: str, calls: Calls) -> Iterator[FunctionHead]:
    """The functions that macros of the kernel define."""
    for macro, (name, returns, parameters) in KERNEL_MACROS.items():
        for position in calls.get(macro, ()):
            argument = text[position + len(macro) :].lstrip("( \t")[:200]
            if word := re.match(r"\w+", argument):
                yield FunctionHead(
                    name=name.format(word[0]), returns=returns, parameters=parameters, path=code.path,
                    line=code.line(position), branches=code.branches(position),
                )  # fmt: skip


def _common(one: str, other: str) -> int:
    """How near two files are: the number of folders that they share; the same file is nearest."""
    first, second = one.split("/")[:-1], other.split("/")[:-1]
    shared = takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False))
    return SAME_FILE if one == other else sum(1 for _ in shared)
