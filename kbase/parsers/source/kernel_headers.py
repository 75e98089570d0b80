"""The headers of a kernel tree as a user's source sees them: structs, functions, macros and typedefs by name.

Only what is asked for is read: a tree has 40 MB of headers.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from kbase.model.records import Prototype
from kbase.model.source_code import FunctionHead
from kbase.parsers.headers import STRUCT, read_tables
from kbase.parsers.source.functions import STATEMENTS, calls_of, heads
from kbase.parsers.source.text import CodeText
from kbase.parsers.source.typedefs import typedefs_in

FOLDER = "include/linux/"
WITH_TYPEDEFS = (FOLDER, "include/uapi/linux/", "include/uapi/asm-generic/", "include/asm-generic/")
CALL = re.compile(rb"\b([A-Za-z_]\w*+)\s*+\(")
WORD = re.compile(r"\w+")
DEFINED = re.compile(rb"#[ \t]*+define[ \t]++(\w++)")
Ops = dict[str, tuple[Prototype, ...]]  # the prototypes of each op of a table, one for each `#if` around it


@dataclass(frozen=True)
class KernelHeaders:
    """The files below `include/` of a kernel tree, by their paths in it."""

    files: Mapping[str, bytes]
    _heads: dict[str, tuple[FunctionHead, ...]] = field(default_factory=dict)

    @cached_property
    def _codes(self) -> list[CodeText]:
        return [CodeText(path, data) for path, data in self.files.items()]

    @cached_property
    def _structs(self) -> dict[str, list[str]]:
        """The headers below `include/linux` that define a struct of each name."""
        found = defaultdict[str, list[str]](list)
        for path, data in self.files.items():
            if path.startswith(FOLDER):
                for each in STRUCT.finditer(data):
                    found[each[1].decode("latin-1")].append(path)
        return found

    def tables(self, structs: Collection[str]) -> dict[str, Ops]:
        """Of these structs those that have function pointers and are defined below `include/linux`."""
        wanted = structs & self._structs.keys()
        found: dict[str, dict[str, list[Prototype]]] = {}
        for path in sorted({path for struct in wanted for path in self._structs[struct]}):
            for record in read_tables(self.files[path], wanted):
                if isinstance(record, Prototype):
                    found.setdefault(record.struct, {}).setdefault(record.op, []).append(record)
        return {struct: {op: tuple(each) for op, each in ops.items()} for struct, ops in found.items()}

    def defines(self, struct: str) -> bool:
        """Whether a header below `include/linux` defines the struct."""
        return struct in self._structs

    def read_functions(self, names: Collection[str], everywhere: Collection[str] = ()) -> None:
        """Find the declarations of these functions below `include/linux`, of some below all of `include`."""
        found, wanted = defaultdict[str, list[FunctionHead]](list), frozenset(names) - STATEMENTS
        for code in self._codes:
            named = wanted if code.path.startswith(FOLDER) else frozenset(everywhere)
            here = named.intersection(name.decode() for name in CALL.findall(code.data)) if named else ()
            for head in heads(code, code.text, here, calls_of(code.text, here)) if here else ():
                found[head.name].append(head)
        self._heads.update({name: tuple(each) for name, each in found.items()})

    def functions(self, name: str) -> tuple[FunctionHead, ...]:
        """The declarations and inline definitions of a function that `read_functions` found."""
        return self._heads.get(name, ())

    @cached_property
    def macros(self) -> frozenset[str]:
        """The names of all macros."""
        found = (name for data in self.files.values() for name in DEFINED.findall(data))
        return frozenset(name.decode("latin-1") for name in found)

    def macro(self, name: str) -> str:
        """The text of a macro without parameters; empty if there is none."""
        for code in self._having(name) if name in self.macros else ():
            for each in code.macros:
                if each.name == name and each.parameters is None:
                    return each.text
        return ""

    @cached_property
    def typedefs(self) -> dict[str, str]:
        """The types that typedefs stand for; comments count as code."""
        found: dict[str, str] = {}
        for code in self._codes:
            if b"typedef" in code.data and code.path.startswith(WITH_TYPEDEFS):
                found |= typedefs_in(code.data.decode("latin-1"))
        return found

    def _having(self, name: str) -> Iterator[CodeText]:
        raw = name.encode("latin-1", "replace")
        return (code for code in self._codes if raw in code.data)

    def mentions(self, name: str) -> bool:
        """Whether any header has the name in its code or as a macro."""
        return name in self.macros or any(name in WORD.findall(code.text) for code in self._having(name))
