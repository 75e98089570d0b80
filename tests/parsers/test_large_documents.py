"""Size: documents of any size are read to their end or reported where not, in work that grows with them and no faster.

Work is counted in lines of Python that run, never in seconds: the same on every machine, however busy.
"""

import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from kbase import parsers
from kbase.build.pipeline import build
from kbase.build.workers import read_document
from kbase.model.records import Diagnostic, LockRule, Parsed, Section
from kbase.parsers import LONGEST_LINE, MOST_LINES, parse
from kbase.sources import trees
from kbase.sources.readers import read
from kbase.sources.source import parse_source
from kbase.text import saved_pages as pages
from kbase.text.saved_pages import unwrap

pytestmark = pytest.mark.slow

TITLE = "inode_operations\n================\n\n"
TABLE = f"{TITLE}locking rules:\n\n======= ======\nops     i_rwsem\n======= ======\n"
LEGACY = "----------------------- inode_operations -----------------------\nlocking rules:\n\t\ti_mutex\n"
BLOCK = "struct inode_operations\n-----------------------\n\n.. code-block:: c\n\n\tstruct inode_operations {\n"


def rows(count: int) -> str:
    return TABLE + "".join(f"op{number}: yes\n" for number in range(count)) + "======= ======\n"


def legacy_rows(count: int) -> str:
    return LEGACY + "".join(f"op{number}:\t\tyes\n" for number in range(count))


def prototypes(count: int) -> str:
    return f"{TITLE}prototypes::\n\n" + "".join(f"\tint (*op{n}) (struct inode *);\n" for n in range(count // 4))


def members(count: int) -> str:
    described = "".join(f"\n``m{number}``\n\tweighs something\n" for number in range(count))
    return BLOCK + "".join(f"\t\tint m{number};\n" for number in range(count)) + "\t};\n" + described


def flattened(count: int) -> str:
    return " ".join(f"{number}word here" for number in range(1, count))


DOCUMENTS: dict[str, tuple[str, Callable[[int], str]]] = {
    "rows": ("locking.rst", rows),
    "legacy rows": ("Locking", legacy_rows),
    "prototypes": ("locking.rst", prototypes),
    "members": ("vfs.rst", members),
    "numbers on a line": ("page.txt", flattened),
    "numbers of prose": ("page.txt", lambda count: "1 2 3 4 5 6 7 8 9 10 " * count),
    "words on a line": ("note.txt", lambda count: "word " * 100 * count),
    "sections": ("notes.rst", lambda count: "".join(f"Title {n}\n========\n\nwords\n\n" for n in range(count))),
    "porting entries": (
        "porting.rst",
        lambda count: "Porting\n=======\n\n" + "---\n\n**mandatory**\n\nwords\n\n" * count,
    ),
    "nested lists": ("vfs.rst", lambda count: "\n\n".join("  " * depth + "- x" for depth in range(count))),
    "nested lists of HTML": ("page.html", lambda count: "<html>" + "<ul><li>x" * count),
    "entities": ("page.html", lambda count: "<html><body>" + "&lt;&#65;&nbsp;&bogus; " * count),
    "directives": (
        "vfs.rst",
        lambda count: ".. include:: /etc/passwd\n\n.. raw:: html\n   :file: /etc/passwd\n\n" * count,
    ),
    "footnotes": ("locking.rst", lambda count: TABLE + "".join(f".. [{n}] words\n\n" for n in range(count))),
    "NUL": ("locking.rst", lambda count: "inode_operations\0\n\0\n" * count),
}


def work(function: Callable[[], Any]) -> int:
    """How many lines of Python a call runs."""
    lines = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function()
    finally:
        sys.settrace(before)
    return lines


@pytest.mark.parametrize("document", DOCUMENTS)
def test_work_grows_no_faster_than_the_document(document: str) -> None:
    name, write = DOCUMENTS[document]
    small, large = (write(count).encode() for count in (200, 800))
    read_document(parse, (name, "0" * 64, write(20).encode()))  # what is imported or compiled once does not count
    costs = [work(lambda data=data: read_document(parse, (name, "0" * 64, data))) for data in (small, large)]  # type: ignore[misc]
    assert costs[1] * len(small) <= 1.5 * costs[0] * len(large) + 20_000 * len(small)


def reported(parsed: Parsed, code: str) -> list[int]:
    """The lines of the diagnostics of a code."""
    found = (record for record in parsed.records if isinstance(record, Diagnostic) and record.code == code)
    return [record.evidence.first for record in found]


def test_what_lies_beyond_the_most_lines_is_text_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsers, "MOST_LINES", most := 5_000)
    count = most + 500
    text = unwrap("locking.rst", (rows(count) + "\nThe last word.\n").encode())
    parsed = parse("locking.rst", text, "0" * 64)
    rules = [record for record in parsed.records if isinstance(record, LockRule)]
    assert len(rules) == most - TABLE.count("\n")
    assert reported(parsed, "long-document") == [most + 1]
    sections = [record for record in parsed.records if isinstance(record, Section)]
    beyond = [section for section in sections if section.evidence.first > most]
    assert f"op{count - 1}: yes" in beyond[-1].text
    assert "The last word." in beyond[-1].text
    assert [section.evidence.first for section in beyond] == sorted({s.evidence.first for s in beyond})


def test_a_document_of_the_most_lines_is_read_to_its_end() -> None:
    document = "\n" * (MOST_LINES - TABLE.count("\n") - 2) + TABLE + "create: exclusive\n======= ======\n"
    parsed = parse("locking.rst", unwrap("locking.rst", document.encode()), "0" * 64)
    assert [record.cell for record in parsed.records if isinstance(record, LockRule)] == ["exclusive"]
    assert not reported(parsed, "long-document")


def test_a_line_of_fifty_megabytes_is_told_and_costs_nothing_else() -> None:
    document = TABLE + "create: exclusive\n======= ======\n\n" + "x" * 50_000_000 + "\n\nThe last word.\n"
    text = unwrap("locking.rst", document.encode())
    parsed = parse("locking.rst", text, "0" * 64)
    assert reported(parsed, "long-line") == [TABLE.count("\n") + 4]
    assert [record.cell for record in parsed.records if isinstance(record, LockRule)] == ["exclusive"]
    assert "The last word." in text.quote(1, 100)


def test_numbers_on_a_line_are_a_page_up_to_a_size() -> None:
    """Beyond it a line is so long that it is reported."""
    page = unwrap("page.txt", flattened(1000).encode())
    assert (page.page_of, len(page.lines)) == ("flattened text", 999)
    numbers = " ".join(map(str, range(1, 1_000_000)))
    assert len(numbers) > pages.LARGEST > (pages.MOST_BREAKS + 1) * LONGEST_LINE
    for document in (numbers, "\n".join(numbers[place : place + 20_000] for place in range(0, len(numbers), 20_000))):
        text = unwrap("page.txt", document.encode())
        assert text.page_of is None
        assert reported(parse("page.txt", text, "0" * 64), "long-line")


def test_a_page_of_too_many_tags_stands_as_it_is_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    page = b"<html><body>\n<h1>Title</h1>\n<p>Words.</p></body></html>\n"
    assert not reported(parse("page.html", unwrap("page.html", page), "0" * 64), "large-page")
    monkeypatch.setattr(pages, "MOST_TAGS", 7)
    text = unwrap("page.html", page)
    assert text.quote(1, 3).encode() + b"\n" == page
    assert reported(parse("page.html", text, "0" * 64), "large-page") == [1]


def test_ten_thousand_nested_lists_of_a_page() -> None:
    text = unwrap("page.html", b"<html><body>" + b"<ul><li>x" * 10_000)
    assert sum(line.raw.count("x") for line in text.lines) == 10_000


@pytest.mark.parametrize(
    "data", [b"words \xff\xfe\xc3( end\n", b"\xef\xbb\xbfwords end\n", b"words\0 end\n", b"\xff\xfew\xd8 "]
)
def test_bytes_that_are_no_text_lose_nothing_but_themselves(data: bytes) -> None:
    text = unwrap("note.txt", data)
    parsed = parse("note.txt", text, "0" * 64)
    assert parsed.records
    if b"end" in data:
        assert "words" in text.quote(1, 1)
        assert text.quote(1, 1).endswith("end")


def test_a_file_too_large_is_passed_over_and_told(tmp_path: Path) -> None:
    tree = tmp_path / "v6.4"
    folder = tree / "Documentation/filesystems"
    folder.mkdir(parents=True)
    (folder / "locking.rst").write_text(TABLE + "create: exclusive\n======= ======\n")
    with (folder / "large.rst").open("wb") as stream:
        stream.truncate(trees.MAX_BYTES + 1)
    with tarfile.open(tmp_path / "v6.5.tar.gz", "w:gz", compresslevel=1) as archive:
        archive.add(tree, "v6.5")
    for source in (tree, tmp_path / "v6.5.tar.gz"):
        large: list[str] = []
        found = [document.path for document in read(parse_source(str(source)), warn=large.append)]
        assert found == ["Documentation/filesystems/locking.rst"]
        assert [line.partition("Documentation/")[2] for line in large] == [
            "filesystems/large.rst: larger than 16 MiB, skipped"
        ]
    report = build(tmp_path / "db", [str(tree)], corpus=tmp_path / "corpus")
    assert report.warnings == (f"{tree}: Documentation/filesystems/large.rst: larger than 16 MiB, skipped",)
