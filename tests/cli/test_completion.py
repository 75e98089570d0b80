"""Shell completion in a real bash: commands, options, versions and names."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(BASH is None, reason="there is no bash")


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program `kbase`, as an installation has it."""
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "kbase"
    program.write_text(f"#!{sys.executable} -P\nfrom kbase.cli import main\nmain()\n")
    program.chmod(0o755)
    return folder


def completed(programs: Path, line: str, db: Path, folder: Path | None = None) -> set[str]:
    """What bash offers behind a command line, whose last word is begun; a space at its end begins another one."""
    words = [*line.split(), *[""] * line.endswith(" ")]
    script = (
        'eval "$(_KBASE_COMPLETE=bash_source kbase)"\n'
        'declare -F "$(complete -p kbase | sed -E "s/.*-F ([^ ]+) .*/\\1/")" > /dev/null || exit 9\n'
        f"COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}\n"
        f"_kbase_completion kbase {shlex.quote(words[-1])} {shlex.quote(words[-2])}\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}", "KBASE_DB": str(db)}
    done = subprocess.run(
        [str(BASH), "-c", script],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        check=True,
    )
    assert done.stderr == ""
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("kbase se", {"search", "serve"}),
        ("kbase --ver", {"--version"}),
        ("kbase show --ver", {"--version"}),
        ("kbase show --version v5.", {"v5.4", "v5.15.55"}),
        ("kbase show --version lat", {"latest"}),
        ("kbase diff v5.4 v5.1", {"v5.15.55"}),
        ("kbase search --version v5.4..v5.1", {"v5.4..v5.15.55"}),
        ("kbase show inode_operations.rena", {"inode_operations.rename"}),
        ("kbase show setle", {"setlease"}),
        ("kbase history I_RW", {"i_rwsem"}),
        ("kbase diff v5.4 v6.8.1 inode_operations.tm", {"inode_operations.tmpfile"}),
        ("kbase export --format doc", {"documents"}),
    ],
)
def test_what_bash_offers(programs: Path, few: Path, line: str, offered: set[str]) -> None:
    assert completed(programs, line, few) == offered


def test_every_command_is_offered(programs: Path, few: Path) -> None:
    assert {"build", "diff", "show", "versions"} <= completed(programs, "kbase ", few)


def test_another_database_on_the_line_counts(programs: Path, few: Path, tmp_path: Path) -> None:
    assert "v5.4" in completed(programs, f"kbase show --db {few} --version v5.", tmp_path / "none")


def test_without_a_database_nothing_is_offered_and_none_is_built(programs: Path, tmp_path: Path) -> None:
    assert completed(programs, "kbase show ren", tmp_path / "none") == set()
    assert not (tmp_path / "none").exists()


def test_files_are_left_to_bash(programs: Path, few: Path) -> None:
    """The function answers with the word alone and sets `compopt`; outside a completion bash says so."""
    environment = os.environ | {
        "_KBASE_COMPLETE": "bash_complete",
        "COMP_WORDS": "kbase build loc",
        "COMP_CWORD": "2",
        "KBASE_DB": str(few),
    }
    done = subprocess.run([str(programs / "kbase")], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "file,loc\n"
