"""The Sphinx extension in somebody else's project: directives, roles, indices, warnings, intersphinx."""

import inspect
import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from textwrap import dedent

import pytest
from sphinx.domains.c import _parser

from kbase.build.pipeline import build
from kbase.kernel import c_declarations as cdecl
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.reference import write
from kbase.reference.site import open_site
from kbase.sphinx.domain import VfsDomain

ROOT = Path(__file__).resolve().parents[2]

LOCKING = """\
Locking
=======

inode_operations
================

prototypes::

	int (*rename) (struct inode *, struct dentry *);
	int (*lookup) (struct inode *, struct dentry *);

locking rules:
	all may block

=======  ==================
ops      i_rwsem(inode)
=======  ==================
rename:  {cell}
lookup:  shared
=======  ==================
"""
CONF = """\
project = "Guide"
extensions = ["kbase.sphinx"{more}]
kbase_db = {db!r}
"""
EXAMPLES = """\
Guide
=====

.. vfs:table:: inode_operations

.. vfs:lock:: i_rwsem

.. vfs:version:: v6.8
   :no-index-entry:

.. vfs:op:: inode_operations.link
   :versions: v6.7 v6.8
   :locks: i_rwsem; some other lock

   Ours to tell.

.. vfs:facts:: inode_operations.rename

.. vfs:facts:: inode_operations.lookup
   :version: v6.7

.. vfs:matrix:: inode_operations
   :version: v6.8

.. vfs:changes:: v6.7..v6.8
   :op: inode_operations.rename
   :severity: documentation

.. vfs:changes:: v6.7..v6.8
   :table: inode_operations

See :vfs:op:`inode_operations.rename`, :vfs:op:`~inode_operations.lookup`, :vfs:op:`link`,
:vfs:table:`inode_operations`,
:vfs:lock:`i_rwsem`, :vfs:version:`v6.8`, :any:`inode_operations.link`
and :c:member:`v6_8.inode_operations.rename`; :ref:`vfs-locks`.

.. toctree::

   again
"""
AGAIN = """\
Again
=====

.. vfs:facts:: inode_operations.rename
   :no-index:

As :vfs:op:`said <inode_operations.rename>`.
"""


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sphinx")
    for version, cell in (("v6.7", "yes"), ("v6.8", "exclusive")):
        path = folder / "trees" / version / "Documentation/filesystems/locking.rst"
        path.parent.mkdir(parents=True)
        path.write_text(LOCKING.format(cell=cell), encoding="utf-8")
    build(folder / "db", [str(folder / "trees")], corpus=folder / "no-corpus")
    return folder / "db"


def project(folder: Path, db: Path, more: str = "", conf: str = "", **documents: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "conf.py").write_text(CONF.format(db=str(db), more=more) + conf, encoding="utf-8")
    for name, text in documents.items():
        (folder / f"{name}.rst").write_text(text, encoding="utf-8")
    return folder


def sphinx(source: Path, *options: str) -> subprocess.CompletedProcess[str]:
    always = ("--no-color", "-n", "--keep-going")
    command = [sys.executable, "-m", "sphinx", *always, *options, str(source), str(source / "_build")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def guide(db: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = project(tmp_path_factory.mktemp("guide"), db, index=EXAMPLES, again=AGAIN)
    done = sphinx(source, "-W", "-j", "2")
    assert done.returncode == 0, done.stderr
    return source


@pytest.fixture(scope="module")
def page(guide: Path) -> str:
    return (guide / "_build/index.html").read_text("utf-8")


def said(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).replace("&gt;", ">").split())


def test_facts(page: str) -> None:
    assert 'id="vfs-op-inode_operations.rename"' in page
    assert 'id="c.v6_8.inode_operations.rename"' in page
    assert 'id="c.v6_7.inode_operations.lookup"' in page
    assert "held, exclusive" in said(page)
    assert "Over the whole table: all may block" in said(page)


def test_matrix_and_changes(page: str) -> None:
    assert re.search(r"<table[^>]*vfs-matrix", page)
    assert "lock refined i_rwsem, from i_rwsem(inode): yes to i_rwsem(inode): exclusive" in said(page)


@pytest.mark.parametrize(
    ("target", "title"),
    [
        ("vfs-op-inode_operations.rename", "inode_operations.rename"),
        ("vfs-op-inode_operations.lookup", "lookup"),
        ("vfs-op-inode_operations.link", "link"),
        ("vfs-table-inode_operations", "inode_operations"),
        ("vfs-lock-i_rwsem", "i_rwsem"),
        ("vfs-version-v6.8", "v6.8"),
        ("c.v6_8.inode_operations.rename", "v6_8.inode_operations.rename"),
    ],
)
def test_roles_lead_to_their_objects(page: str, target: str, title: str) -> None:
    links = re.findall(rf'<a class="reference internal" href="#{re.escape(target)}"[^>]*>(.*?)</a>', page, re.DOTALL)
    assert title in [said(link) for link in links]


def test_a_second_mention_is_shown_and_not_declared(guide: Path) -> None:
    again = (guide / "_build/again.html").read_text("utf-8")
    assert "held, exclusive" in said(again)
    assert 'id="vfs-op-inode_operations.rename"' not in again
    assert 'href="index.html#vfs-op-inode_operations.rename"' in again


def test_indices(guide: Path) -> None:
    locks = said((guide / "_build/vfs-locks.html").read_text("utf-8"))
    assert "some other lock" in locks
    assert "inode_operations.link" in locks
    assert "lookup" in said((guide / "_build/vfs-ops.html").read_text("utf-8"))
    versions = said((guide / "_build/vfs-versions.html").read_text("utf-8"))
    assert versions.index("v6.8") < versions.index("v6.7")


def test_the_documented_examples_build(bundled: Path, tmp_path: Path) -> None:
    text = (ROOT / "docs/sphinx.rst").read_text("utf-8")
    examples = re.findall(r"^\.\. code-block:: rst\n\n((?:   .*\n|\n)+)", text, re.MULTILINE)
    assert len(examples) == 7
    for name in VfsDomain.directives:
        assert any(f".. vfs:{name}::" in example for example in examples), name
    for name in VfsDomain.roles:
        assert any(f":vfs:{name}:`" in example for example in examples), name
    undefined = 'nitpick_ignore = [("c:identifier", "file"), ("c:identifier", "fl_owner_t")]\n'
    source = project(
        tmp_path, bundled, conf=undefined, index="Examples\n========\n\n" + "\n".join(map(dedent, examples))
    )
    done = sphinx(source, "-W")
    assert done.returncode == 0, done.stderr
    assert "int (*rename)(" in said((source / "_build/index.html").read_text("utf-8"))


def test_declarations_are_read_with_all_that_sphinx_would_configure() -> None:
    """Sphinx's C parser runs without an application: `c_declarations` has each option that it reads."""
    wanted = set(re.findall(r"\bconfig\.(c_\w+)", inspect.getsource(_parser)))
    assert wanted == {"c_id_attributes", "c_paren_attributes", "c_extra_keywords"}
    assert wanted <= vars(cdecl._config(())).keys()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (".. vfs:facts:: inode_operations.renam", "no op renam in inode_operations of v6.8"),
        (".. vfs:facts:: rename", "an op is named with its ops table"),
        (".. vfs:facts:: inode_operations.rename\n   :version: v9.9", "version v9.9 is not available"),
        (".. vfs:facts:: inode_operations.rename\n   :version: nonsense", "'nonsense' is no version"),
        (".. vfs:matrix:: inode_operation", "no ops table inode_operation in v6.8"),
        (".. vfs:changes:: v6.7", "not a range of versions"),
        (".. vfs:changes:: v6.7..v9.9", "version v9.9 is not available"),
        (".. vfs:changes:: v6.7..v6.8\n   :severity: grave", "grave"),
        (":vfs:op:`inode_operations.renam`", "unknown op: inode_operations.renam"),
        (":vfs:op:`rename`", "unknown op: rename"),
        (":vfs:lock:`i_rwsen`", "unknown lock: i_rwsen"),
        (":vfs:table:`x_operations`", "unknown ops table: x_operations"),
        (":vfs:version:`v1`", "unknown version: v1"),
    ],
)
def test_mistakes_are_warnings_with_file_and_line(db: Path, tmp_path: Path, line: str, words: str) -> None:
    done = sphinx(project(tmp_path, db, index=f"Title\n=====\n\n{line}\n"))
    assert done.returncode == 0
    assert re.search(rf"index\.rst:4: (WARNING|ERROR): .*{re.escape(words)}", done.stderr, re.DOTALL), done.stderr
    assert "Traceback" not in done.stderr


def test_no_database_is_a_warning(tmp_path: Path) -> None:
    done = sphinx(project(tmp_path, tmp_path / "nothing", index="Title\n=====\n\n.. vfs:matrix:: inode_operations\n"))
    assert done.returncode == 0
    assert "index.rst:4: WARNING" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_same_op_twice_is_a_warning(db: Path, tmp_path: Path) -> None:
    text = "Title\n=====\n\n.. vfs:op:: a.b\n"
    source = project(tmp_path, db, index=text + "\n.. toctree::\n\n   other\n", other=text)
    assert re.search(r"other\.rst:4: WARNING: duplicate op a\.b, also in index", sphinx(source).stderr)


def test_new_facts_are_read_again(db: Path, tmp_path: Path) -> None:
    held = tmp_path / "db"
    trees = db.parent / "trees"
    build(held, [str(trees / "v6.7")], corpus=tmp_path / "no-corpus")
    source = project(tmp_path / "guide", held, index="T\n=\n\n.. vfs:facts:: inode_operations.rename\n")
    assert sphinx(source, "-W").returncode == 0
    assert "As of v6.7" in (source / "_build/index.html").read_text("utf-8")
    assert "updating environment: 0 added, 0 changed" in sphinx(source, "-W").stdout
    build(held, [str(trees / "v6.8")], corpus=tmp_path / "no-corpus")
    assert sphinx(source, "-W").returncode == 0
    assert "As of v6.8" in (source / "_build/index.html").read_text("utf-8")


STRUCT = """\
Table
=====

.. c:namespace-push:: v6_8

.. c:struct:: inode_operations

.. c:namespace-pop::
"""


def inventory(source: Path) -> list[str]:
    return zlib.decompress((source / "_build/objects.inv").read_bytes().split(b"zlib.\n", 1)[1]).decode().splitlines()


@pytest.mark.parametrize("table", ["a_table", "z_table"])
def test_a_struct_keeps_the_members_of_other_documents(db: Path, tmp_path: Path, table: str) -> None:
    """Sphinx's own C domain forgets them when the document of the struct is read again."""
    contents = f"Title\n=====\n\nSee :c:struct:`v6_8.inode_operations`.\n\n.. toctree::\n\n   {table}\n   op\n"
    op = "Op\n==\n\n.. vfs:facts:: inode_operations.rename\n"
    source = project(tmp_path, db, index=contents, op=op, **{table: STRUCT})
    assert sphinx(source, "-W").returncode == 0
    whole = inventory(source)
    assert [line.split()[1] for line in whole if line.startswith("v6_8.")] == ["c:struct", "c:member"]
    for changed in (table, "op", table):
        with (source / f"{changed}.rst").open("a", encoding="utf-8") as document:
            document.write("\nAnd more.\n")
        done = sphinx(source, "-W")
        assert done.returncode == 0, done.stderr
        assert inventory(source) == whole
    (source / f"{table}.rst").write_text("Table\n=====\n", encoding="utf-8")
    assert "c:struct reference target not found" in sphinx(source).stderr
    assert [line.split()[1] for line in inventory(source) if line.startswith("v6_8.")] == ["c:member"]


def test_reading_in_parallel_gives_the_same(db: Path, tmp_path: Path) -> None:
    """Sphinx reads in parallel from six documents on."""
    documents = {
        f"op{number}": f"Op {number}\n{'=' * 9}\n\n.. vfs:op:: a.op{number}\n   :versions: v6.{number}\n"
        f"   :locks: l{number % 2}\n\n.. vfs:facts:: inode_operations.{op}\n   :version: {version}\n{more}\n"
        f"\nSee :vfs:op:`a.op{7 - number}` and :c:member:`v6_8.inode_operations.rename`.\n"
        for number, (op, version, more) in enumerate(
            [("rename", "v6.8", ""), ("lookup", "v6.7", "")] + [("lookup", "v6.8", "   :no-index:")] * 6
        )
    }
    contents = "Title\n=====\n\n.. toctree::\n\n" + "".join(f"   {name}\n" for name in documents)
    built = []
    for jobs in ("1", "2"):
        source = project(tmp_path / jobs, db, index=contents, z_table=":orphan:\n\n" + STRUCT, **documents)
        done = sphinx(source, "-W", "-j", jobs)
        assert done.returncode == 0, done.stderr
        assert bool(re.search(r"reading sources.* \w+ \.\. \w+", done.stdout)) == (jobs == "2")  # a chunk at a time
        files = (path for path in (source / "_build").rglob("*") if path.suffix in (".html", ".inv", ".js"))
        built.append({path.relative_to(source): path.read_bytes() for path in files})
    assert built[0] == built[1]


PROTOTYPES = """\
Title
=====

.. vfs:prototype:: int (*walk)(struct inode *)
   :scopes: v2.walkers v1.walkers

.. vfs:prototype:: int (*walk)(struct inode *)
   :scopes: v3.walkers v1.walkers

.. vfs:prototype:: int (*run)(void)
   :scopes: 1x

See :c:member:`v1.walkers.walk`, :c:member:`v2.walkers.walk` and :c:member:`v3.walkers.walk`.
"""


def test_a_prototype_has_a_name_in_each_of_its_namespaces(db: Path, tmp_path: Path) -> None:
    source = project(tmp_path, db, "", 'nitpick_ignore = [("c:identifier", "inode")]\n', index=PROTOTYPES)
    done = sphinx(source)
    assert done.returncode == 0
    twice, no_name = (line for line in done.stderr.splitlines() if "WARNING" in line)
    assert re.search(r"index\.rst:7: WARNING: .* is declared in this namespace at index:4, too", twice)
    assert re.search(r"index\.rst:10: WARNING: .*Expected identifier", no_name)
    links = re.findall(r'href="#(c\.v\d\.walkers\.walk)"', (source / "_build/index.html").read_text("utf-8"))
    assert {*links} == {f"c.v{number}.walkers.walk" for number in (1, 2, 3)}


def test_a_prototype_too_deep_is_a_warning(db: Path, tmp_path: Path) -> None:
    deep = f".. vfs:prototype:: int (*walk)(int a[{'(' * 300}1{')' * 300}])"
    done = sphinx(project(tmp_path, db, index=f"Title\n=====\n\n{deep}\n\nThe last word.\n"))
    assert done.returncode == 0
    assert "index.rst:4: WARNING: RecursionError" in done.stderr
    assert "The last word." in (tmp_path / "_build/index.html").read_text("utf-8")


@pytest.fixture(scope="module")
def reference(db: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[KnowledgeBase, Path]]:
    with closing(KnowledgeBase.open(db)) as kb:
        yield kb, write(kb, tmp_path_factory.mktemp("reference"))


def test_another_project_resolves_everything(db: Path, reference: tuple[KnowledgeBase, Path], tmp_path: Path) -> None:
    kb, html = reference
    site = open_site(kb, None)
    names = [f":vfs:op:`{struct}.{op}`" for struct, op in site.facts]
    names += [f":vfs:table:`{struct}`" for struct in site.tables] + [
        f":vfs:lock:`{lock.subject}`" for lock in site.locks
    ]
    names += [f":c:member:`v6_7.{struct}.{op}`" for struct, op in site.facts]
    names += [f":c:struct:`{scope}{struct}`" for struct in site.tables for scope in ("", "v6_7.", "v6_8.")]
    conf = dedent(f"""
        intersphinx_mapping = {{"vfs": ("https://vfs.example/", {str(html / "objects.inv")!r})}}
        intersphinx_timeout = 1
    """)
    prototype = ".. c:function:: void walk(struct inode_operations *ops)"
    text = "Title\n=====\n\n" + "\n".join(f"- {name}" for name in names) + f"\n\n{prototype}\n"
    source = project(tmp_path, db, ', "sphinx.ext.intersphinx"', conf, index=text)
    done = sphinx(source, "-W")
    assert done.returncode == 0, done.stderr
    links = re.findall(
        r'<a class="reference external" href="https://vfs\.example/', (source / "_build/index.html").read_text("utf-8")
    )
    assert len(links) == len(names) + 1  # and the type of the prototype


@pytest.mark.parametrize(("least", "shown"), [("breaking", False), ("documentation", True), ("cosmetic", True)])
def test_severity_is_a_minimum(db: Path, tmp_path: Path, least: str, shown: bool) -> None:
    """The only change of the op is one of the documentation."""
    changes = f".. vfs:changes:: v6.7..v6.8\n   :op: inode_operations.rename\n   :severity: {least}\n"
    source = project(tmp_path / "changes", db, index=f"Changes\n=======\n\n{changes}")
    done = sphinx(source, "-W", "-b", "text")
    assert done.returncode == 0, done.stderr
    assert ("documentation" in (source / "_build/index.txt").read_text("utf-8")) is shown
