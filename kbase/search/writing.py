"""Writes the index folder (see `kbase.search.index`): anew, or by what is new to the one before it."""

import json
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields as fields_of
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage

from kbase.errors import StoreError
from kbase.search.analyzer import inflections
from kbase.search.documents import SearchDocument, digest_of
from kbase.search.index import (
    CATALOGUE,
    DIGESTS,
    FORMAT,
    MANIFEST,
    TERM_FIELDS,
    TEXTS,
    WHOOSH,
    Catalogue,
    Entry,
    file_hash,
    index_files,
    normal_term,
    schema,
    text,
    verify,
)

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # snippets mark matches with such characters
MEMORY = 128  # megabytes that whoosh may use
MAX_SEGMENTS = 8  # each costs every search a little
# Fields of a search document that an entry has, and those that stand beside its digest.
FROM_ENTRY = (
    *("kind", "name", "title", "url", "version", "struct", "op", "prototype"),
    *("chips", "structs", "locks", "documents", "path", "line"),
)
FROM_DIGESTS = ("thing", "sources", "keys", "old_keys", "names")

Told = Callable[[int, int, str], None]
Spans = dict[str, tuple[int, int]]  # digest of a document -> first and last byte + 1 of its text, in whoosh's order


def write_index(
    folder: Path,
    documents: Iterable[SearchDocument],
    previous: tuple[Path, str | None] | None = None,
    told: Told | None = None,
) -> None:
    """Write the index of the documents into a new or empty folder.

    A `previous` index (its folder and its `manifest_hash`) is taken over if the documents say all that it says.
    `told` is called with how many are written, how many there are, and the name of the last one.

    Raises:
        StoreError: the folder cannot be written.
    """
    said = {digest_of(document): document for document in _by_thing(documents)}
    try:
        (folder / WHOOSH).mkdir(parents=True)
        spans = _taken_over(folder, *previous, said.keys()) if previous else {}
        new = {digest: document for digest, document in said.items() if digest not in spans}
        vocabulary = _write_whoosh(folder / WHOOSH, new, len(spans), told)
        spans |= _write_texts(folder / TEXTS, new)
        _write_json(folder / DIGESTS, [[digest, *span, _kept(said[digest])] for digest, span in spans.items()])
        _write_json(folder / CATALOGUE, _catalogue(said, spans, inflections(vocabulary)))
        hashes = {name: file_hash(folder / name) for name in index_files(folder)}
        _write_json(folder / MANIFEST, {"format": FORMAT, "files": hashes})
    except OSError as error:
        raise StoreError("the search index cannot be written", str(folder), error.strerror or str(error)) from error


def _by_thing(documents: Iterable[SearchDocument]) -> list[SearchDocument]:
    """The documents with those of one thing together, things in the order of their first ones."""
    grouped: dict[str, list[SearchDocument]] = {}
    for document in documents:
        grouped.setdefault(document.thing, []).append(document)
    return [document for same in grouped.values() for document in same]


def _write_json(file: Path, data: object) -> None:
    file.write_text(json.dumps(data, separators=(",", ":"), ensure_ascii=False), encoding="utf-8")


def _kept(document: SearchDocument) -> dict[str, Any]:
    """What a later build has to know of a document and the catalogue does not tell."""
    fields = {name: getattr(document, name) for name in FROM_DIGESTS}
    return fields | {"rules": [rule for rule in document.rules if "+" not in rule]}


def read_documents(folder: Path, expected: str | None) -> tuple[SearchDocument, ...]:
    """The documents of an index that can grow, without their texts; none of one that is damaged, or has grown enough.

    They come in the order of `search_documents`, and may be given to it and to `write_index`.
    """
    try:
        verify(folder, expected)
        kept = json.loads((folder / DIGESTS).read_bytes())
        catalogue = json.loads((folder / CATALOGUE).read_bytes())
    except (StoreError, OSError, ValueError):
        return ()
    if len(_segments(folder)) >= MAX_SEGMENTS:
        return ()
    numbers = [number for same in catalogue["things"] for number in same]
    return tuple(_read(catalogue, number, kept[number][0], kept[number][3]) for number in numbers)


def _segments(folder: Path) -> list[Path]:
    return [path for path in (folder / WHOOSH).iterdir() if path.suffix == ".seg"]


def _read(catalogue: dict[str, Any], number: int, digest: str, kept: dict[str, Any]) -> SearchDocument:
    entry = catalogue["entries"][number]
    versions = catalogue["version_sets"][entry["versionset"]]
    fields = {name: entry[name] for name in FROM_ENTRY} | kept | {"versions": versions, "digest": digest, "text": ""}
    plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in fields.items()}
    return SearchDocument(**plain)


def _taken_over(folder: Path, previous: Path, expected: str | None, said: Collection[str]) -> Spans:
    """The documents of the previous index, whose files are in the folder then; none where it says more, or is damaged.

    Files that will not change are shared with it: nothing is written into a file once it is there.
    """
    try:
        verify(previous, expected)
        held = {digest: (first, last) for digest, first, last, _ in json.loads((previous / DIGESTS).read_bytes())}
    except (StoreError, OSError, ValueError):
        return {}
    files = [path for path in (previous / WHOOSH).iterdir() if not path.name.endswith("LOCK")]
    if not held.keys() <= set(said) or len(_segments(previous)) >= MAX_SEGMENTS:
        return {}
    for path in files:
        _share(path, folder / WHOOSH / path.name)
    shutil.copyfile(previous / TEXTS, folder / TEXTS)
    return held


def _share(file: Path, copy: Path) -> None:
    """The same file under another name; a copy where the file system has no such names."""
    try:
        os.link(file, copy)
    except OSError:
        shutil.copyfile(file, copy)


def _write_whoosh(folder: Path, documents: Mapping[str, SearchDocument], held: int, told: Told | None) -> list[str]:
    """Add the documents to those that the inverted index holds; gives its words."""
    storage = FileStorage(str(folder))
    ours = storage.open_index() if held else storage.create_index(schema())
    writer = ours.writer(limitmb=MEMORY)
    try:
        for number, document in enumerate(documents.values(), held + 1):
            writer.add_document(**_fields(document))
            if told:
                told(number, held + len(documents), document.name)
    except BaseException:
        writer.cancel()
        raise
    writer.commit(merge=False)
    with ours.reader() as reader:
        return [text(term) for term in reader.lexicon("body")]


def _fields(document: SearchDocument) -> dict[str, Any]:
    values: dict[str, Any] = {
        "body": f"{document.names}\n{document.title}\n{document.gist}\n{document.text}",
        "names": document.names,
    }
    for name, attribute in TERM_FIELDS.items():
        value = getattr(document, attribute)
        terms = [value] if isinstance(value, str) else value
        if terms:
            values[name] = list(dict.fromkeys(normal_term(name, term) for term in terms))
    return values


def _write_texts(file: Path, documents: Mapping[str, SearchDocument]) -> Spans:
    """Add the documents' texts to the file; where each stands."""
    spans: Spans = {}
    with file.open("ab") as stream:
        for digest, document in documents.items():
            first = stream.tell()
            stream.write(CONTROL.sub(" ", document.text).encode("utf-8", "replace"))
            spans[digest] = first, stream.tell()
    return spans


def _catalogue(said: Mapping[str, SearchDocument], spans: Spans, stems: dict[str, list[str]]) -> dict[str, Any]:
    """The catalogue of the documents, those of one thing together, by its fields; `stems` are the inflections."""
    numbers = {digest: number for number, digest in enumerate(spans)}
    sets: dict[tuple[str, ...], int] = {}
    things: dict[str, list[int]] = {}
    symbols: dict[str, list[Any]] = {}
    entries: list[dict[str, Any]] = [{} for _ in spans]
    lives: dict[str, SearchDocument] = {}
    for digest, document in said.items():
        versionset = sets.setdefault(document.versions, len(sets))
        things.setdefault(document.thing, []).append(numbers[digest])
        thing = len(things) - 1
        lives[document.thing] = document
        for key in document.keys:
            _add_symbol(symbols, key, thing, former=key in document.old_keys)
        entries[numbers[digest]] = _entry(document, thing, versionset, spans[digest])
    catalogue = Catalogue(
        labels=list(dict.fromkeys(label for labels in sets for label in labels)),
        version_sets=[list(labels) for labels in sets],
        things=list(things.values()),
        since=[list(document.since) for document in lives.values()],
        removed=[list(document.removed) for document in lives.values()],
        symbols=symbols,
        inflections=stems,
        entries=[],
    )
    return {field.name: getattr(catalogue, field.name) for field in fields_of(Catalogue)} | {"entries": entries}


def _add_symbol(symbols: dict[str, list[Any]], key: str, thing: int, *, former: bool) -> None:
    _, things, formerly = symbols.setdefault(key.lower(), [key, [], []])
    of = formerly if former else things
    if thing not in of:
        of.append(thing)


def _entry(document: SearchDocument, thing: int, versionset: int, span: tuple[int, int]) -> dict[str, Any]:
    entry = Entry(
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
        rules=[rule for rule in document.rules if "+" not in rule],
        documents=list(document.documents),
        path=document.path,
        line=document.line,
        names_length=len(document.names),
        text=list(span),
    )
    return {field.name: getattr(entry, field.name) for field in fields_of(Entry)}
