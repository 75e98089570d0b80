"""The kernel's headers: the ops of the tables in `kbase.kernel.tables`, with their lines and `#if` conditions.

    table  = "struct" name { attribute } "{" { member } "}"
    member = { macro } declaration ";" | macro ";" | aggregate "{" { member } "}" [ declarator ] ";"
    aggregate = ( "struct" | "union" ) [ tag ]

tree-sitter's C grammar splits the text into tokens. Its tree is not used below a table: a macro between two members
makes it guess which tokens belong to them. Members end at their semicolons, so one that cannot be read costs itself.
Data members are left out. What stands in an anonymous struct or union is the table's own.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

import tree_sitter_c
from tree_sitter import Language, Node, Parser

from kbase.kernel.tables import TABLE, UNKNOWN_TABLES, has_tables
from kbase.kernel.vendors import vendor_macro
from kbase.model.records import Diagnostic, Evidence, Format, Level, Member, OpsTable, Parsed, Prototype, Record
from kbase.model.witnesses import DocumentKind
from kbase.parsers.declarations import Source, read_declaration
from kbase.parsers.evidence import diagnostic
from kbase.text.lines import Text

LOGICAL_LINE = re.compile(rb"(?:\\\r?\n|[^\n])*+")
COMMENT = re.compile(rb"/\*.*?(?:\*/|\Z)|//[^\n]*", re.DOTALL)
DIRECTIVE = re.compile(r"#\s*(\w+)\s*(.*)", re.DOTALL)
MACRO = re.compile(r"[A-Z_][A-Z0-9_]*")
WORD = re.compile(r"\w+")
STRUCT = re.compile(rb"\bstruct\s++(\w++)[^;{}*=,()]{0,200}+\{")
TYPEDEF = re.compile(rb"\btypedef\b([^;{}]{1,1000});")
OPEN, CLOSE = frozenset("([{"), frozenset(")]}")
LARGEST = 2 << 20  # bytes; the largest header with an ops table has 150 KB
DEEPEST = 50  # structs in each other
NEVER, ALWAYS = "0", "1"  # the conditions of `#if 0` and of its `#else`


@dataclass(frozen=True, slots=True)
class Token:
    """One token of C, or a whole preprocessor directive; its first line (from 1) and its bytes."""

    text: str
    line: int
    start: int
    end: int


@dataclass(slots=True)
class _Reader:
    """The tokens of a header from one table on, and what has been read of it."""

    source: bytes
    tokens: Iterator[Token]
    struct: str
    blob: str
    typedefs: dict[str, str]
    conditions: list[str] = field(default_factory=list)
    directives: list[int] = field(default_factory=list)  # their lines
    last: int = 0  # the line of the token read last


def matches(name: str, text: Text) -> bool:
    """Whether the file is a header that defines one of the ops tables."""
    return name.endswith(".h") and has_tables("\n".join(line.raw for line in text.lines).encode())


def parse(name: str, text: Text, blob: str) -> Parsed:
    """The ops tables of a header and their prototypes, in its order."""
    source = "\n".join(line.raw for line in text.lines).encode()
    starts = {found.start() for found in TABLE.finditer(source)}
    records = (*_read(source, blob, starts), *_of_vendor(text, blob), *_not_searched(text, blob))
    return Parsed(kind=DocumentKind.HEADER, format=Format.C, title=name.rpartition("/")[2], records=records)


def read_tables(source: bytes, structs: Collection[str]) -> Iterator[Record]:
    """The records of these structs of a header, be they ops tables of `kbase.kernel.tables` or not."""
    yield from _read(source, "", {each.start() for each in STRUCT.finditer(source) if each[1].decode() in structs})


def _read(source: bytes, blob: str, starts: Collection[int]) -> Iterator[Record]:
    """The records of the structs that begin at these places, where they are not in comments."""
    if len(source) > LARGEST:
        message = f"a header of more than {LARGEST >> 20} MiB was not read"
        yield diagnostic("large-header", Level.ERROR, message, "", Evidence(blob=blob, first=1, last=1))
        return
    tokens = _tokens(Parser(Language(tree_sitter_c.language())).parse(source).root_node, source)
    typedefs = _typedefs(source)
    for head in tokens:
        if head.text == "struct" and head.start in starts:  # and not inside a comment or a string
            struct, *_ = *(token.text for token in takewhile(lambda each: each.text != "{", tokens)), ""
            reader = _Reader(source, tokens, struct, blob, typedefs, last=head.line)
            records, closed = _body(reader, 0)
            lines = Evidence(blob=blob, first=head.line, last=reader.last)
            yield OpsTable(name=struct, written=struct, structure=tuple(reader.directives), evidence=lines)
            yield from records
            if not closed:
                message = f"struct {struct} has no closing brace"
                yield diagnostic("unclosed-struct", Level.ERROR, message, f"struct {struct} {{", lines)


def _of_vendor(text: Text, blob: str) -> Iterator[Diagnostic]:
    """The first line with a macro of a vendor."""
    found = next(((line, name) for line in text.lines if (name := vendor_macro(line.raw))), None)
    if found:
        line, name = found
        evidence = Evidence(blob=blob, first=line.number, last=line.number)
        message = f"no release has {name}: this is a vendor's tree"
        yield diagnostic("vendor-macro", Level.INFO, message, line.raw, evidence)


def _not_searched(text: Text, blob: str) -> Iterator[Diagnostic]:
    """The tables that a header made of facts says nothing of: `/* not searched: seq_operations sysfs_ops */`."""
    for line in text.lines:
        if found := UNKNOWN_TABLES.search(line.raw):
            evidence = Evidence(blob=blob, first=line.number, last=line.number)
            yield diagnostic("not-searched", Level.INFO, f"nothing is known of {found[1]}", line.raw, evidence)


def _tokens(root: Node, source: bytes) -> Iterator[Token]:
    """The tokens of a file without its comments, each directive as one."""
    skip = 0
    for leaf in _leaves(root):
        if leaf.type == "comment" or leaf.start_byte < skip or leaf.start_byte == leaf.end_byte:
            continue
        piece, end = source[leaf.start_byte : leaf.end_byte], leaf.end_byte
        if piece.startswith(b"#"):
            line = LOGICAL_LINE.match(source, leaf.start_byte)
            assert line
            piece, skip = line[0], line.end()
        if text := piece.decode("utf-8", "replace").strip():
            yield Token(text, leaf.start_point[0] + 1, leaf.start_byte, end)


def _leaves(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.child_count and node.type not in ("string_literal", "char_literal"):
            waiting.extend(reversed(node.children))
        else:
            yield node


def _body(reader: _Reader, depth: int) -> tuple[list[Record], bool]:
    """The records of the members up to the closing brace, and whether there is one."""
    records, member = list[Record](), list[Token]()
    outside, brackets = len(reader.conditions), 0
    for token in reader.tokens:
        reader.last = token.line
        if token.text.startswith("#"):
            reader.directives += range(token.line, token.line + token.text.count("\n") + 1)
            _apply(token.text, reader.conditions)
        elif token.text == "}" and not brackets:
            del reader.conditions[outside:]
            return records, True
        elif token.text == "{" and not brackets and _is_struct(member) and depth < DEEPEST:
            inner, closed = _body(reader, depth + 1)
            if not closed:
                return [*records, *inner], False
            rest = _rest(reader)
            if len(member) == 1 and not any(WORD.fullmatch(each.text) for each in rest):  # neither tag nor name
                records += inner
            member = []
        elif token.text == ";" and not brackets:
            records += _member(member, reader)
            member = []
        else:
            brackets += (token.text in OPEN) - (token.text in CLOSE)
            member.append(token)
    return records, False


def _is_struct(member: Sequence[Token]) -> bool:
    return bool(member) and member[0].text in ("struct", "union") and len(member) <= 2


def _rest(reader: _Reader) -> list[Token]:
    """The tokens up to the next semicolon."""
    found = list[Token]()
    for token in reader.tokens:
        if token.text == ";":
            break
        found.append(token)
    return found


def _apply(directive: str, conditions: list[str]) -> None:
    """Follow a directive: the conditions under which its next line is compiled, the outermost first."""
    found = DIRECTIVE.match(directive)
    word, rest = (found[1], found[2]) if found else ("", "")
    rest = " ".join(COMMENT.sub(b" ", rest.encode()).decode("utf-8", "replace").replace("\\\n", " ").split())
    if word in ("if", "ifdef"):
        conditions.append(rest)
    elif word == "ifndef":
        conditions.append(f"!{rest}")
    elif word == "endif":
        del conditions[-1:]
    elif word in ("else", "elif") and conditions:
        conditions[-1] = rest or _opposite(conditions[-1])


def _opposite(condition: str) -> str:
    if condition == NEVER:
        return ALWAYS
    if WORD.fullmatch(condition):
        return f"!{condition}"
    return condition[1:] if WORD.fullmatch(condition[1:]) and condition[0] == "!" else f"!({condition})"


def _member(tokens: Sequence[Token], reader: _Reader) -> Iterator[Prototype | Diagnostic]:
    """The record of a member, if it is an op."""
    code = _declaration(tokens)
    text = " ".join(token.text for token in code) if _is_op(code) else _by_typedef(code, reader.typedefs)
    if not text or NEVER in reader.conditions:
        return
    raw = reader.source[tokens[0].start : tokens[-1].end]
    comments = b" ".join(found[0].strip(b"/* \n\t") for found in COMMENT.finditer(raw)).decode("utf-8", "replace")
    source = Source(
        struct=reader.struct,
        raw=raw.decode("utf-8", "replace"),
        evidence=Evidence(blob=reader.blob, first=code[0].line, last=code[-1].line),
        condition=" && ".join(each for each in reader.conditions if each != ALWAYS) or None,
        comment=" ".join(comments.split()) or None,
    )
    yield from (record for record in read_declaration(text, source) if not isinstance(record, Member))


def _declaration(tokens: Sequence[Token]) -> Sequence[Token]:
    """The declaration of a member: what follows a macro, or the last one among its arguments.

    `KABI_REPLACE(int (*old)(void), int (*new)(void))` declares what is compiled last.
    """
    start = 0
    while _is_macro(tokens[start : start + 3]):
        end = _closing(tokens, start + 1)
        if end == len(tokens) - 1:
            return _last_argument(tokens[start + 2 : end])
        start = end + 1
    return tokens[start:]


def _is_macro(tokens: Sequence[Token]) -> bool:
    return len(tokens) == 3 and bool(MACRO.fullmatch(tokens[0].text)) and tokens[1].text == "(" != tokens[2].text != "*"


def _closing(tokens: Sequence[Token], start: int) -> int:
    depth = 0
    for place in range(start, len(tokens)):
        depth += (tokens[place].text in OPEN) - (tokens[place].text in CLOSE)
        if not depth:
            return place
    return len(tokens) - 1


def _last_argument(tokens: Sequence[Token]) -> Sequence[Token]:
    first = depth = 0
    for place, token in enumerate(tokens):
        depth += (token.text in OPEN) - (token.text in CLOSE)
        first = place + 1 if token.text == "," and not depth else first
    return tokens[first:]


def _is_op(tokens: Sequence[Token]) -> bool:
    """Whether the tokens declare a pointer to a function: `( * name ) (`, with qualifiers before the name."""
    depth = 0
    for place, token in enumerate(tokens):
        if not depth and token.text == "(" and [each.text for each in tokens[place + 1 : place + 2]] == ["*"]:
            end = place + 2
            while end < len(tokens) and WORD.fullmatch(tokens[end].text):
                end += 1
            return end > place + 2 and [each.text for each in tokens[end : end + 2]] == [")", "("]
        depth += (token.text in OPEN) - (token.text in CLOSE)
    return False


def _typedefs(source: bytes) -> dict[str, str]:
    """The types of functions that the header names, with `{}` for the op: `int (*{})(struct inode *)`.

    A name of the function itself is written with its star: `filler_t *`.
    """
    texts = (each[1].decode("utf-8", "replace") for each in TYPEDEF.finditer(COMMENT.sub(b" ", source)))
    return dict(filter(None, map(_typedef, texts)))


def _typedef(text: str) -> tuple[str, str] | None:
    """One of them: `int (*open_fn)(struct inode *)`, `int (filler_t)(void *)`, `int filler_t(void *)`."""
    head, _, rest = text.partition("(")
    inner, _, parameters = rest.partition(")")
    name = inner.strip().removeprefix("*").strip()
    if WORD.fullmatch(name) and parameters.lstrip().startswith("("):
        return name if "*" in inner else f"{name} *", f"{head}(*{{}}){parameters}"
    *kind, name = head.replace("*", "* ").split() or [""]
    return (f"{name} *", f"{' '.join(kind)} (*{{}})({rest}") if rest and kind and WORD.fullmatch(name) else None


def _by_typedef(tokens: Sequence[Token], typedefs: dict[str, str]) -> str | None:
    """The declaration of a member whose type is such a name: `open_fn open`, `filler_t *readpage`."""
    *kind, name = [token.text for token in tokens] or [""]
    declaration = typedefs.get(" ".join(kind))
    return declaration.format(name) if declaration and WORD.fullmatch(name) else None
