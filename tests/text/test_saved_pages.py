import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbase.text.lines import Text, decode, split_lines
from kbase.text.saved_pages import unwrap

BLOB = "blob: " + "ab12" * 10 + " [file] [log] [blame]\n"
METADATA = [
    "jd04a40222021-11-25 15:01:52 +0800",
    "Jane Doe1da177e2005-04-16 15:20:36 -0700",
    "Jane Doe abc1234 3 years, 2 months ago",
    "J. Roe deadbeef Thu Nov 25 15:01:52 2021 +0800 [diff] [blame] ",
    "1st Contributor 01234562010-01-01 10:00 ",
]


def raws(text: Text) -> list[tuple[int, str]]:
    return [(line.number, line.raw) for line in text.lines]


def blame(lines: list[str], metadata: dict[int, str]) -> bytes:
    numbered = (f"{metadata.get(number, '')}{number}{line}" for number, line in enumerate(lines, 1))
    return (BLOB + "\n".join(numbered)).encode()


def flatten(lines: list[str]) -> bytes:
    words = [f"{number}{' ' * line[:1].isspace()}{' '.join(line.split())}" for number, line in enumerate(lines, 1)]
    return " ".join(words).encode()


# --- plain text ---


def test_plain_text_is_its_lines() -> None:
    text = unwrap("Locking", b"one\r\n\ttwo\n")
    assert raws(text) == [(1, "one"), (2, "\ttwo")]
    assert text.page_of is None
    assert not text.flattened


@pytest.mark.parametrize(
    "data",
    [b"", b"1\n", b"1. first\n2. second\n", b"1) a 2) b 3) c 4) d 5) e 6) f 7) g 8) h 9) i", b"blob: a thing\n1x\n"],
)
def test_what_only_resembles_a_page_stays_plain(data: bytes) -> None:
    assert unwrap("notes.txt", data).page_of is None


def test_markdown_with_a_head_is_no_page() -> None:
    assert unwrap("x.md", b"<head>\n<style> p { max-width: 50em } </style>\n</head>\n\nTitle\n=====\n").page_of is None


# --- numbered text ---

DOCUMENT = ["--- widget_operations ---", "prototypes:", "\tint (*turn)(int);", "", "1 is a number", "", "\tw_lock",
            "turn:\tyes", "7", ""]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "end"),
    [("{}{}", ""), ("{}\t{}", ""), ("{}:{}", ""), ("{:6}\t{}", ""), ("{:4} {}", ""), ("{:>3}{}", "\n \n")],
)
def test_lines_behind_their_numbers_are_the_document(form: str, end: str) -> None:
    data = "\n".join(form.format(number, line) for number, line in enumerate(DOCUMENT, 1)) + end
    text = unwrap("saved.txt", data.encode())
    assert (text.page_of, text.flattened) == ("numbered text", False)
    assert raws(text) == list(enumerate(DOCUMENT, 1))


def test_numbers_may_stand_above_the_text() -> None:
    numbers = [str(number) for number in range(1, len(DOCUMENT) + 1)]
    text = unwrap("saved.txt", "\n".join(["path: root/vfs", *numbers, *DOCUMENT, "made by a program"]).encode())
    assert text.page_of == "numbered text"
    assert raws(text) == list(enumerate(DOCUMENT, 1))


@pytest.mark.parametrize(
    "lines",
    [
        [f"{number}. item" for number in range(1, 12)],
        [f"{number}" for number in range(1, 12)],
        [f"{number}line" for number in range(1, 7)],
        [*[f"{number}line" for number in range(1, 12)], "without a number"],
        [*map(str, range(1, 12)), "a table's numbers"],
    ],
)
def test_numbers_that_are_the_documents_own_stay(lines: list[str]) -> None:
    assert unwrap("saved.txt", "\n".join(lines).encode()).page_of is None


# --- gitiles ---


@pytest.mark.parametrize("metadata", METADATA)
def test_blame_metadata_is_no_part_of_the_line(metadata: str) -> None:
    lines = ["Title", "=====", "", "text", "more"]
    text = unwrap("vfs.txt", blame(lines, {1: metadata, 4: metadata}))
    assert raws(text) == list(enumerate(lines, 1))
    assert text.page_of == "gitiles blame"


def test_a_line_may_begin_with_digits() -> None:
    lines = [""] * 9 + ["4.1, a release", "2 apples", "10", "14 of them", "2007-06-24 12:00 noon"]
    assert raws(unwrap("x", blame(lines, {1: METADATA[0]}))) == list(enumerate(lines, 1))


def test_metadata_may_stand_on_its_own_line() -> None:
    page = f"{BLOB}{METADATA[1]}\n1one\n{METADATA[0]}\n2two\n3three\nPowered by Gitiles| Privacy\ntxt json\n"
    assert raws(unwrap("x", page.encode())) == [(1, "one"), (2, "two"), (3, "three")]


def test_a_gap_in_the_numbers_is_passed() -> None:
    page = f"{BLOB}{METADATA[0]}1one\n2two\n9nine\n10ten\n11\n"
    assert raws(unwrap("x", page.encode())) == [(1, "one"), (2, "two"), (9, "nine"), (10, "ten"), (11, "")]


def test_a_piece_without_number_belongs_to_the_line_before() -> None:
    assert raws(unwrap("x", (BLOB + "1one\nand a half\n2two\n").encode())) == [(1, "one and a half"), (2, "two")]


def test_a_blame_page_without_white_space_runs_is_flattened() -> None:
    assert unwrap("x", blame(["a b", " c"], {})).flattened
    assert not unwrap("x", blame(["a\t\tb", "  c"], {})).flattened


# --- flattened text ---

PROSE = [
    "=======",
    "Locking",
    "=======",
    "",
    "The table has 2 columns, and 7 rows; see section 9 of the",
    "4.1 notes. An inode of 8k needs O_CREAT 8 times:",
    "",
    "    int (*create)(struct inode *, int);",
    "    int (*link)(struct dentry *, int);",
    "",
    "====== ====",
    "ops    lock",
    "====== ====",
    "create yes",
    "====== ====",
    "15 of 18 people said so.",
]


def test_flattened_text_is_split_by_its_line_numbers() -> None:
    text = unwrap("x", flatten(PROSE))
    assert [(n, raw.strip()) for n, raw in raws(text)] == [
        (number, " ".join(line.split())) for number, line in enumerate(PROSE, 1)
    ]
    assert text.page_of == "flattened text"
    assert text.flattened


def test_a_flattened_line_keeps_one_space_of_its_indentation() -> None:
    assert unwrap("x", flatten(PROSE)).lines[7].raw == " int (*create)(struct inode *, int);"


def test_a_missing_number_costs_one_line_only() -> None:
    page = flatten(PROSE).replace(b" 12ops", b" ops")
    lines = dict(raws(unwrap("x", page)))
    assert 12 not in lines
    assert lines[11] == "====== ==== ops lock"
    assert lines[14] == "create yes"


def test_few_lines_are_flattened_text_too() -> None:
    page = flatten(PROSE).replace(b" 9 ", b"\n9 ", 1)
    assert len(unwrap("x", page).lines) == len(PROSE)


def test_a_flattened_line_may_begin_with_digits() -> None:
    assert unwrap("x", flatten(PROSE)).lines[-1].raw == "15 of 18 people said so."


WORD = st.sampled_from(
    ["a", "lock", "held", "by", "inode", "1", "2", "3", "10", "12", "42nd", "8k", "(7)", "1.", "f()"]
)
WORDS = st.lists(WORD, max_size=12)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.booleans(), WORDS), min_size=40, max_size=80))
def test_no_word_is_lost_by_flattening(lines: list[tuple[bool, list[str]]]) -> None:
    document = ["Title", "=====", *((" " if indented and words else "") + " ".join(words) for indented, words in lines)]
    text = unwrap("x", flatten(document))
    if text.page_of:
        got = " ".join(f"{line.number} {line.raw}" for line in text.lines)
        assert re.sub(r"\s", "", got) == re.sub(r"\s", "", flatten(document).decode())


# --- commit pages ---


def test_a_commit_page_keeps_its_lines() -> None:
    page = (
        "aboutsummaryrefslogtreecommitdiff\n"
        "authorJane Doe <jane@example.org>2012-01-10 15:11:23 -0800\n"
        f"commit{'ab' * 20} (patch)\ntree{'cd' * 20}\n\nsubject\n"
    )
    text = unwrap("x", page.encode())
    assert text.page_of == "cgit commit"
    assert raws(text) == raws(split_lines(page))


# --- all of it ---


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_raise(data: bytes) -> None:
    for head in (b"", BLOB.encode(), b"1", b"<html>", b"<!doctype html><table class='commit-info'>"):
        unwrap("x", head + data)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="123 \nab.=<", max_size=600))
def test_no_text_of_numbers_raises(text: str) -> None:
    for head in ("", BLOB, "1a 2b 3c 4d 5e 6f 7g 8h "):
        numbers = [line.number for line in unwrap("x", (head + text).encode()).lines]
        assert numbers == sorted(set(numbers))


def test_seeds(shared: Path) -> None:
    seeds = {path.name[:3]: unwrap(path.name, path.read_bytes()) for path in (shared / "corpus/seeds").iterdir()}
    assert {name: (text.page_of, len(text.lines)) for name, text in seeds.items()} == {
        "001": (None, 44),
        "002": ("cgit commit", 15),
        "003": ("gitiles blame", 1253),
        "004": ("flattened text", 697),
    }
    assert seeds["003"].lines[850].raw.startswith("4.18, ")
    assert all([line.number for line in text.lines] == list(range(1, len(text.lines) + 1)) for text in seeds.values())


def test_the_flattened_seed_has_the_lines_of_the_document(shared: Path) -> None:
    seed = next((shared / "corpus/seeds").glob("004*"))
    real = shared / "corpus/linux/v6.4.6/Documentation/filesystems/locking.rst"
    lines = {line.number: line.raw.split() for line in unwrap(seed.name, seed.read_bytes()).lines}
    differing = [n for n, raw in raws(split_lines(decode(real.read_bytes()))) if raw.split() != lines[n]]
    assert differing == [648, 664]  # the seed is of another stable release


@pytest.mark.parametrize("version", ["v2.6.12", "v4.14.194", "v6.8.1"])
def test_real_documents_survive_both_kinds_of_page(shared: Path, version: str) -> None:
    folder = shared / "corpus/linux" / version / "Documentation/filesystems"
    for path in sorted(folder.glob("[Llvpd]*")):
        lines = [line.raw for line in split_lines(decode(path.read_bytes())).lines] if path.is_file() else []
        if len(lines) < 40:
            continue
        collapsed = [" ".join(line.split()) for line in lines]
        page = unwrap(path.name, blame(lines, {1: METADATA[0], 17: METADATA[3]}))
        assert [" ".join(line.raw.split()) for line in page.lines] == collapsed, path
        flat = unwrap(path.name, flatten(lines))
        assert [" ".join(line.raw.split()) for line in flat.lines] == collapsed, path
