"""Functions in C code by their names: the heads of definitions and declarations, and the calls.

    head = { specifier } type name "(" parameters ")" { attribute } ( "{" | ";" )

Only the parentheses of the head are matched: its types are read by `kbase.kernel.c_signatures`, when they are compared.
"""

import re
from collections.abc import Collection, Iterator

from kbase.model.source_code import FunctionHead
from kbase.parsers.source.text import CodeText

CALL = re.compile(r"\b([A-Za-z_]\w*+)\s*+\(")
PARENTHESIS = re.compile(r"[();{}]")
AFTER = re.compile(
    r"(?:\s++|__\w++(?:\((?:[^();{}]|\([^();{}]{0,80}+\)){0,200}+\))?|[A-Z_][A-Z0-9_]*+(?:\([^();{}]{0,80}+\))?){0,20}+([{;])"
)
BEFORE = re.compile(r"[;{}),]")  # the end of what stands before a head
TYPE = re.compile(r"[\w\s*]+")
WORD = re.compile(r"\w+|\*")
STORAGE = re.compile(
    r"static|extern|_*inline_*|noinline\w*|asmlinkage|fastcall|notrace|_Noreturn|__(?!(?:u|s|le|be)\d|\w*_t\b|w?sum)\w+"
)
MACRO = re.compile(r"[A-Z][A-Z0-9_]*")
STATEMENTS = frozenset(("return", "else", "case", "goto", "do", "sizeof", "typeof", "if", "while", "for", "switch"))
LONGEST, LONGEST_TYPE = 4000, 300  # characters of a list of parameters, and of what stands before the name

Calls = dict[str, list[int]]  # where each name stands before a parenthesis


def calls_in(text: str) -> Calls:
    """The names before parentheses, with their positions: calls, definitions and declarations."""
    found = Calls()
    for match in CALL.finditer(text):
        found.setdefault(match[1], []).append(match.start())
    return found


def calls_of(text: str, names: Collection[str]) -> Calls:
    """The same of some names only."""
    found = Calls()
    if names := frozenset(CALL.findall(text)).intersection(names):
        for match in CALL.finditer(text):
            if match[1] in names:
                found.setdefault(match[1], []).append(match.start())
    return found


def heads(code: CodeText, text: str, names: Collection[str], calls: Calls) -> Iterator[FunctionHead]:
    """The heads of functions of these names in a text of the file: that of all its branches, or of some."""
    for name in calls.keys() & names:
        for position in calls[name]:
            if (found := _head(text, name, position)) is not None:
                returns, parameters, is_definition = found
                yield FunctionHead(
                    name=name, returns=returns, parameters=parameters, path=code.path, line=code.line(position),
                    is_definition=is_definition, branches=code.branches(position),
                )  # fmt: skip


def _head(text: str, name: str, position: int) -> tuple[str, str, bool] | None:
    """What a function returns, its parameters, and whether it is defined there; None if it is no head."""
    start = text.index("(", position + len(name))
    end = closing(text, start)
    after = AFTER.match(text, end) if end else None
    returns = _type(text[max(position - LONGEST_TYPE, 0) : position]) if after else ""
    if after is None or not returns:
        return None
    return returns, " ".join(text[start + 1 : end - 1].split()), after[1] == "{"


def closing(text: str, start: int) -> int:
    """The position behind the parenthesis that closes the one at `start`; 0 if there is none."""
    depth = 0
    for found in PARENTHESIS.finditer(text, start, start + LONGEST):
        mark = found[0]
        if mark in ";{}":
            return 0
        depth += 1 if mark == "(" else -1
        if not depth:
            return found.end()
    return 0


def _type(before: str) -> str:
    """The type in what stands before the name of a function; empty if there is none.

    `STATIC` and the like are macros for `static`, as long as another word is left.
    """
    start = max((found.end() for found in BEFORE.finditer(before)), default=0)
    words = WORD.findall(before[start:]) if TYPE.fullmatch(before[start:]) else []
    if STATEMENTS.intersection(words):
        return ""
    words = [word for word in words if not STORAGE.fullmatch(word)]
    left = [word for word in words if not MACRO.fullmatch(word)]
    words = left if any(word not in ("*", "const") for word in left) else words
    return " ".join(words) if any(word != "*" for word in words) else ""
