"""The index folder: Whoosh's files, the catalogue, and the manifest that authenticates them.

    whoosh/             the inverted index: what a text says, never which versions have it
    texts               the texts of the documents one after the other, UTF-8
    catalogue.msgpack   everything else, see `Catalogue`
    manifest.json       SHA-256 of each of the files above

A document's number is that of whoosh.

An index is a pickle: `open_index` refuses a folder whose files are not exactly those of the manifest, or belong to
another user. The store has `manifest_hash` beside its own records, so the manifest cannot be exchanged either.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise
from pathlib import Path

import msgspec
from whoosh import fields
from whoosh.analysis import RegexTokenizer
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex

from kbase.errors import StoreError
from kbase.model.versions import age
from kbase.search.analyzer import IdentifierWeights
from kbase.search.search_document import SearchDocument
from kbase.search.terms import type_term
from kbase.search.words import WORD
from kbase.store.files import file_hash

FORMAT = 7  # of the folder; raise it with every change of schema, catalogue or analyzer
WHOOSH = "whoosh"
TEXTS = "texts"
CATALOGUE = "catalogue.msgpack"
MANIFEST = "manifest.json"
REBUILD = "run `kbase build` to make it anew"

# Field of the query language -> attribute of a search document, for fields that are lists of terms.
TERM_FIELDS = {
    "kind": "kind",
    "struct": "structs",
    "op": "ops",
    "lock": "locks",
    "rule": "rules",
    "blocks": "blocks",
    "param": "params",
    "returns": "returns",
    "document": "documents",
}


def schema() -> fields.Schema:
    """The whoosh schema: text, and one unscored field for each field of the query language."""
    terms = {name: fields.KEYWORD(commas=True) for name in TERM_FIELDS}
    body = fields.TEXT(analyzer=RegexTokenizer(WORD), phrase=False)
    body.format = IdentifierWeights()
    return fields.Schema(digest=fields.ID(stored=True), body=body, **terms)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name as written, the entries that it names, and those that it named formerly."""

    name: str
    entries: tuple[int, ...]
    successors: tuple[int, ...] = ()

    @property
    def all(self) -> tuple[int, ...]:
        return self.entries + self.successors


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What the inverted index does not have. Documents and entries are numbered from 0."""

    documents: list[SearchDocument]  # by number, without texts and versions
    sizes: list[int]  # bytes of each text
    version_sets: list[tuple[str, ...]]
    set_of: list[int]  # of each document: its place in `version_sets`
    entries: list[list[int]]  # the documents of each
    symbols: dict[str, Symbol]  # by name in lower case
    facet_values: list[tuple[str, str]]  # facet and value, in the order in which equal counts are shown
    facets_of: list[list[int]]  # of each document: the places of its values
    frequencies: dict[str, int]  # how many documents have a word
    inflections: dict[str, list[str]]  # stem -> words of the index
    changed: dict[str, list[str]]  # version -> entries of ops with other facts than in the neighbour before it

    def versions_of(self, document: int) -> tuple[str, ...]:
        """The versions that have a document."""
        return self.version_sets[self.set_of[document]]


def term_text(term: bytes | str) -> str:
    """An index term as text: whoosh gives bytes or str, by release."""
    return term.decode("utf-8") if isinstance(term, bytes) else term


def normal_term(field: str, value: str) -> str:
    """A term as it is indexed and searched in a field: names without regard to case, types without spacing."""
    return type_term(value) if field in ("param", "returns") else value.lower()


def index_files(folder: Path) -> list[str]:
    """The files of an index but its manifest, as the manifest names them."""
    names = [f"{WHOOSH}/{path.name}" for path in (folder / WHOOSH).iterdir() if not path.name.endswith("LOCK")]
    return sorted([CATALOGUE, TEXTS, *names])


def manifest_hash(folder: Path) -> str:
    """SHA-256 of the folder's manifest, hex: how the store knows the index again.

    Raises:
        StoreError: there is no manifest.
    """
    try:
        return file_hash(folder / MANIFEST)
    except OSError as error:
        raise StoreError("no search index", str(folder), REBUILD) from error


class Index:
    """An index that was verified: the inverted index, the catalogue, the texts."""

    def __init__(self, inverted: FileIndex, catalogue: Catalogue, texts: bytes) -> None:
        """Number what the catalogue has."""
        self.inverted, self.catalogue, self._texts = inverted, catalogue, texts
        self.entry_of = [0] * len(catalogue.documents)
        for number, documents in enumerate(catalogue.entries):
            for document in documents:
                self.entry_of[document] = number
        self._spans = list(pairwise(accumulate(catalogue.sizes, initial=0)))
        self.labels = tuple(dict.fromkeys(chain.from_iterable(catalogue.version_sets)))

    def text(self, document: int) -> str:
        """The text of a document."""
        return self._texts[slice(*self._spans[document])].decode("utf-8")

    def first(self, entry: int) -> SearchDocument:
        """The oldest document of an entry, for what all of them have in common."""
        return self.catalogue.documents[self.catalogue.entries[entry][0]]

    def newest(self, entry: int) -> SearchDocument:
        """What the newest version states of an entry."""
        documents = (self.catalogue.documents[document] for document in self.catalogue.entries[entry])
        return max(documents, key=lambda document: age(document.version))

    def of_versions(self, versions: Iterable[str]) -> set[int]:
        """The documents that one of the versions has."""
        wanted = set(versions)
        sets = {n for n, labels in enumerate(self.catalogue.version_sets) if not wanted.isdisjoint(labels)}
        return {document for document, number in enumerate(self.catalogue.set_of) if number in sets}


def open_index(folder: Path, expected: str | None = None) -> Index:
    """The index of a folder that we wrote, `expected` being its `manifest_hash`.

    Raises:
        StoreError: missing, of another format, altered, or another user's.
    """
    verify(folder, expected)
    inverted = FileStorage(str(folder / WHOOSH), readonly=True).open_index()
    catalogue = msgspec.msgpack.decode((folder / CATALOGUE).read_bytes(), type=Catalogue)
    return Index(inverted, catalogue, (folder / TEXTS).read_bytes())


def verify(folder: Path, expected: str | None) -> None:
    """Check that the folder is an index of this format that we wrote, `expected` being its `manifest_hash`.

    Raises:
        StoreError: missing, of another format, altered, or another user's.
    """
    try:
        _verify(folder, expected)
    except (OSError, ValueError) as error:
        raise StoreError("the search index cannot be read", str(folder), REBUILD) from error


def _verify(folder: Path, expected: str | None) -> None:
    if expected is not None and manifest_hash(folder) != expected:
        raise StoreError("the search index is not the one that was built", str(folder), REBUILD)
    manifest = json.loads((folder / MANIFEST).read_bytes())
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise StoreError("the search index is of another format", str(folder), REBUILD)
    hashes = manifest.get("files")
    if not isinstance(hashes, dict) or sorted(hashes) != index_files(folder):
        raise StoreError("the search index has files that were not built", str(folder), REBUILD)
    for name in (*hashes, MANIFEST):
        path = folder / name
        if path.stat(follow_symlinks=False).st_uid not in (os.geteuid(), 0):
            raise StoreError("the search index belongs to another user", str(path), REBUILD)
        if name != MANIFEST and file_hash(path) != hashes[name]:
            raise StoreError("the search index was altered", str(path), REBUILD)
