"""The index folder: Whoosh's files, the catalogue, and the manifest that proves them ours.

    whoosh/           the inverted index, written by whoosh in one segment, so that its document numbers are ours
    texts             the texts of the documents one after the other, UTF-8
    catalogue.json    what a hit shows besides, the symbol table, the version sets
    manifest.json     SHA-256 of each of the files above

An index is a pickle: `open_index` refuses a folder whose files are not exactly those of the manifest, or belong to
another user. The store keeps `manifest_hash` beside its own records, so the manifest cannot be exchanged either.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from whoosh import fields
from whoosh.analysis import RegexTokenizer
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex

from kbase.errors import StoreError
from kbase.search.analyzer import WORD, IdentifierWeights, inflections
from kbase.search.documents import SearchDocument
from kbase.search.facts import type_term

FORMAT = 1  # of the folder; raise it with every change of schema, catalogue or analyzer
WHOOSH = "whoosh"
TEXTS = "texts"
CATALOGUE = "catalogue.json"
MANIFEST = "manifest.json"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # snippets mark matches with such characters
MEMORY = 128  # megabytes that the writer may use
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
    "since": "since",
    "removed": "removed",
}


def schema() -> fields.Schema:
    """The whoosh schema: text, names, and one unscored field for each field of the query language."""
    terms = {name: fields.KEYWORD(commas=True) for name in (*TERM_FIELDS, "versionset")}
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
    helds: list[str]
    documents: list[str]
    path: str
    line: int
    names_length: int  # characters
    text: list[int]  # its first and last byte + 1 in the file of texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything but the inverted index.

    `symbols`: exact name in lower case -> [name as written, things, things that it is a former name of];
    `things`: the first and the last document of each.
    """

    labels: list[str]
    version_sets: list[list[str]]
    things: list[list[int]]
    symbols: dict[str, list[Any]]
    inflections: dict[str, list[str]]  # stem -> words of the index
    entries: list[Entry]


def write_index(folder: Path, documents: Iterable[SearchDocument]) -> None:
    """Write the index of the documents into a new or empty folder.

    Raises:
        StoreError: the folder cannot be written.
    """
    try:
        (folder / WHOOSH).mkdir(parents=True)
        with (folder / TEXTS).open("wb") as texts:
            catalogue = _write_whoosh(folder / WHOOSH, documents, texts)
        data = json.dumps(asdict(catalogue), separators=(",", ":"), ensure_ascii=False)
        (folder / CATALOGUE).write_text(data, encoding="utf-8")
        hashes = {name: _hash(folder / name) for name in _files(folder)}
        manifest = json.dumps({"format": FORMAT, "files": hashes}, indent=1, sort_keys=True)
        (folder / MANIFEST).write_text(manifest, encoding="utf-8")
        for name in (*hashes, MANIFEST):
            _sync(folder / name)
    except OSError as error:
        raise StoreError("the search index cannot be written", str(folder), error.strerror or str(error)) from error


def _sync(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _files(folder: Path) -> list[str]:
    names = [f"{WHOOSH}/{path.name}" for path in (folder / WHOOSH).iterdir() if not path.name.endswith("LOCK")]
    return sorted([CATALOGUE, TEXTS, *names])


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_whoosh(folder: Path, documents: Iterable[SearchDocument], texts: BinaryIO) -> Catalogue:
    ours = FileStorage(str(folder)).create_index(schema())
    writer = ours.writer(limitmb=MEMORY)
    catalogue = _CatalogueWriter()
    try:
        for document in _by_thing(documents):
            first = texts.tell()
            texts.write(CONTROL.sub(" ", document.text).encode("utf-8", "replace"))
            versionset = catalogue.add(document, (first, texts.tell()))
            writer.add_document(**_fields(document, versionset))
    except BaseException:
        writer.cancel()
        raise
    writer.commit(optimize=True)
    with ours.reader() as reader:
        vocabulary = [text(term) for term in reader.lexicon("body")]
    return catalogue.finished(vocabulary)


def text(term: bytes | str) -> str:
    """An index term as text: whoosh gives bytes or str, by release."""
    return term.decode("utf-8") if isinstance(term, bytes) else term


def _by_thing(documents: Iterable[SearchDocument]) -> Iterator[SearchDocument]:
    """The documents with those of one thing together; facet counting relies on it."""
    grouped: dict[str, list[SearchDocument]] = {}
    for document in documents:
        grouped.setdefault(document.thing, []).append(document)
    for same in grouped.values():
        yield from same


def _fields(document: SearchDocument, versionset: int) -> dict[str, Any]:
    values: dict[str, Any] = {
        "body": f"{document.names}\n{document.title}\n{document.gist}\n{document.text}",
        "names": document.names,
        "versionset": [str(versionset)],
    }
    for name, attribute in TERM_FIELDS.items():
        value = getattr(document, attribute)
        terms = [value] if isinstance(value, str) else value
        if terms:
            values[name] = list(dict.fromkeys(normal_term(name, term) for term in terms))
    return values


def normal_term(field: str, value: str) -> str:
    """A term as it is indexed and searched in a field: names without regard to case, types without spacing."""
    return type_term(value) if field in ("param", "returns") else value.lower()


class _CatalogueWriter:
    """Collects what `Catalogue` holds while documents go by, those of one thing together."""

    def __init__(self) -> None:
        self.sets: dict[tuple[str, ...], int] = {}
        self.things: dict[str, list[int]] = {}
        self.numbers: dict[str, int] = {}
        self.symbols: dict[str, list[Any]] = {}
        self.entries: list[Entry] = []

    def add(self, document: SearchDocument, text: tuple[int, int]) -> int:
        """Note the document and where its text stands; gives the number of its version set."""
        versionset = self.sets.setdefault(document.versions, len(self.sets))
        number = self.numbers.setdefault(document.thing, len(self.numbers))
        place = len(self.entries)
        self.things.setdefault(document.thing, [place, place])[1] = place
        for key in document.keys:
            self._symbol(key, number, former=key in document.old_keys)
        self.entries.append(_entry(document, number, versionset, text))
        return versionset

    def _symbol(self, key: str, number: int, *, former: bool) -> None:
        _, things, formerly = self.symbols.setdefault(key.lower(), [key, [], []])
        of = formerly if former else things
        if number not in of:
            of.append(number)

    def finished(self, vocabulary: Iterable[str]) -> Catalogue:
        """The catalogue of everything added; `vocabulary` are the words of the index."""
        sets = [list(labels) for labels in self.sets]
        labels = list(dict.fromkeys(label for labels in sets for label in labels))
        return Catalogue(
            labels=labels,
            version_sets=sets,
            things=list(self.things.values()),
            symbols=self.symbols,
            inflections=inflections(vocabulary),
            entries=self.entries,
        )


def _entry(document: SearchDocument, thing: int, versionset: int, text: tuple[int, int]) -> Entry:
    helds = {rule.split("=", 1)[1] for rule in document.rules}
    return Entry(
        thing=thing,
        kind=document.kind,
        name=document.name,
        title=document.title,
        url=document.url,
        version=document.version,
        versionset=versionset,
        struct=document.struct,
        op=document.op,
        prototype=document.prototype,
        chips=document.chips,
        structs=list(document.structs),
        locks=list(document.locks),
        helds=sorted(held for held in helds if "+" not in held),
        documents=list(document.documents),
        path=document.path,
        line=document.line,
        names_length=len(document.names),
        text=list(text),
    )


def manifest_hash(folder: Path) -> str:
    """SHA-256 of the folder's manifest, hex: what the store keeps to know the index again.

    Raises:
        StoreError: there is no manifest.
    """
    try:
        return _hash(folder / MANIFEST)
    except OSError as error:
        raise StoreError("no search index", str(folder), REBUILD) from error


class Opened(NamedTuple):
    """An index that was verified: the inverted index, the catalogue, the texts."""

    inverted: FileIndex
    catalogue: Catalogue
    texts: bytes

    def text(self, document: int) -> str:
        """The text of a document."""
        first, last = self.catalogue.entries[document].text
        return self.texts[first:last].decode("utf-8")


def open_index(folder: Path, expected: str | None = None) -> Opened:
    """The index of a folder that we wrote, `expected` being its `manifest_hash`.

    Raises:
        StoreError: missing, of another format, altered, or another user's.
    """
    try:
        _verify(folder, expected)
        data = json.loads((folder / CATALOGUE).read_bytes())
        texts = (folder / TEXTS).read_bytes()
    except (OSError, ValueError) as error:
        raise StoreError("the search index cannot be read", str(folder), REBUILD) from error
    entries = [Entry(**entry | {"chips": tuple(entry["chips"])}) for entry in data.pop("entries")]
    ours = FileStorage(str(folder / WHOOSH), readonly=True).open_index()
    return Opened(ours, Catalogue(entries=entries, **data), texts)


def _verify(folder: Path, expected: str | None) -> None:
    if expected is not None and manifest_hash(folder) != expected:
        raise StoreError("the search index is not the one that was built", str(folder), REBUILD)
    manifest = json.loads((folder / MANIFEST).read_bytes())
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise StoreError("the search index is of another format", str(folder), REBUILD)
    hashes = manifest.get("files")
    if not isinstance(hashes, dict) or sorted(hashes) != _files(folder):
        raise StoreError("the search index has files that were not built", str(folder), REBUILD)
    for name in (*hashes, MANIFEST):
        path = folder / name
        if path.stat(follow_symlinks=False).st_uid not in (os.geteuid(), 0):
            raise StoreError("the search index belongs to another user", str(path), REBUILD)
        if name != MANIFEST and _hash(path) != hashes[name]:
            raise StoreError("the search index was altered", str(path), REBUILD)
