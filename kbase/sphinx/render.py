"""The templates of the reference and of the directives that show facts.

Every value that a template prints is escaped unless it is `Rst` (see `kbase.sphinx.rst`).
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kbase import places
from kbase.diff.changes import Change
from kbase.diff.fact import Place
from kbase.pages.parts import Citation, cite_lines
from kbase.sphinx import rst
from kbase.sphinx.rst import Rst

PROSE = ("note-", "description-", "function-", "flag-", "steps-", "blanket-")  # kinds of changes that quote sentences
BLANK_LINES = re.compile(r"\n{3,}")


@cache
def environment() -> Environment:
    """The Jinja environment of `templates/reference`."""
    env = Environment(  # noqa: S701 - no HTML comes out of it; `finalize` escapes for reStructuredText
        loader=FileSystemLoader(places.templates("reference")),
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters |= {
        "literal": rst.literal,
        "heading": rst.heading,
        "paragraphs": rst.paragraphs,
        "code_block": rst.code_block,
        "exactly": lambda text: Rst(rst.plain(str(text))),
        "citations": citations,
        "shortened": shortened,
        "evidence": evidence_link,
        "quoted_change": quoted_change,
        "quoted": lambda text: Rst(repr(str(text))),
    }
    env.globals |= {name: getattr(rst, name) for name in ("role", "link", "joined", "namespace", "escape")}
    return env


def render(template: str, content: Mapping[str, object]) -> str:
    """The text of one page; runs of blank lines become one."""
    text = environment().get_template(template).render(content)
    return BLANK_LINES.sub("\n\n", text).strip("\n") + "\n"


def citations(found: Iterable[Citation]) -> Rst:
    """Citations as links."""
    return rst.joined(rst.link(citation.label, citation.kernel) for citation in found)


def evidence_link(line: Place) -> Rst:
    """A line that proves a change as a link, with its version."""
    citation = cite_lines(line.version, line.path, line.line)
    return rst.link(f"{line.version} {citation.label}", citation.kernel)


def quoted_change(text: str, change: Change) -> Rst:
    """The text before or after a change: a name, C text or a cell as a literal, prose as prose."""
    line = shortened(text)
    return Rst(f'"{rst.escape(line)}"') if change.kind.value.startswith(PROSE) else rst.literal(line)


def shortened(text: str, limit: int = 240) -> str:
    """The text in one line, cut at a word where it is long."""
    line = rst.plain(text)
    return line if len(line) <= limit else line[:limit].rsplit(" ", 1)[0] + " ..."


def _finalize(value: object) -> object:
    return value if isinstance(value, Rst | int) else rst.escape(value)
