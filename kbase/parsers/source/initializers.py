"""Initializers of structs in C code, found by their heads and read by tree-sitter, one at a time.

    head = "struct" name { qualifier } variable [ "[" size "]" ] { attribute } "=" "{"
         | "(" [ "const" ] "struct" name [ "[]" ] ")" "{"

A macro without a semicolon before a table hides the table from a parser of the whole file, but not from a pattern.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from tree_sitter import Node

from kbase.parsers.callers.syntax import parse, text_of, unwrapped
from kbase.parsers.source.text import CodeText

_ARGUMENTS = r"\((?:[^();{}=]|\((?:[^();{}=]|\([^();{}=]{0,100}+\)){0,100}+\)){0,200}+\)"
_REST = rf"([\w\s,\[\]]{{1,200}}+(?:{_ARGUMENTS}[\w\s,\[\]]{{0,100}}+){{0,4}}+)"
STRUCT_HEAD = re.compile(rf"\bstruct\s++(\w++){_REST}=\s*+(\{{)?")
TYPEDEF_HEAD = re.compile(
    r"^[ \t]*+(?:(?:static|const)\s++){0,3}+(\w++)\s++(\w++)\s*+(?:\[[^\]]{0,40}+\]\s*+)?=\s*+(\{)", re.MULTILINE
)
NEXT = re.compile(r"\s*+,\s*+([\w\s,\[\]]{1,400}+)=\s*+(\{)")
LITERAL = re.compile(r"\(\s*+(?:const\s++)?struct\s++(\w++)\s*+(?:\[[^\]]{0,40}\]\s*+)?\)\s*+(\{)")
BRACKET = re.compile(r"[{};]|\n\}")
NAME = re.compile(r"\w+")
ITEM = re.compile(r"(?<![\w.])(\w++)(?:[ \t]*+,)?+")
NO_NAME = re.compile(r"__\w+|const|static|volatile|[A-Z][A-Z0-9_]*")
LONGEST = 1 << 20  # bytes of an initializer; the longest of a kernel has 100,000
MOST_UNCLOSED = 20  # initializers without closing brace in a file
DEEPEST = 20  # lists in each other
SHOWN = 60  # characters of what could not be read
NULL = "NULL"


@dataclass(frozen=True, slots=True)
class Entry:
    """A member and the expression that an initializer gives it, with the position of the member."""

    struct: str
    member: str
    table: str
    function: str  # without casts and wrappers; empty for an expression that names none
    value: str
    position: int


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read of an initializer."""

    struct: str
    position: int
    why: str
    macro: str = ""  # the text, where it may be a call of a macro
    table: str = ""


@dataclass(frozen=True, slots=True)
class Initializer:
    """A struct and its braces in the text."""

    struct: str
    table: str
    start: int
    end: int  # 0 where the closing brace is missing


MemberTypes = Callable[[str], dict[str, str | None]]  # the struct of each member of a struct


def initializers(code: CodeText, typedefs: dict[str, str]) -> Iterator[Initializer | Problem]:
    """The initializers of a file, in no particular order; `typedefs` are the names of structs by those of typedefs.

    An initializer without braces, or without the closing one, is a problem; after many of them reading ends.
    """
    unclosed = 0
    for found in _initializers(code.text, typedefs):
        if isinstance(found, Initializer) and not found.end:
            unclosed += 1
            more = "; the rest of the file is not read" if unclosed == MOST_UNCLOSED else ""
            why = f"an initializer without closing brace{more}"
            yield Problem(found.struct, found.start, why, table=found.table)
        else:
            yield found
        if unclosed == MOST_UNCLOSED:
            break


def _initializers(text: str, typedefs: dict[str, str]) -> Iterator[Initializer | Problem]:
    for found in STRUCT_HEAD.finditer(text):
        yield from _of_head(text, found[1], found[2], found)
    for found in TYPEDEF_HEAD.finditer(text) if typedefs else ():
        if found[1] in typedefs:
            yield from _of_head(text, typedefs[found[1]], found[2], found)
    for found in LITERAL.finditer(text):
        yield _braces(text, found[1], "", found.start(2))


def _of_head(text: str, struct: str, rest: str, found: re.Match[str]) -> Iterator[Initializer | Problem]:
    """The initializers of a declaration: of each of its variables."""
    table = _variable(rest)
    if found[3] is None:
        yield Problem(struct, found.start(), f"{table} is not initialised with a list in braces", table=table)
        return
    each = _braces(text, struct, table, found.start(3))
    yield each
    while each.end and (more := NEXT.match(text, each.end)):
        each = _braces(text, struct, _variable(more[1]), more.start(2))
        yield each


def _variable(rest: str) -> str:
    """The name of the variable before `=`: the first word that is neither a qualifier nor an attribute."""
    words = NAME.findall(rest.rpartition(",")[2].partition("[")[0])
    return next((word for word in words if not NO_NAME.fullmatch(word)), words[-1] if words else "")


def _braces(text: str, struct: str, table: str, start: int) -> Initializer:
    """The initializer whose opening brace is at `start`.

    A closing brace that begins a line ends it, too: where each branch of an `#if` has an opening brace, there are
    too few closing ones.
    """
    depth = 0
    for found in BRACKET.finditer(text, start, start + LONGEST):
        mark = found[0]
        depth += (mark == "{") - (mark[-1] == "}")
        if not depth or mark == "\n}":
            return Initializer(struct, table, start, found.end())
        if mark == ";" and depth < 0:
            break
    return Initializer(struct, table, start, 0)


def entries(
    code: CodeText, found: Initializer, types: MemberTypes, hidden: Collection[str] = ()
) -> Iterator[Entry | Problem]:
    """The members that an initializer sets, those of structs and arrays in it too.

    The `hidden` words, macros that stand for members, are left out, each with the comma behind it.
    """
    piece = code.text[found.start : found.end]
    if hidden:
        piece = ITEM.sub(lambda item: " " * len(item[0]) if item[1] in hidden else item[0], piece)
    missing = piece.count("{") - piece.count("}")
    root = parse(f"int x={piece}{'}' * max(missing, 0)};".encode("latin-1")).root_node
    declaration = root.named_children[0] if root.named_children else None
    declarator = declaration.child_by_field_name("declarator") if declaration is not None else None
    value = declarator.child_by_field_name("value") if declarator is not None else None
    if value is None:
        yield Problem(found.struct, found.start, "its initializer is not C")
        return
    yield from _Lists(found, len("int x="), types).of(value)


@dataclass(frozen=True, slots=True)
class _Lists:
    """Reads the lists of one initializer."""

    initializer: Initializer
    prefix: int
    types: MemberTypes

    def of(self, node: Node) -> Iterator[Entry | Problem]:
        """What the list and those in it set."""
        waiting: list[tuple[str | None, Node, int]] = [(self.initializer.struct, node, 0)]
        while waiting:
            struct, node, depth = waiting.pop()
            for child in node.named_children if depth < DEEPEST else ():
                match child.type:
                    case "initializer_pair":
                        owner, member, value = self._pair(struct, child)
                        if value is not None and value.type == "initializer_list":
                            inner = self.types(owner).get(member) if member and owner else owner
                            waiting.append((inner, value, depth + 1))
                        elif owner and member and value is not None:
                            yield self._entry(owner, member, value)
                    case "initializer_list":
                        waiting.append((struct, child, depth + 1))
                    case "comment":
                        pass
                    case _ if struct is not None:
                        yield self._problem(struct, child)

    def _pair(self, struct: str | None, node: Node) -> tuple[str | None, str, Node | None]:
        """The struct that is set, its member (empty for an element of an array), and the value."""
        designators = node.children_by_field_name("designator")
        names = [text_of(each).lstrip(". \t\n") for each in designators if each.type != "subscript_designator"]
        for name in names[:-1]:
            struct = self.types(struct).get(name) if struct else None
        return struct, names[-1] if names else "", node.child_by_field_name("value")

    def _entry(self, struct: str, member: str, value: Node) -> Entry:
        text = " ".join(text_of(value).split())
        start = self._position(value.parent or value)
        return Entry(struct, member, self.initializer.table, function_in(value), text, start)

    def _problem(self, struct: str, node: Node) -> Problem:
        text, table = " ".join(text_of(node).split()), self.initializer.table
        macro = text if node.type in ("identifier", "call_expression") else ""
        why = f"{text[:SHOWN]} in the initializer of {table or struct}"
        return Problem(struct, self._position(node), why, macro, table)

    def _position(self, node: Node) -> int:
        return node.start_byte - self.prefix + self.initializer.start


def function_in(node: Node | None) -> str:
    """The function that an expression names: behind casts, `&`, a macro around it, a condition before it."""
    for _ in range(DEEPEST):
        node = unwrapped(node)
        if node is None:
            return ""
        if node.type == "conditional_expression":
            node = node.child_by_field_name("consequence") or node.child_by_field_name("alternative")
        elif node.type == "call_expression":
            arguments = node.child_by_field_name("arguments")
            names = [each for each in arguments.named_children if each.type != "comment"] if arguments else []
            node = next((each for each in reversed(names) if (unwrapped(each) or each).type == "identifier"), None)
        elif node.type in ("identifier", "null"):
            return text_of(node)
        else:
            return NULL if text_of(node) == "0" else ""
    return ""


def function_of(expression: str) -> str:
    """The function that a C expression names; empty for none."""
    root = parse(f"int x = {expression};".encode("latin-1", "replace")).root_node
    declarator = root.named_children[0].child_by_field_name("declarator") if root.named_children else None
    return function_in(declarator.child_by_field_name("value")) if declarator is not None else ""
