"""What the files of a kernel declare: members of structs, what functions return, typedefs, variables.

One pass of each pattern finds where something is declared; the body of a struct is parsed when a member of it is asked
for. A type is the name of its struct: pointers, arrays and qualifiers do not matter to the scanner.
"""

import re
from collections import defaultdict
from functools import cached_property

from tree_sitter import Node

from kbase.parsers.callers.syntax import STRUCTS, declared, parse, type_name

STRUCT_BODY = re.compile(r"struct[ \t\n]+(?:(\w+)[ \t\n]*)?\{")
UNION_BODY = re.compile(r"union[ \t\n]+(?:(\w+)[ \t\n]*)?\{")
TYPEDEF_BODY = re.compile(r"typedef[ \t]+(?:struct|union)(?:[ \t]+\w+)?[ \t\n]*\{")
TYPEDEF = re.compile(r"typedef[ \t]+(?:const[ \t]+)?(?:struct[ \t]+|union[ \t]+)?(\w+)[ \t*]+(\w+);")
RETURNED = re.compile(r"struct[ \t]+(\w+)[ \t]*\*[ \t*]*(?:__\w+[ \t]+)?\n?(\w+)\(")
VARIABLE = re.compile(
    r"\n(?:(?:static|extern|const|__\w+)[ \t]+){0,4}struct[ \t]+(\w+)[ \t*]+"
    r"(?:(?:const|__\w+)[ \t]+)?(\w+)[ \t]*[\[;=,]"
)
BRACE = re.compile(r"[{}]")
WORD = re.compile(r"\s*(?:__\w+\s+)?(\w+)")
LONGEST_BODY = 100_000  # characters; the longest of 6.12 has 15,000
MOST_TYPEDEFS = 5  # of typedefs
Members = dict[str, str | None]  # the struct of each member, None where it has none


class Declarations:
    """What one text of C declares, each kind found on first use."""

    def __init__(self, text: str) -> None:
        self._text = f"\n{text}"  # a declaration of a variable starts a line
        self._members: dict[str, Members] = {}

    @cached_property
    def _bodies(self) -> dict[str, list[int]]:
        """Where the bodies of a struct or union start, by its name, or by that of its typedef."""
        found = defaultdict[str, list[int]](list)
        for pattern in (STRUCT_BODY, UNION_BODY):
            for match in pattern.finditer(self._text):
                if match[1]:
                    found[match[1]].append(match.start())
        for match in TYPEDEF_BODY.finditer(self._text):
            if name := WORD.match(self._text, _end(self._text, match.end())):
                found[name[1]].append(match.start())
        return found

    @cached_property
    def returned(self) -> dict[str, str]:
        """The struct to which a function returns a pointer, by the function's name."""
        return {name: struct for struct, name in RETURNED.findall(self._text)}

    @cached_property
    def typedefs(self) -> dict[str, str]:
        """The type for which a typedef stands, by the typedef's name."""
        return {name: struct for struct, name in TYPEDEF.findall(self._text)}

    @cached_property
    def variables(self) -> dict[str, str]:
        """The struct of each variable outside of functions."""
        return {name: struct for struct, name in VARIABLE.findall(self._text)}

    def members(self, struct: str) -> Members:
        """The type of each member of a struct; of an anonymous struct it is `STRUCT.MEMBER`."""
        if struct not in self._members:
            self._members[struct] = {}
            for start in self._bodies.get(struct, ()):
                brace = self._text.index("{", start)
                code = self._text[start : _end(self._text, brace + 1)] + ";"
                self._add(struct, parse(code.encode("latin-1")).root_node)
        return self._members[struct]

    def _add(self, struct: str, root: Node) -> None:
        """Add the members in a struct's body, and those of the structs in it."""
        bodies = [(struct, node) for node in root.named_children]
        while bodies:
            owner, node = bodies.pop()
            kind = node.child_by_field_name("type")
            if node.type == "field_declaration" and kind is not None:
                bodies += self._field(owner, node, kind)
            else:
                bodies += [(owner, child) for child in node.named_children]

    def _field(self, owner: str, node: Node, kind: Node) -> list[tuple[str, Node]]:
        """Add the members that a field declares; returns the bodies in it with the struct that each belongs to."""
        body = kind.child_by_field_name("body") if kind.type in STRUCTS else None
        names = [declared(each)[0] for each in node.children_by_field_name("declarator")]
        of_body = type_name(kind) or (f"{owner}.{names[0]}" if names else owner)
        for name in names:
            self._members[owner].setdefault(name, type_name(kind) if body is None else of_body)
        if body is None:
            return []
        self._members.setdefault(of_body, {})
        return [(of_body, child) for child in body.named_children]


def _end(text: str, start: int) -> int:
    """The position after the brace that closes the one before `start`."""
    depth = 1
    for brace in BRACE.finditer(text, start, start + LONGEST_BODY):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return brace.end()
    return start


class Scope:
    """What the code of a file sees: its own declarations, then those of all headers."""

    def __init__(self, own: Declarations, headers: Declarations) -> None:
        self._seen = own, headers

    def struct(self, name: str | None) -> str | None:
        """The struct that a type is: what a typedef stands for, else the name itself."""
        for _ in range(MOST_TYPEDEFS):
            target = next((each.typedefs[name] for each in self._seen if name in each.typedefs), None) if name else None
            if target is None or target == name:
                break
            name = target
        return name

    def member(self, struct: str, name: str) -> str | None:
        """The struct of a member; None if it has none, or is not known."""
        for each in self._seen:
            if found := each.members(struct).get(name):
                return self.struct(found)
        return None

    def returned(self, function: str) -> str | None:
        """The struct to which a function returns a pointer."""
        return next((each.returned[function] for each in self._seen if function in each.returned), None)

    def variable(self, name: str) -> str | None:
        """The struct of a variable outside of functions."""
        return next((each.variables[name] for each in self._seen if name in each.variables), None)
