"""The parts of pages: links, citations, chips, cells and texts.

Pure functions from records to frozen values. Addresses are root-relative; a server below a prefix adds it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar, TypeVar

from kbase.model import addresses
from kbase.model.states import Cited
from kbase.model.versions import parse_version, version_key
from kbase.pages.rows import Row, rows_of

ELIXIR = "https://elixir.bootlin.com/linux/{version}/source/{path}"
KERNEL_GIT = "https://git.kernel.org"
TREE = "/pub/scm/linux/kernel/git/{tree}/linux.git/tree/{path}?h={version}"
IN_TREE = ("Documentation/", "include/", "block/", "fs/", "ipc/", "kernel/", "mm/")  # files of a kernel
FIRST_IN_GIT = "v2.6.12-rc2"  # older versions have no tag on git.kernel.org
COMMIT = "/{place}/{sha}"


class Tone(StrEnum):
    """How a chip looks: shape and colour follow from it; the strongest first."""

    EXCLUSIVE = "exclusive"
    SHARED = "shared"
    EITHER = "either"  # shared or exclusive
    YES = "yes"
    MAYBE = "maybe"
    EFFECT = "effect"  # what the op does with the lock
    NO = "no"
    UNKNOWN = "unknown"  # a blank cell, or one without a certain reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What every page has: a title unique among all pages, its canonical address, one line about it.

    A page kind is a subclass with its data as fields, a function that makes it, a template, and a line in
    `kbase.pages.routes`. JSON and its schema are made from the fields, CSV and plain text from `TABLE`, which
    `kbase.pages.rows` explains. `version_notes` say where it is about another version than was asked for.
    """

    TABLE: ClassVar[str | None] = None

    title: str
    address: str
    about: str
    version_notes: tuple[str, ...] = ()

    def as_table(self) -> Iterator[Row]:
        """The table of the page: the headings, then the rows."""
        return rows_of(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What CSV and plain text show as its text."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Shown):
    """A text that leads somewhere within the site."""

    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """The lines of a document that prove a fact, with their address here and elsewhere."""

    version: str
    path: str
    line: int
    last: int
    label: str  # "locking.rst:96"
    href: str
    elixir: str | None = None
    kernel: str | None = None

    def __str__(self) -> str:
        return f"{self.version} {self.path}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One word of a cell's reading; `lock` and its page where the cell itself names the lock, not the header."""

    word: str
    tone: Tone
    lock: str | None = None
    href: str | None = None

    def __str__(self) -> str:
        return self.word


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a locking table, or a rule in a sentence: the document's words and their reading."""

    lock: str  # the column header as written, or the lock as the sentence names it
    subject: str | None
    href: str | None  # the lock's page
    text: str  # the cell as written; empty for a blank one
    chips: tuple[Chip, ...]
    remark: str  # what the cell says beyond the first chip's word; of a sentence, its scope and condition
    scope: str | None
    condition: str | None
    context: bool
    candidates: tuple[str, ...]
    citation: Citation | None
    note: str | None = None  # the paragraph or footnote that the cell points at ("see below", "[1]")
    sentence: bool = False  # no cell of a table, but a sentence: that is its text

    def __str__(self) -> str:
        """`i_rwsem exclusive (on victim)`."""
        words = ", ".join(map(str, self.chips))
        return f"{self.lock} {words}{f' ({self.remark})' if self.remark else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextView(Shown):
    """A text with its source; paragraphs are separated by a blank line."""

    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class BlanketView(TextView):
    """A rule for a whole table; `excepted` where the op at hand is one of its exceptions.

    `lock` is what it is about; `lock_rule` whether that is a lock, or all locks. `says` are a few words for its text.
    """

    lock: str
    lock_rule: bool
    says: str
    exceptions: tuple[str, ...]
    excepted: bool
    chips: tuple[Chip, ...]


def external(version: str, path: str, line: int | None = None) -> tuple[str | None, str | None]:
    """The same line on Elixir and on git.kernel.org; None where the document is no file of a released kernel."""
    elixir, kernel = _external(version, path)
    if line is None:
        return elixir, kernel
    return elixir and f"{elixir}#L{line}", kernel and f"{kernel}#n{line}"


@lru_cache(2048)  # a page has a hundred citations of a few files
def _external(version: str, path: str) -> tuple[str | None, str | None]:
    if not version or not path.startswith(IN_TREE):
        return None, None
    tree, label, quoted = _tree(version), parse_version(version).label, addresses.quoted_path(path)
    if tree is None:
        return None, None
    elixir = ELIXIR.format(version=label, path=quoted)
    kernel = KERNEL_GIT + TREE.format(tree=tree, path=quoted, version=label)
    return elixir, kernel if version_key(label) >= version_key(FIRST_IN_GIT) else None


def commit_url(sha: str, version: str | None = None) -> str | None:
    """A commit on git.kernel.org; None where it led to a version that is no release of the kernel."""
    tree = _tree(version) if version else "torvalds"
    return tree and KERNEL_GIT + COMMIT.format(place="stable/c" if tree == "stable" else "linus", sha=sha)


def _tree(version: str) -> str | None:
    """The tree on git.kernel.org that has a version; None of vendors' versions."""
    parsed = parse_version(version)
    if parsed.family != "linux" or parsed.extra:
        return None
    stable = parsed.candidate is None and len(parsed.numbers) > (2 if parsed.numbers[0] >= 3 else 3)
    return "stable" if stable else "torvalds"


def cite(cited: Cited[Any]) -> Citation:
    """The citation of a record."""
    document, evidence = cited.document, cited.evidence
    return cite_lines(document.version, document.path, evidence.first, evidence.last, saved_page=bool(document.page_of))


def cite_lines(version: str, path: str, first: int, last: int = 0, *, saved_page: bool = False) -> Citation:
    """The citation of some lines of a document, or of one line; a saved page is no file of a kernel tree."""
    elixir, kernel = (None, None) if saved_page else external(version, path, first)
    return Citation(
        version=version,
        path=path,
        line=first,
        last=last or first,
        label=f"{path.rpartition('/')[2]}:{first}",
        href=addresses.document_address(version, path, first),
        elixir=elixir,
        kernel=kernel,
    )


View = TypeVar("View")


def view_of(view: type[View], cited: Cited[Any], **more: object) -> View:
    """A view of a record: the fields that both have, its citation if the view has one, and what is given."""
    record, names = cited.record, view.__dataclass_fields__  # type: ignore[attr-defined]  # views are dataclasses
    copied = {name: getattr(record, name) for name in names if name in record.__dataclass_fields__}
    if "citation" in names:
        copied["citation"] = cite(cited)
    return view(**(copied | more))


def text_view(cited: Cited[Any]) -> TextView:
    """A record that has a `text`, with its citation."""
    return TextView(text=cited.record.text, citation=cite(cited))


def plural(number: int, noun: str) -> str:
    """`1 op`, `2 ops`, `3 entries`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") else f"{number:,} {noun}s"


def headline(text: str, limit: int = 90) -> str:
    """The first words of a text, cut at a word, without the signs of literals."""
    first = " ".join(text.replace("``", "").split())
    return first if len(first) <= limit else first[: limit - 1].rsplit(" ", 1)[0] + " …"
