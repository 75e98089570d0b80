"""Snippets: the best stretch of a text, matches marked, on one line."""

from hypothesis import given
from hypothesis import strategies as st

from kbase.search.results import MARK_END, MARK_START
from kbase.search.snippets import WIDTH, snippet, wanted_words


def shown(text: str, *words: str) -> str:
    return snippet(text, wanted_words(words)).replace(MARK_START, "[").replace(MARK_END, "]")


def test_words_and_parts_of_identifiers_are_marked() -> None:
    assert shown("The Rename of vfs_rename and prerename.", "rename") == "The [Rename] of vfs_[rename] and prerename."


def test_an_ending_is_marked_with_its_word() -> None:
    assert shown("symlinks and a symlink", "symlink", "symlinks") == "[symlinks] and a [symlink]"


def test_a_text_without_a_match_begins_at_its_beginning() -> None:
    assert shown("one two three", "four") == "one two three"
    assert shown("") == ""


def test_the_window_has_the_most_different_words() -> None:
    text = "lock " * 60 + "\n" + "filler " * 60 + "\nthe lock that rename holds\n" + "filler " * 60
    found = shown(text, "lock", "rename")
    assert "[lock] that [rename]" in found
    assert found.startswith("... ")
    assert found.endswith(" ...")


def test_one_line() -> None:
    assert shown("a\n\n\tb  c", "b") == "a [b] c"


@given(st.text(max_size=600), st.lists(st.text(min_size=1, max_size=6), max_size=4))
def test_any_text(text: str, words: list[str]) -> None:
    found = snippet(text.replace(MARK_START, "").replace(MARK_END, ""), wanted_words(word.lower() for word in words))
    assert found.count(MARK_START) == found.count(MARK_END)
    assert len(found.replace(MARK_START, "").replace(MARK_END, "")) <= WIDTH + 60
