"""Trouble with the machine: a full disk, folders that are not ours, damage, and builds that meet."""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from kbase.build.pipeline import build
from kbase.errors import SourceError
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.sources import trees

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
STRANGER = 12345
TABLE = "inode_operations\n================\n\nlocking rules:\n\n======= ======\nops     i_rwsem\n======= ======\n"


def write(tree: Path, rows: str) -> None:
    """The one document of a tree."""
    document = tree / "Documentation/filesystems/locking.rst"
    document.parent.mkdir(parents=True, exist_ok=True)
    document.write_text(f"{TABLE}{rows}\n======= ======\n")


def rule(db: Path) -> str:
    """What is held of `create`; the index must know it, too."""
    with closing(KnowledgeBase.open(db)) as kb:
        assert kb.search("create").total
        return kb.op("v6.4", "inode_operations", "create").locks[0].record.cell


# The program without the bundled corpus. As another user it first does the same as root, elsewhere, as that user may
# not be able to read the interpreter's modules.
PROGRAM = """
import contextlib, io, os, sys
from pathlib import Path
import kbase.places
from kbase.cli import main

kbase.places.corpus = lambda: Path(sys.argv[1], "none")
user, words = int(sys.argv[2]), sys.argv[3:]
if user and os.geteuid() == 0:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        scratch = ["--db", f"{sys.argv[1]}/scratch"]
        for command in (["build", f"{sys.argv[1]}/v6.4", *scratch], ["search", "create", *scratch], [*words, *scratch]):
            with contextlib.suppress(SystemExit):
                main(command)
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
main(words)
"""


def run(db: Path, *arguments: object, user: int = 0) -> subprocess.CompletedProcess[str]:
    """The program over a database, as that user."""
    command = program(db, *arguments, user=user)
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, timeout=300)


def program(db: Path, *arguments: object, user: int = 0) -> list[str]:
    jobs = ["--jobs", "1"] if arguments[0] == "build" else []
    words = [*map(str, arguments), *jobs, "--db", str(db)]
    return [sys.executable, "-c", PROGRAM, str(db.parent), str(user), *words]


def told(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a command that failed."""
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "a mistake in kbase" not in done.stderr
    return done.stderr


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every user can reach, and nobody else can write to."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def db(place: Path) -> Path:
    """A database of one document, which says `exclusive` of `create`."""
    write(place / "v6.4", "create: exclusive")
    build(place / "db", [str(place / "v6.4")], corpus=place / "none")
    return place / "db"


Room = Callable[[int], AbstractContextManager[None]]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, Room]]:
    """A folder on a disk of 8 MiB, and how to leave only so many bytes of it.

    Where nothing can be mounted, no file may become larger than that instead.
    """
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "kbase", str(tmp_path)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False, capture_output=True).returncode:
        yield tmp_path, small_files
        return
    try:
        yield tmp_path, partial(filled, tmp_path)
    finally:
        subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


@contextmanager
def filled(disk: Path, left: int) -> Iterator[None]:
    filler = disk / "filler"
    filler.write_bytes(b"\0" * (shutil.disk_usage(disk).free - left))
    yield
    filler.unlink()


@contextmanager
def small_files(largest: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_loses_nothing(small_disk: tuple[Path, Room]) -> None:
    disk, room = small_disk
    db, tree = disk / "db", disk / "v6.4"
    write(tree, "create: exclusive")
    build(db, [str(tree)], corpus=disk / "none")
    write(tree, "create: shared\n" + "\n".join(f"op{number}: yes" for number in range(300)))
    for left in (0, 8_192, 65_536):
        with room(left):
            done = run(db, "build", tree)
        assert re.search("No space left on device|disk is full|File too large|disk I/O error", told(done))
        assert rule(db) == "exclusive"
        assert len(list((db / "generations").iterdir())) == 1, "what was begun is left behind"
    build(db, [str(tree)], corpus=disk / "none")
    assert rule(db) == "shared"


def test_a_folder_that_another_user_may_only_read_serves_and_is_not_written(db: Path, place: Path) -> None:
    for path in (db, *db.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    write(place / "v6.4", "create: shared")
    assert "exclusive" in run(db, "show", "create", user=NOBODY).stdout
    assert run(db, "search", "create", user=NOBODY).returncode == 0
    line = told(run(db, "build", user=NOBODY))
    assert line.startswith(f"kbase: {db}: cannot be written: Permission denied")
    assert rule(db) == "exclusive"
    for path in (db, *db.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_what_another_user_may_not_read_is_told(db: Path, place: Path) -> None:
    document = place / "v6.4/Documentation/filesystems/locking.rst"
    document.chmod(0)
    shutil.copytree(db, place / "own")
    if os.geteuid() == 0:
        for path in (place / "own", *(place / "own").rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    line = told(run(place / "own", "build", f"v6.5={document}", user=NOBODY))
    assert str(document) in line
    assert "Permission denied" in line
    shut = place / "v6.4"
    shut.chmod(0)
    line = told(run(place / "own", "build", shut, user=NOBODY))
    assert line.startswith(f"kbase: {shut}: cannot be read: Permission denied")
    shut.chmod(0o755)
    db.chmod(0)
    try:
        assert str(db) in told(run(db, "versions", user=NOBODY))
    finally:
        db.chmod(0o755)
        document.chmod(0o644)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_an_index_of_a_stranger_is_not_opened(db: Path) -> None:
    for path in db.rglob("index/*"):
        os.chown(path, STRANGER, STRANGER)
    line = told(run(db, "search", "create"))
    assert "another user" in line
    assert run(db, "show", "create").returncode == 0


def test_an_index_that_was_tampered_with_is_not_opened(db: Path) -> None:
    path = max((path for path in db.rglob("index/*") if path.is_file()), key=lambda path: path.stat().st_size)
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert path.name in told(run(db, "search", "create"))
    assert run(db, "show", "create").returncode == 0
    path.write_bytes(data)
    assert run(db, "search", "create").returncode == 0


def test_a_file_that_vanishes_during_a_build_is_told_with_its_name(
    db: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = place / "v6.4/Documentation/filesystems/locking.rst"
    read_file = trees.read_file

    def vanish(file: Path, size: int) -> bytes:
        document.unlink(missing_ok=True)
        return read_file(file, size)

    monkeypatch.setattr(trees, "read_file", vanish)
    with pytest.raises(SourceError, match=f"^{document}: it was deleted.*run the command again"):
        build(db, corpus=place / "none")
    assert rule(db) == "exclusive"


def test_two_builds_at_once_are_one_build_and_one_line(db: Path, place: Path) -> None:
    holder = (
        "import fcntl, sys, time; file = open(sys.argv[1]); fcntl.flock(file, 2); print(flush=True); time.sleep(300)"
    )
    with subprocess.Popen([sys.executable, "-c", holder, str(db / "lock")], stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        line = told(run(db, "build", place / "v6.4"))
        other.kill()
    assert line.startswith(f"kbase: {db}: another build is running")
    assert rule(db) == "exclusive"


def test_ctrl_c_leaves_everything_as_it_was(db: Path, place: Path) -> None:
    write(place / "v6.4", "create: shared\n" + "\n".join(f"op{number}: yes" for number in range(3000)))
    command = program(db, "build", place / "v6.4")
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as building:
        while len(list((db / "generations").iterdir())) < 2 and building.poll() is None:
            pass
        building.send_signal(signal.SIGINT)
        out, error = building.communicate(timeout=100)
    assert building.returncode == 130, (out, error)
    assert [line for line in error.splitlines() if line.startswith("kbase:")] == ["kbase: interrupted"]
    assert "Traceback" not in error
    assert rule(db) == "exclusive"
    assert len(list((db / "generations").iterdir())) == 1


def test_everything_is_synced_before_it_serves(db: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system is asked for, in order: every file and folder of a generation, then the swap, then the folder."""
    calls = list[tuple[str, Path]]()
    fsync, replace = os.fsync, os.replace

    def sync(file: int) -> None:
        calls.append(("sync", Path(f"/proc/self/fd/{file}").readlink()))
        fsync(file)

    def swap_in(old: Path, new: Path) -> None:
        calls.append(("swap", Path(new)))
        replace(old, new)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", swap_in)
    write(place / "v6.4", "create: shared")
    build(db, corpus=place / "none")
    generation = db / "generations" / (db / "current").read_text().strip()
    swap = calls.index(("swap", db / "current"))
    wanted = {generation, generation.parent, db / "current.new", *generation.rglob("*")}
    assert wanted - {path for what, path in calls[:swap] if what == "sync"} == set()
    assert ("sync", db) in calls[swap:]
