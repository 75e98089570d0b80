"""`Statement`: what one version states about an entry, before it is written as a search document."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kbase.kernel.exact_names import ItemKind
from kbase.model.states import Cited
from kbase.model.witnesses import DocumentKind
from kbase.search.search_document import SearchDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one version states about an entry. Its document is written only for the first version that states it so."""

    kind: ItemKind
    key: str  # identifies the entry among those of its kind
    cited: Sequence[Cited[Any]]  # the records
    url: str
    write: Callable[[], SearchDocument]  # without what depends on the version
    depends_on: tuple[object, ...] = ()  # what the text depends on besides the records
    stating: frozenset[DocumentKind] = frozenset()  # the kinds of documents that state it, where not all cited do

    @property
    def entry(self) -> str:
        """`op:inode_operations.rename`."""
        return f"{self.kind}:{self.key}"

    @property
    def sources(self) -> frozenset[DocumentKind]:
        """The kinds of documents that state it."""
        kinds = (cited.document.kind for cited in self.cited)
        return self.stating or frozenset(kind for kind in kinds if kind is not DocumentKind.SUMMARY)

    @property
    def content(self) -> tuple[object, ...]:
        """Equal content of one entry gives equal documents: a blob is read once, so equal lines are equal records."""
        lines = tuple((c.document.path, c.evidence.blob, c.evidence.first, c.evidence.last) for c in self.cited)
        return lines, self.depends_on, self.sources


def paths_of(cited: Sequence[Cited[Any]]) -> tuple[str, ...]:
    """The documents that state it, our own summaries left out."""
    return tuple(dict.fromkeys(c.path for c in cited if c.document.kind is not DocumentKind.SUMMARY))
