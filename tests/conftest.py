"""Fixtures of several test modules: the real documents beside the checkout, and a browser."""

import fcntl
import os
import shutil
import signal
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask
from waitress.wasyncore import close_all, loop  # type: ignore[import-untyped]  # it carries no annotations

from kbase import places
from kbase.build.pipeline import build
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.records import Record
from kbase.model.states import Cited, DocumentRef, VersionState
from kbase.parsers import parse
from kbase.search.searcher import Searcher
from kbase.store.assembly import assemble
from kbase.store.generations import INDEX, current
from kbase.text.lines import decode, split_lines
from kbase.web.serving import make_server
from tests.few_kernels import write_few_kernels
from tests.header_files import header_facts, header_files

ROOT = Path(__file__).resolve().parent.parent
CORPUS = places.corpus()


Served = Callable[[Flask], AbstractContextManager[str]]
PERMITTED_SKIP = "../shared is not there"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CI=true a test that is skipped for want of anything but the real documents fails."""
    report = yield
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
    expected = hasattr(report, "wasxfail") or PERMITTED_SKIP in reason
    if report.skipped and not expected and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"CI=true wants everything: {reason}"
    return report


# What `make test-fast` leaves out: tests over databases of whole kernels, and those that start programs or browsers.
SLOW_FIXTURES = frozenset(
    {
        "bundled",
        "real",
        "shared",
        "ported",
        "kernels",
        "kernels_with_headers",
        "few",
        "over_bundled",
        "over_few",
        "over_real",
        "chromium",
    }
)
SLOW_FOLDERS = frozenset({"cli", "reference", "sphinx", "terminal", "web"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests; modules elsewhere mark themselves where each of their tests takes seconds."""
    for item in items:
        if SLOW_FIXTURES & set(getattr(item, "fixturenames", ())) or item.path.parent.name in SLOW_FOLDERS:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Ctrl-C and SIGHUP reach the programs that tests start; those of a background job or of `nohup` ignore them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real documents and hand-checked readings beside the checkout."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(PERMITTED_SKIP)
    return folder


Shared = Callable[[str, Callable[[Path], object]], Path]


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Shared:
    """Gives the folder of a name, made by the first process of the run that asks for it; tests only read it."""
    base = tmp_path_factory.getbasetemp()
    root = base if worker_id == "master" else base.parent  # of all processes of this run

    def once(name: str, make: Callable[[Path], object]) -> Path:
        with (root / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            folder, made = root / name, root / f"{name}.made"
            if not made.exists():
                make(folder)
                made.touch()
        return folder

    return once


@pytest.fixture(scope="session", autouse=True)
def few_kernels(built_once: Shared) -> Iterator[Path]:
    """Where tests build, eleven kernels stand for the bundled corpus, whose 113 take half a minute."""
    folder = built_once("few-kernels", lambda out: write_few_kernels(CORPUS, out))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "corpus", lambda: folder)
        yield folder


@pytest.fixture(scope="session")
def bundled(built_once: Shared) -> Path:
    """A database of the bundled corpus; tests only read it."""
    return built_once("bundled", lambda db: build(db, corpus=CORPUS, jobs=2))


@pytest.fixture(scope="session")
def few(built_once: Shared) -> Path:
    """A database of eleven kernels' documents; tests only read it."""
    return built_once("few", build)


@pytest.fixture(scope="session")
def real(shared: Path, built_once: Shared) -> Path:
    """A database of the real documents: eight kernels, the aufs notes, the four saved pages; tests only read it."""
    corpus = shared / "corpus"
    note, commit, blame, flattened = sorted(map(str, (corpus / "seeds").iterdir()))
    pages = [note, commit, f"v4.19={blame}", f"v6.4={flattened}"]
    return built_once("real", lambda db: build(db, [str(corpus / "linux"), str(corpus / "aufs"), *pages]))


@pytest.fixture(scope="session")
def over_bundled(bundled: Path) -> Iterator[Searcher]:
    """The search over the bundled corpus."""
    with closing(Searcher(current(bundled) / INDEX)) as searcher:
        yield searcher


@pytest.fixture(scope="session")
def over_few(few: Path) -> Iterator[Searcher]:
    """The search over eleven kernels' documents."""
    with closing(Searcher(current(few) / INDEX)) as searcher:
        yield searcher


@pytest.fixture(scope="session")
def over_real(real: Path) -> Iterator[Searcher]:
    """The search over the real documents, two of which are of releases that other versions stand for."""
    with closing(KnowledgeBase.open(real)) as kb:
        available = kb.available
    with closing(Searcher(current(real) / INDEX, available=available)) as searcher:
        yield searcher


Put = Callable[[Path, str], Path]


@pytest.fixture(scope="session")
def put() -> Put:
    """Writes a text file, its folders too; gives its path."""

    def write(path: Path, content: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    return write


@pytest.fixture(scope="session")
def tree(put: Put) -> Put:
    """Makes a kernel tree of one Locking document in a folder; gives the folder."""

    def grow(folder: Path, content: str) -> Path:
        put(folder / "Documentation/filesystems/locking.rst", content)
        return folder

    return grow


@pytest.fixture(scope="session")
def paper_note() -> str:
    """A design note."""
    return PAPER_NOTE


PAPER_NOTE = """\
# Copyright (C) 2026 nobody
#
# Free as air.

Layers of paper
----------------------------------------------------------------------
In paper_mmap(),
- fold the upper sheet
- hand ->fault() over to the lower one
"""
PORTING = """\
====================
Changes for the barn
====================

---

**mandatory**

->sow() takes a spade now, whatever the soil.

---

**recommended**

Reap in autumn.
"""

DIRECTORY_LOCKING = """\
=========
The barn
=========

The barn has two kinds of locks: per-inode (->i_rwsem) and
per-filesystem (->s_vfs_rename_mutex).

1. looking.  Locking rules:

\t* lock the barn (shared)

2. felling.  Locking rules:

\t* lock the barn (exclusive)
\t* find the tree

3. moving.  Locking rules:

\t* lock the filesystem
\t* lock the parents "ancestors first" (exclusive)
\t* lock the non-directories, in order of rising address

The rules above suffice.
"""

# A header that disagrees with the bundled documents about an op.
HEADER = """\
struct file_lock_operations {
	void (*fl_copy_lock)(struct file_lock *, struct file_lock *);
	int (*fl_release_private)(struct file_lock *);
};
"""


@pytest.fixture(scope="session")
def ported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few kernels without these two kinds, two versions of a porting log, one of directory-locking, one header."""
    folder = tmp_path_factory.mktemp("ported")
    left_out = shutil.ignore_patterns("porting*", "directory-locking*")
    shutil.copytree(places.corpus(), folder / "corpus", ignore=left_out)
    for version, text in (("v6.1", PORTING.rpartition("---")[0]), ("v6.2", PORTING)):
        document = folder / "trees" / version / "Documentation" / "filesystems" / "porting.rst"
        document.parent.mkdir(parents=True)
        document.write_text(text)
    document.with_name("directory-locking.rst").write_text(DIRECTORY_LOCKING)
    header = folder / "headers" / "include" / "linux" / "filelock.h"
    header.parent.mkdir(parents=True)
    header.write_text(HEADER)
    build(folder / "db", [str(folder / "trees"), f"v6.8.1={folder / 'headers'}"], corpus=folder / "corpus")
    return folder / "db"


@contextmanager
def _served(app: Flask) -> Iterator[str]:
    server, ended = make_server(app, "127.0.0.1", 0), threading.Event()

    def run() -> None:
        while not ended.is_set():
            loop(timeout=0.05, map=server._map, count=1)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # `server.close()` would close sockets under the select() of the other thread, which fails the whole run.
        ended.set()
        thread.join()
        server.task_dispatcher.shutdown()
        close_all(server._map, ignore_all=True)


@pytest.fixture(scope="session")
def served() -> Served:
    """A context in which an application is served: `with served(app) as address:`."""
    return _served


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium for Playwright's `executable_path`."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("Chromium is not installed")
    return str(found)


KERNELS = ("v2.6.12", "v2.6.27", "v3.10.64", "v4.14.194", "v5.4", "v5.15.55", "v6.4.6", "v6.8.1")
DOCUMENTS = ("Locking", "locking.rst", "vfs.txt", "vfs.rst", "porting", "porting.rst", "directory-locking",
             "directory-locking.rst")  # fmt: skip
ReadVersion = Callable[..., VersionState]
WriteDocument = Callable[..., dict[str, str]]


@pytest.fixture(scope="session")
def read_version() -> ReadVersion:
    """A version made of documents (path -> text), parsed and assembled as a build does."""

    def read(label: str, documents: dict[str, str], *, source: str = "tree", bundled: bool = False) -> VersionState:
        refs, records = list[DocumentRef](), list[Cited[Record]]()
        for path, text in documents.items():
            blob = sha256(text.encode()).hexdigest()
            parsed = parse(path, split_lines(text), blob)
            ref = DocumentRef(
                version=label,
                path=path,
                blob=blob,
                kind=parsed.kind,
                format=parsed.format,
                title=parsed.title,
                source=source,
                bundled=bundled,
            )
            refs.append(ref)
            records += [Cited(record=record, document=ref) for record in parsed.records]
        return assemble(label, "given", refs, records)

    return read


@pytest.fixture(scope="session")
def write_document() -> WriteDocument:
    """A vfs or Locking document (path -> text) with sections, ops table -> lines; see `diff_cases.txt`."""

    def write(kind: str, *lines: str, **sections: list[str]) -> dict[str, str]:
        tables = {"inode_operations": list(lines), **sections} if lines else sections
        text = "\n\n".join(_section(kind, struct, found) for struct, found in tables.items())
        title = {"vfs": "Overview of the VFS", "locking": "Locking"}[kind]
        return {f"Documentation/filesystems/{kind}.rst": f"{title}\n{'=' * len(title)}\n\n{text}\n"}

    return write


def _section(kind: str, struct: str, lines: list[str]) -> str:
    code = [line.strip() for line in lines if line.endswith(";") or line.startswith("#")]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines if "|" in line]
    prose = "\n".join(line for line in lines if line.strip() not in code and "|" not in line)
    if kind == "vfs":
        title = f"struct {struct}"
        block = "\n".join(f"\t\t{line}" for line in code)
        listing = f".. code-block:: c\n\n\tstruct {struct} {{\n{block}\n\t}};"
        return f"{title}\n{'-' * len(title)}\n\nMembers of this kernel are:\n\n{listing}\n\n{prose}"
    block = "\n".join(f"\t{line}" for line in code)
    return f"{struct}\n{'=' * len(struct)}\n\nprototypes::\n\n{block}\n\nlocking rules:\n\n{_table(rows)}\n\n{prose}"


def _table(rows: list[list[str]]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    ruler = "  ".join("=" * width for width in widths)
    body = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join([ruler, *body[:1], ruler, *body[1:], ruler]) if rows else ""


@pytest.fixture(scope="session")
def kernels(shared: Path, read_version: ReadVersion) -> dict[str, VersionState]:
    """The eight real kernels beside the checkout, oldest first."""
    found = {}
    for label in KERNELS:
        folder = shared / "corpus/linux" / label / "Documentation/filesystems"
        files = [folder / name for name in DOCUMENTS if (folder / name).is_file()]
        texts = {f"Documentation/filesystems/{file.name}": decode(file.read_bytes()) for file in files}
        found[label] = read_version(label, texts)
    return found


@pytest.fixture(scope="session")
def kernels_with_headers(
    shared: Path, read_version: ReadVersion, kernels: dict[str, VersionState]
) -> dict[str, VersionState]:
    """The same with headers, where those are known: without v4.14.194."""
    found = {}
    for label in (each for each in kernels if header_facts(shared, each)):
        folder = shared / "corpus/linux" / label / "Documentation/filesystems"
        texts = {
            each.path: decode((folder / each.path.rpartition("/")[2]).read_bytes()) for each in kernels[label].documents
        }
        found[label] = read_version(label, texts | header_files(header_facts(shared, label)))
    return found
