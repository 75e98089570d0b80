"""The documentation is true: every command, option, route, kind and code stands in the README, and its examples run.

`make readme` writes the examples' present output into it.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import pytest

from kbase.build.pipeline import build
from kbase.cli import COMMANDS, cli
from kbase.diff import ChangeKind, Severity
from kbase.knowledge.check import CODES
from kbase.knowledge.export import ExportKind
from kbase.pages.routes import ROUTES
from kbase.reference import BUILDERS
from kbase.search.syntax import FIELDS

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "README.md"
README = FILE.read_text("utf-8")
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROSE = BLOCK.sub("", README)
EXAMPLE = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
EXAMPLES = [match.groups() for block in BLOCK.findall(README) for match in EXAMPLE.finditer(block)]


def output(command: str, db: Path) -> str:
    """What a shell prints for an example, in the checkout, with the bundled knowledge base."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "KBASE_DB": str(db), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 141), done.stderr
    return done.stdout


@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_examples_print_what_the_readme_shows(command: str, shown: str, bundled: Path) -> None:
    assert output(command, bundled) == shown


def command(name: str) -> click.Command:
    found = cli.get_command(None, name)
    assert found is not None
    return found


def test_every_command_has_an_example() -> None:
    shown = {shlex.split(line)[0] for line in re.findall(r"^\s*(?:\$ )?kbase (.+)$", README, re.MULTILINE)}
    assert set(COMMANDS) <= shown


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_is_documented(name: str) -> None:
    section = PROSE.partition(f"### `kbase {name}")[2].partition("\n### ")[0].partition("\n## ")[0]
    assert section, f"no section about kbase {name}"
    for parameter in command(name).params:
        if isinstance(parameter, click.Option) and parameter.name not in ("db", "as_json", "help"):
            assert parameter.opts[0] in section, f"kbase {name} {parameter.opts[0]}"


def test_documented_options_exist() -> None:
    for line in re.findall(rf"^\s*(?:\$ )?kbase ((?:{'|'.join(COMMANDS)}) .*)$", README, re.MULTILINE):
        name, *words = shlex.split(line.partition("|")[0].partition("#")[0])
        known = {option for parameter in command(name).params for option in parameter.opts}
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known, line


@pytest.mark.parametrize("rule", [route.rule for route in ROUTES])
def test_every_route_is_documented(rule: str) -> None:
    assert "`" + rule.replace("path:", "") + "`" in README


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_diagnostic_code_is_documented(code: str) -> None:
    assert f"| `{code}` |" in README


def test_every_code_that_is_given_has_a_meaning() -> None:
    given = re.compile(r"(?:code=|report\(|diagnostic\(|error\(|_at\(op, )\s*\"([a-z]+(?:-[a-z]+)+)\"")
    found = {code for path in (ROOT / "kbase").rglob("*.py") for code in given.findall(path.read_text("utf-8"))}
    assert found == set(CODES)


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_every_kind_of_change_is_documented(kind: str) -> None:
    assert f"| `{kind}` |" in README


@pytest.mark.parametrize("word", [*ExportKind, *Severity, *BUILDERS])
def test_closed_vocabularies_are_documented(word: str) -> None:
    assert f"`{word}`" in README


@pytest.mark.parametrize("field", FIELDS)
def test_every_search_field_is_documented(field: str) -> None:
    about, example = FIELDS[field]
    assert f"| `{field}:` | {about} | `{example}` |" in README


def test_every_dependency_is_explained() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8").partition("dependencies = [")[2].partition("\n]")[0]
    for name in re.findall(r'^    "([a-z0-9.]+)', text, re.MULTILINE):
        assert re.search(rf"^\| {re.escape(name)} \|", README, re.MULTILINE | re.IGNORECASE), name


def test_the_targets_of_make_are_those_of_the_readme() -> None:
    (targets,) = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert {*targets.split()} == {*re.findall(r"(?:`|^    )make ([a-z-]+)", README, re.MULTILINE)}


def test_links_to_headings_lead_somewhere() -> None:
    headings = {line.lower().replace(" ", "-") for line in re.findall(r"^#+ ([\w -]+)$", PROSE, re.MULTILINE)}
    assert {*re.findall(r"\]\(#([^)]+)\)", README)} <= headings


def test_links_within_the_checkout_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", README):
        assert (ROOT / target).exists(), target


def test_the_tests_that_the_security_page_names_exist() -> None:
    page = (ROOT / "docs/security.md").read_text("utf-8")
    rows = re.findall(r"^\| [^|]+ \| [^|]+ \| (`[^|]+::[^|]+`) \|$", page, re.MULTILINE)
    named = {tuple(each.split("::")) for row in rows for each in re.findall(r"`([^`]+)`", row)}
    assert len(rows) == page.split("| threat |")[1].count("\n| ")
    for file, test in named:
        assert f"def {test}(" in (ROOT / "tests" / file).read_text("utf-8"), f"{file}::{test}"


def update(db: Path) -> None:
    """Write what the examples print now into the README."""

    def renew(block: re.Match[str]) -> str:
        return EXAMPLE.sub(lambda example: f"$ {example[1]}\n{output(example[1], db)}", block[0])

    FILE.write_text(BLOCK.sub(renew, README), "utf-8")


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        build(Path(folder) / "db")
        update(Path(folder) / "db")
