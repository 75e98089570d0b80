"""The wheel holds all that is needed: installed into an empty environment it builds, shows and renders."""

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
RENDER = """
from pathlib import Path
from kbase.web.application import create_app
client = create_app(Path({db!r})).test_client()
page = client.get("/v/latest/inode_operations/rename/", follow_redirects=True)
assert page.status_code == 200, page.status
assert b"i_rwsem" in page.data
import kbase.places
assert "site-packages" in str(kbase.places.corpus()), kbase.places.corpus()
"""


def call(*command: str | Path, environment: dict[str, str] | None = None, cwd: Path | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    call(*PIP, "wheel", "--no-build-isolation", "--no-deps", "--wheel-dir", folder, ROOT)
    (found,) = folder.glob("kbase-*.whl")
    return found


def test_wheel_holds_every_file(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = call("git", "-C", ROOT, "ls-files", "kbase", "templates", "corpus").splitlines()
    wanted = {re.sub(r"^(templates|corpus)/", r"kbase/_data/\1/", name) for name in tracked}
    assert wanted <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests/")]


def test_wheel_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    python = tmp_path / "env" / "bin" / "python"
    call(sys.executable, "-m", "venv", tmp_path / "env")
    for requirements in ("requirements-build.txt", "requirements.txt"):
        call(python, "-m", "pip", "-q", "install", "--require-hashes", "-r", ROOT / requirements)
    call(python, "-m", "pip", "-q", "install", "--no-deps", wheel)
    call(python, "-m", "pip", "check")
    home = tmp_path / "home"
    home.mkdir()
    kept = {
        name: value for name, value in os.environ.items() if name not in ("KBASE_DB", "XDG_DATA_HOME", "PYTHONPATH")
    }
    environment = kept | {"HOME": str(home)}
    shown = call(python.parent / "kbase", "show", "rename", "--json", environment=environment, cwd=tmp_path)
    assert json.loads(shown)["dotted"] == "inode_operations.rename"
    db = home / ".local" / "share" / "kbase"
    assert db.is_dir()
    call(python, "-c", RENDER.format(db=str(db)), environment=environment, cwd=tmp_path)
    call(python, "-m", "kbase", "--version", environment=environment, cwd=tmp_path)


def test_locks_satisfy_what_is_declared() -> None:
    groups = PYPROJECT["dependency-groups"]
    declared = {
        "requirements.txt": PYPROJECT["project"]["dependencies"],
        "requirements-build.txt": groups["build"],
        "requirements-dev.txt": [*PYPROJECT["project"]["dependencies"], *groups["build"], *groups["dev"]],
        "requirements-tools.txt": groups["tools"],
    }
    for name, requirements in declared.items():
        text = (ROOT / name).read_text("utf-8")
        locked = re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE)  # one more than once, by Python
        for requirement in map(Requirement, requirements):
            versions = [version for each, version in locked if each == canonicalize_name(requirement.name)]
            assert any(map(requirement.specifier.contains, versions)), f"{name}: {requirement}"


def test_locks_agree_with_each_other() -> None:
    everything = set(
        re.findall(r"^[a-z0-9].*?(?= \\)", (ROOT / "requirements-dev.txt").read_text("utf-8"), re.MULTILINE)
    )
    for name in ("requirements.txt", "requirements-build.txt"):
        assert set(re.findall(r"^[a-z0-9].*?(?= \\)", (ROOT / name).read_text("utf-8"), re.MULTILINE)) <= everything


def test_every_locked_package_supports_every_python() -> None:
    """A package may be locked twice; for each Python from 3.11 to 3.14 one of them must hold."""
    text = (ROOT / "requirements-dev.txt").read_text("utf-8")
    requirements = [Requirement(line) for line in re.findall(r"^[a-z0-9].*?(?= \\)", text, re.MULTILINE)]
    for minor in (11, 12, 13, 14):
        system = {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.6", "sys_platform": "linux"}
        names = [each.name for each in requirements if each.marker is None or each.marker.evaluate(system)]
        assert len(names) == len(set(names)), minor


def test_the_licence_of_every_locked_package_is_listed() -> None:
    locked = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE))
    readme = (ROOT / "README.md").read_text("utf-8")
    section = readme.partition("### Licences")[2].partition("## Limits")[0]
    assert locked <= set(re.findall(r"[a-z0-9._-]+", section))
