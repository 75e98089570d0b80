"""Rebuilding the reference: what is written anew, what is kept when it fails, which folders are taken."""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from time import sleep

import pytest
from docutils.core import publish_doctree
from docutils.parsers.rst import directives
from docutils.parsers.rst.directives.tables import ListTable

from kbase.build.pipeline import build
from kbase.errors import UsageError
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.reference import default_versions, write
from kbase.reference.fast_build import FastListTable, one_line_cells
from kbase.reference.output import OURS
from kbase.reference.site import open_site
from kbase.reference.sphinx_process import ProgramError
from tests.reference.conftest import SIX

INODE = (
    "int (*rename) (struct inode *, struct dentry *);",
    "int (*lookup) (struct inode *, struct dentry *);",
    "ops | i_rwsem(inode)",
    "lookup | shared",
)
SUPER = ("int (*sync_fs)(struct super_block *sb, int wait);", "ops | s_umount", "sync_fs | read")
GONE = "void (*put_super) (struct super_block *);"
OLDEST, MIDDLE, NEWEST = "v6.6", "v6.7", "v6.8"
Times = dict[str, int]
WriteDocument = Callable[..., dict[str, str]]


class Project:
    """Three kernels, their database, and the reference made of it."""

    def __init__(self, folder: Path, write_document: WriteDocument) -> None:
        self.folder, self.out, self.told = folder, folder / "out", list[str]()
        self.write_document = write_document
        self.put(OLDEST, "yes")
        self.put(MIDDLE, "exclusive")
        self.put(NEWEST, "exclusive", GONE)
        build(self.db, [str(folder / "trees")], corpus=folder / "no-corpus")

    @property
    def db(self) -> Path:
        return self.folder / "db"

    def put(self, version: str, cell: str, *more: str) -> None:
        """The document of a version: what the row of `rename` says, and more declarations of `super_operations`."""
        tables = {"inode_operations": [*INODE, f"rename | {cell}"], "super_operations": [*SUPER, *more]}
        for name, text in self.write_document("locking", **tables).items():
            path = self.folder / "trees" / version / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def write(self, builder: str = "html", versions: list[str] | None = None) -> None:
        self.told = []
        with closing(KnowledgeBase.open(self.db)) as kb:
            write(kb, self.out, builder=builder, versions=versions, jobs=1, progress=self.told.append)

    def times(self, part: str) -> Times:
        """When each file of a part of the reference was written, in nanoseconds."""
        files = (path for path in (self.out / part).rglob("*") if path.is_file())
        return {path.relative_to(self.out / part).as_posix(): path.stat().st_mtime_ns for path in files}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, write_document: WriteDocument) -> Project:
    project = Project(tmp_path_factory.mktemp("rebuild"), write_document)
    project.write()
    return project


def changed(before: Times, after: Times) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_an_unchanged_rebuild_reads_and_writes_nothing(built: Project) -> None:
    parts = ("source", "html", ".build/doctrees")
    before = [built.times(part) for part in parts]
    built.write()
    after = [built.times(part) for part in parts]
    assert [changed(*pair) for pair in zip(before, after, strict=True)] == [set(), set(), set()]
    assert [line for line in built.told if "%" in line] == []
    assert any(line.endswith("source files, 0 changed") for line in built.told)
    assert any(line.startswith("0 files changed in") for line in built.told)


def test_a_changed_kernel_changes_only_what_tells_of_it(tmp_path: Path, write_document: WriteDocument) -> None:
    project = Project(tmp_path, write_document)
    project.write()
    before = {part: project.times(part) for part in ("source", "html", ".build/doctrees")}
    project.put(OLDEST, "no")
    build(project.db, corpus=tmp_path / "no-corpus")
    project.write()
    after = {part: project.times(part) for part in before}
    sources = changed(before["source"], after["source"])
    pages = {name.removesuffix(".rst") for name in sources if name.endswith(".rst")}
    told = {"inode_operations.rename", "locks/i_rwsem", f"versions/{OLDEST}", f"changes/{OLDEST}..{MIDDLE}"}
    assert told <= pages
    assert pages - told <= {"changes", f"changes/{OLDEST}..{NEWEST}"}
    read = changed(before[".build/doctrees"], after[".build/doctrees"]) - {"environment.pickle"}
    assert {name.removesuffix(".doctree") for name in read} == pages
    written = {name.removesuffix(".html") for name in changed(before["html"], after["html"]) if name.endswith(".html")}
    assert written == pages


def test_what_is_gone_is_removed(built: Project, tmp_path: Path) -> None:
    project = Project(tmp_path, built.write_document)
    for builder in ("text", "man"):
        project.write(builder)
        assert list((project.out / builder).glob("super_operations.put_super.*"))
        project.write(builder, [OLDEST, MIDDLE])
        assert not [path for part in ("source", builder) for path in (project.out / part).rglob("*put_super*")]
    assert "super_operations.put_super.rst" in built.times("source")


def test_a_failed_build_loses_nothing(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    before = built.times("html")
    with monkeypatch.context() as patched:
        patched.setattr(
            "kbase.reference.sphinx_process.python", lambda _: (sys.executable, "-c", "raise SystemExit(3)")
        )
        with pytest.raises(ProgramError, match="exit status 3"):
            built.write()
    assert built.times("html") == before
    built.write()
    assert any("reading sources" in line for line in built.told)  # what failed is not taken for read
    assert built.times("html") == before


def living(group: int) -> list[str]:
    """The command lines of the processes of a group."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, _, of_group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(of_group) == group and state != "Z":
                found.append((folder / "cmdline").read_text().replace("\0", " "))
    return found


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -signal.SIGKILL)],
)
@pytest.mark.parametrize("moment", ["source files", "reading sources"])
def test_an_interrupted_build_loses_nothing(built: Project, number: signal.Signals, status: int, moment: str) -> None:
    """Only kbase itself is told to end; Sphinx and its processes end with it."""
    before = built.times("html")
    shutil.rmtree(built.out / ".build", ignore_errors=True)  # so that there is something to read
    words = [str(built.out), "--db", str(built.db), "--builder", "dirhtml", "--jobs", "2"]
    command = [sys.executable, "-m", "kbase", "reference", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if moment in line)
        process.send_signal(number)
        said = process.stderr.read()  # to its end: when nobody can write any more
    assert process.returncode == status
    for _ in range(100):
        if not living(process.pid):
            break
        sleep(0.1)
    assert living(process.pid) == []
    assert "Traceback" not in said
    assert built.times("html") == before
    assert not (built.out / "dirhtml").exists()


@pytest.mark.parametrize("name", ["notes.txt", "source/conf.py", "source/index.rst", "html/index.html"])
def test_the_folder_of_somebody_else_is_refused(built: Project, tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine", encoding="utf-8")
    with closing(KnowledgeBase.open(built.db)) as kb, pytest.raises(UsageError, match="other files"):
        write(kb, tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / name]
    assert (tmp_path / name).read_text("utf-8") == "mine"


@pytest.mark.parametrize("link", ["html", "source/locks", ".build"])
def test_nothing_is_written_through_a_link_out_of_the_folder(built: Project, tmp_path: Path, link: str) -> None:
    (tmp_path / "out/source").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out/source/conf.py").write_text(f"{OURS}\n", encoding="utf-8")
    (tmp_path / "out" / link).symlink_to(tmp_path / "elsewhere")
    with closing(KnowledgeBase.open(built.db)) as kb, pytest.raises(UsageError, match=f"{link}: is a link"):
        write(kb, tmp_path / "out")
    assert list((tmp_path / "elsewhere").iterdir()) == []


TABLES = (
    "* - one\n  - ``two``\n* - *three*\n  -\n",
    "* - one\n\n  - `two <https://example.org/>`__\n\n* -\n\n  - **four** five\n",
    "* - one\n  - two\n* - \\- three\n  - \\1. four\n",
    "* - one\n\n    more\n  - two\n* - - list\n  - 1. list\n",
    "* - one::\n\n      code\n  - two\n* - .. a comment\n  - two\n",
    "* - one\n  - a line\n    goes on\n* - three\n  - four\n",
    "* - one\n  - two\n* - three\n",
    "plain text\n",
)


@pytest.mark.parametrize("rows", TABLES)
@pytest.mark.parametrize(
    "options", ["", "   :header-rows: 1\n   :class: x\n", "   :stub-columns: 1\n   :widths: 1 2\n"]
)
def test_the_quick_table_is_the_table_of_docutils(rows: str, options: str) -> None:
    body = "".join(f"   {line}\n" if line else "\n" for line in rows.splitlines())
    source = f".. list-table::\n{options}\n{body}"
    found = []
    for directive in (FastListTable, ListTable):
        directives.register_directive("list-table", directive)
        found.append(publish_doctree(source, settings_overrides={"report_level": 5}).pformat())
    assert found[0] == found[1]


def test_only_cells_of_one_line_are_quick() -> None:
    quick = [one_line_cells(rows.splitlines()) is not None for rows in TABLES]
    assert quick == [True, True, True, False, False, False, False, False]


Inventory = tuple[Path, tuple[str, ...], Path]


@pytest.fixture(scope="module", params=["bundled", "real"])
def inventory(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    """A corpus, versions of it, and the folder of their reference in HTML."""
    db: Path = request.getfixturevalue(request.param)
    if request.param == "bundled":
        return db, SIX, request.getfixturevalue("whole") / "html"
    with closing(KnowledgeBase.open(db)) as kb:
        return db, default_versions(kb), write(kb, tmp_path_factory.mktemp("inventory"))


def test_another_project_resolves_all_of_a_corpus(inventory: Inventory, tmp_path: Path) -> None:
    db, versions, html = inventory
    with closing(KnowledgeBase.open(db)) as kb:
        site = open_site(kb, versions)
        names = [f":vfs:op:`{struct}.{op}`" for struct, op in site.facts]
        names += [f":vfs:table:`{struct}`" for struct in site.tables]
        names += [f":vfs:lock:`x <{lock.subject}>`" for lock in site.locks]
        names += [f":vfs:version:`{label}`" for label in site.labels]
    assert len(names) > 200
    conf = f"""\
extensions = ["kbase.sphinx", "sphinx.ext.intersphinx"]
intersphinx_mapping = {{"vfs": ("https://vfs.example/", {str(html / "objects.inv")!r})}}
"""
    (tmp_path / "conf.py").write_text(conf, encoding="utf-8")
    (tmp_path / "index.rst").write_text("Title\n=====\n\n" + "".join(f"- {name}\n" for name in names), "utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "-n", "-W", str(tmp_path), str(tmp_path / "html")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "html/index.html").read_text("utf-8")
    links = re.findall(r'<a class="reference external" href="https://vfs\.example/([^"#]+)#([^"]+)"', page)
    assert len(links) == len(names)
    for path, anchor in links:
        assert f'id="{anchor}"' in (html / path).read_text("utf-8"), (path, anchor)
