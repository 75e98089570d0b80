"""The index folder as it is read: Whoosh's files, the catalogue, and the manifest that proves them ours.

    whoosh/           the inverted index: what a text says, never which versions say so
    texts             the texts of the documents one after the other, UTF-8
    catalogue.json    what a hit shows besides, the symbol table, the version sets
    digests.json      what tells each document of the inverted index, and what a later build has to know of it
    manifest.json     SHA-256 of each of the files above

A document's number is that of whoosh, which numbers in the order of writing, segment after segment. Segments of the
index before are taken over where each of their documents is still said; the rest of those documents and what is new
become segments of their own: the same documents are found, in the same order, as if all had been written at once.

An index is a pickle: `open_index` refuses a folder whose files are not exactly those of the manifest, or belong to
another user. The store keeps `manifest_hash` beside its own records, so the manifest cannot be exchanged either.
"""

import json
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from whoosh import fields
from whoosh.analysis import RegexTokenizer
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex

from kbase.errors import StoreError
from kbase.search.analyzer import WORD, IdentifierWeights
from kbase.search.facts import type_term
from kbase.store.files import file_hash

FORMAT = 5  # of the folder; raise it with every change of schema, catalogue or analyzer
WHOOSH = "whoosh"
TEXTS = "texts"
CATALOGUE = "catalogue.json"
DIGESTS = "digests.json"
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
    """The whoosh schema: text, names, and one unscored field for each field of the query language."""
    terms = {name: fields.KEYWORD(commas=True) for name in TERM_FIELDS}
    body, names = (fields.TEXT(analyzer=RegexTokenizer(WORD), phrase=False) for _ in range(2))
    body.format = names.format = IdentifierWeights()
    return fields.Schema(body=body, names=names, **terms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One search document without its text, as the catalogue keeps it; `versionset` is a place in `version_sets`."""

    thing: int
    kind: str
    name: str
    title: str
    url: str
    version: str
    versionset: int
    struct: str | None
    op: str | None
    prototype: str | None
    chips: tuple[str, ...]
    structs: list[str]
    locks: list[str]
    rules: list[str]  # "i_rwsem=exclusive", "*=exclusive": see `kbase.search.facts`
    documents: list[str]
    path: str
    line: int
    names_length: int  # characters
    text: list[int]  # its first and last byte + 1 in the file of texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything but the inverted index.

    `symbols`: exact name in lower case -> [name as written, things, things that it is a former name of];
    `things`: the documents of each; `since` and `removed`: the versions with which each came and went.
    """

    labels: list[str]
    version_sets: list[list[str]]
    things: list[list[int]]
    since: list[list[str]]
    removed: list[list[str]]
    symbols: dict[str, list[Any]]
    inflections: dict[str, list[str]]  # stem -> words of the index
    entries: list[Entry]


def text(term: bytes | str) -> str:
    """An index term as text: whoosh gives bytes or str, by release."""
    return term.decode("utf-8") if isinstance(term, bytes) else term


def normal_term(field: str, value: str) -> str:
    """A term as it is indexed and searched in a field: names without regard to case, types without spacing."""
    return type_term(value) if field in ("param", "returns") else value.lower()


def index_files(folder: Path) -> list[str]:
    """The files of an index but its manifest, as the manifest names them."""
    names = [f"{WHOOSH}/{path.name}" for path in (folder / WHOOSH).iterdir() if not path.name.endswith("LOCK")]
    return sorted([CATALOGUE, DIGESTS, TEXTS, *names])


def manifest_hash(folder: Path) -> str:
    """SHA-256 of the folder's manifest, hex: what the store keeps to know the index again.

    Raises:
        StoreError: there is no manifest.
    """
    try:
        return file_hash(folder / MANIFEST)
    except OSError as error:
        raise StoreError("no search index", str(folder), REBUILD) from error


class Opened(NamedTuple):
    """An index that was verified: the inverted index, the catalogue, the texts, and documents by their versions."""

    inverted: FileIndex
    catalogue: Catalogue
    texts: bytes
    of_set: Mapping[int, Sequence[int]]  # version set -> documents
    since: Mapping[str, Sequence[int]]  # version -> documents of the things that came with it
    removed: Mapping[str, Sequence[int]]

    def text(self, document: int) -> str:
        """The text of a document."""
        first, last = self.catalogue.entries[document].text
        return self.texts[first:last].decode("utf-8")


def open_index(folder: Path, expected: str | None = None) -> Opened:
    """The index of a folder that we wrote, `expected` being its `manifest_hash`.

    Raises:
        StoreError: missing, of another format, altered, or another user's.
    """
    verify(folder, expected)
    data = json.loads((folder / CATALOGUE).read_bytes())
    texts = (folder / TEXTS).read_bytes()
    entries = [Entry(**entry | {"chips": tuple(entry["chips"])}) for entry in data.pop("entries")]
    ours = FileStorage(str(folder / WHOOSH), readonly=True).open_index()
    catalogue = Catalogue(entries=entries, **data)
    of_set: defaultdict[int, list[int]] = defaultdict(list)
    for number, entry in enumerate(entries):
        of_set[entry.versionset].append(number)
    since, removed = (_by_label(catalogue.things, labels) for labels in (catalogue.since, catalogue.removed))
    return Opened(ours, catalogue, texts, of_set, since, removed)


def _by_label(things: Sequence[Sequence[int]], labels: Sequence[Sequence[str]]) -> Mapping[str, Sequence[int]]:
    """The documents of the things that have each label."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for documents, having in zip(things, labels, strict=True):
        for label in having:
            found[label].extend(documents)
    return found


def verify(folder: Path, expected: str | None) -> None:
    """Make sure that the folder is an index of this format that we wrote, `expected` being its `manifest_hash`.

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
