"""Prototypes as C and texts as paragraphs: what is marked, and that everything is escaped."""

import re
import time

import pytest

from kbase.web.typeset import breakable, inline, prose, prototype

SPAN = re.compile(r'<span class="(c-\w)">([^<]*)</span>')


def marked(text: str) -> list[tuple[str, str]]:
    return [(name, word) for name, word in SPAN.findall(prototype(text)) if name in ("c-n", "c-k", "c-t", "c-a", "c-v")]


def plain(markup: str) -> str:
    return re.sub(r"<[^>]*>", "", markup)


def test_the_parts_of_a_prototype() -> None:
    assert marked("int (*readlink)(struct dentry *, char __user *buffer, int)") == [
        ("c-t", "int"),
        ("c-n", "readlink"),
        ("c-k", "struct"),
        ("c-t", "dentry"),
        ("c-t", "char"),
        ("c-a", "__user"),
        ("c-v", "buffer"),
        ("c-t", "int"),
    ]


@pytest.mark.parametrize(
    ("parameter", "name"),
    [
        ("loff_t pos", "pos"),
        ("umode_t", None),
        ("unsigned int", None),
        ("unsigned open_flag", "open_flag"),
        ("struct inode", None),
        ("const struct path *path", "path"),
        ("int (*filler)(void *, struct page *)", "filler"),
        ("char name[16]", "name"),
        ("void", None),
    ],
)
def test_the_name_that_a_parameter_declares(parameter: str, name: str | None) -> None:
    names = [word for kind, word in marked(f"int (*o)({parameter})") if kind == "c-v"]
    assert names == ([name] if name else [])


@pytest.mark.parametrize(
    "text",
    [
        "int (*rename)(struct inode *, struct dentry *)",
        "struct dentry *(*lookup)(struct inode *, int (*f)(int, int), unsigned)",
        "char *(*d_dname)((struct dentry *dentry, char *buffer, int buflen)",
        "not C at all <b>",
        "",
    ],
)
def test_no_word_is_lost(text: str) -> None:
    typeset = plain(prototype(text)).replace("&lt;", "<").replace("&gt;", ">")
    assert re.sub(r"[\s;]", "", typeset) == re.sub(r"[\s;]", "", text)


def test_everything_is_escaped() -> None:
    for typeset in (prototype, prose, inline, breakable):
        assert "<b" not in typeset("a <b onclick='x'> ``<b>`` (*<b>)(<b>)")


def test_paragraphs_code_and_indented_text() -> None:
    assert prose("one\ntwo\n\nthree") == "<p>one two</p><p>three</p>"
    assert prose("two:\n- one\n  more\n- last\nend") == "<p>two:</p><ul><li>one more</li><li>last</li></ul><p>end</p>"
    assert prose("a:\n    x = 1\n    y = 2") == "<pre>a:\n    x = 1\n    y = 2</pre>"
    assert inline("->rename() and d_instantiate() take RENAME_NOREPLACE or ``this``, not i_rwsem") == (
        "<code>-&gt;rename()</code> and <code>d_instantiate()</code> take <code>RENAME_NOREPLACE</code>"
        " or <code>this</code>, not i_rwsem"
    )
    assert inline("inode->i_lock") == "<code>inode-&gt;i_lock</code>"
    assert inline("gives -ECHILD") == 'gives <code class="errno">-ECHILD</code>'
    assert inline("map-EXTENT and -E") == "map-EXTENT and -E"


@pytest.mark.parametrize("text", ["a" * 200_000, "A_" * 100_000, "(*" * 100_000, "->" * 100_000, "``" * 100_000])
def test_long_texts_are_typeset_in_linear_time(text: str) -> None:
    start = time.process_time()
    prose(text)
    prototype(text)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("it is *not* taken", "it is <em>not</em> taken"),
        ("a **must** here", "a <strong>must</strong> here"),
        ("Declare::", "Declare:"),
        ("int (*f)(struct inode *dir, struct dentry *dentry)", "int (*f)(struct inode *dir, struct dentry *dentry)"),
        ("2 * 3 * 4 and a void ** argument", "2 * 3 * 4 and a void ** argument"),
        ("f(*a, *b) and (*g)(*h)", "f(*a, *b) and (*g)(*h)"),
    ],
)
def test_markup_of_prose_is_typeset_and_c_is_left_alone(text: str, html: str) -> None:
    assert inline(text) == html
