"""What git prints of differences."""

import pytest

from kbase.sources.git_patches import FileDiff, Hunk, parse_patches

ONE, TWO = "1" * 40, "2" * 64


def parsed(*lines: str) -> list[tuple[FileDiff, ...]]:
    return list(parse_patches("".join(f"{line}\n" for line in lines).encode()))


def test_hunks_have_places_from_the_top_on() -> None:
    found = parsed(
        ONE, "diff --git a/a/f.h b/a/f.h", "index 1..2 100644", "--- a/a/f.h", "+++ b/a/f.h",
        "@@ -3 +3,2 @@ struct s {", "-old", "+new", "+more", "@@ -10,2 +11,0 @@", "-x", "-y", "@@ -20,0 +20 @@", "+z",
    )  # fmt: skip
    hunks = (Hunk(2, ("old",), 2, 2), Hunk(9, ("x", "y"), 11, 0), Hunk(20, (), 19, 1))
    assert found == [(FileDiff("a/f.h", "a/f.h", hunks),)]


def test_each_pair_has_its_files_and_one_may_have_none() -> None:
    changed = ("--- a/f", "+++ b/f", "@@ -1 +1 @@", "-1", "+2")
    found = parsed(ONE, TWO, "diff --git a/f b/f", *changed, "diff --git a/g b/g", "old mode 1", "new mode 2", ONE)
    assert found == [(), (FileDiff("f", "f", (Hunk(0, ("1",), 0, 1),)), FileDiff("g", "g", ())), ()]
    assert parsed() == []


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (("new file mode 100644",), FileDiff(None, "f", ())),
        (("deleted file mode 100644",), FileDiff("f", None, ())),
        (("similarity index 90%", "rename from old name", "rename to f"), FileDiff("old name", "f", ())),
        (("Binary files a/f and b/f differ",), FileDiff("f", "f", None)),
    ],
)
def test_files_that_appear_vanish_move_or_are_not_compared(header: tuple[str, ...], expected: FileDiff) -> None:
    assert parsed(ONE, "diff --git a/f b/f", *header) == [(expected,)]


def test_lines_that_look_like_headers_are_lines() -> None:
    found = parsed(
        ONE, "diff --git a/f b/f", "@@ -1,2 +1,3 @@", "---- a/f", f"-{TWO}", "\\ No newline at end of file",
        f"+{TWO}", "+diff --git a/x b/x", "+@@ -1 +1 @@", "\\ No newline at end of file", TWO,
    )  # fmt: skip
    assert found == [(FileDiff("f", "f", (Hunk(0, ("--- a/f", TWO), 0, 3),)),), ()]
