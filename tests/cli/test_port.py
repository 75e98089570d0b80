"""`kbase port`: what it prints in each format, what may be accepted, its exit status, and where sources come from."""

import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, data
from tests.conftest import Put
from tests.git_repository import Repository

CODE = """\
static int barn_create(struct user_namespace *ns, struct inode *dir, struct dentry *d, umode_t mode, bool excl)
{
	return 0;
}
static int barn_readdir(struct file *file, struct dir_context *ctx) { return 0; }
static int barn_open(struct inode *inode, struct file *file) { return 0; }
const struct inode_operations barn_dir_inode = { .create = barn_create };
const struct file_operations barn_dir = {
	.open = barn_open,
	.iterate = barn_readdir,
	.llseek = generic_file_llseek,
};
"""
KEYS = [
    *("struct", "op", "table", "function", "path", "line", "function_path", "function_line", "verdict", "must"),
    *("old", "new", "now", "reason", "changes", "rules", "porting", "successor", "since"),
]
CREATE = "int (*create)({}, struct inode *, struct dentry *, umode_t, bool)"
ASKED = ("--from", "6.1", "--to", "6.12")


@pytest.fixture
def barn(tmp_path: Path, put: Put, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one file, in the current folder."""
    put(tmp_path / "barn/dir.c", CODE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_json_of_a_report(run: Run, bundled: Path, barn: Path) -> None:
    found: dict[str, Any] = data(run("port", "barn", *ASKED, "--json", "--db", bundled))
    assert (found["from"], found["to"], found["source"]) == ("v6.1.192", "v6.12", "barn")
    create, opened, iterate, llseek = found["slots"]
    assert list(create) == KEYS
    assert {key: create[key] for key in KEYS[:10]} == {
        "struct": "inode_operations", "op": "create", "table": "barn_dir_inode", "function": "barn_create",
        "path": "barn/dir.c", "line": 7, "function_path": "barn/dir.c", "function_line": 1,
        "verdict": "prototype-changed", "must": True,
    }  # fmt: skip
    assert (create["old"], create["new"], create["since"]) == (
        CREATE.format("struct user_namespace *"),
        CREATE.format("struct mnt_idmap *"),
        "6.3",
    )
    assert create["reason"] == "parameter 1 is struct user_namespace *, must be struct mnt_idmap *"
    assert [change["kind"] for change in create["changes"]] == ["parameter-retyped"]
    assert (opened["verdict"], opened["must"]) == ("ok", False)
    assert (iterate["verdict"], iterate["successor"]) == ("op-renamed", "file_operations.iterate_shared")
    assert (llseek["verdict"], llseek["must"]) == ("unread", False)
    assert [each["line"] for each in found["unread"]] == [11]
    assert (found["summary"]["must"], found["summary"]["prototype-changed"], found["summary"]["ok"]) == (2, 1, 1)


def test_a_helper_that_the_porting_log_reports_as_gone(run: Run, bundled: Path, barn: Path, put: Put) -> None:
    put(barn / "barn/dir.c", "const struct file_operations barn_dir = { .llseek = no_llseek };\n")
    (slot,) = data(run("port", "barn", "--from", "5.15", "--to", "6.12", "--json", "--db", bundled))["slots"]
    assert (slot["verdict"], slot["must"]) == ("helper-removed", True)
    assert slot["reason"] == "no_llseek is gone, says the porting log of v6.12"
    assert len(slot["porting"]) == 1


def test_the_other_formats(run: Run, bundled: Path, barn: Path) -> None:
    forms = {
        form: run("port", "barn", *ASKED, "--format", form, "--db", bundled)[1]
        for form in ("text", "markdown", "github", "sarif")
    }
    assert "barn/dir.c:7: inode_operations.create = barn_create  prototype-changed, since 6.3" in forms["text"]
    assert "+ int barn_create(struct mnt_idmap *, struct inode *, struct dentry *, umode_t, bool)" in forms["text"]
    assert "(`prototype-changed inode_operations.create barn_create`)" in forms["markdown"]
    assert forms["github"].splitlines()[0].startswith("::error file=barn/dir.c,line=7,title=prototype-changed::inode")
    (results,) = (each["results"] for each in json.loads(forms["sarif"])["runs"])
    assert [(each["ruleId"], each["level"]) for each in results] == [
        ("prototype-changed", "error"),
        ("op-renamed", "error"),
        ("not-read", "note"),
    ]


def test_accepted_findings_and_the_exit_status(run: Run, bundled: Path, barn: Path, put: Put) -> None:
    call = ("port", "barn", *ASKED, "--exit-code", "--db", bundled)
    assert run(*call)[0] == 1
    accepted = put(
        barn / "accepted",
        "# later\nprototype-changed inode_operations.create barn_create\n"
        "op-renamed file_operations.iterate barn_readdir\nop-removed file_operations.x y\n",
    )
    status, out, err = run(*call, "--accepted", accepted)
    assert status == 0
    assert "0 of 2 slots must change" in out
    assert "2 accepted findings left out" in err
    assert "accepted, and does not occur: op-removed file_operations.x y" in err


def test_sources_of_every_kind_agree(run: Run, bundled: Path, barn: Path) -> None:
    with tarfile.open(barn / "barn.tar.gz", "w:gz") as archive:
        archive.add(barn / "barn", "barn")
    repository = Repository(barn / "repository")
    repository.write({"barn/dir.c": CODE})
    repository.commit("Barn")
    names = (
        "barn",
        "barn/dir.c",
        "barn.tar.gz",
        "repository@HEAD",
        "repository@HEAD:barn",
        "repository@HEAD:barn/dir.c",
    )
    found = [data(run("port", name, *ASKED, "--json", "--db", bundled))["slots"] for name in names]
    assert all(each == found[0] for each in found)
    assert len(found[0]) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere", *ASKED), "no such file or folder, and no git revision"),
        (("empty", *ASKED), "no C file"),
        (("barn", "--from", "6.1", "--to", "9.9"), "9.9"),
        (("barn", *ASKED, "--from-tree", "barn"), "only one of the two trees"),
        (("barn", *ASKED, "--from-tree", "barn", "--to-tree", "barn"), "no kernel tree"),
        (("barn", *ASKED, "--accepted", "barn/dir.c"), "no kind of change"),
    ],
)
def test_wrong_input_is_one_line(run: Run, bundled: Path, barn: Path, arguments: tuple[str, ...], message: str) -> None:
    (barn / "empty").mkdir()
    status, out, err = run("port", *arguments, "--db", bundled)
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_source_without_tables_is_said_to_be_one(run: Run, bundled: Path, barn: Path, put: Put) -> None:
    put(barn / "other/a.c", "int x;\n")
    status, _, err = run("port", "other", *ASKED, "--exit-code", "--db", bundled)
    assert status == 2
    assert "no initializer of an ops table was found" in err


def test_a_whole_filesystem_against_what_upstream_did(run: Run, bundled: Path, shared: Path, tmp_path: Path) -> None:
    archive = Path("/usr/src/linux-source-6.1.tar.xz")
    if not archive.is_file():
        pytest.skip("the Debian package linux-source-6.1 is not installed")
    subprocess.run(["tar", "-C", tmp_path, "-xf", archive, "linux-source-6.1/fs/zonefs"], check=True)
    source = tmp_path / "linux-source-6.1/fs/zonefs"
    status, out, _ = run("port", source, "--from", "v6.1.192", "--to", "v6.12.117", "--json", "--db", bundled)
    assert status == 0
    (tmp_path / "out.json").write_text(out)
    score = [sys.executable, str(shared / "porting/score.py"), str(shared / "porting/truth/zonefs.json"), "out.json"]
    done = subprocess.run(score, cwd=tmp_path, capture_output=True, text=True, check=False)
    first, *missed = done.stdout.splitlines()
    assert "slots 39, found 39" in first
    assert "precision 1.000" in first
    assert [line for line in missed if "generic_file_splice_read" not in line] == []  # gone; only trees show it
