"""Sphinx's C parser as we use it: the contract that an upgrade must keep."""

from contextlib import suppress

import pytest

from kbase.kernel.c_declarations import (
    DEEPEST,
    DeclarationError,
    declared_name,
    is_function_pointer,
    parse_declaration,
    spaced,
)

SIGNATURES = [
    ("int (*create)(struct inode *, umode_t)", "create", "int", (("struct inode *", None), ("umode_t", None))),
    ("struct dentry * (*lookup) (struct inode *dir)", "lookup", "struct dentry *", (("struct inode *", "dir"),)),
    ("const char *(*get_link)(struct dentry *)", "get_link", "const char *", (("struct dentry *", None),)),
    ("struct dquot **(*get_dquots)(void)", "get_dquots", "struct dquot **", (("void", None),)),
    ("ssize_t (*read)(char __user *buf, size_t)", "read", "ssize_t", (("char __user *", "buf"), ("size_t", None))),
    ("unsigned (*f)(unsigned long pos, ...)", "f", "unsigned", (("unsigned long", "pos"), ("...", None))),
    ("int (*f)(void (*done)(int), int a[3])", "f", "int", (("void (*)(int)", "done"), ("int[3]", "a"))),
    ("int (*f)(void __far **at, const __le_t *n)", "f", "int", (("void __far **", "at"), ("const __le_t *", "n"))),
    ("int (*f)(char *const *names)", "f", "int", (("char *const *", "names"),)),
]


@pytest.mark.parametrize(("text", "name", "returns", "parameters"), SIGNATURES, ids=lambda value: str(value)[:30])
def test_a_function_pointer_is_taken_apart(text, name, returns, parameters):
    declaration = parse_declaration(text)
    assert (declaration.name, declaration.returns, declaration.parameters) == (name, returns, parameters)
    assert declaration.repair is None


def test_an_unusual_annotation_is_named():
    assert parse_declaration("int (*f)(void __far **at, char __user *)").annotations == ("__far",)
    assert parse_declaration("int (*f)(void __pmem **, const struct __entry *)").annotations == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [("const char *name", "name"), ("struct lock_class_key keys[LEVELS]", "keys"), ("unsigned int bits : 3", "bits")],
)
def test_data_has_no_signature(text, name):
    declaration = parse_declaration(text)
    assert (declaration.name, declaration.returns, declaration.parameters) == (name, None, ())


@pytest.mark.parametrize(
    ("broken", "meant", "repair"),
    [
        ("int (*f)((int a)", "int (*f)(int a)", "one parenthesis too many after the name"),
        ("int (*f)(int a", "int (*f)(int a)", "closing parenthesis missing"),
        ("int (*f)(int a))", "int (*f)(int a)", "one parenthesis too many at the end"),
        ("int (*f)(int a,)", "int (*f)(int a)", "a comma without a parameter"),
        ("int (*f)(struct a * struct b *)", "int (*f)(struct a *, struct b *)", "comma missing between parameters"),
    ],
)
def test_a_known_slip_is_repaired_and_told(broken, meant, repair):
    declaration = parse_declaration(broken)
    assert (declaration.text, declaration.repair) == (meant, repair)


@pytest.mark.parametrize("text", ["", "what is this?", "int", "int (*f)(int) and more", "x" * 5000])
def test_what_is_no_declaration_is_an_error_and_nothing_else(text):
    with pytest.raises(DeclarationError):
        parse_declaration(text)


def test_the_text_has_the_spacing_of_the_kernel():
    text = "int  (*rename) (struct inode*,struct dentry *, char __user*name)"
    assert spaced(text) == "int (*rename)(struct inode *, struct dentry *, char __user *name)"
    assert spaced(spaced(text)) == spaced(text)


def test_the_name_is_known_where_the_rest_is_not():
    assert declared_name("int (*d_dname)((") == "d_dname"
    assert is_function_pointer("int (*d_dname)((")
    assert not is_function_pointer("struct inode *inode")


@pytest.mark.parametrize("count", [30, 300, 900])
@pytest.mark.parametrize(
    ("before", "inside", "after"),
    [
        ("int (*f)(int a[", "-", ""),
        ("int (*f)(int a[", "(", ""),
        ("int a[", "[", ""),
        ("int ", "(", "f"),
        ("int ", "*", "f"),
        ("int ", "(*", "f"),
        ("int ", "* const ", "f"),
        ("int a[", "(int)", "1]"),
        ("int a[", "(a)-", "1]"),
        ("int a[", "!~", "1]"),
        ("int a[", "b[", "1"),
        ("int a[", "1?", "1]"),
        ("int bits : ", "(", "1"),
        ("int f[3]", "[3]", ""),
        ("int __attribute__((", "a(", ""),
    ],
)
def test_what_is_nested_is_read_or_an_error(before, inside, after, count):
    closing = "".join({"(": ")", "[": "]"}.get(character, "") for character in reversed(inside * count))
    for text in (before + inside * count + after, before + inside * count + after + closing):
        with suppress(DeclarationError):
            assert parse_declaration(text).name in ("a", "f", "bits")


@pytest.mark.parametrize(
    ("before", "inside", "after"),
    [("int a[", "(", "1"), ("int (*f)(int a[", "-", "1])"), ("int ", "*", "f"), ("int ", "(", "f")],
)
def test_how_deep_is_too_deep_is_the_same_from_everywhere(before, inside, after):
    """It never depends on how many functions called each other before."""

    def deep(calls: int) -> str:
        return deep(calls - 1) if calls else problem(before + inside * (DEEPEST + 1) + after)

    def problem(text: str) -> str:
        parse_declaration.cache_clear()
        with pytest.raises(DeclarationError) as error:
            parse_declaration(text)
        return str(error.value)

    assert deep(0) == deep(300) == "nested deeper than a declaration can be"


@pytest.mark.parametrize("error", [RecursionError, MemoryError, KeyError, AssertionError])
def test_a_failure_of_the_parser_is_an_error_of_the_declaration(error, monkeypatch):
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("sphinx.domains.c._parser.DefinitionParser", fails)
    with pytest.raises(DeclarationError, match=error.__name__):
        parse_declaration("int (*never_read_before)(void)")
