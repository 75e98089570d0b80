"""Every regular expression of kbase, with what is done with it, found in the program itself.

Compiled patterns are found in the modules, also in their tuples and tables; literals inside of functions in the source.
A pattern that is built at run time is neither: `BUILT` names each function that builds one, with arguments for it.
"""

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

import kbase

PACKAGE = Path(kbase.__file__).resolve().parent
METHODS = frozenset({"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"})
SEARCHES = METHODS - {"match", "fullmatch"}


@dataclass(frozen=True)
class Use:
    """A pattern, where it stands, and the methods that are called on it: `match`, `fullmatch`, `search`."""

    module: str
    name: str
    pattern: re.Pattern[str]
    methods: frozenset[str]


@dataclass
class Source:
    """What the text of a module says of patterns."""

    literals: list[tuple[int, str, ast.expr, list[ast.expr]]] = field(
        default_factory=list
    )  # line, method, pattern, flags
    called: dict[str, set[str]] = field(default_factory=dict)  # methods by the name they are called on
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)  # local name -> module, name


def sources() -> dict[str, Source]:
    """Every module of the package by name."""
    found = {}
    for path in sorted(set(PACKAGE.rglob("*.py")) - {PACKAGE / "__main__.py"}):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = _source(ast.parse(path.read_text("utf-8")))
    return found


def _source(tree: ast.Module) -> Source:
    source = Source()
    inside = {id(n) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef | ast.Lambda) for n in ast.walk(f)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            source.imported |= {a.asname or a.name: (str(node.module), a.name) for a in node.names}
        if isinstance(node, ast.Attribute) and node.attr in METHODS:
            name = node.value
            while isinstance(name, ast.Subscript | ast.Attribute):
                name = name.value
            source.called.setdefault(name.id if isinstance(name, ast.Name) else "", set()).add(node.attr)
        call = node.func if isinstance(node, ast.Call) else None
        if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name) and call.value.id == "re":
            assert isinstance(node, ast.Call)
            if id(node) in inside and call.attr in METHODS | {"compile"}:
                flags = [k.value for k in node.keywords if k.arg == "flags"] + node.args[POSITION.get(call.attr, 2) :]
                source.literals.append((node.lineno, call.attr, node.args[0], flags))
    return source


POSITION = {"compile": 1, "sub": 4, "subn": 4, "split": 3}  # where the flags stand among the arguments


def patterns() -> Iterator[Use]:
    """Every pattern of the package."""
    modules = sources()
    for module, source in modules.items():
        for name, value in vars(importlib.import_module(module)).items():
            found = list(_within(value))
            if not found or name in source.imported:
                continue
            methods = _methods(modules, module, name, alone=isinstance(value, re.Pattern))
            yield from (Use(module, name, _of_text(pattern), methods) for pattern in found)
        for line, method, literal, flags in source.literals:
            if isinstance(literal, ast.Constant):
                value = sum(eval(ast.unparse(flag), {"re": re}) for flag in flags)  # our own source
                yield Use(module, f"line {line}", re.compile(str(literal.value), value), frozenset({method}))
            else:
                yield _built(module)


def _of_text(pattern: re.Pattern[Any]) -> re.Pattern[str]:
    """A pattern of bytes as the same one of text."""
    if isinstance(pattern.pattern, bytes):
        return re.compile(pattern.pattern.decode("latin-1"), pattern.flags)
    return pattern


BUILT: dict[str, tuple[str, tuple[object, ...]]] = {
    "kbase.text.margins": ("_mark", (3,)),
    "kbase.kernel.order_patterns": ("_form", ("a",)),  # all of them are in its tables, as those of the next
    "kbase.kernel.sentence_patterns": ("_form", ("a",)),  # all of them are in its table
    "kbase.parsers.callers.scanner": ("pointers_to", (("ab", "a"),)),
    "kbase.pages.search": ("_any_of", (("ab", "a"),)),
    "kbase.search.compiler": ("_side_by_side", (("a", "a", "b"),)),
    "kbase.search.snippets": ("wanted_words", (("a", "ba"),)),
    "kbase.search.symbols": ("_part", ("a",)),
}


def _built(module: str) -> Use:
    """An example of the one pattern that a module builds at run time."""
    name, arguments = BUILT[module]
    return Use(module, name, getattr(importlib.import_module(module), name)(*arguments), METHODS - {"fullmatch"})


def _within(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from (found for pair in value.items() for each in pair for found in _within(each))
    elif is_dataclass(value) and not isinstance(value, type):
        yield from (found for each in fields(value) for found in _within(getattr(value, each.name)))
    elif isinstance(value, tuple | list | set | frozenset):
        yield from (found for each in value for found in _within(each))


def _methods(modules: dict[str, Source], module: str, name: str, *, alone: bool) -> frozenset[str]:
    """What is called on a name, in its module and where it is imported; of a table, what is called on any variable."""
    called = set[str]()
    for other, source in modules.items():
        local = [a for a, origin in source.imported.items() if origin == (module, name)] + [name] * (other == module)
        for each in local:
            called |= source.called.get(each, set())
            if not alone:
                called |= source.called.get("pattern", set())
    handed_on = modules[module].called.get("pattern", set())  # to a function that calls its parameter `pattern`
    return frozenset(called or handed_on or METHODS)
