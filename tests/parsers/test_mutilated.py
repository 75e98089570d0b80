"""Every parser and every reader of pages takes any mutilation of what it reads; a new one cannot be left out."""

import importlib
import json
import pkgutil
import re
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbase import parsers
from kbase.model.witnesses import DocumentKind
from kbase.text import margins, saved_html
from kbase.text import saved_pages as pages
from kbase.text.lines import Text, decode, split_lines
from kbase.text.saved_pages import unwrap

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
CASES, CORPUS = ROOT / "tests/parsers/cases", ROOT / "corpus"
BLOB = "blob: a6c6a8af48a296cf9b7197c8f065370814efd90d [file] [log] [blame]\n"
LOCKING = (CASES / "locking/rulers.txt").read_text()
PORTING = "---\n\n**mandatory**\n\n->sow() takes a spade now.\n\n---\n\n[recommended]\n\nReap in autumn.\n"
DIRECTORY = """\
1. looking.  Locking rules:

\t* lock the barn (shared)

2. felling.  Locking rules:

\t* lock the barn (exclusive)
\t* find the tree
"""
DOCUMENTS = {
    "summary": ("summaries/inode_operations.rst", (CORPUS / "summaries/file_lock.rst").read_text()),
    "commit": ("commits/a.txt", next((CORPUS / "commits").iterdir()).read_text()),
    "porting": ("porting.rst", PORTING),
    "directory-locking": ("directory-locking.rst", DIRECTORY),
    "design-note": ("notes/mmap.txt", next((CORPUS / "notes").iterdir()).read_text()),
    "callers": (
        "callers.tsv",
        "callers of ops\nfunction\tfs/a.c\tf\nlock\t1\tdown\t&x\t\ncall\t2\ta_ops\tb\tmember\t\n",
    ),
    "other": ("other.rst", "A barn\n======\n\nIt has a roof.\n\nThe roof\n--------\n\n- red\n- old\n"),
}
for _case in sorted(CASES.glob("*/*.txt")):  # the first case of each kind that has cases
    DOCUMENTS.setdefault(
        _case.parent.name, (json.loads(_case.with_suffix(".json").read_text())["name"], _case.read_text())
    )
COMMIT_HTML = """<!DOCTYPE html><html><body><table class='commit-info'>
<tr><th>author</th><td>Jane Doe &lt;jane@example.org&gt;</td><td class='right'>2020-02-03 10:00:00 +0100</td></tr>
<tr><th>commit</th><td><a>640708a2cff7f81e246243b0073c66e6ece7e53e</a></td></tr></table>
<div class='commit-subject'>Sow</div><div class='commit-msg'>Words.</div></body></html>"""
BLAME_HTML = "".join(
    f'<tr><td class="Blame-lineNum"><a name="{n}">{n}</a></td><td>line {n}</td></tr>' for n in (1, 2, 3)
)
DIFF = "diff -u a/fs/x b/fs/x\n--- a/fs/x\n+++ b/fs/x\n@@ -1 +1 @@\n-a\n+b\n"
HEADERS = "From: Jane <jane@example.org>\nSubject: [PATCH] Sow\nDate: Fri, 16 Sep 2022 16:13:31 +1000\n"
PATCH = f"{HEADERS}Content-Transfer-Encoding: quoted-printable\n\nWords=20of=\n Jane.\n\n---\n fs/x | 2 +-\n\n{DIFF}"
PARTS = (
    f'{HEADERS}Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nWords.\n--b\n'
    "Content-Type: text/x-patch\nContent-Transfer-Encoding: base64\n\n"
    f"{b64encode(DIFF.encode()).decode()}\n--b--\n"
)
GITHUB = f"Commit 640708a\njane\njane\ncommitted\non Sep 16, 2022\nSow\nWords.\n1 parent 0123456 commit {'ab12' * 10}\n"
GITWEB = (
    f"author\tJane <jane@example.org>\t\n\tFri, 16 Sep 2022 06:13:31 +0000 (16:13 +1000)\ncommitter\tJane <j@x.org>\t\n"
    f"\tFri, 16 Sep 2022 06:13:31 +0000 (16:13 +1000)\ncommit\t{'ab12' * 10}\n\nSow\n\nfs/x\t\tdiff | blob\n"
)
PAGES = {
    "gitiles blame": (BLOB + "Jane Doe1da177e2005-04-16 15:20:36 -07001first\n2second\n3third\n",
                      f'<html><body><table class="FileContents">{BLAME_HTML}</table></body></html>'),
    "cgit commit": (next((CORPUS / "commits").iterdir()).read_text(), COMMIT_HTML, GITHUB, GITWEB),
    "flattened text": (" ".join(f"{n}line {'of some words' * (n % 3)}" for n in range(1, 40)),),
    "numbered text": ("".join(f"{n}:{'Words.' * (n % 3)}\n" for n in range(1, 12)),),
    "source view": (f"<html><body><pre>{COMMIT_HTML.replace('<', '&lt;') * 3}</pre></body></html>",),
    "printed text": ("A barn  1\n" + LOCKING * 3 + "\n\fA barn  2\n" + LOCKING * 3 + "\n\fA barn  3\n" + LOCKING * 3,),
    "piped text": (LOCKING.replace("\n", " |\n| "),),
    "fenced text": (f"# Locking\n\n```\n{LOCKING}```\n",),
    "patch": (PATCH, f"From a@b Fri Sep 16 16:13:31 2005\n{PATCH}\n" * 2, DIFF, PARTS),
    "mail": ("From: a\nSubject: b\nDate: c\n\nWords.\n-- \nJane\n",),
    "quoted mail": ("Jane wrote:\n" + LOCKING.replace("\n", "\n> "),),
    "indented text": ("    " + LOCKING.replace("\n", "\n    "),),
    "spaced text": (LOCKING.replace("\n", "\n\n"),),
    "web page": ("<html><body><h1>Locking</h1><table><tr><td>yes</td></tr></table><pre>x</pre></body></html>",),
}  # fmt: skip
NOISE = (
    *(
        "\0",
        "\t",
        "====",
        "=====  ====",
        "::",
        "*",
        "`",
        "|",
        "<",
        "</",
        "&lt;",
        "&#",
        "(",
        ")",
        "{",
        ";",
        "#if",
        "--- ",
    ),
    *("[1]_", ".. [1]", "yes", "exclusive", "\u2028", "\ufeff", "99999999999999999999", "-", "  ", "->", "%", "\\"),
)
EDITS = st.lists(
    st.tuples(st.sampled_from(("cut", "twice", "noise", "join", "swap")), st.floats(0, 1), st.integers(1, 40),
              st.sampled_from(NOISE)), min_size=1, max_size=8)  # fmt: skip


def mutilate(text: str, edits: list[tuple[str, float, int, str]]) -> str:
    """The text with pieces cut, doubled, exchanged, run together, or with noise in them."""
    for kind, where, size, noise in edits:
        at = int(where * len(text))
        head, piece, tail = text[:at], text[at : at + size], text[at + size :]
        match kind:
            case "cut":
                text = head + tail
            case "twice":
                text = head + piece * 2 + tail
            case "noise":
                text = head + noise + piece + tail
            case "join":
                text = head + piece.replace("\n", " ") + tail
            case _:
                text = tail[: size * 10] + head + piece + tail[size * 10 :]
    return text


def look(parser: parsers.Parser, name: str, text: Text) -> None:
    """Parse, and see that every record stands on lines that are there."""
    numbers = {line.number for line in text.lines} or {1}
    for record in parser.parse(name, text, "0" * 64).records:
        assert record.evidence.first in numbers
        assert record.evidence.first <= record.evidence.last <= max(numbers)


def test_no_parser_is_left_out() -> None:
    names = [info.name for info in pkgutil.walk_packages(parsers.__path__, "kbase.parsers.")]
    modules = [importlib.import_module(name) for name in names]
    assert set(parsers.PARSERS) == {m for m in modules if hasattr(m, "matches") and hasattr(m, "parse")}
    assert set(DOCUMENTS) == {kind.value for kind in DocumentKind}


def test_no_form_of_page_is_left_out() -> None:
    sources = "".join(Path(str(module.__file__)).read_text() for module in (margins, pages, saved_html))
    forms = set(re.findall(r'(?:page_of=|_counted\(.*, |_flattened\(.*, |^    \()"([^"]+)"', sources, re.MULTILINE))
    assert forms == set(PAGES)
    for form, samples in PAGES.items():
        assert [unwrap("page", sample.encode()).page_of for sample in samples] == [form] * len(samples)


def parser_of(kind: str) -> parsers.Parser:
    """The parser that reads the document of a kind."""
    name, content = DOCUMENTS[kind]
    return next(parser for parser in parsers.PARSERS if parser.matches(name, unwrap(name, content.encode())))


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_is_read_by_its_parser(kind: str) -> None:
    name, content = DOCUMENTS[kind]
    parsed = parsers.parse(name, unwrap(name, content.encode()), "0" * 64)
    assert parsed.kind == kind
    assert parsed.records


@pytest.mark.parametrize("kind", DOCUMENTS)
@settings(max_examples=60, deadline=None)
@given(edits=EDITS)
def test_a_parser_takes_any_mutilation_of_its_documents(kind: str, edits: list[tuple[str, float, int, str]]) -> None:
    name, content = DOCUMENTS[kind]
    look(parser_of(kind), name, split_lines(decode(mutilate(content, edits).encode())))


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_parser_takes_the_documents_of_every_other(kind: str) -> None:
    parser = parser_of(kind)
    for name, content in DOCUMENTS.values():
        for shape in (content, "", "\n", content.upper(), content.replace("\n", " "), content[::-1]):
            look(parser, name, split_lines(decode(shape.encode())))


@pytest.mark.parametrize("form", PAGES)
@settings(max_examples=60, deadline=None)
@given(edits=EDITS)
def test_a_page_is_unwrapped_however_mutilated(form: str, edits: list[tuple[str, float, int, str]]) -> None:
    for sample in PAGES[form]:
        text = unwrap("page", mutilate(sample, edits).encode())
        assert all(line.number > 0 for line in text.lines)
        parsed = parsers.parse("page", text, "0" * 64)
        assert parsed.records is not None
