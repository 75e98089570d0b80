"""Writes the index folder (see `kbase.search.index`): anew, or by what is new to the one before it and gone from it."""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields as fields_of
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage

from kbase.errors import StoreError
from kbase.model.versions import version_key
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
    index_files,
    normal_term,
    schema,
    text,
    verify,
)
from kbase.store.files import file_hash

CONTROL = re.compile(r"[\x00-\x08\x0b\x0d-\x1f\x7f]")  # snippets mark matches with such characters
MEMORY = 128  # megabytes that whoosh may use
MAX_SEGMENTS = 8  # each costs every search a little
SEGMENT, LARGE_PARTS = 2000, 4  # documents of a segment that is written; of more than 8000 it has a fourth
# Fields of a search document that an entry has, and those that stand beside its digest.
FROM_ENTRY = (
    *("kind", "name", "title", "url", "version", "struct", "op", "prototype"),
    *("chips", "structs", "locks", "documents", "path", "line"),
)
FROM_DIGESTS = (
    *("thing", "sources", "keys", "old_keys", "names", "gist", "ops", "rules", "blocks", "params", "returns"),
)

Told = Callable[[int, int, str], None]
Said = dict[str, SearchDocument]  # by digest
Spans = dict[str, tuple[int, int]]  # digest of a document -> first and last byte + 1 of its text, in whoosh's order


class _Earlier:
    """An index as it was written before: its segments, and the texts of their documents."""

    def __init__(self, folder: Path, expected: str | None) -> None:
        """Nothing is in it if it is damaged, or not the `expected` one."""
        self.folder, self.segments, self._spans, self._texts = folder, list[list[str]](), Spans(), b""
        try:
            verify(folder, expected)
            digests = json.loads((folder / DIGESTS).read_bytes())
            self._texts = (folder / TEXTS).read_bytes()
        except (StoreError, OSError, ValueError):
            return
        self.segments = [[digest for digest, *_ in segment] for segment in digests]
        self._spans = {digest: (first, last) for segment in digests for digest, first, last, _ in segment}

    def text(self, digest: str) -> str | None:
        """The text of a document, if it was there."""
        span = self._spans.get(digest)
        return self._texts[slice(*span)].decode("utf-8") if span else None


def write_index(
    folder: Path,
    documents: Iterable[SearchDocument],
    previous: tuple[Path, str | None] | None = None,
    told: Told | None = None,
) -> None:
    """Write the index of the documents into a new or empty folder.

    Of a `previous` index (its folder and its `manifest_hash`) the segments are taken over whose documents are all said
    again. Documents that `read_documents` gave of it have their texts there. `told` is called with how many are
    written, how many there are, and the name of the last one.

    Raises:
        StoreError: the folder cannot be written.
    """
    said = {digest_of(document): document for document in _by_thing(documents)}
    earlier = _Earlier(*previous) if previous else None
    try:
        (folder / WHOOSH).mkdir(parents=True)
        kept, new = _layout(earlier.segments if earlier else [], said)
        texts = {digest: _text(document, digest, earlier) for digest, document in said.items()}
        if earlier and kept:
            _share_segments(earlier.folder, folder)
        vocabulary = _write_whoosh(folder / WHOOSH, kept, [{d: said[d] for d in part} for part in new], texts, told)
        segments = [*(earlier.segments[number] for number in kept), *new] if earlier else new
        spans = _write_texts(folder / TEXTS, {digest: texts[digest] for part in segments for digest in part})
        _write_json(folder / DIGESTS, [[[d, *spans[d], _kept(said[d])] for d in part] for part in segments])
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


def _text(document: SearchDocument, digest: str, earlier: _Earlier | None) -> str:
    """A document's text as it is shown."""
    held = earlier.text(digest) if earlier else None
    return held if held is not None else CONTROL.sub(" ", document.text).encode("utf-8", "replace").decode("utf-8")


def _layout(segments: Sequence[Sequence[str]], said: Said) -> tuple[list[int], list[list[str]]]:
    """Which segments stay, by their numbers, and the digests of new ones.

    What is left of a segment that has lost a document stands apart from what is new, which is what goes or changes
    next: a document that was only said by one version is as old as that version. Small segments become one before
    there are too many.
    """
    kept = [number for number, segment in enumerate(segments) if said.keys() >= set(segment)]
    while True:
        held = {digest for number in kept for digest in segments[number]}
        known = {digest for segment in segments for digest in segment}
        left = [digest for digest in said if digest in known and digest not in held]
        new = [*_parts(left, said), *_parts([digest for digest in said if digest not in known], said)]
        if len(kept) + len(new) <= MAX_SEGMENTS:
            return kept, new
        largest = sorted(kept, key=lambda number: len(segments[number]), reverse=True)
        kept = sorted(largest[: min(len(kept) - 1, MAX_SEGMENTS // 2)])


def _parts(digests: Sequence[str], said: Said) -> list[list[str]]:
    """The documents in segments of about the same size, those that were said first before the others."""
    ordered = sorted(digests, key=lambda digest: version_key(said[digest].versions[0]) if said[digest].versions else ())
    size = max(SEGMENT, -(-len(ordered) // LARGE_PARTS))
    parts = -(-len(ordered) // size)
    cuts = [len(ordered) * part // parts for part in range(parts + 1)] if parts else []
    return [ordered[first:last] for first, last in pairwise(cuts)]


def _write_json(file: Path, data: object) -> None:
    file.write_text(json.dumps(data, separators=(",", ":"), ensure_ascii=False), encoding="utf-8")


def _kept(document: SearchDocument) -> dict[str, Any]:
    """What a later build has to know of a document and the catalogue does not tell."""
    return {name: getattr(document, name) for name in FROM_DIGESTS}


def read_documents(folder: Path, expected: str | None) -> tuple[SearchDocument, ...]:
    """The documents of an index without their texts; none of one that is damaged.

    They come in the order of `search_documents`, and may be given to it, and to `write_index` with this index.
    """
    try:
        verify(folder, expected)
        digests = [each for segment in json.loads((folder / DIGESTS).read_bytes()) for each in segment]
        catalogue = json.loads((folder / CATALOGUE).read_bytes())
    except (StoreError, OSError, ValueError):
        return ()
    numbers = [number for same in catalogue["things"] for number in same]
    return tuple(_read(catalogue, number, digests[number][0], digests[number][3]) for number in numbers)


def _read(catalogue: dict[str, Any], number: int, digest: str, kept: dict[str, Any]) -> SearchDocument:
    entry = catalogue["entries"][number]
    versions = catalogue["version_sets"][entry["versionset"]]
    fields = {name: entry[name] for name in FROM_ENTRY} | kept | {"versions": versions, "digest": digest, "text": ""}
    plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in fields.items()}
    return SearchDocument(**plain)


def _share_segments(earlier: Path, folder: Path) -> None:
    """The inverted index under another name, as nothing is written into a file once it is there."""
    for path in (earlier / WHOOSH).iterdir():
        if not path.name.endswith("LOCK"):
            _share(path, folder / WHOOSH / path.name)


def _share(file: Path, copy: Path) -> None:
    """The same file under another name; a copy where the file system has no such names."""
    try:
        os.link(file, copy)
    except OSError:
        shutil.copyfile(file, copy)


def _write_whoosh(
    folder: Path, kept: Sequence[int], new: Sequence[Said], texts: Mapping[str, str], told: Told | None
) -> list[str]:
    """Add segments of new documents to those that are kept of the ones in the folder; gives the words of all."""
    storage = FileStorage(str(folder))
    index = storage.open_index() if kept else storage.create_index(schema())
    count, total = len(texts) - sum(map(len, new)), len(texts)
    for number, part in enumerate(new or [{}]):
        writer = index.writer(limitmb=MEMORY)
        try:
            for digest, document in part.items():
                writer.add_document(**_fields(document, texts[digest]))
                count += 1
                if told:
                    told(count, total, document.name)
        except BaseException:
            writer.cancel()
            raise
        writer.commit(mergetype=partial(_policy, None if number else kept))
    with index.reader() as reader:
        return [text(term) for term in reader.lexicon("body")]


def _policy(kept: Sequence[int] | None, _writer: object, segments: list[Any]) -> list[Any]:
    """What whoosh asks which segments stay beside the new one: all, unless some are named."""
    return segments if kept is None else [segments[number] for number in kept]


def _fields(document: SearchDocument, said: str) -> dict[str, Any]:
    values: dict[str, Any] = {
        "body": f"{document.names}\n{document.title}\n{document.gist}\n{said}",
        "names": document.names,
    }
    for name, attribute in TERM_FIELDS.items():
        value = getattr(document, attribute)
        terms = [value] if isinstance(value, str) else value
        if terms:
            values[name] = list(dict.fromkeys(normal_term(name, term) for term in terms))
    return values


def _write_texts(file: Path, texts: Mapping[str, str]) -> Spans:
    """Write the texts one after the other; where each stands."""
    spans: Spans = {}
    with file.open("wb") as stream:
        for digest, said in texts.items():
            first = stream.tell()
            stream.write(said.encode("utf-8"))
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
