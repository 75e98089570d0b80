"""The generated reference: what its sources say, and that Sphinx builds them in every form without a warning."""

import ast
import json
import plistlib
import re
import shutil
import sqlite3
import subprocess
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from hypothesis import given, settings
from hypothesis import strategies as st
from sphinx.util.inventory import InventoryFile

from kbase.build import build
from kbase.errors import UnknownName, UsageError
from kbase.export import export_lines
from kbase.history import Range
from kbase.kb import KnowledgeBase
from kbase.records import Effect, Held, Mode, Reading
from kbase.reference import BUILDERS, write, write_sources
from kbase.reference.facts import Proof, alike, op_facts, reading_words
from kbase.reference.life import LifeLine, _line
from kbase.reference.manual import code_lines
from kbase.reference.pages import pages
from kbase.reference.picture import Lane, Moment, Tone, picture
from kbase.reference.programs import ProgramError, run
from kbase.reference.render import render
from kbase.reference.rst import code_block, escape, heading, literal, namespace, paragraphs, plain, role, slug
from kbase.reference.site import open_site

LOCKING = """\
Locking
=======

inode_operations
================

prototypes::

	int (*rename) (struct inode *, struct dentry *,
			struct inode *, struct dentry *, unsigned int);
	int (*lookup) (struct inode *, struct inode_operations *;
	void (*gone) (struct inode *);

locking rules:
	all may block

=======  ===============================
ops      i_rwsem(inode)
=======  ===============================
rename:  exclusive (both) (see below)
lookup:  maybe[1]_
gone:    no
=======  ===============================

address_space_operations
========================

prototypes::

	int (*writepages)(struct address_space *, struct writeback_control *);
	int (*direct_IO)(struct kiocb *, struct iov_iter *iter);

locking rules:

=============  ======================  ==================
ops            PageLocked(page)        !!!inode->i_lock!!!
=============  ======================  ==================
writepages:    *nr_to_write            yes (`ref-walk`)
direct_IO:                             |no|
=============  ======================  ==================
"""
VFS = """\
Overview of the VFS
===================

struct inode_operations
-----------------------

.. code-block:: c

	struct inode_operations {
		int (*rename) (struct mnt_idmap *, struct inode *, struct dentry *,
				struct inode *, struct dentry *, unsigned int);
		const char *name_of_it;
	};

``rename``
	moves *something_ to `elsewhere`, |see| above::

		or not

``name_of_it``
	1. what it is called
"""
OLD_ROWS = ("rename:  exclusive (both) (see below)", "rename:  yes (all)                    ")
EPUBCHECK = Path("/usr/bin/epubcheck")  # Debian's is a Java archive with that name
ODD = (
    "yes (ref-walk)",
    "maybe[1]_",
    "!!!inode->i_lock!!!",
    "*nr_to_write",
    "a `back` and ``more",
    "|x| and |",
    "- a dash",
    "1. one",
    "(a) letter",
    "#) number",
    ".. a comment",
    ":field: list",
    ">>> prompt",
    "-o option",
    "text::",
    "::",
    "====",
    "https://example.org/x_ and me@example.org",
    "trailing_",
    "__anonymous",
    "back\\slash\\",
    "tab\tand\nline",
    "\x00\x1b control",
    "[CIT2002]_ and [#]_",
    "~ ^ ' \" + /",
)


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Versions v6.7 and v6.8, next to each other; the older one has fewer documents and ops."""
    folder = tmp_path_factory.mktemp("reference")
    documents = "Documentation/filesystems"
    older = "\n".join(line for line in LOCKING.replace(*OLD_ROWS).splitlines() if "gone" not in line) + "\n"
    texts = {
        f"v6.7/{documents}/locking.rst": older,
        f"v6.8/{documents}/locking.rst": LOCKING,
        f"v6.8/{documents}/vfs.rst": VFS,
    }
    for name, text in texts.items():
        path = folder / "trees" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    build(folder / "db", [str(folder / "trees")], corpus=folder / "no-corpus")
    return folder / "db"


@pytest.fixture(scope="module")
def kb(db: Path) -> Iterator[KnowledgeBase]:
    with closing(KnowledgeBase.open(db)) as opened:
        yield opened


@pytest.fixture(scope="module")
def out(kb: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference in all forms."""
    folder = tmp_path_factory.mktemp("out")
    for builder in BUILDERS:
        assert write(kb, folder, builder=builder).is_relative_to(folder / builder)
    return folder


def text_of(source: str) -> nodes.document:
    return publish_doctree(
        source, settings_overrides={"report_level": 1, "halt_level": 1, "file_insertion_enabled": False}
    )


def assert_reads_as(source: str, text: str, kind: type[nodes.Element]) -> None:
    found = [node.astext() for node in text_of(source).findall(kind)]
    assert found == [text], source


@pytest.mark.parametrize("text", ODD)
def test_a_text_reads_as_itself_wherever_it_stands(text: str) -> None:
    wanted = plain(text)
    for source in (escape(text), f"- {escape(text)}", f".. list-table::\n\n   * - {escape(text)}\n"):
        assert_reads_as(source, wanted, nodes.paragraph)
    assert_reads_as(str(literal(text)), wanted, nodes.paragraph)


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=300)
def test_any_text_reads_as_itself(text: str) -> None:
    wanted = plain(text)
    if wanted:
        assert_reads_as(escape(text), wanted, nodes.paragraph)
        assert_reads_as(f"- {literal(text)}", wanted, nodes.paragraph)


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=150)
def test_any_text_may_be_a_title(text: str) -> None:
    if plain(text):
        assert_reads_as(f"{heading('x' + text, '=')}\n\nText.\n", plain("x" + text), nodes.title)


@given(st.text(max_size=200))
@settings(deadline=None, max_examples=150)
def test_any_text_may_be_a_literal_block(text: str) -> None:
    found = list(text_of(code_block("int x;\n" + text).replace("   :force:\n", "")).findall(nodes.literal_block))
    assert len(found) == 1


def test_small_things() -> None:
    assert paragraphs("one\ntwo\n\n\n three *") == ("one two", "three \\*")
    assert namespace("v6.4.6", "inode_operations") == "v6_4_6.inode_operations"
    assert slug("sb->s_umount (r/w)") == "sb-s_umount-r-w"
    assert role("vfs:lock", "i_rwsem", "!x") == ":vfs:lock:`\\!x <i_rwsem>`"


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (Reading(subject="i_rwsem", held=Held.YES, modes=(Mode.EXCLUSIVE,), scope="both"), "held, exclusive; both"),
        (
            Reading(subject="a", held=Held.MAYBE, modes=(Mode.SHARED, Mode.EXCLUSIVE)),
            "may be held, shared or exclusive",
        ),
        (Reading(subject="folio_lock", held=Held.YES, effect=Effect.UNLOCKS), "held; unlocks"),
        (Reading(subject=None, held=Held.NO, context=True, condition="in ref-walk"), "no; in ref-walk"),
        (Reading(subject="a", held=Held.UNKNOWN), "not stated"),
    ],
)
def test_a_reading_in_words(reading: Reading, words: str) -> None:
    assert reading_words((reading,)) == words


def test_several_readings_name_their_locks() -> None:
    readings = (Reading(subject="a", held=Held.YES), Reading(subject="b", held=Held.YES))
    assert reading_words(readings) == "a: held; or b: held"


def test_the_address_of_a_line() -> None:
    proof = Proof(version="v6.8", path="Documentation/filesystems/locking.rst", line=96)
    assert proof.title == "locking.rst:96"
    assert proof.address is not None
    assert proof.address.endswith("/tree/Documentation/filesystems/locking.rst?h=v6.8#n96")
    assert Proof(version="v6.8", path="saved.txt", line=1).address is None


def test_equal_versions_are_told_once(kb: KnowledgeBase) -> None:
    facts = [op_facts(kb.op(label, "inode_operations", "lookup"), kb.state(label)) for label in ("v6.7", "v6.8")]
    (told,) = alike(facts)
    assert (told.labels, told.span) == (("v6.7", "v6.8"), "v6.7..v6.8")
    facts = [op_facts(kb.op(label, "inode_operations", "rename"), kb.state(label)) for label in ("v6.7", "v6.8")]
    assert [told.span for told in alike(facts)] == ["v6.8", "v6.7"]


def test_each_prototype_has_a_namespace_of_its_own(kb: KnowledgeBase) -> None:
    facts = op_facts(kb.op("v6.8", "inode_operations", "rename"), kb.state("v6.8"))
    scopes = {prototype.scope for prototype in facts.prototypes}
    assert len(facts.prototypes) == len(scopes) == 2
    assert "v6_8.inode_operations" in scopes


def test_a_repaired_prototype_is_declared_and_says_so(kb: KnowledgeBase) -> None:
    (prototype,) = op_facts(kb.op("v6.8", "inode_operations", "lookup"), kb.state("v6.8")).prototypes
    assert prototype.scope == "v6_8.inode_operations"
    assert prototype.repair


def test_a_prototype_that_c_cannot_read_is_a_literal_block(kb: KnowledgeBase) -> None:
    op = kb.op("v6.8", "inode_operations", "rename")
    broken = replace(op.prototypes[0].record, text="int (*rename)(((", raw="int (*rename)(((\n`*|")
    facts = op_facts(replace(op, prototypes=(replace(op.prototypes[0], record=broken),)), kb.state("v6.8"))
    assert facts.prototypes[0].scope is None
    source = render("prototypes.rst", {"facts": facts, "declare": True})
    assert ".. code-block:: c\n   :force:\n\n   int (*rename)(((\n   `*|\n" in source
    assert "c:member" not in source


def test_dates_are_directives_only_where_a_release_is_pinned() -> None:
    exact = _line("versionadded", Range("v6.7", "v6.8"))
    assert exact == LifeLine(by="v6.8", directive="versionadded", version="6.8")
    assert _line("versionchanged", Range("v5.15.55", "v6.4.6")).text == "Changed after v5.15.55, by v6.4.6."
    assert "the oldest version held" in _line("versionadded", Range(None, "v5.4")).text


def test_every_thing_has_its_page(kb: KnowledgeBase) -> None:
    site = open_site(kb, None)
    found = {page.docname for page in pages(site)}
    assert {"inode_operations", "inode_operations.rename", "inode_operations.gone", "locks/i_rwsem"} <= found
    assert {"versions/v6.8", "changes/v6.7..v6.8", "porting", "notes", "index"} <= found
    assert {f"{struct}.{op}" for struct, op in site.facts} <= found
    assert len(found) == len([page.docname for page in pages(site)])


def test_only_what_changed_is_written(kb: KnowledgeBase, tmp_path: Path) -> None:
    site = open_site(kb, None)
    assert write_sources(site, tmp_path) > 10
    (tmp_path / "inode_operations.old.rst").write_text("gone", encoding="utf-8")
    assert write_sources(open_site(kb, None), tmp_path) == 0
    assert not (tmp_path / "inode_operations.old.rst").exists()
    (tmp_path / "inode_operations.rename.rst").write_text("another", encoding="utf-8")
    assert write_sources(site, tmp_path) == 1


def test_the_op_page_says_what_changed_exactly(out: Path) -> None:
    source = (out / "source/inode_operations.gone.rst").read_text("utf-8")
    assert ".. versionadded:: 6.8" in source
    source = (out / "source/inode_operations.rename.rst").read_text("utf-8")
    assert ".. versionchanged:: 6.8" in source
    assert "exclusive (both) (see below)" in source


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


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("int x", ["int x;"]),
        ("int (*f)(void)", ["int (*f)(void);"]),
        (
            "int (*fileattr_set)(struct mnt_idmap *idmap, struct dentry *dentry, struct fileattr *fa)",
            [
                "int (*fileattr_set)(struct mnt_idmap *idmap,",
                "                    struct dentry *dentry, struct fileattr *fa);",
            ],
        ),
        (f"int (*f)(struct {'a' * 70} *, int)", [f"int (*f)(struct {'a' * 70} *,", "         int);"]),
    ],
)
def test_a_declaration_is_broken_between_parameters(text: str, lines: list[str]) -> None:
    assert list(code_lines(text)) == lines


def test_a_picture_of_each_life(kb: KnowledgeBase, out: Path) -> None:
    site = open_site(kb, None)
    images = {path.name: ET.parse(path).getroot() for path in (out / "html/_images").glob("*.svg")}
    assert len(images) == len(site.tables) + len(site.locks)
    told = images["life-inode_operations.svg"].findtext("{http://www.w3.org/2000/svg}desc") or ""
    assert told.split("; ") == ["rename: v6.8 there, v6.7 there", "lookup: v6.7 to v6.8 there", "gone: v6.8 there"]
    told = images["locks-i_rwsem.svg"].findtext("{http://www.w3.org/2000/svg}desc") or ""
    assert "inode_operations.rename: v6.8 exclusive (both) (see below), v6.7 yes (all)" in told
    for folder, suffix in (("html", "html"), ("epub", "xhtml")):
        assert "by version, as the tables below tell it" in (out / folder / f"inode_operations.{suffix}").read_text(
            "utf-8"
        )
    assert "by version" not in (out / "text/inode_operations.txt").read_text("utf-8")


def test_a_picture_is_silent_where_no_document_tells() -> None:
    silent, there = Moment(key=0, text="", tone=Tone.SILENT), Moment(key=1, text="yes <&>", tone=Tone.HELD)
    lane = Lane(name="x" * 99, told={"v3": there, "v2": silent, "v1": there})
    drawn = ET.fromstring(picture("A & B", ("v4", "v3", "v2", "v1"), [lane]))
    assert drawn.findtext("{*}desc") == f"{'x' * 99}: v3 yes <&>, v2 no document speaks of it, v1 yes <&>"
    assert [group.get("class") for group in drawn.findall(".//{*}g")] == ["held", "silent", "held"]


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


def test_the_newest_description_is_shown_with_its_version(bundled: Path, tmp_path: Path) -> None:
    """The bundled documents have no prose: where they are the newest, an older document of the user's describes."""
    tree = tmp_path / "v6.5/Documentation/filesystems"
    tree.mkdir(parents=True)
    (tree / "vfs.rst").write_text(VFS, encoding="utf-8")
    shutil.copytree(bundled, tmp_path / "db")
    build(tmp_path / "db", [str(tmp_path / "v6.5")])
    with closing(KnowledgeBase.open(tmp_path / "db")) as kb:
        site = open_site(kb, ["v6.5", "v6.8.1"])
        (page,) = (page for page in pages(site) if page.docname == "inode_operations.rename")
    source = render(page.template, page.content)
    assert "As the documents of :vfs:version:`v6.5 <v6.5>` describe it:\n\nmoves \\*something" in source


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


def test_a_choice_of_versions(kb: KnowledgeBase, tmp_path: Path) -> None:
    write_sources(open_site(kb, ["6.7"]), tmp_path)
    assert not (tmp_path / "inode_operations.gone.rst").exists()
    assert "v6.8" not in (tmp_path / "versions.rst").read_text("utf-8")


def test_mistakes(kb: KnowledgeBase, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no builder 'pdf'"):
        write(kb, tmp_path, builder="pdf")
    with pytest.raises(UnknownName):
        write(kb, tmp_path, versions=["v9.9"])
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="not a folder"):
        write(kb, tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="exit status 3\nbroken"):
        run(["sh", "-c", "echo broken >&2; exit 3"])
    with pytest.raises(ProgramError, match="is it installed"):
        run([str(tmp_path / "nothing")])
    lines: list[str] = []
    assert run(["echo", "one"], progress=lines.append) == "one\n"
    assert lines == ["one"]


@pytest.fixture(scope="module")
def whole(bundled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled corpus in all forms: every builder ends without a warning, as a warning is an error."""
    folder = tmp_path_factory.mktemp("whole")
    with closing(KnowledgeBase.open(bundled)) as kb:
        for builder in BUILDERS:
            write(kb, folder, builder=builder)
    return folder


def test_every_form_has_the_ops_of_the_export(bundled: Path, whole: Path) -> None:
    with closing(KnowledgeBase.open(bundled)) as kb:
        lines = export_lines(map(kb.state, kb.labels()), ["op"])
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
