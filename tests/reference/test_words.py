"""Small pieces of the reference: any text as reStructuredText, readings in words, declarations, dates, pictures."""

from xml.etree import ElementTree as ET

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from hypothesis import given, settings
from hypothesis import strategies as st

from kbase.diff.release_line import Range, Witness
from kbase.model.records import Held, Reading
from kbase.model.words import Effect, Mode
from kbase.pages.history_picture import SILENT, State
from kbase.reference.history import HistoryLine, _line
from kbase.reference.history_pictures import _drawn
from kbase.reference.man_pages import code_lines
from kbase.sphinx.facts import reading_words
from kbase.sphinx.rst import code_block, escape, heading, literal, namespace, paragraphs, plain, role

ODD = (
    "yes (ref-walk)",
    "maybe[1]_",
    "!!!inode->i_lock!!!",
    "*nr_to_write",
    "a `back` and ``more",
    "|x| and |",
    "- a dash",
    "1. one",
    "(a) letter",
    "#) number",
    ".. a comment",
    ":field: list",
    ">>> prompt",
    "-o option",
    "text::",
    "::",
    "====",
    "https://example.org/x_ and me@example.org",
    "trailing_",
    "__anonymous",
    "back\\slash\\",
    "tab\tand\nline",
    "\x00\x1b control",
    "[CIT2002]_ and [#]_",
    "~ ^ ' \" + /",
)


def text_of(source: str) -> nodes.document:
    return publish_doctree(
        source, settings_overrides={"report_level": 1, "halt_level": 1, "file_insertion_enabled": False}
    )


def assert_reads_as(source: str, text: str, kind: type[nodes.Element]) -> None:
    found = [node.astext() for node in text_of(source).findall(kind)]
    assert found == [text], source


@pytest.mark.parametrize("text", ODD)
def test_a_text_reads_as_itself_wherever_it_stands(text: str) -> None:
    wanted = plain(text)
    for source in (escape(text), f"- {escape(text)}", f".. list-table::\n\n   * - {escape(text)}\n"):
        assert_reads_as(source, wanted, nodes.paragraph)
    assert_reads_as(str(literal(text)), wanted, nodes.paragraph)


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=300)
def test_any_text_reads_as_itself(text: str) -> None:
    wanted = plain(text)
    if wanted:
        assert_reads_as(escape(text), wanted, nodes.paragraph)
        assert_reads_as(f"- {literal(text)}", wanted, nodes.paragraph)


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=150)
def test_any_text_may_be_a_title(text: str) -> None:
    if plain(text):
        assert_reads_as(f"{heading('x' + text, '=')}\n\nText.\n", plain("x" + text), nodes.title)


@given(st.text(max_size=200))
@settings(deadline=None, max_examples=150)
def test_any_text_may_be_a_literal_block(text: str) -> None:
    found = list(text_of(code_block("int x;\n" + text).replace("   :force:\n", "")).findall(nodes.literal_block))
    assert len(found) == 1


def test_small_things() -> None:
    assert paragraphs("one\ntwo\n\n\n three *") == ("one two", "three \\*")
    assert namespace("v6.4.6", "inode_operations") == "v6_4_6.inode_operations"
    assert role("vfs:lock", "i_rwsem", "!x") == ":vfs:lock:`\\!x <i_rwsem>`"


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (Reading(subject="i_rwsem", held=Held.YES, modes=(Mode.EXCLUSIVE,), scope="both"), "held, exclusive; both"),
        (
            Reading(subject="a", held=Held.MAYBE, modes=(Mode.SHARED, Mode.EXCLUSIVE)),
            "may be held, shared or exclusive",
        ),
        (Reading(subject="folio_lock", held=Held.YES, effect=Effect.UNLOCKS), "held; unlocks"),
        (Reading(subject=None, held=Held.NO, context=True, condition="in ref-walk"), "no; in ref-walk"),
        (Reading(subject="a", held=Held.UNKNOWN), "not stated"),
    ],
)
def test_a_reading_in_words(reading: Reading, words: str) -> None:
    assert reading_words((reading,)) == words


def test_several_readings_name_their_locks() -> None:
    readings = (Reading(subject="a", held=Held.YES), Reading(subject="b", held=Held.YES))
    assert reading_words(readings) == "a: held; or b: held"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("int x", ["int x;"]),
        ("int (*f)(void)", ["int (*f)(void);"]),
        (
            "int (*fileattr_set)(struct mnt_idmap *idmap, struct dentry *dentry, struct fileattr *fa)",
            [
                "int (*fileattr_set)(struct mnt_idmap *idmap,",
                "                    struct dentry *dentry, struct fileattr *fa);",
            ],
        ),
        (f"int (*f)(struct {'a' * 70} *, int)", [f"int (*f)(struct {'a' * 70} *,", "         int);"]),
    ],
)
def test_a_declaration_is_broken_between_parameters(text: str, lines: list[str]) -> None:
    assert list(code_lines(text)) == lines


def test_dates_are_directives_only_where_a_release_is_pinned() -> None:
    exact = _line("versionadded", Range("v6.7", "v6.8"))
    assert exact == HistoryLine(by="v6.8", directive="versionadded", version="6.8")
    of_documents = _line("versionchanged", Range("v5.15.55", "v6.4.6"))
    assert of_documents.text == "Changed in the documents after v5.15.55, by v6.4.6."
    of_headers = _line("versionchanged", Range("v5.15.55", "v6.4.6", Witness.HEADER))
    assert of_headers.text == "Changed after v5.15.55, by v6.4.6."
    assert "the oldest available version" in _line("versionadded", Range(None, "v5.4")).text


def test_a_picture_is_well_formed_and_has_its_content_in_words() -> None:
    states = {"x" * 99: {"v3": State(1, "yes <&>", "yes"), "v2": SILENT, "v1": State(1, "yes <&>", "yes")}}
    drawn = ET.fromstring(_drawn("A & \x01B", ("v4", "v3", "v2", "v1"), states))
    assert drawn.findtext("{*}title") == "A & B"
    assert drawn.findtext("{*}desc") == f"{'x' * 99}: yes <&> v3, no document v2, yes <&> v1"
    kinds = [group.get("class") for group in drawn.findall(".//{*}g[@class]")]
    assert kinds == ["absent", "yes", "silent", "yes"]
