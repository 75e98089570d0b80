"""One function of C code: the types of its names and expressions, and which expressions are ops of ops tables."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from tree_sitter import Node

from kbase.model.call_sites import Via
from kbase.parsers.callers.declarations import Scope
from kbase.parsers.callers.syntax import captures, declared, text_of, type_name, unwrapped

# Macros and functions that give their first argument back.
TRANSPARENT = re.compile(
    r"(?:READ|ACCESS)_ONCE|(?:lockless|s?rcu)_(?:dereference|access_pointer)\w*|unrcu_pointer|smp_load_acquire"
    r"|(?:cmp)?xchg\w*|(?:un)?likely"
)
STRUCT = re.compile(r"\bstruct\s+(\w+)")  # among the arguments of container_of, list_entry and the like
DEEPEST = 40  # expressions in each other; a chain of the kernel has ten members at most
LONGEST = 1000  # bytes of arguments in which the name of a struct is looked for
CURRENT = {"current": "task_struct"}  # a macro of a header of the architecture
FUNCTION_PARAMETERS = frozenset(("parameter_declaration", "identifier"))


class Variable(NamedTuple):
    """A parameter or local variable of a function, and the bytes in which it is seen."""

    struct: str | None
    is_parameter: bool
    start: int
    end: int
    value: Node | None  # what it is initialised with


class Table(NamedTuple):
    """An op of an ops table, and how the table is reached."""

    struct: str
    op: str
    via: Via


@dataclass(frozen=True)
class Known:
    """What is known of the ops tables of a kernel."""

    ops: Mapping[str, Collection[str]]  # the tables that have an op, by its name
    pointers: Mapping[str, Collection[str]]  # the tables that are declared under a name: `a_ops`, `f_op`, `ops`


@dataclass(frozen=True, eq=False)
class Function:
    """The definition of a function, or the block of one that a macro such as `SYSCALL_DEFINE3` defines."""

    name: str
    node: Node
    scope: Scope
    known: Known
    _structs: dict[int, str | None] = field(default_factory=dict)  # by the identities of nodes in the tree

    @cached_property
    def _nodes(self) -> dict[str, list[Node]]:
        return captures(self.node)

    @cached_property
    def calls(self) -> list[tuple[Node, Node]]:
        """The calls in it with what is called, without brackets, in the order of the text, the outer ones first."""
        calls = sorted(self._nodes.get("call", ()), key=lambda node: (node.start_byte, -node.end_byte))
        called = [(call, unwrapped(call.child_by_field_name("function"))) for call in calls]
        return [(call, callee) for call, callee in called if callee is not None]

    @cached_property
    def called_names(self) -> dict[str, list[Node]]:
        """Where each function or variable is called."""
        found = defaultdict[str, list[Node]](list)
        for _, callee in self.calls:
            if callee.type == "identifier":
                found[text_of(callee)].append(callee)
        return found

    @cached_property
    def passed(self) -> dict[str, list[tuple[int, str]]]:
        """The functions that each variable is passed to, with its position among their arguments."""
        found = defaultdict[str, list[tuple[int, str]]](list)
        for call, callee in self.calls:
            arguments = call.child_by_field_name("arguments")
            for position, argument in enumerate(arguments.named_children if arguments is not None else ()):
                if argument.type == "identifier" and callee.type == "identifier":
                    found[text_of(argument)].append((position, text_of(callee)))
        return found

    @cached_property
    def parameters(self) -> list[str]:
        """The names of its parameters, in their order."""
        node = self.node.child_by_field_name("declarator")
        while node is not None and node.type != "function_declarator":
            node = node.child_by_field_name("declarator")
        listed = node.child_by_field_name("parameters") if node is not None else None
        each = [child for child in listed.named_children if child.type in FUNCTION_PARAMETERS] if listed else []
        return [declared(child.child_by_field_name("declarator") or child)[0] for child in each]

    @cached_property
    def _variables(self) -> dict[str, list[Variable]]:
        """The variables of each name, in the order of the text."""
        found: dict[str, list[Variable]] = {}
        body = self.node.child_by_field_name("body") or self.node
        nodes = [*self._nodes.get("parameter", ()), *self._nodes.get("declaration", ())]
        declarations = sorted(nodes, key=lambda node: node.start_byte)
        for node, end in zip(declarations, self._ends(declarations), strict=True):
            outside = node.start_byte < body.start_byte  # also the declarations of parameters of old C
            if node.type == "parameter_declaration" and not outside:
                continue  # of a pointer to a function
            struct = self.scope.struct(type_name(node.child_by_field_name("type")))
            for declarator in node.children_by_field_name("declarator"):
                value = declarator.child_by_field_name("value")
                variable = Variable(struct, outside, node.start_byte, end, value)
                found.setdefault(declared(declarator)[0], []).append(variable)
        return found

    def _ends(self, declarations: list[Node]) -> Iterator[int]:
        """The end of the block around each declaration."""
        blocks = sorted((node.start_byte, -node.end_byte) for node in self._nodes.get("block", ()))
        around, at = [self.node.end_byte], 0
        for node in declarations:
            while at < len(blocks) and blocks[at][0] <= node.start_byte:
                while len(around) > 1 and around[-1] <= blocks[at][0]:
                    around.pop()
                around.append(-blocks[at][1])
                at += 1
            while len(around) > 1 and around[-1] <= node.start_byte:
                around.pop()
            yield around[-1]

    def variable(self, node: Node) -> Variable | None:
        """The parameter or local variable that a name is."""
        seen = (v for v in reversed(self._variables.get(text_of(node), ())) if v.start <= node.start_byte < v.end)
        return next(seen, None)

    def table(self, node: Node) -> Table | None:
        """The op that a member `x->op` is; None if it is none."""
        op, base = text_of(node.child_by_field_name("field")), node.child_by_field_name("argument")
        if base is None or op not in self.known.ops:
            return None
        struct = self.struct_of(base) or self._only_table(base)
        return Table(struct, op, self._via(base)) if struct and struct in self.known.ops[op] else None

    def _only_table(self, base: Node) -> str | None:
        """The table of a member that has the name of pointers to one table only."""
        member = unwrapped(base)
        name = text_of(member.child_by_field_name("field")) if member is not None else ""
        tables = self.known.pointers.get(name, frozenset())
        return next(iter(tables)) if len(tables) == 1 else None

    def _via(self, base: Node) -> Via:
        node: Node | None = base
        while node is not None and node.type == "parenthesized_expression":
            node = node.named_children[-1] if node.named_children else None
        if node is None or node.type not in ("field_expression", "identifier"):
            return Via.OTHER
        if node.type == "field_expression":
            return Via.MEMBER
        variable = self.variable(node)
        return Via.OTHER if variable is None else Via.PARAMETER if variable.is_parameter else Via.LOCAL

    def struct_of(self, expression: Node | None, depth: int = 0) -> str | None:
        """The struct that an expression is, or points to; None if that is not known."""
        node = expression if expression is not None and expression.type == "cast_expression" else unwrapped(expression)
        if node is None or depth > DEEPEST:
            return None
        if node.id not in self._structs:
            self._structs[node.id] = None  # of a variable that is initialised with itself
            self._structs[node.id] = self._struct_of(node, depth)
        return self._structs[node.id]

    def _struct_of(self, node: Node, depth: int) -> str | None:
        match node.type:
            case "identifier":
                return self._struct_of_name(node, depth)
            case "field_expression":
                base = self.struct_of(node.child_by_field_name("argument"), depth + 1)
                return self.scope.member(base, text_of(node.child_by_field_name("field"))) if base else None
            case "call_expression":
                return self._struct_of_call(node, depth)
            case "cast_expression":
                kind = node.child_by_field_name("type")
                return self.scope.struct(type_name(kind.child_by_field_name("type"))) if kind is not None else None
            case "subscript_expression":
                return self.struct_of(node.child_by_field_name("argument"), depth + 1)
            case "conditional_expression" | "binary_expression" | "assignment_expression":
                fields = ("consequence", "alternative", "left", "right")
                parts = (self.struct_of(node.child_by_field_name(field), depth + 1) for field in fields)
                return next(filter(None, parts), None)
        return None

    def _struct_of_name(self, node: Node, depth: int) -> str | None:
        name, variable = text_of(node), self.variable(node)
        if variable is None:
            return CURRENT.get(name) or self.scope.variable(name)
        return variable.struct or self.struct_of(variable.value, depth + 1)

    def _struct_of_call(self, node: Node, depth: int) -> str | None:
        called, arguments = unwrapped(node.child_by_field_name("function")), node.child_by_field_name("arguments")
        if called is None or called.type != "identifier":
            return self.struct_of(called, depth + 1)  # what a function that a member points to returns
        name = text_of(called)
        if TRANSPARENT.fullmatch(name) and arguments is not None:
            return self.struct_of(next(iter(arguments.named_children), None), depth + 1)
        short = arguments is not None and arguments.end_byte - arguments.start_byte < LONGEST
        named = STRUCT.search(text_of(arguments)) if short else None
        return self.scope.returned(name) or (named[1] if named else None)
