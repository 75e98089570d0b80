"""Writes documents as their facts, and our own words for their sentences: a folder laid out like the bundled corpus.

OUT/linux/v6.4.6/Documentation/filesystems/locking.rst
OUT/manifest.json    the original of each file, by its path below OUT: origin, path and hash

A file that is the same for several versions is written once; for the others the manifest says what it is `same_as`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from kbase import parsers, places
from kbase.errors import SourceError
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.knowledge.own_words import originals
from kbase.knowledge.printed_documents import print_document
from kbase.model.states import DocumentRef
from kbase.model.versions import parse_version
from kbase.model.witnesses import OP_WITNESSES, SINGLE, DocumentKind
from kbase.sources.document_paths import file_to_write
from kbase.sources.restated import read_restatements
from kbase.sources.trees import MAX_BYTES, read_file
from kbase.text.lines import Text

MANIFEST = "manifest.json"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How many documents were written, and what is not restated in our own words: "v7.2 vfs.rst:12-14  fingerprint"."""

    documents: int
    not_restated: tuple[str, ...]


def write_documents(kb: KnowledgeBase, out: Path, versions: Sequence[str] = (), origin: str | None = None) -> Written:
    """Write the documents of the versions, or of all.

    `origin` names the tree, tag or package of the originals in the manifest; the default is the version. Other files of
    the folder are preserved, and so are their entries in the manifest.

    Raises:
        UnknownName: a version is not available.
        SourceError: the folder cannot be written.
        UsageError: a link in it leads out of it.
    """
    labels = [kb.resolve(label) for label in versions] or [info.label for info in kb.versions]
    try:
        corpus = _Corpus(out, read_manifest(out))
        count = sum(_write(kb, corpus, label, origin) for label in labels)
        text = json.dumps({"files": dict(sorted(corpus.entries.items()))}, ensure_ascii=False, indent=1) + "\n"
        file_to_write(out, MANIFEST).write_text(text, "utf-8")
    except OSError as error:
        raise SourceError(
            f"cannot be written: {error.strerror}", str(error.filename or out), "give a folder"
        ) from error
    return Written(documents=count, not_restated=tuple(corpus.not_restated.values()))


class _Corpus:
    """A folder of documents with its manifest."""

    def __init__(self, out: Path, entries: dict[str, Json]) -> None:
        self.entries = entries
        self.restatements = read_restatements(places.corpus())
        self.not_restated = dict[str, str]()  # places by fingerprint
        self._out = out
        self._pages: dict[tuple[str, str], str] = {}  # path in its tree and content -> the file that has it
        for name, entry in entries.items():
            if "same_as" not in entry and (out / name).is_file():
                page = read_file(out / name, MAX_BYTES).decode("utf-8", "replace")
                self._pages.setdefault((entry.get("path", name), page), name)

    def write(self, name: str, path: str, page: str, entry: Json) -> None:
        """Write a file, or name the one that is the same; `path` is its path in the tree of its version."""
        self.entries[name] = entry
        twin = self._pages.get((path, page))
        if twin == name:
            return
        self._free(name)
        if twin:
            (self._out / name).unlink(missing_ok=True)
            self.entries[name] = entry | {"same_as": twin}
        else:
            file_to_write(self._out, name).write_text(page, "utf-8")
            self._pages[path, page] = name

    def _free(self, name: str) -> None:
        """Give the present content of a file to the other versions that share it."""
        self._pages = {key: file for key, file in self._pages.items() if file != name}
        first, *others = [other for other, entry in self.entries.items() if entry.get("same_as") == name] or [""]
        if first:
            page = read_file(self._out / name, MAX_BYTES).decode("utf-8", "replace")
            file_to_write(self._out, first).write_text(page, "utf-8")
            del self.entries[first]["same_as"]
            self._pages[self.entries[first].get("path", first), page] = first
            for other in others:
                self.entries[other]["same_as"] = first


def read_manifest(folder: Path) -> dict[str, Json]:
    """The entries of a folder's manifest by file; empty without a manifest.

    Raises:
        SourceError: the file is no manifest, or cannot be read.
    """
    file = folder / MANIFEST
    if not file.exists():
        return {}
    try:
        return dict(json.loads(read_file(file, MAX_BYTES))["files"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SourceError(f"not a manifest: {error}", str(file), "give another folder") from error


def _write(kb: KnowledgeBase, corpus: _Corpus, label: str, origin: str | None) -> int:
    family = parse_version(label).family
    documents = [d for d in kb.state(label).documents if d.kind in (*OP_WITNESSES, *SINGLE, DocumentKind.CALLERS)]
    for document in documents:
        _, text = kb.document(label, document.path)
        name = f"{family}/{label}/{document.path}"
        corpus.write(name, document.path, _page(corpus, document, text), _entry(document, name, origin))
    return len(documents)


def _page(corpus: _Corpus, document: DocumentRef, text: Text) -> str:
    """A document as facts and our own words; a bundled one is that already."""
    if document.bundled:
        return "".join(f"{line.raw}\n" for line in text.lines)
    parsed = parsers.parse(document.path, text, document.blob)
    for original in originals(parsed, text):
        if original.fingerprint not in corpus.restatements:
            place = f"{document.version} {PurePosixPath(document.path).name}:{original.evidence.first}"
            entry = f"{place}-{original.evidence.last}  {original.fingerprint}"
            corpus.not_restated.setdefault(original.fingerprint, entry)
    return print_document(text, parsed, corpus.restatements)


def _entry(document: DocumentRef, name: str, origin: str | None) -> Json:
    """The manifest's entry of a file; that of a bundled one is copied."""
    if document.bundled:
        return read_manifest(places.corpus()).get(name, {})
    origin = origin or f"{parse_version(document.version).family} {document.version}"
    page = {"page_of": document.page_of} if document.page_of else {}
    return {"origin": origin, "path": document.path, "sha256": document.blob} | page
