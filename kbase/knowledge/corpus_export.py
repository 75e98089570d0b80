"""Writes documents without prose, only their facts: a folder laid out like the bundled corpus.

OUT/linux/v6.4.6/Documentation/filesystems/locking.rst
OUT/manifest.json    the original of each file, by its path below OUT: origin, path and hash
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kbase import parsers, places
from kbase.errors import SourceError
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.knowledge.printed_documents import print_document
from kbase.model.states import DocumentRef
from kbase.model.versions import parse_version
from kbase.model.witnesses import OP_WITNESSES, DocumentKind
from kbase.sources.document_paths import file_to_write
from kbase.sources.trees import MAX_BYTES, read_file

MANIFEST = "manifest.json"
Json = dict[str, Any]


def write_documents(kb: KnowledgeBase, out: Path, versions: Sequence[str] = (), origin: str | None = None) -> int:
    """Write the Locking, vfs and callers documents of the versions, or of all; returns the number of files.

    `origin` names the tree, tag or package of the originals in the manifest; the default is the version. Other files of
    the folder are preserved, and so are their entries in the manifest.

    Raises:
        UnknownName: a version is not available.
        SourceError: the folder cannot be written.
        UsageError: a link in it leads out of it.
    """
    labels = [kb.resolve(label) for label in versions] or [info.label for info in kb.versions]
    try:
        files = read_manifest(out)
        written = {name: entry for label in labels for name, entry in _write(kb, out, label, origin)}
        ordered = dict(sorted({**files, **written}.items()))
        text = json.dumps({"files": ordered}, ensure_ascii=False, indent=1) + "\n"
        file_to_write(out, MANIFEST).write_text(text, "utf-8")
    except OSError as error:
        raise SourceError(
            f"cannot be written: {error.strerror}", str(error.filename or out), "give a folder"
        ) from error
    return len(written)


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


def _write(kb: KnowledgeBase, out: Path, label: str, origin: str | None) -> Iterator[tuple[str, Json]]:
    family = parse_version(label).family
    for document in kb.state(label).documents:
        if document.kind in OP_WITNESSES or document.kind is DocumentKind.CALLERS:
            _, text = kb.document(label, document.path)
            page = print_document(text, parsers.parse(document.path, text, document.blob))
            name = f"{family}/{label}/{document.path}"
            file_to_write(out, name).write_text(page, "utf-8")
            yield name, _entry(document, name, origin)


def _entry(document: DocumentRef, name: str, origin: str | None) -> Json:
    """The manifest's entry of a file; that of a bundled one is copied."""
    if document.bundled:
        return read_manifest(places.corpus()).get(name, {})
    origin = origin or f"{parse_version(document.version).family} {document.version}"
    page = {"page_of": document.page_of} if document.page_of else {}
    return {"origin": origin, "path": document.path, "sha256": document.blob} | page
