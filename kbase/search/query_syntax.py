"""The query language: text to a tree.

    query       = conjunction { "OR" conjunction }
    conjunction = item { [ "AND" ] item }
    item        = [ "NOT" ] ( "(" query ")" | field ":" value | phrase | prefix | word )
    field       = "struct" | "op" | "lock" | ...               # see FIELDS
    value       = phrase | word | version [ ".." version ]
    phrase      = '"' text '"'
    prefix      = word "*"
    word        = "rename" | "->fault" | "inode_operations.rename" | "rename()" | ...

An example: `struct:inode_operations lock:i_rwsem held:exclusive NOT rename "may block"`. Operators are written in
capitals. Plain words are not joined by AND: an entry has to have most of them, see `kbase.search.ranking`. The
parentheses of code are no groups: `inode_lock(inode)`, `int (*rename) (struct inode *, ...`, `if (!dir_emit(ctx))`.
Whoosh's query parser is not used: it ignores every error.
"""

import re
from dataclasses import dataclass, replace
from typing import Literal, NoReturn

from kbase.errors import QueryError
from kbase.search.words import words

MAX_LENGTH = 400  # characters
MAX_TERMS = 24
MAX_DEPTH = 6
MAX_PHRASE = 10  # words

# Every field with its meaning and an example, for error messages and the help page.
FIELDS = {
    "struct": ("an ops table", "struct:inode_operations"),
    "op": ("an operation, of any table or of one", "op:rename"),
    "lock": ("a lock that a rule is about, by any of its names; a blank cell says nothing", "lock:i_rwsem"),
    "held": (
        (
            "yes, no, maybe, shared (read), exclusive (write), unknown (also blank), locks, unlocks, returns-locked;"
            " with lock: of that lock, in one rule"
        ),
        "lock:i_rwsem held:shared",
    ),
    "blocks": ("whether it may block: yes, no, maybe", "kind:op blocks:no"),
    "param": ("a parameter's type or name, or a word of them", 'param:"struct folio *"'),
    "returns": ("what it returns, or a word of it", "returns:bool"),
    "kind": ("op, lock, struct, function, flag, member, note, commit, porting, section", "kind:flag"),
    "version": ("an available version, or a range of them; an end may be left out", "rename version:v5.4..v6.4"),
    "since": ("the first available version that has it, or a range of them", "kind:op since:v6.0.."),
    "removed": ("the first available version that no longer has it, or a range of them", "kind:op removed:v6.0.."),
    "changed": ("a version in which it was added, removed, or got another prototype or lock rule", "changed:v6.8"),
    "document": ("the file that states it, with or without its folders", "document:locking.rst"),
}

PLAIN = re.compile(r"\w+(?:\.\w+)?")  # most queries are one name
CODE = re.compile(r"\(\s*\*|[;{}]|\b(?:if|while|switch|for|return)\s*\(|\w\([^()]*\Z|\(first use|\(did you mean")
LANGUAGE = re.compile(r"\b(?:AND|OR|NOT)\b|\b\w+:\w")
CALL = re.compile(r"(?<![\w:>.!&*-])([\w>.!&*-]++)\(([^()\"]++)\)")
TOKEN = re.compile(
    r"""
      (?P<space> \s+ )
    | (?P<operator> (?:AND|OR|NOT) (?= [\s()"] | $ ) )
    | (?P<open> \( )
    | (?P<close> \) )
    | (?P<field> [A-Za-z_]+ ) : (?! [:/\s] | $ )
      (?: "(?P<quoted> [^"]* )" | (?P<value> [^\s()"]+ (?: \( [^()\s]* \) )? ) )
    | " (?P<phrase> [^"]* ) "
    | (?P<quote> " )
    | (?P<word> [^\s()"]+ (?: \(\) )? )
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A word as typed, a phrase, or a prefix without its `*`; a word is `required` when AND joins it."""

    text: str
    place: int
    kind: Literal["word", "phrase", "prefix"] = "word"
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A condition on a field."""

    name: str
    value: str
    place: int  # of the field
    value_place: int


@dataclass(frozen=True, slots=True)
class Not:
    """What must not be."""

    item: "Node"


@dataclass(frozen=True, slots=True)
class Group:
    """A conjunction, or alternatives."""

    items: tuple["Node", ...]
    either: bool = False


Node = Text | Field | Not | Group


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    place: int
    value: str = ""
    value_place: int = 0


def refuse(query: str, place: int, length: int, what: str, advice: str = "") -> NoReturn:
    """Raise the QueryError for a stretch of the query."""
    shown = query[place : place + length]
    where = f"character {place + 1}" + (f", `{shown}`" if shown.strip() else "")
    raise QueryError(what, where, advice, query=query, position=place, length=length)


def parse(query: str) -> Node:
    """The tree of a query; an empty group for an empty query.

    Raises:
        QueryError: the query is wrong, or larger than the limits above.
    """
    if len(query) > MAX_LENGTH:
        refuse(query, MAX_LENGTH, 1, f"a query has at most {MAX_LENGTH} characters", "leave something out")
    if PLAIN.fullmatch(query) and query not in ("AND", "OR", "NOT"):
        return Text(text=query, place=0)
    tokens = [t for t in _tokens(_without_code(query)) if t.kind != "space" and (t.kind != "word" or words(t.text))]
    size = sum(max(1, len(words(t.text))) for t in tokens if t.kind in ("word", "phrase", "field"))
    if size > MAX_TERMS:
        refuse(query, 0, len(query), f"a query has at most {MAX_TERMS} words, this one has {size}", "leave some out")
    return _Parser(query, tokens).parse() if tokens else Group(())


def items_of(tree: Node) -> tuple[Node, ...]:
    """What a query consists of: the items of a conjunction, or the one item."""
    return tree.items if isinstance(tree, Group) and not tree.either else (tree,)


def _without_code(query: str) -> str:
    """The query, letter by letter, with spaces for the parentheses of calls and of other code."""
    if CODE.search(query) and not LANGUAGE.search(query):
        return re.sub(r'[(){};"]', " ", query)
    while (plain := CALL.sub(r"\1 \2 ", query)) != query:
        query = plain
    return query


def _tokens(query: str) -> list[_Token]:
    tokens, place = list[_Token](), 0
    while place < len(query):
        match = TOKEN.match(query, place)
        if match is None or match.lastgroup is None:  # the last alternative takes any character but the first ones
            refuse(query, place, 1, "this cannot be read")
        if match["quote"]:
            refuse(query, place, 1, "a quotation mark without its partner", 'write a phrase as "may block"')
        tokens.append(_token(match, place))
        place = match.end()
    return tokens


def _token(match: re.Match[str], place: int) -> _Token:
    if match["field"]:
        group = "quoted" if match["quoted"] is not None else "value"
        return _Token("field", match["field"], place, match[group], match.start(group))
    if match["phrase"] is not None:
        return _Token("phrase", match["phrase"], place)
    return _Token(str(match.lastgroup), match[0], place)


class _Parser:
    """Recursive descent over the grammar of the module."""

    def __init__(self, query: str, tokens: list[_Token]) -> None:
        self.query, self.tokens, self.at, self.depth = query, [*tokens, _Token("end", "", len(query))], 0, 0

    def parse(self) -> Node:
        """The whole query."""
        node = self.alternatives()
        if not self.peek("end"):
            refuse(self.query, self.tokens[self.at].place, 1, "a closing parenthesis without its partner")
        return node

    def peek(self, kind: str, text: str | None = None) -> bool:
        token = self.tokens[self.at]
        return token.kind == kind and text in (None, token.text)

    def alternatives(self) -> Node:
        """`query` of the grammar."""
        items = [self.conjunction()]
        while self.peek("operator", "OR"):
            self.at += 1
            items.append(self.conjunction())
        return items[0] if len(items) == 1 else Group(tuple(items), either=True)

    def conjunction(self) -> Node:
        """`conjunction` of the grammar; an operand of AND is required."""
        items, joined = list[Node](), False
        while not (self.peek("end") or self.peek("close") or self.peek("operator", "OR")):
            if self.peek("operator", "AND"):
                self.at += 1
                if not items:
                    self.nothing_here()
                items[-1], joined = _required(items[-1]), True
                continue
            item = self.item()
            items.append(_required(item) if joined else item)
            joined = False
        if joined or not items:
            self.nothing_here()
        return items[0] if len(items) == 1 else Group(tuple(items))

    def nothing_here(self) -> NoReturn:
        """An operator or a parenthesis with nothing to apply to."""
        token = self.tokens[max(self.at - 1, 0)]
        here = self.tokens[self.at]
        if token.kind == "open" and here.kind == "close":
            refuse(self.query, token.place, here.place - token.place + 1, "there is nothing in the parentheses")
        token = token if token.kind == "operator" or here.kind == "end" else here
        what = f"there is no operand next to {token.text}"
        refuse(self.query, token.place, len(token.text), what, "write: rename OR link, NOT rename, (a OR b) c")

    def item(self) -> Node:
        """`item` of the grammar."""
        token = self.tokens[self.at]
        self.at += 1
        match token.kind:
            case "operator":  # NOT
                if self.peek("end") or self.peek("close") or self.peek("operator"):
                    self.nothing_here()
                return Not(_required(self.item()))
            case "open":
                return self.group(token)
            case "field":
                return self.field(token)
            case "phrase":
                return self.phrase(token)
        return self.word(token)

    def group(self, opening: _Token) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            refuse(self.query, opening.place, 1, f"parentheses are nested at most {MAX_DEPTH} deep")
        node = self.alternatives()
        if not self.peek("close"):
            refuse(self.query, opening.place, 1, "a parenthesis that is not closed")
        self.at += 1
        self.depth -= 1
        return _required(node)

    def field(self, token: _Token) -> Node:
        name = token.text.lower()
        if name not in FIELDS:
            known = ", ".join(f"{field}:" for field in FIELDS)
            advice = f"the fields are {known}; quote the words if no field is meant"
            refuse(self.query, token.place, len(token.text) + 1, f"there is no field `{token.text}:`", advice)
        if not token.value.strip():
            self.no_value(token.place, name)
        return Field(name=name, value=token.value.strip(), place=token.place, value_place=token.value_place)

    def no_value(self, place: int, name: str) -> NoReturn:
        about, example = FIELDS[name]
        refuse(self.query, place, len(name) + 1, f"`{name}:` has no value", f"{about}: {example}")

    def phrase(self, token: _Token) -> Node:
        count = len(words(token.text))
        if not count:
            refuse(self.query, token.place, len(token.text) + 2, "a phrase without a word")
        if count > MAX_PHRASE:
            refuse(self.query, token.place, len(token.text) + 2, f"a phrase has at most {MAX_PHRASE} words")
        return Text(text=token.text, place=token.place, kind="phrase")

    def word(self, token: _Token) -> Node:
        text = token.text
        if text.endswith(":") and text[:-1].lower() in FIELDS:
            self.no_value(token.place, text[:-1].lower())
        inner = text.rstrip("*").lstrip("*&")
        if "*" in inner and words(inner):
            place = token.place + text.index("*")
            refuse(self.query, place, 1, "a * belongs at the end of a word", "write ren* for rename and renames")
        if not text.endswith("*") or not words(inner):
            return Text(text=inner, place=token.place)
        if len(words(inner)[-1]) < 2:
            refuse(self.query, token.place, len(text), "a prefix needs two letters or more", "write ren*")
        return Text(text=inner, place=token.place, kind="prefix")


def _required(node: Node) -> Node:
    """The node with its plain words required."""
    if isinstance(node, Text):
        return replace(node, required=node.kind == "word")
    return replace(node, items=tuple(map(_required, node.items))) if isinstance(node, Group) else node
