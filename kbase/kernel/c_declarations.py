"""One C declaration, read by Sphinx's C-domain parser. Nothing else of kbase imports `sphinx.domains.c`.

Struct bodies are not its business: `kbase.parsers.declarations` cuts them into declarations first.
Sphinx is imported on first use, as that takes a tenth of a second.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

TOKEN = re.compile(r"[A-Za-z_]\w*|\d\w*|\.\.\.|[^\s\w]")
ANNOTATION = re.compile(r"(?<=[\w*])\s+(__[a-z]+)(?=\s*\*)")  # as `__user`; some kernels have more than ATTRIBUTES
POINTER_NAME = re.compile(r"\(\s*\*+\s*(?:const\s+)?(\w+)\s*\)")
COMMENT = re.compile(r"/\*.*?(?:(?P<end>\*/)|\Z)", re.DOTALL)  # one without an end, too
ATTRIBUTES = (
    "__user", "__kernel", "__iomem", "__pmem", "__rcu", "__force", "__percpu", "__must_check", "__init", "__exit",
    "__cold", "__pure", "__private", "__bitwise", "__nocast", "__randomize_layout", "__always_inline",
    "__attribute_const__", "asmlinkage",
)  # fmt: skip
PAREN_ATTRIBUTES = ("__attribute__", "__printf", "__aligned", "__acquires", "__releases", "__must_hold")
LONGEST = 4000  # characters; a longer text is no declaration
DEEPEST = 20  # brackets in each other, or operators side by side; the parser calls itself for each


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration taken apart.

    `text` is the whole in one line, spaced as the kernel does it. For a function pointer `returns` and
    `parameters` (type, name or None) are its signature; for data `returns` is None. `annotations` are those it needed
    beside `ATTRIBUTES`.
    """

    name: str
    text: str
    returns: str | None = None
    parameters: tuple[tuple[str, str | None], ...] = ()
    repair: str | None = None
    annotations: tuple[str, ...] = ()


class DeclarationError(ValueError):
    """The text is no declaration that Sphinx's parser accepts, also after the known repairs."""


def without_comments(code: str, instead: str = "") -> str:
    """The code with `instead` for each comment; a comment without an end stays."""
    return COMMENT.sub(lambda comment: instead if comment["end"] else comment[0], code)


def tokens(text: str) -> list[str]:
    """The C tokens of a text without comments."""
    return TOKEN.findall(text)


def spaced(text: str) -> str:
    """C text in one line with the kernel's spacing: `int (*f)(struct inode *, const char *name)`."""
    out = ""
    previous = before = ""
    for token in TOKEN.findall(text):
        if out and _space_between(before, previous, token):
            out += " "
        out += token
        before, previous = previous, token
    return re.sub(r"(\w)\((\*)", r"\1 (\2", out)


def _space_between(before: str, previous: str, here: str) -> bool:
    if here in (",", ")", "]", "[", ";") or previous in ("(", "["):
        return False
    if here == "(":
        return previous == "*" and before == ")"
    if previous == "*":
        return here in ATTRIBUTES
    return not (previous == ")" and here == "(")


@lru_cache(maxsize=16384)  # Sphinx takes about 1 ms, and most declarations are in every version
def parse_declaration(text: str) -> Declaration:
    """Takes one declaration apart, without its semicolon and comments.

    A declaration that is broken in a known way is repaired; `repair` describes how.

    Raises:
        DeclarationError: it cannot be read.
    """
    if len(text) > LONGEST:
        raise DeclarationError("longer than a declaration can be")
    if _depth(text) > DEEPEST:
        raise DeclarationError("nested deeper than a declaration can be")
    from sphinx.util.cfamily import DefinitionError

    problem = ""
    more = tuple(sorted(set(ANNOTATION.findall(text)) - set(ATTRIBUTES)))
    for candidate, repair in _candidates(text):
        for annotations in [(), more] if more else [()]:
            try:
                return replace(_read(candidate, repair, annotations), annotations=annotations)
            except (DefinitionError, DeclarationError) as error:
                problem = str(error).strip().splitlines()[0]
            except Exception as error:  # noqa: BLE001  # one declaration never ends the reading of a document
                problem = f"Sphinx's parser fails with {type(error).__name__}"
    raise DeclarationError(problem)


def _depth(text: str) -> int:
    """The greatest depth of nested brackets, or number of adjacent operators: the greater of both."""
    depth = deepest = side = 0
    for piece in TOKEN.findall(text):
        depth += (piece in "([{") - (piece in ")]}")
        side = side + 1 if piece in "*&-+!~" else 0
        deepest = max(deepest, depth, side)
    return deepest


def declared_name(text: str) -> str | None:
    """The name of a pointer to a function, also where the rest of its declaration cannot be read."""
    match = POINTER_NAME.search(text)
    return match[1] if match else None


def is_function_pointer(text: str) -> bool:
    """Whether the text declares a pointer to a function: `(*name)` followed by a parameter list."""
    match = POINTER_NAME.search(text)
    return match is not None and text[match.end() :].lstrip().startswith("(")


def _candidates(text: str) -> Iterator[tuple[str, str | None]]:
    """The text, then repaired versions of it, each with the repair in words."""
    yield text, None
    match = POINTER_NAME.search(text)
    if match and text[match.end() :].lstrip().startswith("(("):
        start = text.index("(", match.end())
        yield text[:start] + text[start + 1 :], "one parenthesis too many after the name"
    missing = text.count("(") - text.count(")")
    if missing > 0:
        yield text + ")" * missing, "closing parenthesis missing"
    if missing < 0 and text.rstrip().endswith(")"):
        yield text.rstrip()[:missing], "one parenthesis too many at the end"
    yield re.sub(r",\s*(?=[,)])", "", text), "a comma without a parameter"
    yield re.sub(r"(?<=[\w*])\s+(?=struct\b|const\b)", ", ", text), "comma missing between parameters"


def _read(text: str, repair: str | None, annotations: tuple[str, ...]) -> Declaration:
    """Reads the text, taking the annotations for attributes, too."""
    from sphinx.domains.c._parser import DefinitionParser

    make: Any = DefinitionParser  # it is annotated for a whole Sphinx project
    parser = make(text, location=None, config=_config(annotations))
    parser.allowFallbackExpressionParsing = False  # it would take anything for an expression, and print it on stderr
    declaration = parser.parse_declaration("member", "member")
    parser.skip_ws()
    if not parser.eof:
        raise DeclarationError(f"unexpected text after the declaration: {text[parser.pos : parser.pos + 20]!r}")
    ctype = declaration.declaration.type
    name = str(ctype.name)
    clean = spaced(text)
    pointers, tail = _walk(ctype.decl)
    if type(tail).__name__ != "ASTDeclaratorParen" or getattr(tail.next, "param", None) is None:
        return Declaration(name, clean, None, (), repair)
    returns = spaced(f"{ctype.declSpecs} {''.join(str(_alone(pointer)) for pointer in pointers)}")
    return Declaration(name, clean, returns, tuple(_parameter(arg) for arg in tail.next.param.args), repair)


def _walk(declarator: Any) -> tuple[list[Any], Any]:
    """The pointers at the beginning of a declarator, and the rest of it."""
    pointers = []
    while type(declarator).__name__ == "ASTDeclaratorPtr":
        pointers.append(declarator)
        declarator = declarator.next
    return pointers, declarator


def _alone(pointer: Any) -> str:
    qualifiers = [word for word in ("const", "volatile", "restrict") if getattr(pointer, word)]
    return " ".join(["*", *qualifiers, *filter(None, [str(pointer.attrs)])]) + " "


def _parameter(argument: Any) -> tuple[str, str | None]:
    """(type, name) of a parameter: its declarator is printed again without the name."""
    if argument.ellipsis:
        return "...", None
    ctype = argument.arg.type if hasattr(argument.arg, "type") else argument.arg
    holder = ctype.decl
    while not hasattr(holder, "declId"):
        holder = holder.inner if hasattr(holder, "inner") else holder.next
    name = str(holder.declId) if holder.declId is not None else None
    holder.declId = None
    return spaced(str(ctype)), name


def _config(annotations: tuple[str, ...]) -> SimpleNamespace:
    """What Sphinx's parser reads from a project's configuration."""
    return SimpleNamespace(
        c_id_attributes=ATTRIBUTES + annotations,
        c_paren_attributes=PAREN_ATTRIBUTES,
        c_extra_keywords=("alignas", "alignof", "bool", "complex", "imaginary", "noreturn", "static_assert"),
    )
