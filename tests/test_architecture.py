"""Imports point one way, and each outside library has its one place."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kbase.cli import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "kbase"
FILES = sorted(PACKAGE.rglob("*.py"))

# The one straight line: a package or module imports from its own row and from those above, never from below.
LAYERS = (
    ("errors", "places"),
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


def unit(path: Path) -> str:
    """`parsers` for kbase/parsers/vfs/document.py, `text` for kbase/text/lines.py."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from names if node.module == "kbase" else [str(node.module), *names]


def own_imports(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imports(path) if name.startswith("kbase.")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    here = unit(path)
    if here == "__init__":
        assert not own_imports(path)
        return
    assert here in RANK, f"{here} has no row in LAYERS"
    below = {name for name in own_imports(path) if RANK.get(name, -1) > RANK[here]}
    assert not below, f"{path.relative_to(ROOT)} imports {sorted(below)}"


def module(path: Path) -> str:
    return ".".join(path.with_suffix("").relative_to(ROOT).parts).removesuffix(".__init__")


def test_no_module_takes_part_in_a_cycle() -> None:
    names = {module(path) for path in FILES}
    edges = {}
    for path in FILES:
        found = set(imports(path))
        targets = {name for name in names if any(one == name or one.startswith(name + ".") for one in found)}
        edges[module(path)] = {
            t for t in targets if not any(o != t and o.startswith(t + ".") and o in targets for o in names)
        } - {module(path)}
    left = dict(edges)
    while left:
        free = {name for name, targets in left.items() if not targets & left.keys()}
        assert free, f"a cycle among {sorted(left)}"
        left = {name: targets for name, targets in left.items() if name not in free}


def test_every_row_names_what_is_there() -> None:
    assert set(RANK) == {unit(path) for path in FILES} - {"__init__"}


def test_front_ends_do_not_know_each_other() -> None:
    """But for the reference, which is written for our Sphinx extension and shares its templates."""
    fronts = {"web", "reference", "sphinx", "terminal"}
    for path in FILES:
        if unit(path) in fronts:
            allowed = {unit(path), "sphinx"} if unit(path) == "reference" else {unit(path)}
            assert own_imports(path) & fronts <= allowed, path


@pytest.mark.parametrize(
    ("library", "places"),
    [
        ("sphinx.domains.c", {"kernel", "sphinx"}),
        ("whoosh", {"search"}),
        ("flask", {"web"}),
        ("waitress", {"web"}),
        ("click", {"cli"}),
        ("rich", {"terminal"}),
        ("sqlite3", {"store", "build", "reference"}),
    ],
)
def test_each_library_has_its_place(library: str, places: set[str]) -> None:
    users = {
        unit(path) for path in FILES for name in imports(path) if name == library or name.startswith(library + ".")
    }
    assert users <= places
    assert users, f"nothing imports {library}"


@pytest.mark.parametrize("path", [p for p in FILES if unit(p) in PURE], ids=lambda p: str(p.relative_to(PACKAGE)))
def test_what_is_pure_touches_no_system(path: Path) -> None:
    assert not [name for name in imports(path) if name in IMPURE]


def test_records_import_nothing_of_kbase_but_the_kinds_of_documents() -> None:
    assert {name for name in imports(PACKAGE / "model/records.py") if name.startswith("kbase.")} <= {
        "kbase.model.witnesses",
        "kbase.model.witnesses.DocumentKind",
    }
    assert not own_imports(PACKAGE / "model/witnesses.py")


def test_sizes() -> None:
    """A module has at most 500 lines, a function at most 60."""
    for path in FILES:
        source = path.read_text("utf-8")
        assert source.count("\n") <= 500, path
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{path}: {node.name}"


def test_commands_are_short() -> None:
    """A command parses, calls one library function, prints, in under 15 lines; its summary is that of the group."""
    for name, summary in COMMANDS.items():
        tree = ast.parse((PACKAGE / f"cli/commands/{name}.py").read_text("utf-8"))
        (command,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "command")
        assert (command.end_lineno or 0) - command.lineno < 15, name
        assert (ast.get_docstring(command) or "").partition("\n")[0] == summary
    assert {path.stem for path in (PACKAGE / "cli/commands").glob("*.py")} == {*COMMANDS, "__init__"}


def test_every_module_tells_its_role() -> None:
    for path in FILES:
        if path.name != "__init__.py" or path.read_text("utf-8"):
            assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), path


def test_lock_files_name_no_host() -> None:
    for path in sorted(ROOT.glob("requirements*.txt")):
        text = path.read_text("utf-8")
        assert not re.search(r"https?://|--(?:extra-)?index-url|--find-links|file:", text), path
        for requirement in re.findall(r"^[a-z0-9].*", text, re.MULTILINE):
            assert re.fullmatch(r"[^=]+==[^=].*\\", requirement), f"{path}: {requirement} has no version or no hash"
