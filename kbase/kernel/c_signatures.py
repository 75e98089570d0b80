"""Signatures of function pointers as a compiler compares them: whether two declarations agree.

One spelling for each type: parameter names, attributes (`__user`) and qualifiers of the parameter itself are left out,
`unsigned` is `unsigned int`, an array is a pointer, `()` is `(void)`.
"""

import re
from functools import lru_cache

from kbase.kernel.c_declarations import DeclarationError, parse_declaration
from kbase.kernel.c_types import ATTRIBUTE, INTEGERS, QUALIFIERS, attributes
from kbase.model.records import Prototype

TOKEN = re.compile(r"\w+|\.\.\.|[^\w\s]")
ARRAY = re.compile(r"(?<!\))\[[^\[\]]*\]$")  # and not of a pointer to an array
POINTER_TO_FUNCTION = re.compile(r"\(\s*(\*+)\s*(?:const\s*)?\)(?=\s*\()")  # in a type without a name
BOOL = {"_Bool": "bool"}

Signature = tuple[str, ...]  # what it returns, then its parameters


def signature(prototype: Prototype) -> Signature:
    """The types of a prototype."""
    return tuple(map(type_of, types_of(prototype)))


def annotations(prototype: Prototype) -> tuple[tuple[str, ...], ...]:
    """The attributes of each type of a prototype, in the order of `signature`."""
    return tuple(attributes(each) for each in types_of(prototype))


def types_of(prototype: Prototype) -> tuple[str, ...]:
    """What a prototype returns, then its parameters, as it has them; nothing for `(void)`."""
    types = tuple(each.type for each in prototype.parameters)
    return (prototype.returns, *(() if types == ("void",) else types))


@lru_cache(maxsize=4096)  # a version has a few hundred types, each many times
def type_of(text: str) -> str:
    """The type of a parameter in one spelling: `u8 *` of `const u8 id[16]` is `const u8 *`."""
    if POINTER_TO_FUNCTION.search(text):
        return _function_type(text)
    array = ARRAY.search(text)
    tokens = TOKEN.findall(text[: array.start()] + "*" if array else text)
    tokens = [BOOL.get(token, token) for token in tokens if not ATTRIBUTE.fullmatch(token)]
    star = tokens.index("*") if "*" in tokens else len(tokens)
    base, pointers = tokens[:star], tokens[star:]
    while pointers and pointers[-1] in QUALIFIERS:  # of the parameter itself
        del pointers[-1]
    own = sorted(QUALIFIERS.intersection(base)) if pointers else []
    return " ".join([*own, *_specifiers(base), *pointers])


def _specifiers(tokens: list[str]) -> list[str]:
    """The specifiers of a type, without qualifiers: `unsigned long` of `long unsigned int`."""
    words = [token for token in tokens if token not in QUALIFIERS]
    if not words or not INTEGERS.issuperset(words):
        return words
    size = [word for word in words if word in ("char", "short", "long")] or ["int"]
    signs = [word for word in words if word == "unsigned" or (word == "signed" and size == ["char"])]
    return signs + size


def _function_type(text: str) -> str:
    """A pointer to a function as a parameter, its own parameters without their names."""
    try:
        declared = parse_declaration(POINTER_TO_FUNCTION.sub(r"(\1name)", text, count=1))
    except DeclarationError:
        return " ".join(TOKEN.findall(text))
    types = ", ".join(type_of(kind) for kind, _ in declared.parameters)
    return f"{type_of(declared.returns or '')} (*)({'' if types == 'void' else types})"
