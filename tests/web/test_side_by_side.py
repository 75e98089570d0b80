"""Two texts side by side, with the words marked that changed."""

import pytest

from kbase.web.side_by_side import MOST, beside


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [
        ("struct page *", "struct folio *", "struct <mark>page</mark> *"),
        ("yes", "yes", "yes"),
        ("int (*a)(struct inode *, int)", "int (*a)(struct inode *)", "int (*a)(struct inode *<mark>, int</mark>)"),
        ("exclusive (all)", "exclusive (both parents)", "exclusive (<mark>all</mark>)"),
        ("nothing in common", "quite other words here", "nothing in common"),
        ("a < b & c", "a < d & c", "a &lt; <mark>b</mark> &amp; c"),
    ],
)
def test_words_that_the_other_lacks_are_marked(text: str, other: str, expected: str) -> None:
    assert str(beside(text, other)) == expected


def test_a_very_long_text_is_left_alone() -> None:
    long = "word " * (MOST + 1)
    assert str(beside(long + "one", long + "two")) == long + "one"
