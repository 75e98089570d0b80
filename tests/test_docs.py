"""README and docs are true: commands, options, routes, kinds and codes are documented; examples print what is shown.

`make readme` updates the examples, and the tables that the program defines.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent, indent

import click
import pytest

from kbase.build.pipeline import build
from kbase.cli import COMMANDS, cli
from kbase.diff.changes import ChangeKind, Severity
from kbase.knowledge.check import CODES
from kbase.knowledge.export import ExportKind
from kbase.pages.routes import ROUTES
from kbase.reference import BUILDERS
from kbase.search.query_syntax import FIELDS

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
FILES = (README, *sorted((ROOT / "docs").glob("*.rst")))
TEXT = "\n".join(path.read_text("utf-8") for path in FILES)
MARKDOWN_BLOCK = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.MULTILINE | re.DOTALL)
RST_BLOCK = re.compile(r"(?<=^\.\. code-block:: console\n\n)((?:   .*\n|\n(?=\n*   ))+)", re.MULTILINE)
EXAMPLE = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
BLOCKS = (*MARKDOWN_BLOCK.findall(TEXT), *map(dedent, RST_BLOCK.findall(TEXT)))
EXAMPLES = [example.groups() for block in BLOCKS for example in EXAMPLE.finditer(block)]
PROSE = RST_BLOCK.sub("", MARKDOWN_BLOCK.sub("", TEXT))
SECTION = re.compile(r"^kbase (\w+)\n-+\n(.*?)(?=^kbase \w+\n-+\n|^[^\n]+\n=+\n|\Z)", re.MULTILINE | re.DOTALL)
SECTIONS = dict(SECTION.findall(PROSE))
TABLES: dict[str, list[tuple[str, str, str]]] = {  # those that the program itself defines, by their headers
    "kind | severity | meaning": [(kind, kind.severity, kind.meaning) for kind in ChangeKind],
    "field | value | example": [(f"{field}:", about, f"`{example}`") for field, (about, example) in FIELDS.items()],
    "address | page | parameters": [
        (route.rule.replace("path:", ""), route.about, ", ".join(f"`{each.name}`" for each in route.query))
        for route in ROUTES
    ],
}


def rows(header: str) -> str:
    """The rows of such a table, as reStructuredText."""
    cells = ((f"`{name}`", *others) for name, *others in TABLES[header])
    return "".join(f"   {re.sub('`+', '``', ' | '.join(row)).rstrip()}\n" for row in cells)


def table(header: str) -> re.Pattern[str]:
    """Where a table stands: its header and options, its rows."""
    return re.compile(rf"(^   :header: {re.escape(header)}\n(?:   :.*\n)*\n)((?:   .*\n)+)", re.MULTILINE)


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


@pytest.mark.slow
@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_examples_print_what_is_shown(command: str, shown: str, bundled: Path) -> None:
    assert output(command, bundled) == shown


def test_every_block_of_examples_is_tested() -> None:
    assert len(BLOCKS) == TEXT.count("```console\n") + TEXT.count(".. code-block:: console\n")
    assert all(block.startswith("$ kbase ") for block in BLOCKS)


def test_the_readme_is_short() -> None:
    assert README.read_text("utf-8").count("\n") <= 200


def test_each_change_is_one_line() -> None:
    lines = (ROOT / "CHANGES.md").read_text("utf-8").splitlines()
    assert not [line for line in lines if line.startswith(" ") or len(line) > 125]
    assert len([*filter(None, lines)]) == len({*filter(None, lines)})


def command(name: str) -> click.Command:
    found = cli.get_command(None, name)
    assert found is not None
    return found


def test_every_command_has_an_example() -> None:
    shown = {line.split()[0] for line in re.findall(r"^\s*(?:\$ )?kbase (.+)$", TEXT, re.MULTILINE)}
    assert set(COMMANDS) <= shown


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_is_documented(name: str) -> None:
    for parameter in command(name).params:
        if isinstance(parameter, click.Option) and parameter.name not in ("db", "as_json", "help"):
            assert parameter.opts[0] in SECTIONS[name], f"kbase {name} {parameter.opts[0]}"


def test_documented_options_exist() -> None:
    for line in re.findall(rf"^\s*(?:\$ )?kbase ((?:{'|'.join(COMMANDS)}) .*--.*)$", TEXT, re.MULTILINE):
        name, *words = shlex.split(line.partition("|")[0].partition("#")[0])
        known = {each for option in command(name).params for each in (*option.opts, *option.secondary_opts)}
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known, line


@pytest.mark.parametrize("header", TABLES)
def test_tables_say_what_the_program_says(header: str) -> None:
    assert [found[1] for found in table(header).findall(TEXT)] == [rows(header)]


@pytest.mark.parametrize("code", CODES)
def test_every_diagnostic_code_is_documented(code: str) -> None:
    assert f"   ``{code}`` | {CODES[code]} | " in TEXT


def test_every_code_that_is_given_has_a_meaning() -> None:
    given = re.compile(r"(?:code=|report\(|diagnostic\(|error\(|_at\(op, )\s*\"([a-z]+(?:-[a-z]+)+)\"")
    found = {code for path in (ROOT / "kbase").rglob("*.py") for code in given.findall(path.read_text("utf-8"))}
    assert found == set(CODES)


@pytest.mark.parametrize("word", [*ExportKind, *Severity, *BUILDERS])
def test_closed_vocabularies_are_documented(word: str) -> None:
    assert f"`{word}`" in TEXT


def test_every_dependency_is_explained() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8").partition("dependencies = [")[2].partition("\n]")[0]
    for name in re.findall(r'^    "([a-z0-9.-]+)', text, re.MULTILINE):
        assert re.search(rf"^   {re.escape(name)} \|", TEXT, re.MULTILINE | re.IGNORECASE), name


def test_the_documented_targets_of_make_exist() -> None:
    (targets,) = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert {*targets.split()} == {*re.findall(r"(?:`|^ {3,4})make ([a-z-]+)", TEXT, re.MULTILINE)}


def test_links_of_the_readme_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README.read_text("utf-8")):
        assert (ROOT / target).exists(), target


def test_named_files_exist() -> None:
    for name in re.findall(r"``((?:kbase|templates|corpus|docs|tests)/[\w./-]+)``", TEXT):
        assert (ROOT / name).exists(), name


def test_the_tests_that_the_security_page_names_exist() -> None:
    page = (ROOT / "docs/security.rst").read_text("utf-8").partition("threat | answer | test")[2]
    threats = re.findall(r"^   .+ \| .+ \| (.+)$", page, re.MULTILINE)
    assert threats
    for threat in threats:
        for file, test in (name.split("::") for name in re.findall(r"``([^`]+)``", threat)):
            assert f"def {test}(" in (ROOT / "tests" / file).read_text("utf-8"), f"{file}::{test}"


@pytest.mark.slow
def test_the_site_builds(bundled: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-D", f"kbase_db={bundled}", f"{ROOT}/docs", f"{tmp_path}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "vfs-op-inode_operations.rename" in (tmp_path / "sphinx.html").read_text("utf-8")


def update(path: Path, db: Path) -> None:
    """Write what the examples print now, and the tables as the program has them now, into a page."""

    def renewed(block: str) -> str:
        return EXAMPLE.sub(lambda example: f"$ {example[1]}\n{output(example[1], db)}", block)

    text = MARKDOWN_BLOCK.sub(lambda block: renewed(block[0]), path.read_text("utf-8"))
    text = RST_BLOCK.sub(lambda block: indent(renewed(dedent(block[0])).rstrip() + "\n", "   "), text)
    for header in TABLES:
        text = table(header).sub(r"\g<1>" + rows(header).replace("\\", r"\\"), text)
    for code, meaning in CODES.items():
        text = re.sub(rf"^   ``{code}`` \| [^|]+ \|", f"   ``{code}`` | {meaning} |", text, flags=re.MULTILINE)
    path.write_text(text, "utf-8")


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        build(Path(folder) / "db")
        for page in FILES:
            update(page, Path(folder) / "db")
