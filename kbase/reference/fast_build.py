"""A Sphinx extension of the generated reference: the same output in less time.

What takes time in a build of hundreds of pages with tables, measured: docutils makes a state machine with all
states for every row and every cell of a `list-table`, Sphinx stems each word of the search index on every page, it
looks through all C declarations for those of each page that it is about to read, and Python collects
garbage among all that was read, over and over.
"""

import gc
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from docutils import nodes
from docutils.parsers.rst.directives.tables import ListTable
from sphinx.application import Sphinx
from sphinx.domains.c import CDomain
from sphinx.search.en import SearchEnglish

ROW, CELL = "* -", "  -"  # what the lines of a row begin with
PARAGRAPH = re.compile(
    r"(?!\w+[.)](?:\s|$))[\w\\`]|:[\w:]+:`|\*{1,2}\w"
)  # the beginning of a line that is a plain paragraph
COLLECT = (20_000, 20, 100)  # new objects between two collections; how many of those make one of the older objects
Cell = tuple[str, int]  # text, its line in the content


def one_line_cells(lines: Sequence[str]) -> list[list[Cell]] | None:
    """The rows of a list-table; None unless each cell is empty or one line of plain text and inline markup."""
    rows: list[list[Cell]] = []
    for number, line in enumerate(lines):
        marker, text = line[:3], line[3:].strip()
        if not line.strip():
            continue
        if marker == ROW:
            rows.append([])
        elif marker != CELL or not rows:
            return None
        if text and (not PARAGRAPH.match(text) or text.endswith("::") or line[3] != " "):
            return None
        rows[-1].append((text, number))
    return rows if rows and len({len(row) for row in rows}) == 1 else None


class FastListTable(ListTable):
    """A `list-table` with cells of one line, read without a nested parse; docutils reads any other."""

    def run(self) -> Sequence[nodes.table | nodes.system_message]:
        """The table."""
        plain = not self.arguments and not {"name", "align", "width"} & {*self.options}
        rows = one_line_cells([*self.content]) if plain else None
        if rows is None:
            return super().run()
        head, stub = (self.options.get(name, 0) for name in ("header-rows", "stub-columns"))
        data = [[self._paragraphs(*cell) for cell in row] for row in rows]
        self.check_table_dimensions(data, head, stub)
        widths = self.get_column_widths(len(rows[0]))  # type: ignore[no-untyped-call]
        table = self.build_table_from_list(data, widths, head, stub)
        table["classes"] += self.options.get("class", [])
        return [table]

    def _paragraphs(self, text: str, number: int) -> list[nodes.Node]:
        if not text:
            return []
        line = self.content_offset + number + 1
        children, messages = self.state.inline_text(text, line)
        paragraph = nodes.paragraph(text, "", *children)
        paragraph.source, paragraph.line = self.state_machine.get_source_and_line(line)
        return [paragraph, *messages]


class FastEnglish(SearchEnglish):
    """The search index's English, which stems a word once and not once on each page."""

    def __init__(self, options: dict[str, str]) -> None:
        super().__init__(options)
        self.stem = cache(super().stem)  # type: ignore[method-assign]


class FastC(CDomain):
    """Sphinx's C domain, which does not look for the declarations of a page before it is read."""

    def clear_doc(self, docname: str) -> None:
        """Nothing: `kbase.sphinx.symbols` has removed those of a page that was read before."""


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls to load the extension."""
    app.add_directive("list-table", FastListTable, override=True)
    app.add_search_language(FastEnglish)
    app.add_domain(FastC, override=True)
    gc.set_threshold(*COLLECT)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
