"""Names and texts of documents in every form of the reference: whatever they are, the form stays well-formed."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import html5lib
import pytest

from kbase.build.pipeline import build
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.reference import BUILDERS, write
from kbase.reference.site import open_site
from tests.conftest import Put

LABELS = ("v6.8-rc1", "v6.8.rc1", "v6.8+rc1", "v6.8-Rc-x", "v6.8-rC-x")
LOCKS = (
    "<lock", "a<b>c", "&amp;lock", "]]>", "x\\y", "%41lock", "it's", 'say"no"', "`tick`", "*star", "under_",
    ":role:`x`", "$lock", ".TH", "'roff", "Lock", "lock", "a; b", "-- no", "|sub|", "..", "l#x?y", "\u202elock\u202c",
)  # fmt: skip
CELLS = ("<b>&", "]]>", ".so x", "'br", "\\fBx", "\\", "%s %d", "`x`_", "{{ 7 }}", "\u202eyes\u2066")

PORTING = "Porting\n=======\n\n---\n\n**mandatory**\n\n<b> & ]]> `x`_ \\ %s |y| \u202e.\n"
NOTE_NAME = "a note #1?%41 <b>'\".rst"
NOTE = "A <b>note</b> ]]> `x` \\\n====================\n\n.. x\n\n.SH y\n\n\u202ez\n"


def document(number: int) -> str:
    """A Locking document with one table a lock, each with ops that differ in case."""
    text = "Locking\n=======\n"
    for place, lock in enumerate(LOCKS):
        width = max(len(lock), 12)
        ruler = f"============ {'=' * width}"
        rows = f"direct_IO:   {CELLS[place % len(CELLS)]}\ndirect_io:   yes {number}"
        text += f"\nt{place}_operations\n{'=' * 20}\n\nlocking rules:\n\n{ruler}\n"
        text += f"ops          {lock}\n{ruler}\n{rows}\n{ruler}\n"
    return text


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, put: Put) -> Iterator[tuple[KnowledgeBase, Path]]:
    """A knowledge base of versions that look like each other, and its reference in all forms."""
    folder = tmp_path_factory.mktemp("hostile")
    sources = []
    for number, label in enumerate(LABELS):
        path = folder / f"tree{number}/Documentation/filesystems"
        put(path / "locking.rst", document(number))
        put(path / "porting.rst", PORTING)
        put(path / NOTE_NAME, NOTE)
        sources.append(f"{label}={folder / f'tree{number}'}")
    build(folder / "db", sources, corpus=folder / "none")
    with closing(KnowledgeBase.open(folder / "db")) as kb:
        for builder in BUILDERS:
            write(kb, folder / "out", builder=builder)
        yield kb, folder / "out"


def test_every_name_has_a_page_where_case_does_not_count(hostile: tuple[KnowledgeBase, Path]) -> None:
    kb, out = hostile
    site = open_site(kb, None)
    assert len(site.labels) == len(LABELS)
    assert len(site.locks) >= len(LOCKS) - 3, [lock.subject for lock in site.locks]
    for form in BUILDERS:
        files = [path.relative_to(out / form).as_posix() for path in (out / form).rglob("*")]
        assert len({name.casefold() for name in files}) == len(files)
    for folder, things in (("versions", site.labels), ("locks", site.locks), ("changes", site.ranges)):
        assert len(list((out / "text" / folder).iterdir())) == len(things)
    assert len(list((out / "man").glob("*.9"))) == len(site.facts) + len(site.tables)


def test_the_epub_and_the_pictures_are_well_formed(hostile: tuple[KnowledgeBase, Path]) -> None:
    _, out = hostile
    (book,) = (out / "epub").glob("*.epub")
    with ZipFile(book) as packed:
        for name in packed.namelist():
            if name.endswith((".xhtml", ".opf", ".ncx", ".svg", ".xml")):
                ET.fromstring(packed.read(name))
    for path in (out / "html/_images").glob("*.svg"):
        ET.parse(path)


def test_html_shows_names_as_text(hostile: tuple[KnowledgeBase, Path]) -> None:
    kb, out = hostile
    shown = {lock.subject for lock in open_site(kb, None).locks}
    tree = html5lib.parse((out / "html/locks.html").read_text("utf-8"), namespaceHTMLElements=False)
    said = {"".join(link.itertext()) for link in tree.iter("a")}
    assert {subject.replace("\u202e", "\\u202e").replace("\u202c", "\\u202c") for subject in shown} <= said
    for path in (out / "html").rglob("*.html"):
        tree = html5lib.parse(path.read_text("utf-8"), namespaceHTMLElements=False)
        assert list(tree.iter("b")) == [], path


def test_the_docset_lists_every_lock(hostile: tuple[KnowledgeBase, Path]) -> None:
    kb, out = hostile
    resources = out / "docset/vfs.docset/Contents/Resources"
    with closing(sqlite3.connect(resources / "docSet.dsidx")) as index:
        rows = index.execute("SELECT name, path FROM searchIndex WHERE type = 'Resource'").fetchall()
    assert len({path for _, path in rows}) == len(open_site(kb, None).locks)
    for _, path in rows:
        page, _, anchor = path.partition("#")
        assert f'id="{anchor}"' in (resources / "Documents" / page).read_text("utf-8")


def test_nothing_reorders_what_is_shown(hostile: tuple[KnowledgeBase, Path]) -> None:
    _, out = hostile
    for path in out.rglob("*"):
        if path.suffix in (".html", ".xhtml", ".svg", ".txt", ".9", ".js", ".rst") and path.is_file():
            assert not re.search("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", path.read_text("utf-8")), path


def test_man_pages_have_no_request_of_a_document(hostile: tuple[KnowledgeBase, Path]) -> None:
    _, out = hostile
    for path in (out / "man").glob("*.9"):
        assert not re.search(r"^[.'](so|TH (?!\")|br\b.*x|SH y)", path.read_text("utf-8"), re.MULTILINE), path


def test_a_version_without_ops_has_a_reference(tmp_path: Path, put: Put) -> None:
    put(tmp_path / "v6.8/Documentation/filesystems/porting.rst", "Porting\n=======\n\n---\n\n**mandatory**\n\nText.\n")
    build(tmp_path / "db", [str(tmp_path / "v6.8")], corpus=tmp_path / "none")
    with closing(KnowledgeBase.open(tmp_path / "db")) as kb:
        write(kb, tmp_path / "out", builder="text")
    assert "No available document" in (tmp_path / "out/text/tables.txt").read_text()
