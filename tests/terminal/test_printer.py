"""How things are set on a terminal and in a pipe."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbase.build.pipeline import BuildReport
from kbase.model.records import Parameter
from kbase.pages.c_text import split_parameters
from kbase.terminal.printer import Piece, Printer, flat, marked, prototype, wrap
from kbase.terminal.reports import show_build

RENAME = "int (*rename)(struct inode *, struct dentry *, int (*fill)(void *, int), unsigned int)"
PARAMETERS = tuple(Parameter(type=text) for text in ("struct inode *", "struct dentry *", "fill", "unsigned int"))


def written(*rows: tuple[str, ...], width: int = 100) -> str:
    stream = io.StringIO()
    Printer(stream).columns(rows)
    return stream.getvalue()


def plain(piece: Piece) -> str:
    return "".join(text for text, _ in flat(piece))


def styled(piece: Piece) -> list[tuple[str, str]]:
    return [(text, style) for text, style in flat(piece) if style]


def test_a_prototype_stays_in_one_line_where_it_fits() -> None:
    assert [plain(line) for line in prototype(RENAME, "rename", PARAMETERS, 200)] == [RENAME + ";"]


def test_a_wide_prototype_is_broken_after_commas_below_the_first_parameter() -> None:
    lines = [plain(line) for line in prototype(RENAME, "rename", PARAMETERS, 50)]
    assert lines == [
        "int (*rename)(struct inode *, struct dentry *,",
        "              int (*fill)(void *, int),",
        "              unsigned int);",
    ]


def test_the_op_of_a_prototype_is_bold() -> None:
    (line,) = prototype(RENAME, "rename", PARAMETERS, 200)
    assert styled(line) == [("rename", "bold")]


def test_commas_inside_parentheses_do_not_separate() -> None:
    assert split_parameters("int (*f)(void *, int), long)") == ["int (*f)(void *, int),", "long)"]


def test_columns_are_aligned_and_have_no_trailing_space() -> None:
    assert written(("create", "yes", "x"), ("d_weak_revalidate", "no", "")) == (
        "  create             yes  x\n  d_weak_revalidate  no\n"
    )


def test_wide_characters_take_two_columns() -> None:
    assert written(("漢字", "a"), ("e\u0301“”", "b")) == "  漢字  a\n  e\u0301“”   b\n"


def test_no_rows_write_nothing() -> None:
    assert written() == ""


def test_a_pipe_gets_neither_colour_nor_a_cut_line() -> None:
    stream = io.StringIO()
    Printer(stream).line(("x" * 500, "bold red"))
    assert stream.getvalue() == "x" * 500 + "\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three four five", ["one two three four", "five"]),
        ("one\ntwo three", ["one two three"]),
        ("a list:\n  - item one\n  - item two", ["a list:", "  - item one", "  - item two"]),
        ("", [""]),
    ],
)
def test_prose_is_wrapped_and_lists_are_not(text: str, lines: list[str]) -> None:
    assert wrap(text, 20) == lines


@given(st.text(max_size=200))
def test_nothing_controls_the_terminal(text: str) -> None:
    assert plain(text).isprintable()
    assert plain([(text, "bold"), text]).isprintable()


@given(st.text(alphabet="ab\u202e\x1b\u00ad\U000e0041\t\n", max_size=20))
def test_invisible_characters_are_escaped(text: str) -> None:
    shown = plain((text, "bold"))
    assert all(shown.count(ascii(letter)[1:-1]) == text.count(letter) for letter in "\u202e\x1b\u00ad\U000e0041")


def test_a_terminal_gets_colour_and_no_control_character(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    stream = io.StringIO()
    Printer(stream).line(["a\u202e", ("b\x1b", "bold")], "c", indent=2)
    assert stream.getvalue() == "  a\\u202e\x1b[1mb\\x1b\x1b[0mc\n"


@given(st.text(alphabet="ab \x02\x03", max_size=40), st.integers(1, 20))
def test_marks_never_show(snippet: str, width: int) -> None:
    lines = [plain(line) for line in marked(snippet, width)]
    assert " ".join(lines).split() == snippet.replace("\x02", "").replace("\x03", "").split()
    assert all(len(line) <= width or " " not in line for line in lines)


def test_marked_words_are_bold() -> None:
    (line,) = marked("a \x02rename\x03 b", 20)
    assert plain(line) == "a rename b"
    assert styled(line) == [("rename", "bold")]


def test_a_build_names_the_versions_that_came_and_went() -> None:
    stream = io.StringIO()
    came = tuple(f"v5.{minor}" for minor in range(10))
    report = BuildReport(versions=12, documents=24, parsed=20, carried=4, changed=True, added=came, removed=("v4.19",))
    show_build(report, Printer(stream))
    assert stream.getvalue().splitlines() == [
        "12 versions, 24 documents: 20 parsed, 4 as before",
        "new: v5.0, v5.1, v5.2, v5.3, v5.4, v5.5, v5.6, v5.7 and 2 more",
        "gone: v4.19",
    ]
