"""What a route is: the address of a page, and of the same page as JSON below `PREFIX`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.parts import Page
from kbase.pages.rows import table_of

Words = Mapping[str, str]
PREFIX = "/api/v1"
PART = re.compile(r"<(?:path:)?(\w+)>")
PARTS = {
    "version": "a version's label, or `latest`; `-` for a document that has none",
    "range": "two versions: `v5.4..v6.8.1`",
    "struct": "an ops table",
    "op": "an op of it",
    "name": "a function or flag",
    "subject": "a lock's canonical name",
    "slug": "an entry's or note's short name",
    "sha": "a commit's hash, or at least seven first digits of it",
    "path": "a document's path",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of an address: a part of its path, which is required, or of its query."""

    name: str
    about: str
    required: bool = False
    number: bool = False
    values: tuple[str, ...] = ()  # all possible ones; empty where it is free


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An address, its template, the page dataclass behind it, and what makes the page.

    `make` gets the knowledge base and the words of the address: parts of its path (versions made canonical) and the
    query parameters that the route knows.
    """

    name: str
    rule: str
    page: type[Page]
    make: Callable[[KnowledgeBase, Words], Page]
    about: str
    query: tuple[Parameter, ...] = ()

    @property
    def template(self) -> str:
        return f"{self.name}.html"

    @property
    def has_table(self) -> bool:
        """Whether the page can be had as CSV."""
        return self.page.as_table is not Page.as_table or bool(table_of(self.page))

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Those of its path, then those of its query."""
        path = (Parameter(name=name, about=PARTS[name], required=True) for name in PART.findall(self.rule))
        return (*path, *self.query)

    @property
    def pattern(self) -> str:
        """The address with its words in braces: `/v/{version}/`."""
        return PART.sub(r"{\1}", self.rule)
