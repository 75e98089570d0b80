"""The reference as Sphinx builds it, in every form without a warning: pages, manual pages, epub, docset."""

import ast
import json
import plistlib
import re
import shutil
import sqlite3
import subprocess
import zlib
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
from sphinx.util.inventory import InventoryFile

from kbase.knowledge.export import export_lines
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.reference import BUILDERS, write
from kbase.reference.site import open_site
from tests.reference.conftest import SIX

EPUBCHECK = Path("/usr/bin/epubcheck")  # Debian's is a Java archive with that name


class Page(HTMLParser):
    """What a page loads, and its text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.said = ""
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
        self.loads += [value or "" for name, value in attrs if name == names.get(tag)]

    def handle_data(self, data: str) -> None:
        self.said += data


def test_nothing_is_loaded_from_elsewhere(out: Path) -> None:
    for path in (out / "html").rglob("*.html"):
        assert not [address for address in Page(path).loads if re.match(r"(?:https?:)?//", address)], path
    for sheet in (out / "html").rglob("*.css"):
        assert not re.search(r"url\(\s*['\"]?(?:https?:)?//|@import\s+['\"]?http", sheet.read_text("utf-8")), sheet
    assert (out / "html/searchindex.js").is_file()


def test_html_shows_cells_and_prototypes_as_written(out: Path) -> None:
    said = " ".join(Page(out / "html/inode_operations.rename.html").said.split())
    assert "exclusive (both) (see below)" in said
    assert "int (*rename)(struct mnt_idmap *, struct inode *, struct dentry *," in said
    matrix = " ".join(Page(out / "html/address_space_operations.html").said.split())
    assert "!!!inode->i_lock!!!" in matrix
    assert "*nr_to_write" in matrix
    assert "|no|" in matrix


def test_the_sidebar_leads_to_the_present_page(out: Path) -> None:
    html = (out / "html/inode_operations.rename.html").read_text("utf-8")
    assert re.search(r'class="current reference internal" href="#"', html)
    other = (out / "html/porting.html").read_text("utf-8")
    assert "inode_operations.rename" not in re.findall(r'<div class="sidebar-tree">.*?</div>', other, re.DOTALL)[0]


def test_the_inventory_has_every_op_table_and_lock(kb: KnowledgeBase, out: Path) -> None:
    data = (out / "html/objects.inv").read_bytes()
    entries = zlib.decompress(data.split(b"zlib.\n", 1)[1]).decode().splitlines()
    found = {(parts[1], parts[0]) for parts in (entry.split(" ") for entry in entries)}
    site = open_site(kb, None)
    wanted = {("vfs:op", f"{struct}.{op}") for struct, op in site.facts}
    wanted |= {("vfs:table", struct) for struct in site.tables} | {("vfs:version", label) for label in site.labels}
    wanted |= {("vfs:lock", lock.subject) for lock in site.locks if " " not in lock.subject}
    assert wanted <= found
    assert ("c:member", "v6_7.inode_operations.rename") in found
    assert ("c:member", "v6_8.inode_operations.rename") in found


def test_indices(out: Path) -> None:
    locks = Page(out / "html/vfs-locks.html").said
    assert "i_rwsem" in locks
    assert "inode_operations.rename" in locks
    assert "rename" in Page(out / "html/vfs-ops.html").said
    assert "v6.7" in Page(out / "html/vfs-versions.html").said


def test_a_manual_page_for_every_table_and_op(kb: KnowledgeBase, out: Path) -> None:
    site = open_site(kb, None)
    wanted = {f"{struct}.9" for struct in site.tables} | {f"{struct}.{op}.9" for struct, op in site.facts}
    assert {path.name for path in (out / "man").glob("*.9")} == wanted
    page = (out / "man/inode_operations.rename.9").read_text("utf-8")
    sections = re.findall(r"^\.SH (.+)$", page, re.MULTILINE)
    assert [name.strip('"').upper() for name in sections[:5]] == [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "LOCKING",
        "HISTORY",
    ]
    assert "tty: link" not in page
    table = (out / "man/inode_operations.9").read_text("utf-8")
    assert "SYNOPSIS" in table.upper()
    assert table.count(".SH") < 10


def assert_lint(folder: Path) -> None:
    """No error, and no warning but one: that a page has no date."""
    if shutil.which("mandoc") is None:
        pytest.skip("mandoc is not installed")
    names = sorted(str(path) for path in folder.glob("*.9"))
    told = subprocess.run(["mandoc", "-Tlint", "-Wwarning", *names], capture_output=True, text=True, check=False)
    assert [line for line in told.stdout.splitlines() if "missing date" not in line] == []
    assert told.stderr == ""


def test_mandoc_finds_no_error(out: Path) -> None:
    assert_lint(out / "man")


def test_a_manual_page_reads_like_section_9(out: Path) -> None:
    page = (out / "man/inode_operations.rename.9").read_text("utf-8")
    assert '.TH "inode_operations.rename" "9" "" "Linux v6.8" "Linux VFS operations"\n' in page
    assert "\nint (*rename)(struct mnt_idmap *, struct inode *, struct dentry *,\n              struct inode *," in page
    assert "\\fBinode_operations\\fP(9), " in page
    assert ".TS" not in page.partition(".SH HISTORY")[0]
    assert "picture" not in page.lower()
    assert "const char *name_of_it;" in (out / "man/inode_operations.9").read_text("utf-8")


def test_a_picture_of_each_history(kb: KnowledgeBase, out: Path) -> None:
    site = open_site(kb, None)
    images = {path.name: ET.parse(path).getroot() for path in (out / "html/_images").glob("*.svg")}
    assert len(images) == len(site.tables) + len(site.locks)
    told = images["history-inode_operations.svg"].findtext("{http://www.w3.org/2000/svg}desc") or ""
    assert told.split("; ") == ["rename: stated v6.8, stated v6.7", "lookup: stated v6.8 to v6.7", "gone: stated v6.8"]
    told = images["locks-i_rwsem.svg"].findtext("{http://www.w3.org/2000/svg}desc") or ""
    assert "inode_operations.rename: exclusive (both) (see below) v6.8, yes (all) v6.7" in told
    for folder, suffix in (("html", "html"), ("epub", "xhtml")):
        assert "by version, as the tables below state it" in (out / folder / f"inode_operations.{suffix}").read_text(
            "utf-8"
        )
    assert "by version" not in (out / "text/inode_operations.txt").read_text("utf-8")


def test_types_lead_to_the_ops_tables_that_define_them(out: Path) -> None:
    conf = (out / "source/conf.py").read_text("utf-8")
    (pattern,) = re.findall(r'"c:identifier", (\S+)\)', conf)
    assert not re.fullmatch(ast.literal_eval(pattern), "inode_operations")
    assert re.fullmatch(ast.literal_eval(pattern), "inode")
    assert (
        'href="inode_operations.html#c.v6_8.inode_operations"'
        in (out / "html/inode_operations.lookup.html").read_text()
    )
    names = InventoryFile.loads((out / "html/objects.inv").read_bytes(), uri="").data
    assert {"inode_operations", "v6_7.inode_operations", "v6_8.inode_operations"} <= names["c:struct"].keys()
    assert "v6_8.inode_operations.name_of_it" in names["c:member"]


def test_search_reads_no_file(out: Path) -> None:
    """A browser does not fetch files for a page that is one; the index itself is a script."""
    page = Page(out / "html/search.html")
    assert any(name.startswith("_static/offline.js") for name in page.loads)
    assert "searchindex.js" in page.loads


def test_text_and_dirhtml(out: Path) -> None:
    assert "exclusive (both)" in (out / "text/inode_operations.rename.txt").read_text("utf-8")
    assert (out / "dirhtml/inode_operations.rename/index.html").is_file()


def test_the_docset_lists_ops_tables_and_locks(kb: KnowledgeBase, out: Path) -> None:
    resources = out / "docset/vfs.docset/Contents/Resources"
    with closing(sqlite3.connect(resources / "docSet.dsidx")) as index:
        rows = index.execute("SELECT name, type, path FROM searchIndex").fetchall()
    site = open_site(kb, None)
    assert {name for name, kind, _ in rows if kind == "Method"} == {f"{struct}.{op}" for struct, op in site.facts}
    assert {name for name, kind, _ in rows if kind == "Struct"} == set(site.tables)
    assert {name for name, kind, _ in rows if kind == "Resource"} == {lock.subject for lock in site.locks}
    for _, _, path in rows:
        page, _, anchor = path.partition("#")
        assert f'id="{anchor}"' in (resources / "Documents" / page).read_text("utf-8")
    assert plistlib.loads((resources.parent / "Info.plist").read_bytes())["dashIndexFilePath"] == "index.html"


def test_the_epub_begins_with_its_type(out: Path) -> None:
    (book,) = (out / "epub").glob("*.epub")
    with ZipFile(book) as packed:
        assert packed.namelist()[0] == "mimetype"
        assert packed.infolist()[0].compress_type == 0


def assert_epub(folder: Path) -> None:
    if not (EPUBCHECK.exists() and shutil.which("java")):
        pytest.skip("epubcheck is not installed")
    (book,) = folder.glob("*.epub")
    command = ["java", "-jar", str(EPUBCHECK), str(book)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr + told.stdout


def test_epubcheck_finds_nothing(out: Path) -> None:
    assert_epub(out / "epub")


@pytest.mark.parametrize("builder", BUILDERS)
def test_two_builds_give_the_same_bytes(kb: KnowledgeBase, out: Path, tmp_path: Path, builder: str) -> None:
    write(kb, tmp_path, builder=builder)
    first, second = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (out / builder, tmp_path / builder)
    )
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_every_form_has_the_ops_of_the_export(bundled: Path, whole: Path) -> None:
    with closing(KnowledgeBase.open(bundled)) as kb:
        lines = export_lines(map(kb.state, SIX), ["op"])
        exported = {f"{op['struct']}.{op['name']}" for op in map(json.loads, lines)}
    assert len(exported) > 200
    (book,) = (whole / "epub").glob("*.epub")
    with ZipFile(book) as packed:
        chapters = [Path(name) for name in packed.namelist()]
    with closing(sqlite3.connect(whole / "docset/vfs.docset/Contents/Resources/docSet.dsidx")) as index:
        listed = {name for (name,) in index.execute("SELECT name FROM searchIndex WHERE type = 'Method'")}
    found = {
        "html": {path.stem for path in (whole / "html").glob("*.*.html")},
        "dirhtml": {path.name for path in (whole / "dirhtml").glob("*.*") if path.is_dir()},
        "epub": {
            path.stem for path in chapters if path.suffix == ".xhtml" and "." in path.stem and not path.parent.name
        },
        "man": {path.stem for path in (whole / "man").glob("*.*.9")},
        "text": {path.stem for path in (whole / "text").glob("*.*.txt")},
        "docset": listed,
    }
    assert {form: names ^ exported for form, names in found.items()} == {form: set() for form in BUILDERS}


def test_the_whole_corpus_before_mandoc_and_epubcheck(whole: Path) -> None:
    assert_lint(whole / "man")
    assert_epub(whole / "epub")
