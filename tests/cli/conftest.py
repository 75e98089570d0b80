"""Commands in this process, and databases for them."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from kbase.build.pipeline import build
from kbase.cli import main

Run = Callable[..., tuple[int, str, str]]
LOCKING = """\
=======
Locking
=======

What holds when the methods are called, for the tests of the command line.

inode_operations
================

prototypes::

	int (*create)(struct inode *, struct dentry *, umode_t, bool);
	int (*rename)(struct inode *, struct dentry *, struct inode *, struct dentry *, unsigned int);

locking rules:
	all may block

==============  =====================
ops             i_rwsem(inode)
==============  =====================
create:         exclusive
rename:         exclusive (both)
==============  =====================
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], few: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on a knowledge base of eleven kernels: its exit status, standard output and standard error."""
    monkeypatch.setenv("KBASE_DB", str(few))

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as done:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return int(done.value.code or 0), captured.out, captured.err

    return run


def data(result: tuple[int, str, str]) -> Any:
    status, out, err = result
    assert status == 0, err
    return json.loads(out)


def contents(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in files}


def one_line(result: tuple[int, str, str]) -> str:
    """The only line of standard error of a command that failed for a mistake of the caller."""
    status, out, err = result
    assert status == 2
    assert out == ""
    assert err.startswith("kbase: ")
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    return err


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with trees of two versions of our own, and beside it a database of them and the bundled corpus."""
    folder = tmp_path_factory.mktemp("own")
    for version, text in (("v9.1", LOCKING), ("v9.2", LOCKING.replace("struct dentry *, umode_t", "umode_t"))):
        file = folder / "trees" / version / "Documentation" / "filesystems" / "locking.rst"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    build(folder / "db", [str(folder / "trees")])
    return folder


@pytest.fixture
def own(built: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The database of v9.1 and v9.2, to be read; the trees are beside it."""
    monkeypatch.setenv("KBASE_DB", str(built / "db"))
    return built / "db"


@pytest.fixture
def copy(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, to be changed."""
    monkeypatch.setenv("KBASE_DB", str(tmp_path / "copy"))
    return shutil.copytree(own, tmp_path / "copy")
