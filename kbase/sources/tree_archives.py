"""Archives of kernel trees -> their documents; `kbase.sources.archives` reads the archive itself."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import IO

from kbase.errors import SourceError
from kbase.sources.archives import read_archive
from kbase.sources.caller_documents import CallerDocuments
from kbase.sources.code import MAX_CODE, MAX_FILE, is_code
from kbase.sources.document_paths import Warn
from kbase.sources.raw_documents import (
    MAX_SOURCE,
    RawDocument,
    SourceWarnings,
    raw_document,
    require_one_tree,
    require_version,
    too_much,
)
from kbase.sources.source import Source
from kbase.sources.trees import (
    DOCUMENTS,
    FOLDERS,
    HEADERS,
    MAKEFILE_HEAD,
    MAX_BYTES,
    TOO_LARGE,
    is_document,
    is_read,
    makefile_version,
    stated_version,
)

MAX_ARCHIVED = 50_000  # documents, headers and Makefiles of an archive, whose names are in memory; a kernel has 6,000
IN_MEMORY = 16 << 20  # bytes of an archive's documents; more of them wait for their Makefile on disk

_Places = dict[PurePosixPath, dict[str, tuple[int, int]]]  # root of a tree -> path -> offset and size of its bytes


def read_tree_archive(source: Source, warn: SourceWarnings, callers: CallerDocuments) -> Iterator[RawDocument]:
    """The documents of the trees in a tar archive, where a tree's Makefile comes after its documents.

    Raises:
        SourceError: it is no archive, damaged or too large, has no documents, or a tree has no version.
    """
    with tempfile.SpooledTemporaryFile(IN_MEMORY, prefix="kbase-") as spool:
        trees, code, makefiles = _unpack(source, warn, spool, with_code=callers.scan is not None)
        if not trees:
            what = f"no {DOCUMENTS} and no ops tables in {HEADERS}{warn.first}"
            raise SourceError(what, str(source.location), "give the archive of a kernel tree")
        require_one_tree(source, len(trees), "kernel trees")
        for root, documents in sorted(trees.items()):
            stem = source.location.name.partition(".t")[0]  # linux-6.4.6 of linux-6.4.6.tar.xz
            stated = stated_version(makefiles.get(root), root.name or stem)
            label = require_version(stated, f"{source.location}:{root}", source)
            for path, (start, size) in sorted(documents.items()):
                yield raw_document(*label, path, _unspooled(spool, start, size))
            files = code.get(root, {})
            yield from callers.of(label, {path: _unspooled(spool, *place) for path, place in files.items()})


def _unspooled(spool: IO[bytes], start: int, size: int) -> bytes:
    spool.seek(start)
    return spool.read(size)


def _unpack(
    source: Source, warn: Warn, spool: IO[bytes], *, with_code: bool
) -> tuple[_Places, _Places, dict[PurePosixPath, str | None]]:
    """The places of each tree's documents and code in the spool, and the version that its Makefile states, by root."""
    trees, code, makefiles = _Places(), _Places(), dict[PurePosixPath, str | None]()

    def wanted(name: str) -> bool:
        return _is_wanted(name) or (with_code and _place_of_code(PurePosixPath(name)) is not None)

    for count, (name, data) in enumerate(read_archive(source.location, wanted, MAX_BYTES, warn)):
        if count >= MAX_ARCHIVED or spool.tell() > MAX_SOURCE:
            raise too_much(source.where, MAX_ARCHIVED)
        if name.name == "Makefile" and len(name.parts) <= 2:
            makefiles[name.parent] = makefile_version((data or b"")[:MAKEFILE_HEAD].decode("utf-8", "replace"))
        elif data is None:
            warn(name.as_posix(), TOO_LARGE)
        else:
            found = [(trees, place)] if (place := _place(name)) and is_document(place[1], data) else []
            found += [(code, place)] if (place := _place_of_code(name)) and len(data) <= MAX_FILE else []
            for places, (root, path) in found:
                places.setdefault(root, {})[path] = spool.tell(), len(data)
            spool.write(data if found else b"")
    trees = {root: places for root, places in trees.items() if trees.keys().isdisjoint(root.parents)}
    return trees, {root: places for root, places in code.items() if _size(places) <= MAX_CODE}, makefiles


def _size(places: Mapping[str, tuple[int, int]]) -> int:
    return sum(size for _, size in places.values())


def _is_wanted(name: str) -> bool:
    """Whether a member may be a document, a header or a tree's Makefile."""
    return bool(_place(PurePosixPath(name))) or (name.endswith("Makefile") and name.count("/") <= 2)


def _place(name: PurePosixPath) -> tuple[PurePosixPath, str] | None:
    """The tree of a member, and its path there; None if its path is not that of a document or header."""
    for folder in FOLDERS:
        prefix, inside, rest = f"/{name}".partition(f"/{folder}/")
        if inside and is_read(f"{folder}/{rest}"):
            return PurePosixPath(prefix.lstrip("/")), f"{folder}/{rest}"
    return None


def _place_of_code(name: PurePosixPath) -> tuple[PurePosixPath, str] | None:
    """The tree of a member, and its path there; None if it is no code, or lies deeper than in the archive of a tree."""
    for above in (0, 1):
        path = "/".join(name.parts[above:])
        if is_code(path):
            return PurePosixPath(*name.parts[:above]), path
    return None
