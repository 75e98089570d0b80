"""`kbase callers`, the export of callers, and the page of an op that has some."""

import json
from pathlib import Path

import pytest

from tests.build.test_callers import FILES
from tests.cli.conftest import Run, data, one_line

LOCKS = "\nint quick(struct inode *dir)\n{\n\tint (*get)(struct inode *) = dir->i_op->rename;\n\treturn get(dir);\n}\n"


@pytest.fixture
def own_callers(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of the bundled corpus, and of a kernel with code."""
    for name, text in {**FILES, "fs/quick.c": LOCKS}.items():
        file = tmp_path / "linux" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.setenv("KBASE_DB", str(tmp_path / "db"))
    assert run("build", tmp_path / "linux")[0] == 0


@pytest.mark.usefixtures("own_callers")
def test_callers_of_an_op(run: Run) -> None:
    listed = data(run("callers", "inode_operations.rename", "--version", "9.1", "--json"))
    assert [(each["function"], each["line"], each["via"]) for each in listed] == [
        ("vfs_rename", 5, "member"),
        ("quick", 4, "copy"),
        ("quick", 5, "copy"),
    ]
    assert listed[0] == {
        "version": "v9.1",
        "struct": "inode_operations",
        "op": "rename",
        "function": "vfs_rename",
        "path": "fs/namei.c",
        "line": 5,
        "via": "member",
        "text": "return inode->i_op->rename(inode);",
        "locks": [{"path": "fs/namei.c", "line": 4, "text": "inode_lock(inode);"}],
    }
    assert listed == data(run("callers", "rename", "--json"))  # the newest version with callers
    assert listed == data(run("callers", "inode_operations", "--json"))
    exported = run("export", "--kind", "caller", "--version", "v9.1")[1].splitlines()
    assert [json.loads(line) for line in exported] == sorted(
        ({"kind": "caller"} | each for each in listed), key=lambda each: (each["path"], each["line"])
    )


@pytest.mark.usefixtures("own_callers")
def test_callers_in_a_terminal(run: Run) -> None:
    status, out, _ = run("callers", "inode_operations.rename")
    assert status == 0
    assert "inode_operations.rename  v9.1" in out
    assert "vfs_rename()  fs/namei.c:5" in out
    assert "quick()  fs/quick.c:4, through a copy of the pointer" in out
    assert "4  inode_lock(inode);" in out
    assert "no call was found" in run("callers", "inode_operations.create")[1]
    assert data(run("callers", "inode_operations.create", "--json")) == []
    assert "vfs_rename()" in run("show", "inode_operations.rename", "--version", "v9.1")[1]


@pytest.mark.usefixtures("own_callers")
def test_what_has_no_callers_is_an_error_that_says_why(run: Run) -> None:
    for arguments, words in (
        (("callers", "nonsense"), "no op or ops table has that name"),
        (("callers", "inode_operations.rename", "--version", "v5.4"), "no source of v5.4 was read"),
        (("callers", "inode_operations.unlink", "--version", "v9.1"), "no op unlink in inode_operations of v9.1"),
        (("callers", "rename", "--version", "v1.0"), "v1.0"),
    ):
        status, out, _ = result = run(*arguments)
        assert (status, out) == (2, "")
        assert words in one_line(result)


@pytest.mark.usefixtures("own_callers")
def test_the_page_of_an_op_has_its_callers(run: Run) -> None:
    page = data(run("show", "inode_operations.rename", "--version", "v9.1", "--json"))
    first, copied, _ = page["callers"]
    assert (first["function"], first["path"], first["line"], first["how"]) == ("vfs_rename", "fs/namei.c", 5, "")
    assert first["elixir"] == "https://elixir.bootlin.com/linux/v9.1/source/fs/namei.c#L5"
    assert first["kernel"].endswith("/tree/fs/namei.c?h=v9.1#n5")
    assert (first["locks"][0]["line"], first["locks"][0]["text"]) == (4, "inode_lock(inode);")
    assert copied["how"] == "through a copy of the pointer"
    assert data(run("show", "inode_operations.create", "--version", "v9.1", "--json"))["callers"] == []
    assert data(run("show", "inode_operations.rename", "--version", "v5.4", "--json"))["callers"] is None
