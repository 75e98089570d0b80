"""Draws the packages of kbase and their imports: `python docs/architecture_drawing.py` writes docs/architecture.svg.

Each package is below those that it imports. An import is left out of the drawing where a longer way leads to the same
package.
"""

import ast
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "kbase"
DRAWING = ROOT / "docs/architecture.svg"
Graph = Mapping[str, frozenset[str]]

EDGE, BOX, TOP, ROW, WIDTH = 130, 100, 24, 38, 1020  # where the boxes begin, their width, the first row, its height
STYLE = """<style>
rect { fill: #eef3fa; stroke: #5b7aa8 }
.page { fill: #fff; stroke: none }
path { fill: none; stroke: #5b7aa8 }
text { font: 13px sans-serif; fill: #222 }
.name { font-weight: bold; text-anchor: middle }
</style>"""


def module(path: Path) -> str:
    """`kbase.diff.changes` for kbase/diff/changes.py, `kbase.diff` for kbase/diff/__init__.py."""
    return ".".join(path.with_suffix("").relative_to(ROOT).parts).removesuffix(".__init__")


FILES = {module(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imports(path: Path) -> Iterator[str]:
    """Every name that a file imports with its module, at its top or inside a function: `kbase.diff.Change`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_imports() -> dict[str, frozenset[str]]:
    """For each module of kbase, the modules of kbase that it imports from.

    A name that a package's `__init__` defines or imports counts for that `__init__`, a submodule for itself.
    """
    found = {name: [each for each in imports(path) if each.startswith("kbase")] for name, path in FILES.items()}
    return {
        name: frozenset(each if each in FILES else each.rpartition(".")[0] for each in names)
        for name, names in found.items()
    }


def package(name: str) -> str:
    """`diff` for `kbase.diff.changes`; a module at the root itself: `cli` for `kbase.cli`."""
    return name.split(".")[1] if "." in name else name


def package_imports() -> Graph:
    """The same for packages, and for the modules at the root."""
    found: dict[str, set[str]] = {}
    for name, targets in module_imports().items():
        found.setdefault(package(name), set()).update(map(package, targets))
    del found["kbase"]
    return {name: frozenset(targets - {name, "kbase"}) for name, targets in found.items()}


def in_line(graph: Graph) -> Graph:
    """The packages in the line of their imports: each after all that it imports."""
    sorter = TopologicalSorter({name: sorted(graph[name]) for name in sorted(graph)})
    return {name: graph[name] for name in sorter.static_order()}


def sentence(name: str) -> str:
    """What a package or a module at the root is for: the first line of its docstring."""
    path = FILES[f"kbase.{name}"]
    return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0].replace("`", "")


def direct(graph: Graph) -> Iterator[tuple[str, str]]:
    """The imports without those that a longer way implies, as (importer, imported)."""
    reached: dict[str, frozenset[str]] = {}
    for name, targets in graph.items():
        beyond = frozenset[str]().union(*(reached[target] for target in targets))
        reached[name] = targets | beyond
        yield from ((name, target) for target in sorted(targets - beyond))


def drawing() -> str:
    """The drawing as SVG: a row for each package, arcs for its imports."""
    graph = in_line(package_imports())
    rows = {name: TOP + ROW * place for place, name in enumerate(graph)}
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {TOP + ROW * len(rows)}" role="img">',
            "<title>The packages of kbase and their imports</title>",
            STYLE,
            '<rect class="page" width="100%" height="100%"/>',
            *(_arc(rows[importer], rows[imported]) for importer, imported in direct(graph)),
            *(_row(name, middle) for name, middle in rows.items()),
            "</svg>",
            "",
        ]
    )


def _arc(start: int, end: int) -> str:
    """An arrow from the importer, the lower one, up to what it imports."""
    bend = EDGE - 20 - min((start - end) * 3 // 5, EDGE)
    return f'<path d="M{EDGE} {start - 5}C{bend} {start - 5} {bend} {end + 5} {EDGE - 6} {end + 5}m-6 -4l8 4l-8 4"/>'


def _row(name: str, middle: int) -> str:
    box = f'<rect x="{EDGE}" y="{middle - 12}" width="{BOX}" height="24" rx="4"/>'
    label = f'<text class="name" x="{EDGE + BOX // 2}" y="{middle + 4}">{escape(name)}</text>'
    return f'{box}{label}<text x="{EDGE + BOX + 12}" y="{middle + 4}">{escape(sentence(name))}</text>'


if __name__ == "__main__":
    DRAWING.write_text(drawing(), "utf-8")
