"""Documents that went through mails, editors and browsers say what they said before."""

from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbase.model.records import Description, Diagnostic, LockRule, Member, OpRow, Prototype, Record, Section
from kbase.parsers import parse
from kbase.text.lines import decode, split_lines
from kbase.text.margins import plain_characters, without_margins
from kbase.text.saved_pages import unwrap

MAIL = "From: Jane <jane@example.org>\nSubject: Re: barns\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n"
NAMES = ("Locking", "locking.rst", "vfs.txt", "vfs.rst", "porting", "porting.rst", "directory-locking.rst")
Change = Callable[[str], str]


def each(change: Callable[[str], str]) -> Change:
    """The change of every line."""
    return lambda text: "\n".join(map(change, text.split("\n")))


def no_break(line: str) -> str:
    return line.expandtabs(8).replace("  ", "\u00a0 ")


CHANGES: dict[str, Change] = {
    "quoted": each(lambda line: f"> {line}".rstrip()),
    "quoted without a space": each(lambda line: f">{line}"),
    "quoted twice": each(lambda line: f"> > {line}"),
    "answered": lambda text: f"{MAIL}\nJohn wrote:\n" + each(lambda line: f"> {line}")(text) + "\nFine.\n-- \nJane\n",
    "mailed": lambda text: f"{MAIL}\n{text}\n-- \nJane\n",
    "indented by spaces": each(lambda line: f"    {line}" if line else ""),
    "indented by a tab": each(lambda line: f"\t{line}" if line else ""),
    "spaced": lambda text: text.replace("\n", "\n\n"),
    "no-break spaces": each(no_break),
    "form feeds": lambda text: text.replace("\n\n", "\n\n\f"),
}


@pytest.fixture(scope="module")
def documents(shared: Path) -> list[tuple[str, str]]:
    """Name and text of real documents."""
    trees = (shared / "corpus/linux" / version / "Documentation/filesystems" for version in ("v2.6.12", "v6.8.1"))
    files = (tree / name for tree in trees for name in NAMES)
    return [(file.name, decode(file.read_bytes())) for file in files if file.is_file()]


def facts(name: str, content: str) -> list[Record]:
    records = parse(name, unwrap(name, content.encode()), "blob").records
    return [record for record in records if not isinstance(record, Section | Diagnostic)]


@pytest.mark.parametrize("change", CHANGES)
def test_a_document_says_the_same_inside_of_margins(documents: list[tuple[str, str]], change: str) -> None:
    for name, content in documents:
        plain = each(lambda line: line.expandtabs(8))(content) if "no-break" in change else content
        assert facts(name, CHANGES[change](content)) == facts(name, plain), name


def printed(content: str) -> str:
    """The document as pages of 55 lines, each with a date above it and its number below."""
    lines = content.rstrip("\n").split("\n")
    pages = ["\n".join(lines[at : at + 55]) for at in range(0, len(lines), 55)]
    return "\n\f".join(
        f"9/21/24, 10:02  Locking\n\n{page}\n\nfile:///a.html  {n}/20" for n, page in enumerate(pages, 1)
    )


def test_what_stands_on_every_printed_page_is_no_part_of_the_document(documents: list[tuple[str, str]]) -> None:
    tables = (LockRule, OpRow, Prototype, Member)  # a paragraph may end where a page does, and nobody can tell
    for name, content in documents:
        before, after = ([r for r in facts(name, c) if isinstance(r, tables)] for c in (content, printed(content)))
        assert before == after, name
        assert unwrap(name, printed(content).encode()).page_of == "printed text"


def test_lines_keep_their_numbers_in_a_mail() -> None:
    answered = [MAIL, "John wrote:", *(f"> line {number}" for number in range(1, 10)), "Fine.", "> last", "-- ", "Jane"]
    text = unwrap("barn", "\n".join(answered).encode())
    assert text.page_of == "quoted mail"
    assert [(line.number, line.raw) for line in text.lines[-2:]] == [(14, "line 9"), (16, "last")]


@pytest.mark.parametrize(
    "text",
    [
        "A barn\n======\n\nText.\n",
        "> a quote\n\nin a text\nthat is longer\n",
        "    an indented line\n\nand one at the margin\n",
        "Subject: barns\n\nText.\n",
        "one\n\ntwo\n\nthree\n",
    ],
)
def test_what_has_no_margins_stays(text: str) -> None:
    plain = split_lines(text)
    assert without_margins(plain) is plain


def test_entries_that_lost_the_white_space_before_them(shared: Path) -> None:
    for version, name, least in (("v4.14.194", "vfs.txt", 0.9), ("v6.8.1", "vfs.rst", 0.8)):
        content = decode((shared / "corpus/linux" / version / "Documentation/filesystems" / name).read_bytes())
        before, after = descriptions(name, content), descriptions(name, each(str.lstrip)(content))
        same = [key for key, text in before.items() if after.get(key) == text]
        assert len(same) >= least * len(before), version


def descriptions(name: str, content: str) -> dict[tuple[str, str], str]:
    return {(r.struct, r.op): r.text for r in facts(name, content) if isinstance(r, Description)}


def test_characters_that_look_like_others() -> None:
    assert plain_characters("\u00a0\ufb01le\u200b_operations") == " file_operations"


@given(st.lists(st.sampled_from(["> ", ">", " ", "\t", "word", "", "-- ", "From: a", "Date: b"]), max_size=60))
def test_no_lines_raise(pieces: list[str]) -> None:
    text = "".join(chain.from_iterable(zip(pieces, "\n " * len(pieces), strict=False)))
    assert len(unwrap("x", text.encode()).lines) <= text.count("\n") + 1
