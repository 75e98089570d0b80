"""The calls of ops in one file, function by function."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from tree_sitter import Node, Tree

from kbase.model.call_sites import LockCall, Via
from kbase.parsers.callers.branches import one_branch
from kbase.parsers.callers.declarations import Scope
from kbase.parsers.callers.document import CallingFunction, CallSite
from kbase.parsers.callers.functions import Function, Known, Table
from kbase.parsers.callers.locks import lock_call
from kbase.parsers.callers.syntax import captures, declared, parse, path_to, source_line, text_of
from kbase.parsers.callers.uses import Call, ToArgument, ToVariable, Use, use_of

MACRO = re.compile(r"\s*(\w+)\s*\(\s*(\w*)")  # what stands before the block with which a macro defines a function
SYSTEM_CALL = re.compile(r"(COMPAT_)?SYSCALL_DEFINE\d")
STATEMENTS = frozenset(("if", "else", "for", "while", "do", "switch", "return", "sizeof"))  # no names of functions


Goal = tuple[Function | None, ToVariable | ToArgument]  # what a pointer is copied to; a variable with its function
Sites = dict[tuple[int, str, str], Via]  # by position, ops table and op


def calling_functions(
    path: str, data: bytes, candidates: Iterable[int], scope: Scope, known: Known
) -> list[CallingFunction]:
    """The functions of a file that call ops. `candidates` are the positions of members that may be ops.

    Where a function is no C because of `#if`, the file is also read with the first branches only, and with the last.
    """
    trees = [_Code(data, scope, known)]
    if not trees[0].find(candidates):
        trees += [_Code(one_branch(data, last=last), scope, known) for last in (False, True)]
        for tree in trees[1:]:
            tree.find(candidates)
    found: dict[int, list[Function]] = defaultdict(list)
    sites: dict[int, Sites] = defaultdict(dict)
    seen = set[tuple[int, str, str]]()
    for tree in reversed(trees):
        for function, its_sites in tree.sites():
            if fresh := {key: via for key, via in its_sites.items() if key not in seen}:
                found[function.node.start_byte].append(function)
                sites[function.node.start_byte] |= fresh
                seen |= fresh.keys()
    starts = sorted(found)
    return [CallingFunction(path, found[at][0].name, _lines(data, found[at], sites[at])) for at in starts]


def _lines(data: bytes, functions: Iterable[Function], sites: Sites) -> tuple[CallSite | LockCall, ...]:
    """The calls of ops and those about locks before them; `functions` is the same one in several trees."""
    last = max(sites)[0]
    locks: dict[int, CallSite | LockCall] = {}
    for function in functions:
        for call, callee in function.calls:
            if call.start_byte < last and (lock := lock_call(data, call, callee)):
                locks.setdefault(call.start_byte, lock)  # of guard(mutex)(&lock) the whole
    calls = [(position, _site(data, position, struct, op, via)) for (position, struct, op), via in sites.items()]
    ordered = sorted([*calls, *locks.items()], key=lambda each: each[0])
    return tuple(dict.fromkeys(line for _, line in ordered))


def _site(data: bytes, position: int, struct: str, op: str, via: Via) -> CallSite:
    line, text = source_line(data, position)
    return CallSite(line, struct, op, via, text)


@dataclass(frozen=True)
class _Code:
    """One reading of a file."""

    data: bytes
    scope: Scope
    known: Known
    _functions: dict[int, Function] = field(default_factory=dict)  # by their positions
    _sites: dict[int, Sites] = field(default_factory=lambda: defaultdict(dict))  # by positions of functions
    _copied: dict[tuple[Goal, Table], list[tuple[Function, int]]] = field(default_factory=dict)  # calls through copies

    def find(self, candidates: Iterable[int]) -> bool:
        """Find the calls at these positions; returns whether each of them is in a function."""
        complete = True
        for position in candidates:
            path = path_to(self._tree, position)
            if any(node.type.startswith("preproc_") and node.child_count == 0 for node in path) or _is_off(path):
                continue  # the body of a macro, and what `#if 0` removes
            function = self._function(path)
            member = path[-2] if len(path) > 1 and path[-2].type == "field_expression" else None
            if function is None or member is None:
                complete = complete and path[-1].type == "comment"
            elif table := function.table(member):
                self._add_use(function, position, table, use_of(path[:-1]))
        return complete

    def sites(self) -> list[tuple[Function, Sites]]:
        """The calls by the functions that they are in."""
        return [(self._functions[start], sites) for start, sites in self._sites.items()]

    @cached_property
    def _tree(self) -> Tree:
        return parse(self.data)

    def _function(self, path: list[Node]) -> Function | None:
        """The function around a place, given by the nodes from the root to it."""
        kinds = ("function_definition", "compound_statement")  # the second is that of a macro
        node = next((each for each in path if each.type in kinds), None)
        function = self._at(node) if node is not None else None
        return function if function and function.name else None

    def _at(self, node: Node) -> Function:
        if node.start_byte not in self._functions:
            self._functions[node.start_byte] = Function(_name(node), node, self.scope, self.known)
        return self._functions[node.start_byte]

    def _add_use(self, function: Function, position: int, table: Table, use: Use | None) -> None:
        """Add a call; of a copy the place of the copy and those of the calls through it, if there are any."""
        if isinstance(use, Call):
            self._add(function, position, table)
        elif use is not None:
            copied, goal = table._replace(via=Via.COPY), (function if isinstance(use, ToVariable) else None, use)
            first = (goal, copied) not in self._copied
            through = self._copied.setdefault((goal, copied), self._through(function, use) if first else [])
            for caller, place in [(function, position), *(through if first else ())] if through else ():
                self._add(caller, place, copied)

    def _through(self, function: Function, use: ToVariable | ToArgument) -> list[tuple[Function, int]]:
        """The calls through what a pointer is copied to: a variable of a function, or an argument of another one."""
        if isinstance(use, ToArgument):
            return self._through_argument(*use)
        return self._through_variable(function, use.name)

    def _add(self, function: Function, position: int, table: Table) -> None:
        self._sites[function.node.start_byte].setdefault((position, table.struct, table.op), table.via)

    def _through_variable(self, function: Function, variable: str) -> list[tuple[Function, int]]:
        """The calls through a variable, in its function or in one of the same file that it is passed to."""
        found = [(function, callee.start_byte) for callee in function.called_names.get(variable, ())]
        for position, callee in function.passed.get(variable, ()):
            found += self._through_argument(callee, position)
        return found

    def _through_argument(self, name: str, position: int) -> list[tuple[Function, int]]:
        """The calls of an argument in a function of the same file."""
        node = self._definitions.get(name)
        function = self._at(node) if node is not None else None
        if function is None or position >= len(function.parameters):
            return []
        calls = function.called_names.get(function.parameters[position], ())
        return [(function, callee.start_byte) for callee in calls]

    @cached_property
    def _definitions(self) -> Mapping[str, Node]:
        nodes = captures(self._tree.root_node, "(function_definition) @function").get("function", [])
        return {declared(node.child_by_field_name("declarator"))[0]: node for node in nodes}


def _is_off(path: list[Node]) -> bool:
    """Whether the last node of a path is between `#if 0` and the next branch."""
    off = ((node, inner) for node, inner in pairwise(path) if node.type == "preproc_if")
    conditions = ((text_of(node.child_by_field_name("condition")), node, inner) for node, inner in off)
    return any(text == "0" and node.child_by_field_name("alternative") != inner for text, node, inner in conditions)


def _name(node: Node) -> str:
    """The name of a function; of a system call that which the compiler sees; empty for other blocks."""
    kind, name = text_of(node.child_by_field_name("type")), declared(node.child_by_field_name("declarator"))[0]
    if node.type == "compound_statement":
        match = MACRO.match(text_of(node.prev_named_sibling))
        kind, name = match.groups() if match else ("", "")
    if call := SYSTEM_CALL.fullmatch(kind):
        return f"__do_{'compat_' if call[1] else ''}sys_{name}"
    found = kind if node.type == "compound_statement" else name
    return "" if found in STATEMENTS else found
