"""The query language: trees, and mistakes explained with their place."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbase.errors import QueryError
from kbase.search.query_syntax import (
    FIELDS,
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_TERMS,
    Field,
    Group,
    Node,
    Not,
    Text,
    parse,
)


def shape(node: Node) -> object:
    """A tree without places: words as str (`!` required), phrases in quotes, fields as pairs."""
    match node:
        case Text(kind="word"):
            return node.text + "!" * node.required
        case Text(kind="phrase"):
            return f'"{node.text}"'
        case Text():
            return f"{node.text}*"
        case Field():
            return (node.name, node.value)
        case Not():
            return ("NOT", shape(node.item))
        case Group(either=True):
            return ("OR", *map(shape, node.items))
        case Group():
            return [shape(item) for item in node.items]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("rename", "rename"),
        ("", []),
        ("punch hole", ["punch", "hole"]),
        ("->fault", "->fault"),
        ("inode_operations.rename foo()", ["inode_operations.rename", "foo()"]),
        ("i_rwsem(inode) held:yes", ["i_rwsem", "inode", ("held", "yes")]),
        ("open(2) rename()", ["open", "2", "rename()"]),
        ("->d_revalidate(", "->d_revalidate"),
        ("inode->i_op->permission(idmap, inode) x", ["inode->i_op->permission", "idmap,", "inode", "x"]),
        ("int (*rename) (struct inode *, struct", ["int", "rename", "struct", "inode", "struct"]),
        ("if (!inode_trylock(inode)) return (x);", ["if", "!inode_trylock", "inode", "return", "x"]),
        ("while (inode_is_locked(inode)", ["while", "inode_is_locked", "inode"]),
        ("rename if (a OR b)", ["rename", "if", ("OR", "a!", "b!")]),
        (
            "'i_mutex' undeclared (first use in this function)",
            ["'i_mutex'", "undeclared", "first", "use", "in", "this", "function"],
        ),
        ('"may block" rename', ['"may block"', "rename"]),
        ("ren* d_re*", ["ren*", "d_re*"]),
        ("a AND b", ["a!", "b!"]),
        ("a AND b c", ["a!", "b!", "c"]),
        ("a OR b c", ("OR", "a", ["b", "c"])),
        ("(a OR b) c", [("OR", "a!", "b!"), "c"]),
        ("rename NOT link", ["rename", ("NOT", "link!")]),
        ("NOT (kind:op OR x)", ("NOT", ("OR", ("kind", "op"), "x!"))),
        ("version:v5.4..v6.4 STRUCT:inode_operations", [("version", "v5.4..v6.4"), ("struct", "inode_operations")]),
        ('returns:"struct dentry *"', ("returns", "struct dentry *")),
        ("lock:i_rwsem(inode)", ("lock", "i_rwsem(inode)")),
        ("error: http://x std::y", ["error:", "http://x", "std::y"]),
        ("struct dentry * ?", ["struct", "dentry"]),
        ("and or not", ["and", "or", "not"]),
        ("ORDER", "ORDER"),
    ],
)
def test_trees(query: str, expected: object) -> None:
    assert shape(parse(query)) == expected


@pytest.mark.parametrize(
    ("query", "position", "length", "said"),
    [
        ("rename strcut:x", 7, 7, "no field `strcut:`"),
        ('rename "may block', 7, 1, "quotation mark"),
        ("(rename", 0, 1, "not closed"),
        ("rename )", 7, 1, "without its partner"),
        ("rename AND", 7, 3, "next to AND"),
        ("AND rename", 0, 3, "next to AND"),
        ("rename OR", 7, 2, "next to OR"),
        ("NOT", 0, 3, "next to NOT"),
        ("a ()", 2, 2, "nothing in the parentheses"),
        ("re*name", 2, 1, "at the end of a word"),
        ("r*", 0, 2, "two letters"),
        ('""', 0, 2, "without a word"),
        ('held:""', 0, 5, "has no value"),
        ("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1), MAX_DEPTH, 1, "deep"),
    ],
)
def test_mistakes_are_shown(query: str, position: int, length: int, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    error = caught.value
    assert said in error.what
    assert (error.query, error.position, error.length) == (query, position, length)
    assert "\n" not in str(error)


def test_an_unknown_field_lists_the_fields() -> None:
    with pytest.raises(QueryError) as caught:
        parse("foo:bar")
    assert all(f"{name}:" in caught.value.advice for name in FIELDS)


def test_caps() -> None:
    parse("w " * MAX_TERMS)
    with pytest.raises(QueryError, match="at most"):
        parse("w " * (MAX_TERMS + 1))
    with pytest.raises(QueryError, match="characters"):
        parse("w" * (MAX_LENGTH + 1))
    with pytest.raises(QueryError, match="phrase has at most"):
        parse('"' + "a " * 11 + '"')


@given(st.text(alphabet=st.sampled_from('ab*"():_.->ANDORNOT held:yes\t\n?'), max_size=60))
def test_any_text_is_read_or_refused(query: str) -> None:
    with contextlib.suppress(QueryError):
        parse(query)
