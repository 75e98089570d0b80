"""Builds that are ended from outside while several processes parse: nothing is left of them, nothing waits for them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from kbase.build.pipeline import build
from kbase.errors import KbaseError
from kbase.store import generations
from kbase.store.writer import Writer

pytestmark = pytest.mark.slow

Put = Callable[[Path, str], Path]
Locking = Callable[..., str]
Labels = Callable[[Path], tuple[str, ...]]
ROOT = Path(__file__).resolve().parents[2]
VERSIONS = 40
PROGRAM = (
    "import sys; from pathlib import Path; import kbase.places; from kbase.cli import main;"
    " kbase.places.corpus = lambda: Path(sys.argv[1]); main(sys.argv[2:])"
)


def parents() -> dict[int, int]:
    """The parent of each process that runs."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                found[int(stat.parent.name)] = int(parent)
    return found


def descendants(process: int) -> set[int]:
    """The processes that a process has started, and those that they have."""
    each = parents()
    found, more = set[int](), {process}
    while more := {child for child, parent in each.items() if parent in more}:
        found |= more
    return found


@pytest.fixture
def trees(tmp_path: Path, tree: Put, locking: Locking) -> Path:
    """So many versions that several processes parse them."""
    for minor in range(VERSIONS):
        tree(tmp_path / f"trees/v5.{minor}", locking(f"cell {minor}"))
    return tmp_path / "trees"


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that comes at once, or on a busy machine in a while."""
    for _ in range(1500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it does not come")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_build_that_is_ended_while_workers_parse_leaves_nothing(
    db: Path, corpus: Path, trees: Path, labels: Labels, number: signal.Signals
) -> None:
    build(db, corpus=corpus)
    command = [sys.executable, "-c", PROGRAM, str(corpus), "build", str(trees), "--jobs", "3", "--db", str(db)]
    workers = set[int]()
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as building:
        try:
            until(lambda: len(descendants(building.pid)) >= 2)
            workers = descendants(building.pid)
            building.send_signal(number)
            _, error = building.communicate(timeout=60)
            if number == signal.SIGKILL:
                assert building.returncode == -number
            else:
                assert building.returncode == 128 + number
                assert error == "kbase: interrupted\n"
                assert [path.name for path in (db / "generations").iterdir()] == ["1"]
            assert labels(db) == ("v6.4",)
            build(db, [str(trees)], corpus=corpus)  # at once: nobody holds the lock
            assert len(labels(db)) == VERSIONS + 1
            until(lambda: not workers & parents().keys())
            assert len(list((db / "generations").iterdir())) == 1
        finally:
            for worker in workers & parents().keys():
                os.kill(worker, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_git_ends_with_the_build_that_started_it(
    db: Path, corpus: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """A git that takes its time stands for a large repository."""
    slow = tmp_path / "bin/git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 1000\n")
    slow.chmod(0o755)
    (tmp_path / "linux/.git").mkdir(parents=True)
    words = ["build", str(tmp_path / "linux"), "--tags", "v6.*", "--db", str(db)]
    environment = {**os.environ, "PATH": f"{slow.parent}:{os.environ['PATH']}"}
    command = [sys.executable, "-c", PROGRAM, str(corpus), *words]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as building:
        until(lambda: bool(descendants(building.pid)))
        [git] = descendants(building.pid)
        building.send_signal(number)
        building.wait(60)
    try:
        until(lambda: git not in parents())
    finally:
        if git in parents():
            os.kill(git, signal.SIGKILL)


def test_workers_are_given_what_is_to_be_parsed_a_few_bytes_at_a_time(
    db: Path, corpus: Path, trees: Path, locking: Locking, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, most = 0, 0

    def data(writer: Writer, blob: str) -> bytes:
        nonlocal taken
        taken += 1
        return read(writer, blob)

    def told(stage: str, done: int, total: int, what: str) -> None:
        nonlocal most
        most = max(most, taken - done if stage == "parse" else 0)

    read = Writer.data
    monkeypatch.setattr(Writer, "data", data)
    monkeypatch.setattr("kbase.build.workers.IN_FLIGHT", 4 * len(locking("cell 10")), raising=False)
    build(db, [str(trees)], corpus=corpus, jobs=2, progress=told)
    assert taken > VERSIONS
    assert most <= 5


def end(*_: Any) -> Any:
    """A parser that the system ends."""
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_that_the_system_ends_is_told(db: Path, corpus: Path, trees: Path, labels: Labels) -> None:
    build(db, corpus=corpus)
    code = (
        "import sys; from pathlib import Path; from kbase.build.pipeline import build; "
        "from tests.build.test_interrupted import end; "
        "build(Path(sys.argv[1]), [sys.argv[2]], corpus=Path(sys.argv[3]), jobs=2, parse=end)"
    )
    command = [sys.executable, "-c", code, str(db), str(trees), str(corpus)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert "KbaseError: Documentation/filesystems/locking.rst: the process that parses it was ended" in done.stderr
    assert labels(db) == ("v6.4",)


def fail(*_: Any) -> Any:
    """A parser with a mistake."""
    raise KbaseError("a mistake", "here")


def test_what_a_worker_raises_the_build_raises(db: Path, corpus: Path, trees: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from kbase.build.pipeline import build; "
        "from tests.build.test_interrupted import fail; "
        "build(Path(sys.argv[1]), [sys.argv[2]], corpus=Path(sys.argv[3]), jobs=2, parse=fail)"
    )
    command = [sys.executable, "-c", code, str(db), str(trees), str(corpus)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert "kbase.errors.KbaseError: here: a mistake" in done.stderr
    assert generations.newest(db) is None
