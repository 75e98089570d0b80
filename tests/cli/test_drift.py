"""`kbase drift`: what is printed, what a version without headers says, and the exit status."""

from pathlib import Path

import pytest

from kbase.build.pipeline import build
from tests.cli.conftest import Run, data, one_line

VFS = """\
Overview of the Linux Virtual File System
=========================================

struct file_operations
----------------------

.. code-block:: c

	struct file_operations {
		int (*flush)(struct file *);
		int (*open)(struct inode *, struct file *);
		int (*tally)(struct file *);
	};
"""
HEADERS = """\
struct file_operations {
	int (*open) (struct inode *i, struct file *f);
	int (*flush) (struct file *, fl_owner_t id);
};
struct proc_ops {
	int (*tally) (struct file *);
};
"""
FLUSH = "file_operations.flush has an undocumented parameter 2, fl_owner_t (include/linux/fs.h:3)"
TALLY = "file_operations.tally is not in the header's struct; one of that name is in proc_ops (include/linux/fs.h:1)"
DURATION = "; wrong for 1 release, since 9.1 or earlier"


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of v9.1 with a header and a vfs document, and of the newer v9.2 with the document alone."""
    folder = tmp_path_factory.mktemp("drift")
    for version, files in (("9.1", {"vfs.rst": VFS, "fs.h": HEADERS}), ("9.2", {"vfs.rst": VFS})):
        for name, text in files.items():
            place = "include/linux" if name.endswith(".h") else "Documentation/filesystems"
            file = folder / version / place / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    build(folder / "db", [f"v{version}={folder / version}" for version in ("9.1", "9.2")])
    return folder / "db"


def test_a_line_for_each_disagreement(run: Run, db: Path) -> None:
    status, out, err = run("drift", "--db", db)
    place = "Documentation/filesystems/vfs.rst"
    flush, tally, _, counted = out.splitlines()
    assert (status, flush, tally) == (0, f"{place}:10: {FLUSH}{DURATION}", f"{place}:12: {TALLY}{DURATION}")
    assert counted == "v9.1  2 disagreements in 1 ops table compared: 1 differs, 1 gone"
    assert err == "v9.1: no locking document\n"


@pytest.mark.parametrize(
    ("name", "ops"),
    [
        ("file_operations", ["flush", "tally"]),
        ("file_operations.flush", ["flush"]),
        ("flush", ["flush"]),
        ("file_operations.open", []),
    ],
)
def test_one_table_or_op(run: Run, db: Path, name: str, ops: list[str]) -> None:
    assert [each["op"] for each in data(run("drift", name, "--db", db, "--json"))] == ops


def test_json(run: Run, db: Path) -> None:
    flush, tally = data(run("drift", "--version", "9.1", "--db", db, "--json"))
    assert flush == {
        "version": "v9.1",
        "struct": "file_operations",
        "op": "flush",
        "document": "vfs",
        "kind": "differs",
        "documented": "int (*flush)(struct file *)",
        "header": "int (*flush)(struct file *, fl_owner_t id)",
        "now_in": None,
        "path": "Documentation/filesystems/vfs.rst",
        "line": 10,
        "header_path": "include/linux/fs.h",
        "header_line": 3,
        "since": "9.1",
        "or_earlier": True,
        "releases": 1,
    }
    assert (tally["kind"], tally["now_in"], tally["header"], tally["header_line"]) == ("gone", ["proc_ops"], None, None)


def test_the_exit_status(run: Run, db: Path) -> None:
    assert run("drift", "--exit-code", "--db", db)[0] == 1
    assert run("drift", "--exit-code", "file_operations.open", "--db", db)[0] == 0


def test_a_version_without_headers_is_not_said_to_agree(run: Run, db: Path) -> None:
    status, out, err = run("drift", "--version", "9.2", "--db", db)
    assert (status, out) == (2, "")
    assert err.startswith("kbase: v9.2: no headers; ")
    assert "kbase build v9.2=TREE" in err
    status, out, err = run("drift", "--version", "9.2", "--version", "9.1", "--db", db)
    assert (status, "2 disagreements" in out, "v9.2: no headers" in err) == (2, True, True)


def test_a_table_that_one_side_lacks_is_not_said_to_agree(run: Run, db: Path) -> None:
    status, out, err = run("drift", "proc_ops", "--db", db)
    assert (status, out) == (2, "")
    assert "v9.1: not compared: proc_ops is not in both a header and a document's list of ops" in err


def test_wrong_input(run: Run, db: Path, tmp_path: Path) -> None:
    assert "no op or ops table has that name" in one_line(run("drift", "no_such_op_at_all", "--db", db))
    assert "v99.1" in one_line(run("drift", "--version", "v99.1", "--db", db))
    (tmp_path / "corpus").mkdir()
    (tmp_path / "vfs.rst").write_text(VFS)
    build(tmp_path / "db", [f"v9.2={tmp_path / 'vfs.rst'}"], corpus=tmp_path / "corpus")
    error = one_line(run("drift", "--db", tmp_path / "db"))
    assert error.endswith("no version has both headers and documents; give a kernel tree: kbase build TREE\n")
