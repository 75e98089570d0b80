"""`SearchDocument`, and the `Statement` of one version from which it is written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from msgspec import Struct

from kbase.model.records import DocumentKind
from kbase.model.states import Cited
from kbase.search.results import HitKind


class SearchDocument(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One text of an entry: of an op, a lock, a note, ... Documents of one entry are found as one hit."""

    entry: str = ""  # "op:inode_operations.rename"
    kind: str
    name: str
    title: str
    text: str
    url: str = ""  # in the newest version that has the text
    version: str = ""  # that version; empty where the entry needs none
    versions: tuple[str, ...] = ()  # every version that has the text, oldest first
    struct: str | None = None
    op: str | None = None
    prototype: str | None = None
    chips: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()  # the exact names that lead to the entry
    old_keys: tuple[str, ...] = ()  # those of them that are former names
    names: str = ""  # words of its name, which weigh twice as they are in its title too
    gist: str = ""  # the sentence that says what it is for, which weighs twice
    structs: tuple[str, ...] = ()
    ops: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()  # canonical subjects
    rules: tuple[str, ...] = ()  # "i_rwsem=exclusive+yes", see `kbase.search.facts`
    blocks: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()  # paths
    path: str = ""
    line: int = 0
    since: tuple[str, ...] = ()  # the first version available that has the entry, one a family
    removed: tuple[str, ...] = ()  # the first later one that could state it and does not
    sources: tuple[str, ...] = ()  # the kinds of the documents that state it
    digest: str = ""  # see `digest_of`


OF_VERSIONS = frozenset(("url", "version", "versions", "path", "line", "since", "removed", "digest"))
CONTENT = tuple(each for each in SearchDocument.__struct_fields__ if each not in OF_VERSIONS)


def digest_of(document: SearchDocument) -> str:
    """A hash of what a document says, whichever versions have it."""
    if document.digest:
        return document.digest
    content = repr([getattr(document, name) for name in CONTENT])
    return blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one version states about an entry. Its document is written only for the first version that states it so."""

    kind: HitKind
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
