"""The bundled corpus: the facts of the kernels' documents and headers, and documents without a version.

    corpus/linux/v6.8.1/Documentation/filesystems/locking.rst     a tree a version, below `linux` and `aufs`
    corpus/linux/v6.12.117/callers.tsv                            the callers of its ops
    corpus/notes, corpus/commits, corpus/summaries                documents without a version
    corpus/manifest.json                                          {"files": {path: {"origin": ..., "same_as": path}}}

A file that several versions share is there once: the manifest names it as `same_as` for the others.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kbase.errors import SourceError
from kbase.sources.caller_documents import CALLERS
from kbase.sources.raw_documents import RawDocument, raw_document
from kbase.sources.trees import FOLDERS, MAX_BYTES, LabelOrigin, documents_below, folder_version, read_file, trees_below

FAMILIES = ("linux", "aufs")
LOOSE_FOLDERS = ("notes", "commits", "summaries")
MANIFEST = "manifest.json"
Entries = Mapping[str, Mapping[str, Any]]


def read_bundled(corpus: Path) -> Iterator[RawDocument]:
    """The documents of the corpus, tree by tree, then those without a version.

    Raises:
        SourceError: a folder of a tree names no version, or a file is missing.
    """
    entries = _entries(corpus)
    trees = {tree.relative_to(corpus).as_posix() for name in FAMILIES for tree in _trees(corpus / name)}
    trees |= {_tree_of(path) for path, entry in entries.items() if "same_as" in entry}
    for tree in sorted(trees, key=lambda name: (FAMILIES.index(name.partition("/")[0]), name)):
        label = folder_version(tree.rpartition("/")[2])
        if label is None:
            raise SourceError("no version in its folder's name", str(corpus / tree), "reinstall kbase")
        for path, data in sorted((_own(corpus / tree) | _shared(corpus, tree, entries)).items()):
            origin = entries.get(f"{tree}/{path}", {}).get("origin")
            yield replace(raw_document(label, LabelOrigin.FOLDER, path, data), bundled=True, origin=origin)
    for folder in (corpus / name for name in LOOSE_FOLDERS):
        for path, data in documents_below(folder, corpus) if folder.is_dir() else ():
            document = raw_document(None, LabelOrigin.FOLDER, path, data)
            yield replace(document, bundled=True, origin=entries.get(path, {}).get("origin"))


def _entries(corpus: Path) -> Entries:
    """What the manifest says of each file, by its path in the corpus."""
    manifest = corpus / MANIFEST
    return json.loads(read_file(manifest, MAX_BYTES))["files"] if manifest.is_file() else {}


def _trees(folder: Path) -> list[Path]:
    return trees_below(folder) if folder.is_dir() else []


def _tree_of(path: str) -> str:
    """`linux/v6.8.1` of the path of one of its files."""
    inside = next((f"/{folder}/" for folder in FOLDERS if f"/{folder}/" in path), f"/{CALLERS}")
    return path.partition(inside)[0]


def _own(tree: Path) -> dict[str, bytes]:
    folders = [tree / folder for folder in FOLDERS if (tree / folder).is_dir()]
    callers = {CALLERS: read_file(tree / CALLERS, MAX_BYTES)} if (tree / CALLERS).is_file() else {}
    return {path: data for folder in folders for path, data in documents_below(folder, tree)} | callers


def _shared(corpus: Path, tree: str, entries: Entries) -> dict[str, bytes]:
    """The files of a tree that are those of another one."""
    return {
        path.removeprefix(f"{tree}/"): read_file(corpus / entry["same_as"], MAX_BYTES)
        for path, entry in entries.items()
        if "same_as" in entry and path.startswith(f"{tree}/")
    }
