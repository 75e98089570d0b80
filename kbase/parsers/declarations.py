"""Blocks of C declarations cut into prototypes and members: struct bodies and `prototypes:` blocks.

    block       = { declaration [ ";" ] | comment | "#if" condition | "#else" | "#endif" }
    declaration = what `kbase.kernel.c_declarations` reads

Comments are blanked in place, so that every declaration keeps its lines. A declaration without its
semicolon ends where the next one begins.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kbase.kernel.c_declarations import (
    COMMENT,
    Declaration,
    DeclarationError,
    declared_name,
    is_function_pointer,
    parse_declaration,
    spaced,
    without_comments,
)
from kbase.model.records import Diagnostic, Evidence, Level, Member, Parameter, Prototype
from kbase.parsers.evidence import diagnostic, evidence_of
from kbase.text.lines import Line

DIRECTIVE = re.compile(r"\s*#\s*(ifdef|ifndef|if|elif|else|endif)\b\s*(.*)")
BEGINS_FUNCTION = re.compile(
    r"\s*+(?:(?:const|unsigned|struct|enum|union)\s+)*\w++(?:[\s*]++\w++)?[\s*]*+\(\s*\*+\s*\w+\s*\)"
)
SPLIT_WORD = re.compile(r"\w$")


@dataclass
class _Chunk:
    """One declaration being collected: its text, its lines, the comments in it, its `#if` condition."""

    condition: str | None
    pieces: list[tuple[Line, str]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    split_word: bool = False
    unfinished: bool = False  # no semicolon

    @property
    def code(self) -> str:
        return " ".join(piece for _, piece in self.pieces).strip()

    @property
    def raw(self) -> str:
        """The lines as the document has them."""
        return "\n".join({line.number: line.raw for line, _ in self.pieces}.values())


def read_declarations(lines: Sequence[Line], struct: str, blob: str) -> Iterator[Prototype | Member | Diagnostic]:
    """The prototypes and members that the lines declare, in order, with diagnostics for what was repaired or lost.

    `lines` is the inside of a block: without the struct's first line and closing brace.
    """
    for chunk in _chunks(lines):
        if chunk.code.strip("{}; "):
            yield from _records(chunk, struct, blob)


def _chunks(lines: Sequence[Line]) -> Iterator[_Chunk]:
    conditions: list[str] = []
    chunk = _Chunk(None)
    for line, code, comments in _without_comments(lines):
        directive = DIRECTIVE.match(code)
        if directive:
            if chunk.pieces:
                yield chunk
            _apply(directive, conditions)
            chunk = _Chunk(_condition(conditions))
            continue
        if chunk.pieces and BEGINS_FUNCTION.match(code) and is_function_pointer(chunk.code):
            chunk.unfinished = True
            yield chunk
            chunk = _Chunk(_condition(conditions))
        chunk.comments += comments
        *complete, rest = code.split(";")
        for piece in complete:
            _add(chunk, line, piece)
            yield chunk
            chunk = _Chunk(_condition(conditions), comments=[] if rest.strip() else chunk.comments)
        _add(chunk, line, rest)
        if complete and not rest.strip():
            chunk = _Chunk(_condition(conditions))
    if chunk.pieces:
        yield chunk


def _add(chunk: _Chunk, line: Line, piece: str) -> None:
    """Adds a piece of a line; a word that was cut at the right margin is put together again."""
    if not piece.strip():
        return
    if chunk.pieces and not line.raw[:1].isspace() and _is_cut(chunk.pieces[-1], piece):
        before, text = chunk.pieces.pop()
        chunk.pieces += [(before, text + piece), (line, "")]
        chunk.split_word = True
        return
    chunk.pieces.append((line, piece.strip()))


def _is_cut(before: tuple[Line, str], piece: str) -> bool:
    line, text = before
    return line.raw[:1].isspace() and bool(SPLIT_WORD.search(line.raw)) and bool(text) and bool(re.match(r"\w", piece))


def _without_comments(lines: Sequence[Line]) -> Iterator[tuple[Line, str, list[str]]]:
    """(line, its code, the comments that end on it): comments are taken out in place, over lines too."""
    inside: list[str] | None = None
    for line in lines:
        code, comments = line.raw, list[str]()
        if inside is not None:
            before, end, code = code.partition("*/")
            inside.append(before.strip(" *\t"))
            if not end:
                yield line, "", []
                continue
            comments, inside = [" ".join(filter(None, inside))], None
        found = list(COMMENT.finditer(code))
        comments += [" ".join(comment[0][2:-2].split()) for comment in found if comment["end"]]
        code = without_comments(code, " ")
        if found and not found[-1]["end"]:
            opened = found[-1][0]
            inside, code = [opened[2:].strip(" *\t")], code.removesuffix(opened)
        yield line, re.sub(r"//.*", "", code), comments


def _apply(directive: re.Match[str], conditions: list[str]) -> None:
    word, rest = directive[1], " ".join(directive[2].split())
    if word == "endif":
        del conditions[-1:]
    elif word in ("else", "elif"):
        before = conditions.pop() if conditions else "?"
        conditions.append(rest or (before[1:] if before.startswith("!") else f"!{before}"))
    else:
        conditions.append(f"!{rest}" if word == "ifndef" else rest)


def _condition(conditions: Sequence[str]) -> str | None:
    return " && ".join(conditions) or None


def _records(chunk: _Chunk, struct: str, blob: str) -> Iterator[Prototype | Member | Diagnostic]:
    evidence = evidence_of([line for line, _ in chunk.pieces], blob)
    comment = " ".join(chunk.comments) or None
    source = Source(struct, chunk.raw, evidence, chunk.condition, comment, unfinished=chunk.unfinished)
    yield from read_declaration(chunk.code, source, "a word split over two lines" if chunk.split_word else "")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a declaration stands: its ops table, its text as the document has it, its lines, what is around it."""

    struct: str
    raw: str
    evidence: Evidence
    condition: str | None = None
    comment: str | None = None
    unfinished: bool = False  # it has no semicolon


def read_declaration(code: str, source: Source, *repairs: str) -> Iterator[Prototype | Member | Diagnostic]:
    """The record of one declaration without its semicolon and comments, after diagnostics for what was repaired.

    `repairs` are those that made the code from the source. A function pointer that cannot be read is an op all the
    same, with its text and nothing else.
    """
    code = " ".join(code.split())
    try:
        declaration = parse_declaration(code)
    except DeclarationError as error:
        yield diagnostic("bad-declaration", Level.ERROR, f"not a C declaration: {error}", source.raw, source.evidence)
        name = declared_name(code)
        if name and is_function_pointer(code):
            yield Prototype(
                struct=source.struct, op=name, text=spaced(code), raw=source.raw, returns="", parameters=(),
                condition=source.condition, malformed=True, evidence=source.evidence,
            )  # fmt: skip
        return
    if source.unfinished:
        message = f"{declaration.name}: no semicolon, ended where the next declaration begins"
        yield diagnostic("missing-semicolon", Level.INFO, message, source.raw, source.evidence)
    repair = "; ".join(filter(None, [declaration.repair, *repairs]))
    if repair:
        message = f"{declaration.name}: {repair}"
        yield diagnostic("repaired-declaration", Level.WARNING, message, source.raw, source.evidence)
    yield _record(declaration, source, repair or None)


def _record(declaration: Declaration, source: Source, repair: str | None) -> Prototype | Member:
    if declaration.returns is None:
        return Member(
            struct=source.struct, name=declaration.name, text=declaration.text, condition=source.condition,
            evidence=source.evidence,
        )  # fmt: skip
    return Prototype(
        struct=source.struct, op=declaration.name, text=declaration.text, raw=source.raw,
        returns=declaration.returns,
        parameters=tuple(Parameter(type=kind, name=name) for kind, name in declaration.parameters),
        condition=source.condition, comment=source.comment, malformed=repair is not None, repair=repair,
        evidence=source.evidence,
    )  # fmt: skip
