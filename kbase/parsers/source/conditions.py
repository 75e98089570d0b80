"""`#if` in a user's code: what a condition about the kernel's version says of one version.

    #if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0) && defined(CONFIG_FS_POSIX_ACL)

is false for 6.1 and undecided for 6.12. All that is no version and no number is undecided. The expressions are parsed
by tree-sitter.
"""

import operator
from collections.abc import Callable, Iterable
from functools import lru_cache

from tree_sitter import Node

from kbase.model.source_code import Branch
from kbase.model.versions import parse_version
from kbase.parsers.callers.syntax import parse, text_of

LONGEST = 2000  # characters of a condition
MOST_BEFORE = 100  # branches of one condition, before another one, that count
DEEPEST = 40  # operators in each other
COMPARED: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
DEFINED = frozenset(("LINUX_VERSION_CODE", "KERNEL_VERSION", "__KERNEL__"))


def branch_after(last: Branch | None, word: str, rest: str, start: int) -> Branch:
    """The branch that a directive begins; `last` is the branch before, None for the first of a condition."""
    rest = " ".join(rest.replace("\\\n", " ").split())
    if word in ("ifdef", "elifdef"):
        rest = f"defined({rest})"
    elif word in ("ifndef", "elifndef"):
        rest = f"!defined({rest})"
    if last is None:
        return Branch(start=start, number=0, condition=rest)
    before = (*last.before[-MOST_BEFORE:], last.condition)
    condition = rest or f"!({last.condition})"
    return Branch(start=last.start, number=last.number + 1, condition=condition, before=before)


def version_code(label: str) -> int:
    """LINUX_VERSION_CODE of a version: of v6.4.6 that of KERNEL_VERSION(6, 4, 6)."""
    major, minor, patch, *_ = *parse_version(label).numbers, 0, 0, 0
    return _code(major, minor, patch)


def _code(major: int, minor: int, patch: int) -> int:
    return (major << 16) + (minor << 8) + min(patch, 255)


def is_compiled(branches: Iterable[Branch], code: int) -> bool | None:
    """Whether code in these branches is compiled for a LINUX_VERSION_CODE; None if the version does not decide it."""
    found = [_branch_holds(each, code) for each in branches]
    return False if False in found else None if None in found else True


def _branch_holds(branch: Branch, code: int) -> bool | None:
    earlier = [holds(each, code) for each in branch.before]
    if True in earlier:
        return False
    own = holds(branch.condition, code)
    return own if own is not True or None not in earlier else None


@lru_cache(maxsize=4096)  # the same conditions stand all over a source
def holds(condition: str, code: int) -> bool | None:
    """Whether a condition is true for a LINUX_VERSION_CODE; None if that does not decide it."""
    if len(condition) > LONGEST:
        return None
    tree = parse(f"int x = ({condition});".encode("latin-1", "replace"))
    declarator = tree.root_node.named_children[0].child_by_field_name("declarator") if tree.root_node.children else None
    value = declarator.child_by_field_name("value") if declarator is not None else None
    found = None if value is None or tree.root_node.has_error else _value(value, code, 0)
    return None if found is None else bool(found)


def _value(node: Node, code: int, depth: int) -> int | None:
    """The value of an expression; None if it is not known."""
    if depth > DEEPEST:
        return None
    match node.type:
        case "parenthesized_expression":
            return _value(node.named_children[0], code, depth + 1) if node.named_children else None
        case "number_literal":
            return _number(text_of(node))
        case "identifier":
            return code if text_of(node) == "LINUX_VERSION_CODE" else None
        case "call_expression":
            return _called(node)
        case "unary_expression" if text_of(node.child_by_field_name("operator")) == "!":
            argument = node.child_by_field_name("argument")
            found = _value(argument, code, depth + 1) if argument is not None else None
            return None if found is None else int(not found)
        case "binary_expression":
            return _binary(node, code, depth)
    return None


def _binary(node: Node, code: int, depth: int) -> int | None:
    sides = [node.child_by_field_name("left"), node.child_by_field_name("right")]
    left, right = (_value(side, code, depth + 1) if side is not None else None for side in sides)
    match text_of(node.child_by_field_name("operator")):
        case "&&":
            return 0 if 0 in (left, right) else None if None in (left, right) else 1
        case "||":
            known = [each for each in (left, right) if each is not None]
            return 1 if any(known) else 0 if len(known) == 2 else None
        case word if word in COMPARED and left is not None and right is not None:
            return int(COMPARED[word](left, right))
    return None


def _called(node: Node) -> int | None:
    """`KERNEL_VERSION(6, 3, 0)` and `defined(LINUX_VERSION_CODE)`."""
    name, arguments = text_of(node.child_by_field_name("function")), node.child_by_field_name("arguments")
    given = [text_of(each) for each in arguments.named_children] if arguments is not None else []
    if name == "defined":
        return 1 if given and given[0] in DEFINED else None
    numbers = [_number(each) for each in given]
    if name != "KERNEL_VERSION" or len(numbers) != 3 or None in numbers:
        return None
    return _code(*(each or 0 for each in numbers))


def _number(text: str) -> int | None:
    try:
        return int(text.rstrip("uUlL"), 0)
    except ValueError:  # a character, or octal as `08`
        return None
