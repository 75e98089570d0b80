"""Typedefs in C code: `typedef unsigned int foo_t;` and `typedef struct foo { ... } foo_t;`."""

import re
from collections.abc import Iterator

TYPEDEF = re.compile(r"\btypedef\s++([\w\s*]{1,200}?)\b(\w+)\s*+;")
BODY = re.compile(r"\btypedef\s++((?:struct|union|enum)\s++\w++)\s*+\{")
BRACE = re.compile(r"[{}]")
AFTER = re.compile(r"\s*+(?:__\w++\s++)?(\w++)\s*+;")
MOST_UNCLOSED = 20  # bodies without closing brace, after which no more are read
LONGEST = 20_000  # characters of a body


def typedefs_in(text: str) -> dict[str, str]:
    """The types that the typedefs of a text stand for, by name; a struct without a tag stands for nothing."""
    found = {each[2]: " ".join(each[1].split()) for each in TYPEDEF.finditer(text)}
    return found | dict(_of_bodies(text))


def _of_bodies(text: str) -> Iterator[tuple[str, str]]:
    unclosed = 0
    for each in BODY.finditer(text):
        depth = 1
        for brace in BRACE.finditer(text, each.end(), each.end() + LONGEST):
            depth += 1 if brace[0] == "{" else -1
            if not depth:
                if name := AFTER.match(text, brace.end()):
                    yield name[1], " ".join(each[1].split())
                break
        unclosed += depth > 0
        if unclosed == MOST_UNCLOSED:
            break
