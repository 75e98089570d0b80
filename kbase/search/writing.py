"""Writes the index folder (see `kbase.search.index`), from scratch or by updating the previous index.

Both ways give the same search results.
"""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace
from whoosh.filedb.filestore import FileStorage

from kbase.errors import StoreError
from kbase.kernel.exact_names import ItemKind
from kbase.search.analyzer import inflections
from kbase.search.index import (
    CATALOGUE,
    FORMAT,
    MANIFEST,
    TERM_FIELDS,
    TEXTS,
    WHOOSH,
    Catalogue,
    Index,
    Symbol,
    index_files,
    normal_term,
    open_index,
    schema,
    term_text,
)
from kbase.search.search_document import SearchDocument, digest_of
from kbase.search.terms import ANY_LOCK
from kbase.store.files import file_hash

CONTROL = re.compile(r"[\x00-\x08\x0b\x0d-\x1f\x7f]")  # snippets mark matches with such characters
MEMORY = 128  # megabytes that whoosh may use

NAMES_COUNT = 3  # times that the words of an entry's name count, besides its title

Progress = Callable[[int, int, str], None]
Documents = dict[str, SearchDocument]  # by digest


def write_index(
    folder: Path,
    documents: Iterable[SearchDocument],
    previous: tuple[Path, str | None] | None = None,
    progress: Progress | None = None,
    changed: Mapping[str, Iterable[str]] | None = None,
) -> None:
    """Write the index of the documents into a new or empty folder.

    With a `previous` index (its folder and its `manifest_hash`), only changes are written, and documents from
    `read_documents` take their texts from it. `progress` is called with the number of documents written, the total, and
    the name of the last one. `changed` has the dotted names of the ops that each version changes.

    Raises:
        StoreError: the folder cannot be written.
    """
    wanted = {digest_of(document): document for document in _by_entry(documents)}
    before = _open(*previous) if previous else None
    known = {document.digest: n for n, document in enumerate(before.catalogue.documents)} if before else {}
    texts = {digest: _text(document, digest, known, before) for digest, document in wanted.items()}
    try:
        (folder / WHOOSH).mkdir(parents=True)
        if previous and before:
            _share_segments(previous[0], folder)
        order, frequencies = _write_whoosh(folder / WHOOSH, known, wanted, texts, progress)
        encoded = [texts[digest].encode("utf-8") for digest in order]
        (folder / TEXTS).write_bytes(b"".join(encoded))
        catalogue = _catalogue(wanted, order, list(map(len, encoded)), frequencies, changed or {})
        (folder / CATALOGUE).write_bytes(msgspec.msgpack.encode(catalogue))
        manifest = {"format": FORMAT, "files": {name: file_hash(folder / name) for name in index_files(folder)}}
        (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    except OSError as error:
        raise StoreError("the search index cannot be written", str(folder), error.strerror or str(error)) from error


def _open(folder: Path, expected: str | None) -> Index | None:
    """The index of a folder; None if it is damaged or not the expected one, so that it is written from scratch."""
    try:
        return open_index(folder, expected)
    except (StoreError, msgspec.MsgspecError):
        return None


def read_documents(folder: Path, expected: str | None) -> tuple[SearchDocument, ...]:
    """The documents of an index without their texts; none of one that is damaged.

    They come in the order of `search_documents`, and may be given to it, and to `write_index` with this index.
    """
    index = _open(folder, expected)
    if index is None:
        return ()
    catalogue = index.catalogue
    numbers = chain.from_iterable(catalogue.entries)
    return tuple(replace(catalogue.documents[n], versions=catalogue.versions_of(n)) for n in numbers)


def _by_entry(documents: Iterable[SearchDocument]) -> Iterator[SearchDocument]:
    """The documents with those of one entry together, entries in the order of their first ones."""
    grouped: dict[str, list[SearchDocument]] = {}
    for document in documents:
        grouped.setdefault(document.entry, []).append(document)
    return chain.from_iterable(grouped.values())


def _text(document: SearchDocument, digest: str, known: Mapping[str, int], before: Index | None) -> str:
    """A document's text for display."""
    if before and digest in known:
        return before.text(known[digest])
    return CONTROL.sub(" ", document.text).encode("utf-8", "replace").decode("utf-8")


def _share_segments(previous: Path, folder: Path) -> None:
    """Link the files of the inverted index, which are never written again; copy them if linking fails."""
    for path in (previous / WHOOSH).iterdir():
        if not path.name.endswith("LOCK"):
            try:
                os.link(path, folder / WHOOSH / path.name)
            except OSError:
                shutil.copyfile(path, folder / WHOOSH / path.name)


def _write_whoosh(
    folder: Path, known: Mapping[str, int], wanted: Documents, texts: Mapping[str, str], progress: Progress | None
) -> tuple[list[str], dict[str, int]]:
    """Bring the inverted index up to date; gives the digests of its documents in order, and its words' frequencies.

    Whoosh counts the words of a deleted document on until its segment is merged.
    """
    storage = FileStorage(str(folder))
    index = storage.open_index() if known else storage.create_index(schema())
    gone = [number for digest, number in known.items() if digest not in wanted]
    new = {digest: document for digest, document in wanted.items() if digest not in known}
    writer = index.writer(limitmb=MEMORY)
    try:
        for number in gone:
            writer.delete_document(number)
        for done, (digest, document) in enumerate(new.items(), len(wanted) - len(new) + 1):
            writer.add_document(digest=digest, **_fields(document, texts[digest]))
            if progress:
                progress(done, len(wanted), document.name)
    except BaseException:
        writer.cancel()
        raise
    writer.commit(optimize=bool(gone))
    with index.reader() as reader:
        order = [stored["digest"] for _, stored in reader.iter_docs()]
        return order, {term_text(term): int(reader.doc_frequency("body", term)) for term in reader.lexicon("body")}


def _fields(document: SearchDocument, text: str) -> dict[str, Any]:
    values: dict[str, Any] = {"body": "\n".join((*[document.names] * NAMES_COUNT, document.title, document.gist, text))}
    for name, attribute in TERM_FIELDS.items():
        value = getattr(document, attribute)
        terms = [value] if isinstance(value, str) else value
        if terms:
            values[name] = list(dict.fromkeys(normal_term(name, term) for term in terms))
    return values


def _catalogue(
    wanted: Documents,
    order: Sequence[str],
    sizes: list[int],
    frequencies: dict[str, int],
    changed: Mapping[str, Iterable[str]],
) -> Catalogue:
    documents = [wanted[digest] for digest in order]
    sets = {versions: place for place, versions in enumerate(dict.fromkeys(d.versions for d in documents))}
    entries: dict[str, list[int]] = {document.entry: [] for document in wanted.values()}
    numbers = {digest: number for number, digest in enumerate(order)}
    for digest, document in wanted.items():
        entries[document.entry].append(numbers[digest])
    values = [sorted(_facet_values(document)) for document in documents]
    places = {value: place for place, value in enumerate(sorted(set(chain.from_iterable(values))))}
    return Catalogue(
        documents=[replace(d, text="", versions=(), digest=digest_of(d)) for d in documents],
        sizes=sizes,
        version_sets=list(sets),
        set_of=[sets[document.versions] for document in documents],
        entries=list(entries.values()),
        symbols=_symbols(wanted.values(), {entry: number for number, entry in enumerate(entries)}),
        facet_values=list(places),
        facets_of=[[places[value] for value in of] for of in values],
        frequencies=frequencies,
        inflections=inflections(frequencies),
        changed={label: [f"{ItemKind.OP}:{op}" for op in ops] for label, ops in changed.items()},
    )


def _symbols(documents: Iterable[SearchDocument], numbers: Mapping[str, int]) -> dict[str, Symbol]:
    found: dict[str, tuple[str, dict[int, None], dict[int, None]]] = {}
    for document in documents:
        for name in document.keys:
            _, entries, successors = found.setdefault(name.lower(), (name, {}, {}))
            (successors if name in document.old_keys else entries)[numbers[document.entry]] = None
    return {key: Symbol(name, tuple(now), tuple(later)) for key, (name, now, later) in found.items()}


def _facet_values(document: SearchDocument) -> set[tuple[str, str]]:
    """The values of a document in the facets but `version`."""
    held = (rule.removeprefix(f"{ANY_LOCK}=") for rule in document.rules if rule.startswith(f"{ANY_LOCK}="))
    return {
        ("kind", document.kind),
        *(("struct", struct) for struct in document.structs),
        *(("lock", lock) for lock in document.locks),
        *(("held", value) for value in held if "+" not in value),
        *(("document", path) for path in document.documents),
    }
