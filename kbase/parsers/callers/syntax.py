"""C syntax trees by tree-sitter, and the few questions that the scanner asks of a node.

Trees are walked with cursors and queries, never by recursion: a hostile file may nest a million brackets.
Positions are bytes. A file's text is its bytes as Latin-1, so that positions in both are the same.
"""

from functools import cache

import tree_sitter_c
from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

DEEPEST = 200  # nodes above a call that are looked at; in the kernel there are 60 at most
LONGEST_LINE = 200  # characters of the source that are shown
NAMES = frozenset(("identifier", "field_identifier", "type_identifier"))
WRAPPERS = frozenset(("parenthesized_expression", "pointer_expression", "cast_expression"))
STRUCTS = frozenset(("struct_specifier", "union_specifier"))
IN_FUNCTION = """
    (compound_statement) @block
    (for_statement) @block
    (parameter_declaration) @parameter
    (declaration) @declaration
    (call_expression) @call
"""


@cache
def _language() -> Language:
    return Language(tree_sitter_c.language())


@cache
def _query(source: str) -> Query:
    return Query(_language(), source)


def parse(code: bytes) -> Tree:
    """The syntax tree of C code; what is no C is in it as nodes `ERROR`."""
    return Parser(_language()).parse(code)


def captures(node: Node, query: str = IN_FUNCTION) -> dict[str, list[Node]]:
    """The nodes below a node that a query captures, by the names of the captures; not those too deep in it."""
    cursor = QueryCursor(_query(query))
    cursor.set_max_start_depth(DEEPEST)  # beyond 32,000 its time is quadratic
    return cursor.captures(node)


def text_of(node: Node | None) -> str:
    """The source text of a node; empty for none."""
    return (node.text or b"").decode("latin-1") if node is not None else ""


def path_to(tree: Tree, position: int) -> list[Node]:
    """The nodes from the root to the smallest one at a position; cut where they are nested too deeply."""
    cursor, path = tree.walk(), [tree.root_node]
    while len(path) < DEEPEST and cursor.goto_first_child_for_byte(position) is not None:
        assert cursor.node is not None
        if cursor.node.start_byte > position:
            break
        path.append(cursor.node)
    return path


def unwrapped(node: Node | None) -> Node | None:
    """An expression without brackets, casts, `*` and `&` around it."""
    for _ in range(DEEPEST):
        if node is None or node.type not in WRAPPERS:
            break
        inner = node.child_by_field_name("argument") or node.child_by_field_name("value")
        node = inner or (node.named_children[-1] if node.named_children else None)
    return node


def declared(node: Node | None) -> tuple[str, bool]:
    """The name that a declarator declares, empty for none, and whether that is a function or a pointer to one."""
    function = False
    for _ in range(DEEPEST):
        if node is None:
            break
        if node.type in NAMES:
            return text_of(node), function
        function = function or node.type == "function_declarator"
        inner = node.child_by_field_name("declarator")
        node = inner or next((c for c in node.named_children if c.type in NAMES or "declarator" in c.type), None)
    return "", False


def type_name(node: Node | None) -> str | None:
    """The name of a type: of the struct or union, or of the typedef that it is."""
    if node is None:
        return None
    if node.type in STRUCTS:
        return text_of(node.child_by_field_name("name")) or None
    return text_of(node) if node.type == "type_identifier" else None


def source_line(data: bytes, position: int) -> tuple[int, str]:
    """The number of the line at a position, from 1, and its text in one line without white space around it."""
    start, end = data.rfind(b"\n", 0, position) + 1, data.find(b"\n", position)
    line = data[start : min(end if end >= 0 else len(data), start + LONGEST_LINE)]
    return data.count(b"\n", 0, position) + 1, one_line(line)


def one_line(code: bytes) -> str:
    """Source text in one line."""
    return " ".join(code[:LONGEST_LINE].decode("utf-8", "replace").split())
