"""The reference's pages as somebody would type them: a plain Sphinx project of the same size, for the benchmark.

`typed` turns each page that Sphinx read into reStructuredText that shows the same: the same titles, paragraphs, lists
and literals, tables as simple tables, links, each prototype as a `c:member`, each cross-reference as a `:doc:`. What a
page does not show is left out: declarations at older versions, index entries. `prose` is the same text as paragraphs
of `WORDS` words under the same titles. They have the reference's toctrees and none of kbase's extensions but, where
that is said, its sidebar.
"""

import pickle
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.environment import BuildEnvironment

from kbase.kernel.c_declarations import ATTRIBUTES
from kbase.sphinx import rst
from kbase.sphinx.declarations import Declared

WORDS = 60
UNDERLINES = "=-~^"
OURS = re.compile(r'\n    "kbase\.[\w.]+",')
Write = Callable[[nodes.document], str]


class Typist:
    """Writes pages by what stands in their doctrees."""

    def __init__(self, objects: Mapping[tuple[str, str], Iterable[Declared]]) -> None:
        self._pages = {key: min(found).docname for key, found in objects.items()}
        self._declared = 0

    def typed(self, page: nodes.document) -> str:
        """The page typed by hand."""
        return "\n\n".join(self._blocks(page, 0)) + "\n"

    def prose(self, page: nodes.document) -> str:
        """The text of the page as paragraphs."""
        blocks = list[str]()
        for section in page.findall(nodes.section):
            parts = [child for child in section.children[1:] if not isinstance(child, nodes.section)]
            said = " ".join(part.astext() for part in parts if not isinstance(part, addnodes.index)).split()
            blocks.append(rst.heading(section.children[0].astext(), "=" if section.parent is page else "-"))
            blocks += [rst.escape(" ".join(said[at : at + WORDS])) for at in range(0, len(said), WORDS)]
        blocks += [self._toctree(tree) for tree in page.findall(addnodes.toctree)]
        return "\n\n".join(blocks) + "\n"

    def _blocks(self, parent: nodes.Node, depth: int) -> Iterator[str]:
        for node in parent.children:
            if isinstance(node, nodes.section):
                yield from self._blocks(node, depth + 1)
            elif text := self._block(node, depth):
                yield text

    def _block(self, node: nodes.Node, depth: int) -> str:
        written = ""
        match node:
            case nodes.title():
                written = rst.heading(node.astext(), UNDERLINES[depth - 1])
            case nodes.bullet_list() | nodes.enumerated_list():
                written = "\n".join(f"- {self._hung(item, depth)}" for item in node.children)
            case nodes.table():
                written = self._table(node)
            case nodes.literal_block():
                written = f"::\n\n{_indented(node.astext())}"
            case addnodes.desc():
                written = self._declaration(node)
            case addnodes.toctree():
                written = self._toctree(node)
            case nodes.paragraph():
                written = self._inline(node)
            case nodes.Element():
                written = "\n\n".join(self._blocks(node, depth))
        return written

    def _hung(self, item: nodes.Node, depth: int) -> str:
        return "\n\n".join(self._blocks(item, depth)).replace("\n", "\n  ")

    def _table(self, table: nodes.table) -> str:
        rows = [[self._cell(entry) for entry in row.children] for row in table.findall(nodes.row)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        ruler = "  ".join("=" * width for width in widths)
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join([ruler, lines[0], ruler, *lines[1:], ruler])

    def _cell(self, entry: nodes.Node) -> str:
        return " ".join(" ".join(self._blocks(entry, 1)).split()) or "\\ "

    def _declaration(self, desc: addnodes.desc) -> str:
        self._declared += 1
        declaration = f".. c:member:: {rst.plain(desc.children[0].astext())}"
        return f".. c:namespace:: page_{self._declared}\n\n{declaration}"

    def _toctree(self, tree: addnodes.toctree) -> str:
        names = "".join(f"\n   {name}" for _, name in tree["entries"])
        return f".. toctree::\n   :maxdepth: 1\n{'   :hidden:' if tree['hidden'] else ''}\n{names}"

    def _inline(self, parent: nodes.Node) -> str:
        return "".join(self._word(node) for node in parent.children).strip() or "\\ "

    def _word(self, node: nodes.Node) -> str:
        text = node.astext()
        if isinstance(node, nodes.literal):
            return str(rst.literal(text))
        if isinstance(node, nodes.strong):
            return f"**{rst.escape(text)}**"
        if isinstance(node, nodes.reference) and "refuri" in node:
            return str(rst.link(text, node["refuri"]))
        if isinstance(node, addnodes.pending_xref):
            kind, name = node["reftype"], node["reftarget"]
            page = name.strip("/") if kind == "doc" else self._pages.get((kind, name))
            return str(rst.role("doc", f"/{page}", text)) if page else str(rst.escape(text))
        lead, trail = (" " * (len(text) - len(stripped)) for stripped in (text.lstrip(), text.rstrip()))
        return f"{lead}{rst.escape(text)}{trail}" if text.strip() else text


def _indented(text: str) -> str:
    return "\n".join(f"   {line}" for line in text.splitlines())


def write_projects(reference: Path, folder: Path) -> dict[str, Path]:
    """Writes the plain projects of a built reference and returns their folders by name."""
    doctrees = reference / ".build/doctrees"
    env: BuildEnvironment = pickle.loads((doctrees / "environment.pickle").read_bytes())
    typist = Typist(env.domaindata["vfs"]["objects"])
    conf = OURS.sub("", (reference / "source/conf.py").read_text("utf-8"))
    conf += f'\nnitpick_ignore_regex = [("c:identifier", ".*")]\nc_id_attributes = {sorted(ATTRIBUTES)}\n'
    light = conf.replace("[", '["kbase.reference.navigation",', 1)
    kinds: tuple[tuple[str, Write, str], ...] = (
        ("light", typist.typed, light),
        ("prose", typist.prose, light),
        ("typed", typist.typed, conf),
    )
    pages = {path: path.relative_to(doctrees).with_suffix(".rst") for path in sorted(doctrees.rglob("*.doctree"))}
    for name, write, text in kinds:
        source = folder / name / "source"
        (source / "_static").mkdir(parents=True)
        (source / "_static/vfs.css").write_bytes((reference / "source/_static/vfs.css").read_bytes())
        (source / "conf.py").write_text(text, "utf-8")
        for path, relative in pages.items():
            (source / relative).parent.mkdir(exist_ok=True)
            page = pickle.loads(path.read_bytes())
            (source / relative).write_text(write(page), "utf-8")
    return {name: folder / name for name, _, _ in kinds}
