"""Hostile input: documents, archives and repositories that mean no good."""

import io
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from html.parser import HTMLParser
from pathlib import Path

import pytest
from docutils.parsers.rst.tableparser import SimpleTableParser
from flask import Flask

from kbase.build.pipeline import build
from kbase.cli import main
from kbase.errors import SourceError, UsageError
from kbase.knowledge.corpus_export import write_documents
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.records import Commit, Diagnostic, LockRule, Parsed, Prototype
from kbase.parsers import LONGEST_LINE, parse
from kbase.parsers.commits import parts
from kbase.sources import archives, decompress, readers
from kbase.sources.source import parse_source
from kbase.text import mail
from kbase.text.saved_pages import unwrap

pytestmark = pytest.mark.slow

Served = Callable[[Flask], AbstractContextManager[str]]

NAMES = (
    "locking.rst",
    "Locking",
    "vfs.rst",
    "vfs.txt",
    "porting.rst",
    "directory-locking.rst",
    "note.txt",
    "page.html",
)
TABLE = "inode_operations\n================\n\nlocking rules:\n\n======= ======\nops     i_rwsem\n======= ======\n"
DOCUMENTS = {
    "one line": "x" * 1_000_000,
    "one line of words": "word " * 200_000,
    "one line of numbers": "1 2 3 4 5 6 7 8 9 10 " * 20_000,
    "rows": TABLE + "".join(f"op{number}: yes\n" for number in range(3000)) + "======= ======\n",
    "rows without end": TABLE + "".join(f"op{number}: yes\n" for number in range(3000)),
    "wide row": TABLE + "a:      " + "yes " * 1000 + "\n======= ======\n",
    "nested lists": "\n\n".join("  " * depth + "- x" for depth in range(1000)),
    "ten thousand lists": "- x\n\n" * 10_000,
    "open elements": "<html>" + "<ul><li>" * 10_000,
    "open tags": "<html>" + "<" * 100_000,
    "open comments": "<html>" + "<!--" * 50_000,
    "substitutions": "".join(f".. |a{n}| replace:: |a{n + 1}| |a{n + 1}|\n" for n in range(500)) + "\n|a0|\n",
    "structs without end": "  struct inode_operations {\n" * 2000,
    "open parentheses": "prototypes::\n\n\tint (*a)(" + "int (*f)(" * 400 + "\n",
    "nested text of HTML": "<html>" + "<b><i>" * 50_000 + "x",
    "nested tables of HTML": "<html>" + "<table><tr><td>x" * 5_000,
    "nested headings of HTML": "<html>" + "<h1>x<blockquote>" * 5_000,
    "nested quotes": "\n\n".join("  " * depth + "x" for depth in range(1000)),
    "quoted quotes": "\n".join(">" * depth + " x" for depth in range(1000)),
    "open brackets": "prototypes::\n\n\tint (*a)(int b[" + "[(" * 1000 + "\n",
    "minus signs": "prototypes::\n\n\tint (*a)(int b[" + "-" * 3000 + "\n",
    "rulers": "== ==\n" * 3000,
    "open footnotes": ".. [" * 10_000,
    "NUL": "inode_operations\0\n\0\n\0" * 1000,
    "separators": "a\x0b\x0c\x1c\x85\u2028b\n" * 1000,
}


def read(name: str, data: bytes) -> Parsed:
    return parse(name, unwrap(name, data), "0" * 64)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_hostile_documents_are_read_in_time(document: str, name: str) -> None:
    read(name, DOCUMENTS[document].encode())


@pytest.mark.parametrize("length", [LONGEST_LINE, LONGEST_LINE + 1])
def test_a_line_too_long_costs_itself_and_is_told(length: int) -> None:
    rows = f"create: yes\n{'x' * length}\n"
    parsed = read("locking.rst", f"{rows}\n{TABLE}create: exclusive\n======= ======\n".encode())
    assert [record.cell for record in parsed.records if isinstance(record, LockRule)] == ["exclusive"]
    told = [record for record in parsed.records if isinstance(record, Diagnostic) and record.code == "long-line"]
    assert [record.evidence.first for record in told] == ([2] if length > LONGEST_LINE else [])


NESTED = [
    f"int (*link)(int a[{'-' * 3000}",
    f"int (*link)(int a[{'(' * 300}1{')' * 300}]);",
    f"int (*link)({'int (*f)(' * 300}int{')' * 300});",
    f"int (*link)(int a[{'(int)' * 700}1]);",
]


@pytest.mark.parametrize("name", ["locking.rst", "vfs.rst"])
@pytest.mark.parametrize("declaration", NESTED, ids=lambda text: text[:30])
def test_a_declaration_too_deep_costs_itself_and_is_told(declaration: str, name: str) -> None:
    begin, end = (
        ("inode_operations\n================\n\nprototypes::\n\n", "\nlocking rules:\n\tnone\n")
        if name == "locking.rst"
        else (
            "struct inode_operations\n=======================\n\n.. code-block:: c\n\n\tstruct inode_operations {\n",
            "\t};\n",
        )
    )
    lines = ("int (*create)(struct inode *);", declaration, "int (*unlink)(struct inode *);")
    records = read(name, (begin + "".join(f"\t{line}\n" for line in lines) + end).encode()).records
    assert [r.op for r in records if isinstance(r, Prototype) and not r.malformed] == ["create", "unlink"]
    told = [r for r in records if isinstance(r, Diagnostic) and r.code == "bad-declaration"]
    assert [r.evidence.first for r in told] == [begin.count("\n") + 2]


def fails(*_: object, **__: object) -> None:
    """A library that fails in a way that nobody knows."""
    raise AssertionError("we should not get here!")


def test_a_table_on_which_docutils_fails_is_read_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimpleTableParser, "parse", fails)
    records = read("locking.rst", f"{TABLE}create: exclusive\n======= ======\n".encode()).records
    assert [record.cell for record in records if isinstance(record, LockRule)] == ["exclusive"]
    assert "damaged-table" in {record.code for record in records if isinstance(record, Diagnostic)}


def test_a_page_on_which_the_parser_fails_stands_as_it_is_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HTMLParser, "feed", fails)
    records = read("page.html", b"<html><body>\n<p>The word.</p>\n").records
    assert [record.code for record in records if isinstance(record, Diagnostic)] == ["large-page"]
    assert "The word." in repr([record for record in records if not isinstance(record, Diagnostic)])


def test_a_mail_whose_head_cannot_be_decoded_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "decode_header", fails)
    monkeypatch.setattr(parts, "parsedate_to_datetime", fails)
    head = "From 640708a2cff7f81e246243b0073c66e6ece7e53e Mon Sep 17 00:00:00 2001\nFrom: A <a@b>\nDate: someday\n"
    records = read("a.patch", f"{head}Subject: [PATCH] Lift the lid\n\nWords.\n---\n".encode()).records
    assert [(r.author.name, r.author.date, r.subject) for r in records if isinstance(r, Commit)] == [
        ("A", "", "Lift the lid")
    ]


@pytest.mark.parametrize("name", ["locking.rst", "vfs.rst", "other.rst"])
def test_directives_read_no_files(name: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret word")
    directives = f".. include:: {secret}\n\n.. raw:: html\n   :file: {secret}\n"
    document = f"{TABLE}a:      .. include:: {secret}\n======= ======\n\n{directives}"
    assert "the secret word" not in repr(read(name, document.encode()))


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_and_line_ends_change_no_fact(encoding: str, ends: str) -> None:
    document = f"{TABLE}create: exclusive\n======= ======\n"
    assert read("locking.rst", document.replace("\n", ends).encode(encoding)) == read("locking.rst", document.encode())


def test_an_archive_that_unpacks_to_too_much_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "v6.4.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for number in range(20):
            member = tarfile.TarInfo(f"v6.4/{number}")
            member.size = 100_000
            tar.addfile(member, io.BytesIO(b"\0" * 100_000))
    for module, name in ((decompress, "MAX_UNPACKED"), (archives, "MAX_MEMBERS")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, 15_000 if name == "MAX_UNPACKED" else 15)
            with pytest.raises(SourceError, match="unpacks to far more than a kernel"):
                list(readers.read(parse_source(str(archive))))


def test_names_in_a_repository_are_no_options(tmp_path: Path) -> None:
    repository, folder = tmp_path / "--upload-pack=touch trap", "Documentation/filesystems"
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(repository)]
    (repository / folder).mkdir(parents=True)
    (repository / folder / "--help").write_text("one\n")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"], ["update-ref", "refs/tags/v6.4", "HEAD"]):
        subprocess.run([*git, *command], check=True)
    found = {(raw.version, raw.path) for raw in readers.read(parse_source(f"v6.4={repository}", "v*"))}
    assert found == {("v6.4", f"{folder}/--help")}
    for pattern in ("--exec=touch trap", "-x", ";touch trap"):
        with pytest.raises(SourceError, match="no tag"):
            list(readers.read(parse_source(str(repository), pattern)))
    assert not list(tmp_path.glob("trap*"))


def test_no_name_leads_an_export_out_of_its_folder(tmp_path: Path) -> None:
    """A tree object may name its entries as it likes; so may the one who made the folder that is exported to."""
    repository, home, db = tmp_path / "src", tmp_path / "home", tmp_path / "db"
    home.mkdir()
    git = ["git", "-C", str(repository)]
    subprocess.run(["git", "init", "-q", str(repository)], check=True)

    def write(kind: str, data: bytes) -> bytes:
        command = [*git, "hash-object", "-w", "-t", kind, "--literally", "--stdin"]
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout.strip()

    blob = bytes.fromhex(write("blob", f"{TABLE}create: exclusive\n======= ======\n".encode()).decode())
    names = (b"../../../../../home/locking.rst", b"locking.rst")
    tree = write("tree", b"".join(b"100644 " + name + b"\0" + blob for name in names))
    for name in (b"filesystems", b"Documentation"):
        tree = write("tree", b"40000 " + name + b"\0" + bytes.fromhex(tree.decode()))
    subprocess.run([*git, "update-ref", "refs/tags/v6.4", tree], check=True)
    report = build(db, [str(repository)], tags="v*", corpus=tmp_path / "none")
    assert [line.partition("; ")[0].rpartition(": ")[2] for line in report.warnings] == [
        "the name leads to another folder, skipped"
    ]
    with closing(KnowledgeBase.open(db)) as kb:
        assert write_documents(kb, tmp_path / "out").documents == 1
        for link in ("linux", "linux/v6.4/Documentation/filesystems/locking.rst", "manifest.json"):
            out = tmp_path / link.replace("/", "-")
            (out / link).parent.mkdir(parents=True)
            (out / link).symlink_to(home if link == "linux" else home / "new")
            with pytest.raises(UsageError, match="a link leads out of the folder"):
                write_documents(kb, out)
    assert list(home.iterdir()) == []


def test_json_steers_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    note = tmp_path / "note.txt"
    note.write_text("A note\n======\n\nIn sift(),\n- fold words \x9b2J \u202e here \u2066 and \x7f there\n")
    build(tmp_path / "db", [f"v6.4={note}"], corpus=tmp_path / "none")
    for words in ("export", "search words --json"):
        with pytest.raises(SystemExit):
            main([*words.split(), "--db", str(tmp_path / "db")])
        said = capsys.readouterr().out
        assert "\\u202e" in said
        assert said.replace("\n", "").isprintable()


def test_a_disk_that_is_full_costs_nothing(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: writing fails in the middle, wherever that is."""
    db, tree, corpus = tmp_path / "db", tmp_path / "v6.4", tmp_path / "corpus"
    document = tree / "Documentation/filesystems/locking.rst"
    document.parent.mkdir(parents=True)
    document.write_text(f"{TABLE}create: exclusive\n======= ======\n")
    build(db, [str(tree)], corpus=corpus)
    document.write_text(TABLE + "".join(f"op{number}: yes\n" for number in range(500)) + "======= ======\n")
    code = (
        "import resource, signal, sys; from pathlib import Path; from kbase.build.pipeline import build\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), -1))\n"
        "from kbase.errors import StoreError\n"
        "try: build(Path(sys.argv[2]), [sys.argv[3]], corpus=Path(sys.argv[4]))\n"
        "except StoreError as error: print('told:', error)\n"
    )
    for limit in (1_000, 30_000, 100_000):
        command = [sys.executable, "-c", code, str(limit), str(db), str(tree), str(corpus)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.stdout.startswith("told:"), (limit, done)
        with closing(KnowledgeBase.open(db)) as kb:
            assert kb.op("v6.4", "inode_operations", "create").locks[0].record.cell == "exclusive"
    build(db, [str(tree)], corpus=corpus)
    assert len(list((db / "generations").iterdir())) == 1
