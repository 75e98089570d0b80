"""Imports point one way, and each outside library has its one place."""

import ast
import re
from graphlib import TopologicalSorter

import pytest

from docs.architecture_drawing import DRAWING, FILES, ROOT, drawing, imports, module_imports, package, package_imports
from kbase.cli import COMMANDS

# The one straight line: a package or a module at the root imports from rows above its own, never from below.
LAYERS = (
    ("errors",),
    ("places",),
    ("model",),
    ("kernel",),
    ("text",),
    ("sources",),
    ("parsers",),
    ("store",),
    ("diff",),
    ("search",),
    ("build",),
    ("knowledge",),
    ("pages",),
    ("web", "terminal", "sphinx"),
    ("reference",),  # Sphinx sources that use our Sphinx extension
    ("cli",),
    ("__main__",),
)
RANK = {name: rank for rank, row in enumerate(LAYERS) for name in row}
PURE = ("model", "kernel", "text", "parsers", "diff")  # values in, values out
IMPURE = ("os", "pathlib.Path", "logging", "subprocess", "sqlite3", "flask", "sphinx.application", "socket", "time")
MODULES = list(FILES)
LONGEST_MODULE, LONGEST_FUNCTION, LONGEST_COMMAND = 350, 60, 15  # lines


def imported(name: str, prefixes: tuple[str, ...]) -> set[str]:
    """The outside names that a module imports, of those that begin with one of the prefixes."""
    return {found for found in imports(FILES[name]) if f"{found}.".startswith(tuple(f"{each}." for each in prefixes))}


def test_imports_point_one_way() -> None:
    found = package_imports()
    assert set(found) == set(RANK)
    arrows = [(name, target) for name, targets in found.items() for target in targets]
    assert not [f"{name} imports {target}" for name, target in arrows if RANK[target] >= RANK[name]]
    assert not found["reference"] & {"web", "terminal"}


def test_no_module_takes_part_in_a_cycle() -> None:
    TopologicalSorter(module_imports()).prepare()  # raises CycleError, which names the modules


def test_the_root_imports_nothing_and_the_records_only_the_kinds_of_documents() -> None:
    found = module_imports()
    assert not found["kbase"]
    own = {"kbase.model.witnesses", "kbase.model.words", "kbase.model.call_sites", "kbase.model.lock_orders"}
    assert found["kbase.model.records"] == own
    assert found["kbase.model.lock_orders"] == {"kbase.model.words"}
    assert not found["kbase.model.words"]
    assert not found["kbase.model.call_sites"]
    assert not found["kbase.model.witnesses"]


def test_the_drawing_shows_the_imports() -> None:
    assert DRAWING.read_text("utf-8") == drawing(), "run docs/architecture_drawing.py"


@pytest.mark.parametrize(
    ("library", "places"),
    [
        ("sphinx.domains.c", {"kernel", "sphinx", "reference"}),
        ("whoosh", {"search"}),
        ("flask", {"web"}),
        ("waitress", {"web"}),
        ("click", {"cli"}),
        ("rich", {"terminal"}),
        ("sqlite3", {"store", "build", "reference"}),
    ],
)
def test_each_library_has_its_place(library: str, places: set[str]) -> None:
    users = {package(name) for name in MODULES if imported(name, (library,))}
    assert users <= places
    assert users, f"nothing imports {library}"


@pytest.mark.parametrize("name", [name for name in MODULES if package(name) in PURE])
def test_what_is_pure_touches_no_system(name: str) -> None:
    assert not imported(name, IMPURE) - {"os.path.commonprefix"}  # which compares text


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_small_and_state_their_role(name: str) -> None:
    source = FILES[name].read_text("utf-8")
    tree = ast.parse(source)
    assert ast.get_docstring(tree)
    assert source.count("\n") <= LONGEST_MODULE
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert not [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION]


def test_commands_are_short() -> None:
    """A command parses, calls one library function, prints; its summary is that of the group."""
    for name, summary in COMMANDS.items():
        tree = ast.parse(FILES[f"kbase.cli.commands.{name}"].read_text("utf-8"))
        (command,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "command")
        assert (command.end_lineno or 0) - command.lineno < LONGEST_COMMAND, name
        assert (ast.get_docstring(command) or "").partition("\n")[0] == summary
    assert {name for name in MODULES if name.startswith("kbase.cli.commands.")} == {
        f"kbase.cli.commands.{name}" for name in COMMANDS
    }


def test_lock_files_name_no_host() -> None:
    for path in sorted(ROOT.glob("requirements*.txt")):
        text = path.read_text("utf-8")
        assert not re.search(r"https?://|--(?:extra-)?index-url|--find-links|file:", text), path
        for requirement in re.findall(r"^[a-z0-9].*", text, re.MULTILINE):
            assert re.fullmatch(r"[^=]+==[^=].*\\", requirement), f"{path}: {requirement} has no version or no hash"
