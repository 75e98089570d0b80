"""What people hand over by mistake: every command says what is wrong in one line, and exits with 2."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from kbase import places
from kbase.cli import cli, main

ROOT = Path(__file__).resolve().parents[2]
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"
SOURCES = (
    *("vfs.txt", "emptydir", "fifo", "loop", "sock", "dangling.rst", "zeros.rst", "broken.tar", "broken.tar.xz"),
    *("empty.tar.gz", "nowhere", "new\nline", "a\0b", "x" * 5000, "bad\udcff.rst", "", "=", "=x", "nonsense=vfs.txt"),
    *("v6.4=", "/dev/zero", "/dev/null", "https://", "http://[::1", "https://a:b@nowhere.invalid/x", "ftp://x/y"),
    *("file:///etc/passwd", "https://127.0.0.1/x", "-", "--", "v6.4"),
)
COMMANDS = (
    *("show", "show nope", "diff", "diff a b", "diff v5.4", "diff v5.4 v6.4.6 nope", "diff v5.4 v6.4.6 --lock nope"),
    *("diff v5.4 v6.4.6 --severity x", "diff v5.4 v6.4.6 --accepted nowhere", "diff v5.4 v6.4.6 --accepted emptydir"),
    *("diff v5.4 v6.4.6 --accepted fifo", "diff v5.4 v6.4.6 --accepted sock", "diff v5.4 v6.4.6 --accepted /dev/tty"),
    *("diff v5.4 v6.4.6 --accepted vfs.txt", "diff v5.4 v6.4.6 --accepted zeros.rst", "history", "history nope"),
    *("diff v5.4 v6.4.6 --accepted /dev/zero", "export x", "export --kind nope", "export --version nope"),
    *("export --format documents", "export --format documents vfs.txt", "export --format documents /dev/null/x"),
    *("callers", "callers nope", "callers create --version nope", "callers create --version v5.4"),
    *("drift nope", "drift --version nope", "drift --version v4.14.194", "drift inode_operations.nope"),
    *("port", "port nope", "port nope --from v5.4 --to v6.4.6", "port vfs.txt --from v5.4", "port / --from a --to b"),
    *("port emptydir --from v5.4 --to v6.4.6", "port fifo --from v5.4 --to v6.4.6", "port x@y --from v5.4 --to v6.4.6"),
    *("port vfs.txt --from v5.4 --to v6.4.6 --from-tree emptydir", "port vfs.txt --from v5.4 --to v6.4.6 --format x"),
    *("check --version nope", "check x", "search", "search x --limit 0", "search x --version nope", 'search "'),
    *("search x --version v9..v1", "search a:b", "search held:nope", "search ((((", "remove", "remove nope"),
    *(
        "remove v5.4",
        "identify",
        "serve --port x",
        "serve --port 70000",
        "serve x",
        "serve --port 0 --host nowhere.invalid",
    ),
    *("reference", "reference vfs.txt", "reference out --builder nope", "reference out --version nope", "nope"),
    *("reference out --version 6.8 --all-versions", "reference vfs.txt --all-versions"),
    *("--nope", "versions x", "versions --db vfs.txt", "versions --db fifo", "versions --db sock", "build --jobs 0"),
    *(
        "build --db vfs.txt",
        "build --db fifo",
        "build --db /dev/null/x",
        "build --tags x emptydir",
        "build --tags x",
        "build --tags= emptydir",
        "show x --db /",
    ),
)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of odd things, the current one meanwhile."""
    folder = tmp_path_factory.mktemp("odd")
    here = Path.cwd()
    os.chdir(folder)
    Path("vfs.txt").write_bytes(PNG)
    Path("zeros.rst").write_bytes(b"\0" * 100_000)
    for name in ("broken.tar", "broken.tar.xz"):
        Path(name).write_bytes(b"no archive" * 100)
    Path("empty.tar.gz").touch()
    Path("emptydir").mkdir()
    os.mkfifo("fifo")
    Path("loop").symlink_to("loop")
    Path("dangling.rst").symlink_to("nowhere")
    Path(os.fsdecode(b"bad\xff.rst")).write_text("Title\n=====\n")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("sock")
        yield folder
    os.chdir(here)


def complaint(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line that the program says to these words."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    out, error = capsys.readouterr()
    assert ended.value.code == 2, (out, error)
    assert out == ""
    *steps, error = error.splitlines()
    assert steps in ([], ["gathering facts"])
    assert error.startswith("kbase: ")
    assert error.isprintable()
    assert len(error) < 6000
    assert "internal error" not in error
    return error


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_no_source_is_told_in_one_line(
    source: str, odd: Path, bundled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("build", "identify"):
        if source.startswith("-"):
            continue  # an option, by whatever name
        complaint(capsys, command, source, "--db", str(bundled))


@pytest.mark.parametrize("words", COMMANDS)
def test_what_cannot_be_meant_is_told_in_one_line(
    words: str, odd: Path, bundled: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KBASE_DB", str(bundled))
    complaint(capsys, *words.split())


def test_every_command_is_tried() -> None:
    tried = {words.split()[0] for words in COMMANDS} | {"build"}
    assert set(cli.list_commands()) - tried == set()


def test_a_file_of_any_name_is_read_with_its_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "corpus", lambda: tmp_path / "none")
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in (b"bad\xff.txt", b"--help.txt"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(
            "Title\n=====\n\nIn barn(),\n- fold the sheet\n"
        )
    with pytest.raises(SystemExit) as ended:
        main(["build", "--jobs", "1", "--db", str(tmp_path / "db"), f"v6.4={folder}"])
    assert ended.value.code == 0
    with pytest.raises(SystemExit):
        main(["export", "--kind", "document", "--db", str(tmp_path / "db")])
    paths = [line.partition('"path": ')[2].partition('",')[0] for line in capsys.readouterr().out.splitlines()[1:]]
    assert sorted(paths) == ['"--help.txt', '"bad\ufffd.txt']


@pytest.mark.parametrize("command", ["versions", "show i_rwsem", "export --kind op", "show i_rwsem --json", "--help"])
def test_output_that_cannot_be_written_is_told(command: str, bundled: Path) -> None:
    shell = shutil.which("sh") or "/bin/sh"
    for outlet, reason in ((">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")):
        line = (
            f'"$0" -m kbase {command} --db "$1" {outlet}' if command != "--help" else f'"$0" -m kbase --help {outlet}'
        )
        words = [shell, "-c", line, sys.executable, str(bundled)]
        done = subprocess.run(words, check=False, capture_output=True, text=True, cwd=ROOT)
        told = [line for line in done.stderr.splitlines() if not line.startswith("named in the porting log: ")]
        assert (done.returncode, told) == (2, [f"kbase: system: {reason}"]), (command, outlet)


@pytest.mark.parametrize("columns", ["20", "1", "0", "-5", "x", "100000"])
def test_any_width_will_do(columns: str, bundled: Path) -> None:
    for command in ("show rename", "versions", "diff v6.4.6 v6.8.1 inode_operations", "search folio", "show i_rwsem"):
        words = [*command.split(), "--db", str(bundled)]
        done = CliRunner(env={"COLUMNS": columns}).invoke(cli, words)
        assert (done.exit_code, bool(done.stdout)) == (0, True), (command, done.output)


ODD_NAMES = (b"bad\xff", b"new\nline", b"a b%20?#", "\N{SNOWMAN}".encode())


@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.parametrize("variable", ["KBASE_DB", "XDG_DATA_HOME"])
def test_a_database_may_have_any_name(
    name: bytes,
    variable: str,
    tmp_path: Path,
    tree: Callable[[Path, str], Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "corpus", lambda: tmp_path / "none")
    monkeypatch.setenv(variable, os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    if variable == "XDG_DATA_HOME":
        monkeypatch.delenv("KBASE_DB", raising=False)
    source = tree(tmp_path / "v6.4", "inode_operations\n================\n\nprototypes::\n\n\tint (*create) (int);\n")
    for words in (f"build {source}", "versions", "search create", "show create", f"build v6.5={source}", "export"):
        with pytest.raises(SystemExit) as ended:
            main(words.split())
        assert (ended.value.code, words) == (0, words), capsys.readouterr()
    assert "v6.5" in capsys.readouterr().out


@pytest.mark.parametrize("path", ["", "a\0b"])
@pytest.mark.parametrize("words", ["versions --db", "diff v5.4 v6.4.6 --accepted", "export --format documents"])
def test_what_is_no_path_is_told(
    path: str, words: str, bundled: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KBASE_DB", str(bundled))
    assert "is no path" in complaint(capsys, *words.split(), path)


def test_accepted_changes_may_come_from_a_shell(bundled: Path) -> None:
    words = [sys.executable, "-m", "kbase", "diff", "v5.4", "v6.4.6", "--db", str(bundled), "--accepted", "/dev/stdin"]
    given = "op-added x.y\n"
    done = subprocess.run(words, check=False, capture_output=True, text=True, cwd=ROOT, input=given)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "accepted, and does not occur: op-added x.y")


def test_without_an_entry_of_the_user_the_line_says_what_to_give(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", unknown)
    for name in ("KBASE_DB", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert "name the database folder with --db" in complaint(capsys, "versions")


def test_a_relative_data_folder_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert places.default_database() == tmp_path / ".local/share/kbase"


def test_without_a_home_the_line_says_what_to_give(tmp_path: Path) -> None:
    for home in ("/proc/nowhere", "/dev/null"):
        environment = {**os.environ, "HOME": home, "XDG_DATA_HOME": ""}
        environment.pop("KBASE_DB", None)
        words = [sys.executable, "-m", "kbase", "versions"]
        done = subprocess.run(words, check=False, capture_output=True, text=True, cwd=ROOT, env=environment)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert done.stderr.endswith("choose another with --db\n")
