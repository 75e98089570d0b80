"""What code does with an op of an ops table: it calls it, or copies the pointer to where it is called through."""

from typing import NamedTuple

from tree_sitter import Node

from kbase.parsers.callers.functions import TRANSPARENT
from kbase.parsers.callers.syntax import WRAPPERS, declared, text_of


class Call(NamedTuple):
    """The op is called."""


class ToVariable(NamedTuple):
    """It is copied to a variable: `get = inode->i_op->get_link`."""

    name: str


class ToArgument(NamedTuple):
    """It is passed to a function: `filemap_read_folio(file, mapping->a_ops->read_folio, folio)`."""

    function: str
    position: int


Use = Call | ToVariable | ToArgument


def use_of(path: list[Node]) -> Use | None:
    """What is done with the last node of a path from the root; None if nothing that leads to a call."""
    node = path[-1]
    for at in range(len(path) - 2, -1, -1):
        parent = path[at]
        match parent.type:
            case "call_expression":  # else of a function that gives its argument back
                if parent.child_by_field_name("function") == node:
                    return Call()
            case "argument_list":
                function = text_of(path[at - 1].child_by_field_name("function"))
                if not TRANSPARENT.fullmatch(function):
                    return ToArgument(function, parent.named_children.index(node))
            case "assignment_expression" | "init_declarator":
                return _copy(parent, node)
            case "conditional_expression":
                if parent.child_by_field_name("condition") == node and parent.child_by_field_name("consequence"):
                    return None
            case kind if kind not in WRAPPERS:
                return None
        node = parent
    return None


def _copy(node: Node, value: Node) -> ToVariable | None:
    """The variable to which an assignment or a declaration copies a value."""
    into = node.child_by_field_name("left") or node.child_by_field_name("declarator")
    if into is None or into == value or text_of(node.child_by_field_name("operator")) not in ("", "="):
        return None
    if node.type == "assignment_expression" and into.type != "identifier":
        return None
    return ToVariable(declared(into)[0])
