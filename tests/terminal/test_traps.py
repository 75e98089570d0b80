"""Nothing is run from the folder that kbase is called in: it may be anybody's."""

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from importlib.metadata import distributions, packages_distributions
from pathlib import Path
from urllib.request import urlopen

import pytest

from kbase.cli import cli
from tests.conftest import Put

IMPORTED = re.compile(r"^\s*(?:import|from)\s+(\w+)", re.MULTILINE)
KBASE = str(Path(sys.executable).with_name("kbase"))
FORMS = {"kbase": (KBASE,), "python -m kbase": (sys.executable, "-m", "kbase")}
LOCKING = """\
inode_operations
================

prototypes::

	int (*create) (struct inode *);

locking rules:

======= ======
ops     i_rwsem
======= ======
create: {}
======= ======
"""
HEADER = "struct inode_operations {\n\tint (*create)(struct inode *, int);\n};\n"
COMMANDS = {
    "build": ("{tree}", "{repository}"),
    "remove": ("{tree}",),
    "versions": (),
    "identify": ("{tree}",),
    "search": ("create",),
    "show": ("create",),
    "diff": ("v6.4", "v6.5"),
    "history": ("create",),
    "drift": (),
    "port": ("{code}", "--from", "v6.4", "--to", "v6.5"),
    "callers": ("inode_operations.create",),
    "export": (),
    "check": (),
    "serve": ("--port", "0"),
    "reference": ("{out}", "--version", "v6.4", "--version", "v6.5", "--builder", "text"),
}


def module_names() -> set[str]:
    """What kbase and its libraries import, or may: installed or not."""
    names = {"sitecustomize", "usercustomize", "conf", *sys.stdlib_module_names, *packages_distributions()}
    libraries = ("sphinx", "docutils", "whoosh3", "flask", "waitress", "jinja2", "click", "rich", "furo", "werkzeug")
    for found in distributions():
        if found.name.lower() in libraries:
            files = (Path(str(found.locate_file(file))) for file in found.files or () if file.suffix == ".py")
            names.update(name for file in files for name in IMPORTED.findall(file.read_text("utf-8", "replace")))
    return {name for name in names if name.isidentifier()} - {"kbase"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, put: Put) -> Path:
    """A folder with traps, two versions as a tree and as a repository, and a database of them."""
    place = tmp_path_factory.mktemp("place")
    for name in module_names():
        put(place / f"traps/{name}.py", f"open({str(place / 'sprung' / name)!r}, 'w').close()\n")
    for name in ("sphinx/__init__.py", "sphinx/__main__.py", "docutils/__init__.py"):
        put(place / "traps" / name, f"open({str(place / 'sprung/package')!r}, 'w').close()\n")
    put(place / "traps/docutils.conf", "[general]\nfile_insertion_enabled: yes\nhalt_level: 1\nreport_level: 1\n")
    for name in ("git", "python", "python3", "ldconfig", "gcc", "cc", "ld", "objdump"):
        put(place / "traps" / name, f"#!/bin/sh\necho > '{place}/sprung/program-{name}'\n").chmod(0o755)
    (place / "sprung").mkdir()
    put(place / "v6.4/Documentation/filesystems/locking.rst", LOCKING.format("yes   "))
    put(place / "v6.5/Documentation/filesystems/locking.rst", LOCKING.format("no    "))
    put(place / "v6.5/include/linux/fs.h", HEADER)
    put(place / "code/a.c", "static const struct inode_operations a = { .create = b };\n")
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(place / "v6.5"))
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "x"), ("tag", "v6.5")):
        subprocess.run([*git, *command], check=True)
    build = ["build", str(place / "v6.4"), str(place / "v6.5"), "--db", str(place / "db")]
    subprocess.run([sys.executable, "-P", "-m", "kbase", *build], check=True, cwd=place)
    return place


def before_any_module(folder: Path) -> set[str]:
    """What `python -m` itself imports, from the current folder, before it looks for the module named."""
    (folder / "probe.py").write_text("import sys; print(*sys.modules)")
    done = subprocess.run([sys.executable, "-m", "probe"], cwd=folder, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("command", cli.list_commands())
def test_no_command_runs_what_lies_in_the_current_folder(place: Path, tmp_path: Path, form: str, command: str) -> None:
    traps = place / "traps"
    if form == "python -m kbase":
        traps = tmp_path / "traps"
        traps.mkdir()
        own = {f"{name}.py" for name in before_any_module(tmp_path)}
        for trap in (path for path in (place / "traps").iterdir() if path.name not in own):
            (traps / trap.name).symlink_to(trap)
    names = {"tree": place / "v6.4", "repository": f"v6.5={place / 'v6.5'}", "out": tmp_path / "out"}
    names["code"] = place / "code"
    words = [word.format_map(names) for word in COMMANDS[command]]
    shutil.copytree(place / "db", tmp_path / "db")
    path = {"PATH": f".:{os.environ['PATH']}::"}
    process = subprocess.Popen(
        [*FORMS[form], command, *words, "--db", str(tmp_path / "db")],
        cwd=traps,
        env=os.environ | path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        if command == "serve":
            line = next((line for line in process.stderr if "serving" in line), "")
            for address in re.findall(r"http://\S+", line):
                urlopen(f"{address}search?q=create").read()
            process.send_signal(signal.SIGTERM)
        said = process.stderr.read()
    assert [path.name for path in (place / "sprung").iterdir()] == [], said
    assert process.returncode == 0, said


def test_a_checkout_runs_from_its_folder(place: Path, tmp_path: Path) -> None:
    """Where kbase is not installed: the current folder is where it comes from, for the processes it starts, too."""
    root = Path(__file__).resolve().parents[2]
    for name in ("kbase", "templates", "corpus"):
        (tmp_path / name).symlink_to(root / name)
    done = subprocess.run(
        [
            str(Path(sys.executable).resolve()),
            "-m",
            "kbase",
            "reference",
            "out",
            "--db",
            str(place / "db"),
            "--version",
            "v6.4",
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": sysconfig.get_path("purelib")},  # its .pth files are not read from there
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
