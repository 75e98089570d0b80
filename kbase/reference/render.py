"""Pages -> files: the templates' environment, and writing only what changed.

Every value that a template prints is escaped unless it is `Rst` (see `kbase.reference.rst`).
"""

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kbase import places
from kbase.diff import Change, ChangeEvidence
from kbase.reference import rst
from kbase.reference.facts import Proof
from kbase.reference.ownership import write_file
from kbase.reference.rst import Rst
from kbase.sources.document_paths import file_to_write

PROSE = ("note-", "description-", "function-", "flag-", "steps-", "blanket-")  # kinds of changes that quote sentences
BLANK_LINES = re.compile(r"\n{3,}")


@cache
def environment() -> Environment:
    """The Jinja environment of `templates/reference`."""
    env = Environment(
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
        "proofs": proofs,
        "shortened": shortened,
        "place": place_link,
        "told": told,
        "quoted": lambda text: Rst(repr(str(text))),
    }
    env.globals |= {name: getattr(rst, name) for name in ("role", "link", "joined", "namespace", "escape")}
    return env


def render(template: str, content: Mapping[str, object]) -> str:
    """The text of one page; runs of blank lines become one."""
    text = environment().get_template(template).render(content)
    return BLANK_LINES.sub("\n\n", text).strip("\n") + "\n"


def write_if_changed(folder: Path, name: str, text: str) -> bool:
    """Writes the text unless the file holds it already, so that its time stamp tells of changes; whether it did.

    Raises:
        UsageError: the file would not lie in the folder.
    """
    path, data = file_to_write(folder, name), text.encode()
    if path.is_file() and path.read_bytes() == data:
        return False
    write_file(path, data)
    return True


def copy_static(folder: Path) -> list[bool]:
    """Writes the style sheets and the script; for each whether it changed."""
    found = sorted((places.templates("reference") / "static").iterdir())
    return [write_if_changed(folder, file.name, file.read_text(encoding="utf-8")) for file in found]


def remove_others(folder: Path, names: AbstractSet[str]) -> None:
    """Removes the pages and pictures of an earlier run that are none any more."""
    for path in (*folder.rglob("*.rst"), *folder.rglob("*.svg")):
        if path.relative_to(folder).as_posix() not in names:
            path.unlink()


def proofs(found: Iterable[Proof]) -> Rst:
    """Where facts stand, as links."""
    return rst.joined(rst.link(proof.title, proof.address) for proof in found)


def place_link(place: ChangeEvidence) -> Rst:
    """A place of a diff as a link, with its version."""
    proof = Proof(version=place.version, path=place.path, line=place.line)
    return rst.link(f"{place.version} {proof.title}", proof.address)


def told(text: str, change: Change) -> Rst:
    """What a change says there was or is: a name, C text or a cell as a literal, prose as prose."""
    line = shortened(text)
    return Rst(f'"{rst.escape(line)}"') if change.kind.value.startswith(PROSE) else rst.literal(line)


def shortened(text: str, limit: int = 240) -> str:
    """The text in one line, cut at a word where it is long."""
    line = rst.plain(text)
    return line if len(line) <= limit else line[:limit].rsplit(" ", 1)[0] + " ..."


def _finalize(value: object) -> object:
    return value if isinstance(value, Rst | int) else rst.escape(value)
