"""Macros of a source that make code: their calls expanded once, as the preprocessor does it.

    #define TABLE(name, fn) static const struct seq_operations name = { .start = fn##_start, .stop = seq_stop }
    TABLE(foo_ops, foo);

Only macros of the source itself are known, and those in an expansion are not expanded again.
"""

import re
from collections.abc import Iterator, Mapping

from kbase.model.source_code import Macro
from kbase.parsers.source.functions import Calls, closing
from kbase.parsers.source.text import CodeText

MAKES_CODE = re.compile(r"=\s*+\{|\)\s*+\{")
WORD = re.compile(r"\w+")
MOST = 5000  # calls of macros that are expanded, in one file
LONGEST = 20_000  # characters of a macro


def expansions(code: CodeText, calls: Calls, macros: Mapping[str, Macro]) -> Iterator[CodeText]:
    """The calls in a file of macros that make tables or functions, each expanded, with the line of the call."""
    for position, name in makers(calls, macros)[:MOST]:
        if text := expanded(macros[name], code.text[position : closing(code.text, code.text.index("(", position))]):
            yield CodeText(code.path, text.encode("latin-1", "replace"), code.line(position))


def makers(calls: Calls, macros: Mapping[str, Macro]) -> list[tuple[int, str]]:
    """The positions and names of macros that make code, in a file; only the first `MOST` of them are expanded."""
    names = {name for name in calls.keys() & macros.keys() if MAKES_CODE.search(macros[name].text)}
    return sorted((position, name) for name in names for position in calls[name])


def expanded(macro: Macro, call: str) -> str:
    """The text of a macro for a call, `NAME(a, b)`, or for its name alone; empty where the two do not fit."""
    if len(macro.text) > LONGEST or (macro.parameters is None) == ("(" in call):
        return ""
    given = dict(zip(macro.parameters or (), arguments(call), strict=False))
    if len(given) < len([name for name in macro.parameters or () if name and name != "..."]):
        return ""
    text = WORD.sub(lambda word: given.get(word[0], word[0]), macro.text)
    return "".join(part.strip() for part in text.split("##")) if "##" in text else text


def arguments(call: str) -> list[str]:
    """The arguments of a call, `NAME(a, b(c, d))`."""
    inside = call.partition("(")[2].rstrip().removesuffix(")")
    found, depth = [""], 0
    for part in re.split(r"([(),])", inside):
        depth += (part == "(") - (part == ")")
        if part == "," and not depth:
            found.append("")
        else:
            found[-1] += part
    return [each.strip() for each in found]
